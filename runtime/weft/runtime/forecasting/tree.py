"""By how much counts were off, as factors that kinds of agents share: a tree of normal distributions of logarithms.

The root is all agents, below it stand the models, below each its kinds of agents, below each kind the harnesses. A
factor is drawn towards that of its parent, the less so the more is known of it; one that nothing is known of has its
parent's, and is as uncertain as siblings differ. How far siblings differ, runs from each other, and agents within a
run, is estimated too, from a beginning that counts as a few observations.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import fmean

__all__ = ["PRIOR", "Observation", "Path", "Spread", "Tree"]

Path = tuple[str, ...]
"""From the general to the particular; all have the same length."""

FARTHEST = 5.0
"""The largest logarithm of a factor that is believed: 150 times too much, or too little."""

WORTH = 4.0
"""As how many observations a beginning counts."""

PASSES = 2
"""How often spreads are estimated anew from what the last estimate made of the tree."""

LEAST = 0.0004
"""The least variance: a factor of 1.02."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far things lie apart, as variances of logarithms."""

    levels: tuple[float, ...]
    """The root from what was counted, and the children of each level from their parents."""
    run: float
    """One run from the next, with the same agents."""
    shared: float
    """Which part of that all agents of a run have in common."""
    agent: float
    """One agent from the next, in a run."""


PRIOR = Spread(levels=(0.3, 0.1, 0.15, 0.05), run=0.06, shared=0.5, agent=0.4)
"""What is believed before anything is known: a count is right within a factor of three, four times of five."""


@dataclass(frozen=True, slots=True)
class Observation:
    """By how much a count was off, of agents of one kind in one run."""

    run: int
    """Which run it was, from the oldest."""
    path: Path
    factor: float
    """The logarithm of what they used, divided by what was counted."""
    agents: int
    apart: float = 0.0
    """The sum of the squared relative deviations of the agents from their mean."""
    weight: float = 1.0
    """What it counts; less, the older it is."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the observations below a node say of it."""

    mean: float
    precision: float


