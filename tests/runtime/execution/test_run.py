"""A run: what is checked before it starts, what it leaves behind, how it ends."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from running import run_source

from weft.runtime.errors import Diverged, Refused, UsageError
from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import result_object
from weft.runtime.journal import read_journal
from weft.runtime.journal.events import AgentCalled, AgentFinished, AgentLost, WorkflowLoaded
from weft.runtime.page import text
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.views.text import result_page, run_page

ONE = "async def main(args):\n    return await agent('hello', schema=args.get('schema'))\n"
NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def outcome(done: Any) -> tuple[str, str]:
    return done.state.outcome, done.state.health


class TestWhatItLeaves:
    def test_a_folder_with_everything(self, tmp_path: Path) -> None:
        done = run_source(ONE, tmp_path, stub={"default": {"result": "hi"}})
        assert sorted(path.name for path in done.folder.path.iterdir()) == [
            "harness.py",
            "result.json",
            "result.md",
            "run.db",
        ]
        assert done.folder.harness.read_text() == ONE
        result = json.loads(done.folder.result.read_text())
        assert result == result_object(done.state)
        assert list(result) == [
            *("run", "outcome", "health", "result", "result_of", "other_results", "executions", "error"),
            *("agents", "models", "coverage", "spent", "unsettled", "lost", "questions", "unanswered", "wall_s"),
        ]
        assert (result["result"], result["agents"]) == ("hi", {"started": 1, "done": 1, "lost": 0, "cached": 0})
        assert "hi" in done.folder.report.read_text()

    def test_runs_and_plans_stay_out_of_version_control(self, tmp_path: Path) -> None:
        run_source(ONE, tmp_path)
        assert (tmp_path / ".weft" / ".gitignore").read_text().split() == ["runs/", "plans/"]

    @pytest.mark.parametrize(
        ("source", "type", "kept"),
        [
            ("async def main(args):\n    return 1 / 0", "script", None),
            ("async def main(args):\n    return {1: 2}", "not_json", None),
            ("import os\nasync def main(args):\n    pass", "policy", None),
            # What was paid for is not thrown away because its form is wrong.
            ("RESULT = {'type': 'string'}\nasync def main(args):\n    return 3", "result", 3),
        ],
    )
    def test_a_result_is_written_in_every_ending(self, tmp_path: Path, source: str, type: str, kept: Any) -> None:
        done = run_source(source, tmp_path)
        result = json.loads(done.folder.result.read_text())
        assert (result["outcome"], result["error"]["type"], result["result"]) == ("error", type, kept)

    def test_a_result_that_does_not_fit_is_shown_with_the_reason(self, tmp_path: Path) -> None:
        source = "RESULT = {'type': 'string'}\nasync def main(args):\n    return {'found': ['a heron']}"
        done = run_source(source, tmp_path)
        for shown in (
            text(run_page(done.state, "here")),
            text(result_page(done.state, "here")),
            done.folder.report.read_text(),
        ):
            assert "does not fit RESULT" in shown and "a heron" in shown


class TestRefusals:
    """What cannot work is refused before anything is written."""

    @pytest.mark.parametrize(
        ("source", "args", "options", "error", "said"),
        [
            (ONE + "ARGS = {'type': 'object', 'required': ['x']}", {}, {}, Refused, "do not fit"),
            (ONE + "ARGS = {'type': 'object'}", '{"x": 1}', {}, Refused, "do not fit"),
            (ONE, {}, {"script": Path("missing.json")}, UsageError, "stub file cannot be read"),
            (ONE, {}, {"folders": (Path("missing"),)}, UsageError, "folder cannot be read"),
            (ONE, {}, {"budget_usd": 1.0, "model": "nobody:else"}, Refused, "no price"),
        ],
    )
    def test_leave_nothing_behind(
        self, tmp_path: Path, source: str, args: Any, options: Any, error: Any, said: str
    ) -> None:
        with pytest.raises(error, match=said):
            run_source(source, tmp_path, args=args, **options)
        assert not (tmp_path / ".weft").exists()

    def test_arguments_as_json_text_are_recognised(self, tmp_path: Path) -> None:
        with pytest.raises(Refused) as refused:
            run_source(ONE + "ARGS = {'type': 'object'}", tmp_path, args='{"x": 1}')
        assert "not JSON inside a string" in (refused.value.fix or "")

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("async def main(args:", "not Python"),
            ("x = 1", "no `async def main"),
            ("def main(args): pass", "no `async def main"),
            ("ARGS = make()\nasync def main(args): pass", "literal"),
            ("ARGS = {'type': 'lst'}\nasync def main(args): pass", "not a JSON Schema"),
            ("RESULT = [1]\nasync def main(args): pass", "written as a dict"),
            ("x = '\0'", "null bytes"),
        ],
    )
    def test_what_is_no_harness(self, source: str, said: str) -> None:
        with pytest.raises(Refused) as refused:
            parse_harness(source, name="h", filename="h.py")
        assert said in str(refused.value.where)


class TestAnswers:
    def test_an_answer_that_does_not_fit_is_asked_for_again_with_the_reason(self, tmp_path: Path) -> None:
        asked: list[AgentRequest] = []

        async def agents(request: AgentRequest) -> AgentReply:
            asked.append(request)
            return AgentReply(value={"n": "three"} if request.attempt == 1 else {"n": 3})

        done = run_source(ONE, tmp_path, args={"schema": NUMBER}, agents=agents)
        assert done.state.ended is not None
        assert (done.state.ended.result, outcome(done)) == ({"n": 3}, ("completed", "clean"))
        assert asked[1].complaint == "at $.n: 'three' is not of type 'integer'"

    def test_one_that_never_fits_is_lost_with_what_there_was(self, tmp_path: Path) -> None:
        done = run_source(ONE, tmp_path, args={"schema": NUMBER}, stub={"default": {"result": {"n": "no"}}})
        (lost,) = result_object(done.state)["lost"]
        assert (lost["cause"], lost["attempts"], lost["partial"]) == ("invalid", 3, "{'n': 'no'}")
        assert outcome(done) == ("completed", "degraded")

    def test_a_schema_that_is_none_costs_no_attempt(self, tmp_path: Path) -> None:
        done = run_source(ONE, tmp_path, args={"schema": {"type": "lst"}})
        (lost,) = result_object(done.state)["lost"]
        assert (lost["cause"], lost["attempts"]) == ("invalid", 0)

    @pytest.mark.parametrize(
        "schema",
        [
            {"$ref": "http://127.0.0.1:1/schema"},  # must not be fetched
            {"type": "string", "pattern": "("},
            {"$ref": "#"},
        ],
    )
    def test_a_hostile_schema_loses_one_agent_only(self, tmp_path: Path, schema: Any) -> None:
        done = run_source(ONE, tmp_path, args={"schema": schema}, stub={"default": {"result": "x"}})
        assert [agent.lost and agent.lost.cause for agent in done.state.lost] == ["invalid"]

    def test_empty_text_is_no_answer(self, tmp_path: Path) -> None:
        done = run_source(ONE, tmp_path, stub={"default": {"result": "  "}})
        assert [agent.lost and agent.lost.cause for agent in done.state.lost] == ["invalid"]

    def test_a_passing_fault_is_tried_again_and_a_lasting_one_is_not(self, tmp_path: Path) -> None:
        attempts: list[int] = []

        async def agents(request: AgentRequest) -> AgentReply:
            attempts.append(request.attempt)
            if request.prompt == "hello" and request.attempt < 3:
                raise AgentError("rate_limit", "slow down", passing=True, wait=30)
            return AgentReply(value="at last")

        done = run_source(ONE, tmp_path, agents=agents)
        assert (attempts, done.state.outcome) == ([1, 2, 3], "completed")
        assert done.state.ended is not None
        assert done.state.ended.wall_s == 60.0

        async def refusing(request: AgentRequest) -> AgentReply:
            attempts.append(request.attempt)
            raise AgentError("refused", "no")

        attempts.clear()
        done = run_source(ONE, tmp_path, agents=refusing)
        assert (attempts, [agent.lost and agent.lost.cause for agent in done.state.lost]) == ([1], ["refused"])

    def test_an_agent_whose_code_breaks_is_one_lost_agent(self, tmp_path: Path) -> None:
        async def agents(request: AgentRequest) -> AgentReply:
            raise KeyError("oops")

        done = run_source(ONE, tmp_path, agents=agents)
        (lost,) = result_object(done.state)["lost"]
        assert (lost["cause"], lost["message"]) == ("crashed", "KeyError: 'oops'")

    def test_an_answer_that_is_no_json_data_is_refused(self, tmp_path: Path) -> None:
        async def agents(request: AgentRequest) -> AgentReply:
            return AgentReply(value={"when": object()})

        done = run_source(ONE, tmp_path, args={"schema": {"type": "object"}}, agents=agents)
        assert [agent.lost and agent.lost.cause for agent in done.state.lost] == ["invalid"]


class TestHealth:
    def test_a_branch_that_raises_degrades_the_run(self, tmp_path: Path) -> None:
        source = """
