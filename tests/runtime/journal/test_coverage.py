"""What a run has covered: the ledger adds up, and each loss says what it has meant."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from disturbed import Disturbed
from harnesses import harnesses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import resume_source, run_source

from weft.runtime.execution.result import report, result_object
from weft.runtime.execution.run import Run
from weft.runtime.journal import fold, read_journal
from weft.runtime.journal.coverage import coverage_of
from weft.runtime.page import text
from weft.runtime.views.text import result_page

FATES = ("done", "lost", "dropped", "cancelled", "cut")


def lose(*labels: str, **more: Any) -> dict[str, Any]:
    """Return a script in which agents with these labels are lost."""
    rules = [{"match": {"label": f"^{label}$"}, "lost": "refused"} for label in labels]
    return {"rules": rules, "default": {"from_schema": True, **more}}


def ledger(done: Run) -> list[dict[str, int]]:
    """Return what became of each fan-out, without what there was none of."""
    rows = result_object(done.state)["coverage"]["fan_outs"]
    return [{key: row[key] for key in ("line", *FATES) if row[key]} for row in rows]


def consequences(done: Run) -> list[str]:
    return [lost["consequence"] for lost in result_object(done.state)["lost"]]


def harness(*lines: str) -> str:
    return "async def main(args):\n" + "\n".join(f"    {line}" for line in lines)


BRANCHES = "return await parallel([agent(f'{n}', label=f'a{n}') for n in range(3)])"
CHECKED = """
async def check(x):
    verdict = await verify(x, lenses=["one", "two"])
    return x if verdict["survives"] else None


async def main(args):
    return await pipeline(["a", "b"], check)
"""
PAIRS = """
async def pair(x):
    both = await parallel([agent(f"{x}{n}", label=f"{x}{n}") for n in range(2)])
    return [one for one in both if one] or None


async def main(args):
    return await pipeline(["a", "b", "c"], pair)
"""


@pytest.mark.parametrize(
    ("source", "lost", "meant"),
    [
        (harness(BRANCHES), ["a1"], ["branch 1 of the parallel at line 2 is missing"]),
        (harness("await agent('x', label='x')"), ["x"], ["main got None at line 2"]),
        (harness("await agent('x', label='x', critical=True)"), ["x"], ["the run ended, since it was critical"]),
        (
            harness("try:", "    await agent('x', label='x', critical=True)", "except AgentFailed:", "    return 1"),
            ["x"],
            ["main got an error at line 3, since it was critical"],
        ),
        (
            PAIRS,
            ["b1"],
            [
                "branch 1 of the parallel at line 3; item 1 of the pipeline at line 8".replace(";", " is missing;")
                + " has a value all the same"
            ],
        ),
        (
            PAIRS,
            ["b0", "b1"],
            [
                f"branch {n} of the parallel at line 3 is missing; item 1 of the pipeline at line 8 is missing"
                for n in range(2)
            ],
        ),
        (
            harness("return await parallel([lambda: 1 / 0, agent('x')])"),
            [],
            ["branch 0 of the parallel at line 2 is missing"],
        ),
        (
            harness("both = [lambda: 1 / 0, agent('x')]", "await parallel(both[:1])", "return await parallel(both)"),
            [],
            [f"branch 0 of the parallel at line {line} is missing" for line in (3, 4)],
        ),
    ],
)
def test_each_loss_says_what_it_has_meant(tmp_path: Path, source: str, lost: list[str], meant: list[str]) -> None:
    done = run_source(source, tmp_path, stub=lose(*lost))
    assert consequences(done) == meant
    for page in (text(result_page(done.state, "folder")), report(done.state)):
        assert all(words in page for words in meant)


def test_a_loss_on_a_branch_that_was_cancelled_afterwards(tmp_path: Path) -> None:
    source = """
async def slow():
    await agent("x", label="x")
    return await agent("slow", label="slow")


async def main(args):
    return await parallel([slow(), agent("quick", label="quick")], quorum=1)
