"""Answers held against schemas that a model has written: in bounded time, and at the cost of one agent at most."""

from __future__ import annotations

import json
import operator
import os
import re
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run_source

from weft.runtime.errors import Refused
from weft.runtime.execution.run import Run
from weft.runtime.journal import read_journal
from weft.runtime.journal.events import AgentLost
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import check_args, parse_harness
from weft.runtime.rehearsal.rehearse import rehearse
from weft.runtime.request import AgentReply, AgentRequest
from weft.runtime.schemas import worker
from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.kept import Kept
from weft.runtime.schemas.patterns import quickly, steps
from weft.runtime.schemas.validating import TooLong, worst
from weft.runtime.schemas.worker import TooHard, apart, end_worker, work_out, worked_out
from weft.runtime.settings import Settings

WORDS = {"type": "object", "properties": {"words": {"type": "string", "pattern": r"^(\w+\s?)+$"}}}
RULE = {
    "$defs": {
        "rule": {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"kind": {"const": kind}, "rest": {"$ref": "#/$defs/rule"}},
                    "required": ["kind"],
                }
                for kind in ("all", "any", "not")
            ]
        }
    },
    "$ref": "#/$defs/rule",
}


def nested(innermost: dict[str, Any], levels: int) -> dict[str, Any]:
    """Return a rule within a rule within a rule."""
    for _ in range(levels):
        innermost = {"kind": "not", "rest": innermost}
    return innermost


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (RULE, nested({"kind": "all"}, 50)),
        ({"type": "array", "uniqueItems": True}, [{"n": n} for n in range(5_000)]),
        ({"type": "number", "multipleOf": 0.5}, 10**300),
        ({"type": "number", "multipleOf": 0.1}, 0.3),
        ({"type": "string", "pattern": "^a+$"}, "a" * 1000),
        (WORDS, {"words": "delivery in May"}),
    ],
    ids=["union", "distinct", "huge", "tenths", "long", "words"],
)
def test_what_fits_is_found_to_fit(schema: dict[str, Any], value: Any) -> None:
    assert anyio.run(misfit, value, schema) is None


@pytest.mark.parametrize(
    ("schema", "value", "place"),
    [
        (RULE, nested({"kind": "none"}, 30), "at $"),
        ({"type": "array", "uniqueItems": True}, [1, True, "1", [1], {"a": 0}, 2, 1.0], "at $"),
        ({"type": "array", "items": {"multipleOf": 0.01}}, [0.57, 0.575], "at $[1]"),
        ({"allOf": [{"properties": {"a": {"anyOf": [{"type": "null"}, {"enum": [1]}]}}}]}, {"a": 2}, "at $.a"),
    ],
    ids=["union", "distinct", "hundredths", "inner"],
)
def test_what_does_not_fit_is_found_not_to_with_its_place(schema: dict[str, Any], value: Any, place: str) -> None:
    assert (anyio.run(misfit, value, schema) or "").startswith(place)


@given(st.lists(st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, "1", "", [], [1], {}])))
def test_two_items_are_the_same_if_json_schema_says_so(items: list[Any]) -> None:
    def same(one: Any, other: Any) -> bool:
        return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)

    distinct = not any(same(one, other) for at, one in enumerate(items) for other in items[:at])
    assert (worst(items, '{"uniqueItems": true}') is None) == distinct


@pytest.mark.parametrize("pattern", ["ab", "a+", "^a?b", "(a|b)c", "[abc]{2}", r"\w+", r"^[A-Z]+-\d+$"])
def test_what_is_searched_for_at_once_takes_few_steps(pattern: str) -> None:
    assert steps(pattern, 100) < 10**6
    assert quickly([(pattern, "abab")]) is not None


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(?=(a+)+$)b", r"(\w+\s?)+$", "(a?){30}b", "a*a*a*b"])
def test_what_may_take_long_is_not_searched_for_at_once(pattern: str) -> None:
    assert quickly([(pattern, "a" * 100)]) is None


