"""The calls of one execution, and which of them waited for which: read off call paths and the order of events.

A task of a harness awaits one thing after the other, so each call of it comes after what it awaited last: a call, or a
whole fan-out. The first call of a branch comes after what its fan-out came after; where a fan-out lets only so many
branches run, it also comes after the branch that made room.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from weft.primitives.calls import Question
from weft.runtime.journal.callpath import owner, steps
from weft.runtime.journal.events import (
    AgentAsksAgain,
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentGoesOn,
    AgentLost,
    AgentsStarted,
    AgentWaits,
    Event,
    FanOutBegan,
    FanOutEnded,
    HostAnswered,
    HostCalled,
    HostCancelled,
    RunEnded,
    RunStarted,
    Steered,
    WorkflowCalled,
    WorkflowLoaded,
)
from weft.runtime.journal.executions import Below
from weft.runtime.scheduling.queue import Group

__all__ = ["Joined", "Kind", "Piece", "Waited", "Weaver", "Work", "woven"]

Kind = Literal["agent", "tool", "question", "workflow", "join"]

Waited = Literal["limit", "budget", "agents", "retry"]
"""For what an agent at work can wait: its provider's limit, room under the ceiling, a request that is sent again."""

STAGE = re.compile(r"@\d+$")


@dataclass(slots=True, eq=False)
class Piece:
    """One call, or the join of a fan-out. All times are seconds on the run's clock."""

    number: int
    """Its place among all pieces, in the order in which they began."""
    kind: Kind
    path: str
    called_at: float
    """When the harness reached it; of a join, when the fan-out was over."""
    after: tuple[int, ...]
    """The pieces that it waited for."""
    id: int = -1
    """The number of the call; -1 for a join."""
    label: str = ""
    group: Group = ("", None)
    """Of an agent, by what else than all of them it is limited how many may be at work."""
    started_at: float | None = None
    """When it got its turn."""
    ended_at: float | None = None
    cancelled: bool = False
    reused: bool = False
    waits: list[tuple[Waited, float, float]] = field(default_factory=list)
    """What an agent waited for while at work, from when to when."""

    def waited(self, *kinds: Waited) -> float:
        """Return how long it waited for these."""
        return sum(end - begin for kind, begin, end in self.waits if kind in kinds)


@dataclass(slots=True, eq=False)
class Joined:
    """A fan-out that is over."""

    began: FanOutBegan
    began_at: float
    after: tuple[int, ...]
    """What its task had waited for last when it began."""
    piece: int
    """Its join."""
    branches: dict[int, tuple[int, ...]]
    """By its number, what each branch with calls came to at its end."""


@dataclass(slots=True, eq=False)
class Work:
    """All calls of one execution."""

    began_at: float
    ended_at: float
    """When it was over; of one that still goes on or was killed, the latest that is known of it."""
    completed: bool
    """Whether the harness came to its result."""
    pieces: list[Piece]
    joins: list[Joined]
    last: tuple[int, ...]
    """What the end waited for."""
    held: list[tuple[float, float]]
    """From when to when a person held the run."""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended_at - self.began_at

    def latest(self, numbers: Iterable[int], by: float = math.inf) -> Piece | None:
        """Return the one of these pieces that ended last, and by this time; `None` where none did."""
        pieces = [self.pieces[number] for number in numbers]
        ended = [piece for piece in pieces if piece.ended_at is not None and piece.ended_at <= by]
        return max(ended, key=lambda piece: (piece.ended_at, piece.number), default=None)


def woven(events: Iterable[tuple[float, Event]]) -> Work:
    """Return the work of one execution, whose events these are.

    What stands below an agent is that agent's time: it waits for it.
    """
    weaver, below = Weaver(), Below()
    for at, event in events:
        of_harness = below.without(event)
        if of_harness is not None:
            weaver.take(at, of_harness)
    return weaver.work()


@dataclass(slots=True)
class _FanOut:
    began: FanOutBegan
    began_at: float
    after: tuple[int, ...]
    deliveries: int
    """How many answers had come when it began."""
    members: list[str] = field(default_factory=list)
    """The tasks of its branches that have made a call."""
    made_room: int | None = None
    """The piece within it that ended last."""


