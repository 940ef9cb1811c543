"""Measures of a run that goes on, by the conventions of OpenTelemetry for generative AI; spans of it are `tracing`."""

from __future__ import annotations

from typing import Any

from opentelemetry.metrics import Meter, MeterProvider

from weft.primitives.calls import ToolCall
from weft.runtime.exporting.conventions import INSTRUMENTS, LONG
from weft.runtime.exporting.said import role_of, tool_type
from weft.runtime.exporting.steps import Sent, Steps, Used, model_of
from weft.runtime.journal import AgentState, RunState
from weft.runtime.journal.events import (
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentLost,
    AgentsStarted,
    Event,
    FindingReported,
    HostAnswered,
    MoneyMoved,
    RunEnded,
    RunStarted,
    ToolBegan,
    ToolEnded,
)

__all__ = ["Measures"]


class Measures:
    """Takes the events of a run, and adds them up."""

    def __init__(self, provider: MeterProvider) -> None:
        """Prepare to measure; `provider` is who takes it."""
        meter = provider.get_meter("weft")
        self._all: dict[str, Any] = {name: _instrument(meter, name) for name in INSTRUMENTS}
        self._cost = meter.create_counter("weft.run.cost", "{USD}", "Dollars at list price")
        self._left = meter.create_gauge("weft.budget.remaining", "{USD}", "Dollars that are left under the ceiling")
        self._agents = meter.create_up_down_counter("weft.agents", "{agent}", "Agents by their state")
        self._losses = meter.create_counter("weft.losses", "{agent}", "Agents that were lost")
        self._findings = meter.create_counter("weft.findings", "{finding}", "What the harness has published")
        self._cached = meter.create_counter("weft.cache.calls", "{call}", "Agents, by whether the journal answered")
        self._queue = meter.create_histogram(
            "weft.queue.wait", "s", "How long agents waited for their turn", explicit_bucket_boundaries_advisory=LONG
        )
        self._state = RunState()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._steps = Steps()
        self._standing: dict[int, dict[str, Any]] = {}
        """By agent that has not ended, as what it is counted."""
        self._asked = self._used = 0
        """How many requests and calls of tools there were."""

    def __call__(self, at: float, event: Event) -> None:
        """Take in one more event."""
        self._state.apply(at, event)
        match event:
            case RunStarted():
                self._begin_anew()
            case AgentCalled(id=number):
                self._stand(self._state.agents[number])
            case AgentsStarted(ids=ids):
                for number in ids:
                    self._stand(self._state.agents[number])
            case AgentFinished() | AgentLost() | AgentCancelled():
                self._ended(at, self._state.agents[event.id])
            case MoneyMoved():
                self._steps.take(at, event)
            case ToolBegan() | ToolEnded() if event.id in self._state.agents:
                self._steps.take(at, event)
            case HostAnswered(id=number, reused=False):
                self._called(at, number)
            case FindingReported():
                self._findings.add(1, self._run())
            case RunEnded():
                self._end(at, event)
            case _:
                pass

    def _run(self) -> dict[str, Any]:
        return {"gen_ai.workflow.name": self._state.started.name if self._state.started is not None else ""}

    def _of(self, agent: AgentState) -> dict[str, Any]:
        return self._run() | {"weft.phase.name": agent.phase.title or ""}

    def _end(self, at: float, event: RunEnded) -> None:
        error = event.problem.type if event.problem is not None else None
        self._record("gen_ai.invoke_workflow.duration", at - self._state.began_at, self._run() | _error(error))
        self._record("gen_ai.invoke_workflow.inference_calls", self._asked, self._run())
        self._record("gen_ai.invoke_workflow.tool_calls", self._used, self._run())

    def _record(self, name: str, value: float, said: dict[str, Any]) -> None:
        self._all[name].record(value, said)

    # ------------------------------------------------------------------------------------------ agents

    def _stand(self, agent: AgentState) -> None:
        """Count an agent as what it is now, and no more as what it was."""
        before = self._standing.pop(agent.called.id, None)
        if before is not None:
            self._agents.add(-1, before)
        now = self._of(agent) | {"state": agent.standing}
        if agent.ended_at is None:
            self._standing[agent.called.id] = now
        self._agents.add(1, now)

    def _ended(self, at: float, agent: AgentState) -> None:
        self._stand(agent)
        of, error = self._of(agent), None if agent.lost is None else agent.lost.cause
        self._cached.add(1, of | {"weft.cache.hit": agent.reused})
        if agent.lost is not None:
            self._losses.add(1, of | _error(error))
        sent = self._steps.requests(at, agent)
        used = self._steps.tools(at, agent)
        if agent.reused or agent.started_at is None or agent.ended_at is None:
            return
        self._queue.record(agent.started_at - agent.queued_at, of)
        for model, spent in agent.costs.items():
            self._cost.add(max(0.0, spent.usd), of | {"gen_ai.request.model": model_of(model)[1]})
        budget = self._state.started.settings.budget_usd if self._state.started is not None else None
        if budget is not None:
            self._left.set(max(0.0, budget - self._state.spent.usd), self._run())
        self._asked, self._used = self._asked + len(sent), self._used + len(used)
        role = role_of(agent)
        said = {"gen_ai.agent.name": role, "gen_ai.request.model": model_of(agent.model)[1]}
        ended = _error("cancelled" if agent.standing == "cancelled" else error)
        self._record("gen_ai.invoke_agent.duration", agent.ended_at - agent.started_at, said | ended)
        self._record("gen_ai.invoke_agent.inference_calls", len(sent), said)
        self._record("gen_ai.invoke_agent.tool_calls", len(used), said)
        for one in sent:
            self._sent(one)
        for tool in used:
            self._tool(tool, {"gen_ai.agent.name": role})

    # ------------------------------------------------------------------------------------------ requests and tools

    def _sent(self, sent: Sent) -> None:
        said = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": sent.provider,
            "gen_ai.request.model": sent.model,
            **({"gen_ai.response.model": sent.told.answered_by} if sent.told and sent.told.answered_by else {}),
        }
        self._record("gen_ai.client.inference.duration", sent.ended - sent.began, said | _error(sent.failed))
        if sent.told is not None and sent.told.first is not None:
            self._record("gen_ai.client.inference.time_to_first_chunk", sent.told.first, said)
        spent = sent.spent
        self._record("gen_ai.client.inference.operation.input_tokens", spent.input_tokens, said)
        self._record("gen_ai.client.inference.operation.output_tokens", spent.output_tokens, said)
        used = {
            "input_tokens": spent.input_tokens,
            "output_tokens": spent.output_tokens,
            "cache_read.input_tokens": spent.cache_read_tokens,
            "cache_write.input_tokens": spent.cache_write_tokens,
            "reasoning.output_tokens": spent.reasoning_tokens,
        }
        for kind, tokens in used.items():
            if tokens > 0 or "." not in kind:  # of those that are part of another, only what there is
                counter = self._all[f"gen_ai.client.inference.usage.{kind}"]
                counter.add(max(0, tokens), said | {"gen_ai.token.modality": "unknown"})  # no provider tells them apart

    def _called(self, at: float, number: int) -> None:
        """Measure a tool that the harness has called itself."""
        called = self._state.host_calls[number]
        if isinstance(called.called.request.call, ToolCall):
            self._used += 1
            error = None if called.lost is None else called.lost.cause
            self._tool(Used(called.called.request.call.name, 0, called.called_at, at, error), {})

    def _tool(self, used: Used, by: dict[str, Any]) -> None:
        said = {"gen_ai.tool.name": used.name, "gen_ai.tool.type": tool_type(used.name)}
        self._record("gen_ai.execute_tool.duration", used.ended - used.began, said | by | _error(used.error))


def _instrument(meter: Meter, name: str) -> Any:
    kind, unit, _, buckets = INSTRUMENTS[name]
    if kind == "counter":
        return meter.create_counter(name, unit)
    return meter.create_histogram(name, unit, explicit_bucket_boundaries_advisory=buckets)


def _error(kind: str | None) -> dict[str, Any]:
    return {} if kind is None else {"error.type": kind}
