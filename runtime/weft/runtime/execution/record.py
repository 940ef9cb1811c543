"""What happens during an execution, as events of its journal: what the harness says, and what agents do.

The journal's lifetime, from the first event of a run to its result, is `recording`.
"""

from __future__ import annotations

from weft.primitives.lost import Lost
from weft.runtime.agents.answer import Answer
from weft.runtime.execution.allowances import Told
from weft.runtime.journal import Recorder
from weft.runtime.journal.events import (
    AgentAsksAgain,
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentGoesOn,
    AgentLost,
    AgentQuiet,
    AgentsStarted,
    AgentWaits,
    BranchRaised,
    FanOutBegan,
    FanOutEnded,
    FindingReported,
    HostAnswered,
    HostCalled,
    HostCancelled,
    Logged,
    LoopEnded,
    PhaseBegan,
    RoundBegan,
    ToolBegan,
    ToolEnded,
    UnderstandingReported,
    VerdictReached,
)
from weft.runtime.money.budget import Budget
from weft.runtime.request import AgentRequest
from weft.runtime.scheduling.admission import Admission
from weft.runtime.scheduling.desk import Answered
from weft.runtime.trail import Trail
from weft.runtime.understood import Understood
from weft.runtime.working import Act, WaitsFor
from weft.sandbox import protocol
from weft.sandbox.protocol import Result, Say

Said = (
    PhaseBegan
    | Logged
    | FindingReported
    | UnderstandingReported
    | RoundBegan
    | LoopEnded
    | VerdictReached
    | BranchRaised
)
"""What a harness says besides its calls."""

__all__ = ["AgentsRecord", "HostRecord", "fan_out_event", "host_result", "said_event"]


def fan_out_event(message: protocol.FanOutBegan | protocol.FanOutEnded) -> FanOutBegan | FanOutEnded:
    """Return the beginning or the end of a fan-out as an event."""
    if isinstance(message, protocol.FanOutEnded):
        return FanOutEnded(path=message.path, lost=message.lost, dropped=message.dropped, cancelled=message.cancelled)
    return FanOutBegan(
        path=message.path,
        line=message.line,
        kind=message.kind,
        width=message.width,
        agents=message.agents,
        quorum=message.quorum,
        chain=message.chain,
    )


def said_event(say: Say, phase: str | None) -> Said:
    """Return what the harness said, in a phase, as an event."""
    match say.kind:
        case "phase":
            return PhaseBegan(title=say.data, path=say.path)
        case "log":
            return Logged(message=say.data)
        case "finding":
            return FindingReported(data=say.data)
        case "understood":
            return UnderstandingReported(understood=Understood(**say.data).brief())
        case "round":
            return RoundBegan(path=say.path, line=say.line, **say.data)
        case "verdict":
            votes = tuple((opinion, discounted) for opinion, discounted in say.data["votes"])
            return VerdictReached(path=say.path, line=say.line, phase=phase, **say.data | {"votes": votes})
        case "loop":
            return LoopEnded(path=say.path, line=say.line, phase=phase, **say.data)
        case "raised":
            return BranchRaised(path=say.path, index=say.data["index"], message=say.data["message"], line=say.line)


