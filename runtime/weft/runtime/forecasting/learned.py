"""What earlier runs say of counts made beforehand: by which factor they were off, and how sure that is.

Each run is also forecast from those before it, as if it were still to come. How far it came out from the middle of its
range says how wide ranges must be; at first such trials count little beside what is believed of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import median
from typing import Literal

from weft.runtime.forecasting.cells import Kind
from weft.runtime.forecasting.cold import Cold
from weft.runtime.forecasting.history import Measured, Recorded
from weft.runtime.forecasting.ranges import NORMAL, weighted_quantile
from weft.runtime.forecasting.tree import PRIOR, Observation, Path, Spread, Tree

__all__ = ["AMOUNTS", "UNSURE", "Amount", "Counted", "Fit", "Learned", "Unsure", "time_path"]

Amount = Literal["input", "output", "usd", "seconds"]
"""What is forecast of runs."""

AMOUNTS: tuple[Amount, ...] = ("input", "output", "usd", "seconds")

TIME = Spread(levels=(0.25, 0.1, 0.1), run=0.06, shared=0.0, agent=0.02)
"""What is believed of how long runs take, by model and harness."""

HALF, HALF_TRIAL = 40.0, 12.0
"""After how many runs what a run has taught counts half; and what came of the trial of forecasting it."""

TRIALS = 24
"""How many of the latest runs are forecast from those before them."""

BELIEVED = 6
"""As how many trials it counts that ranges are as wide as they are thought to be."""

FARTHEST = 6.0
"""How many standard deviations off a trial may count."""

Counted = tuple[Path, int, float]
"""A kind of agents, how many there are, and what was counted for them together."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """What trials say about ranges."""

    wider: float = 1.0
    """By which factor they must be wider, as logarithms."""
    higher: float = 0.0
    """By which part of their width, as one standard deviation, they must lie higher."""
    off: float | None = None
    """By which factor the middle was typically off; unknown without trials."""


UNSURE = Unsure()


@dataclass(frozen=True, slots=True)
class Fit:
    """What is known of one amount."""

    tree: Tree
    unsure: Unsure = UNSURE

    def middle(self, counted: Sequence[Counted]) -> float:
        """Return the logarithm of what such agents of one run likely use together."""
        return math.log(sum(amount * math.exp(self.tree.factor(path)) for path, _, amount in counted))

    def deviation(self, counted: Sequence[Counted]) -> float:
        """Return how uncertain that is, as a standard deviation."""
        likely = [amount * math.exp(self.tree.factor(path)) for path, _, amount in counted]
        total = sum(likely)
        weighed = [(path, agents, part / total) for (path, agents, _), part in zip(counted, likely, strict=True)]
        return self.tree.deviation(weighed)

    def drawn(self, counted: Sequence[Counted], draw: Random) -> list[float]:
        """Return what agents of one run may use, kind by kind."""
        factor = self.tree.sampler(draw)
        return [amount * math.exp(factor(path, agents)) for path, agents, amount in counted]


class Learned:
    """What the runs of a project have taught."""

    def __init__(self, runs: Sequence[Recorded], cold: Cold) -> None:
        """Learn from runs, the oldest first."""
        self.runs = tuple(runs)
        self._seen = {amount: [_seen(run, amount, cold) for run in runs] for amount in AMOUNTS}
        self._fits: dict[Amount, Fit] = {}

    def fit(self, amount: Amount) -> Fit:
        """Return what is known of an amount."""
        if amount not in self._fits:
            seen = self._seen[amount]
            self._fits[amount] = Fit(_tree(seen, len(seen), amount), _tried(seen, amount))
        return self._fits[amount]

    def like(self, model: str) -> tuple[int, int]:
        """Return how many agents of a model are known, and of how many runs."""
        counts = [sum(cell.agents for cell in run.cells if cell.kind[0] == model) for run in self.runs]
        return sum(counts), sum(map(bool, counts))


@dataclass(frozen=True, slots=True)
class _Seen:
    """One amount of one kind of agents in one run."""

    path: Path
    agents: int
    counted: float
    measured: float
    apart: float


def _seen(run: Recorded, amount: Amount, cold: Cold) -> list[_Seen]:
    if amount == "seconds":
        return [_time(run)] if run.counted_s and run.measured_s else []
    kinds: dict[Kind, _Seen] = {}
    for cell in run.cells:
        counted, measured = _counted(cell, amount, cold), getattr(cell, amount)
        if not counted or not measured:
            continue
        before = kinds.get(cell.kind) or _Seen(cell.kind, 0, 0.0, 0.0, 0.0)
        kinds[cell.kind] = replace(
            before,
            agents=before.agents + cell.agents,
            counted=before.counted + counted,
            measured=before.measured + measured,
            apart=before.apart + cell.apart,
        )
    return list(kinds.values())


def _counted(cell: Measured, amount: Amount, cold: Cold) -> float:
    if amount == "usd":
        return cell.cell(cold).use.usd or 0.0
    return cell.counted_input if amount == "input" else cell.counted_output


def time_path(cells: Sequence[tuple[Kind, int]]) -> Path:
    """Return by what the time of a run is known: the model of most of its agents, and its harness."""
    kind, _ = max(cells, key=lambda cell: cell[1])
    return kind[0], kind[2]


def _time(run: Recorded) -> _Seen:
    path = time_path([(cell.kind, cell.agents) for cell in run.cells])
    return _Seen(path, 1, run.counted_s, run.measured_s, 0.0)


def _tree(seen: Sequence[Sequence[_Seen]], now: int, amount: Amount) -> Tree:
    """Return what runs teach, as of one of them."""
    return Tree(
        [
            Observation(
                run=number,
                path=one.path,
                factor=math.log(one.measured / one.counted),
                agents=one.agents,
                apart=one.apart,
                weight=0.5 ** ((now - number) / HALF),
            )
            for number, run in enumerate(seen[:now])
            for one in run
        ],
        TIME if amount == "seconds" else PRIOR,
    )


def _tried(seen: Sequence[Sequence[_Seen]], amount: Amount) -> Unsure:
    """Forecast each of the latest runs from those before it, and see how that went."""
    trials: list[tuple[float, float]] = []
    misses: list[float] = []
    for number in range(max(0, len(seen) - TRIALS), len(seen)):
        if not seen[number]:
            continue
        fit = Fit(_tree(seen, number, amount))
        counted = [(one.path, one.agents, one.counted) for one in seen[number]]
        miss = math.log(sum(one.measured for one in seen[number])) - fit.middle(counted)
        trials.append(
            (max(-FARTHEST, min(FARTHEST, miss / fit.deviation(counted))), 0.5 ** ((len(seen) - number) / HALF_TRIAL))
        )
        misses.append(abs(miss))
    if not trials:
        return UNSURE
    trials += [(NORMAL.inv_cdf((place + 0.5) / BELIEVED), 1.0) for place in range(BELIEVED)]
    # Of few trials the outermost lie further in than those of many would.
    outside = 0.1 * (1 - 1 / sum(weight for _, weight in trials))
    low, high = weighted_quantile(trials, outside), weighted_quantile(trials, 1 - outside)
    wide = 2 * NORMAL.inv_cdf(0.9)
    return Unsure((high - low) / wide, (high + low) / 2, math.exp(median(misses)))
