"""Replaying a run: the harness is executed again against its journal, with no model, no tools and no spend.

The record answers every call, in the order in which it was answered then. Each call is compared with the recorded one;
the first difference ends the replay and is shown from both sides.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from weft.primitives.calls import Allowance
from weft.runtime.agents.request import AgentRequest
from weft.runtime.agents.tools import TOOLS
from weft.runtime.errors import Diverged, JournalError
from weft.runtime.harness import Harness
from weft.runtime.journal.events import (
    COMPLETIONS,
    AgentCalled,
    AgentFinished,
    AgentLost,
    Completion,
    Event,
    RunEnded,
    RunStarted,
    WorkflowCalled,
    WorkflowLoaded,
)
from weft.runtime.run import drive, loaded
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import CallAgent, CallWorkflow, Failed, Finished, Limits, Result, Say, Start, Wall

__all__ = ["Replayed", "replay"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replay that found no difference."""

    calls: int
    """How many calls the harness made, each as recorded."""
    deliveries: int
    complete: bool
    """Whether it came to the recorded end; a run that was paused or killed is replayed as far as it got."""
    result: Any


async def replay(harness: Harness, events: list[tuple[float, Event]]) -> Replayed:
    """Execute a harness against a journal.

    Args:
        harness: The recorded one; or another, to see whether it would have made the same calls.
        events: The journal.

    Raises:
        Diverged: it makes another call, or ends in another way, than the record shows.
        JournalError: the journal has no beginning.
    """
    started = next((event for _, event in events if isinstance(event, RunStarted)), None)
    if started is None:
        raise JournalError("the journal has no beginning", meaning="there is nothing to replay")
    record = Record(started, [event for _, event in events], harness)
    start = Start(
        source=harness.source,
        filename=harness.filename,
        args=started.args,
        now=started.now,
        allowance=record.first_allowance(),
    )
    async with open_sandbox(Limits()) as sandbox:
        last = await drive(sandbox, start, record)
    record.check_end(last)
    value = last.value if isinstance(last, Finished) else None
    return Replayed(record.calls, record.deliveries, last is not None, value)


