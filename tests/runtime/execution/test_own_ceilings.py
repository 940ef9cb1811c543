"""`BUDGET` of a harness: the lower of its ceilings and a person's holds, from the plan to the last resume."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import resume_source, run_source
from unconfined import without_processes

from weft.linter import lint
from weft.runtime.authoring.plan import make_plan
from weft.runtime.errors import Refused
from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import remedy
from weft.runtime.execution.run import Run
from weft.runtime.held import limited, loosened
from weft.runtime.journal.events import RunStarted
from weft.runtime.page import text
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import ceilings_of, parse_harness
from weft.runtime.settings import Settings
from weft.runtime.views.data import run_object
from weft.runtime.views.plan import plan_object, plan_page
from weft.runtime.views.text import run_page

ASK = """
BUDGET = {budget}
async def main(args):
    return [await agent(f"Say {{n}}") for n in range(4)]
"""
STUB = {"default": {"result": "x", "usage": {"input": 100, "output": 0}}}
CALLED = "async def main(args):\n    return [await workflow('inner'), await agent('last')]\n"


@pytest.fixture(autouse=True)
def _without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def ask(folder: Path, budget: str, **more: Any) -> Run:
    return run_source(ASK.format(budget=budget), folder, stub=STUB, **more)


def saved(folder: Path, source: str) -> None:
    (folder / ".weft" / "workflows").mkdir(parents=True)
    (folder / ".weft" / "workflows" / "inner.py").write_text(source)


def replayed(done: Run, source: str) -> bool:
    return anyio.run(replay, parse_harness(source, name="test", filename="h.py"), done.folder.events()).complete


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(["usd", "tokens", "agents", "minutes"]), st.integers(1, 50)), st.data())
def test_the_lower_one_holds_and_the_persons_is_known_again(own: Any, data: st.DataObject) -> None:
    limit = st.none() | st.integers(1, 3000)
    person = Settings(
        budget_usd=data.draw(limit),
        budget_tokens=data.draw(limit),
        deadline=data.draw(limit),
        max_agents=data.draw(st.integers(1, 3000)),
    )
    holding, held = limited(person, own)
    for unit, name, times in (("usd", "budget_usd", 1), ("tokens", "budget_tokens", 1), ("minutes", "deadline", 60)):
        said = [one for one in (getattr(person, name), own[unit] * times if unit in own else None) if one is not None]
        assert getattr(holding, name) == min(said, default=None)
    assert holding.max_agents == min(person.max_agents, own.get("agents", person.max_agents))
    assert loosened(holding, held) == person
    assert limited(holding, {}).settings == holding


@pytest.mark.parametrize(
    ("budget", "person", "done", "whose"),
    [
        ('{"tokens": 250}', {}, 2, "harness"),
        ('{"tokens": 250}', {"budget_tokens": 150}, 1, "person"),
        ('{"tokens": 250}', {"budget_tokens": 9000}, 2, "harness"),
        ('{"agents": 3}', {}, 3, "harness"),
        ('{"agents": 3}', {"max_agents": 1}, 1, "person"),
    ],
)
def test_a_run_is_held_by_the_lower_one(
    tmp_path: Path, budget: str, person: dict[str, int], done: int, whose: str
) -> None:
    ended = ask(tmp_path, budget, **person).state
    (held,) = run_object(ended)["held"].values()
    assert (ended.outcome, ended.count("done"), held["whose"]) == ("paused", done, whose)
    assert "BUDGET of the harness" in text(run_page(ended, "."))
    assert ("raise BUDGET in h.py" in remedy(ended)[1]) == (whose == "harness")


def test_what_the_harness_sets_is_known_while_it_runs(tmp_path: Path) -> None:
    source = 'BUDGET = {"tokens": 700}\nasync def main(args):\n await agent("x")\n return budget.remaining("tokens")\n'
    done = run_source(source, tmp_path, stub=STUB)
    assert done.state.best is not None and done.state.best.value == 600
    assert replayed(done, source)


def test_minutes_pause_a_run_at_their_end(tmp_path: Path) -> None:
    slow = {"default": {"result": "x", "latency": 25}}
    ended = run_source(ASK.format(budget='{"minutes": 1}'), tmp_path, stub=slow).state
    assert ended.ended is not None
    assert (ended.ended.pause, ended.count("done")) == ("deadline", 2)


def test_a_plan_tells_whose_limits_hold_and_rehearses_without_minutes(tmp_path: Path) -> None:
    """How long agents take in a rehearsal is made up."""
    harness = parse_harness(ASK.format(budget='{"minutes": 0.01, "usd": 2}'), name="t", filename="h.py")
    planned = anyio.run(make_plan, harness, {}, Settings(budget_usd=1.5), Config(), Project(tmp_path))
    assert planned.rehearsal is not None and not planned.rehearsal.crashes
    page = text(plan_page(planned))
    assert "at most 0.01 minutes: BUDGET of the harness (--deadline is not given)" in page
    assert "at most $1.5: --budget (BUDGET of the harness would be $2)" in page
    assert {name: both["whose"] for name, both in plan_object(planned)["held"].items()} == {
        "deadline": "harness",
        "budget_usd": "person",
    }


@pytest.mark.parametrize(
    ("budget", "short"),
    [('{"usd": 0.0005}', True), ('{"tokens": 2000}', True), ('{"usd": 2, "tokens": 50_000}', False)],
)
def test_a_plan_says_where_a_budget_holds_not_even_the_first_request(tmp_path: Path, budget: str, short: bool) -> None:
    harness = parse_harness(ASK.format(budget=budget), name="t", filename="h.py")
    settings = Settings(model="anthropic:claude-haiku-4-5")
    planned = anyio.run(make_plan, harness, {}, settings, Config(), Project(tmp_path))
    told = "the budget is less than what the first request may cost" in text(plan_page(planned))
    assert (told, plan_object(planned)["too_little"]) == (short, short)


def test_a_resume_goes_by_the_harness_that_it_goes_on_with(tmp_path: Path) -> None:
    """The person had set nothing, so once the harness allows more, nothing of its old ceiling is left."""
    done = ask(tmp_path, '{"tokens": 250}')
    again = resume_source(done, tmp_path, stub=STUB, budget_tokens=9000)
    assert (again.state.outcome, again.state.count("done")) == ("paused", 2)
    more = resume_source(done, tmp_path, stub=STUB, source=ASK.format(budget='{"tokens": 350}'))
    assert (more.state.outcome, more.state.count("done")) == ("paused", 3)
    last = resume_source(done, tmp_path, stub=STUB, source=ASK.format(budget="{}"))
    assert (last.state.outcome, last.state.started_agents) == ("completed", 1)


@pytest.mark.parametrize(
    "budget",
    [
        '{"dollars": 1}',
        '{"usd": 0}',
        '{"usd": -1}',
        '{"usd": True}',
        '{"usd": "1"}',
        '{"usd": 1e400}',
        '{"tokens": 1.5}',
        '{"agents": 10 ** 3}',
        '{"usd": 1, "usd": 2}',
        '{"usd": None}',
        '{"usd": 1, **{}}',
        "{1: 2}",
        "5",
        "dict(usd=1)",
        '{"usd": 1}; BUDGET = {"usd": 2}',
        '{"tokens": 10**400}',
        '{"usd": 1}\nif True:\n    BUDGET = {"usd": 9}',
        '{"usd": 1}\nBUDGET |= {"usd": 9}',
    ],
)
def test_what_cannot_be_held_is_refused_before_the_start(tmp_path: Path, budget: str) -> None:
    with pytest.raises(Refused, match="not a harness") as refused:
        ask(tmp_path, budget)
    assert re.match(r"h\.py:[2-4]: BUDGET ", str(refused.value.where))
    assert not (tmp_path / ".weft" / "runs").exists()
    assert [found.code for found in lint(ASK.format(budget=budget)).errors][:1] == ["E008"]


class TestSavedHarnesses:
    INNER = 'BUDGET = {budget}\nasync def main(args):\n    return [await agent(f"say {{n}}") for n in range(4)]\n'

    @pytest.mark.parametrize(
        ("budget", "answers"),
        [('{"tokens": 250}', 2), ('{"agents": 3}', 3), ('{"tokens": 250, "agents": 1}', 1), ('{"minutes": 1}', 4)],
    )
    def test_what_it_allows_itself_holds_for_its_part_alone(self, tmp_path: Path, budget: str, answers: int) -> None:
        saved(tmp_path, self.INNER.format(budget=budget))
        done = run_source(CALLED, tmp_path, stub=STUB)
        assert done.state.best is not None
        assert done.state.best.value == [["x"] * answers + [None] * (4 - answers), "x"]
        assert replayed(done, CALLED)

    def test_the_run_and_a_smaller_part_hold_it_further(self, tmp_path: Path) -> None:
        saved(tmp_path, self.INNER.format(budget='{"tokens": 300}'))
        called = CALLED.replace("'inner'", "'inner', budget=0.2")
        done = run_source(called, tmp_path, stub=STUB, budget_tokens=1000)
        assert done.state.best is not None
        assert done.state.best.value[0] == ["x", "x", None, None]

    def test_it_is_told_its_own_ceiling(self, tmp_path: Path) -> None:
        inner = 'BUDGET = {"tokens": 300}\nasync def main(args):\n    return budget.remaining("tokens")\n'
        saved(tmp_path, inner)
        done = run_source(CALLED, tmp_path, stub=STUB, budget_tokens=1000)
        assert done.state.best is not None
        assert done.state.best.value == [300, "x"]

    def test_a_resume_gives_it_the_same_again(self, tmp_path: Path) -> None:
        saved(tmp_path, self.INNER.format(budget='{"tokens": 250}'))
        lost = {"rules": [{"match": {"prompt": "last"}, "lost": "provider"}], **STUB}
        done = run_source(CALLED, tmp_path, stub=lost)
        again = resume_source(done, tmp_path, stub=STUB)
        assert again.state.best is not None
        assert again.state.best.value == [["x", "x", None, None], "x"]

    def test_one_that_cannot_be_held_is_refused_where_it_is_called(self, tmp_path: Path) -> None:
        saved(tmp_path, self.INNER.format(budget='{"euros": 1}'))
        done = run_source(CALLED, tmp_path, stub=STUB)
        assert done.state.ended is not None and done.state.ended.problem is not None
        assert "WorkflowRefused" in done.state.ended.problem.message


@pytest.mark.parametrize("head", ['if True:\n    BUDGET = {"usd": 1}', 'BUDGET, n = {"usd": 1}, 2', "BUDGET: dict"])
def test_one_that_nobody_would_read_is_refused_too(head: str) -> None:
    harness = parse_harness(f"{head}\nasync def main(args):\n    return 1\n", name="t", filename="h.py")
    with pytest.raises(Refused) as refused:
        ceilings_of(harness)
    assert "a line of its own" in str(refused.value.where)


def test_a_name_of_a_functions_own_is_none() -> None:
    harness = parse_harness("async def main(args):\n    BUDGET = 5\n    return BUDGET\n", name="t", filename="h.py")
    assert ceilings_of(harness) == {}


def test_in_language_1_the_name_is_the_harnesss_own() -> None:
    harness = parse_harness("BUDGET = 5\nasync def main(args):\n return BUDGET\n", name="t", filename="h.py")
    assert ceilings_of(harness, 1) == {}
    with pytest.raises(Refused):
        ceilings_of(harness)


def test_the_journal_keeps_both_sides(tmp_path: Path) -> None:
    done = ask(tmp_path, '{"usd": 2.5, "agents": 9}', budget_usd=1.0)
    started = next(event for _, event in done.folder.events() if isinstance(event, RunStarted))
    assert {name: (both.harness, both.person) for name, both in started.held.items()} == {
        "budget_usd": (2.5, 1.0),
        "max_agents": (9, 1000),
    }
    assert (started.settings.budget_usd, started.settings.max_agents) == (1.0, 9)
    assert json.dumps(run_object(done.state)["held"])