async def broken():
    return 1 / 0
async def main(args):
    return list(await parallel([broken(), agent("x")]))
"""
        done = run_source(source, tmp_path, stub={"default": {"result": "ok"}})
        result = result_object(done.state)
        assert (result["outcome"], result["health"], result["result"]) == ("completed", "degraded", [None, "ok"])
        assert [(lost["cause"], lost["message"]) for lost in result["lost"]] == [
            ("raised", "ZeroDivisionError: division by zero")
        ]

    def test_an_item_dropped_on_purpose_does_not(self, tmp_path: Path) -> None:
        source = "async def main(args):\n    return list(await pipeline([1, 2], lambda n: None))"
        assert outcome(run_source(source, tmp_path)) == ("completed", "clean")

    def test_a_loss_the_harness_coped_with_still_does(self, tmp_path: Path) -> None:
        source = "async def main(args):\n    return (await agent('x')) or 'fallback'"
        done = run_source(source, tmp_path, stub={"default": {"lost": "refused"}})
        assert outcome(done) == ("completed", "degraded")
        assert done.state.ended is not None
        assert done.state.ended.result == "fallback"


def test_a_harness_can_name_the_errors_and_types_of_the_language(tmp_path: Path) -> None:
    source = """
from weft.primitives import AgentFailed, Results, agent, parallel

