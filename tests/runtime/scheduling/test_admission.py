"""A fan-out that surely does not fit pauses the run before its first agent; one that may fit is never held."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from asking import COST, Asking
from harnesses import harnesses
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from running import resume_source, run_source

from weft.linter import lint
from weft.runtime.ceiling import Ceiling, OnBudget
from weft.runtime.execution.run import Run, run
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.request import Agents
from weft.runtime.settings import Settings

FIRST = "async def main(args):\n    first = await agent('first')\n"
PLAIN = FIRST + "    return await parallel([agent(f'{n}') for n in range(5)])\n"
TWICE = """
async def twice(x):
    await agent(f"one {x}")
    return await agent(f"two {x}")


async def main(args):
    first = await agent('first')
    return await pipeline(args["items"], twice)
"""


def run_bounded(source: str, folder: Path, agents: Agents | Path, args: Any = None, **options: Any) -> Run:
    """Run a harness as the command does: with what the linter knows of it; with a stub file, in virtual time."""
    bound = options.pop("bound", lint(source).bound)
    harness = parse_harness(source, name="test", filename="h.py")
    stub = agents if isinstance(agents, Path) else None
    settings = Settings(**options) if stub is None else Settings(**options, agents=f"stub:{stub}", virtual_time=True)

    async def go() -> Run:
        own = None if isinstance(agents, Path) else agents
        return await run(harness, args or {}, settings, Project(folder), bound=bound, agents=own)

    return anyio.run(go)


def problem(done: Run) -> tuple[str, str]:
    assert done.state.ended is not None and done.state.ended.problem is not None
    return done.state.ended.problem.type, done.state.ended.problem.message


class TestTheBackstop:
    def test_holds_before_the_first_branch(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path)
        done = run_source(PLAIN, tmp_path, agents=agents, max_agents=5)
        kind, message = problem(done)
        assert (done.state.outcome, kind, set(agents.asked)) == ("paused", "width", {"first"})
        assert "the parallel at line 3 has 5 branches and needs 5 agents or more; the run may start 4" in message
        assert "--max-agents 6 or more" in message

    def test_which_raised_lets_it_go_on(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path)
        done = run_source(PLAIN, tmp_path, agents=agents, max_agents=5)
        assert problem(resume_source(done, tmp_path, agents=agents, max_agents=5))[0] == "width"
        again = resume_source(done, tmp_path, agents=agents, max_agents=6)
        assert (again.state.outcome, agents.asked.total()) == ("completed", 6)

    def test_counts_what_branches_take_at_least(self, tmp_path: Path) -> None:
        """With what the linter knows of their functions; for a pipeline, up to where an item may be dropped."""
        agents = Asking(tmp_path)
        done = run_bounded(TWICE, tmp_path, agents, {"items": ["a", "b", "c"]}, max_agents=6)
        assert (problem(done)[0], set(agents.asked)) == ("width", {"first"})
        assert "line 9 has 3 items and needs 6 agents or more" in problem(done)[1]

    def test_counts_those_that_wait(self, tmp_path: Path) -> None:
        """Two fan-outs of which each alone would fit."""
        source = """
async def some(name):
    return await parallel([agent(f"{name}{n}") for n in range(3)])


async def main(args):
    return await parallel([lambda: some("a"), lambda: some("b")])
"""
        agents = Asking(tmp_path)
        done = run_source(source, tmp_path, agents=agents, max_agents=5)
        assert (problem(done)[0], agents.asked.total()) == ("width", 0)

    @pytest.mark.parametrize("limit", ["", ", limit=1"])
    def test_a_quorum_needs_only_so_many(self, tmp_path: Path, limit: str) -> None:
        source = PLAIN.replace("])", f"], quorum=2{limit})")
        done = run_source(source, tmp_path, agents=Asking(tmp_path), max_agents=3, concurrency=1)
        assert done.state.outcome == "completed"

    def test_within_a_quorum_nothing_is_sure(self, tmp_path: Path) -> None:
        source = """
async def some():
    return await parallel([agent(f"{n}") for n in range(9)])


async def main(args):
    return await parallel([agent("quick"), some()], quorum=1)
