"""Saved harnesses that answer for an agent, in children of their own."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

import anyio
import pytest
from below import Asked, Caller, lead_harness, told
from repositories import isolated, repository
from running import resume_source, run_source
from unconfined import without_processes

from weft.linter import lint
from weft.runtime.execution.below import AT_ONCE
from weft.runtime.execution.replay import replay
from weft.runtime.execution.run import Run, run
from weft.runtime.journal.events import AgentCalled, AgentFinished
from weft.runtime.pause import Pause
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.scheduling.admission import proved
from weft.runtime.settings import Settings

INNER = """
from weft.primitives import agent, finding, parallel, phase

ARGS = {"type": "object", "required": ["names"], "properties": {"names": {"type": "array"}}}
RESULT = {"type": "array"}

async def main(args):
    phase("Inside")
    finding({"n": len(args["names"])})
    return await parallel([agent(name) for name in args["names"]])
"""


def saved(folder: Path, source: str = INNER) -> None:
    shelf = folder / ".weft" / "workflows"
    shelf.mkdir(parents=True)
    (shelf / "inner.py").write_text(source)


async def runs(at: Caller) -> list[str]:
    return [await at.run("inner", names=["x", "y"]), await at.run("inner", names=3), await at.run("nowhere")]


def test_a_saved_harness_answers_for_an_agent(tmp_path: Path) -> None:
    saved(tmp_path)
    done = run_source(lead_harness(), tmp_path, agents=Asked(lead=runs))
    assert told(done)[0] == '["said x", "said y"]'
    assert "names" in told(done)[1] and told(done)[1].startswith("refused")
    assert "there is no saved harness 'nowhere'" in told(done)[2] and "do it yourself" in told(done)[2]
    assert not any("WorkflowRefused" in text or "lost" in text for text in told(done)[1:])
    called = [event for _, event in done.folder.events() if isinstance(event, AgentCalled)]
    assert [event.request.phase for event in called] == [None, "Inside", "Inside"]
    assert done.state.findings
    replayed(done)


def test_a_run_that_is_paused_asks_nobody_again_who_has_answered(tmp_path: Path) -> None:
    saved(tmp_path)

    async def lead(at: Caller) -> list[str]:
        return [await at.spawn("one"), await at.run("inner", names=["x", "y"]), await at.spawn("away")]

    async def away(at: Caller) -> str:
        if agents.prompts.count("away") == 1:
            raise Pause("provider", "the provider is away")
        return "back"

    agents = Asked(lead=lead, away=away)
    cut = run_source(lead_harness(), tmp_path, agents=agents)
    assert cut.state.ended is not None
    assert cut.state.ended.pause == "provider"
    done = resume_source(cut, tmp_path, agents=agents)
    assert told(done) == ["said one", '["said x", "said y"]', "back"]
    assert Counter(agents.prompts) == Counter(["lead", "lead", "one", "x", "y", "away", "away"])
    events = [event for _, event in done.folder.events()]
    assert sum(isinstance(event, AgentFinished) and event.reused for event in events) == 3
    replayed(done)


def replayed(run: Run) -> None:
    harness = parse_harness(lead_harness(), name="test", filename="test.py")
    assert anyio.run(replay, harness, list(run.folder.events())).complete


def test_a_quorum_of_a_saved_harness_ends_those_whose_answer_is_on_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_processes(monkeypatch)
    saved(tmp_path, INNER.replace('for name in args["names"]]', 'for name in args["names"]], quorum=1'))

    async def lead(at: Caller) -> str:
        return await at.run("inner", names=["x", "y", "z"])

    assert run_source(lead_harness(), tmp_path, agents=Asked(lead=lead)).result == '["said x", null, null]'


def test_a_pause_ends_whoever_waits_to_have_a_saved_harness_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_processes(monkeypatch)
    saved(tmp_path)

    async def lead(at: Caller) -> list[str]:
        return list(await asyncio.gather(*(at.run("inner", names=[f"{n}"]) for n in range(AT_ONCE + 2))))

    agents = Asked(lead=lead)
    cut = run_source(lead_harness(), tmp_path, agents=agents, max_agents=2, concurrency=2)
    assert cut.state.ended is not None
    assert cut.state.ended.pause == "agents"
    done = resume_source(cut, tmp_path, agents=agents)
    assert told(done) == [f'["said {n}"]' for n in range(AT_ONCE + 2)]
    assert Counter(agents.prompts) == {"lead": 2, **{f"{n}": 1 for n in range(AT_ONCE + 2)}}


def test_an_agent_that_works_apart_has_no_saved_harness_work_elsewhere(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repository")
    saved(folder)
    agents = Asked(lead=runs)
    done = isolated(folder, agents, source=lead_harness(', isolation="worktree"'), dirty=True)
    assert json.loads(done.result["result"])[0].startswith("refused: you work in a worktree")
    assert agents.prompts == ["lead"]


def test_one_that_asks_more_than_its_asker_may_loses_the_rest_and_holds_up_nobody(
    tmp_path: Path,
) -> None:
    saved(tmp_path)

    async def lead(at: Caller) -> list[str]:
        return [await at.run("inner", names=["x", "y", "z"])]

    agents = Asked(lead=lead)
    text = lead_harness(", spawns=2")
    harness, bound = parse_harness(text, name="t", filename="t.py"), lint(text).bound
    assert proved(bound, None) == 3

    async def go() -> Run:
        return await run(harness, None, Settings(), Project(tmp_path), agents=agents, bound=bound)

    done = anyio.run(go)
    assert done.state.outcome == "completed"
    assert agents.prompts == ["lead", "x", "y"]
    assert told(done) == ['["said x", "said y", null]']
    assert ["as many agents as it may, 2" in str(one.lost) for one in done.state.lost] == [True]
    replayed(done)
