"""At the ceiling, from end to end: pause, finish from what is held back, or stop; and slices of saved harnesses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from command import weft
from running import resume_source, run_source

from weft.runtime.ceiling import Share
from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import result_object
from weft.runtime.execution.run import Run
from weft.runtime.journal import read_journal
from weft.runtime.journal.events import AgentCalled, WorkflowLoaded
from weft.runtime.project.harness import parse_harness

REPORT = """
async def main(args):
    phase("Read")
    found = await parallel([agent(f"read {n}", label=f"read:{n}") for n in range(args["n"])])
    phase("Report")
    return await agent(f"report on {[text for text in found if text]}", label="report")
"""
STUB: dict[str, Any] = {
    "rules": [
        {"match": {"label": "^report$"}, "result": "the report", "latency": 5, "usage": {"input": 150, "output": 50}},
    ],
    "default": {"result": "x", "latency": 10, "usage": {"input": 80, "output": 20}},
}
HOLD = {"Report": Share(20, percent=True)}


def at_the_ceiling(tmp_path: Path, **options: Any) -> tuple[Run, dict[str, Any]]:
    """Run ten readers of 100 tokens each and a report of 200, under 1,000."""
    given = {"budget_tokens": (1000), "hold": HOLD, "concurrency": 4, **options}
    done = run_source(REPORT, tmp_path, args={"n": 10}, stub=STUB, **given)
    return done, result_object(done.state)


def replayed(done: Run, source: str) -> bool:
    harness = parse_harness(source, name="test", filename="h.py")
    return anyio.run(replay, harness, read_journal(done.folder.journal)).complete


class TestFinish:
    def test_what_is_held_back_pays_for_the_report(self, tmp_path: Path) -> None:
        done, result = at_the_ceiling(tmp_path, on_budget="finish")
        assert (result["outcome"], result["health"], result["result"]) == ("completed", "degraded", "the report")
        assert [(lost["label"], lost["cause"]) for lost in result["lost"]] == [
            ("read:8", "stopped"),
            ("read:9", "stopped"),
        ]
        assert "800 of 1,000 tokens are spent; 200 tokens held back for 'Report'" in result["lost"][0]["message"]
        assert done.state.spent.tokens == 1000
        assert replayed(done, REPORT)

    def test_without_it_the_report_is_lost_too(self, tmp_path: Path) -> None:
        _, result = at_the_ceiling(tmp_path, on_budget="finish", hold={})
        assert (result["outcome"], result["result"], len(result["lost"])) == ("completed", None, 1)

    def test_a_resume_with_more_asks_what_was_lost(self, tmp_path: Path) -> None:
        done, _ = at_the_ceiling(tmp_path, on_budget="finish")
        again = resume_source(done, tmp_path, stub=STUB, budget_tokens=2000, hold=HOLD, on_budget="finish")
        assert (again.state.outcome, again.state.health) == ("completed", "clean")
        assert again.state.spent.tokens == 1000 + 2 * 100 + 200  # the report is another one now

    def test_a_resume_counts_what_the_phase_has_used_of_its_share(self, tmp_path: Path) -> None:
        """Of the 400 that are held back now, the report has had 200: there is room for one reader, not for none."""
        done, _ = at_the_ceiling(tmp_path, on_budget="finish")
        hold = {"Report": Share(400)}
        again = resume_source(done, tmp_path, stub=STUB, budget_tokens=1300, hold=hold, on_budget="finish")
        lost = [agent.called.request.label for agent in again.state.lost]
        assert (again.state.outcome, lost, again.state.spent.tokens) == ("completed", ["read:9"], 1300)

    def test_a_harness_that_asks_until_it_gets_an_answer_comes_to_the_backstop(self, tmp_path: Path) -> None:
        source = "async def main(args):\n    while await agent('x') is None:\n        log('again')"
        stub = {"default": {"lost": "refused", "usage": {"input": 100}}}
        done = run_source(source, tmp_path, stub=stub, budget_tokens=100, on_budget="finish", max_agents=20)
        assert done.state.ended is not None
        assert (done.state.ended.pause, len(done.state.lost), done.state.spent.tokens) == ("agents", 20, 100)

    def test_for_critical_agents_in_any_phase(self, tmp_path: Path) -> None:
        source = REPORT.replace('label="report")', 'label="report", critical=True)')
        options: dict[str, Any] = {"hold": {"critical": Share(200)}, "on_budget": "finish"}
        done = run_source(source, tmp_path, args={"n": 9}, stub=STUB, budget_tokens=1000, **options)
        assert done.state.ended is not None
        assert (done.state.ended.result, len(done.state.lost)) == ("the report", 1)


class TestPause:
    def test_says_what_is_still_held_and_goes_on_with_more(self, tmp_path: Path) -> None:
        done, result = at_the_ceiling(tmp_path)
        assert (result["outcome"], result["error"]["type"]) == ("paused", "budget")
        assert "200 tokens held back for 'Report'" in result["error"]["message"]
        assert (done.state.count("done"), done.state.spent.tokens) == (8, 800)
        again = resume_source(done, tmp_path, stub=STUB, budget_tokens=1250, hold=HOLD)
        assert (again.state.outcome, again.state.health, again.state.spent.tokens) == ("completed", "clean", 1200)


class TestStop:
    def test_ends_agents_at_work_and_the_run_and_keeps_what_was_finished(self, tmp_path: Path) -> None:
        """Of two that start when others end, one has room and takes long, the other never has any."""
        slow = {"match": {"label": "^read:8"}, "result": "slow", "latency": 1000, "usage": {"input": 50}}
        large = {"match": {"label": "^read:9"}, "result": "large", "usage": {"input": 500}}
        stub = {**STUB, "rules": [slow, large, *STUB["rules"]]}
        done = run_source(
            REPORT, tmp_path, args={"n": 12}, stub=stub, budget_tokens=890, concurrency=4, on_budget="stop"
        )
        result = result_object(done.state)
        assert (result["outcome"], result["error"]["type"], result["wall_s"]) == ("error", "budget", 20.0)
        assert (done.state.count("done"), done.state.count("cancelled")) == (6, 3)
        assert "agents at work were ended" in result["error"]["message"]
        assert not replayed(done, REPORT)  # as far as it got, without a difference
        again = resume_source(done, tmp_path, stub=STUB, budget_tokens=2000)
        assert (again.state.outcome, again.state.health) == ("completed", "clean")


# ------------------------------------------------------------------------------------------------ slices

OUTER = """
async def main(args):
    first = await agent("first")
    inner = await workflow("inner", {"n": 5}, budget=0.5)
    last = await agent("last")
    return [first, inner, last, budget.total("tokens"), budget.spent("tokens"), budget.remaining("tokens")]
