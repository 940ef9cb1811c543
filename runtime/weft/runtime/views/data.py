"""Runs and agents as JSON data, for `--json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from weft.runtime.execution.result import result_object
from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.fold import RunState
from weft.runtime.journal.hoststate import HostCallState

__all__ = ["LISTS", "agent_object", "host_call_object", "row_object", "run_object"]


def run_object(state: RunState) -> dict[str, Any]:
    """Return a run with its agents, phases, logs and findings."""
    started = state.started
    assert started is not None
    return {
        **result_object(state),
        "name": started.name,
        "task": started.task,
        "started_at": started.now,
        "digest": started.digest,
        "args": started.args,
        "settings": asdict(started.settings) | {"folders": [str(folder) for folder in started.settings.folders]},
        "held": {name: asdict(both) | {"whose": both.whose} for name, both in started.held.items()},
        "bound": started.bound,
        "base": None if started.base is None else asdict(started.base),
        "walls": state.walls,
        "phases": [phase.title for phase in state.phases if phase.title is not None and not phase.within],
        "calls": [row_object(agent) for agent in state.agents.values()],
        **{name: listed(state) for name, listed in LISTS.items()},
    }


def row_object(agent: AgentState) -> dict[str, Any]:
    """Return what is known of one agent, without what was said."""
    called, above = agent.called, askers(agent.called.path)
    asked_by = {"asked_by": above[-1]} if above else {}
    return {
        **asked_by,
        "id": called.id,
        "label": called.request.name,
        "phase": called.request.phase,
        "workflow": agent.phase.within[-1] if agent.phase.within else None,
        "state": agent.standing,
        "path": called.path,
        "line": called.line,
        "key": called.key,
        "occurrence": called.occurrence,
        "model": agent.model,
        "queued_at": agent.queued_at,
        "started_at": agent.started_at,
        "ended_at": agent.ended_at,
        "spent": agent.spent.as_data(),
        **({"by_model": {model: cost.as_data() for model, cost in agent.costs.items()}} if agent.by_model else {}),
        "touched": _touched(agent),
    }


def _touched(agent: AgentState) -> list[str] | None:
    """Return what an agent's tools opened, asked and did; nothing where that is not on record."""
    if agent.finished is None and not agent.touched:
        return []
    return None if agent.touched is None else list(agent.touched)


def host_call_object(call: HostCallState) -> dict[str, Any]:
    """Return all that is known of one call of the host."""
    called, answered = call.called, call.answered
    return {
        "id": called.id,
        "kind": "tool" if call.question is None else "question",
        "label": called.request.name,
        "phase": called.phase,
        "state": call.standing,
        "path": called.path,
        "line": called.line,
        "key": called.key,
        "occurrence": called.occurrence,
        "called_at": call.called_at,
        "ended_at": call.ended_at,
        "request": asdict(called.request.call),
        "result": answered.value if answered else None,
        "by": answered.by if answered else None,
        "who": answered.who if answered else "",
        "lost": asdict(call.lost) if call.lost else None,
        "touched": list(answered.touched) if answered else [],
        "reused": answered.reused if answered else False,
    }


def agent_object(agent: AgentState, *, transcript: bool = False) -> dict[str, Any]:
    """Return all that is known of one agent; with its transcript where that is asked for."""
    finished = agent.finished
    return {
        **row_object(agent),
        "request": asdict(agent.called.request),
        "result": finished.value if finished else None,
        "lost": asdict(agent.lost) if agent.lost else None,
        "understood": asdict(finished.understood) if finished and finished.understood else None,
        **({"transcript": list(agent.transcript)} if transcript else {}),
    }


LISTS: Mapping[str, Callable[[RunState], list[Any]]] = {
    "host_calls": lambda state: [host_call_object(call) for call in state.host_calls.values()],
    "logs": lambda state: [{"at": at, "message": message} for at, message in state.logs],
    "findings": lambda state: state.findings,
    "facts": lambda state: [asdict(fact) for _, fact in sorted(state.facts.items())],
    "steered": lambda state: [{"at": at, **asdict(event)} for at, event in state.steered],
}
"""What of a run is a list of its own, by name."""
