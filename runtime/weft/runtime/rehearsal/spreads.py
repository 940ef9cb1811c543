"""What all runs of a rehearsal come to together, in numbers: how often, how many, how long, and who waited for whom.

What happened in one run is `timing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles

from weft.runtime.rehearsal.timing import Taken, Timing

__all__ = ["Barrier", "Loop", "OnPath", "Phase", "Spread", "barriers_of", "loops_of", "path_of", "phases_of"]

MOST_PHASES = 100
"""Phases of which something is said by itself; a harness can name any number."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How something came out over all runs in which nothing broke and nobody was lost."""

    p50: float
    p90: float
    max: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Return the spread of some values; nothing of none."""
        ordered = sorted(values)
        if len(ordered) < 2:
            value = ordered[0] if ordered else 0
            return cls(value, value, value)
        tenths = quantiles(ordered, n=10, method="inclusive")
        return cls(round(tenths[4], 6), round(tenths[8], 6), round(ordered[-1], 6))


@dataclass(frozen=True, slots=True)
class Barrier:
    """A fan-out that is waited for as a whole, in the runs that made it."""

    place: str
    """The line, behind the names of the saved harnesses around it."""
    seconds: Spread
    """How long whoever was done first waited for the last."""
    share: Spread
    """The same as a part of how long the run took, from 0 to 1."""
    followed: bool
    """Whether agents are asked after it, who might begin earlier without it."""


@dataclass(frozen=True, slots=True)
class OnPath:
    """What the agents of a place have of the critical path."""

    place: str
    agents: Spread
    """How many of them are asked one after the other on it."""
    seconds: Spread
    share: Spread
    """The same as a part of how long the run took, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Loop:
    """How many rounds a loop takes that comes to its end by itself."""

    line: int
    helper: str
    rounds: Spread


@dataclass(frozen=True, slots=True)
class Phase:
    """What the agents of a phase take."""

    phase: str | None
    """`None` for agents in no phase."""
    agents: Spread
    tokens: Spread
    usd: Spread | None
    """At list price; `None` where a model has none."""
    minutes: Spread
    """From when its first agent is asked to when the last has answered."""


def barriers_of(timings: Sequence[Timing]) -> list[Barrier]:
    """Return the fan-outs with how long is waited there, most of the time first."""
    found: dict[str, list[tuple[float, float, bool]]] = {}
    for timing in timings:
        for idle in timing.idle:
            found.setdefault(idle.place, []).append((idle.seconds, _share(idle.seconds, timing), idle.followed))
    barriers = []
    for place, some in found.items():
        seconds, shares, followed = zip(*some, strict=True)
        barriers.append(Barrier(place, Spread.of(seconds), Spread.of(shares), any(followed)))
    return sorted(barriers, key=lambda barrier: -barrier.share.p50)


def path_of(timings: Sequence[Timing]) -> list[OnPath]:
    """Return what each place has of the critical path, in the order in which they come on it."""
    sums: list[dict[str, tuple[int, float]]] = []
    for timing in timings:
        sums.append({})
        for leg in timing.path:
            agents, seconds = sums[-1].get(leg.place, (0, 0.0))
            sums[-1][leg.place] = agents + leg.agents, seconds + leg.seconds
    longest = sorted(range(len(sums)), key=lambda number: -len(sums[number]))
    return [
        OnPath(
            place,
            Spread.of(one.get(place, (0, 0.0))[0] for one in sums),
            Spread.of(one.get(place, (0, 0.0))[1] for one in sums),
            Spread.of(_share(one.get(place, (0, 0.0))[1], of) for one, of in zip(sums, timings, strict=True)),
        )
        for place in dict.fromkeys(place for number in longest for place in sums[number])
    ]


def loops_of(timings: Iterable[Timing]) -> list[Loop]:
    """Return how many rounds each loop takes."""
    found: dict[tuple[int, str], list[int]] = {}
    for timing in timings:
        for loop in timing.rounds:
            found.setdefault((loop.line, loop.helper), []).append(loop.rounds)
    return [Loop(line, helper, Spread.of(rounds)) for (line, helper), rounds in sorted(found.items())]


def phases_of(timings: Sequence[Timing]) -> list[Phase]:
    """Return what each phase takes; nothing of it in a run that does not come to it."""
    names = dict.fromkeys(phase for timing in timings for phase in timing.phases)
    return [_phase(name, [timing.phases.get(name) for timing in timings]) for name in [*names][:MOST_PHASES]]


def _phase(name: str | None, taken: Sequence[Taken | None]) -> Phase:
    def spread(of: Callable[[Taken], float]) -> Spread:
        return Spread.of(0 if one is None else of(one) for one in taken)

    priced = all(one is None or one.priced for one in taken)
    return Phase(
        name,
        spread(lambda one: one.agents),
        spread(lambda one: one.spent.tokens),
        spread(lambda one: one.spent.usd) if priced else None,
        spread(lambda one: one.seconds / 60),
    )


def _share(seconds: float, timing: Timing) -> float:
    return min(1.0, seconds / timing.seconds) if timing.seconds else 0.0
