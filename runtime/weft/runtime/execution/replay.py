"""Replaying a run: the harness is executed again against its journal, with no model, no tools and no spend.

The record answers every call, in the order in which it was answered then. Each call is compared with the recorded one;
the first difference ends the replay and is shown from both sides.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from weft.primitives.calls import Allowance
from weft.runtime.errors import Diverged
from weft.runtime.execution.record import host_result
from weft.runtime.execution.saved import loaded
from weft.runtime.execution.turns import outcome
from weft.runtime.helping import HostRequest
from weft.runtime.journal.events import (
    CALLS,
    COMPLETIONS,
    AgentCalled,
    AgentFinished,
    AgentLost,
    Completion,
    Event,
    HostAnswered,
    HostCalled,
    RunEnded,
    RunStarted,
    WorkflowCalled,
    WorkflowLoaded,
)
from weft.runtime.journal.executions import executions, of_harness
from weft.runtime.journal.known import changed_fields
from weft.runtime.pause import PauseReason
from weft.runtime.plain import apart
from weft.runtime.project.harness import Harness
from weft.runtime.request import AgentRequest
from weft.sandbox.errors import SandboxError, SandboxStuck
from weft.sandbox.protocol import (
    CallAgent,
    CallHost,
    CallWorkflow,
    Failed,
    FanOutBegan,
    FanOutEnded,
    Finished,
    Limits,
    Result,
    Say,
    Start,
    Wall,
)

__all__ = ["Replayed", "replay"]

PATIENT = Limits(cpu_seconds=60.0, wall_seconds=3600.0)
"""For harnesses that came to their end: what took them nearly too long then may take longer now, and many answers that
came one by one come at once. No limit that the harness itself meets is another one."""

CUT_SHORT = ("cpu", "sandbox")
"""Endings that the machine decides and not the harness: no two runs are cut off at the same instruction."""

AMID: tuple[PauseReason, ...] = ("user", "command", "deadline", "journal")
"""Pauses that may come while the harness speaks; at all others it waits for answers."""


Call = CallAgent | CallHost | CallWorkflow
Called = AgentCalled | HostCalled | WorkflowCalled

Sides = tuple[Any, Any]
"""What stands in the record, and what the harness says now."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replay that found no difference."""

    calls: int
    """How many calls the harness made, each as recorded."""
    deliveries: int
    complete: bool
    """Whether it came to the recorded end; a run that was paused, killed or cut short is replayed as far as it got."""
    result: Any


async def replay(harness: Harness, events: list[tuple[float, Event]]) -> Replayed:
    """Execute a harness against a journal; of a run that was resumed, against its latest execution.

    Args:
        harness: The recorded one; or another, to see whether it would have made the same calls.
        events: The journal.

    Raises:
        Diverged: it makes another call, or ends in another way, than the record shows.
        SandboxError: the replay itself was cut off, which says nothing about the record.
    """
    parts = executions(events)
    started, first = parts[-1][0][1], parts[0][0][1]
    assert isinstance(started, RunStarted) and isinstance(first, RunStarted)
    # A harness that is resumed is told what it was told at first, see `allowances.Told`.
    record = Recorded(replace(started, spent=first.spent), [event for _, event in parts[-1]], harness)
    start = Start(
        source=harness.source,
        filename=Path(harness.filename).name,
        args=harness.arguments(started.args, started.language),
        now=started.now,
        allowance=record.first_allowance(),
        language=started.language,
        tools=started.tools,
    )
    last = await outcome(start, record, limits=None if record.cut_short else PATIENT)
    complete = record.check_end(last)
    value = last.value if isinstance(last, Finished) else None
    return Replayed(record.calls, record.deliveries, complete, value)


