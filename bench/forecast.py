"""Whether a forecast's range holds: eight times of ten is aimed at, over histories that are made up, and over demos.

    python bench/forecast.py [HISTORIES] [--demos]

Each history is a series of runs whose agents use more or less than was counted, by a process that the forecast knows
nothing of. Run after run is forecast from those before it. `held` is the share of runs that came out between p10 and
p90, `wide` is p90 divided by p10, `off` by which factor p50 was typically off; each for the first run of a history,
which nothing was known for, for the next four, and for those after. What is believed without any history is tried
against histories in which counts are off by a factor of 1.7 typically: how far they are off with real models, no
journal here can say.

With `--demos`, every harness that comes with Weft is rehearsed and then run with the scripted agents of its
demonstration, which answer as models might and use no tokens: there, only the numbers of agents are compared, first
without any history, then with what all other demonstrations say of how full lists are.
"""

from __future__ import annotations

import asyncio
import math
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from weft.runtime.forecasting.cells import Cell, Kind, calls_of
from weft.runtime.forecasting.chains import Course
from weft.runtime.forecasting.cold import Cold, Use
from weft.runtime.forecasting.forecast import Forecast, Scenario, forecast, scenario_of, scenarios_of
from weft.runtime.forecasting.fullness import fullness
from weft.runtime.forecasting.history import Measured, Recorded
from weft.runtime.forecasting.learned import Learned
from weft.runtime.forecasting.material import Material
from weft.runtime.forecasting.ranges import Range

MODELS = ("anthropic:claude-sonnet-5-5", "anthropic:claude-haiku-5-5")
RUNS = 31
COLD = Cold(Material())
AMOUNTS = ("input", "output", "usd", "minutes", "agents")


@dataclass(frozen=True, kw_only=True)
class Process:
    """How what agents use differs from what was counted, as standard deviations of logarithms."""

    world: float = 0.5
    model: float = 0.3
    kind: float = 0.4
    harness: float = 0.2
    run: float = 0.25
    agent: float = 0.6
    harnesses: int = 4
    """How many different ones take turns; none, for a new one with new agents in every run."""
    widths: tuple[int, int] = (2, 30)
    """Agents of one kind in a run."""
    tails: float | None = None
    """Degrees of freedom of Student's t in place of the normal distribution."""
    drift: float = 0.0
    """What is added to all with every run."""
    jump: float = 0.0
    """What is added to all in the middle of the history, once."""
    fuller: float | None = None
    """How full the lists of real runs are on average, where those of rehearsed ones are of any fullness."""


PROCESSES = {
    "one harness": Process(harnesses=1),
    "four harnesses": Process(),
    "twelve harnesses": Process(harnesses=12),
    "new labels in every run": Process(harnesses=0),
    "steady agents": Process(run=0.08, agent=0.2),
    "restless runs": Process(run=0.6),
    "heavy tails": Process(tails=2.5),
    "drifting": Process(drift=0.04),
    "a jump in the middle": Process(jump=0.7),
    "one or two agents": Process(widths=(1, 2)),
    "hundreds of agents": Process(widths=(100, 400)),
    "half-full lists": Process(fuller=0.45),
    "nearly full lists": Process(fuller=0.85),
    "short lists, new labels": Process(harnesses=0, fuller=0.25),
}


