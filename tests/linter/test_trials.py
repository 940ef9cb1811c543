"""Trials end soon whatever a harness does, and what they cannot play is no finding."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.linter import lint
from weft.linter.trials.playing import LOST
from weft.linter.trials.worlds import Harness, Setting

BALLOT = """
import itertools
OK = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}


async def main(args):
    votes = await parallel([agent(f"By {lens}: {args['plan']}", schema=OK) for lens in ("a", "b", "c")])
"""
HUGE = {
    "a text that doubles": "x = 'a'\nfor i in range(12):\n    for j in range(12):\n        x = x + x",
    "the unknown, doubled": "x = args['a']\nfor i in range(12):\n    for j in range(12):\n        x = f'{x}{x}'",
    "lists of lists": "x = [[[0] * 1000] * 1000] * 1000",
    "a list in itself": "x = []\nx.append(x)",
    "numbers that square": "x = 10\nfor i in range(12):\n    for j in range(12):\n        x *= x",
    "a generator without end": "def g():\n    while True:\n        yield 1\nx = list(g())",
    "a function that calls itself": "def f(n):\n    return f(n + 1)\nx = f(0)",
    "nothing to begin with": "x = next(iter([]))",
    "a table of all": "x = list(itertools.product(range(12), repeat=12))",
}


@pytest.mark.parametrize("lines", HUGE.values(), ids=HUGE)
def test_what_is_huge_is_given_up(lines: str) -> None:
    inner = "\n".join(f"    {line}" for line in lines.splitlines())
    source = f"{BALLOT}{inner}\n    return x if not any(v['ok'] for v in votes if v) else None\n"
    harness = Harness(ast.parse(source))
    for voters in harness.voters:
        for answer in (LOST, *voters.answers):
            harness.told(voters, answer, Setting())
    assert harness.play.whole < 20_000


def test_an_agent_with_a_worktree_gives_its_change_also_without_a_schema() -> None:
    source = f"""{BALLOT}    change = await agent('Mend it', isolation='worktree')
    return [len(change['files']), sum(1 for v in votes if v and v['ok'])]
"""
    harness = Harness(ast.parse(source))
    trial = harness.answered(harness.voters[0], ({"ok": True},) * 3, None, Setting())
    assert trial is not None
    assert trial.result == ("list", ("number", 0.0), ("number", 3.0))


@settings(max_examples=40)
@given(st.lists(st.booleans(), min_size=3, max_size=3), st.integers(0, 4))
def test_a_trial_counts_as_python_does(said: list[bool], threshold: int) -> None:
    source = f"{BALLOT}    return sum(1 for v in votes if v and v['ok']) >= {threshold}\n"
    harness = Harness(ast.parse(source))
    (voters,) = harness.voters
    answers = tuple({"ok": one} for one in said)
    trial = harness.answered(voters, answers, None, Setting())
    assert trial is not None
    assert trial.result is (sum(said) >= threshold)


@settings(max_examples=40)
@given(st.integers(0, 4))
def test_lost_votes_approve_where_nothing_counted_is_enough(threshold: int) -> None:
    test = f"sum(1 for v in votes if v and v['ok']) >= {threshold}"
    found = {one.code for one in lint(f"{BALLOT}    return args['plan'] if not {test} else None\n").findings}
    assert ("V805" in found) == (0 < threshold <= 3)