class Recorded:
    """Answers the child from a journal; implements `weft.runtime.execution.turns.Turns`."""

    def __init__(self, started: RunStarted, events: list[Event], harness: Harness) -> None:
        self.calls = 0
        self.deliveries = 0
        events = of_harness(events)
        self._settings = started.settings
        self._harness = harness
        self._same_harness = started.digest == harness.digest
        self._recorded: dict[int, Called] = {event.id: event for event in events if isinstance(event, CALLS)}
        self._answers = deque(event for event in events if isinstance(event, COMPLETIONS))
        self._ended = next((event for event in events if isinstance(event, RunEnded)), None)
        self._spent = started.spent

    def first_allowance(self) -> Allowance:
        """Return the budget as it was before the first delivery."""
        settings = self._settings
        return Allowance(tokens=settings.budget_tokens, usd=settings.budget_usd, spent=self._spent)

    # ------------------------------------------------------------------------------------------ turns

    def ready(self, walls: tuple[Wall, ...]) -> None:
        """What confines a replay need not be what confined the run."""

    def called(self, call: Call) -> None:
        """Compare a call with the record.

        Raises:
            Diverged: it is another call.
        """
        self.calls += 1
        recorded = self._recorded.get(call.id)
        if recorded is None:
            # Answers that came after a call may be on record although it is not: they are recorded when they come. Of
            # the recorded harness alone is it known that the call was made then.
            if not self._broken_off or (self._answers and not self._same_harness):
                raise self._diverged(call.id, "no further call", _shown(call), call.line)
            return
        differences = self._differences(call, recorded)
        if differences:
            raise self._diverged(call.id, _shown(recorded), _shown(call), call.line, differences)

    def _differences(self, call: Call, recorded: Called) -> dict[str, Sides]:
        """Return in what a call differs from the recorded one, and what that is on either side."""
        if isinstance(call, CallAgent) and isinstance(recorded, AgentCalled):
            same_profile = call.agent.profile == recorded.request.profile
            role = recorded.request.role if same_profile else None
            request = AgentRequest.resolve(call.id, call.agent, self._settings, None, role)
            fields = () if request.key() == recorded.key else changed_fields(recorded.request, request)
            differences = {field: (getattr(recorded.request, field), getattr(request, field)) for field in fields}
            return differences | ({} if call.path == recorded.path else {"call path": (recorded.path, call.path)})
        if isinstance(call, CallHost) and isinstance(recorded, HostCalled):
            same = HostRequest(id=call.id, call=call.call).key() == recorded.key
            sides: dict[str, Sides] = {} if same else {"call": (recorded.request.call, call.call)}
            return sides | ({} if call.path == recorded.path else {"call path": (recorded.path, call.path)})
        if isinstance(call, CallWorkflow) and isinstance(recorded, WorkflowCalled):
            sides = {
                field: (getattr(recorded, field), getattr(call, field))
                for field in ("name", "args", "budget", "path", "returning")
            }
            return {field: side for field, side in sides.items() if side[0] != side[1]}
        return {"kind of call": (recorded.type, call.type)}

    def cancelled(self, number: int) -> None:
        """Nothing runs, so there is nothing to stop."""

    def fan_out(self, message: FanOutBegan | FanOutEnded) -> None:
        """Nothing to compare: calls tell their paths, and older journals know nothing of fan-outs."""

    def said(self, say: Say) -> None:
        """It is shown from the journal, and phases are no part of what a call is."""

    async def results(self) -> list[Result]:
        """Return the recorded answers from the next one on, as far as they answer calls that were made by now.

        Raises:
            Diverged: the next one answers a call that the harness has not made.
        """
        results: list[Result] = []
        while self._answers and self._was_made(self._answers[0].id):
            results.append(_result(self._answers.popleft()))
        if self._answers and not results:
            number = self._answers[0].id
            recorded = self._recorded.get(number)
            raise self._diverged(number, _shown(recorded) if recorded else "a call", "no further call", None)
        self.deliveries += len(results)
        return results

    def _was_made(self, number: int) -> bool:
        return number < self.calls and number in self._recorded

    # ------------------------------------------------------------------------------------------ the end

    @property
    def _unfinished(self) -> bool:
        """Whether the record ends before the harness did: the run was paused, killed, or stopped at its ceiling."""
        problem = self._ended.problem if self._ended else None
        return (
            self._ended is None or self._ended.outcome == "paused" or (problem is not None and problem.type == "budget")
        )

    @property
    def _broken_off(self) -> bool:
        """Whether the harness may have made calls that are not on record."""
        if self._ended is None or self.cut_short:
            return True
        stopped = self._unfinished and self._ended.outcome == "error"
        return stopped or self._ended.pause in AMID

    @property
    def cut_short(self) -> bool:
        """Whether the machine ended the run, and not the harness."""
        problem = self._ended.problem if self._ended else None
        return problem is not None and problem.type in CUT_SHORT

    def check_end(self, last: Finished | Failed | SandboxError | None) -> bool:
        """Compare how it ended, and return whether that is the recorded end.

        Raises:
            Diverged: it ended in another way, or made fewer calls.
            SandboxError: it was cut off, and the recorded run was not.
        """
        if not self.cut_short:
            _check_whole(last, self._same_harness)
        if self._unfinished:
            return last is not None
        if self.cut_short and self._same_harness:
            # How far it came, and on which line, is the machine's doing: faster than then, it may even get past it.
            return _kind(last) in CUT_SHORT
        self._compare_ends(last)
        return last is not None

    def _compare_ends(self, last: Finished | Failed | SandboxError | None) -> None:
        assert self._ended is not None
        missing = next((event for number, event in sorted(self._recorded.items()) if number >= self.calls), None)
        if missing is not None:
            raise self._diverged(self.calls, _shown(missing), "no further call", None)
        if not self._ended_alike(last):
            line = last.line if isinstance(last, Failed) else None
            raise self._diverged(self.calls, _recorded_ending(self._ended), _ending(last), line)

    def _ended_alike(self, last: Finished | Failed | SandboxError | None) -> bool:
        assert self._ended is not None
        problem = self._ended.problem
        if isinstance(last, Finished):
            return _returned(self._ended) and self._ended.result == last.value
        if self.cut_short:
            assert problem is not None
            # A child that was killed while agents were at work leaves a harness that waits for them.
            return _kind(last) in CUT_SHORT or (last is None and problem.type == "sandbox")
        return (
            isinstance(last, Failed) and problem is not None and (problem.type, problem.line) == (last.kind, last.line)
        )

    def _diverged(
        self, number: int, recorded: str, now: str, line: int | None, differences: dict[str, Sides] | None = None
    ) -> Diverged:
        lines = [f"recorded  {recorded}", f"now       {now}" + (f"   line {line}" if line else "")]
        for field, (before, after) in (differences or {}).items():
            lines += [f"{field}", f"  recorded  {apart(before, after)}", f"  now       {apart(after, before)}"]
        different = f"different: {', '.join(differences)}; " if differences else ""
        cause = (
            "the harness is not the recorded one"
            if not self._same_harness
            else "the harness is the recorded one, so weft or Python below it does something else than then"
        )
        return Diverged(
            f"replay diverged at call {number}",
            where="\n".join(lines),
            meaning=f"{different}{cause}; the record is intact, and nothing was spent",
            fix="replay the recorded harness, or go on with this one: weft resume RUN --script FILE.py",
        )