class Record:
    """Answers the child from a journal; implements `weft.runtime.run.Turns`."""

    def __init__(self, started: RunStarted, events: list[Event], harness: Harness) -> None:
        self.calls = 0
        self.deliveries = 0
        self._settings = started.settings
        self._harness = harness
        self._same_harness = started.digest == harness.digest
        self._phase: str | None = None
        self._recorded = {event.id: event for event in events if isinstance(event, (AgentCalled, WorkflowCalled))}
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

    def called(self, call: CallAgent | CallWorkflow) -> None:
        """Compare a call with the record.

        Raises:
            Diverged: it is another call.
        """
        self.calls += 1
        recorded = self._recorded.get(call.id)
        if recorded is None:
            if self._answers or (self._ended is not None and self._ended.outcome != "paused"):
                raise self._diverged(call.id, "no further call", _shown(call), call.line)
            return  # the run was stopped before it could record this call
        differences = self._differences(call, recorded)
        if differences:
            raise self._diverged(
                call.id, _shown(recorded), _shown(call), call.line, f"different: {', '.join(differences)}"
            )

    def _differences(self, call: CallAgent | CallWorkflow, recorded: AgentCalled | WorkflowCalled) -> list[str]:
        if isinstance(call, CallAgent) and isinstance(recorded, AgentCalled):
            request = self._resolve(call)
            same_call = request.key() == recorded.key
            fields = (
                []
                if same_call
                else [
                    field
                    for field in AgentRequest.__slots__
                    if field not in ("id", "label", "phase")
                    and getattr(request, field) != getattr(recorded.request, field)
                ]
            )
            return fields + ([] if call.path == recorded.path else ["call path"])
        if isinstance(call, CallWorkflow) and isinstance(recorded, WorkflowCalled):
            return [field for field in ("name", "args", "path") if getattr(call, field) != getattr(recorded, field)]
        return ["kind of call"]

    def _resolve(self, call: CallAgent) -> AgentRequest:
        settings = self._settings
        return AgentRequest.resolve(
            call.id,
            call.agent,
            phase=self._phase,
            model=settings.model,
            tools=TOOLS,
            timeout=settings.timeout,
            retries=settings.retries,
        )

    def cancelled(self, number: int) -> None:
        """Nothing runs, so there is nothing to stop."""

    def said(self, say: Say) -> None:
        """Follow the phases; the rest is shown from the journal."""
        if say.kind == "phase":
            self._phase = say.data

    async def results(self) -> list[Result]:
        """Return the next recorded answer.

        Raises:
            Diverged: it answers a call that the harness has not made.
        """
        if not self._answers:
            return []
        answer = self._answers.popleft()
        if answer.id not in self._recorded or answer.id >= self.calls:
            recorded = self._recorded.get(answer.id)
            raise self._diverged(answer.id, _shown(recorded) if recorded else "a call", "no further call", None)
        self.deliveries += 1
        return [_result(answer)]

    # ------------------------------------------------------------------------------------------ the end

    def check_end(self, last: Finished | Failed | None) -> None:
        """Compare how it ended.

        Raises:
            Diverged: it ended in another way, or made fewer calls.
        """
        if self._ended is None or self._ended.outcome == "paused":
            return
        missing = next((event for number, event in sorted(self._recorded.items()) if number >= self.calls), None)
        if missing is not None:
            raise self._diverged(self.calls, _shown(missing), "no further call", None)
        if not self._ended_alike(last):
            line = last.line if isinstance(last, Failed) else None
            raise self._diverged(self.calls, _recorded_ending(self._ended), _ending(last), line)

    def _ended_alike(self, last: Finished | Failed | None) -> bool:
        assert self._ended is not None
        problem = self._ended.problem
        if isinstance(last, Finished):
            # A result that did not fit RESULT is an error of the run; the harness did return it.
            return self._ended.result == last.value if problem is None else problem.type == "result"
        if isinstance(last, Failed):
            # Where a harness is when its time is up depends on the machine.
            same_line = last.kind == "cpu" or problem is None or problem.line == last.line
            return problem is not None and problem.type == last.kind and same_line
        return problem is not None and problem.type == "sandbox"

    def _diverged(self, number: int, recorded: str, now: str, line: int | None, why: str = "") -> Diverged:
        cause = why or ("" if self._same_harness else "the harness is not the recorded one")
        return Diverged(
            f"replay diverged at call {number}",
            where=f"recorded  {recorded}\n            now       {now}" + (f"   line {line}" if line else ""),
            meaning="; ".join(part for part in (cause, "the record is intact, and nothing was spent") if part),
            fix="replay the harness that is in the run's folder, or start a new run with the edited one",
        )


def _result(answer: Completion) -> Result:
    match answer:
        case AgentFinished():
            return Result(id=answer.id, value=answer.value, touched=answer.touched, allowance=answer.allowance)
        case AgentLost():
            return Result(id=answer.id, lost=answer.lost, allowance=answer.allowance)
        case WorkflowLoaded():
            return loaded(answer.id, answer.source, answer.args, answer.refused, answer.allowance)


def _shown(call: CallAgent | CallWorkflow | AgentCalled | WorkflowCalled) -> str:
    match call:
        case CallAgent(agent=agent):
            return f"agent {_excerpt(agent.label or agent.prompt)} at {call.path or 'main'}"
        case AgentCalled(request=request):
            return f"agent {_excerpt(request.label or request.prompt)} at {call.path or 'main'}, line {call.line}"
        case CallWorkflow() | WorkflowCalled():
            return f"workflow {call.name!r} at {call.path or 'main'}, line {call.line}"


def _recorded_ending(ended: RunEnded) -> str:
    return f"failed ({ended.problem.type})" if ended.problem else f"returned {_excerpt(ended.result)}"


def _ending(last: Finished | Failed | None) -> str:
    match last:
        case Finished(value=value):
            return f"returned {_excerpt(value)}"
        case Failed():
            return f"failed ({last.kind}): {last.message}"
        case None:
            return "still waiting"


def _excerpt(value: Any) -> str:
    text = " ".join(str(value).split())
    return repr(text if len(text) <= 60 else text[:59] + "…")
