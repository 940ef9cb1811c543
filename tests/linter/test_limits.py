"""Harnesses that are too much for the linter: it says so, as an error, and finds all the same what is plain to see."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextvars import Context

import pytest

import weft.linter.effort as effort
from weft.linter import Report, lint
from weft.linter.facts import gather
from weft.linter.near import near_miss

ENDLESS = "    while True:\n        await agent('more')\n"


def main(*lines: str) -> str:
    return "async def main(args):\n" + "".join(f"    {line}\n" for line in lines) + ENDLESS


def tower(height: int, *body: str) -> str:
    first = "async def f0(x):\n    return await agent(f'{x}')\n"
    floors = (
        f"async def f{n}(x):\n" + "".join(f"    {line.format(f=f'f{n - 1}')}\n" for line in body)
        for n in range(1, height)
    )
    return first + "".join(floors) + main(f"await f{height - 1}(args)")


TOO_MUCH = {
    "calls nested too deeply": tower(70, "return await {f}(x)"),
    "sums to a power": main("n = len(args['a']) + len(args['b']) + len(args['c'])", *["n = n * n"] * 20),
    "chains of max": main("n = 0", *(f"n = max(n + len(args['a{i}']), n * len(args['b{i}']))" for i in range(20))),
    "numbers that grow": main("n = 7", *["n = n * n"] * 40, "xs = list(range(n))"),
    "lists that grow": main("xs = [len(args['a'])]", *["xs = xs + xs"] * 600),
}


@pytest.mark.parametrize("source", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_is_too_much_is_an_error_and_hides_nothing(source: str) -> None:
    report = lint(source)
    codes = {one.code: one.severity for one in report.findings}
    assert codes["E901"] == "error"
    assert "L201" in codes
    assert report.bound.agents == "unbounded"
    assert report.bound.agents_min == 0


@pytest.mark.parametrize("step", ["s = s + s", "s = f'{s}{s}'", "s = s.join([s, s])", "s = s.replace('a', s)"])
def test_texts_that_grow_are_known_no_longer_and_harm_nothing(step: str) -> None:
    report = lint(main("s = 'a'", *[step] * 80))
    assert "L201" in {one.code for one in report.findings}


@pytest.mark.parametrize(
    "number", ["9" * 4000, "0x" + "f" * 50_000, "9 ** 9 ** 9 ** 9", "1 << 10 ** 12", "10 ** 10 ** 8"]
)
def test_a_number_of_any_size(number: str) -> None:
    report = lint(f"async def main(args):\n    for _ in range({number}):\n        await agent('x')\n")
    assert report.bound.agents == "unbounded"
    assert not {"E900", "E901"} & {one.code for one in report.findings}


def test_what_was_not_followed_is_said_with_its_place() -> None:
    found = [one for one in lint(main("n = 7", *["n = n * n"] * 40)).findings if one.code == "E901"]
    assert found[0].line == 10
    assert "a number that it comes to is too large" in found[0].message


def test_what_follows_a_statement_that_is_too_much_is_followed() -> None:
    lines = ("n = 7", *["n = n * n"] * 40, "reply = await agent('x')", "log(reply.strip())")
    assert "R701" in {one.code for one in lint(main(*lines)).findings}


def test_a_harness_that_takes_too_long_is_looked_at_function_by_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weft.linter.facts.STEPS_TO_FOLLOW", 5_000)
    source = tower(20, "a = await agent('x')", "b = await {f}([a])", "return await {f}(a.strip())")
    report = lint(source)
    assert {"E901", "L201", "R701"} <= {one.code for one in report.findings}
    assert report.bound.agents == "unbounded"
    assert report == lint(source)


UNION = """
RULE = {
    "$defs": {"rule": {"anyOf": [
        {"type": "object", "properties": {"kind": {"const": "all"}, "rest": {"$ref": "#/$defs/rule"}}},
        {"type": "object", "properties": {"kind": {"const": "any"}, "rest": {"$ref": "#/$defs/rule"}}},
        {"type": "array", "items": {"$ref": "#/$defs/rule"}},
        {"type": "object", "properties": {"kind": {"const": "not"}, "rest": {"$ref": "#/$defs/rule"}}},
    ]}},
    %s
}
async def main(args):
    tree = await agent("Make a tree.", schema=RULE)
    while True:
        await agent("more")
    agent("never awaited")