class World:
    """Makes up the runs of one history."""

    def __init__(self, process: Process, seed: int) -> None:
        self.process = process
        self.draw = random.Random(seed)
        self.factors: dict[object, float] = {}
        self.plans: dict[int, list[tuple[Kind, Use, int]]] = {}

    def noise(self, scale: float) -> float:
        """Return a deviation."""
        normal = self.draw.gauss(0, 1)
        if self.process.tails is None:
            return scale * normal
        half = self.process.tails / 2
        return scale * normal / math.sqrt(self.draw.gammavariate(half, 1) / half)

    def factor(self, name: object, scale: float) -> float:
        """Return a deviation that stays."""
        return self.factors.setdefault(name, self.draw.gauss(0, scale))

    def plan(self, number: int) -> list[tuple[Kind, Use, int]]:
        """Return the kinds of agents of a harness, what is counted for each agent, and how many there may be."""
        if number not in self.plans:
            mine = f"kind {number} " if not self.process.harnesses else "kind "
            kinds = [f"{mine}{kind}" for kind in self.draw.sample(range(10), self.draw.randint(1, 4))]
            self.plans[number] = [
                (
                    (self.draw.choice(MODELS), kind, f"harness {number}"),
                    self.use(self.draw.lognormvariate(9, 0.8), self.draw.lognormvariate(6.8, 0.5)),
                    self.draw.randint(*self.process.widths),
                )
                for kind in kinds
            ]
        return self.plans[number]

    def use(self, sent: float, put_out: float) -> Use:
        """Return what is counted for an agent."""
        return Use(sent, put_out, 3.0, put_out / 60 + 5, 0.0)

    def scenario(self, number: int, fuller: float | None = None) -> Scenario:
        """Return a rehearsed run of a harness, or one whose lists are as full as those of real ones."""
        cells, full = [], []
        middle = fuller if fuller is not None else self.draw.uniform(0, 1) if self.process.fuller is not None else 0.75
        for kind, each, most in self.plan(number):
            full.append(min(1.0, max(0.0, middle + self.draw.uniform(-0.25, 0.25))))
            agents = max(1, round(most * full[-1]))
            usd = COLD.usd(kind[0], each.input * agents, each.output * agents, each.turns * agents)
            use = Use(*(agents * part for part in (each.input, each.output, each.turns, each.seconds)), usd)
            cells.append(Cell(kind[1], kind, agents, use))
        seconds = {cell.phase: cell.use.seconds / cell.agents for cell in cells}
        share = statistics.fmean(full) if self.process.fuller is not None else None
        return Scenario(tuple(cells), Course(sum(seconds.values()), seconds), full=share)

    def run(self, number: int, harness: int) -> Recorded:
        """Return a run that took place."""
        process, scenario = self.process, self.scenario(harness, self.process.fuller)
        moved = process.drift * number + (process.jump if number > RUNS // 2 else 0.0)
        shared = {name: self.noise(process.run * math.sqrt(0.5)) for name in ("input", "output", "seconds")}
        cells = [self.measured(cell, shared, moved) for cell in scenario.cells]
        late = moved + shared["seconds"] + self.factor("time", process.world) + self.factor(harness, process.harness)
        return Recorded(
            run=str(number),
            harness=f"harness {harness}",
            alike=(f"harness {harness}",),
            cells=tuple(cells),
            full=scenario.full,
            counted_s=scenario.course.seconds,
            measured_s=scenario.course.seconds * math.exp(late + self.noise(process.run)),
            phases_s=tuple(scenario.course.phases.items()),
        )

    def measured(self, cell: Cell, shared: dict[str, float], moved: float) -> Measured:
        """Return what the agents of a cell used."""
        process, (model, kind, harness) = self.process, cell.kind
        own = {name: self.noise(process.run * math.sqrt(0.5)) + shared[name] for name in ("input", "output")}
        used = dict.fromkeys(own, 0.0)
        each: list[float] = []
        for _ in range(cell.agents):
            tokens = 0.0
            for name, moves in own.items():
                stays = (
                    self.factor(name, process.world)
                    + self.factor((name, model), process.model)
                    + self.factor((name, kind), process.kind)
                    + self.factor((name, kind, harness), process.harness)
                )
                value = (
                    getattr(cell.use, name)
                    / cell.agents
                    * math.exp(min(4.0, stays + moves + moved + self.noise(process.agent)))
                )
                used[name] += value
                tokens += value
            each.append(tokens)
        mean = statistics.fmean(each)
        usd = COLD.usd(model, used["input"], used["output"], cell.use.turns)
        assert usd is not None
        return Measured(
            phase=cell.phase,
            kind=cell.kind,
            agents=cell.agents,
            counted_input=cell.use.input,
            counted_output=cell.use.output,
            counted_seconds=cell.use.seconds,
            turns=cell.use.turns,
            input=used["input"],
            output=used["output"],
            usd=usd * 0.9,
            apart=sum((tokens / mean - 1) ** 2 for tokens in each),
        )


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tried(process: Process, seed: int) -> Iterator[tuple[int, Forecast, Recorded]]:
    """Forecast some of the runs of a history from those before them."""
    world, runs = World(process, seed), list[Recorded]()
    for number in range(RUNS):
        harness = number if not process.harnesses else world.draw.randrange(process.harnesses)
        if number in (0, 1, 2, 4, 6, 10, 15, 18, 22, 30):
            rehearsed = [world.scenario(harness) for _ in range(30)]
            ways, widths = scenarios_of(rehearsed, runs, (f"harness {harness}",), COLD)
            expected = forecast(ways, Learned(runs, COLD), widths=widths)
            assert expected is not None
            run = world.run(number, harness)
            yield number, expected, run
        else:
            run = world.run(number, harness)
        runs.append(run)


def came_to(run: Recorded, amount: str) -> float:
    """Return what a run took."""
    if amount == "agents":
        return float(run.agents)
    return run.measured_s / 60 if amount == "minutes" else sum(getattr(cell, amount) for cell in run.cells)


class Tally:
    """Counts how forecasts came out."""

    def __init__(self) -> None:
        self.held: list[bool] = []
        self.wide: list[float] = []
        self.off: list[float] = []

    def add(self, expected: Range, took: float) -> None:
        """Take in one."""
        self.held.append(expected.p10 <= took <= expected.p90)
        self.wide.append(expected.p90 / max(1e-9, expected.p10))
        self.off.append(abs(math.log(max(took, 1e-9) / max(expected.p50, 1e-9))))

    def __str__(self) -> str:
        if not self.held:
            return f"{'':>17}"
        off = math.exp(statistics.median(self.off))
        return f"{statistics.fmean(self.held):5.0%} {statistics.median(self.wide):5.1f} {off:5.2f}"


WHEN: dict[str, Callable[[int], bool]] = {
    "first run": lambda number: number == 0,
    "runs 2 to 5": lambda number: 0 < number < 5,
    "later runs": lambda number: number >= 5,
}


def histories(count: int) -> None:
    """Try all processes, and print a table."""
    say(f"{'':<26}{'':<9}" + "".join(f"{when:^19}" for when in WHEN))
    say(f"{'':<26}{'':<9}" + f"{' held  wide   off  ':>19}" * len(WHEN))
    overall = {(amount, when): Tally() for amount in AMOUNTS for when in WHEN}
    for place, (name, process) in enumerate(PROCESSES.items()):
        tallies = {key: Tally() for key in overall}
        for history in range(count):
            for number, expected, run in tried(process, 1_000 * place + history):
                when = next(when for when, fits in WHEN.items() if fits(number))
                for amount in AMOUNTS:
                    for tally in (tallies[amount, when], overall[amount, when]):
                        tally.add(getattr(expected, amount), came_to(run, amount))
        rows(name, tallies)
    rows("all", overall)


def rows(name: str, tallies: dict[tuple[str, str], Tally]) -> None:
    """Print how one process went."""
    for amount in AMOUNTS:
        say(f"{name:<26}{amount:<9}" + "  ".join(str(tallies[amount, when]) for when in WHEN))
        name = ""


async def demos() -> None:
    """Rehearse all shipped harnesses and run their demonstrations, and compare how many agents that took."""
    from weft.runtime.execution.run import run
    from weft.runtime.project.config import Config
    from weft.runtime.project.folders import Project
    from weft.runtime.project.shipped import builtin_harnesses, demo_of
    from weft.runtime.rehearsal.rehearse import rehearse

    rehearsed: dict[str, list[Scenario]] = {}
    took: dict[str, Recorded] = {}
    with tempfile.TemporaryDirectory() as place:
        project = Project(Path(place))
        for harness in builtin_harnesses():
            demo = demo_of(harness)
            if demo is None:
                continue
            settings = replace(demo.settings, agents="models", model=MODELS[0]).resolved()
            usual = (await rehearse(harness, demo.args, settings, project.find_harness)).usual
            runs = [calls_of(played.events) for played in usual]
            ways = [scenario_of(calls, harness.name, COLD, at_once=16, config=None) for calls in runs]
            rehearsed[harness.name] = ways
            ended = await run(harness, demo.args, demo.settings, project, config=Config())
            calls = calls_of(event for _, event in ended.folder.events())
            cells = tuple(unmeasured(cell) for cell in scenario_of(calls, "", COLD, at_once=16, config=None).cells)
            took[harness.name] = Recorded(run="", harness="", alike=(), cells=cells, full=fullness(calls))
    tallies = Tally(), Tally()
    for name, ways in rehearsed.items():
        shown = f"{name:<22} came to {took[name].agents:>3}"
        others = [one for other, one in took.items() if other != name]
        for tally, known in zip(tallies, ([], others), strict=True):
            expected = forecast(scenarios_of(ways, known, (), COLD)[0], Learned([], COLD))
            assert expected is not None
            agents = expected.agents
            tally.add(replace(agents, p10=max(1, agents.p10), p50=max(1, agents.p50)), took[name].agents)
            shown += f"   {agents.p10:>4.0f} {agents.p50:>4.0f} {agents.p90:>4.0f}"
        say(shown)
    say(f"held, wide, off: {tallies[0]} without history, {tallies[1]} after all other demos")


def unmeasured(cell: Cell) -> Measured:
    """Return a cell of which only the number of agents is known."""
    counts = dict.fromkeys(("counted_input", "counted_output", "counted_seconds", "turns", "input", "output", "usd"), 0)
    return Measured(phase=cell.phase, kind=cell.kind, agents=cell.agents, **counts)


if __name__ == "__main__":
    if "--demos" in sys.argv:
        asyncio.run(demos())
    else:
        histories(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
