"""Runs as plain text for a terminal. Text of agents is shown with its control characters made visible."""

from __future__ import annotations

import json
from typing import Any

from weft.runtime.journal.events import AgentFinished
from weft.runtime.journal.fold import AgentState, RunState
from weft.runtime.views.outline import outline
from weft.runtime.views.plain import plain

__all__ = ["agent_text", "duration", "result_text", "run_row", "run_text"]

MARKS = {"queued": "·", "running": "●", "done": "✓", "lost": "✗", "cancelled": "-"}


def result_text(state: RunState, folder: str) -> str:
    """Return how a run ended, what was lost, and the result."""
    started, ended = state.started, state.ended
    assert started is not None
    head = f"{state.outcome}, {state.health}" if state.outcome == "completed" else state.outcome
    spent = f"${state.spent.usd:.4f}, {state.spent.tokens:,} tokens" if state.spent.tokens else "nothing spent"
    lines = [f"{head}    {started.name} {started.run}    {duration(ended.wall_s if ended else state.at)}    {spent}"]
    lines.append(
        f"{len(state.agents)} agents: {state.count('done')} done, {len(state.lost)} lost"
        + (f", {state.count('cancelled')} cancelled" if state.count("cancelled") else "")
        + (f", {state.count('queued')} not started" if state.count("queued") else "")
    )
    if ended and ended.problem:
        lines += ["", *_problem(state)]
    if state.lost or state.raised:
        lines += ["", "lost:"]
        lines += [f"  {plain(agent.called.request.name)}  {_why(agent)}" for agent in state.lost]
        lines += [f"  branch {branch.index}, line {branch.line}  {plain(branch.message)}" for branch in state.raised]
    if ended and ended.outcome == "completed":
        lines += ["", outline(ended.result)]
    lines += ["", f"data   {folder}/result.json        look   weft show {started.run}"]
    return "\n".join(lines)


def _problem(state: RunState) -> list[str]:
    assert state.ended is not None and state.ended.problem is not None
    problem = state.ended.problem
    where = f"harness.py:{problem.line}: " if problem.line else ""
    lines = [f"{problem.type}: {where}{plain(problem.message)}"]
    return lines + [f"  {plain(step)}" for step in problem.trace]


def _why(agent: AgentState) -> str:
    assert agent.lost is not None
    tries = f" after {agent.lost.attempts} attempts" if agent.lost.attempts > 1 else ""
    return f"{agent.lost.cause}{tries}: {plain(agent.lost.message)}"


def run_text(state: RunState) -> str:
    """Return a run as a tree: phases, and the agents of each."""
    started = state.started
    assert started is not None
    head = [f"{started.run}  {started.name}  {state.outcome}, {state.health}  {duration(state.at)}"]
    if started.task:
        head.append(plain(started.task.splitlines()[0]))
    lines = [*head, ""]
    for phase in [None, *state.phases]:
        agents = [agent for agent in state.agents.values() if agent.called.request.phase == phase]
        if not agents:
            continue
        done = sum(agent.standing == "done" for agent in agents)
        lines.append(f"{plain(phase or '(no phase)')}  {done}/{len(agents)}")
        lines += [f"  {_agent_row(agent)}" for agent in agents]
    lines += [f"  log  {plain(message)}" for _, message in state.logs]
    return "\n".join(lines)


def _agent_row(agent: AgentState) -> str:
    took = duration(agent.ended_at - agent.started_at) if agent.ended_at and agent.started_at is not None else ""
    cost = f"${agent.spent.usd:.4f}" if agent.spent.usd else ""
    why = f"  {_why(agent)}" if agent.lost else ""
    name = plain(agent.called.request.name)
    return f"{MARKS[agent.standing]} {agent.called.id:>4}  {name:<40} {took:>7} {cost:>9}{why}".rstrip()


def agent_text(agent: AgentState) -> str:
    """Return all that is known of one agent."""
    called = agent.called
    request = called.request
    lines = [
        f"agent {called.id}  {plain(request.name)}  {agent.standing}",
        f"line {called.line}, call path {called.path or 'main'}, key {called.key[:12]}",
        f"model {request.model}   phase {plain(request.phase or '-')}   tools {', '.join(request.tools) or 'none'}",
        "",
        "prompt:",
        plain(request.prompt),
    ]
    if request.context is not None:
        lines += ["", "context:", _value(request.context)]
    if agent.finished is not None:
        lines += ["", "result:", _value(agent.finished.value), *_details(agent.finished)]
    if agent.lost is not None:
        lines += ["", f"lost: {_why(agent)}"]
        lines += ["", "what there was of an answer:", _value(agent.lost.partial)] if agent.lost.partial else []
    return "\n".join(lines)


def _details(finished: AgentFinished) -> list[str]:
    spent = finished.spent
    lines = ["", f"{finished.attempts} attempts, {spent.tokens:,} tokens, ${spent.usd:.4f}"]
    if finished.touched:
        lines += ["opened: " + ", ".join(finished.touched)]
    if finished.transcript:
        lines += ["", "transcript:"]
        lines += [f"  {entry.get('part')}: {_short(entry)}" for entry in finished.transcript]
    return lines


def _short(entry: dict[str, Any]) -> str:
    said = [str(entry[field]) for field in ("tool_name", "args", "content") if field in entry]
    text = " ".join(" ".join(said).split())
    return plain(text if len(text) <= 200 else text[:199] + "…")


def run_row(state: RunState) -> str:
    """Return a run as one line of a list."""
    started = state.started
    assert started is not None
    health = state.health if state.outcome == "completed" else ""
    agents = f"{state.count('done')}/{len(state.agents)}"
    return (
        f"{started.run:<24} {state.outcome:<10} {health:<9} {agents:>9} {duration(state.at):>8} "
        f"${state.spent.usd:>8.4f}  {plain(started.name)}"
    )


def duration(seconds: float) -> str:
    """Return seconds as `0.4 s`, `3:54` or `2:03:10`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _value(value: Any) -> str:
    return plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2))
