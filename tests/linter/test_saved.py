"""Saved harnesses that a harness calls by their names: what is wrong in them is wrong in the one that calls them."""

from __future__ import annotations

import pytest

from weft.linter import Finding, lint

GOOD = "async def main(args):\n    return await agent('x')\n"
ENDLESS = "async def main(args):\n    while True:\n        await agent('x')\n"


def calls(name: str) -> str:
    return f"async def main(args):\n    return await workflow({name!r})\n"


def errors(source: str, **saved: str) -> list[Finding]:
    return list(lint(source, workflows=saved.get).errors)


def test_an_error_in_a_saved_harness_is_told_where_it_is_called() -> None:
    (found,) = errors(calls("inner"), inner=ENDLESS)
    assert (found.code, found.line) == ("E007", 2)
    assert "inner.py" in found.message
    assert "line 2: L201" in found.message


def test_also_in_those_that_it_calls_itself() -> None:
    (found,) = errors(calls("middle"), middle=calls("inner"), inner=ENDLESS)
    assert "middle.py" in found.message
    assert "inner.py" in found.message


@pytest.mark.parametrize(
    "saved",
    [
        {"inner": GOOD},
        {"middle": calls("inner"), "inner": calls("middle")},
        {},
        {"inner": "async def main(args):\n    print('x')\n    return await agent('x')\n"},
    ],
    ids=["clean", "in a circle", "unknown", "with a warning"],
)
def test_what_has_no_errors_is_none(saved: dict[str, str]) -> None:
    assert errors(calls("inner"), **saved) == []


def test_a_name_that_a_variable_holds_is_known_too() -> None:
    source = "NAME = 'in' + 'ner'\nasync def main(args):\n    return await workflow(NAME)\n"
    assert [one.code for one in errors(source, inner="async def main(args):\n    open('x')\n")] == ["E007"]


def test_it_cannot_be_suppressed_and_is_no_other_file() -> None:
    source = calls("inner").replace("('inner')", "('inner')  # weft: ok[E007] meant")
    codes = {one.code for one in lint(source, workflows={"inner": ENDLESS}.get).findings}
    assert {"E007", "W001"} <= codes


def test_one_that_is_no_python_is_an_error() -> None:
    assert [one.code for one in errors(calls("inner"), inner="async def main(args:\n")] == ["E007"]
