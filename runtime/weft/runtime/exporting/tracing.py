"""A run as spans of OpenTelemetry, in the conventions for generative AI: of its journal, or while it goes on.

invoke_workflow NAME        an execution of the run
  phase TITLE
    invoke_agent ROLE       with links to the agents it waited for
      chat MODEL            a request to a model
      execute_tool NAME     what an agent did to the world
  execute_tool NAME         a tool that the harness called itself, or `ask` for a question to a person

The names are those of `semantic-conventions-genai` in autumn 2026, where they are still in development; what they have
no name for begins with `weft.`. What agents were asked and answered is there only where content is wanted.
"""

from __future__ import annotations

import json
from typing import Any

from opentelemetry.trace import Link, Span, SpanKind, StatusCode, TracerProvider, set_span_in_context

from weft.primitives.calls import ToolCall
from weft.primitives.lost import Spent
from weft.primitives.skeptics import VOTE
from weft.runtime.analysis.weaving import Weaver
from weft.runtime.border import clean
from weft.runtime.exporting.when import Wall
from weft.runtime.journal import AgentState, RunState
from weft.runtime.journal.agentstate import Phase
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
    Reserved,
    RunEnded,
    RunStarted,
    Steered,
    ToolBegan,
    ToolEnded,
)

__all__ = ["LONGEST", "Tracing", "model_of", "role_of", "usage_of"]

MOST_LINKS = 64
"""To how many agents that it waited for one has links."""

LONGEST = 32_000
"""How many letters of a text are in an attribute."""


