"""A run as one file that a browser opens from disk: data, style and script in it, and nothing that is fetched.

The browser executes the one script whose hash its policy names. What agents have said is JSON in which no markup can
begin, and is shown as text alone.
"""

from __future__ import annotations

import html
import json
from base64 import b64encode
from collections.abc import Container
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Any

from weft.runtime.analysis.critical import critical_path
from weft.runtime.analysis.weaving import woven
from weft.runtime.border import masked
from weft.runtime.execution.result import not_whole, result_object
from weft.runtime.exporting.rows import agent_row, label_of, rounded
from weft.runtime.exporting.when import Wall
from weft.runtime.journal import AgentState, RunState, executions
from weft.runtime.journal.events import Event
from weft.runtime.plain import plain, verbatim

__all__ = ["page"]

NOWHERE = "base-uri 'none'; form-action 'none'"
"""What else a page could be made to do."""


def page(events: list[tuple[float, Event]], state: RunState, *, content: bool = False) -> str:
    """Return the latest execution of a run as a page.

    Args:
        events: The journal.
        state: What that comes to.
        content: Whether what agents were asked and answered is in it.
    """
    style, script, frame = (_part(f"page.{ending}") for ending in ("css", "js", "html"))
    data = _data(events, state, content=content)
    dumped = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = verbatim(dumped).replace("<", "\\u003c")
    allowed = f"default-src 'none'; script-src {_hashed(script)}; style-src {_hashed(style)}"
    return Template(frame).substitute(
        policy=f"{allowed}; {NOWHERE}",
        title=html.escape(plain(data["title"])[:100]),
        style=style,
        script=script,
        data=text,
    )


def _part(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _hashed(text: str) -> str:
    """Return what lets a browser take exactly this text in the place of the policy."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _data(events: list[tuple[float, Event]], state: RunState, *, content: bool) -> dict[str, Any]:
    started, result = state.started, result_object(state)
    assert started is not None
    wall = Wall(started, state.began_at)
    work = woven(executions(events)[-1])
    critical = {step.piece.id for step in critical_path(work).steps if step.piece.kind == "agent"}
    agents = [_agent(agent, state, wall, critical, content=content) for agent in state.agents.values()]
    problem = state.ended.problem if state.ended is not None else None
    done, lost = state.count("done"), len(state.lost)
    later = f"Agents and times are of the latest of {state.execution} executions; cost is of all."
    data: dict[str, Any] = _seen(
        {
            "run": started.run,
            "name": started.name,
            "title": next(iter(started.task.splitlines()), "") or started.name,
            "began": wall.began.isoformat(timespec="seconds"),
            "outcome": state.outcome,
            "health": state.health,
            "counts": f"{done} of {len(state.agents)} agents done, {lost} lost",
            "seconds": rounded(work.seconds),
            "usd": state.spent.usd,
            "problem": None if problem is None else f"{problem.type}: {problem.message}",
            "notes": [*not_whole(state), *([later] if state.execution > 1 else [])],
            "lost": [_lost(one, state, content=content) for one in result["lost"]],
            "findings": state.findings,
            "result": result["result"],
            "logs": [message for _, message in state.logs],
            "agents": agents,
            "content": content,
        }
    )
    return data


def _agent(
    agent: AgentState, state: RunState, wall: Wall, critical: Container[int], *, content: bool
) -> dict[str, Any]:
    row = agent_row(agent, state, wall, content=content)
    group = " › ".join([*agent.phase.within, agent.phase.title or "(no phase)"])
    return {**row, "group": group, "critical": row["agent"] in critical}


def _lost(one: dict[str, Any], state: RunState, *, content: bool) -> str:
    agent = state.agents.get(one["agent"]) if one["agent"] is not None else None
    label = one["label"] if agent is None else label_of(agent, content=content)
    return f"{label}: {one['cause']}, {one['message']}; {one['consequence']}"


def _seen(data: Any) -> Any:
    """Return data without secrets, and with what a reader could not see, or what turns a text around, made visible."""
    match data:
        case str():
            return plain(masked(data).replace("\t", "    "))
        case dict():
            return {_seen(name): _seen(value) for name, value in data.items()}
        case list() | tuple():
            return [_seen(item) for item in data]
        case _:
            return data