"""
INNER = """
AT_FIRST = [budget.total("tokens"), budget.remaining("tokens")]


async def main(args):
    found = []
    for n in range(args["n"]):
        found.append([await agent(f"inner {n}"), budget.spent("tokens"), budget.remaining("tokens")])
    return [AT_FIRST, found]
"""
EACH = {"default": {"result": "x", "usage": {"input": 80, "output": 20}}}


def save(folder: Path, **harnesses: str) -> None:
    saved = folder / ".weft" / "workflows"
    saved.mkdir(parents=True, exist_ok=True)
    for name, source in harnesses.items():
        (saved / f"{name}.py").write_text(source)


def result(done: Run) -> Any:
    assert done.state.ended is not None and done.state.ended.outcome == "completed", done.state.ended
    return done.state.ended.result


class TestSlices:
    def test_a_saved_harness_sees_and_uses_its_part_and_the_caller_goes_on(self, tmp_path: Path) -> None:
        """Half of the 600 that are left after the first agent: three agents, then two that are lost."""
        save(tmp_path, inner=INNER)
        done = run_source(OUTER, tmp_path, stub=EACH, budget_tokens=700)
        inside = [["x", 100, 200], ["x", 200, 100], ["x", 300, 0], [None, 300, 0], [None, 300, 0]]
        assert result(done) == ["x", [[300, 300], inside], "x", 700, 500, 200]
        lost = [agent.lost for agent in done.state.lost if agent.lost]
        assert [one.cause for one in lost] == ["stopped", "stopped"]
        assert (
            "slice of the budget that saved harness 'inner' has does not hold it: 300 of 300 tokens" in lost[0].message
        )
        loads = [event for _, event in read_journal(done.folder.journal) if isinstance(event, WorkflowLoaded)]
        assert [(load.slices[-1].tokens, load.slices[-1].spent.tokens) for load in loads] == [(300, 0)]
        assert replayed(done, OUTER)

    def test_it_holds_nothing_back_and_gives_nothing(self, tmp_path: Path) -> None:
        """What others have spent in the meantime is gone for it too; then the run is at its ceiling, not the slice."""
        source = """
async def main(args):
    return list(await parallel([workflow("inner", {"n": 5}, budget=0.5), *[agent(f"{n}") for n in range(9)]]))
"""
        save(tmp_path, inner=INNER)
        done = run_source(source, tmp_path, stub=EACH, budget_tokens=1000)
        assert (done.state.outcome, done.state.spent.tokens) == ("paused", 1000)

    def test_no_ceiling_leaves_no_limit_and_counts_all_the_same(self, tmp_path: Path) -> None:
        readings = "[budget.total('tokens'), await agent('x'), budget.spent('tokens')]"
        save(tmp_path, inner=f"async def main(args):\n    return {readings}")
        source = "async def main(args):\n    return [await agent('y'), await workflow('inner', budget=0.1)]"
        assert result(run_source(source, tmp_path, stub=EACH)) == ["x", [None, "x", 100]]

    def test_one_within_another_is_a_part_of_that(self, tmp_path: Path) -> None:
        middle = """
async def main(args):
    found = [await workflow("inner", {"n": 3}, budget=0.25), budget.spent("tokens"), budget.remaining("tokens")]
    return [*found, await parallel([agent(f"m{n}") for n in range(4)]), budget.spent("tokens")]