def gave(results: Results) -> int:
    return len(results)

async def main(args):
    results = await parallel([agent("x"), agent("y")])
    try:
        return await agent("z", critical=True)
    except AgentFailed as failed:
        return [gave(results), isinstance(results, Results), failed.lost.cause]
"""
    done = run_source(source, tmp_path, stub={"default": {"lost": "refused"}})
    assert done.state.ended is not None
    assert done.state.ended.result == [2, True, "refused"]


class TestWorkflow:
    def save(self, folder: Path, name: str, source: str) -> None:
        (folder / ".weft" / "workflows").mkdir(parents=True, exist_ok=True)
        (folder / ".weft" / "workflows" / f"{name}.py").write_text(source)

    def test_a_saved_harness_is_one_step_of_the_same_run(self, tmp_path: Path) -> None:
        inner = """
def globals_are_mine():
    return 'inner'
async def main(args):
    log('inside')
    return [await agent('inner'), args['k'], globals_are_mine()]
"""
        self.save(tmp_path, "inner", inner)
        source = """
def globals_are_mine():
    return 'outer'
async def main(args):
    first = await agent("outer")
    return [first, await workflow("inner", {"k": 7}), globals_are_mine()]
"""
        done = run_source(source, tmp_path, stub={"default": {"result": "ok"}})
        assert done.state.ended is not None
        assert done.state.ended.result == ["ok", ["ok", 7, "inner"], "outer"]
        assert done.state.logs[0][1] == "inside"
        calls = [event for _, event in read_journal(done.folder.journal) if isinstance(event, AgentCalled)]
        assert [(call.id, call.path) for call in calls] == [(0, ""), (2, "/0.0")]

    @pytest.mark.parametrize(
        ("saved", "said"),
        [
            ({}, "there is no saved harness 'a'"),
            ({"a": "async def main(args):\n    return await workflow('a')"}, "would call itself: test → a → a"),
            (
                {
                    name: f"async def main(args):\n    return await workflow('{after}')"
                    for name, after in zip("abcd", "bcde", strict=True)
                },
                "deeper than 3 levels",
            ),
            ({"a": "ARGS = {'type': 'object', 'required': ['x']}\nasync def main(args): pass"}, "do not fit"),
            ({"a": "no python("}, "not a harness"),
            # The run's own harness is called "test".
            ({"a": "async def main(args):\n    return await workflow('test')"}, "would call itself: test → a → test"),
            (
                {"a": "RESULT = {'type': 'string'}\nasync def main(args):\n    return 3"},
                "'a' returned does not fit its",
            ),
            ({"a": "async def main(args):\n    return {'x': [{1}]}"}, "workflow('a').x[0]: a set is not JSON data"),
        ],
    )
    def test_refusals_reach_the_harness_as_an_error(self, tmp_path: Path, saved: Any, said: str) -> None:
        for name, source in saved.items():
            self.save(tmp_path, name, source)
        source = """
