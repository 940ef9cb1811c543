"""The fix that makes one pipeline of two fan-outs: harnesses are run before and after it, with the same agents."""

from __future__ import annotations

import io
import random
import tokenize
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fixtures import FOLDER, Fixture, read
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run_source

from weft.linter import lint
from weft.linter.finding import Fix
from weft.linter.mend import apply, fix
from weft.runtime.request import AgentError, AgentReply, AgentRequest

FUSING = read(FOLDER / "fusing.md")
IMPORT = "from weft.primitives import agent, log, parallel, phase, pipeline, verify\n\n"


def fixes(source: str) -> list[Fix]:
    return [one.fix for one in lint(source).findings if one.code in ("B101", "B106") and one.fix and one.fix.edits]


@pytest.mark.parametrize("fixture", FUSING, ids=str)
def test_what_is_written_instead(fixture: Fixture) -> None:
    before, expected = fixture.source.split("# becomes, ")
    safety, after = expected.split("\n", 1)
    found = fixes(before)
    assert [one.safety for one in found] == ([] if safety == "nothing" else [safety])
    for one in found:
        assert apply(before, one.edits).strip() == after.strip()


@pytest.mark.parametrize("fixture", FUSING, ids=str)
def test_a_fixture_does_the_same_afterwards(fixture: Fixture) -> None:
    before = fixture.source.split("# becomes, ")[0]
    for one in fixes(before):
        check(before, one)


@st.composite
def harnesses(draw: st.DrawFn) -> str:
    """Two fan-outs with something in between that looks at no more than one result.

    Some branches write down what they do, and some read that: it then counts how many have begun.
    """
    schema = draw(st.booleans())
    field = "['text']" if schema else ""
    asked = "agent(f'Read {n}', schema=NOTE)" if schema else "agent(f'Read {n}')"
    limit = draw(st.sampled_from(["", "", ", limit=2"]))
    stage = draw(st.sampled_from([asked, "read(n)"]))
    first = draw(st.sampled_from([f"parallel([{stage} for n in ITEMS]{limit})", f"pipeline(ITEMS, read{limit})"]))
    test = draw(
        st.sampled_from(["", " if r", " if r is not None", f" if r and r{field}", f" if r if r{field} != 'text 1'"])
    )
    between = draw(st.sampled_from(["", "log('on')", "phase('second')", "# a remark\n    phase('second')"]))
    walked = draw(
        st.sampled_from(["rs", "list(rs)", "filter(None, rs)", "[q for q in rs if q]", "[r for r in rs if r]"])
    )
    body = draw(st.sampled_from([f'agent(f"Explain {{r{field}}}")', "explain(r)"]))
    second = draw(
        st.sampled_from(
            [
                f"parallel([{body} for r in {walked}{test}]{limit})",
                f"pipeline({walked}, explain{limit})",
                f'parallel([agent(f"{{n}}: {{r{field}}}") for n, r in zip(ITEMS, rs){test}]{limit})',
            ]
        )
    )
    end = draw(st.sampled_from(["return [y for y in ys if y]", "return ys", "return list(filter(None, ys))"]))
    lines = [f"rs = await {first}", between, f"ys = await {second}", end]
    note = "NOTE = {'type': 'object', 'properties': {'text': {'type': 'string'}}, 'required': ['text']}\n"
    effect = draw(st.sampled_from(["", "", "    DONE.append(n)\n", "    DONE[:] = [n]\n"]))
    shown = draw(st.sampled_from(["", "", " after {len(DONE)}", " after {DONE[-1:]}"]))
    helpers = f"DONE = []\n\nasync def read(n):\n{effect}    return await {asked}\n\nasync def explain(r):\n"
    helpers += f'    return await agent(f"Explain {{r{field}}}{shown}")\n\n'
    main = "".join(f"    {line}\n" for line in lines if line)
    return f"{IMPORT}{note}ITEMS = ['a', 'b', 'c', 'd', 'e']\n\n{helpers}async def main(args):\n{main}"


@pytest.mark.slow
@given(harnesses(), st.integers(0, 5))
@settings(max_examples=40)
def test_any_harness_does_the_same_afterwards(source: str, seed: int) -> None:
    for one in fixes(source):
        check(source, one, seed)


def check(before: str, one: Fix, seed: int = 0) -> None:
    """The same calls and the same result, nothing new to find, no comment lost, and nothing left to mend."""
    assert one.safety == "safe"
    after = apply(before, one.edits)
    kinds = [Counter(found.code for found in lint(source).findings) for source in (before, after)]
    assert kinds[1] <= kinds[0] and kinds[1].total() < kinds[0].total(), after
    assert comments(after) == comments(before)
    assert fix(fix(after)) == fix(after)
    assert ran(after, seed) == ran(before, seed), after


def ran(source: str, seed: int) -> tuple[Any, Counter[tuple[str, str]]]:
    """Return what a run comes to and which agents it asked, where some fail and some answer with nothing."""
    calls: Counter[tuple[str, str]] = Counter()

    async def answer(request: AgentRequest) -> AgentReply:
        calls[request.prompt, str(request.schema)] += 1
        chance = random.Random(f"{seed} {request.prompt}")
        if chance.random() < 0.2:
            raise AgentError("refused", "not today")
        return AgentReply(value=made(request.schema, chance))

    with TemporaryDirectory() as folder:
        done = run_source(source, Path(folder), agents=answer, args={"files": ["f", "g", "h"]})
        assert done.state.outcome == "completed"
        return done.state.ended.result, calls


def made(schema: dict[str, Any] | None, chance: random.Random) -> Any:
    """Return a value that fits a schema of the fixtures, now and then an empty one."""
    match (schema or {"type": "string"})["type"]:
        case "object":
            return {name: made(inner, chance) for name, inner in (schema or {})["properties"].items()}
        case "array":
            return [made((schema or {})["items"], chance) for _ in range(chance.randrange(3))]
        case "boolean":
            return chance.random() < 0.5
    return "" if chance.random() < 0.2 else f"text {chance.randrange(4)}"


def comments(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sorted(token.string for token in tokens if token.type == tokenize.COMMENT)
