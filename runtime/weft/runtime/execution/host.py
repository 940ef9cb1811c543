"""What a call, a note and a turn of the child mean when agents are really asked.

The order of things is here: a call is in the journal before its agent starts, an answer before the harness sees it.
Taking turns with the child is `turns`; replaying a journal takes the same turns with another host, see `replay`.

    phases      which phase an agent is asked in
    reuse       answers that earlier executions have paid for
    saved       saved harnesses that the harness calls
    record      what happens, as events
    allowances  what the harness is told of its budget
    below       agents that have others answer
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from weft.primitives.tools import SPAWNING
from weft.runtime.execution.allowances import Told
from weft.runtime.execution.phases import Phases
from weft.runtime.execution.record import fan_out_event, said_event
from weft.runtime.execution.reuse import Reuse
from weft.runtime.execution.saved import SavedHarnesses
from weft.runtime.helping import HostRequest
from weft.runtime.journal import Recorder
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import AgentCalled, HostCalled, SandboxReady
from weft.runtime.money.budget import Budget
from weft.runtime.profile import Casting, uncast
from weft.runtime.request import AgentRequest
from weft.runtime.scheduling.admission import Admission
from weft.runtime.scheduling.desk import Desk
from weft.runtime.scheduling.results import Results
from weft.runtime.scheduling.scheduler import Scheduler
from weft.runtime.scheduling.widths import Gate
from weft.runtime.settings import Settings
from weft.sandbox.protocol import CallAgent, CallHost, CallWorkflow, FanOutBegan, FanOutEnded, Result, Say, Wall

__all__ = ["Host"]

HAD_STARTED = "had started when the run was interrupted; whether to ask it again is for a person to decide"


class Host:
    """Answers the child with real agents; implements `Turns`. Everything is durable before it has an effect."""

    def __init__(
        self,
        settings: Settings,
        recorder: Recorder,
        scheduler: Scheduler,
        desk: Desk,
        *,
        admission: Admission,
        gate: Gate | None,
        budget: Budget,
        told: Told,
        reuse: Reuse,
        saved: SavedHarnesses,
        results: Results,
        phases: Phases,
        may_ask: Callable[[AgentCalled, tuple[str, ...]], None],
        chain: tuple[str, ...] = (),
        cast: Casting = uncast,
    ) -> None:
        self._settings = settings
        self._cast = cast
        self._recorder = recorder
        self._scheduler = scheduler
        self._desk = desk
        self._admission = admission
        self._gate = gate
        self._budget = budget
        self._told = told
        self._reuse = reuse
        self._saved = saved
        self._may_ask = may_ask
        self._chain = chain
        self._results = results
        self._phases = phases
        self._occurrences: Counter[tuple[str, str]] = Counter()

    def ready(self, walls: tuple[Wall, ...]) -> None:
        """Record what confines the harness."""
        self._recorder.add(SandboxReady(walls=walls))

    def called(self, call: CallAgent | CallHost | CallWorkflow) -> None:
        """Record a call; what it comes to is looked for with those made together with it."""
        match call:
            case CallAgent():
                self._agent_called(call)
            case CallHost():
                self._host_called(call)
            case CallWorkflow(path=path, name=name, returning=returning):
                if not returning:
                    self._phases.homes.workflow_called(path, name)
                self._saved.called(call)

    def _host_called(self, call: CallHost) -> None:
        request = HostRequest(id=call.id, call=call.call)
        key = request.key()
        called = HostCalled(
            path=call.path,
            line=call.line,
            key=key,
            occurrence=self._occurrence(key, call.path),
            request=request,
            phase=self._phases.at(call.path),
            slice=call.slice,
        )
        self._recorder.add(called)
        self._told.place(call.id, call.slice)
        self._reuse.called(called)

    def _occurrence(self, key: str, path: str) -> int:
        """Return how many equal calls came before one on its path."""
        self._occurrences[key, path] += 1
        return self._occurrences[key, path] - 1

    def _agent_called(self, call: CallAgent) -> None:
        request = AgentRequest.resolve(
            call.id, call.agent, self._settings, self._phases.at(call.path), self._cast(call.agent)
        )
        key = request.key()
        called = AgentCalled(
            path=call.path,
            line=call.line,
            key=key,
            occurrence=self._occurrence(key, call.path),
            request=request,
            slice=call.slice,
        )
        self._recorder.add(called)
        if not set(SPAWNING).isdisjoint(request.tools):
            self._may_ask(called, (*self._chain, *(home.name for home in self._phases.homes.of(call.path))))
        pause = self._admission.called(call) if self._budget.enrol(request, call.slice) else None
        if pause is not None:
            self._scheduler.pause(pause.reason, pause.message)
        elif self._gate is not None:
            self._gate.called(call)
        self._told.place(call.id, call.slice)
        self._reuse.called(called)

    def _settle(self) -> None:
        """Use the answers of calls again that have any, and queue the others."""
        for called in self._reuse.settle():
            if isinstance(called, HostCalled):
                self._desk.submit(called, self._results)
            else:
                self._scheduler.submit(called, self._results)

    def cancelled(self, number: int) -> None:
        """Stop whoever answers a call."""
        self._settle()
        self._reuse.cancel(number)
        self._desk.cancel(number)
        self._scheduler.cancel(number)

    def fan_out(self, message: FanOutBegan | FanOutEnded) -> None:
        """Record the beginning or the end of a fan-out; hold one that does not fit, or is wider than approved."""
        event = fan_out_event(message)
        self._recorder.add(event)
        self._reuse.follow(event)
        if isinstance(message, FanOutEnded):
            self._admission.ended(message.path)
            return
        self._settle()
        self._phases.homes.fan_out_began(message.path)
        # Below an agent, those beyond what it may ask do not start: nobody else has to wait for that.
        pause = None if askers(message.path) else self._admission.began(message, self._scheduler)
        if pause is not None:
            self._scheduler.pause(pause.reason, pause.message)
        elif self._gate is not None:
            self._gate.began(message)

    def said(self, say: Say) -> None:
        """Record a note."""
        if say.kind == "phase":
            self._phases.began(say.path, say.data)
        self._recorder.add(said_event(say, self._phases.at(say.path)))

    async def results(self) -> list[Result]:
        """Start what may start, wait for answers, and return them once they are durable.

        What is on record is handed over before anything else comes on record: a replay has no other order to go by.
        """
        self._settle()
        with self._scheduler.cut.ending():
            await self._saved.look_up(returning=True)
        with self._scheduler.closing.ending():
            await self._saved.look_up(returning=False)
        for why in self._saved.unapproved.values():
            self._scheduler.pause("approval", why)
        results = self._results.take()  # these are on record before whatever is recorded now
        if not results and self._reuse and not self._saved:
            return self._reuse.hand_over()  # it is durable already
        for called in self._reuse.undecided.values():
            self._scheduler.pause("decision", f"{called.request.name!r} {HAD_STARTED}")
        self._scheduler.fill()
        self._desk.fill()
        results += self._results.take()  # and so are those that cannot start, of which this has learnt
        self._recorder.commit()
        results = results or await self._wait()
        self._recorder.commit()
        return results

    async def _wait(self) -> list[Result]:
        """Return what comes next; once nothing begins any more, no saved harness does."""
        while not (results := self._saved.load(only_returning=self._scheduler.holds)):
            results = await self._scheduler.wait(self._results)
            if results or self._scheduler.holds or not (self._saved or self._desk):
                break
            self._desk.fill()
        return results
