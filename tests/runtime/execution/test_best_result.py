"""A run that has an answer keeps it until there is a better one, whatever becomes of later executions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from running import resume_source, run_source

from weft.runtime.execution.result import result_object
from weft.runtime.execution.run import Run
from weft.runtime.page import text
from weft.runtime.pause import Pause
from weft.runtime.request import AgentReply, AgentRequest
from weft.runtime.views.text import result_page, run_page, runs_page

HARNESS = """
async def main(args):
    texts = await parallel([agent(f"read {n}", label=f"read:{n}") for n in range(4)])
    return await agent(f"sum up {[t for t in texts if t]}", label="sum", critical=True)
"""
LOST: list[dict[str, Any]] = [{"match": {"label": "read:2"}, "lost": "timeout"}]
SUM: list[dict[str, Any]] = [{"match": {"label": "sum"}, "result": "THE SUMMARY"}, {"result": "text"}]
FIRST = {"rules": [*LOST, *SUM]}
BETTER = {"rules": [{"match": {"label": "sum"}, "result": "A BETTER SUMMARY"}, {"result": "text"}]}


@pytest.fixture
def first(tmp_path: Path) -> Run:
    done = run_source(HARNESS, tmp_path, stub=FIRST)
    assert (done.state.outcome, done.state.health, told(done)["result"]) == ("completed", "degraded", "THE SUMMARY")
    return done


def told(done: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.folder.result.read_text())
    assert found == result_object(done.folder.state())
    return found


class Interrupts:
    """A person who breaks the run off as soon as somebody is asked."""

    async def __call__(self, request: AgentRequest) -> AgentReply:
        raise Pause("user", "interrupted")


def broken_off(first: Run, folder: Path) -> Run:
    return resume_source(first, folder, agents=Interrupts())


def at_the_backstop(first: Run, folder: Path) -> Run:
    return resume_source(first, folder, stub=BETTER, max_agents=5)


def with_a_mistake(first: Run, folder: Path) -> Run:
    return resume_source(first, folder, stub=BETTER, source=HARNESS.replace("return await agent", "return agemt"))


def without_a_return(first: Run, folder: Path) -> Run:
    source = HARNESS.replace("async def main", 'RESULT = {"type": "object"}\nasync def main')
    return resume_source(first, folder, stub=BETTER, source=source)


@pytest.mark.parametrize("again", [broken_off, at_the_backstop, with_a_mistake])
def test_an_execution_that_comes_to_nothing_replaces_nothing(first: Run, tmp_path: Path, again: Any) -> None:
    done = again(first, tmp_path)
    assert done.state.outcome in ("paused", "error")
    found = told(done)
    assert (found["outcome"], found["result"], found["other_results"]) == (done.state.outcome, "THE SUMMARY", [])
    assert found["result_of"] == {
        "execution": 1,
        "outcome": "completed",
        "health": "degraded",
        "agents": {"done": 4, "lost": 1},
    }
    assert found["executions"] == 2
    for page in (
        text(run_page(done.state, "here")),
        text(result_page(done.state, "here")),
        done.folder.report.read_text(),
    ):
        assert "THE SUMMARY" in page
        assert "execution 1 of 2 (completed, degraded: 4 agents done, 1 lost)" in page
    assert "result of execution 1 kept" in text(runs_page([done.state]))
    if (error := found["error"])["type"] == "script":  # whoever ran it again would pay for all of it again
        assert error["fix"] == f"mend test.py, then weft resume {found['run']} --script test.py asks no agent twice"
    # And twice in a row.
    assert told(again(done, tmp_path))["result"] == "THE SUMMARY"


def test_a_better_one_takes_its_place_and_both_are_shown(first: Run, tmp_path: Path) -> None:
    nothing = at_the_backstop(first, tmp_path)
    done = resume_source(nothing, tmp_path, stub=BETTER)
    found = told(done)
    assert (found["outcome"], found["health"], found["result"]) == ("completed", "clean", "A BETTER SUMMARY")
    assert [(other["execution"], other["result"]) for other in found["other_results"]] == [(1, "THE SUMMARY")]
    page = text(run_page(done.state, "here"))
    assert page.index("A BETTER SUMMARY") < page.index("THE SUMMARY")
    assert "execution 3 of 3 (completed, clean: 5 agents done)" in page


def test_what_does_not_fit_takes_the_place_of_nothing_that_came_to_its_end(first: Run, tmp_path: Path) -> None:
    done = without_a_return(first, tmp_path)
    found = told(done)
    assert (found["outcome"], found["error"]["type"], found["result"]) == ("error", "result", "THE SUMMARY")
    assert [other["result"] for other in found["other_results"]] == ["A BETTER SUMMARY"]


def test_of_an_edited_harness_that_comes_to_its_end_the_later_counts(first: Run, tmp_path: Path) -> None:
    edited = HARNESS.replace('label="sum", critical=True)', 'label="sum", critical=True) + "!"')
    done = resume_source(first, tmp_path, stub=FIRST, source=edited)
    assert (told(done)["health"], told(done)["result"]) == ("degraded", "THE SUMMARY!")


def test_one_that_lost_more_is_not_better(first: Run, tmp_path: Path) -> None:
    worse = {"rules": [{"match": {"label": "read:[123]"}, "lost": "timeout"}, *SUM[:0], {"result": "LESS"}]}
    done = resume_source(first, tmp_path, stub=worse, model="anthropic:claude-haiku-4-5", again="all")
    assert (told(done)["result"], told(done)["health"]) == ("THE SUMMARY", "degraded")
    assert [other["result"] for other in told(done)["other_results"]] == ["LESS"]


def test_a_run_that_was_never_resumed_says_nothing_of_executions(first: Run) -> None:
    assert "execution" not in text(run_page(first.state, "here")) + first.folder.report.read_text()