async def main(args):
    try:
        return await workflow("a")
    except Exception as error:
        return str(error)
"""
        done = run_source(source, tmp_path)
        assert done.state.ended is not None
        assert said in done.state.ended.result

    def test_a_harness_that_calls_itself_by_name_is_refused(self, tmp_path: Path) -> None:
        source = "async def main(args):\n    return await workflow('test')"
        self.save(tmp_path, "test", source)
        done = run_source(source, tmp_path)
        assert done.state.ended is not None and done.state.ended.problem is not None
        assert "'test' would call itself: test → test" in done.state.ended.problem.message
        assert done.state.ended.problem.line == 2

    def test_a_result_that_was_checked_replays(self, tmp_path: Path) -> None:
        """Whether it fits is on record, so a replay needs no schema; what is returned is compared."""
        inner = "RESULT = {'type': 'string'}\nasync def main(args):\n    return await agent('inner')"
        self.save(tmp_path, "inner", inner)
        source = "async def main(args):\n    return await workflow('inner')"
        done = run_source(source, tmp_path, stub={"default": {"result": "ok"}})
        events = read_journal(done.folder.journal)
        harness = parse_harness(source, name="test", filename="h.py")
        assert anyio.run(replay, harness, events).result == "ok"
        edited = [
            (at, dataclasses.replace(event, source=inner.replace("return", "return 'not ' +")))
            if isinstance(event, WorkflowLoaded) and event.source
            else (at, event)
            for at, event in events
        ]
        with pytest.raises(Diverged, match="diverged at call 2"):
            anyio.run(replay, harness, edited)

    def test_a_replay_does_not_need_the_saved_harness(self, tmp_path: Path) -> None:
        self.save(tmp_path, "inner", "async def main(args):\n    return await agent('inner')")
        source = "async def main(args):\n    return await workflow('inner')"
        done = run_source(source, tmp_path, stub={"default": {"result": "ok"}})
        (tmp_path / ".weft" / "workflows" / "inner.py").unlink()
        harness = parse_harness(source, name="test", filename="h.py")
        assert anyio.run(replay, harness, read_journal(done.folder.journal)).result == "ok"

    def test_names_do_not_lead_out_of_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "outside.py").write_text("async def main(args):\n    return 'outside'")
        assert Project(tmp_path).find_harness("../../outside") is None


def test_write_ahead_a_completion_is_in_the_journal_before_the_harness_sees_it(tmp_path: Path) -> None:
    """The order of completions in the journal is the order in which the harness got them."""
    source = """
order = []
async def one(n):
    await agent(f"{n}", label=f"a{n}")
    order.append(n)
async def main(args):
    await parallel([one(n) for n in range(6)])
    return order
"""
    rules = [{"match": {"label": f"a{n}"}, "latency": (n * 7) % 5, "result": "x"} for n in range(6)]
    done = run_source(source, tmp_path, stub={"rules": rules})
    events = [event for _, event in read_journal(done.folder.journal)]
    completed = [event.id for event in events if isinstance(event, (AgentFinished, AgentLost))]
    assert done.state.ended is not None
    assert done.state.ended.result == completed == [0, 5, 3, 1, 4, 2]
