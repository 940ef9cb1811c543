"""What the linter says of profiles that there are not, where somebody tells it which there are."""

from __future__ import annotations

import pytest

from weft.linter import Finding, Role, lint

TOOLS = {"reader": None, "skeptic": ("read_file",), "fixer": ("read_file", "edit_file"), "none": ()}


def role_of(name: str) -> Role:
    return Role(tools=TOOLS[name]) if name in TOOLS else Role(f"there is no profile {name!r}")


def found(body: str) -> list[Finding]:
    source = f"from functools import partial\nNAME = 'raeder'\nasync def main(args):\n    return {body}\n"
    return [one for one in lint(source, profiles=role_of).findings if one.code == "E009"]


@pytest.mark.parametrize(
    "body",
    [
        'await agent("x", profile="raeder")',
        'await agent("x", profile=NAME)',
        'await verify({"claim": 1}, profile="raeder")',
        'await parallel([partial(agent, profile="raeder")(n) for n in "ab"])',
    ],
)
def test_one_that_there_is_not(body: str) -> None:
    (finding,) = found(body)
    assert (finding.severity, finding.message) == ("warning", "There is no profile 'raeder'.")


@pytest.mark.parametrize(
    "body",
    [
        'await agent("x", profile="reader")',
        'await agent("x", profile=None)',
        'await agent("x", profile=args["who"])',
        'await agent("x", label="raeder")',
    ],
)
def test_one_that_there_is_or_that_nobody_knows(body: str) -> None:
    assert found(body) == []


def test_where_nobody_tells_nothing_is_said() -> None:
    assert lint('async def main(args):\n    return await agent("x", profile="y")\n').findings == ()


@pytest.mark.parametrize(
    ("options", "warned"),
    [
        ('profile="fixer"', True),
        ('profile="fixer", tools=["read_file"]', False),
        ('profile="fixer", isolation="worktree"', False),
        ('profile="skeptic"', False),
        ('profile="none"', False),
        ('profile="reader", tools=["edit_file"]', True),
    ],
)
def test_the_tools_of_a_profile_are_those_of_its_agents(options: str, warned: bool) -> None:
    source = f"async def main(args):\n    return await parallel([agent(f'See to {{n}}', {options}) for n in 'abc'])\n"
    assert ("I901" in [one.code for one in lint(source, profiles=role_of).findings]) is warned


@pytest.mark.parametrize(
    ("body", "tools"),
    [
        ('await agent("x", tools=TOOLS)', {"edit_file", "read_file"}),
        ('await ask("x", [one for one in TOOLS] + ["run_command"])', {"edit_file", "read_file", "run_command"}),
        ('await agent("x", profile="fixer" if args["a"] else "skeptic")', {"edit_file", "read_file"}),
        ('await agent("x", profile="fixer", tools=[])', set()),
        ('await agent("x", profile="raeder")', {""}),
        ('await agent("x", profile=args["a"])', {""}),
        ('await agent("x", tools=args["a"])', {""}),
        ('[await tool(name) for name in ("a", "b")]', {"a", "b"}),
        ('await workflow("inner")', {"write_file"}),
        ('await agent("x")', set()),
    ],
)
def test_the_tools_that_it_may_use_are_followed(body: str, tools: set[str]) -> None:
    helper = "def ask(text, tools):\n    return agent(text, tools=tools)\n" if "ask(" in body else ""
    source = f'TOOLS = ["read_file", "edit_file"]\n{helper}async def main(args):\n    return {body}\n'
    inner = 'NAME = "write_file"\nasync def main(args):\n    return await agent("x", tools=[NAME])\n'
    assert lint(source, profiles=role_of, workflows=lambda name: inner).tools == tools
