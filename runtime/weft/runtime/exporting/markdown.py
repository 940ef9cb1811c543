"""A run as a report in Markdown: what `result.md` says, with findings, phases and what they have cost."""

from __future__ import annotations

import json
from collections.abc import Iterator

from weft.primitives.lost import Spent
from weft.runtime.border import masked
from weft.runtime.execution.result import report
from weft.runtime.journal import AgentState, RunState
from weft.runtime.marked import fenced, on_a_line
from weft.runtime.plain import verbatim

__all__ = ["markdown"]


def markdown(state: RunState, *, content: bool = False) -> str:
    """Return a run as a report; with what each agent was asked and answered where that is asked for.

    Of a run without content, what is left of its events is to be folded, see `journal.withheld`.
    """
    assert state.started is not None
    started = state.started
    parts = [
        report(state).rstrip(),
        "",
        "## Run",
        "",
        *_run(state),
        "",
        "## Phases",
        "",
        *_phases(state),
    ]
    if state.findings:
        parts += ["", "## Findings", ""]
        parts += [_block(json.dumps(finding, ensure_ascii=False, indent=1)) for finding in state.findings]
    if started.task and len(started.task.splitlines()) > 1:
        parts += ["", "## Task", "", _block(started.task)]
    if content:
        parts += ["", "## Agents", ""]
        parts += [part for agent in state.agents.values() for part in _agent(agent)]
    return masked("\n".join(parts)) + "\n"


def _run(state: RunState) -> Iterator[str]:
    started = state.started
    assert started is not None
    times = f"{state.execution} execution{'s' * (state.execution > 1)}"
    yield f"- began {started.now}, took {state.wall_s:.1f} s in {times}"
    yield f"- harness {on_a_line(started.name)}, sha256:{started.digest[:12]}"
    yield f"- {state.spent.input_tokens:,} tokens in, {state.spent.output_tokens:,} out, ${state.spent.usd:.4f}"


def _phases(state: RunState) -> Iterator[str]:
    yield "| phase | agents | done | lost | from the journal | tokens | dollars |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    groups: dict[str, list[AgentState]] = {}
    for agent in state.agents.values():
        title = " › ".join([*agent.phase.within, agent.phase.title or "(no phase)"])
        groups.setdefault(title, []).append(agent)
    for title, agents in groups.items():
        spent = sum((agent.spent for agent in agents), Spent())
        done = sum(agent.standing == "done" for agent in agents)
        lost = sum(agent.standing == "lost" for agent in agents)
        reused = sum(agent.reused for agent in agents)
        counts = f"{len(agents)} | {done} | {lost} | {reused} | {spent.tokens:,} | {spent.usd:.4f}"
        yield f"| {on_a_line(title)} | {counts} |"


def _agent(agent: AgentState) -> Iterator[str]:
    request, finished = agent.called.request, agent.finished
    yield f"### {agent.called.id}: {on_a_line(request.name)} ({agent.standing})"
    yield ""
    yield _block(request.prompt)
    value = finished.value if finished is not None else None
    if finished is not None:
        yield _block(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1))
    if agent.lost is not None:
        yield f"{agent.lost.cause}: {on_a_line(agent.lost.message)}"
        yield ""


def _block(text: str) -> str:
    return f"{fenced(verbatim(text))}\n"