def _result(answer: Completion) -> Result:
    match answer:
        case AgentFinished():
            return Result(
                id=answer.id,
                value=answer.value,
                touched=answer.touched,
                allowance=answer.allowance,
                slices=answer.slices,
            )
        case HostAnswered():
            return host_result(answer)
        case AgentLost():
            return Result(id=answer.id, lost=answer.lost, allowance=answer.allowance, slices=answer.slices)
        case WorkflowLoaded():
            return loaded(answer.id, answer.source, answer.args, answer.refused, answer.allowance, answer.slices)


def _check_whole(last: Finished | Failed | SandboxError | None, same_harness: bool) -> None:
    if isinstance(last, SandboxError):
        raise last
    if same_harness and isinstance(last, Failed) and last.kind in CUT_SHORT:
        raise SandboxStuck(last.message, last.line)


def _shown(call: Call | Called) -> str:
    match call:
        case CallAgent(agent=agent):
            return f"agent {_excerpt(agent.label or agent.prompt)} at {call.path or 'main'}"
        case AgentCalled(request=request):
            return f"agent {_excerpt(request.label or request.prompt)} at {call.path or 'main'}, line {call.line}"
        case CallHost():
            return f"{HostRequest(id=call.id, call=call.call).title} at {call.path or 'main'}"
        case HostCalled():
            return f"{call.request.title} at {call.path or 'main'}, line {call.line}"
        case CallWorkflow(returning=True) | WorkflowCalled(returning=True):
            return f"workflow {call.name!r} returning {_excerpt(call.args)} at {call.path or 'main'}, line {call.line}"
        case CallWorkflow() | WorkflowCalled():
            return f"workflow {call.name!r} at {call.path or 'main'}, line {call.line}"


def _returned(ended: RunEnded) -> bool:
    """Whether `main` returned; a result that does not fit `RESULT` is an error of the run only after that."""
    return ended.problem is None or ended.problem.type == "result"


def _kind(last: Finished | Failed | SandboxError | None) -> str | None:
    """Return how the journal calls such an ending, where it is a failure."""
    return last.kind if isinstance(last, Failed) else "sandbox" if isinstance(last, SandboxError) else None


def _recorded_ending(ended: RunEnded) -> str:
    if _returned(ended) or ended.problem is None:
        return f"returned {_excerpt(ended.result)}"
    return f"failed ({ended.problem.type})"


def _ending(last: Finished | Failed | SandboxError | None) -> str:
    match last:
        case SandboxError():
            return f"failed (sandbox): {last.what}"
        case Finished(value=value):
            return f"returned {_excerpt(value)}"
        case Failed():
            return f"failed ({last.kind}): {last.message}"
        case None:
            return "still waiting"


def _excerpt(value: Any) -> str:
    text = " ".join(str(value).split())
    return repr(text if len(text) <= 60 else text[:59] + "…")