class Weaver:
    """Takes the events of one execution, one after the other."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._calls: dict[int, Piece] = {}
        self._fan_outs: dict[str, _FanOut] = {}
        self._joins: list[Joined] = []
        self._tails: dict[str, tuple[int, ...]] = {}
        """By task, what it has awaited last."""
        self._within: dict[str, list[str]] = {}
        """By task, those of saved harnesses that it executes: branches of no fan-out that anybody was told of."""
        self._deliveries = 0
        self._held: list[tuple[float, float]] = []
        self._held_since: float | None = None
        self._waits: dict[int, tuple[Waited, float]] = {}
        self._began_at = self._at = 0.0
        self._ended: RunEnded | None = None

    def take(self, at: float, event: Event) -> None:
        """Take in one more event."""
        self._at = at
        match event:
            case RunStarted():
                self._began_at = at
            case AgentCalled() | HostCalled() | WorkflowCalled():
                self._call(at, event)
            case AgentsStarted(ids=ids):
                for number in ids:
                    self._calls[number].started_at = at
            case AgentWaits() | AgentGoesOn() | AgentAsksAgain():
                self._wait(at, event)
            case AgentFinished() | AgentLost() | HostAnswered() | WorkflowLoaded() | AgentCancelled() | HostCancelled():
                self._end(at, self._calls[event.id], event)
            case FanOutBegan(path=path):
                after = self._entered(_task(owner(path)))
                self._fan_outs[path] = _FanOut(event, at, after, self._deliveries)
            case FanOutEnded():
                self._join(at, event)
            case Steered(agent=None):
                self._hold(at, event)
            case RunEnded():
                self._ended = event
            case _:
                pass

    # ------------------------------------------------------------------------------------------ tasks

    def _tail(self, task: str) -> tuple[int, ...]:
        """Return what a task has awaited last; of one that has awaited nothing, what it began after."""
        inner = self._within.get(task)
        if inner:  # saved harnesses are over once their task goes on
            self._tails[task] = tuple(dict.fromkeys(number for one in inner for number in self._tail(one)))
            del self._within[task]
        known = self._tails.get(task)
        if known is not None or not task:
            return known or ()
        fan_out = self._fan_outs.get(task.rpartition(".")[0])
        return self._tail(_task(owner(task))) if fan_out is None else fan_out.after

    def _first_of(self, task: str) -> tuple[int, ...]:
        """Return what the first call of a task comes after, and let its fan-out or its caller know it."""
        path = task.rpartition(".")[0]
        fan_out = self._fan_outs.get(path)
        if fan_out is None:
            around = _task(owner(path))
            inner = [number for one in self._within.get(around, ()) for number in self._tail(one)]
            # Beside what still goes on: a fan-out that is not on record, as in runs of earlier versions.
            beside = any(self._pieces[number].ended_at is None for number in inner)
            after = self._tails[around] if beside else self._tail(around)
            self._within.setdefault(around, []).append(task)
            self._tails.setdefault(around, after)
            return after
        fan_out.members.append(task)
        late = self._deliveries > fan_out.deliveries and fan_out.made_room is not None
        return (*fan_out.after, fan_out.made_room) if late and fan_out.made_room is not None else fan_out.after

    def _call(self, at: float, event: AgentCalled | HostCalled | WorkflowCalled) -> None:
        task = _task(event.path)
        after = self._entered(task)
        kind: Kind = "agent"
        if isinstance(event, HostCalled):
            kind = "question" if isinstance(event.request.call, Question) else "tool"
        elif isinstance(event, WorkflowCalled):
            kind = "workflow"
        label = event.name if isinstance(event, WorkflowCalled) else event.request.name
        piece = Piece(len(self._pieces), kind, event.path, at, after, event.id, label)
        if isinstance(event, AgentCalled):
            piece.group = event.request.group
        else:
            piece.started_at = at
        self._pieces.append(piece)
        self._calls[event.id] = piece
        self._tails[task] = (piece.number,)
        self._within.pop(task, None)

    def _entered(self, task: str) -> tuple[int, ...]:
        """Return what a task has awaited last, once those around it that have done nothing yet are known to theirs."""
        for step in steps(task):
            around = f"{step.fan_out}.{step.branch}"
            if around not in self._tails:
                self._tails[around] = self._first_of(around)
        return self._tail(task)

    def _join(self, at: float, event: FanOutEnded) -> None:
        fan_out = self._fan_outs.pop(event.path)
        branches: dict[int, tuple[int, ...]] = {}
        for task in dict.fromkeys(fan_out.members):
            ended = tuple(n for n in self._tail(task) if not self._pieces[n].cancelled)
            if ended:
                branches[int(task.rpartition(".")[2])] = ended
            self._tails.pop(task, None)
        last = tuple(dict.fromkeys(n for ended in branches.values() for n in ended)) or fan_out.after
        piece = Piece(len(self._pieces), "join", event.path, at, last, started_at=at, ended_at=at)
        self._pieces.append(piece)
        self._tails[_task(owner(event.path))] = (piece.number,)
        self._joins.append(Joined(fan_out.began, fan_out.began_at, fan_out.after, piece.number, branches))

    # ------------------------------------------------------------------------------------------ times

    def _wait(self, at: float, event: AgentWaits | AgentGoesOn | AgentAsksAgain) -> None:
        self._stop_waiting(at, event.id)
        if isinstance(event, AgentWaits):
            self._waits[event.id] = (event.reason, at)
        elif isinstance(event, AgentAsksAgain):
            self._calls[event.id].waits.append(("retry", at, at + event.seconds))

    def _stop_waiting(self, at: float, number: int) -> None:
        waits = self._waits.pop(number, None)
        piece = self._calls[number]
        if waits is not None:
            piece.waits.append((*waits, at))
        if piece.waits and piece.waits[-1][2] > at:  # it was asked again sooner, or ended meanwhile
            kind, begin, _ = piece.waits[-1]
            piece.waits[-1] = (kind, begin, at)

    def _hold(self, at: float, event: Steered) -> None:
        if event.verb == "pause" and self._held_since is None:
            self._held_since = at
        elif event.verb == "continue" and self._held_since is not None:
            self._held.append((self._held_since, at))
            self._held_since = None

    def _end(self, at: float, piece: Piece, event: Event) -> None:
        self._stop_waiting(at, piece.id)
        piece.ended_at = at
        piece.cancelled = isinstance(event, AgentCancelled | HostCancelled)
        piece.reused = isinstance(event, AgentFinished | HostAnswered) and event.reused
        if piece.reused:
            piece.started_at = at
        if not piece.cancelled:
            self._deliveries += 1
            for step in steps(piece.path):
                fan_out = self._fan_outs.get(step.fan_out)
                if fan_out is not None:
                    fan_out.made_room = piece.number

    # ------------------------------------------------------------------------------------------ the whole

    def before(self, call: int, most: int) -> list[int]:
        """Return which calls a call waited for, fan-outs as what they came to; no more than so many."""
        found: list[int] = []
        left = [*self._calls[call].after]
        while left and len(found) < most:
            piece = self._pieces[left.pop(0)]
            if piece.kind == "join":
                left += piece.after
            else:
                found.append(piece.id)
        return found

    def work(self) -> Work:
        """Return the work that they come to."""
        if self._held_since is not None:
            self._held.append((self._held_since, self._at))
        for piece in self._calls.values():
            if piece.ended_at is None:  # it was killed while it waited, or waits still
                self._stop_waiting(self._at, piece.id)
        completed = self._ended is not None and self._ended.outcome == "completed"
        work = Work(self._began_at, self._at, completed, self._pieces, self._joins, (), self._held)
        return replace(work, last=self._tail("") if completed else _last(self._pieces))


def _last(pieces: list[Piece]) -> tuple[int, ...]:
    """Return what an execution was waiting for that did not come to its result: the first call without an end."""
    at_work = next((piece for piece in pieces if piece.ended_at is None or piece.cancelled), None)
    ended = [piece for piece in pieces if piece.ended_at is not None]
    last = at_work or max(ended, key=lambda piece: piece.ended_at or 0.0, default=None)
    return () if last is None else (last.number,)


def _task(path: str) -> str:
    """Return the path of the task that a call stands in: without the stage of a pipeline that it is in."""
    return STAGE.sub("", path)