"""
PLACES = ('"$ref": "#/$defs/rule"', '"type": "object", "properties": {"tree": {"$ref": "#/$defs/rule"}}')


@pytest.mark.parametrize("place", PLACES)
def test_a_union_that_contains_itself_blinds_nobody(place: str) -> None:
    codes = {one.code for one in lint(UNION % place).findings}
    assert "L201" in codes
    assert not codes & {"E900", "E901"}


def test_fields_of_a_union_are_those_of_its_members() -> None:
    read = "reply = await agent('x', schema=S, critical=True)\n    return reply['{}']['{}']['{}']"
    schema = """S = {"$defs": {"t": {"anyOf": [
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/t"}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/t"}, "b": {"$ref": "#/$defs/t"}}, "required": ["a"]},
    ]}}, "$ref": "#/$defs/t"}"""

    def missing(*names: str) -> bool:
        source = f"{schema}\nasync def main(args):\n    {read.format(*names)}\n"
        return "R702" in {one.code for one in lint(source).findings}

    assert not missing("a", "a", "a")
    assert not missing("a", "b", "a")
    assert missing("a", "a", "c")


class Blind(Exception):
    """What a fault of the linter itself looks like."""


def test_a_fault_of_the_linter_is_an_error_where_harnesses_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Iterator[None]:
        raise Blind

    monkeypatch.setattr("weft.linter.facts._follow_the_rest", fail)
    report = lint("async def main(args):\n" + ENDLESS)
    assert {one.code: one.severity for one in report.findings} == {"E900": "error", "L201": "error"}
    assert report.bound.agents == "unbounded"


def test_a_rule_that_takes_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["weft.linter.lint"], "STEPS", 3)
    found = [one for one in lint("async def main(args):\n    return await agent('x')\n").findings if one.code == "E901"]
    assert any("rule B104" in one.message for one in found)
    assert {one.severity for one in found} == {"error"}


def test_steps_are_counted_within_and_without() -> None:
    with effort.allowance(100):
        with pytest.raises(effort.Exhausted), effort.allowance(10):
            effort.spend(11)
        effort.spend(80)
        with pytest.raises(effort.Exhausted):
            effort.spend(11)


@pytest.mark.parametrize("names", [10, 2000])
def test_which_name_was_meant_is_not_looked_for_without_end(names: int) -> None:
    source = main(*(f"paralel{n}x" for n in range(names)))
    found = [one for one in lint(source).findings if one.code == "E005"]
    assert len(found) == names


def test_names_are_near_by_two_letters_wherever_they_stand() -> None:
    assert near_miss("paralel", ["parallel", "agent"]) == "parallel"
    assert near_miss("paarllel", ["parallel"]) == "parallel"
    assert near_miss("x" * 5000 + "ab", ["x" * 5000 + "ba"]) == "x" * 5000 + "ba"
    assert near_miss("paraxxel", ["pxrallel"]) is None


def test_ordinary_work_is_far_from_the_limits() -> None:
    body = "".join(
        f"    r{n} = await agent(f'Look at {{args}} {n}')\n    if r{n}:\n        log(r{n})\n" for n in range(150)
    )
    report: Report = lint("async def main(args):\n" + body + "    return 1\n")
    assert "E901" not in {one.code for one in report.findings}
    assert report.bound.agents == 150
    assert gather("x = 1", ast.parse("x = 1")).unfollowed.gave_up == ""


def finally_in_finally(depth: int, last: str, indent: str = "    ") -> str:
    inner = finally_in_finally(depth - 1, last, indent + "    ") if depth else f"{indent}    {last}\n"
    return f"{indent}try:\n{indent}    x = 1\n{indent}finally:\n{inner}"


@pytest.mark.parametrize(("last", "codes"), [("return 1", set()), ("break", {"E001"}), ("await agent('x')", set())])
def test_blocks_that_the_compiler_would_write_down_again_and_again(last: str, codes: set[str]) -> None:
    report = lint("async def main(args):\n" + finally_in_finally(16, last))
    assert {one.code for one in report.errors} - {"E901"} == codes


def test_a_harness_is_followed_whatever_context_the_linter_was_imported_in() -> None:
    found = Context().run(
        lint, "from weft.primitives import agent\n\n\nasync def main(args):\n    return await agent('x')\n"
    )
    assert (found.findings, found.bound.agents) == ((), 1)
