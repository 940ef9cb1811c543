"""Runs as plain text for a terminal. Text of agents is shown with its control characters made visible."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from weft.runtime.journal.coverage import Coverage
from weft.runtime.journal.events import AgentFinished, AgentWaits, Problem
from weft.runtime.journal.fold import AgentState, RunState, Standing
from weft.runtime.journal.understanding import added_up
from weft.runtime.plain import outline, plain

__all__ = ["agent_text", "duration", "result_text", "run_row", "run_text", "waits_text"]

MARKS: dict[Standing, str] = {
    "queued": "·",
    "running": "●",
    "waiting": "◌",
    "done": "✓",
    "lost": "✗",
    "cancelled": "-",
}


def result_text(state: RunState, folder: str) -> str:
    """Return how a run ended, what was lost, and the result."""
    started = state.started
    assert started is not None
    spent = f"${state.spent.usd:.4f}, {state.spent.tokens:,} tokens" if state.spent.tokens else "nothing spent"
    took = duration(state.wall_s)
    lines = [f"{_how(state)}    {started.name} {started.run}    {took}    {spent}"]
    lines += [*_not_understood(state), _counted(state)]
    lines += _ending(state)
    lines += ["", f"data   {folder}/result.json        look   weft show {started.run}"]
    return "\n".join(lines)


def _how(state: RunState) -> str:
    return f"{state.outcome}, {_shade(state)}" if _shade(state) else state.outcome


def _shade(state: RunState) -> str:
    """Return what else there is to say of an outcome."""
    if state.outcome == "completed":
        return state.health
    return "paused" if state.outcome == "running" and state.suspended else ""


def _not_understood(state: RunState) -> list[str]:
    return [plain(partial.text()) for partial in state.understanding if not partial.whole]


def _counted(state: RunState) -> str:
    called = len(state.agents)
    parts = [f"{state.count('done')} done", f"{len(state.lost)} lost"]
    others = {
        "cancelled": state.count("cancelled"),
        "unanswered": state.count("running", "waiting"),
        "not started": state.count("queued"),
    }
    parts += [f"{number} {word}" for word, number in others.items() if number]
    return f"{called} agent{'s' * (called != 1)}: {', '.join(parts)}"


def _ending(state: RunState) -> list[str]:
    """Return what went wrong, what was lost, and the result."""
    lines: list[str] = []
    ended, coverage = state.ended, Coverage(state)
    if ended and ended.problem:
        lines += ["", *_problem(state)]
    if ended and ended.outcome == "paused":
        lines += ["", "paused: everything that was finished is kept in the journal, and nothing more is spent"]
    if state.outcome in ("paused", "killed") and state.started:
        lines += ["", f"go on   weft resume {state.started.run}{_more(state)}"]
    if state.lost or state.raised:
        lines += ["", "lost:", *_lost(state, coverage)]
    missing = [place for place in coverage.fan_outs if place.missing]
    if missing and state.outcome != "running":
        lines += ["", "fan-outs:", *(f"  {plain(place.text())}" for place in missing)]
    if ended and ended.outcome == "completed":
        lines += ["", outline(ended.result) or "(an empty result)"]
    elif ended and ended.result is not None:
        lines += ["", "what it returned:", outline(ended.result)]
    return lines


def _lost(state: RunState, coverage: Coverage) -> Iterator[str]:
    for agent in state.lost:
        yield f"  {plain(agent.called.request.name)}  {_why(agent)}"
        yield f"    {plain(coverage.consequence(agent))}"
    for branch in state.raised:
        yield f"  branch {branch.index}, line {branch.line}  {plain(branch.message)}"
        yield f"    {plain(coverage.consequence_of_error(branch))}"


def _more(state: RunState) -> str:
    """Return the option without which a run would be paused again at once."""
    reason, settings = state.ended.pause if state.ended else None, state.started.settings if state.started else None
    if reason == "budget" and settings is not None:
        return " --budget-tokens N" if settings.budget_usd is None else " --budget USD"
    return {"agents": " --max-agents N", "width": " --max-agents N", "decision": " --interrupted rerun"}.get(
        reason or "", ""
    )


def _problem(state: RunState) -> list[str]:
    assert state.ended is not None and state.ended.problem is not None
    problem = state.ended.problem
    where = f"harness.py:{problem.line}: " if problem.line else ""
    lines = [f"{problem.type}: {where}{plain(problem.message)}"]
    lines += [f"  {number} | {plain(text)}" for number, text in _numbered(problem)]
    return lines + [f"  {plain(step)}" for step in problem.trace]


def _numbered(problem: Problem) -> list[tuple[str, str]]:
    """Return the lines of code with their numbers; the last is the one that is meant."""
    last = problem.line or 0
    width = len(str(last))
    numbers = range(last - len(problem.code) + 1, last + 1)
    return [(f"{number:>{width}}", text.expandtabs(4)) for number, text in zip(numbers, problem.code, strict=True)]


def _why(agent: AgentState) -> str:
    assert agent.lost is not None
    tries = f" after {agent.lost.attempts} attempts" if agent.lost.attempts > 1 else ""
    return f"{agent.lost.cause}{tries}: {plain(agent.lost.message)}"


def run_text(state: RunState) -> str:
    """Return a run as a tree, phases and the agents of each, then how it ended."""
    started = state.started
    assert started is not None
    head = [f"{started.run}  {started.name}  {_how(state)}  {duration(state.wall_s)}"]
    head += [*_not_understood(state), _counted(state)]
    if started.task:
        head.append(plain(started.task.splitlines()[0]))
    if state.walls is not None:
        head.append(f"sandbox: {', '.join(state.walls)}")
    lines = [*head, ""]
    for phase in [None, *state.phases]:
        agents = [agent for agent in state.agents.values() if agent.called.request.phase == phase]
        if not agents:
            continue
        done = sum(agent.standing == "done" for agent in agents)
        lines.append(f"{plain(phase or '(no phase)')}  {done}/{len(agents)}")
        lines += [f"  {_agent_row(agent)}" for agent in agents]
    lines += [f"  log  {plain(message)}" for _, message in state.logs]
    lines += [f"  steered at {duration(at)}  {plain(event.text)}" for at, event in state.steered]
    lines += [f"  finding  {plain(json.dumps(data, ensure_ascii=False))}" for data in state.findings]
    lines += _ending(state)
    return "\n".join(lines)


def _agent_row(agent: AgentState) -> str:
    took = duration(agent.ended_at - agent.started_at) if agent.ended_at and agent.started_at is not None else ""
    cost = f"${agent.spent.usd:.4f}" if agent.spent.usd else ""
    why = f"  {_why(agent)}" if agent.lost else f"  {waits_text(agent.waits)}" if agent.waits else ""
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
    tries = f"{finished.attempts} attempt{'s' * (finished.attempts != 1)}"
    lines = ["", f"{tries}, {spent.tokens:,} tokens, ${spent.usd:.4f}"]
    if finished.understood is not None:
        lines += [plain(added_up([finished.understood], [])[0].text())]
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
    agents = f"{state.count('done')}/{len(state.agents)}"
    return (
        f"{started.run:<24} {state.outcome:<10} {_shade(state):<9} {agents:>9} {duration(state.wall_s):>8} "
        f"${state.spent.usd:>8.4f}  {plain(started.name)}"
    )


def waits_text(waits: AgentWaits) -> str:
    """Return what an agent waits for, as in `waits: rate limit of anthropic, 12.0 s`."""
    how_long = f", {duration(waits.seconds)}" if waits.seconds is not None else ""
    return f"waits: {plain(waits.detail)}{how_long}"


def duration(seconds: float) -> str:
    """Return seconds as `0.4 s`, `3:54` or `2:03:10`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _value(value: Any) -> str:
    return plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2))
