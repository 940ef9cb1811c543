"""Names that mean nothing: an error where a run gets to them, a warning where it may never."""

from __future__ import annotations

import pytest

from weft.linter import lint


def severities(body: str) -> list[str]:
    source = "\n".join(["async def main(args):", *("    " + line for line in body.split("\n"))])
    return [one.severity for one in lint(source).findings if one.code == "E005"]


@pytest.mark.parametrize(
    "body",
    [
        "return missing",
        "return [missing for x in args]",
        "if not args: return 1\nreturn missing",
        "def helper():\n    return missing\nreturn helper()",
        "if missing: return 1",
        "return missing and 1",
        "with missing: pass",
        "try:\n    pass\nfinally:\n    missing()",
    ],
)
def test_what_is_read_on_every_way_is_an_error(body: str) -> None:
    assert severities(body) == ["error"]


@pytest.mark.parametrize(
    "body",
    [
        "if args: return missing",
        "return 1 if args else missing",
        "return args and missing",
        "while args: missing()",
        "try:\n    return missing\nexcept NameError:\n    return 1",
        "return 1\nreturn missing",
        "def helper():\n    return missing\nreturn 1",
        "later = lambda: missing\nreturn 1",
        "later = (missing for x in args)\nreturn 1",
        "for x in args:\n    break\nelse:\n    missing()",
        "assert args, missing",
        "match args:\n    case 1: return missing",
    ],
)
def test_what_may_never_be_read_is_a_warning(body: str) -> None:
    assert severities(body) == ["warning"]


def test_the_sure_reading_is_told_even_when_it_comes_later() -> None:
    assert severities("if args: log(missing)\nreturn missing") == ["error"]


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        ("return list_files('*.py')", 'it is a tool: await tool("list_files", pattern=…)'),
        ("return pipelne(args)", "did you mean pipeline? If not, give it a value before, or make it a parameter"),
        ("return heapq", "import heapq"),
    ],
)
def test_what_to_write_instead_is_told(body: str, advice: str) -> None:
    found = [one for one in lint(f"async def main(args):\n    {body}\n").findings if one.code == "E005"]
    assert [one.fix and one.fix.text for one in found] == [advice]


def test_the_unit_of_a_small_number_is_dollars() -> None:
    def advised(least: str) -> list[str | None]:
        loop = f"while budget.remaining() > {least}:\n        log(await agent('x'))"
        source = f"async def main(args):\n    {loop}\n    return 1\n"
        return [one.fix and one.fix.text for one in lint(source).findings if one.code == "R714"]

    assert advised("50_000") == ['budget.remaining("tokens"), as it was']
    assert advised("1.5") == ['budget.remaining("usd"), if that is a number of dollars: no agent takes so few tokens']