# ---------------------------------------------------------------------------------------------- the other process


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing take long."""
    monkeypatch.setattr(worker, "SECONDS", 0.1)


ENDLESS = ("(a+)+$", "a" * 40 + "!")


@pytest.mark.usefixtures("brief")
def test_what_takes_too_long_is_ended_and_the_next_is_done() -> None:
    with pytest.raises(TooHard, match="more than"):
        work_out(re.search, *ENDLESS)
    assert work_out(json.loads, "[1]") == [1]


def test_what_takes_too_much_memory_is_told() -> None:
    with pytest.raises(TooHard, match="memory"):
        work_out(operator.mul, "x", 10**11)


def test_what_a_function_refuses_is_told_as_it_says_it() -> None:
    with pytest.raises(ValueError, match="invalid literal") as told:
        work_out(int, "x")
    assert not isinstance(told.value, TooHard)


def test_a_process_that_has_ended_is_replaced() -> None:
    with pytest.raises(TooHard, match="has ended"):
        work_out(os._exit, 3)
    assert work_out(len, [1, 2]) == 2
    end_worker()
    assert work_out(len, [1]) == 1


def test_whoever_does_not_wait_any_more_ends_it_and_others_get_their_turn() -> None:
    async def asked() -> tuple[bool, Any]:
        with anyio.move_on_after(0.05) as waiting:
            await worked_out(re.search, *ENDLESS, seconds=1000)
        return waiting.cancelled_caught, await worked_out(len, [1])

    assert anyio.run(asked) == (True, 1)


def test_what_many_ask_for_at_the_same_time_is_made_once_and_so_is_a_refusal() -> None:
    kept: Kept[str, int] = Kept()
    made: list[str] = []

    async def make() -> int:
        made.append("x")
        await anyio.sleep(0)
        if len(made) > 1:
            raise TooHard("never again")
        return 7

    async def ask() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(kept.found, "a", make)
        for _ in range(3):
            with pytest.raises(TooHard, match="never again"):
                await kept.found("b", make)

    anyio.run(ask)
    assert kept.get("a") == 7
    assert len(made) == 2


# ---------------------------------------------------------------------------------------------- in a run

ONE_ODD = """
from weft.primitives import agent, parallel

WORDS = {"type": "object", "properties": {"words": {"type": "string", "pattern": r"^(\\w+\\s?)+$"}}}

async def main(args):
    return await parallel([agent(name, label=name, schema=WORDS) for name in "abcdef"])
"""
ODD = {"words": "delivery in five working days and billing in June, see page four"}


def losses(done: Run) -> list[AgentLost]:
    """Return the agents that a run has lost."""
    return [event for _, event in read_journal(done.folder.journal) if isinstance(event, AgentLost)]


@pytest.mark.usefixtures("brief")
def test_an_answer_that_cannot_be_checked_costs_one_agent_and_is_not_asked_for_again(tmp_path: Path) -> None:
    rules = [{"match": {"label": "c"}, "result": ODD}]
    done = run_source(ONE_ODD, tmp_path, stub={"rules": rules, "default": {"result": {"words": "in May"}}})
    assert done.state.ended is not None
    assert done.state.ended.result == [None if name == "c" else {"words": "in May"} for name in "abcdef"]
    (loss,) = losses(done)
    assert (loss.lost.cause, loss.lost.attempts) == ("invalid", 1)
    assert "cannot be found out" in loss.lost.message


@pytest.mark.usefixtures("brief")
def test_a_rule_that_cannot_be_decided_costs_one_agent(tmp_path: Path) -> None:
    rules = [{"match": {"prompt": "^(a+)+$"}, "result": "x"}]
    done = run_source(ASKED.format(schema="None", prompt="a" * 40 + "!"), tmp_path, stub={"rules": rules})
    (loss,) = losses(done)
    assert loss.lost.cause == "crashed"


ASKED = """
from weft.primitives import agent

async def main(args):
    return await agent("{prompt}", schema={schema})
