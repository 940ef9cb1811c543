"""The calls that decided how long an execution took: from its end back, each time to what was waited for last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from weft.runtime.analysis.weaving import Piece, Waited, Work

__all__ = ["SPENT_ON", "Critical", "SpentOn", "Step", "critical_path"]

SpentOn = Literal[
    "work",  # agents at work
    "slots",  # calls of agents that waited for a slot
    "limits",  # agents that waited for their provider
    "budget",  # agents that waited for room under the ceiling
    "agents",  # agents that waited for those that they had asked themselves
    "retries",  # requests that had failed in passing, and waited to be sent again
    "people",  # questions to people, and while a person held the run
    "tools",  # tools that the harness called itself
    "harness",  # nothing of these: the harness computed, or was started
]
"""On what the time of an execution was spent, on its critical path."""

WAITS: dict[SpentOn, Waited] = {"limits": "limit", "budget": "budget", "agents": "agents", "retries": "retry"}
"""What agents at work wait for, and as what that counts."""

SPENT_ON: tuple[SpentOn, ...] = get_args(SpentOn)


@dataclass(frozen=True, slots=True)
class Step:
    """One call on the critical path."""

    piece: Piece
    spent: dict[SpentOn, float]
    """Seconds from the end of the step before to the end of this one."""

    @property
    def seconds(self) -> float:
        """How much it adds."""
        return sum(self.spent.values())


@dataclass(frozen=True, slots=True)
class Critical:
    """What decided how long an execution took."""

    steps: tuple[Step, ...]
    """In their order."""
    after: float
    """Seconds from the end of the last of them to the end of the execution."""

    @property
    def spent(self) -> dict[SpentOn, float]:
        """Return on what the whole time was spent; the sum is how long the execution took."""
        sums = dict.fromkeys(SPENT_ON, 0.0)
        sums["harness"] += self.after
        for step in self.steps:
            for kind, seconds in step.spent.items():
                sums[kind] += seconds
        return sums


def critical_path(work: Work) -> Critical:
    """Return the critical path of an execution."""
    steps: list[Step] = []
    end, numbers = work.ended_at, work.last
    last = _ending(work, numbers)
    after = max(0.0, end - last[1]) if last is not None else end - work.began_at
    while last is not None:
        piece, ended = last
        before = work.latest(piece.after, by=piece.called_at)
        since = work.began_at if before is None or before.ended_at is None else before.ended_at
        if piece.kind == "join":  # nothing but what it waited for; its own time is the harness's
            after, steps = _given_on(ended - since, after, steps)
        else:
            steps.append(Step(piece, _spent(piece, since, ended, work.held)))
        last = None if before is None else (before, since)
    return Critical(tuple(reversed(steps)), after)


def _ending(work: Work, numbers: tuple[int, ...]) -> tuple[Piece, float] | None:
    """Return the last piece, and when it ended or was seen last."""
    if not numbers:
        return None
    last = work.latest(numbers) or work.pieces[numbers[0]]
    return last, work.ended_at if last.ended_at is None else last.ended_at


def _given_on(seconds: float, after: float, steps: list[Step]) -> tuple[float, list[Step]]:
    """Count what the harness took at a join as time of what came next."""
    if seconds > 0 and not steps:
        return after + seconds, steps
    if seconds > 0:
        steps[-1].spent["harness"] = steps[-1].spent.get("harness", 0.0) + seconds
    return after, steps


def _spent(piece: Piece, since: float, ended: float, held: list[tuple[float, float]]) -> dict[SpentOn, float]:
    """Return on what the time from the end of the step before to the end of this one was spent."""
    called = min(max(piece.called_at, since), ended)
    spent: dict[SpentOn, float] = {"harness": called - since}
    if piece.kind in ("tool", "question", "workflow") or piece.reused:
        own: dict[str, SpentOn] = {"tool": "tools", "question": "people"}
        kind = "harness" if piece.reused else own.get(piece.kind, "harness")
        spent[kind] = spent.get(kind, 0.0) + ended - called
        return {kind: seconds for kind, seconds in spent.items() if seconds}
    started = ended if piece.started_at is None else min(piece.started_at, ended)
    people = sum(max(0.0, min(end, started) - max(begin, called)) for begin, end in held)
    spent |= {"people": people, "slots": started - called - people}
    waits: dict[SpentOn, float] = {kind: piece.waited(waited) for kind, waited in WAITS.items()}
    spent |= waits
    spent["work"] = ended - started - sum(waits.values())
    return {kind: seconds for kind, seconds in spent.items() if seconds}