"""
    rules = [{"match": {"label": "quick"}, "latency": 5, "result": "q"}, {"match": {"label": "slow"}, "latency": 9}]
    done = run_source(source, tmp_path, stub={**lose("x"), "rules": [*lose("x")["rules"], *rules]})
    assert consequences(done) == ["branch 0 of the parallel at line 8 was cancelled"]
    assert ledger(done) == [{"line": 8, "done": 1, "cancelled": 1}]


def test_dropped_on_purpose_is_listed_and_no_loss(tmp_path: Path) -> None:
    source = harness("return await pipeline([1, 2, 3], lambda n: None if n == 2 else agent(f'{n}'))")
    done = run_source(source, tmp_path)
    assert (done.state.health, ledger(done)) == ("clean", [{"line": 2, "done": 2, "dropped": 1}])
    assert "pipeline at line 2: 2 of 3 items done, 1 dropped" in text(result_page(done.state, "folder"))


def test_dropped_for_want_of_an_agent_is_a_loss(tmp_path: Path) -> None:
    """The stage returns None of its own accord, since a skeptic was lost: nobody knows what it would have said."""
    done = run_source(CHECKED, tmp_path, stub=lose("verify:two"))
    assert ledger(done) == [{"line": 8, "lost": 2}, {"line": 3, "done": 2, "lost": 2}]
    assert done.state.health == "degraded"


def test_what_a_quorum_cancels_is_no_loss_and_not_shown(tmp_path: Path) -> None:
    done = run_source(harness(BRANCHES.replace("])", "], quorum=1)")), tmp_path)
    assert (done.state.health, ledger(done)) == ("clean", [{"line": 2, "done": 1, "cancelled": 2}])
    assert "missing" not in text(result_page(done.state, "folder"))


def test_skeptics_who_are_not_needed_are_counted_and_no_loss(tmp_path: Path) -> None:
    stub = {"default": {"result": {"verdict": "supported", "reason": "", "evidence": []}}}
    source = harness("return await verify('x', votes=5, veto=False, early=True)")
    done = run_source(source, tmp_path, stub=stub)
    assert (done.state.health, ledger(done)) == ("clean", [{"line": 2, "done": 3, "cancelled": 2}])
    assert result_object(done.state)["result"]["saved"] == 2 and len(done.state.agents) == 3


def test_fan_outs_of_one_place_are_added_up(tmp_path: Path) -> None:
    source = harness("for _ in range(3):", f"    {BRANCHES.removeprefix('return ')}")
    done = run_source(source, tmp_path, stub=lose("a2"))
    (row,) = result_object(done.state)["coverage"]["fan_outs"]
    assert row == {
        **{"line": 3, "kind": "parallel", "workflow": None, "times": 3, "intended": 9, "done": 6, "lost": 3},
        **{"dropped": 0, "cancelled": 0, "cut": 0},
    }


def test_those_of_a_saved_harness_are_its_own(tmp_path: Path) -> None:
    saved = tmp_path / ".weft" / "workflows" / "inner.py"
    saved.parent.mkdir(parents=True)
    saved.write_text(harness(BRANCHES))
    done = run_source(harness("return await parallel([workflow('inner')])"), tmp_path, stub=lose("a1"))
    rows = result_object(done.state)["coverage"]["fan_outs"]
    assert [(row["workflow"], row["line"], row["lost"]) for row in rows] == [(None, 2, 0), ("inner", 2, 1)]
    assert consequences(done) == [
        "branch 1 of the parallel at line 2 of inner is missing; branch 0 of the parallel at line 2 has a value all "
        "the same"
    ]


def test_what_a_pause_cuts_off(tmp_path: Path) -> None:
    """Five of ten items were done when the run was paused; those at work and those not begun are cut."""
    source = harness("return await pipeline(range(10), lambda n: agent(f'{n}', label=f'a{n}'), limit=2)")
    done = run_source(source, tmp_path, stub=lose("a2"), max_agents=5)
    assert done.state.outcome == "paused"
    assert ledger(done) == [{"line": 2, "done": 4, "lost": 1, "cut": 5}]
    assert consequences(done) == ["item 2 of the pipeline at line 2 is missing"]
    assert result_object(done.state)["coverage"]["agents"] == {
        "intended": 7,
        **{"done": 4, "lost": 1, "cancelled": 0, "cut": 2},
    }


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    source=harnesses(straight=False),
    seed=st.integers(0, 99),
    loss=st.sampled_from([0.0, 0.2, 0.5]),
    stop=st.none() | st.integers(1, 12),
    again=st.booleans(),
)
def test_the_ledger_adds_up(source: str, seed: int, loss: float, stop: int | None, again: bool) -> None:
    with TemporaryDirectory() as folder:
        done = run_source(source, Path(folder), agents=Disturbed(seed, loss, stop))
        if again and (done.state.outcome, done.state.health) != ("completed", "clean"):
            done = resume_source(done, Path(folder), agents=Disturbed(seed, loss, None))
        check_ledger(done)


def check_ledger(done: Run) -> None:
    state = fold(read_journal(done.folder.journal))
    found = result_object(state)
    agents, rows = found["coverage"]["agents"], found["coverage"]["fan_outs"]
    assert agents["intended"] == len(state.agents) == sum(agents[fate] for fate in FATES if fate in agents)
    assert (agents["done"], agents["lost"]) == (state.count("done"), len(state.lost))
    assert sum(row["times"] for row in rows) == len(state.fan_outs)
    for row in rows:
        assert row["intended"] == sum(row[fate] for fate in FATES)
    if state.outcome == "completed":
        assert not agents["cut"] and not any(row["cut"] for row in rows)
    if state.health == "clean":
        assert not found["lost"] and not any(row["lost"] for row in rows)
    assert all(lost["consequence"] for lost in found["lost"])


def test_it_is_worked_out_once_for_as_long_as_nothing_is_added(tmp_path: Path) -> None:
    source = harness("return await parallel([agent('a'), agent('b')])")
    events = list(read_journal(run_source(source, tmp_path, stub=lose("a")).folder.journal))
    state = fold(events[:-1])
    before = coverage_of(state)
    assert coverage_of(state) is before
    state.apply(*events[-1])
    assert coverage_of(state) is not before
    assert coverage_of(fold(events)) is not coverage_of(state)