"""
        save(tmp_path, inner=INNER, middle=middle)
        source = "async def main(args):\n    return [await workflow('middle', budget=0.5), budget.spent('tokens')]"
        done = run_source(source, tmp_path, stub=EACH, budget_tokens=800)
        inside = [["x", 100, 0], [None, 100, 0], [None, 100, 0]]
        assert result(done) == [[[[100, 100], inside], 100, 300, ["x", "x", "x", None], 400], 400]
        called = [event for _, event in read_journal(done.folder.journal) if isinstance(event, AgentCalled)]
        assert [event.slice for event in called] == [1, 1, 1, 0, 0, 0, 0]
        assert replayed(done, source)

    @pytest.mark.slow
    @pytest.mark.parametrize("most", range(1, 10))
    def test_a_resume_takes_the_same_turns_again_and_opens_no_slice_twice(self, tmp_path: Path, most: int) -> None:
        """The same saved harness with the same arguments in a loop: each call has a slice of its own."""
        source = """
async def main(args):
    rounds = []
    for n in range(3):
        rounds.append([await workflow("inner", budget=0.5), await agent(f"after {n}"), budget.remaining("tokens")])
    return rounds
"""
        inner = """
async def main(args):
    found = []
    while budget.remaining("tokens") >= 100:
        found.append([await agent(f"{len(found)}"), budget.spent("tokens"), budget.remaining("tokens")])
    return found
"""
        options: dict[str, Any] = {"stub": EACH, "budget_tokens": (1200)}
        for folder in ("whole", "cut"):
            save(tmp_path / folder, inner=inner)
        whole = result(run_source(source, tmp_path / "whole", **options))
        cut = run_source(source, tmp_path / "cut", max_agents=most, **options)
        assert cut.state.outcome == "paused"
        again = resume_source(cut, tmp_path / "cut", **options)
        assert result(again) == whole
        assert again.state.spent.tokens == 1200 - whole[-1][-1]
        assert replayed(again, source)

    def test_a_resume_counts_what_came_to_nothing_against_its_slice(self, tmp_path: Path) -> None:
        save(tmp_path, inner=INNER)
        lost = {"lost": "provider", "usage": {"input": 80, "output": 20}}
        done = run_source(OUTER, tmp_path, stub={"default": lost}, budget_tokens=700, max_agents=3)
        assert done.state.spent.tokens == 300
        again = resume_source(done, tmp_path, stub=EACH, budget_tokens=5000)
        first, (_, inside), *_ = result(again)
        assert (first, [value for value, *_ in inside]) == ("x", ["x", None, None, None, None])

    @pytest.mark.parametrize("part", ["0", "1.5", "-1", "True", "'half'", "float('nan')"])
    def test_what_is_no_fraction_is_an_error_of_the_harness(self, tmp_path: Path, part: str) -> None:
        save(tmp_path, inner=INNER)
        done = run_source(
            f"async def main(args):\n    await workflow('inner', {{}}, budget={part})", tmp_path, stub=EACH
        )
        assert done.state.ended is not None and done.state.ended.problem is not None
        assert "workflow(budget=…)" in done.state.ended.problem.message


# ------------------------------------------------------------------------------------------------ the command


class TestCommand:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        imports = "from weft.primitives import agent, parallel, phase"
        (tmp_path / "report.py").write_text(f'"""Report."""\n\n{imports}\n{REPORT}')
        (tmp_path / "stub.json").write_text(json.dumps(STUB))
        return tmp_path

    def run(self, folder: Path, *words: str) -> Any:
        return weft(
            folder,
            *("run", "report.py", "--args", '{"n": 10}', "--agents", "stub:stub.json", "--virtual-time"),
            *("--budget-tokens", "1000", "--concurrency", "4", *words),
        )

    def test_finishes_degraded_and_a_resume_keeps_the_options(self, folder: Path) -> None:
        done = self.run(folder, "--hold", "Report=20%", "--on-budget", "finish", "--json")
        assert (done.code, done.json["result"], len(done.json["lost"])) == (4, "the report", 2)
        again = weft(folder, "resume", "@last", "--budget-tokens", "1300", "--json")
        assert (again.code, len(again.json["lost"])) == (4, 1)  # a fifth of that is held back again

    def test_stops(self, folder: Path) -> None:
        done = self.run(folder, "--on-budget", "stop", "--json")
        assert (done.code, done.json["outcome"], done.json["error"]["type"]) == (1, "error", "budget")

    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            (["--hold", "Report=120%"], 3, "more is held back than there is: 120% for 'Report'"),
            (["--hold", "Report=0.5"], 2, "a share of tokens is a whole number"),
            (["--hold", "Report=5", "--budget", "1"], 2, "could be in tokens or in dollars"),
            (["--hold", "Report"], 2, "names no share"),
            (["--on-budget", "panic"], 2, "pause"),
        ],
    )
    def test_refuses_what_it_cannot_hold(self, folder: Path, words: list[str], code: int, said: str) -> None:
        done = self.run(folder, *words)
        assert (done.code, said in done.err) == (code, True), done.err
        assert not (folder / ".weft" / "runs").exists()
