"""A run as spans of OpenTelemetry, in the conventions for generative AI: of its journal, or while it goes on.

invoke_workflow NAME        an execution of the run, with a link to the one before
  phase TITLE
    invoke_agent ROLE       with links to the agents it waited for; those it asked itself are below it
      chat MODEL            a request to a model; one that was sent again has a link to the first time
      execute_tool NAME     a tool that the agent read or acted with
  execute_tool NAME         a tool that the harness called itself, or `ask` for a question to a person

What each says is in `said`. The same run is the same spans each time, also where it was sent while it went on: their
numbers come of what they stand for.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import (
    Link,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TracerProvider,
    set_span_in_context,
)

from weft.primitives.calls import ToolCall
from weft.primitives.skeptics import VOTE
from weft.runtime.analysis.weaving import Weaver
from weft.runtime.border import clean
from weft.runtime.exporting.said import (
    LONGEST,
    agent_attributes,
    as_text,
    for_viewers,
    messages,
    request_attributes,
    role_of,
    score_of,
    tool_attributes,
    usage_of,
)
from weft.runtime.exporting.steps import Sent, Steps, Used
from weft.runtime.exporting.when import Wall
from weft.runtime.journal import AgentState, RunState
from weft.runtime.journal.agentstate import Phase
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import (
    AgentCancelled,
    AgentFinished,
    AgentLost,
    AgentsStarted,
    Event,
    FindingReported,
    HostAnswered,
    HostCalled,
    HostCancelled,
    MoneyMoved,
    PhaseBegan,
    RunEnded,
    RunStarted,
    Steered,
    ToolBegan,
    ToolEnded,
)
from weft.runtime.journal.executions import Below

__all__ = ["Numbers", "Tracing"]

MOST_LINKS = 64
"""To how many agents that it waited for one has links."""

NOBODY_WAITED = "nobody waited for it any more"

STEERED = {"pause": "weft.paused", "continue": "weft.resumed"}
"""What events are called by which a person has held a run; others by the verb."""


class Numbers(IdGenerator):
    """Gives spans and traces numbers that come of what they stand for: `named` is that of the next."""

    named = ""

    def generate_span_id(self) -> int:
        """Return the number of the next span."""
        return _number(self.named, 8)

    def generate_trace_id(self) -> int:
        """Return the number of its trace, where it is the first in that."""
        return _number(self.named, 16)


def _number(text: str, size: int) -> int:
    """Return a number of so many bytes that a text always comes to, and that is not 0."""
    return int.from_bytes(sha256(text.encode("utf-8", "replace")).digest()[:size]) or 1


class Tracing:
    """Takes the events of a run, from its beginning or from a later execution, and makes spans of them."""

    def __init__(
        self,
        provider: TracerProvider,
        numbers: Numbers,
        *,
        content: bool = False,
        execution: int = 0,
        within: Context | None = None,
        viewers: Collection[str] = (),
    ) -> None:
        """Prepare to make spans.

        Args:
            provider: Who takes them.
            numbers: Who gives them their numbers.
            content: Whether what agents were asked and answered is in them.
            execution: How many executions the run has had before the events that are to come.
            within: Where the run itself stands below a span of others.
            viewers: Those in whose names spans say some things again, see `said.for_viewers`.
        """
        self._tracer = provider.get_tracer("weft")
        self._numbers = numbers
        self._content = content
        self._execution = execution
        self._within = within
        self._viewers = viewers
        self._root: Span | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._state = RunState()
        self._weaver, self._below = Weaver(), Below()
        self._steps = Steps()
        self._phases: dict[Phase, Span] = {}
        self._until: dict[Phase, float] = {}
        self._agents: dict[int, Span] = {}
        """Those at work, by number."""
        self._ended: dict[int, SpanContext] = {}
        self._calls: dict[int, tuple[float, Used]] = {}
        """Those that the harness has made itself and that go on, by number."""

    def __call__(self, at: float, event: Event) -> None:
        """Take in one more event."""
        if isinstance(event, RunStarted):
            self._begin(at, event)
            return
        if self._root is None:
            return
        self._take(at, event)
        match event:
            case PhaseBegan(title=title):
                self._phase(at, next(phase for phase in reversed(self._state.phases) if phase.title == title))
            case AgentsStarted(ids=ids):
                for number in ids:
                    self._agent(at, self._state.agents[number])
            case AgentFinished() | AgentLost() | AgentCancelled():
                self._end_agent(at, self._state.agents[event.id])
            case MoneyMoved():
                self._steps.take(at, event)
            case ToolBegan() | ToolEnded() if event.id in self._state.agents:
                self._steps.take(at, event)
            case HostCalled() | HostAnswered() | HostCancelled():
                self._call(at, event)
            case FindingReported() | Steered():
                self._note(at, event)
            case RunEnded():
                self._end(at)
            case _:
                pass

    def _take(self, at: float, event: Event) -> None:
        self._state.apply(at, event)
        of_harness = self._below.without(event)
        if of_harness is not None:
            self._weaver.take(at, of_harness)

    def close(self) -> None:
        """End what has no end on record: the run goes on, or was killed."""
        if self._root is not None and self._root.is_recording():
            self._end(self._state.at)

    # ------------------------------------------------------------------------------------------ the run

    def _begin(self, at: float, event: RunStarted) -> None:
        self.close()
        self._begin_anew()
        self._wall = Wall(event, at)
        self._take(at, event)
        attributes = {
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.workflow.name": event.name,
            "gen_ai.conversation.id": event.run,
            "weft.run.id": event.run,
            "weft.script.sha256": event.digest,
            **({"weft.budget.limit_usd": event.settings.budget_usd} if event.settings.budget_usd is not None else {}),
        }
        links = [self._link(self._before(event.run), "resumes")] if self._execution else []
        self._execution += 1
        self._root = self._start(f"invoke_workflow {event.name}", "run", None, at, attributes, links)

    def _before(self, run: str) -> SpanContext:
        """Return the span of the execution before the one that begins."""
        name = f"{run}:{self._execution}:run"
        return SpanContext(_number(name, 16), _number(name, 8), is_remote=True, trace_flags=TraceFlags(1))

    def _end(self, at: float) -> None:
        assert self._root is not None
        for number in [*self._agents]:
            self._end_agent(at, self._state.agents[number])
        for number in [*self._calls]:
            self._end_call(at, number, "cancelled", NOBODY_WAITED)
        for phase, span in self._phases.items():
            span.end(self._wall.nanoseconds(self._until.get(phase, at)))
        state, root = self._state, self._root
        root.set_attribute("weft.run.outcome", state.outcome)
        root.set_attribute("weft.run.health", state.health)
        root.set_attribute("weft.cost.usd", state.spent.usd)
        root.set_attribute("weft.losses", len(state.lost) + len(state.host_calls.lost) + len(state.raised))
        if state.ended is not None and state.ended.outcome == "error" and state.ended.problem is not None:
            self._failed(root, state.ended.problem.type, state.ended.problem.message)
        if self._content and state.ended is not None and state.ended.result is not None:
            root.set_attribute("gen_ai.output.messages", messages("assistant", state.ended.result))
        root.end(self._wall.nanoseconds(at))

    def _phase(self, at: float, phase: Phase) -> Span:
        """Return the span of a phase, which begins with what is first known of it."""
        span = self._phases.get(phase)
        if span is None:
            name = " › ".join([*phase.within, phase.title or ""])
            attributes = {"weft.phase.name": name, "weft.phase.index": len(self._phases)}
            span = self._phases[phase] = self._start(f"phase {name}", f"phase:{name}", self._root, at, attributes)
        return span

    def _note(self, at: float, event: FindingReported | Steered) -> None:
        assert self._root is not None
        if isinstance(event, Steered):
            name = STEERED.get(event.verb, f"weft.{event.verb}")
            said = {"weft.detail": clean(event.detail)} if self._content else {}
        else:
            name, said = "weft.finding", {"weft.finding": as_text(event.data)} if self._content else {}
        self._root.add_event(name, said, self._wall.nanoseconds(at))

    # ------------------------------------------------------------------------------------------ agents

    def _agent(self, at: float, agent: AgentState) -> Span:
        number = agent.called.id
        assert self._state.started is not None
        attributes = agent_attributes(agent, self._state.started.run, at, content=self._content)
        name = f"invoke_agent {role_of(agent)}"
        span = self._start(name, f"agent:{number}", self._above(agent), at, attributes, self._links(agent))
        self._agents[number] = span
        return span

    def _above(self, agent: AgentState) -> Span | None:
        """Return below which span an agent stands: of the one that asked it, else of its phase."""
        above = askers(agent.called.path)
        if above:
            return self._agents.get(above[-1], self._root)
        return self._root if agent.phase.title is None else self._phase(agent.queued_at, agent.phase)

    def _links(self, agent: AgentState) -> list[Link]:
        if askers(agent.called.path):
            return []
        kind = "judges" if agent.called.request.schema == VOTE else "waited_for"
        before = self._weaver.before(agent.called.id, MOST_LINKS)
        return [self._link(self._ended[number], kind) for number in before if number in self._ended]

    def _end_agent(self, at: float, agent: AgentState) -> None:
        number = agent.called.id
        if number not in self._agents and agent.standing == "cancelled":
            return  # it had no turn
        span = self._agents[number] if number in self._agents else self._agent(at, agent)
        sent = self._steps.requests(at, agent)
        self._requests(agent, span, sent)
        for used in self._steps.tools(at, agent):
            attributes = tool_attributes(used, role_of(agent), content=self._content)
            self._tool(used, f"agent:{number}/tool:{used.number}", span, attributes)
        del self._agents[number]
        self._say_end(at, agent, span, sent)
        span.end(self._wall.nanoseconds(at))
        self._ended[number] = span.get_span_context()
        self._until[agent.phase] = at

    def _say_end(self, at: float, agent: AgentState, span: Span, sent: list[Sent]) -> None:
        for name, value in usage_of(agent.spent).items():
            span.set_attribute(name, value)
        span.set_attribute("weft.cost.usd", agent.spent.usd)
        finish = sent[-1].told.finish if sent and sent[-1].told is not None else None
        if finish is not None:
            span.set_attribute("gen_ai.response.finish_reasons", [finish])
        if agent.finished is not None:
            value = agent.finished.value
            span.set_attribute("weft.agent.attempts", agent.finished.attempts)
            if agent.called.request.schema == VOTE and isinstance(value, dict):
                said = clean(score_of(value, content=self._content))
                span.add_event("gen_ai.evaluation.result", said, self._wall.nanoseconds(at))
            if self._content:
                span.set_attribute("gen_ai.output.messages", messages("assistant", value))
        if agent.lost is not None:
            self._failed(span, agent.lost.cause, agent.lost.message)
        elif agent.standing == "cancelled":
            self._failed(span, "cancelled", NOBODY_WAITED)

    def _requests(self, agent: AgentState, above: Span, sent: list[Sent]) -> None:
        assert self._state.started is not None
        first: SpanContext | None = None
        for one in sent:
            resent = one.told is not None and one.told.resent
            links = [self._link(first, "retries")] if resent and first is not None else []
            attributes = request_attributes(one, agent, self._state.started.run)
            key = f"agent:{agent.called.id}/chat:{one.number}"
            span = self._start(f"chat {one.model}", key, above, one.began, attributes, links, SpanKind.CLIENT)
            if one.failed is not None:
                span.set_status(StatusCode.ERROR)
            span.end(self._wall.nanoseconds(one.ended))
            first = first if resent else span.get_span_context()

    # ------------------------------------------------------------------------------------------ calls of the harness

    def _call(self, at: float, event: HostCalled | HostAnswered | HostCancelled) -> None:
        match event:
            case HostCalled(id=number, request=request):
                call = request.call
                name = call.name if isinstance(call, ToolCall) else "ask"
                said = as_text(call.arguments) if isinstance(call, ToolCall) else clean(call.text)
                self._calls[number] = (at, Used(name, 0, at, at, None, "", said))
            case HostAnswered(id=number, lost=lost):
                self._end_call(at, number, None if lost is None else lost.cause, "" if lost is None else lost.message)
            case HostCancelled(id=number):
                self._end_call(at, number, "cancelled", NOBODY_WAITED)

    def _end_call(self, at: float, number: int, error: str | None, message: str) -> None:
        _, called = self._calls.pop(number, (at, None))
        if called is not None:
            used = called._replace(ended=at, error=error, message=message)
            self._tool(used, f"call:{number}", self._root, tool_attributes(used, None, content=self._content))

    # ------------------------------------------------------------------------------------------ spans

    def _tool(self, used: Used, key: str, above: Span | None, attributes: dict[str, Any]) -> None:
        span = self._start(f"execute_tool {used.name}", key, above, used.began, attributes)
        if used.error is not None:
            self._failed(span, used.error, used.message)
        span.end(self._wall.nanoseconds(used.ended))

    def _start(
        self,
        name: str,
        key: str,
        above: Span | None,
        at: float,
        attributes: dict[str, Any],
        links: list[Link] | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> Span:
        """Begin a span: what it stands for in the execution is `key`."""
        assert self._state.started is not None
        self._numbers.named = f"{self._state.started.run}:{self._execution}:{key}"
        return self._tracer.start_span(
            clean(name),
            context=self._within if above is None else set_span_in_context(above),
            kind=kind,
            attributes=clean(for_viewers(attributes, self._viewers)),
            links=links,
            start_time=self._wall.nanoseconds(at),
        )

    def _link(self, to: SpanContext, why: str) -> Link:
        return Link(to, {"weft.link": why})

    def _failed(self, span: Span, kind: str, message: str) -> None:
        """Say that something failed; what exactly, is content."""
        span.set_attribute("error.type", clean(kind))
        span.set_status(StatusCode.ERROR, clean(message)[:LONGEST] if self._content else None)
