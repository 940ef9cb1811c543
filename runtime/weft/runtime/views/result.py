"""The result of a run: as the one object that `--json` prints, and as a page for people."""

from __future__ import annotations

from typing import Any

from weft.primitives.lost import Spent
from weft.runtime.journal.fold import AgentState, RunState
from weft.runtime.views.outline import outline
from weft.runtime.views.plain import plain
from weft.runtime.views.text import steered_text

__all__ = ["report", "result_object"]


def result_object(state: RunState) -> dict[str, Any]:
    """Return the result as the command-line contract describes it."""
    started, ended = state.started, state.ended
    return {
        "run": started.run if started else None,
        "outcome": state.outcome,
        "health": state.health,
        "result": ended.result if ended else None,
        "error": _error(state),
        "agents": {
            "started": state.started_agents,
            "done": state.count("done"),
            "lost": len(state.lost),
            "cached": state.reused_agents,
        },
        "spent": _spent(state.spent),
        "lost": _all_lost(state),
        "wall_s": round(state.wall_s, 3),
    }


def report(state: RunState) -> str:
    """Return the result as Markdown."""
    started, ended = state.started, state.ended
    assert started is not None
    counts = f"{state.count('done')} of {len(state.agents)} agents done, {len(state.lost)} lost"
    lines = [
        f"# {plain(started.task.splitlines()[0]) if started.task else started.name}",
        "",
        f"{state.outcome}, {state.health} · {counts} · ${state.spent.usd:.2f} · run `{started.run}`",
        "",
    ]
    if ended and ended.problem:
        where = f" (line {ended.problem.line})" if ended.problem.line else ""
        lines += [f"**{ended.problem.type}**{where}: {plain(ended.problem.message)}", ""]
    if state.lost or state.raised:
        lines += ["## What was lost", ""]
        lines += [f"- {plain(lost['label'])}: {lost['cause']}, {plain(lost['message'])}" for lost in _all_lost(state)]
        lines += [""]
    if state.steered:
        lines += ["## What it was told meanwhile", "", *(f"- {steered_text(event)}" for _, event in state.steered), ""]
    if ended and (ended.outcome == "completed" or ended.result is not None):
        lines += ["## Result", "", outline(ended.result), ""]
    return "\n".join(lines)


def _error(state: RunState) -> dict[str, Any] | None:
    problem = state.ended.problem if state.ended else None
    if problem is None:
        return None
    return {"type": problem.type, "message": problem.message, "line": problem.line, "trace": list(problem.trace)}


def _all_lost(state: RunState) -> list[dict[str, Any]]:
    return [_lost(agent) for agent in state.lost] + _raised(state)


def _lost(agent: AgentState) -> dict[str, Any]:
    assert agent.lost is not None
    return {
        "agent": agent.called.id,
        "label": agent.called.request.name,
        "phase": agent.called.request.phase,
        "cause": agent.lost.cause,
        "message": agent.lost.message,
        "attempts": agent.lost.attempts,
        "spent": _spent(agent.lost.spent),
        "partial": agent.lost.partial,
    }


def _raised(state: RunState) -> list[dict[str, Any]]:
    """Branches that the harness itself broke: no agent was lost, but their results are missing all the same."""
    return [
        {
            "agent": None,
            "label": f"branch {branch.index} at {branch.path or 'main'}, line {branch.line}",
            "phase": None,
            "cause": "raised",
            "message": branch.message,
            "attempts": 1,
            "spent": _spent(Spent()),
            "partial": None,
        }
        for branch in state.raised
    ]


def _spent(spent: Spent) -> dict[str, Any]:
    return {"input_tokens": spent.input_tokens, "output_tokens": spent.output_tokens, "usd": round(spent.usd, 6)}