"""


@pytest.mark.parametrize("schema", [{"enum": []}, {"allOf": [{"$ref": "#"}]}, {"type": "string", "minLength": 10**9}])
def test_an_agent_is_not_asked_for_what_nothing_fits(schema: dict[str, Any], tmp_path: Path) -> None:
    async def asked(request: AgentRequest) -> AgentReply:
        raise AssertionError(request)

    done = run_source(ASKED.format(schema=schema, prompt="x"), tmp_path, agents=asked)
    (loss,) = losses(done)
    assert (loss.lost.cause, loss.lost.attempts) == ("invalid", 0)
    assert "no answer can fit" in loss.lost.message


def test_a_rehearsal_tells_of_an_agent_that_cannot_be_asked(tmp_path: Path) -> None:
    harness = parse_harness(ASKED.format(schema={"enum": []}, prompt="x"), name="test", filename="h.py")
    rehearsed = anyio.run(partial(rehearse, harness, None, Settings(), Project(tmp_path).find_harness, runs=5))
    (crash,) = rehearsed.crashes
    assert (crash.problem.line, crash.runs) == (5, rehearsed.runs)


@pytest.mark.parametrize("declared", [
    "ARGS = {'required': {'a'}}", "RESULT = {'const': b'a'}", "ARGS = {'enum': [1j]}", "RESULT = {'default': ...}",
    "ARGS = {'minimum': 1e400}", "ARGS = {1: 2}", "ARGS = {'minimum': 0x1" + "0" * 5000 + "}", "RESULT = {'enum': []}",
    "ARGS = " + "{'items': " * 80 + "{}" + "}" * 80, "RESULT = {'pattern': 'a{4294967296}'}", "RESULT = {'$ref': '#'}",
    "ARGS = {'const': '\\ud800'}",
], ids=lambda declared: declared[:24])  # fmt: skip
def test_what_is_no_schema_is_refused_before_the_start(declared: str) -> None:
    with pytest.raises(Refused, match="this is not a harness"):
        parse_harness(f"{declared}\n\nasync def main(args):\n    return 1\n", name="test", filename="h.py")


@pytest.mark.usefixtures("brief")
def test_arguments_that_cannot_be_checked_are_refused() -> None:
    source = "ARGS = {'pattern': '^(a+)+$'}\n\nasync def main(args):\n    return 1\n"
    with pytest.raises(Refused) as told:
        check_args(parse_harness(source, name="test", filename="h.py"), "a" * 40 + "!")
    assert "cannot be found out" in str(told.value.where)


@pytest.mark.usefixtures("brief")
def test_arguments_of_a_saved_harness_that_cannot_be_checked_refuse_it_alone(tmp_path: Path) -> None:
    folder = tmp_path / ".weft" / "workflows"
    folder.mkdir(parents=True)
    (folder / "slow.py").write_text("ARGS = {'pattern': '^(a+)+$'}\n\nasync def main(args):\n    return args\n")
    source = (
        "from weft.primitives import WorkflowRefused, workflow\n\nasync def main(args):\n    said = []\n"
        "    for given in ('a' * 40 + '!', 'aa'):\n        try:\n"
        "            said.append(await workflow('slow', given))\n"
        "        except WorkflowRefused as refused:\n            said.append(str(refused))\n    return said\n"
    )
    done = run_source(source, tmp_path)
    assert done.state.ended is not None
    refused, answered = done.state.ended.result
    assert answered == "aa"
    assert "cannot be found out" in refused


def test_who_waits_apart_is_cancelled_at_once_and_ends_the_work() -> None:
    gone: list[str] = []

    def waits() -> None:
        try:
            work_out(re.search, *ENDLESS, seconds=60)
        except TooHard:
            gone.append("ended")

    async def main() -> None:
        with anyio.move_on_after(1.0):
            await apart(waits)
        with anyio.fail_after(20):
            while not gone:
                await anyio.sleep(0.05)

    anyio.run(main)
    assert gone == ["ended"]


def test_alternatives_within_alternatives_hold_up_nobody() -> None:
    deep: dict[str, Any] = {"type": "integer"}
    for level in range(100):
        deep = {"anyOf": [deep, {"oneOf": [deep]}]} if level < 10 else {"anyOf": [deep]}
    text = json.dumps(deep)
    assert worst(1, text, 5_000) is None
    assert worst("x", json.dumps({"anyOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"type": "integer"}}}), 10)
    with pytest.raises(TooLong):
        worst("x", text, 500)
