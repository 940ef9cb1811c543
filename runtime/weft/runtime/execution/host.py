"""What a call, a note and a turn of the child mean when agents are really started.

The order of things is here: a call is in the journal before its agent starts, an answer before the harness sees it.
Taking turns with the child is `turns`; replaying a journal takes the same turns with another host, see `replay`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from heapq import heappop, heappush
from typing import Any, TypedDict

from weft.primitives.calls import Allowance, OnInterrupt
from weft.primitives.lost import Lost, Spent
from weft.runtime.agents.answer import Answer
from weft.runtime.ceiling import Ceiling, exact
from weft.runtime.errors import Refused
from weft.runtime.journal import Recorder
from weft.runtime.journal.events import (
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentGoesOn,
    AgentLost,
    AgentQuiet,
    AgentStarted,
    AgentWaits,
    BranchRaised,
    Completion,
    FanOutBegan,
    FanOutEnded,
    FindingReported,
    Logged,
    PhaseBegan,
    SandboxReady,
    Settings,
    WorkflowCalled,
    WorkflowLoaded,
)
from weft.runtime.journal.past import Loaded, Past
from weft.runtime.money.budget import Budget
from weft.runtime.project.harness import Harness, check_args, parse_harness
from weft.runtime.request import AgentRequest
from weft.runtime.scheduling.admission import Admission
from weft.runtime.scheduling.scheduler import Observer, Scheduler
from weft.runtime.schemas import misfit
from weft.runtime.working import WaitsFor
from weft.sandbox import protocol
from weft.sandbox.protocol import CallAgent, CallWorkflow, Result, Say, Wall

__all__ = ["Host", "loaded"]

SKIPPED = "it had started when the run was interrupted, and is not asked again"
HAD_STARTED = "had started when the run was interrupted; whether to ask it again is for a person to decide"


class Allowances(TypedDict):
    """How the budget stands: the fields of these names of a result, and of its event."""

    allowance: Allowance
    slices: tuple[Allowance, ...]


class Host:
    """Answers the child with real agents; implements `Turns`, and `Observer` for its scheduler.

    Everything is durable before it has an effect.
    """

    def __init__(
        self,
        recorder: Recorder,
        schedule: Callable[[Observer], Scheduler],
        budget: Budget,
        settings: Settings,
        find_harness: Callable[[str], Harness | None],
        name: str,
        past: Past,
        admission: Admission,
    ) -> None:
        self._name = name
        self._past = past
        self._told: dict[int | None, Spent] = {None: budget.spent if past.first_spent is None else past.first_spent}
        """What the harness was told of the run, and of each slice of its budget, at this point of the first execution,
        until it hears of something new."""
        self._slices: dict[int, int | None] = {}
        """The slice of the budget that each call stands in, by the number of the call that opened it."""
        self._ahead = past.first_spent is None
        """Whether it has come further than the executions before."""
        self._reusable: dict[int, AgentFinished | Lost] = {}
        """What earlier executions have for calls of this one."""
        self._order: list[tuple[int, int, int]] = []
        """Those calls as a heap: by when the answer came then, and how many calls had been made by then. A call that
        is not in `_reusable` any more was cancelled."""
        self._undecided: dict[int, AgentCalled] = {}
        """Calls that had started then, and may be asked again only if a person says so."""
        self._recorder = recorder
        self.scheduler = schedule(self)
        self._admission = admission
        self._budget = budget
        self._settings = settings
        self._find_harness = find_harness
        self._phase: str | None = None
        self._occurrences: Counter[tuple[str, str]] = Counter()
        self._workflows: list[tuple[CallWorkflow, WorkflowCalled]] = []
        self._declared: dict[str, dict[str, Any] | None] = {}
        """The `RESULT` of each saved harness that was handed out."""

    def allowances(self, slice_: int | None = None, then: Completion | None = None) -> Allowances:
        """Return what the harness may know of the budget: of the whole run's, and of the slices around a call.

        While it only hears again what it heard before, it is told what had been spent `then`: a loop that goes by the
        budget takes the same turns again, instead of finding the money gone.
        """
        now = self._budget.allowances(slice_)
        if not self._ahead:
            before = () if then is None else (then.allowance, *then.slices)
            self._told.update((number, allowance.spent) for number, allowance in zip(now, before, strict=False))
            now = {
                number: replace(allowance, spent=self._told.get(number, Spent())) for number, allowance in now.items()
            }
        whole, *slices = now.values()
        return {"allowance": whole, "slices": tuple(slices)}

    def ready(self, walls: tuple[Wall, ...]) -> None:
        """Record what confines the harness."""
        self._recorder.add(SandboxReady(walls=walls))

    def called(self, call: CallAgent | CallWorkflow) -> None:
        """Record a call and queue it."""
        if isinstance(call, CallWorkflow):
            called_workflow = WorkflowCalled(
                id=call.id,
                path=call.path,
                line=call.line,
                name=call.name,
                args=call.args,
                budget=call.budget,
                slice=call.slice,
                returning=call.returning,
            )
            self._recorder.add(called_workflow)
            self._workflows.append((call, called_workflow))
            return
        request = AgentRequest.resolve(
            call.id,
            call.agent,
            phase=self._phase,
            model=self._settings.model,
            tools=self._settings.tools,
            timeout=self._settings.timeout,
            retries=self._settings.retries,
        )
        key = request.key()
        occurrence = self._occurrences[key, call.path]
        self._occurrences[key, call.path] += 1
        called = AgentCalled(
            path=call.path, line=call.line, key=key, occurrence=occurrence, request=request, slice=call.slice
        )
        self._recorder.add(called)
        self._admission.called(call.path)
        self._budget.enrol(request, call.slice)
        self._slices[call.id] = call.slice
        self._take_up(called, call.agent.on_interrupt)

    def _take_up(self, called: AgentCalled, on_interrupt: OnInterrupt) -> None:
        """Find the answer in an earlier execution, or have the agent asked."""
        known = self._past.answer(called)
        if known is not None and known.finished is not None:
            self._offer(called.id, known.finished, known.order, known.calls)
            return
        match self._past.on_interrupt(called, on_interrupt):
            case "rerun":
                self.scheduler.submit(called)
            case "skip":
                self._offer(called.id, Lost(cause="stopped", message=SKIPPED), sys.maxsize, sys.maxsize)
            case "ask":
                self._undecided[called.id] = called

    def _offer(self, number: int, finished: AgentFinished | Lost, order: int, calls: int) -> None:
        self._reusable[number] = finished
        heappush(self._order, (order, calls, number))

    def cancelled(self, number: int) -> None:
        """Stop the agent of a call."""
        if self._reusable.pop(number, None) is not None or self._undecided.pop(number, None) is not None:
            self._recorder.add(AgentCancelled(id=number, spent=Spent()))
        self.scheduler.cancel(number)

    def fan_out(self, message: protocol.FanOutBegan | protocol.FanOutEnded) -> None:
        """Record the beginning or the end of a fan-out; pause before one that surely does not fit."""
        if isinstance(message, protocol.FanOutEnded):
            self._recorder.add(
                FanOutEnded(path=message.path, lost=message.lost, dropped=message.dropped, cancelled=message.cancelled)
            )
            self._admission.ended(message.path)
            return
        self._recorder.add(
            FanOutBegan(
                path=message.path,
                line=message.line,
                kind=message.kind,
                width=message.width,
                agents=message.agents,
                quorum=message.quorum,
                chain=message.chain,
            )
        )
        pause = self._admission.began(message, self.scheduler)
        if pause is not None:
            self.scheduler.pause(pause.reason, pause.message)

    def said(self, say: Say) -> None:
        """Record a note."""
        match say.kind:
            case "phase":
                self._phase = say.data
                self._recorder.add(PhaseBegan(title=say.data))
            case "log":
                self._recorder.add(Logged(message=say.data))
            case "finding":
                self._recorder.add(FindingReported(data=say.data))
            case "raised":
                index, message = say.data["index"], say.data["message"]
                self._recorder.add(BranchRaised(path=say.path, index=index, message=message, line=say.line))

    async def results(self) -> list[Result]:
        """Start what may start, wait for answers, and return them once they are durable."""
        results = self.scheduler.take()  # these are on record before whatever is recorded now
        if not results and self._reusable and not self._workflows:
            return self._reuse()  # it is durable already
        for called in self._undecided.values():
            self.scheduler.pause("decision", f"{called.request.name!r} {HAD_STARTED}")
        self.scheduler.fill()
        self._recorder.commit()
        if not results and self._workflows:
            results = [self._load(call, called) for call, called in self._workflows]
            self._workflows = []
        elif not results:
            results = await self.scheduler.results()
        self._recorder.commit()
        return results

    def _reuse(self) -> list[Result]:
        """Hand over what an earlier execution paid for; what came first then comes first now.

        Only answers between which no call was made then come together: the answer to such a call may be due in between.
        """
        results: list[Result] = []
        together: int | None = None
        while self._order and together in (None, self._order[0][1]):
            _, calls, number = heappop(self._order)
            finished = self._reusable.pop(number, None)
            if finished is not None:
                together = calls
                results.append(self._again(number, finished))
        return results

    def _again(self, number: int, finished: AgentFinished | Lost) -> Result:
        if isinstance(finished, Lost):
            allowances = self.allowances(self._slices[number])
            self._recorder.add(AgentLost(id=number, lost=finished, **allowances))
            return Result(id=number, lost=finished, **allowances)
        allowances = self.allowances(self._slices[number], finished)
        self._recorder.add(replace(finished, id=number, reused=True, **allowances))
        return Result(id=number, value=finished.value, touched=finished.touched, **allowances)

    # ------------------------------------------------------------------------------------------ what agents do

    def agents_start(self, calls: list[AgentCalled]) -> None:
        """Record that agents start, and make all that was recorded durable."""
        for called in calls:
            self._recorder.add(AgentStarted(id=called.id))
        self._recorder.commit()

    def agent_cancelled(self, request: AgentRequest) -> None:
        """Record that an agent was ended, and what it has cost."""
        self._recorder.add(AgentCancelled(id=request.id, spent=self._budget.account(request.id)))

    def agent_waits(self, request: AgentRequest, reason: WaitsFor, detail: str, seconds: float | None) -> None:
        """Show that an agent waits, at once: it may be long before anything else happens."""
        self._recorder.add(AgentWaits(id=request.id, reason=reason, detail=detail, seconds=seconds))
        self._recorder.commit()

    def agent_goes_on(self, request: AgentRequest) -> None:
        """Record that an agent is at work again."""
        self._recorder.add(AgentGoesOn(id=request.id))

    def agent_quiet(self, request: AgentRequest, seconds: float) -> None:
        """Show that nothing is heard of an agent's model."""
        self._recorder.add(AgentQuiet(id=request.id, seconds=seconds))
        self._recorder.commit()

    def agent_ended(self, request: AgentRequest, answer: Answer) -> Result:
        """Record how an agent ended, and return what that is to the harness."""
        self._ahead = True
        allowances = self.allowances(self._slices[request.id])
        if answer.lost is not None:
            self._recorder.add(AgentLost(id=request.id, lost=answer.lost, **allowances))
        else:
            spent = self._budget.account(request.id)
            self._admission.finished(spent)
            self._recorder.add(
                AgentFinished(
                    id=request.id,
                    value=answer.value,
                    attempts=answer.attempts,
                    spent=spent,
                    touched=answer.touched,
                    transcript=answer.transcript,
                    answered_by=answer.answered_by,
                    **allowances,
                )
            )
        return Result(id=request.id, value=answer.value, lost=answer.lost, touched=answer.touched, **allowances)

    def _load(self, call: CallWorkflow, called: WorkflowCalled) -> Result:
        source, args, refused = None, {} if call.args is None else call.args, None
        known = Loaded() if call.returning else self._past.workflow(called)
        try:
            if call.returning:
                self._check_result(call)
                args = None  # the call has it
            elif known.event is not None and known.event.source is not None:
                source = known.event.source
                self._declared[call.name] = parse_harness(source, name=call.name, filename=call.name).result_schema
            else:
                source = self._find(call, args).source
        except Refused as error:
            refused = " ".join(part for part in (error.what, error.where) if part)
        allowances = self.allowances(self._open_slice(call, known), known.event)
        self._recorder.add(WorkflowLoaded(id=call.id, source=source, args=args, refused=refused, **allowances))
        return loaded(call.id, source, args, refused, **allowances)

    def _open_slice(self, call: CallWorkflow, known: Loaded) -> int | None:
        """Open the slice that a call asks for, and return the innermost one that it stands in."""
        if call.budget is None:
            return call.slice
        if known.event is not None and known.event.slices:  # what it was told then holds, so that it replays
            ceiling = Ceiling(known.event.slices[-1].tokens, known.event.slices[-1].usd)
        else:
            told = self.allowances(call.slice)
            ceiling = _fraction(call.budget, [told["allowance"], *told["slices"]][-1])
        self._budget.open_slice(call.id, call.name, ceiling, within=call.slice, spent=known.spent)
        return call.id

    def _find(self, call: CallWorkflow, args: Any) -> Harness:
        chain = (self._name, *call.chain)
        if call.name in chain:
            raise Refused(f"saved harness {call.name!r} would call itself: {' → '.join([*chain, call.name])}")
        if len(call.chain) >= self._settings.max_depth:
            raise Refused(f"saved harness {call.name!r} would run deeper than {self._settings.max_depth} levels")
        harness = self._find_harness(call.name)
        if harness is None:
            raise Refused(f"there is no saved harness {call.name!r}")
        check_args(harness, args)
        self._declared[call.name] = harness.result_schema
        return harness

    def _check_result(self, call: CallWorkflow) -> None:
        schema = self._declared.get(call.name)
        problem = None if schema is None else misfit(call.args, schema)
        if problem is not None:
            raise Refused(f"what saved harness {call.name!r} returned does not fit its RESULT: {problem}")


def _fraction(part: float, of: Allowance) -> Ceiling:
    """Return a part of what is left; of no limit, that is none either."""
    tokens = None if of.tokens is None else int(exact(part) * max(0, of.tokens - of.spent.tokens))
    usd = None if of.usd is None else float(exact(part) * max(exact(0), exact(of.usd) - exact(of.spent.usd)))
    return Ceiling(tokens, usd)


def loaded(
    number: int,
    source: str | None,
    args: Any,
    refused: str | None,
    allowance: Allowance,
    slices: tuple[Allowance, ...],
) -> Result:
    """Return the answer to a call of a saved harness: its source, or why there is none."""
    if refused is not None:
        lost = Lost(cause="crashed", message=refused)
        return Result(id=number, lost=lost, allowance=allowance, slices=slices)
    return Result(id=number, value={"source": source, "args": args}, allowance=allowance, slices=slices)
