"""Measures of a run that goes on, by the conventions of OpenTelemetry for generative AI; spans of it are `tracing`."""

from __future__ import annotations

from typing import Any

from opentelemetry.metrics import MeterProvider

from weft.runtime.exporting.tracing import model_of, role_of
from weft.runtime.journal import AgentState, RunState
from weft.runtime.journal.events import (
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentLost,
    Event,
    FindingReported,
    RunEnded,
    RunStarted,
)

__all__ = ["Measures"]


class Measures:
    """Takes the events of a run, and adds them up."""

    def __init__(self, provider: MeterProvider) -> None:
        meter = provider.get_meter("weft")
        token = "gen_ai.client.inference.usage"
        self._tokens = {
            kind: meter.create_counter(f"{token}.{kind}", "{token}")
            for kind in ("input_tokens", "output_tokens", "cache_read.input_tokens", "cache_write.input_tokens")
        }
        self._cost = meter.create_counter("weft.run.cost", "{USD}", "Dollars at list price")
        self._agents = meter.create_up_down_counter("weft.agents", "{agent}", "Agents by their state")
        self._losses = meter.create_counter("weft.losses", "{agent}", "Agents that were lost")
        self._findings = meter.create_counter("weft.findings", "{finding}", "What the harness has published")
        self._cached = meter.create_counter("weft.cache.calls", "{call}", "Agents, by whether the journal answered")
        self._queue = meter.create_histogram("weft.queue.wait", "s", "How long agents waited for their turn")
        self._agent = meter.create_histogram("gen_ai.invoke_agent.duration", "s", "How long agents were at work")
        self._run = meter.create_histogram("gen_ai.invoke_workflow.duration", "s", "How long executions took")
        self._state = RunState()
        self._standing: dict[int, dict[str, Any]] = {}

    def __call__(self, at: float, event: Event) -> None:
        """Take in one more event."""
        self._state.apply(at, event)
        match event:
            case RunStarted():
                self._standing = {}
            case AgentCalled(id=number):
                self._stand(self._state.agents[number])
            case AgentFinished() | AgentLost() | AgentCancelled():
                self._ended(self._state.agents[event.id])
            case FindingReported():
                self._findings.add(1, self._run_attributes())
            case RunEnded():
                error = event.problem.type if event.problem is not None else None
                self._run.record(at - self._state.began_at, self._run_attributes() | _error(error))
            case _:
                pass

    def _run_attributes(self) -> dict[str, Any]:
        return {"gen_ai.workflow.name": self._state.started.name if self._state.started is not None else ""}

    def _of(self, agent: AgentState) -> dict[str, Any]:
        return self._run_attributes() | {"weft.phase.name": agent.phase.title or ""}

    def _stand(self, agent: AgentState) -> None:
        number = agent.called.id
        before = self._standing.pop(number, None)
        if before is not None:
            self._agents.add(-1, before)
        now = self._standing[number] = self._of(agent) | {"state": agent.standing}
        self._agents.add(1, now)

    def _ended(self, agent: AgentState) -> None:
        self._stand(agent)
        of, error = self._of(agent), None if agent.lost is None else agent.lost.cause
        provider, model = model_of(agent.model)
        self._cached.add(1, of | {"weft.cache.hit": agent.reused})
        if agent.lost is not None:
            self._losses.add(1, of | _error(error))
        if agent.reused or agent.started_at is None or agent.ended_at is None:
            return
        self._queue.record(agent.started_at - agent.queued_at, of)
        role = {"gen_ai.agent.name": role_of(agent), "gen_ai.request.model": model}
        self._agent.record(agent.ended_at - agent.started_at, role | _error(error))
        self._cost.add(max(0.0, agent.spent.usd), of)
        used = {
            "input_tokens": agent.spent.input_tokens,
            "output_tokens": agent.spent.output_tokens,
            "cache_read.input_tokens": agent.spent.cache_read_tokens,
            "cache_write.input_tokens": agent.spent.cache_write_tokens,
        }
        said = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": provider, "gen_ai.request.model": model}
        for kind, tokens in used.items():
            self._tokens[kind].add(tokens, said | {"gen_ai.token.modality": "text"})


def _error(kind: str | None) -> dict[str, Any]:
    return {} if kind is None else {"error.type": kind}