class AgentsRecord:
    """Records what agents do; implements `Observer` for the scheduler."""

    def __init__(self, recorder: Recorder, budget: Budget, told: Told, admission: Admission) -> None:
        self._recorder = recorder
        self._budget = budget
        self._told = told
        self._admission = admission

    def agents_start(self, calls: list[AgentCalled]) -> None:
        """Record that agents start, and make all that was recorded durable."""
        if calls:
            self._recorder.add(AgentsStarted(ids=tuple(called.id for called in calls)))
        self._recorder.commit()

    def agent_cancelled(self, request: AgentRequest, trail: Trail) -> None:
        """Record that an agent was ended, and what it has cost."""
        self._recorder.add(_cancelled(request.id, self._budget, trail))

    def agent_waits(self, request: AgentRequest, reason: WaitsFor, detail: str, seconds: float | None) -> None:
        """Show that an agent waits, at once: it may be long before anything else happens."""
        self._recorder.add(AgentWaits(id=request.id, reason=reason, detail=detail, seconds=seconds))
        self._recorder.commit()

    def agent_goes_on(self, request: AgentRequest) -> None:
        """Record that an agent is at work again."""
        self._recorder.add(AgentGoesOn(id=request.id))

    def agent_asks_again(self, request: AgentRequest, detail: str, seconds: float) -> None:
        """Show that an agent's request failed in passing, and when it is sent again."""
        self._recorder.add(AgentAsksAgain(id=request.id, detail=detail, seconds=seconds))
        self._recorder.commit()

    def agent_quiet(self, request: AgentRequest, seconds: float) -> None:
        """Show that nothing is heard of an agent's model."""
        self._recorder.add(AgentQuiet(id=request.id, seconds=seconds))
        self._recorder.commit()

    def agent_acts(self, request: AgentRequest, number: int, act: Act) -> None:
        """Record that an agent is about to act; it does so once this is durable."""
        self._recorder.add(ToolBegan(id=request.id, number=number, **act._asdict()))
        self._recorder.commit()

    def agent_acted(self, request: AgentRequest, number: int, failed: str | None) -> None:
        """Record that it has, or why it failed."""
        self._recorder.add(ToolEnded(id=request.id, number=number, failed=failed))

    def agent_ended(self, request: AgentRequest, answer: Answer, trail: Trail) -> Result:
        """Record how an agent ended, and return what that is to the harness."""
        self._told.go_further()
        allowances = self._told.answering(request.id)
        if answer.lost is not None:
            self._recorder.add(
                AgentLost(
                    id=request.id,
                    lost=answer.lost,
                    by_model=self._budget.by_model(request.id),
                    touched=answer.touched,
                    transcript=answer.transcript,
                    trail=trail,
                    **allowances,
                )
            )
        else:
            spent = self._budget.account(request.id)
            self._admission.finished(spent)
            self._recorder.add(
                AgentFinished(
                    id=request.id,
                    value=answer.value,
                    attempts=answer.attempts,
                    spent=spent,
                    by_model=self._budget.by_model(request.id, answer.answered_by),
                    touched=answer.touched,
                    transcript=answer.transcript,
                    answered_by=answer.answered_by,
                    understood=answer.understood,
                    kept=answer.kept,
                    trail=trail,
                    **allowances,
                )
            )
        touched = answer.touched if answer.lost is None else None  # what a lost one has seen is for people
        return Result(id=request.id, value=answer.value, lost=answer.lost, touched=touched, **allowances)


def _cancelled(agent: int, budget: Budget, trail: Trail) -> AgentCancelled:
    return AgentCancelled(id=agent, spent=budget.account(agent), by_model=budget.by_model(agent), trail=trail)


class HostRecord:
    """Records what comes of calls of the host; implements `HostObserver` for the desk."""

    def __init__(self, recorder: Recorder, told: Told) -> None:
        self._recorder = recorder
        self._told = told

    def host_answered(self, called: HostCalled, answered: Answered) -> Result:
        """Record what a call came to, and return what that is to the harness."""
        self._told.go_further()
        allowances = self._told.answering(called.id)
        if isinstance(answered, Lost):
            event = HostAnswered(id=called.id, lost=answered, by="tool", **allowances)
        else:
            event = HostAnswered(
                id=called.id,
                value=answered.value,
                by=answered.by,
                who=answered.who,
                touched=answered.touched,
                **allowances,
            )
        self._recorder.add(event)
        return host_result(event)

    def host_acts(self, called: HostCalled, act: Act) -> None:
        """Record that a call is about to act; it does so once this is durable."""
        self._recorder.add(ToolBegan(id=called.id, number=1, **act._asdict()))
        self._recorder.commit()

    def host_acted(self, called: HostCalled, failed: str | None) -> None:
        """Record that it has, or why it failed."""
        self._recorder.add(ToolEnded(id=called.id, number=1, failed=failed))

    def host_cancelled(self, called: HostCalled) -> None:
        """Record that nobody waits for a call any more."""
        self._recorder.add(HostCancelled(id=called.id))


def host_result(event: HostAnswered) -> Result:
    """Return what an answer of the host is to the harness."""
    return Result(
        id=event.id,
        value=event.value,
        lost=event.lost,
        touched=event.touched,
        allowance=event.allowance,
        slices=event.slices,
    )
