"""When what happened in one run, by the virtual clock: who waited for whom, and what each phase took.

How long agents take is `taking`; what comes of all runs together is `report`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.journal.callpath import Homes, steps
from weft.runtime.journal.events import AgentCalled, Event, FanOutBegan, LoopEnded, WorkflowCalled
from weft.runtime.rehearsal.answering import Answer
from weft.runtime.scheduling.widths import place_of

__all__ = ["Idle", "Leg", "Rounds", "Taken", "Timing", "timing_of"]

MOMENT = 1e-6
"""Seconds by which times may differ that are the same."""


@dataclass(frozen=True, slots=True)
class Idle:
    """A fan-out that is waited for as a whole."""

    place: str
    """The line, behind the names of the saved harnesses around it."""
    seconds: float
    """How long somebody was done there while others still worked, all times together that it was made."""
    followed: bool
    """Whether agents are asked after it, who could have begun earlier."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of the critical path: agents of one place, one after the other."""

    place: str
    agents: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Rounds:
    """A loop that came to its end by itself."""

    line: int
    helper: str
    rounds: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What the agents of a phase took."""

    agents: int
    spent: Spent
    priced: bool
    """Whether all of their models have a price."""
    seconds: float
    """From when the first of them was asked to when the last had answered."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When what happened in a run."""

    seconds: float = 0.0
    idle: tuple[Idle, ...] = ()
    path: tuple[Leg, ...] = ()
    """The chain of agents that took as long as the run: each was asked when the one before had answered."""
    rounds: tuple[Rounds, ...] = ()
    phases: dict[str | None, Taken] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    """Where each agent is asked, by its number."""


def timing_of(events: Sequence[Event], answers: Sequence[Answer], seconds: float) -> Timing:
    """Return when what happened in a run that took so long."""
    places, fan_outs = _places(events)
    return Timing(
        seconds,
        tuple(_idle(fan_outs, answers)),
        tuple(_path(answers, places)),
        tuple(Rounds(one.line or 0, one.helper, one.rounds) for one in events if isinstance(one, LoopEnded)),
        {phase: _taken(some) for phase, some in _by_phase(answers).items()},
        places,
    )


def _places(events: Iterable[Event]) -> tuple[dict[int, str], dict[str, str]]:
    """Return where each agent is asked, by its number, and where each fan-out is made, by its path."""
    homes, places, fan_outs = Homes(), dict[int, str](), dict[str, str]()
    for event in events:
        match event:
            case FanOutBegan():
                homes.fan_out_began(event.path)
                fan_outs[event.path] = place_of(event.chain, event.line)
            case WorkflowCalled():
                homes.workflow_called(event.path, event.name)
            case AgentCalled():
                places[event.id] = place_of([home.name for home in homes.of(event.path)], event.line)
            case _:
                pass
    return places, fan_outs


def _idle(fan_outs: dict[str, str], answers: Sequence[Answer]) -> Iterator[Idle]:
    """Yield each place of fan-outs with how long somebody waited there."""
    ends: dict[str, dict[int, float]] = {path: {} for path in fan_outs}
    for answer in answers:
        for step in steps(answer.called.path):
            if step.fan_out in ends:
                branches = ends[step.fan_out]
                branches[step.branch] = max(branches.get(step.branch, 0.0), answer.ended)
    waits: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for path, branches in ends.items():
        if len(branches) > 1:
            waits[fan_outs[path]].append((min(branches.values()), max(branches.values())))
    last = max((answer.began for answer in answers), default=0.0)
    for place, spans in waits.items():
        yield Idle(place, _covered(spans), last >= max(end for _, end in spans) - MOMENT)


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    """Return how much time some spans cover together."""
    total, until = 0.0, 0.0
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def _path(answers: Sequence[Answer], places: dict[int, str]) -> list[Leg]:
    """Return the critical path, from its last agent back: whoever had answered when the next one was asked."""
    legs: list[Leg] = []
    ordered = sorted(answers, key=lambda answer: (answer.ended, answer.called.id))
    while ordered:
        last = ordered.pop()
        place = places.get(last.called.id, "0")
        seconds = last.ended - last.began
        if legs and legs[-1].place == place:
            legs[-1] = Leg(place, legs[-1].agents + 1, legs[-1].seconds + seconds)
        else:
            legs.append(Leg(place, 1, seconds))
        while ordered and ordered[-1].ended > last.began + MOMENT:
            ordered.pop()
    return legs[::-1]


def _by_phase(answers: Iterable[Answer]) -> dict[str | None, list[Answer]]:
    phases: dict[str | None, list[Answer]] = {}
    for answer in answers:
        phases.setdefault(answer.called.request.phase, []).append(answer)
    return phases


def _taken(answers: Sequence[Answer]) -> Taken:
    return Taken(
        len({answer.called.id for answer in answers}),
        sum((answer.use.spent for answer in answers), NOTHING_SPENT),
        all(answer.use.usd is not None for answer in answers),
        max(answer.ended for answer in answers) - min(answer.began for answer in answers),
    )