"""
        done = run_source(source, tmp_path, agents=Asking(tmp_path), max_agents=2, concurrency=1)
        assert done.state.outcome == "completed"

    def test_answers_that_are_there_need_no_agent(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path, lose=["3"])
        done = run_source(PLAIN, tmp_path, agents=agents, max_agents=6)
        agents.lose = []
        again = resume_source(done, tmp_path, agents=agents, max_agents=7)
        assert (again.state.outcome, again.state.health) == ("completed", "clean")


class TestTheBound:
    def test_of_another_harness_holds_this_one(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path)
        smaller = lint(PLAIN.replace("range(5)", "range(4)")).bound
        done = run_bounded(PLAIN, tmp_path, agents, bound=smaller)
        assert (problem(done)[0], set(agents.asked)) == ("width", {"first"})
        assert "more than the 5 that were proved" in problem(done)[1]
        again = resume_source(done, tmp_path, agents=agents, virtual_time=False)
        assert again.state.outcome == "completed"

    @pytest.mark.parametrize(
        "calls",
        [
            "for n in range({most}):\n        await agent(f'{{n}}')",
            "await parallel([agent(f'{{n}}') for n in range({most})], quorum=1)",
            "await pipeline(range({most}), lambda n: agent(f'{{n}}'), limit=1)",
            "await verify('x', lenses=[f'{{n}}' for n in range({most})], quorum=1)",
            "await synthesize(['a'] * {most}, 'x', fan_in=2)",
            "for n in range({most}):\n        await workflow('one')",
        ],
    )
    def test_holds_whatever_the_shape(self, tmp_path: Path, calls: str) -> None:
        """Where the proof is wrong, no agent starts beyond it, and a resume goes on."""
        (tmp_path / ".weft" / "workflows").mkdir(parents=True)
        (tmp_path / ".weft" / "workflows" / "one.py").write_text(
            '"""One."""\nasync def main(args):\n    return await agent("one")'
        )
        source, smaller = (f"async def main(args):\n    {calls.format(most=most)}\n    return 'end'" for most in (6, 3))
        vote = {"verdict": "supported", "reason": "so", "evidence": []}
        agents = Asking(tmp_path, answer=lambda request: vote if request.schema else "fine")
        harness, project = parse_harness(source, name="test", filename="h.py"), Project(tmp_path)
        bound = lint(smaller, workflows=project.find_source).bound

        async def go() -> Run:
            return await run(harness, {}, Settings(), project, bound=bound, agents=agents)

        done = anyio.run(go)
        assert done.state.started is not None and done.state.started.bound is not None
        assert problem(done)[0] == "width"
        assert f"more than the {done.state.started.bound} that were proved" in problem(done)[1]
        assert done.state.started_agents <= done.state.started.bound
        again = resume_source(done, tmp_path, agents=agents, virtual_time=False)
        assert again.state.outcome == "completed"

    def test_is_recorded(self, tmp_path: Path) -> None:
        done = run_bounded(TWICE, tmp_path, Asking(tmp_path), {"items": ["a", "b", "c"]})
        assert done.state.started is not None and done.state.started.bound == 7


class TestTheBudget:
    @pytest.mark.parametrize("ceiling", [Ceiling(tokens=COST.tokens * 5), Ceiling(usd=COST.usd * 5)])
    def test_asks_at_the_price_of_the_cheapest_and_a_resume_is_a_yes(self, tmp_path: Path, ceiling: Ceiling) -> None:
        agents = Asking(tmp_path)
        done = run_source(PLAIN, tmp_path, agents=agents, budget_tokens=ceiling.tokens, budget_usd=ceiling.usd)
        assert (done.state.outcome, problem(done)[0], set(agents.asked)) == ("paused", "price", {"first"})
        assert "of the cheapest so far" in problem(done)[1]
        cheap = {"default": {"result": "x", "usage": {"input": 1}}}  # dearer than those to come was only the first
        again = resume_source(done, tmp_path, stub=cheap, budget_tokens=ceiling.tokens, budget_usd=ceiling.usd)
        assert (again.state.outcome, again.state.health) == ("completed", "clean")

    def test_is_not_guessed_at_before_there_is_a_price(self, tmp_path: Path) -> None:
        source = PLAIN.replace("    first = await agent('first')\n", "")
        agents = Asking(tmp_path)
        done = run_source(source, tmp_path, agents=agents, budget_tokens=COST.tokens * 2, concurrency=1)
        assert (problem(done)[0], agents.asked.total()) == ("budget", 2)

    @pytest.mark.parametrize(("policy", "outcome"), [("finish", "completed"), ("stop", "error")])
    def test_holds_no_run_that_is_to_do_otherwise_at_its_ceiling(
        self, tmp_path: Path, policy: OnBudget, outcome: str
    ) -> None:
        agents = Asking(tmp_path)
        done = run_source(
            PLAIN, tmp_path, agents=agents, budget_tokens=COST.tokens * 5, on_budget=policy, concurrency=1
        )
        assert (done.state.outcome, agents.asked.total()) == (outcome, 5)

    def test_lets_through_what_just_fits(self, tmp_path: Path) -> None:
        done = run_source(PLAIN, tmp_path, agents=Asking(tmp_path), budget_tokens=COST.tokens * 6)
        assert done.state.outcome == "completed"


@pytest.mark.slow
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(source=harnesses(straight=False), seed=st.integers(0, 99), quorum=st.booleans())
def test_no_run_is_held_that_would_have_fitted(source: str, seed: int, quorum: bool) -> None:
    """Where nothing fails, a run that may start exactly as many agents as it needs comes to its end."""
    if quorum:
        lines = source.splitlines()
        source = "\n".join(line.replace("])", "], quorum=1)") if "await parallel([" in line else line for line in lines)
    with TemporaryDirectory() as folder:
        script = Path(folder) / "stub.json"
        script.write_text(json.dumps({"seed": seed, "default": {"from_schema": True, "latency": [1, 30]}}))
        # In virtual time: which branches make up a quorum must be the same in both.
        free = run_bounded(source, Path(folder), script, bound=None)
        assume(not free.state.lost and not free.state.raised)
        most = max(free.state.started_agents, 1)
        held = run_bounded(source, Path(folder), script, max_agents=most)
    assert free.state.ended is not None and held.state.ended is not None
    assert (held.state.outcome, held.state.ended.result) == (free.state.outcome, free.state.ended.result)
