"""How loops end is part of the result, and one that is cut off leaves no clean run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from running import resume_source, run_source
from unconfined import without_processes

from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import report, result_object
from weft.runtime.page import text
from weft.runtime.project.harness import parse_harness
from weft.runtime.views.text import result_page, run_page

FIND = """
async def main(args):
    seen, kept = Seen(), []
    phase("Look")
    rounds = {loop}
    for round in rounds:
        fresh = seen.add([await agent(f"Find one more than {{kept}}.")])
        round.found(fresh)
        kept += fresh
        {then}
    return rounds.ended
"""

NEW_EACH_TIME = {"rules": [{"result": name, "times": 1} for name in "abcdefgh"]}
THREE_IN_ALL = {"rules": [{"result": name, "times": 1} for name in "abc"] + [{"result": "c"}]}


@pytest.fixture(autouse=True)
def _without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


@pytest.mark.parametrize(
    ("loop", "stub", "ended", "rounds"),
    [
        ("until_dry(max_rounds=4)", NEW_EACH_TIME, "cap", 4),
        ("until_dry(max_rounds=4)", THREE_IN_ALL, "cap", 4),
        ("until_dry(max_rounds=5)", THREE_IN_ALL, "dry", 5),
        ("until_dry(max_rounds=9)", THREE_IN_ALL, "dry", 5),
        ("until_target(5, max_rounds=3)", NEW_EACH_TIME, "cap", 3),
        ("until_target(3, max_rounds=3)", NEW_EACH_TIME, "target", 3),
        ("until_target(2, max_rounds=3)", NEW_EACH_TIME, "target", 2),
    ],
)
def test_the_end_is_a_fact_of_the_result(
    tmp_path: Path, loop: str, stub: dict[str, Any], ended: str, rounds: int
) -> None:
    source = FIND.format(loop=loop, then="pass")
    done = run_source(source, tmp_path, stub=stub)
    result, helper = result_object(done.state), loop.partition("(")[0]
    assert (result["result"], result["health"]) == (ended, "degraded" if ended == "cap" else "clean")
    facts = {"helper": helper, "line": 6, "workflow": None, "phase": "Look", "free": False, "times": 1}
    assert result["coverage"]["loops"] == [{**facts, "ended": ended, "rounds": rounds}]
    said = f"{helper} at line 6 was cut off at max_rounds, after {rounds} rounds"
    pages = [report(done.state), text(result_page(done.state, ".")), text(run_page(done.state, "."))]
    assert [said in page for page in pages] == [ended == "cap"] * 3
    assert anyio.run(replay, parse_harness(source, name="test", filename="h.py"), done.folder.events()).complete


@pytest.mark.parametrize("then", ["break", "return 'left'", "if len(kept) == 2: break"])
def test_a_loop_that_is_left_is_not_cut_off(tmp_path: Path, then: str) -> None:
    done = run_source(FIND.format(loop="until_dry(max_rounds=2)", then=then), tmp_path, stub=NEW_EACH_TIME)
    assert (done.state.health, done.state.loops) == ("clean", {})


def test_loops_of_one_place_are_added_up_and_those_of_a_saved_harness_told_apart(tmp_path: Path) -> None:
    there = tmp_path / ".weft" / "workflows"
    there.mkdir(parents=True)
    (there / "look.py").write_text('"""Look."""' + FIND.format(loop="until_target(9, max_rounds=2)", then="pass"))
    source = """
async def one(n):
    for round in until_dry(max_rounds=2, patience=1):
        round.found([await agent(f"{n}")])

async def main(args):
    await parallel([one(n) for n in range(3)])
    return await workflow("look")
"""
    done = run_source(source, tmp_path)
    assert [loops.text() for loops in done.state.loops.values()] == [
        "until_dry at line 3 was cut off at max_rounds, 3 times, after 6 rounds in all, and had not run dry",
        "until_target at line 6 of look was cut off at max_rounds, after 2 rounds, and had not reached its target",
    ]


def test_more_rounds_on_a_resume_make_it_clean(tmp_path: Path) -> None:
    few, more = (FIND.format(loop=f"until_target(5, max_rounds={most})", then="pass") for most in (3, 9))
    done = run_source(few, tmp_path, stub=NEW_EACH_TIME)
    again = resume_source(done, tmp_path, source=more, stub={"rules": [{"result": name, "times": 1} for name in "vw"]})
    assert (again.state.health, again.state.reused_agents) == ("clean", 3)


SPEND = """
async def main(args):
    rounds = while_budget(reserve={reserve}, max_rounds=4)
    for round in rounds:
        await agent(f"Spend, {{round.number}}")
    return rounds.ended
"""
HUNDRED = {"default": {"result": "x", "usage": {"input": 100, "output": 0}}}


@pytest.mark.parametrize(
    ("reserve", "ceiling", "ended", "rounds", "health"),
    [
        (0.2, {"budget_tokens": 400}, "budget", 3, "clean"),
        (0.5, {"budget_tokens": 400}, "budget", 2, "clean"),
        (0.0, {"budget_tokens": 400}, "budget", 4, "clean"),
        (0.2, {"budget_tokens": 9000}, "cap", 4, "degraded"),
        (0.2, {}, "cap", 4, "clean"),
    ],
)
def test_a_loop_that_no_ceiling_holds_is_not_cut_off(
    tmp_path: Path, reserve: float, ceiling: dict[str, int], ended: str, rounds: int, health: str
) -> None:
    source = SPEND.format(reserve=reserve)
    done = run_source(source, tmp_path, stub=HUNDRED, **ceiling)
    result = result_object(done.state)
    assert (result["result"], result["agents"]["done"], result["health"]) == (ended, rounds, health)
    assert result["coverage"]["loops"][0]["free"] == (ceiling == {})
    assert anyio.run(replay, parse_harness(source, name="t", filename="h.py"), done.folder.events()).result == ended


def test_lost_rounds_are_told_and_a_resume_goes_on_where_they_were(tmp_path: Path) -> None:
    source = FIND.format(loop="until_dry(max_rounds=6)", then="pass").replace(
        "seen.add([await agent(", "seen.add([one for one in [await agent("
    )
    source = source.replace('.")])', '.")] if one])')
    stub = {"rules": [{"result": "a", "times": 1}, {"lost": "provider", "times": 2}, {"result": "a"}]}
    done = run_source(source, tmp_path, stub=stub)
    result = result_object(done.state)
    assert (result["result"], result["agents"]["done"], result["health"]) == ("lost", 1, "degraded")
    told = "until_dry at line 6 ended as the agents of two rounds in a row were all lost, after 3 rounds"
    assert told in report(done.state) and told in text(run_page(done.state, "."))
    assert anyio.run(replay, parse_harness(source, name="t", filename="h.py"), done.folder.events()).result == "lost"
    again = resume_source(done, tmp_path, stub={"default": {"result": "a"}})
    assert (result_object(again.state)["result"], again.state.health) == ("dry", "clean")
