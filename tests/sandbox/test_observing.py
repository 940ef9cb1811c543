"""A harness does watched what it does unwatched, and tells what it has done: statements, ways, comparisons."""

from __future__ import annotations

import json
import marshal
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from types import CodeType
from typing import Any

import anyio
import pytest
from tests.support.child import NOW, execute

from weft.primitives.calls import Allowance
from weft.primitives.language.source import read
from weft.sandbox.observing import MOST_COMPARED, Place, places_of
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import ChildMessage, Finished, Limits, Observation, Start

HARNESS = """\
async def main(args):
    reply = await agent("one")
    known = {"a.md": 1, "b.md": 2}
    if reply == "keep" and len(known) > 1:
        return known[reply]
    kept = [name for name in known if name.startswith("b")]
    match reply:
        case "good" | "bad":
            return "told"
        case _ if not kept:
            return "none"
    return known.get(reply, "nothing")
"""

NESTED_ERROR = """\
def half(n):
    return n / 0

async def main(args):
    return [half(n) for n in (1, 2)]
"""

LOUD = """\
log("module")
raise ValueError("module")

async def main(args):
    return await agent("one")
"""


def observed(source: str, args: Any = None, answer: str = "reply") -> Observation:
    last, _ = execute(source, args, lambda _: answer, observed=True)
    assert last.observation is not None
    return last.observation


def test_statements_and_ways_that_were_taken_are_told() -> None:
    there, told = places_of(read(HARNESS)), observed(HARNESS)
    assert there.statements == (2, 3, 4, 5, 6, 7, 9, 11, 12)
    assert told.lines == (2, 3, 4, 6, 7, 12)
    assert [Place(*at) for *at, _ in told.ways] == list(there.conditions) == [(4, 7), (6, 38), (10, 18)]
    assert [taken for *_, taken in told.ways] == [2, 3, 2]  # not; now so and now not; not


def test_what_is_compared_with_what_is_told_also_where_it_is_looked_for() -> None:
    pairs = {(one.line, one.one, one.other) for one in observed(HARNESS).compared}
    assert pairs == {
        (4, "reply", "keep"),
        (6, "a.md", "b"),
        (6, "b.md", "b"),
        (7, "reply", "good"),
        (7, "reply", "bad"),
        (12, "reply", "a.md"),
        (12, "reply", "b.md"),
    }
    assert (5, "keep", "a.md") in {(one.line, one.one, one.other) for one in observed(HARNESS, answer="keep").compared}


def test_an_unwatched_harness_tells_nothing() -> None:
    assert execute(HARNESS)[0].observation is None


def test_a_harness_that_fails_tells_how_far_it_came() -> None:
    failing = "async def main(args):\n    if args:\n        raise ValueError('no')\n    return 1\n"
    last, _ = execute(failing, [1], observed=True)
    assert last.observation is not None
    assert (last.observation.lines, last.observation.ways) == ((2, 3), ((2, 7, 1),))


def test_what_is_told_is_bounded() -> None:
    comparing = "\n".join(f"    [x == {number} for x in range(100)]" for number in range(100))
    told = observed(f"async def main(args):\n{comparing}\n    return ['x' * 500 == 'y' for _ in '12']\n")
    assert len(told.compared) <= MOST_COMPARED + 40
    assert all(len(str(one.one)) <= 300 for one in told.compared)


def test_a_result_has_precedence_over_what_was_observed() -> None:
    names = "\n".join(f"    'y{number}' + 'z' * 250 == args" for number in range(200))
    source = f"async def main(args):\n{names}\n    return 'x' * 60_000\n"
    last, _ = execute(source, "z" * 250, limits=Limits(frame_bytes=80_000), observed=True)
    assert isinstance(last, Finished)
    assert last == Finished(value="x" * 60_000)


@pytest.mark.parametrize("corpus", ["benign", "language"])
def test_watching_changes_nothing(corpus: str) -> None:
    lines = (Path(__file__).parent / f"{corpus}.jsonl").read_text("utf-8").splitlines()
    for case in map(json.loads, lines[::9]):
        plain, said = execute(case["source"], case.get("args"))
        watched, heard = execute(case["source"], case.get("args"), observed=True)
        assert (replace(watched, observation=None), heard[:-1]) == (plain, said[:-1]), case["id"]


def test_what_was_compiled_before_does_the_same() -> None:
    """Whatever it comes to: a result, an error with its line and trace, a refusal, a source that is no Python."""
    lines = (Path(__file__).parent / "language.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines[::40]]
    cases += [{"source": source} for source in (HARNESS, NESTED_ERROR, "import os", "async def main(:", "x = 1")]
    for case in cases:
        for observed in (False, True):
            now, then = (
                execute(case["source"], case.get("args"), observed=observed, before=before) for before in (False, True)
            )
            assert now == then, case["source"]


def test_nothing_is_executed_of_what_is_only_compiled() -> None:
    start = Start(source=LOUD, filename="h.py", args=None, now=NOW, allowance=Allowance(), only_compile=True)

    async def said() -> list[ChildMessage]:
        async with open_sandbox(Limits()) as child:
            return [message async for message in child.start(start)]

    _, last = anyio.run(said)
    assert isinstance(last, Finished)
    code = marshal.loads(b64decode(last.value))
    assert isinstance(code, CodeType) and code.co_filename == "h.py"
