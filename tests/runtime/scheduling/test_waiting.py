"""Agents that wait are shown as waiting, with what for, live and later."""

from __future__ import annotations

import io
from pathlib import Path

from running import run_source

from weft.primitives.lost import Spent
from weft.runtime.journal import RunState, fold, read_journal
from weft.runtime.journal.events import AgentCalled, AgentQuiet, AgentsStarted, AgentWaits, Event, RunEnded
from weft.runtime.page import text
from weft.runtime.request import AgentRequest
from weft.runtime.views.live import Lines
from weft.runtime.views.text import run_page

FAN_OUT = 'async def main(args):\n    return await parallel([agent(f"{n}", label=f"a{n}") for n in range(3)])\n'
STUB = {"default": {"result": "x", "latency": 5, "usage": {"input": 50, "output": 10}}}
"""Each may cost 60 tokens, so of 100 there is room for one at a time; the second never fits."""


def test_who_waits_for_the_budget_is_shown_so(tmp_path: Path) -> None:
    seen: list[str] = []
    state = RunState()

    def watch(at: float, event: Event) -> None:
        state.apply(at, event)
        if isinstance(event, AgentWaits):
            seen.append(text(run_page(state, "here")))

    lines = io.StringIO()
    shown = Lines(lines)
    done = run_source(FAN_OUT, tmp_path, stub=STUB, budget_tokens=100, watchers=(watch, shown))
    assert done.state.outcome == "paused"
    assert len(seen) == 2
    assert "◌  1  a1" in seen[0]
    assert "waits: requests in flight may leave room" in seen[0]
    assert "wait    a1  waits: requests in flight may leave room" in lines.getvalue()
    assert lines.getvalue().endswith("paused  1 done, 2 unfinished\n")
    assert "2 unanswered" in text(run_page(fold(read_journal(done.folder.journal)), "here"))


def test_a_model_of_which_nothing_is_heard_is_told_of() -> None:
    stream = io.StringIO()
    lines = Lines(stream)
    request = AgentRequest(id=0, prompt="x", label="slow", model="m", tools=(), timeout=None, retries=0)
    for event in (
        AgentCalled(path="", line=1, key="k", request=request),
        AgentsStarted(ids=(0,)),
        AgentQuiet(id=0, seconds=150.0),
        RunEnded(outcome="completed", spent=Spent(), wall_s=9.0),
    ):
        lines(0.0, event)
    assert "quiet   slow  nothing heard for 2:30" in stream.getvalue()
