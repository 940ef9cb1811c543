"""Agents that wait are shown as waiting, with what for, live and later."""

from __future__ import annotations

import io
from pathlib import Path

from running import run_source

from weft.primitives.lost import Spent
from weft.runtime.execution.result import report, result_object
from weft.runtime.journal import RunState, fold, read_journal
from weft.runtime.journal.events import (
    AgentAsksAgain,
    AgentCalled,
    AgentQuiet,
    AgentsStarted,
    AgentWaits,
    Event,
    RunEnded,
)
from weft.runtime.page import text
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.views.live import Lines
from weft.runtime.views.text import result_page, run_page

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


OOM = "status 500: out of memory"


async def out_of_memory(request: AgentRequest) -> AgentReply:
    raise AgentError("provider", OOM, passing=True)


def test_why_an_agent_is_asked_again_is_shown_while_it_goes_on(tmp_path: Path) -> None:
    seen: list[str] = []
    state = RunState()

    def watch(at: float, event: Event) -> None:
        state.apply(at, event)
        if isinstance(event, AgentAsksAgain):
            seen.append(text(run_page(state, "here")))

    async def at_last(request: AgentRequest) -> AgentReply:
        if len(seen) < 2:
            raise AgentError("provider", OOM, passing=True, wait=3)
        return AgentReply(value="x")

    lines = io.StringIO()
    source = "async def main(args):\n    return await agent('x', label='a')"
    done = run_source(source, tmp_path, agents=at_last, watchers=(watch, Lines(lines)))
    assert (done.state.outcome, done.state.health) == ("completed", "clean")
    assert f"●  0  a  {OOM}; asked again in 3.0 s" in seen[0]
    assert lines.getvalue().count(f"retry   a  {OOM}; asked again in 3.0 s") == 2
    assert OOM not in text(run_page(done.state, "here"))
    assert result_object(done.state)["unanswered"] == []


def test_a_run_that_ends_meanwhile_says_what_kept_its_agents_from_an_answer(tmp_path: Path) -> None:
    done = run_source(FAN_OUT, tmp_path, agents=out_of_memory, deadline=3)
    assert done.state.outcome == "paused"
    state = fold(read_journal(done.folder.journal))
    for page in (text(result_page(state, "here")), text(run_page(state, "here"))):
        assert f"no answer yet:\n  a0 and 2 more  {OOM}\n" in page
    assert f"- a0, a1, a2: {OOM}\n" in report(state)
    (first, *_) = result_object(state)["unanswered"]
    assert first == {"agent": 0, "label": "a0", "message": OOM}


def test_a_provider_in_trouble_does_not_flood_a_log(tmp_path: Path) -> None:
    wide = "async def main(args):\n    return await parallel([agent(f'{n}') for n in range(300)])"
    lines = io.StringIO()
    done = run_source(wide, tmp_path, agents=out_of_memory, watchers=(Lines(lines),), deadline=100, concurrency=100)
    asked = sum(isinstance(event, AgentAsksAgain) for _, event in read_journal(done.folder.journal))
    said = sum(" retry " in row for row in lines.getvalue().splitlines())
    assert asked > 500
    assert 0 < said <= 30