class Tree:
    """Draws factors of kinds of agents, as likely as they are by what was observed."""

    def __init__(self, observations: Sequence[Observation], prior: Spread = PRIOR) -> None:
        self._observations = [replace(one, factor=max(-FARTHEST, min(FARTHEST, one.factor))) for one in observations]
        self.spread = prior
        self._nodes: dict[Path, _Evidence] = {}
        self._gather()
        for _ in range(PASSES if observations else 0):
            self.spread = self._estimated(prior)
            self._gather()

    def sampler(self, draw: Random) -> Callable[[Path, int], float]:
        """Return what gives the factor, as its logarithm, of so many agents of a kind in one run that is made up."""
        known: dict[Path, float] = {}
        spread = self.spread
        common = draw.gauss(0.0, math.sqrt(spread.run * spread.shared))
        own = spread.run * (1 - spread.shared)

        def of(path: Path) -> float:
            if path not in known:
                above = of(path[:-1]) if path else 0.0
                known[path] = self._drawn(path, above, draw)
            return known[path]

        def factor(path: Path, agents: int) -> float:
            return of(path) + common + draw.gauss(0.0, math.sqrt(own + spread.agent / max(1, agents)))

        return factor

    def factor(self, path: Path) -> float:
        """Return the likeliest factor of a kind of agents, as its logarithm."""
        value = 0.0
        for level in range(len(path) + 1):
            value, _ = self._given(path[:level], value)
        return value

    def deviation(self, weighed: Sequence[tuple[Path, int, float]]) -> float:
        """Return how uncertain the common factor is of agents of several kinds in one run, as a standard deviation.

        Args:
            weighed: Each kind, how many agents it has, and its part of the whole; the parts add up to one.
        """
        own = self.spread.run * (1 - self.spread.shared)
        total = self.spread.run * self.spread.shared
        ways = [(path, self._down(path)) for path, _, _ in weighed]
        for (_, agents, weight), (path, down) in zip(weighed, ways, strict=True):
            total += weight**2 * (own + self.spread.agent / max(1, agents))
            for (_, _, other), (path_of_other, down_of_other) in zip(weighed, ways, strict=True):
                total += weight * other * _covariance(path, down, path_of_other, down_of_other)
        return math.sqrt(total)

    def _down(self, path: Path) -> list[tuple[float, float]]:
        """Return of each node on the way to a kind how much it follows its parent, and its variance."""
        way: list[tuple[float, float]] = []
        variance = 0.0
        for level in range(len(path) + 1):
            at, alone = self._given(path[:level], 1.0)
            follows = at - self._given(path[:level], 0.0)[0]
            variance = alone + follows**2 * variance
            way.append((follows, variance))
        return way

    def _drawn(self, path: Path, above: float, draw: Random) -> float:
        mean, variance = self._given(path, above)
        return draw.gauss(mean, math.sqrt(variance))

    def _given(self, path: Path, above: float) -> tuple[float, float]:
        """Return mean and variance of a node, given its parent's value."""
        loose = 1 / self.spread.levels[len(path)]
        evidence = self._nodes.get(path)
        if evidence is None:
            return above, 1 / loose
        total = evidence.precision + loose
        return (evidence.precision * evidence.mean + loose * above) / total, 1 / total

    # ------------------------------------------------------------------------------------------- from the leaves up

    def _gather(self) -> None:
        """Bring together what is known of each node, from the leaves up."""
        self._nodes = {path: self._leaf(found) for path, found in self._leaves().items()}
        for level in range(len(self.spread.levels) - 1, 0, -1):
            loose = self.spread.levels[level]
            for parent, children in _children(self._nodes, level).items():
                self._nodes[parent] = _together((child.mean, 1 / (1 / child.precision + loose)) for child in children)

    def _leaves(self) -> dict[Path, list[Observation]]:
        leaves: defaultdict[Path, list[Observation]] = defaultdict(list)
        for one in self._observations:
            leaves[one.path].append(one)
        return leaves

    def _leaf(self, found: list[Observation]) -> _Evidence:
        return _together((one.factor, one.weight / self._noise(one)) for one in found)

    def _noise(self, one: Observation) -> float:
        return self.spread.run + self.spread.agent / one.agents

    # ------------------------------------------------------------------------------------------- how far apart

    def _estimated(self, prior: Spread) -> Spread:
        leaves = self._leaves()
        degrees = sum(one.agents - 1 for one in self._observations)
        agent = (WORTH * prior.agent + sum(one.apart for one in self._observations)) / (WORTH + degrees)
        residuals = {
            (one.run, path): (one.factor - self._nodes[path].mean) * math.sqrt(len(found) / (len(found) - 1))
            for path, found in leaves.items()
            if len(found) > 1
            for one in found
        }
        noise = {(one.run, one.path): agent / one.agents for one in self._observations}
        excess = [residual**2 - noise[place] for place, residual in residuals.items()]
        freedom = sum(len(found) - 1 for found in leaves.values())
        share = freedom / len(excess) if excess else 0.0
        run = max(LEAST, (WORTH * prior.run + share * sum(excess)) / (WORTH + freedom))
        levels = (prior.levels[0], *(self._level(level, prior) for level in range(1, len(prior.levels))))
        return Spread(levels, run, self._shared(residuals, run, prior), max(LEAST, agent))

    def _level(self, level: int, prior: Spread) -> float:
        """Return how far the nodes of a level lie from their parents."""
        total, freedom = 0.0, 0
        for children in _children(self._nodes, level).values():
            if len(children) > 1:
                middle = fmean(child.mean for child in children)
                apart = sum((child.mean - middle) ** 2 for child in children)
                total += apart - (len(children) - 1) * fmean(1 / child.precision for child in children)
                freedom += len(children) - 1
        return max(LEAST, (WORTH * prior.levels[level] + total) / (WORTH + freedom))

    def _shared(self, residuals: dict[tuple[int, Path], float], run: float, prior: Spread) -> float:
        """Return which part of how runs differ is common to all agents of each."""
        runs: defaultdict[int, list[float]] = defaultdict(list)
        for (number, _), residual in residuals.items():
            runs[number].append(residual)
        products = [_mean_product(found) for found in runs.values() if len(found) > 1]
        common = (WORTH * prior.shared * run + sum(products)) / (WORTH + len(products))
        return max(0.0, min(1.0, common / run))


def _covariance(
    path: Path, down: Sequence[tuple[float, float]], other: Path, down_of_other: Sequence[tuple[float, float]]
) -> float:
    """Return how far two kinds go together: as far as both follow the last node that they have in common."""
    common = next((level for level, (a, b) in enumerate(zip(path, other, strict=True)) if a != b), len(path))
    _, variance = down[common]
    for way in (down, down_of_other):
        for follows, _ in way[common + 1 :]:
            variance *= follows
    return variance


def _children(nodes: dict[Path, _Evidence], level: int) -> dict[Path, list[_Evidence]]:
    """Return the nodes of a level by their parents."""
    found: defaultdict[Path, list[_Evidence]] = defaultdict(list)
    for path, evidence in nodes.items():
        if len(path) == level:
            found[path[:-1]].append(evidence)
    return found


def _together(parts: Iterable[tuple[float, float]]) -> _Evidence:
    """Return what means with their precisions say together."""
    weighed = list(parts)
    precision = sum(weight for _, weight in weighed)
    return _Evidence(sum(mean * weight for mean, weight in weighed) / precision, precision)


def _mean_product(values: list[float]) -> float:
    """Return the mean of the products of all pairs."""
    count = len(values)
    return (sum(values) ** 2 - sum(value**2 for value in values)) / (count * (count - 1))
