"""Agents as records, one for each. What agents were asked and answered is content, and only there when asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from weft.runtime.border import clean
from weft.runtime.exporting.when import Wall
from weft.runtime.journal import AgentState, RunState
from weft.runtime.plain import verbatim

__all__ = ["COLUMNS", "CONTENT", "agent_row", "label_of", "lines", "rounded"]

COLUMNS = {
    "run": "the run",
    "agent": "its number in the run",
    "label": "what it is called",
    "phase": "in which phase; `null` in none",
    "workflow": "the saved harness that called it; `null` for the run's own",
    "state": "`done`, `lost`, `cancelled`, `queued`, `running` or `waiting`",
    "reused": "whether its answer is that of an earlier execution",
    "model": "who answered, or is asked",
    "profile": "the role it goes by",
    "line": "the line of the harness",
    "path": "its call path",
    "queued_s": "seconds into the execution at which it was called",
    "started_s": "the same of its turn; `null` where it had none",
    "ended_s": "the same of its end",
    "started_at": "its turn on the wall, ISO 8601",
    "attempts": "how often it was asked",
    "input_tokens": "tokens, those of caches among them",
    "output_tokens": "tokens",
    "cache_read_tokens": "of the input, what the provider had kept",
    "cache_write_tokens": "of the input, what it has kept for later",
    "usd": "dollars",
    "by_model": "the same by model, where not all of it was for `model`; else `null`",
    "lost": "why it was lost, as a word; `null` where it was not",
    "message": "the same as a sentence",
}
"""The fields of each line, and what they mean."""

CONTENT = {
    "prompt": "what it was asked",
    "context": "what it was given besides",
    "result": "what it answered",
    "touched": "what its tools opened, asked and did; `null` where that is not on record",
    "transcript": "what it and its model said to each other",
}
"""What is there besides where content is asked for."""


def agent_row(agent: AgentState, state: RunState, wall: Wall, *, content: bool = False) -> dict[str, Any]:
    """Return all that is known of one agent, with its content where that is asked for."""
    called, finished, lost = agent.called, agent.finished, agent.lost
    request, spent = called.request, agent.spent
    row: dict[str, Any] = {
        "run": state.started.run if state.started is not None else None,
        "agent": called.id,
        "label": label_of(agent, content=content),
        "phase": agent.phase.title,
        "workflow": agent.phase.within[-1] if agent.phase.within else None,
        "state": agent.standing,
        "reused": agent.reused,
        "model": agent.model,
        "profile": request.profile,
        "line": called.line,
        "path": called.path,
        "queued_s": rounded(agent.queued_at - state.began_at),
        "started_s": None if agent.started_at is None else rounded(agent.started_at - state.began_at),
        "ended_s": None if agent.ended_at is None else rounded(agent.ended_at - state.began_at),
        "started_at": None if agent.started_at is None else wall.at(agent.started_at).isoformat(),
        "attempts": finished.attempts if finished is not None else lost.attempts if lost is not None else 0,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "cache_read_tokens": spent.cache_read_tokens,
        "cache_write_tokens": spent.cache_write_tokens,
        "usd": round(spent.usd, 12),
        "by_model": {model: round(cost.usd, 12) for model, cost in agent.by_model.items()} or None,
        "lost": None if lost is None else lost.cause,
        "message": None if lost is None else lost.message,
    }
    if content:
        row |= {
            "prompt": request.prompt,
            "context": request.context,
            "result": finished.value if finished is not None else lost.partial if lost is not None else None,
            "touched": None if agent.touched is None else list(agent.touched),
            "transcript": list(agent.transcript),
        }
    cleaned: dict[str, Any] = clean(row)
    return cleaned


def label_of(agent: AgentState, *, content: bool) -> str:
    """Return what an agent is called; one without a label is called by its prompt, which is content."""
    request = agent.called.request
    return request.name if content or request.label else f"agent {agent.called.id}"


def lines(state: RunState, *, content: bool = False) -> Iterator[str]:
    """Yield one line of JSON for each agent, in the order of their calls."""
    assert state.started is not None
    wall = Wall(state.started, state.began_at)
    for agent in state.agents.values():
        yield verbatim(json.dumps(agent_row(agent, state, wall, content=content), ensure_ascii=False)) + "\n"


def rounded(seconds: float) -> float:
    """Return seconds to the microsecond."""
    return round(seconds, 6)