class Tracing:
    """Takes the events of a run, from its beginning or from a later execution, and makes spans of them."""

    def __init__(self, provider: TracerProvider, *, content: bool = False) -> None:
        """Prepare to make spans; `content` is whether what agents were asked and answered is in them."""
        self._tracer = provider.get_tracer("weft")
        self._content = content
        self._root: Span | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._state = RunState()
        self._weaver = Weaver()
        self._phases: dict[Phase, Span] = {}
        self._until: dict[Phase, float] = {}
        self._agents: dict[int, Span] = {}
        """Those at work, by number."""
        self._ended: dict[int, Span] = {}
        self._chats: dict[int, dict[int, Span]] = {}
        """Requests that are under way, by agent and number."""
        self._settled: dict[int, Spent] = {}
        self._calls: dict[tuple[int, int], Span] = {}
        """Tools at work, by the call and the number of the act; 0 for the call of the harness itself."""

    def __call__(self, at: float, event: Event) -> None:
        """Take in one more event."""
        if isinstance(event, RunStarted):
            self._begin(at, event)
            return
        if self._root is None:
            return
        self._state.apply(at, event)
        self._weaver.take(at, event)
        match event:
            case PhaseBegan(title=title):
                self._phase(at, next(phase for phase in reversed(self._state.phases) if phase.title == title))
            case AgentsStarted(ids=ids):
                for number in ids:
                    self._agent(at, self._state.agents[number])
            case AgentFinished() | AgentLost() | AgentCancelled():
                self._end_agent(at, self._state.agents[event.id])
            case MoneyMoved():
                self._move(at, event)
            case ToolBegan() | ToolEnded() | HostCalled() | HostAnswered() | HostCancelled():
                self._tool(at, event)
            case FindingReported() | Steered():
                self._note(at, event)
            case RunEnded():
                self._end(at)
            case _:
                pass

    def close(self) -> None:
        """End what has no end on record: the run goes on, or was killed."""
        if self._root is not None and self._root.is_recording():
            self._end(self._state.at)

    # ------------------------------------------------------------------------------------------ the run

    def _begin(self, at: float, event: RunStarted) -> None:
        before = self._root
        if before is not None and before.is_recording():
            self._end(self._state.at)
        self._begin_anew()
        self._wall = Wall(event, at)
        self._state.apply(at, event)
        self._weaver.take(at, event)
        attributes = {
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.workflow.name": event.name,
            "gen_ai.conversation.id": event.run,
            "weft.run.id": event.run,
            "weft.script.sha256": event.digest,
            **({"weft.budget.limit_usd": event.settings.budget_usd} if event.settings.budget_usd is not None else {}),
        }
        links = [] if before is None else [Link(before.get_span_context())]
        name = f"invoke_workflow {event.name}"
        self._root = self._tracer.start_span(
            name, attributes=clean(attributes), links=links, start_time=self._wall.nanoseconds(at)
        )

    def _end(self, at: float) -> None:
        assert self._root is not None
        for number in [*self._agents]:
            self._end_agent(at, self._state.agents[number])
        for span in self._calls.values():
            span.end(self._wall.nanoseconds(at))
        for phase, span in self._phases.items():
            span.end(self._wall.nanoseconds(self._until.get(phase, at)))
        state, root = self._state, self._root
        root.set_attribute("weft.run.outcome", state.outcome)
        root.set_attribute("weft.run.health", state.health)
        root.set_attribute("weft.cost.usd", state.spent.usd)
        root.set_attribute("weft.losses", len(state.lost) + len(state.host_calls.lost) + len(state.raised))
        if state.ended is not None and state.ended.outcome == "error" and state.ended.problem is not None:
            _failed(root, state.ended.problem.type, state.ended.problem.message)
        if self._content and state.ended is not None and state.ended.result is not None:
            root.set_attribute("gen_ai.output.messages", _messages("assistant", state.ended.result))
        root.end(self._wall.nanoseconds(at))

    def _phase(self, at: float, phase: Phase) -> Span:
        """Return the span of a phase, which begins with what is first known of it."""
        span = self._phases.get(phase)
        if span is None:
            name = " › ".join([*phase.within, phase.title or ""])
            attributes = {"weft.phase.name": name, "weft.phase.index": len(self._phases)}
            span = self._phases[phase] = self._child(f"phase {name}", self._root, at, attributes)
        return span

    def _note(self, at: float, event: FindingReported | Steered) -> None:
        assert self._root is not None
        if isinstance(event, Steered):
            self._root.add_event(f"weft.{event.verb}", {"weft.detail": clean(event.detail)}, self._wall.nanoseconds(at))
        else:
            said = {"weft.finding": _json(event.data)} if self._content else {}
            self._root.add_event("weft.finding", said, self._wall.nanoseconds(at))

    # ------------------------------------------------------------------------------------------ agents

    def _agent(self, at: float, agent: AgentState) -> Span:
        called, request = agent.called, agent.called.request
        phase = self._root if agent.phase.title is None else self._phase(agent.queued_at, agent.phase)
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": role_of(agent),
            "gen_ai.conversation.id": self._state.started.run if self._state.started is not None else "",
            "gen_ai.request.model": model_of(request.model)[1],
            "weft.agent.id": called.id,
            "weft.agent.label": request.label or f"agent {called.id}",
            "weft.agent.source": "cached" if agent.reused else "live",
            "weft.call.key": called.key,
            "weft.queue.wait_s": max(0.0, at - agent.queued_at),
            **({"gen_ai.request.max_tokens": request.max_tokens} if request.max_tokens else {}),
            **({"gen_ai.output.type": "json"} if request.schema is not None else {}),
        }
        if self._content:
            attributes["gen_ai.input.messages"] = _messages("user", request.prompt)
        before = self._weaver.before(called.id, MOST_LINKS)
        links = [Link(self._ended[number].get_span_context()) for number in before if number in self._ended]
        span = self._child(f"invoke_agent {role_of(agent)}", phase, at, attributes, links)
        self._agents[called.id] = span
        return span

    def _end_agent(self, at: float, agent: AgentState) -> None:
        called = agent.called
        if called.id not in self._agents and agent.standing == "cancelled":
            return  # it had no turn
        span = self._agents[called.id] if called.id in self._agents else self._agent(at, agent)
        del self._agents[called.id]
        self._end_chats(at, agent)
        for which in [which for which in self._calls if which[0] == called.id and which[1]]:
            self._end_tool(at, which, "the agent was ended meanwhile")
        for name, value in usage_of(agent.spent).items():
            span.set_attribute(name, value)
        span.set_attribute("weft.cost.usd", agent.spent.usd)
        if agent.finished is not None:
            span.set_attribute("weft.agent.attempts", agent.finished.attempts)
            self._voted(at, agent, span)
            if self._content:
                span.set_attribute("gen_ai.output.messages", _messages("assistant", agent.finished.value))
        if agent.lost is not None:
            _failed(span, agent.lost.cause, agent.lost.message)
        elif agent.standing == "cancelled":
            _failed(span, "cancelled", "nobody waited for it any more")
        span.end(self._wall.nanoseconds(at))
        self._ended[called.id] = span
        self._until[agent.phase] = at

    def _voted(self, at: float, agent: AgentState, span: Span) -> None:
        """Let a vote on a claim be an evaluation."""
        value = agent.finished.value if agent.finished is not None else None
        if agent.called.request.schema == VOTE and isinstance(value, dict):
            said = {"gen_ai.evaluation.name": "verify", "gen_ai.evaluation.score.label": str(value.get("verdict"))}
            if self._content:
                said["gen_ai.evaluation.explanation"] = clean(str(value.get("reason"))[:LONGEST])
            span.add_event("gen_ai.evaluation.result", said, self._wall.nanoseconds(at))

    # ------------------------------------------------------------------------------------------ requests and tools

    def _move(self, at: float, event: MoneyMoved) -> None:
        for reserved in event.reserved:
            self._chat(at, reserved)
        for settled in event.settled:
            span = self._chats.get(settled.agent, {}).pop(settled.number, None)
            if span is not None:
                self._settled[settled.agent] = self._settled.get(settled.agent, Spent()) + settled.spent
                self._end_chat(at, span, settled.spent)

    def _chat(self, at: float, reserved: Reserved) -> None:
        agent = self._agents.get(reserved.agent)
        if agent is None:
            return
        provider, model = model_of(self._state.agents[reserved.agent].called.request.model)
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": model,
            "weft.budget.reserved_usd": reserved.usd,
        }
        span = self._child(f"chat {model}", agent, at, attributes, kind=SpanKind.CLIENT)
        self._chats.setdefault(reserved.agent, {})[reserved.number] = span

    def _end_chats(self, at: float, agent: AgentState) -> None:
        """End the requests of an agent that has ended: what they used it says itself, the last of them the rest."""
        number = agent.called.id
        left = [*self._chats.pop(number, {}).values()]
        rest = agent.spent - self._settled.pop(number, Spent())
        for place, span in enumerate(left, start=1):
            self._end_chat(at, span, rest if place == len(left) and rest.tokens > 0 else Spent())

    def _end_chat(self, at: float, span: Span, spent: Spent) -> None:
        for name, value in usage_of(spent).items():
            span.set_attribute(name, value)
        span.set_attribute("weft.cost.usd", spent.usd)
        span.end(self._wall.nanoseconds(at))

    def _tool(self, at: float, event: ToolBegan | ToolEnded | HostCalled | HostAnswered | HostCancelled) -> None:
        match event:
            case ToolBegan(id=number, number=act, tool=tool) if number in self._agents:
                subject = {"gen_ai.tool.call.arguments": clean(event.subject)} if self._content else {}
                self._calls[number, act] = self._execute(at, tool, self._agents[number], subject)
            case ToolEnded(id=number, number=act) if (number, act) in self._calls and act:
                self._end_tool(at, (number, act), event.failed)
            case HostCalled(id=number, request=request):
                call = request.call
                name = call.name if isinstance(call, ToolCall) else "ask"
                said = _json(call.arguments) if isinstance(call, ToolCall) else clean(call.text)
                arguments = {"gen_ai.tool.call.arguments": said} if self._content else {}
                self._calls[number, 0] = self._execute(at, name, self._root, arguments)
            case HostAnswered(id=number, lost=lost) if (number, 0) in self._calls:
                self._end_tool(at, (number, 0), None if lost is None else lost.message)
            case HostCancelled(id=number) if (number, 0) in self._calls:
                self._end_tool(at, (number, 0), "nobody waited for it any more")
            case _:
                pass

    def _execute(self, at: float, name: str, parent: Span | None, more: dict[str, Any]) -> Span:
        attributes = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, **more}
        return self._child(f"execute_tool {name}", parent, at, attributes)

    def _end_tool(self, at: float, which: tuple[int, int], failed: str | None) -> None:
        span = self._calls.pop(which)
        if failed is not None:
            _failed(span, "tool_error", failed)
        span.end(self._wall.nanoseconds(at))

    def _child(
        self,
        name: str,
        parent: Span | None,
        at: float,
        attributes: dict[str, Any],
        links: list[Link] | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> Span:
        assert parent is not None
        return self._tracer.start_span(
            clean(name),
            context=set_span_in_context(parent),
            kind=kind,
            attributes=clean(attributes),
            links=links,
            start_time=self._wall.nanoseconds(at),
        )


def role_of(agent: AgentState) -> str:
    """Return what an agent is for, of which a harness has few: its profile, else its phase."""
    return agent.called.request.profile or agent.phase.title or "agent"


def model_of(name: str) -> tuple[str, str]:
    """Return the provider and the model that a name such as `anthropic:claude-sonnet-5-5` means."""
    provider, colon, model = name.partition(":")
    return (provider, model) if colon else ("weft", name)


def usage_of(spent: Spent) -> dict[str, int]:
    """Return what was used as attributes: the input counts what caches gave and took."""
    kept = {
        "gen_ai.usage.cache_read.input_tokens": spent.cache_read_tokens,
        "gen_ai.usage.cache_write.input_tokens": spent.cache_write_tokens,
    }
    return {
        "gen_ai.usage.input_tokens": spent.input_tokens,
        "gen_ai.usage.output_tokens": spent.output_tokens,
        **{name: tokens for name, tokens in kept.items() if tokens},
    }


def _failed(span: Span, kind: str, message: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR, clean(message)[:LONGEST])


def _messages(role: str, value: Any) -> str:
    text = value if isinstance(value, str) else _json(value)
    return _json([{"role": role, "parts": [{"type": "text", "content": clean(text)[:LONGEST]}]}])


def _json(value: Any) -> str:
    return json.dumps(clean(value), ensure_ascii=False)[: 2 * LONGEST]
