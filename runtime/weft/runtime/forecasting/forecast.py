"""What a run will take: simulated many times over, each time as wide as one rehearsed run, or as an earlier one was.

The same rehearsal and the same history always give the same forecast.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from statistics import pstdev
from typing import TYPE_CHECKING

from weft.runtime.forecasting.cells import Call, Cell, Kind, alike_in, cell_of
from weft.runtime.forecasting.chains import Course, course_of, unequal
from weft.runtime.forecasting.cold import Cold
from weft.runtime.forecasting.fullness import fullness, likelihoods
from weft.runtime.forecasting.history import Recorded
from weft.runtime.forecasting.learned import AMOUNTS, Amount, Counted, Learned, time_path
from weft.runtime.forecasting.ranges import Range

if TYPE_CHECKING:
    from weft.runtime.project.config import Config

__all__ = ["Basis", "Forecast", "Part", "PhaseForecast", "Scenario", "forecast", "scenario_of", "scenarios_of"]

DRAWS = 600
"""How many runs are simulated."""

AS_REHEARSED = 2.0
"""As how many earlier runs of the same work it counts that a run is as wide as rehearsed ones."""

PHASES_SHOWN = 100
"""Phases of which something is said by itself; a harness can name any number."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way in which a run may go: who is asked, and when."""

    cells: tuple[Cell, ...]
    course: Course
    weight: float = 1.0
    full: float | None = None
    """How full the lists in its answers are, see `fullness`."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a forecast rests on."""

    agents: int = 0
    """How many agents of the same models have been measured."""
    runs: int = 0
    """In how many runs."""
    widths: int = 0
    """How many earlier runs of the same work say how many agents there will be, besides rehearsal."""
    off: float | None = None
    """By which factor forecasts of these runs were typically off."""

    @property
    def text(self) -> str:
        """Return it in words."""
        if not self.runs:
            return "no earlier run with these models to learn from"
        known = f"{self.agents:,} agent{'s' * (self.agents != 1)} of {self.runs:,} earlier run{'s' * (self.runs != 1)}"
        same = f", {self.widths:,} of which did the same work" if self.widths else ""
        return f"learned from {known}{same}{self._missed}"

    @property
    def _missed(self) -> str:
        """Return how far off such forecasts were, in words; nothing where none was tried."""
        if self.off is None:
            return ""
        factor = f"{self.off:.1f}" if self.off < 10 else f"{self.off:,.0f}"
        return (
            f"; forecasts so far were typically too high or too low by a factor of {factor}, which this one allows for"
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What the agents of one model in one phase will likely use."""

    phase: str | None
    model: str
    agents: float
    input: float
    output: float
    turns: float
    usd: float | None


@dataclass(frozen=True, slots=True)
class PhaseForecast:
    """What one phase will take."""

    phase: str | None
    """`None` for agents that are in no phase."""
    models: tuple[str, ...]
    agents: Range
    input: Range
    output: Range
    usd: Range | None
    minutes: Range


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run is expected to take. A guess, unlike the bound and the ceiling."""

    basis: Basis
    agents: Range
    input: Range
    """Tokens that are sent to models."""
    output: Range
    """Tokens that they put out."""
    tokens: Range
    """Both together."""
    usd: Range | None
    """At list price; `None` where a model has none."""
    minutes: Range
    """By the clock; people who are asked answer at once."""
    phases: tuple[PhaseForecast, ...] = ()
    parts: tuple[Part, ...] = field(default=(), repr=False)

    @property
    def free(self) -> bool:
        """Whether nothing can be spent."""
        return self.usd is not None and self.usd.worst == 0


def forecast(scenarios: Sequence[Scenario], learned: Learned, *, widths: int = 0) -> Forecast | None:
    """Forecast a run that goes in one of these ways; `None` without any.

    Args:
        scenarios: How it may go, and how likely that is.
        learned: What earlier runs have taught.
        widths: How many of the scenarios are earlier runs.
    """
    if not scenarios:
        return None
    drawn = _Drawn(scenarios, learned)
    models = {cell.kind[0] for scenario in scenarios for cell in scenario.cells}
    known = [learned.like(model) for model in sorted(models)]
    runs = max((count for _, count in known), default=0)
    priced = learned.fit("usd").unsure.off
    off = priced if priced is not None else learned.fit("input").unsure.off
    basis = Basis(sum(agents for agents, _ in known), runs, widths, off if runs else None)
    return drawn.forecast(basis)


def scenario_of(calls: Sequence[Call], harness: str, cold: Cold, *, at_once: int, config: Config | None) -> Scenario:
    """Return how a run goes that calls these agents, of which so many may be at work at a time.

    It is the less likely, the more of them were lost in it.
    """
    groups = alike_in((call.request for call in calls), harness)
    cells = tuple(cell_of(*key, requests, cold) for key, requests in groups.items())
    seconds = {
        request.id: cell.use.seconds / cell.agents * unequal(request.id)
        for cell, requests in zip(cells, groups.values(), strict=True)
        for request in requests
    }
    course = course_of(calls, lambda call: seconds[call.request.id], at_once)
    least = max((_limited(cell, cells, config) for cell in cells), default=0.0) if config is not None else 0.0
    answered = sum(call.answered for call in calls) / len(calls) if calls else 1.0
    return Scenario(cells, replace(course, seconds=max(course.seconds, least)), answered, fullness(calls))


def scenarios_of(
    rehearsed: Sequence[Scenario], history: Sequence[Recorded], alike: Collection[str], cold: Cold
) -> tuple[list[Scenario], int]:
    """Return how a run may go: as rehearsed, or as earlier runs of the same work went; and how many those are."""
    before = [run for run in history if run.whole and set(run.alike) & set(alike)]
    likely = [scenario for scenario in rehearsed if scenario.weight] or [replace(way, weight=1) for way in rehearsed]
    usual = likelihoods([way.full for way in likely], [run.full for run in history if run.full is not None])
    weights = [way.weight * times for way, times in zip(likely, usual, strict=True)]
    total = sum(weights) / AS_REHEARSED
    ways = [replace(way, weight=weight / total) for way, weight in zip(likely, weights, strict=True)]
    for run in before:
        course = Course(run.counted_s, dict(run.phases_s))
        ways.append(Scenario(tuple(cell.cell(cold) for cell in run.cells), course))
    return ways, len(before)


def _limited(cell: Cell, cells: Sequence[Cell], config: Config) -> float:
    """Return how long the agents of a model take at least, by the limits that the project states for it."""
    model = cell.kind[0]
    limits = config.model(model)
    same = [other.use for other in cells if other.kind[0] == model]
    rates = (
        (limits.requests_per_minute, sum(use.turns for use in same)),
        (limits.input_tokens_per_minute, sum(use.input for use in same)),
        (limits.output_tokens_per_minute, sum(use.output for use in same)),
    )
    at_once = sum(use.seconds for use in same) / limits.concurrency if limits.concurrency else 0.0
    return max(max((60.0 * amount / rate for rate, amount in rates if rate), default=0.0), at_once)


class _Drawn:
    """Runs that are made up."""

    def __init__(self, scenarios: Sequence[Scenario], learned: Learned) -> None:
        ways = sorted(scenarios, key=lambda scenario: sum(cell.agents for cell in scenario.cells))
        total = sum(scenario.weight for scenario in ways)
        self._runs: list[Scenario] = []
        passed = 0.0
        for scenario in ways:  # each as often as it is likely, without chance
            passed += scenario.weight
            self._runs += [scenario] * (round(DRAWS * passed / total) - len(self._runs))
        self._learned = learned
        self._places = {id(scenario): _places(scenario) for scenario in ways}
        self._priced = all(cell.use.usd is not None for scenario in ways for cell in scenario.cells)
        self._amounts = {amount: self._draw(amount) for amount in AMOUNTS if amount != "usd" or self._priced}

    def _draw(self, amount: Amount) -> list[list[float]]:
        """Return what each cell of each run uses; of time, the one factor for all of a run."""
        fit, draw = self._learned.fit(amount), Random(amount)
        of = {id(scenario): _counted(scenario, amount) for scenario in self._runs}
        middles = {number: fit.middle(counted) for number, counted in of.items() if any(c[2] for c in counted)}
        drawn = [fit.drawn(of[id(scenario)], draw) for scenario in self._runs]
        apart = {
            number: math.log(sum(values)) - middles[id(scenario)]
            for number, (scenario, values) in enumerate(zip(self._runs, drawn, strict=True))
            if id(scenario) in middles
        }
        if len(apart) < 2:
            return drawn
        deviation, unsure = pstdev(apart.values()), fit.unsure
        for number, one in apart.items():
            wanted = unsure.higher * deviation + unsure.wider * one
            times = math.exp(wanted - one)
            drawn[number] = [value * times for value in drawn[number]]
        return drawn

    def forecast(self, basis: Basis) -> Forecast:
        """Return what they take."""
        sums = {amount: [sum(values) for values in drawn] for amount, drawn in self._amounts.items()}
        phases = list(dict.fromkeys(cell.phase for scenario in self._runs for cell in scenario.cells))
        return Forecast(
            basis=basis,
            agents=_agents([scenario.cells for scenario in self._runs]),
            input=Range.of(sums["input"]),
            output=Range.of(sums["output"]),
            tokens=Range.of([sum(both) for both in zip(sums["input"], sums["output"], strict=True)]),
            usd=Range.of(sums["usd"]) if self._priced else None,
            minutes=Range.of([seconds / 60 for seconds in sums["seconds"]]),
            phases=tuple(self._phase(phase) for phase in phases[:PHASES_SHOWN]),
            parts=tuple(self._parts()),
        )

    def _phase(self, phase: str | None) -> PhaseForecast:
        places = [self._places[id(scenario)].get(phase, []) for scenario in self._runs]
        sums = {
            amount: [sum(values[place] for place in here) for values, here in zip(drawn, places, strict=True)]
            for amount, drawn in self._amounts.items()
            if amount != "seconds"
        }
        cells = [[scenario.cells[place] for place in here] for scenario, here in zip(self._runs, places, strict=True)]
        seconds = [
            _share(values[0], scenario.course, phase)
            for scenario, values in zip(self._runs, self._amounts["seconds"], strict=True)
        ]
        return PhaseForecast(
            phase,
            tuple(dict.fromkeys(cell.kind[0] for some in cells for cell in some)),
            _agents(cells),
            Range.of(sums["input"]),
            Range.of(sums["output"]),
            Range.of(sums["usd"]) if self._priced else None,
            Range.of([value / 60 for value in seconds]),
        )

    def _parts(self) -> list[Part]:
        """Return what each model uses in each phase on average."""
        totals: defaultdict[tuple[str | None, str], list[float]] = defaultdict(lambda: [0.0] * 5)
        for number, scenario in enumerate(self._runs):
            for place, cell in enumerate(scenario.cells):
                usd = self._amounts["usd"][number][place] if self._priced else 0.0
                used = self._amounts["input"][number][place], self._amounts["output"][number][place]
                part = totals[cell.phase, cell.kind[0]]
                for index, value in enumerate((cell.agents, *used, cell.use.turns, usd)):
                    part[index] += value / len(self._runs)
        return [
            Part(phase, model, agents, sent, put_out, turns, usd if self._priced else None)
            for (phase, model), (agents, sent, put_out, turns, usd) in totals.items()
        ]


def _counted(scenario: Scenario, amount: Amount) -> list[Counted]:
    if amount == "seconds":
        kinds: list[tuple[Kind, int]] = [(cell.kind, cell.agents) for cell in scenario.cells]
        return [(time_path(kinds), 1, scenario.course.seconds)] if kinds else [((), 1, 0.0)]
    return [(cell.kind, cell.agents, getattr(cell.use, amount)) for cell in scenario.cells]


def _places(scenario: Scenario) -> dict[str | None, list[int]]:
    """Return which of its cells are in each phase."""
    places: defaultdict[str | None, list[int]] = defaultdict(list)
    for place, cell in enumerate(scenario.cells):
        places[cell.phase].append(place)
    return places


def _share(seconds: float, course: Course, phase: str | None) -> float:
    return seconds * course.phases.get(phase, 0.0) / course.seconds if course.seconds else 0.0


def _agents(cells: Sequence[Sequence[Cell]]) -> Range:
    """Return how many agents runs have, of which the widest is the worst."""
    counts = [float(sum(cell.agents for cell in some)) for some in cells]
    known = Range.of(counts)
    return Range(round(known.p10), round(known.p50), round(known.p90), max(counts))
