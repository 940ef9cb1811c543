"""The bound: as expected in the fixtures, never below what a run starts, exact where nothing branches or fails."""

from __future__ import annotations

import re
from math import ceil
from types import SimpleNamespace
from typing import Any

import pytest
from bounds import bound_of
from counted import agents_started
from fixtures import FOLDER, Fixture, read
from harnesses import harnesses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trying import examples

from weft.linter import lint

MANY = settings(
    max_examples=examples(15, of=40),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("fixture", read(FOLDER / "bounds.md"), ids=str)
def test_a_fixture(fixture: Fixture) -> None:
    expected = fixture.title.rpartition(": ")[2]
    bound = bound_of(fixture.source)
    if expected == "unbounded":
        assert bound.agents == "unbounded"
        assert bound.reasons
        return
    assert not bound.reasons
    if isinstance(bound.agents, int):
        assert bound.agents == eval(expected)
        return
    for size in (0, 1, 7, 23):
        args = arguments(expected, size)
        assert bound.evaluate(args) == eval(expected, {"args": SimpleNamespace(**args), "ceil": ceil})


def arguments(formula: str, size: int) -> dict[str, Any]:
    """Return arguments for a formula: lists of a length where it takes the length, otherwise numbers."""
    lists = set(re.findall(r"len\(args\.(\w+)\)", formula))
    return {
        name: [f"{n}" for n in range(size)] if name in lists else size for name in re.findall(r"args\.(\w+)", formula)
    }


@pytest.mark.slow
@MANY
@given(harnesses(straight=False), st.integers(0, 5))
def test_no_run_starts_more(source: str, seed: int) -> None:
    """Whatever agents answer, and whichever of them fail."""
    bound = bound_of(source).evaluate({})
    assert bound == "unbounded" or agents_started(source, {}, seed) <= bound, source


@pytest.mark.slow
@settings(MANY, derandomize=True)  # that there is a number is no promise: some rare harness has none
@given(harnesses(straight=False))
def test_there_is_always_a_number_and_it_holds_for_the_longest_lists(source: str) -> None:
    bound = bound_of(source).evaluate({})
    assert bound != "unbounded", source
    assert agents_started(source, {}) <= bound, source


@pytest.mark.slow
@MANY
@given(harnesses(straight=True))
def test_it_is_exact_where_nothing_branches(source: str) -> None:
    assert bound_of(source).evaluate({}) == agents_started(source, {}), source


def test_it_is_evaluated_with_the_arguments_of_a_run() -> None:
    source = "async def main(args):\n    await parallel([agent(f'{x}') for x in args['xs']])\n    await agent('end')"
    bound = lint(source).bound
    assert bound.agents == "len(args.xs)+1"
    assert bound.evaluate({"xs": [1, 2, 3]}) == 4
    assert bound.evaluate({}) == "unbounded"


def test_a_saved_harness_counts_as_a_part() -> None:
    inner = "async def main(args):\n    return await parallel([agent('a'), agent('b')])"
    outer = "async def main(args):\n    return await workflow('pair', {})"
    assert lint(outer, workflows={"pair": inner}.get).bound.evaluate({}) == 2
    assert lint(outer).bound.agents == "unbounded"
    assert lint(outer, workflows={"pair": outer}.get).bound.agents == "unbounded"


@pytest.mark.parametrize(
    ("fan_out", "least"),
    [
        ("parallel([agent(x) for x in args['xs']])", 1),
        ("parallel([twice(x) for x in args['xs']])", 2),
        ("parallel([verify(x, lenses=['a', 'b']) for x in args['xs']])", 2),
        ("parallel([verify(x, votes=4, tie_breaker='y') for x in args['xs']])", 4),
        ("parallel([verify(x, votes=4, early=True) for x in args['xs']])", 1),
        ("parallel([agent('a'), *[twice(x) for x in args['xs']]])", 1),
        ("parallel([maybe(x) for x in args['xs']])", 0),
        ("parallel([parallel([twice(x) for x in args['xs']]) for _ in range(4)])", 0),
        ("parallel([parallel([twice(x) for x in range(3)]) for _ in range(4)])", 2),
        ("pipeline(args['xs'], twice)", 2),
        ("pipeline(args['xs'], lambda x: x, twice)", 2),
        ("pipeline(args['xs'], twice, twice)", 2),
        ("pipeline(args['groups'], lambda group: parallel([agent(x) for x in group]))", 0),
    ],
)
def test_what_branches_take_at_least(fan_out: str, least: int) -> None:
    """Of several fan-outs in one line the least; of a pipeline, what comes before an item may be dropped."""
    source = f"""
async def twice(x):
    await agent(f"one {{x}}")
    return await agent(f"two {{x}}")


async def maybe(x):
    return await agent(x) if x else None


async def main(args):
    await {fan_out}
"""
    bound = bound_of(source)
    assert bound.least_per_branch(12, {"xs": ["a", "b", "c"], "groups": [["a"], ["b", "c"]]}) == least
    assert bound.least_per_branch(1, {}) == 0


@pytest.mark.parametrize("drop", ["def drop(x):\n    return None", "async def drop(x):\n    return None"])
@pytest.mark.parametrize(
    "fan_out",
    [
        'route(["a", "b"], by=args["by"], handlers={"keep": twice, "drop": drop})',
        'pipeline(["a", "b"], twice if args["keep"] else drop)',
        'parallel([lambda x=x: (twice if args["keep"] else drop)(x) for x in ["a", "b"]])',
    ],
)
def test_what_may_be_none_in_place_of_a_coroutine_may_start_nobody(fan_out: str, drop: str) -> None:
    twice = 'async def twice(x):\n    await agent(f"once {x}")\n    return await agent(f"again {x}")'
    report = lint(f"{twice}\n{drop}\nasync def main(args):\n    return await {fan_out}\n")
    assert (report.bound.agents_min, report.bound.agents) == (0, 4)
    assert [finding.code for finding in report.findings if finding.code == "P005"] == []


@pytest.mark.parametrize(
    ("body", "least"),
    [
        ("for n in range(3):\n        if await agent('x'): break", 1),
        ("for n in range(3):\n        n += 1\n        if await agent('x'): return", 1),
        ("for n in range(3): await agent('x')", 3),
        ("for n in range(3):\n        await agent('x')\n        continue", 3),
        ("for n in range(3 - len(args['xs'])): await agent('x')", 0),
        ("for n in range(max(2, len(args['xs']))): await agent('x')", 2),
        ("for n in {'a', 'b', args['x']}: await agent('x')", 2),
        ("for n in set(['a', 'b', 'a']): await agent('x')", 2),
    ],
)
def test_what_a_run_takes_at_least(body: str, least: int) -> None:
    assert bound_of(f"async def main(args):\n    {body}\n").agents_min == least


@pytest.mark.parametrize("make", ["Job(row)", '{"name": row, "tries": 0}'])
def test_a_number_of_its_own_may_well_end_what_each_thing_asks_for(make: str) -> None:
    tries = "job.tries" if make.startswith("Job") else 'job["tries"]'
    source = f"""
class Job:
    def __init__(self, name):
        self.name, self.tries = name, 0


async def main(args):
    queue = [{make} for row in args["rows"]]
    while queue:
        job = queue.pop(0)
        if await agent("Do it") is None and {tries} < 2:
            {tries} += 1
            queue.append(job)
"""
    report = lint(source)
    assert [one.code for one in report.findings if one.code.startswith("L")] == []
    assert report.bound.expr == "3*len(args.rows)"
