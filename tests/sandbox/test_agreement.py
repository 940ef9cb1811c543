"""Linter and sandbox have one opinion: what the policy refuses is an error on that line, and what runs is not refused.

`language.jsonl` was made for this: a form of the language in each line, and what becomes of it. Of the programs that
other people wrote the suite takes a sixteenth; `WEFT_MORE=1` takes all.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import examples

from weft.linter import Finding, lint
from weft.primitives.language.attributes import CLOSED, GUARDED, METHODS, NAMED_TUPLE, READABLE
from weft.primitives.language.modules import EXPORTS, MODULES
from weft.primitives.limits import MAX_NESTING
from weft.sandbox.errors import PolicyError
from weft.sandbox.policy import compile_harness

HERE = Path(__file__).parent
CORPORA = ("language", "benign", "attacks")
SHARDS = 16
TAKEN = examples(1, of=SHARDS)


def refused_on(source: str) -> int | None:
    """Return the line for which the sandbox refuses to start; `None` when it starts, 0 for the text as a whole."""
    try:
        compile_harness(source, "harness.py")
    except PolicyError as error:
        return error.line or 0
    except SyntaxError as error:
        return error.lineno or 0
    return None


def errors_in(source: str) -> list[Finding]:
    findings = lint(source).findings
    assert [one.message for one in findings if one.code == "E900"] == []
    return [one for one in findings if one.severity == "error"]


def of_the_language(found: list[Finding]) -> list[tuple[int, str, str]]:
    return [(one.line, one.code, one.message) for one in found if one.code.startswith(("S5", "E0"))]


def disagreement(source: str) -> object:
    """Return where the two differ about a source; `None` where they do not."""
    line, errors = refused_on(source), errors_in(source)
    if line is None:
        return of_the_language(errors) or None
    return None if not line or any(one.line == line for one in errors) else f"refused on line {line}, and checks clean"


def cases(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPORA)
def test_they_agree_on_every_source_of_a_corpus(name, run, as_harness):
    sources = {case["id"]: as_harness(case["source"]) for case in cases(name)}
    found = {key: disagreement(source) for key, source in sources.items()}
    different = {key: what for key, what in found.items() if what is not None}
    errors = [key for key in different if refused_on(sources[key]) is None]
    ends = run({key: sources[key] for key in errors}) if errors else {}  # what fails may be an error beforehand
    assert {key: what for key, what in different.items() if key not in ends or ends[key]["how"] == "returned"} == {}


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(TAKEN))
def test_they_agree_on_programs_that_other_people_wrote(shard):
    """Which of them run, `test_expressiveness` shows: all that are not refused. Harnesses use less of Python."""
    entry = "\nasync def main(args): return await agent('ran')\n"
    sources = {case["id"]: case["source"] + entry for case in cases("programs")}
    mine = list(sources.items())[shard::SHARDS]
    different = {key: disagreement(source) for key, source in mine}
    assert {key: what for key, what in different.items() if what is not None} == {}


@pytest.mark.slow
def test_the_forms_of_the_language_are_as_they_were(run, as_harness):
    forms = cases("language")
    outcomes = run({form["id"]: as_harness(form["source"]) for form in forms}, cpu_seconds=3)
    kinds = {"PolicyError": "refused", "SyntaxError": "refused", "returned": "runs", "raised": "fails"}
    assert {key: kinds[outcome["how"]] for key, outcome in outcomes.items()} == {
        form["id"]: form["expected"] for form in forms
    }
    lines = {form["id"]: form["line"] for form in forms if "line" in form}
    found = {form["id"]: refused_on(as_harness(form["source"])) for form in forms if "line" in form}
    assert found == lines


# ---------------------------------------------------------------------------------------------- every name there is


def agree_line_by_line(lines: list[str], before: str = "") -> None:
    """Check that each line, put into a harness alone, is refused exactly when it is an error among all others."""
    whole = "\n".join([before, *lines, "async def main(args): return 1", ""])
    first = before.count("\n") + 2
    errors = {one.line for one in errors_in(whole) if one.code.startswith("S5") or one.code in ("D401", "R712")}
    for number, line in enumerate(lines, start=first):
        alone = refused_on(f"{before}\n{line}\n") is not None
        assert alone == (number in errors), line


@pytest.mark.parametrize("module", MODULES)
def test_they_agree_on_every_name_of_every_module(module):
    real = {name for name in dir(importlib.import_module(module)) if name.isidentifier()}
    names = sorted(real | EXPORTS[module] | {"nonsense"})
    agree_line_by_line([f"from {module} import {name} as x{number}" for number, name in enumerate(names)])
    agree_line_by_line([f"print(m.{name})" for name in names], f"import {module} as m")


def test_they_agree_on_modules():
    names = (
        "os sys time random asyncio asyncio.tasks json.tool weft weft.runtime weft.primitives.calls concurrent.futures"
    )
    agree_line_by_line([f"import {name} as x" for name in [*MODULES, "nonsense", *names.split()] if name != "weft"])
    agree_line_by_line([f"from {name} import *" for name in [*MODULES, "os", "weft.primitives"]])


def test_they_agree_on_every_built_in():
    there = {name for name in dir(builtins) if not name.startswith("_")} | {"help", "license"}
    names = there - {"exit", "quit", "True", "False", "None"} - {"hash"}  # D401 speaks of `hash`, which runs
    agree_line_by_line([f"print([{name}])" for name in sorted(names)])


def test_they_agree_on_every_attribute():
    kinds = (object, str, dict, type, int.__add__, print, ast.parse, (x for x in ()), ValueError(), ast)
    names = {name for kind in kinds for name in dir(kind)} | CLOSED | GUARDED | METHODS | NAMED_TUPLE | READABLE
    for form in (
        "print(x.{})",
        "x.{} = 1",
        "print(getattr(x, '{}'))",
        "print('{{0.{}}}'.format(x))",
        "hasattr(x, '{}')",
    ):
        agree_line_by_line([form.format(name) for name in sorted(names)], "x = 1")


@pytest.mark.parametrize("form", ["{}.x = 1", "{}.x += 1", "del {}.x", "setattr({}, 'x', 1)", "for {}.x in [1]: pass"])
def test_they_agree_that_what_is_not_of_the_file_stays_as_it_is(form):
    before = "import math, json, weft\nimport weft.primitives as w\nfrom re import compile as made\nclass Own: pass"
    foreign = ["math", "json.dumps", "weft", "weft.primitives", "w", "w.agent", "made", "agent", "len", "str"]
    own = ["Own", "Own()", "made_here"]
    lines = [form.format(name) for name in foreign + own if not (name == "Own()" and form.startswith("del"))]
    agree_line_by_line(lines, before)
    assert all(refused_on(f"{before}\n{form.format(name)}\n") is not None for name in foreign)


# ---------------------------------------------------------------------------------------------- nesting

NESTS = {
    "lambda": lambda depth: "lambda: " * depth + "1",
    "generator": lambda depth: "(" * depth + "1" + " for a in [1])" * depth,
    "sum": lambda depth: "+".join(["1"] * depth),
    "calls": lambda depth: "x" + ".b()" * (depth // 2),
    "condition": lambda depth: "1 if 1 else " * depth + "1",
    "elif": lambda depth: "1\nif x == 0: pass\n" + "".join(f"elif x == {n}: pass\n" for n in range(depth)),
}


def called_deep(frames, function, *args):
    return function(*args) if frames == 0 else called_deep(frames - 1, function, *args)


@pytest.mark.parametrize("frames", [0, 100])
@pytest.mark.parametrize("form", NESTS)
def test_they_agree_on_how_deep_is_too_deep(form, frames):
    """On whatever stack: what the one can follow, the other can."""
    for depth, refused in ((MAX_NESTING - 10, False), (MAX_NESTING + 5, True)):
        source = f"x = {NESTS[form](depth)}\nasync def main(args): return 1\n"
        assert (called_deep(frames, refused_on, source) is not None) == refused
        assert ("E001" in {one.code for one in called_deep(frames, errors_in, source)}) == refused


# ---------------------------------------------------------------------------------------------- programs made at random

WORDS = st.sampled_from(
    """
    x y open id math operator json os re _x __x _x_ _ __ __name__ __class__ __init__ super type print gather mro copy
    format send attrgetter pi nonsense dumps agent args Seen asyncio eval Exception SystemExit list
    """.split()
)
EXPRESSIONS = [
    "{}", "{}.{}", "{}.{}.{}", "{}({})", "{}({}={})", "[{} for {} in {}]", "({} for {} in {})", "lambda {}: {}",
    "({} := {})", "'{{0.{}}}'.format({})", "f'{{{}.{}}}'", "getattr({}, '{}')", "setattr({}, '{}', 1)", "type({}, {})",
    "super().{}({})", "{} if {} else {}", "[await {} for {} in {}]", "list(await {} for {} in {})", "[*{}, {}]",
]  # fmt: skip
STATEMENTS = [
    "{} = {}", "{}.{} = {}", "{} += {}", "{}.{} += {}", "{}: {} = {}", "{}.{}: {}", "del {}", "import {}",
    "import {} as {}", "from {} import {}", "from {} import {} as {}", "from {} import *", "def {}({}): return {}",
    "async def {}(*{}): return {}", "def {}({}={}): pass", "class {}:\n    {} = {}\n    def {}(self): return self.{}",
    "class {}({}): pass", "class {}({}={}): pass", "for {} in {}: pass", "async for {} in {}: pass",
    "with {} as {}: pass", "async with {} as {}: pass", "try: {}\nexcept {} as {}: pass", "try: {}\nexcept* {}: pass",
    "match {}:\n    case {}({}={}): pass", "match {}:\n    case {}.{}: pass", "match {}:\n    case [{}, *{}]: pass",
    "match {}:\n    case {{'a': {}, **{}}}: pass", "global {}", "if {}: {}", "@{}\ndef {}(): yield {}", "return {}",
    "assert {}, {}", "raise {} from {}", "if TYPE_CHECKING:\n    import {}", "nonlocal {}", "await {}",
]  # fmt: skip


@st.composite
def programs(draw: st.DrawFn) -> str:
    def filled(form: str) -> str:
        return form.format(*(draw(WORDS) for _ in range(form.count("{}"))))

    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        statement = filled(draw(st.sampled_from(STATEMENTS)))
        if draw(st.booleans()):
            statement = statement.replace("x", "(" + filled(draw(st.sampled_from(EXPRESSIONS))) + ")", 1)
        where = draw(st.sampled_from(["", "def f():\n", "async def g(y):\n", "class A:\n"]))
        indent = "    " if where else ""
        lines.append(where + "\n".join(indent + line for line in statement.split("\n")))
    return "\n".join([*lines, "async def main(args):\n    return 1", ""])


@given(programs())
@settings(max_examples=examples(80, of=300))
def test_they_agree_on_programs_made_at_random(source):
    line, errors = refused_on(source), errors_in(source)
    language = [one for one in errors if one.code.startswith("S5") or one.code == "E001"]
    if line is None:
        assert language == []
    else:
        assert line in {one.line for one in errors}
