"""A harness executed over a cassette: no model, no tools, no spend; and how its result differs from the recorded one.

Unlike a replay, it may be an edited one. A call is answered as the same call was, in the order of the answers then;
what the cassette does not have is said, and answered as what stood in its place, so that one sees what becomes of it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from weft.primitives.calls import Allowance
from weft.primitives.lost import Lost, Spent
from weft.runtime.change import parted
from weft.runtime.errors import Refused
from weft.runtime.execution.phases import Phases
from weft.runtime.execution.record import fan_out_event, host_result, said_event
from weft.runtime.execution.saved import loaded
from weft.runtime.execution.turns import outcome
from weft.runtime.helping import HostRequest
from weft.runtime.journal import RunState, fold
from weft.runtime.journal.compare import Difference, compare
from weft.runtime.journal.events import (
    CALLS,
    COMPLETIONS,
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentLost,
    AgentsStarted,
    Completion,
    Event,
    HostAnswered,
    HostCalled,
    HostCancelled,
    Problem,
    RunEnded,
    RunStarted,
    WorkflowCalled,
    WorkflowLoaded,
)
from weft.runtime.journal.executions import of_harness
from weft.runtime.keeping.cassette import Cassette, renamed
from weft.runtime.project.harness import Harness, check_args
from weft.runtime.request import AgentRequest
from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.validating import UnusableSchema
from weft.sandbox.errors import SandboxError
from weft.sandbox.protocol import (
    CallAgent,
    CallHost,
    CallWorkflow,
    Failed,
    FanOutBegan,
    FanOutEnded,
    Finished,
    Result,
    Say,
    Start,
    Wall,
)

__all__ = ["Played", "play"]

Called = AgentCalled | HostCalled | WorkflowCalled

MOST_MORE = 1_000
"""How many calls it may make besides as many as are recorded: one that never stops asking is ended."""

NOT_THERE = "it is not on the cassette"


@dataclass(frozen=True, slots=True)
class Played:
    """What a harness came to over a cassette."""

    cassette: Cassette
    difference: Difference | None
    """How what it came to differs from what is recorded; `None` where it could not be executed."""
    missing: tuple[Called, ...] = ()
    """The calls that the cassette has no answer to."""
    problem: str | None = None
    """Why it could not be executed, or what is wrong with the cassette."""
    events: tuple[Event, ...] = ()
    """What happened: a cassette of its own, as far as nothing was missing."""

    @property
    def passed(self) -> bool:
        """Whether it came to the same, of recorded answers alone."""
        return self.difference is not None and not (self.missing or self.changes)

    @property
    def changes(self) -> bool:
        """Whether it came to another result, or ended in another way."""
        if self.difference is None:
            return False
        before, now = self.difference.before, self.difference.now
        return bool(self.difference.results) or _end(before) != _end(now)

    @property
    def result(self) -> Any:
        """Return what it came to; `None` where that is nothing, or it came to no end."""
        ended = None if self.difference is None else self.difference.now.ended
        return None if ended is None else ended.result

    @property
    def completed(self) -> bool:
        """Whether it came to a result."""
        return self.difference is not None and self.difference.now.outcome == "completed"

    def as_cassette(self, name: str) -> Cassette:
        """Return what happened as a cassette of this name."""
        return renamed(self.events, name)


def _end(state: RunState) -> tuple[str, str, tuple[str, int | None] | None]:
    problem = state.ended.problem if state.ended else None
    return state.outcome, state.health, None if problem is None else (problem.type, problem.line)


async def play(harness: Harness, cassette: Cassette) -> Played:
    """Execute a harness over a cassette.

    Raises:
        JournalError: the cassette contradicts itself.
    """
    before, recorded = cassette.state, cassette.started
    try:
        check_args(harness, recorded.args)
    except Refused as misfitting:
        return Played(cassette, None, problem=f"the recorded arguments no longer fit: {misfitting.where}")
    started = replace(recorded, digest=harness.digest, source=harness.source, name=harness.name)
    tape = _Tape(started, [event for _, event in cassette.events])
    start = Start(
        source=harness.source,
        filename=Path(harness.filename).name,
        args=harness.arguments(started.args, started.language),
        now=started.now,
        allowance=tape.allowance,
        language=started.language,
        tools=started.tools,
    )
    last = await outcome(start, tape)
    tape.events.append(await _ended(last, harness, before))
    now = fold((float(number), event) for number, event in enumerate(tape.events))
    return Played(cassette, compare(before, now), tuple(tape.missing), events=tuple(tape.events))


async def _ended(last: Finished | Failed | SandboxError | None, harness: Harness, before: RunState) -> RunEnded:
    """Return how it ended; what it would have cost, and how long it took, is as recorded."""
    assert before.ended is not None
    own: dict[str, Any] = {"spent": before.ended.spent, "wall_s": before.ended.wall_s}
    match last:
        case Finished(value=value):
            problem = await _unfit(value, harness.result_schema)
            if problem is None:
                return RunEnded(outcome="completed", result=value, **own)
            fault = Problem(type="result", message=f"the result does not fit RESULT: {problem}")
            return RunEnded(outcome="error", result=value, problem=fault, **own)
        case Failed():
            fault = Problem(type=last.kind, message=last.message, line=last.line)
        case SandboxError():
            fault = Problem(type="sandbox", message=last.what, line=last.line)
        case None:
            fault = Problem(type="calls", message="it asks for more than a run may start, or for nothing that ends")
    return RunEnded(outcome="error", problem=fault, **own)


async def _unfit(value: Any, schema: dict[str, Any] | None) -> str | None:
    try:
        return None if schema is None else await misfit(value, schema)
    except UnusableSchema as unusable:
        return str(unusable)


class _Tape:
    """Answers the child from a cassette; implements `weft.runtime.execution.turns.Turns`."""

    def __init__(self, started: RunStarted, events: list[Event]) -> None:
        self.events: list[Event] = [started]
        """What happens now."""
        self.missing: list[Called] = []
        self.allowance = Allowance(
            tokens=started.settings.budget_tokens, usd=started.settings.budget_usd, spent=started.spent
        )
        """The budget as it was handed over last."""
        self._settings = started.settings
        self._phases = Phases()
        self._occurrences: Counter[tuple[str, str]] = Counter()
        self._new: list[Called] = []
        """Calls that were not looked for yet."""
        self._waiting: dict[int, Called] = {}
        """Calls that have no answer, by their numbers."""
        self._now: dict[int, int] = {}
        """By the number of a recorded call, that of the one that has its answer now."""
        events = of_harness(events)
        calls = {event.id: event for event in events if isinstance(event, CALLS)}
        self._room = len(calls) + MOST_MORE
        """How many calls it may still make."""
        self._left = dict(calls)
        """Recorded calls that nobody has made so far, by their numbers."""
        self._roles = {event.request.profile: event.request.role for event in events if isinstance(event, AgentCalled)}
        """What each profile said that agents went by."""
        self._answers = [event for event in events if isinstance(event, COMPLETIONS)]
        self._answered = {event.id: event for event in self._answers}

    # ------------------------------------------------------------------------------------------ what the child says

    def ready(self, walls: tuple[Wall, ...]) -> None:
        """What confines it need not be what confined the run."""

    def called(self, call: CallAgent | CallHost | CallWorkflow) -> None:
        """Take a call."""
        called = self._event(call)
        self._room -= 1
        self.events.append(called)
        self._new.append(called)

    def _event(self, call: CallAgent | CallHost | CallWorkflow) -> Called:
        match call:
            case CallAgent():
                phase, role = self._phases.at(call.path), self._roles.get(call.agent.profile)
                agent = AgentRequest.resolve(call.id, call.agent, self._settings, phase, role)
                key = agent.key()
                place: dict[str, Any] = {"path": call.path, "line": call.line, "slice": call.slice}
                return AgentCalled(key=key, occurrence=self._occurrence(key, call.path), request=agent, **place)
            case CallHost():
                host = HostRequest(id=call.id, call=call.call)
                key = host.key()
                phase, count = self._phases.at(call.path), self._occurrence(key, call.path)
                place = {"path": call.path, "line": call.line, "slice": call.slice}
                return HostCalled(key=key, occurrence=count, request=host, phase=phase, **place)
            case CallWorkflow():
                if not call.returning:
                    self._phases.homes.workflow_called(call.path, call.name)
                return WorkflowCalled(
                    id=call.id,
                    path=call.path,
                    line=call.line,
                    name=call.name,
                    args=call.args,
                    budget=call.budget,
                    slice=call.slice,
                    returning=call.returning,
                )

    def _occurrence(self, key: str, path: str) -> int:
        self._occurrences[key, path] += 1
        return self._occurrences[key, path] - 1

    def cancelled(self, number: int) -> None:
        """Nobody waits for a call any more."""
        self._match()
        called = self._waiting.pop(number, None)
        if isinstance(called, AgentCalled):
            self.events.append(AgentCancelled(id=number, spent=Spent()))
        elif isinstance(called, HostCalled):
            self.events.append(HostCancelled(id=number))

    def fan_out(self, message: FanOutBegan | FanOutEnded) -> None:
        """Take note of a fan-out."""
        self.events.append(fan_out_event(message))
        if isinstance(message, FanOutBegan):
            self._phases.homes.fan_out_began(message.path)

    def said(self, say: Say) -> None:
        """Take note of what it says."""
        if say.kind == "phase":
            self._phases.began(say.path, say.data)
        self.events.append(said_event(say, self._phases.at(say.path)))

    # ------------------------------------------------------------------------------------------ what it is answered

    async def results(self) -> list[Result]:
        """Return the recorded answers that come next; where there are none, what stands in for those that are missing.

        Answers between which a call was made that has one of them come one after the other, as then.
        """
        self._match()
        if self._room < 0 or not self._waiting:
            return []
        batch: list[tuple[Called, Completion]] = []
        for answer in self._answers:
            number = self._now.get(answer.id)
            if number in self._waiting:
                batch.append((self._waiting.pop(number), answer))
            elif batch:
                break
        if batch:
            given = {id(answer) for _, answer in batch}
            self._answers = [answer for answer in self._answers if id(answer) not in given]
            return [self._deliver(called, answer) for called, answer in batch]
        waiting, self._waiting = [*self._waiting.values()], {}
        self.missing += waiting
        return [self._deliver(called, await self._stand_in(called)) for called in waiting]

    def _match(self) -> None:
        """Find which recorded calls the new ones are: the same in the same place, else the same elsewhere."""
        new, self._new = self._new, []
        for same in (_placed, _content):
            new = self._matched(new, same)
        self._waiting |= {called.id: called for called in new}

    def _matched(self, new: list[Called], same: Callable[[Called], Any]) -> list[Called]:
        """Let calls be those recorded ones that are the same in this way; return the others."""
        if not new:
            return []
        known: dict[Any, list[int]] = defaultdict(list)
        for number, recorded in self._left.items():
            known[same(recorded)].append(number)
        others: list[Called] = []
        for called in new:
            there = known[same(called)]
            if not there:
                others.append(called)
                continue
            number = there.pop(0)
            del self._left[number]
            self._now[number] = called.id
            self._waiting[called.id] = called
        return others

    async def _stand_in(self, called: Called) -> Completion:
        """Return what is answered to a call that the cassette has no answer to."""
        lost = Lost(cause="stopped", message=NOT_THERE)
        match called:
            case AgentCalled():
                value = await self._instead(called)
                if value is not None:
                    return replace(value, allowance=self.allowance)
                return AgentLost(id=called.id, lost=lost, allowance=self.allowance)
            case HostCalled():
                return HostAnswered(id=called.id, lost=lost, by="tool", allowance=self.allowance)
            case WorkflowCalled():
                return WorkflowLoaded(id=called.id, source=None, args=None, refused=NOT_THERE, allowance=self.allowance)

    async def _instead(self, called: AgentCalled) -> AgentFinished | None:
        """Return the answer to the recorded call that stood in the place of this one, if it fits."""
        for number, recorded in self._left.items():
            answer = self._answered.get(number)
            if isinstance(recorded, AgentCalled) and recorded.path == called.path and isinstance(answer, AgentFinished):
                said, _ = parted(answer.value, isolated=called.request.isolation is not None)
                if await _unfit(said, called.request.schema) is not None:
                    return None
                del self._left[number]
                return answer
        return None

    def _deliver(self, called: Called, answer: Completion) -> Result:
        """Take note of an answer, and return it as the child takes it."""
        answer = replace(answer, id=called.id)
        if isinstance(answer, (AgentFinished, AgentLost)):
            self.events.append(AgentsStarted(ids=(called.id,)))
        self.events.append(answer)
        self.allowance = answer.allowance
        match answer:
            case AgentFinished(value=value, touched=touched, allowance=allowance, slices=slices):
                return Result(id=called.id, value=value, touched=touched, allowance=allowance, slices=slices)
            case HostAnswered():
                return host_result(answer)
            case AgentLost(lost=lost, allowance=allowance, slices=slices):
                return Result(id=called.id, lost=lost, allowance=allowance, slices=slices)
            case WorkflowLoaded():
                return loaded(called.id, answer.source, answer.args, answer.refused, answer.allowance, answer.slices)


def _placed(called: Called) -> Any:
    return called.path, _content(called), getattr(called, "occurrence", 0)


def _content(called: Called) -> Any:
    if isinstance(called, WorkflowCalled):
        asked = [called.name, called.args, called.budget, called.returning]
        return called.type, json.dumps(asked, sort_keys=True)
    return called.type, called.key
