"""Whatever is given to the linter: it answers, soon, and a rule that fails does not silence the others."""

from __future__ import annotations

import ast
import random
import sys
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from fixtures import fixtures
from hypothesis import given
from hypothesis import strategies as st
from trying import MORE, examples

from weft.linter import RULES, Finding, Report, Rule, fix, lint, render
from weft.linter.facts import Facts

ROOT = Path(__file__).parents[2]
HARNESSES = [*sorted(ROOT.glob("examples/*.py")), *sorted(ROOT.glob("runtime/weft/runtime/library/*.py"))]
MUTANTS = examples(1, of=2)
"""Of each harness."""


def answered(source: str) -> Report:
    """Return the report of any source, which must be one of rules that did not fail, and can be shown."""
    report = lint(source)
    assert "E900" not in [one.code for one in report.findings], f"{report.findings}\n{source}"
    render(report, source, "h.py", "text")
    return report


def mutant(source: str, donor: str, seed: int) -> str:
    """Return a harness in which a few parts are left out, doubled, or are parts of another harness."""
    chance = random.Random(seed)
    tree, other = ast.parse(source), ast.parse(donor)
    spare = [node for node in ast.walk(other) if isinstance(node, (ast.expr, ast.stmt))]
    for _ in range(chance.randint(1, 4)):
        node = chance.choice([node for node in ast.walk(tree) if isinstance(node, ast.AST)])
        fields = [(name, value) for name, value in ast.iter_fields(node) if value]
        if not fields:
            continue
        name, value = chance.choice(fields)
        if isinstance(value, list):
            like = [one for one in spare if isinstance(one, ast.stmt) == isinstance(value[0], ast.stmt)]
            at = chance.randrange(len(value))
            value[at : at + 1] = deepcopy(chance.choice([[], [value[at], value[at]], [chance.choice(like)]]))
        elif isinstance(value, ast.expr):
            setattr(node, name, deepcopy(chance.choice([one for one in spare if isinstance(one, ast.expr)])))
        elif isinstance(value, str):
            setattr(node, name, chance.choice(["agent", "parallel", "args", "main", "x"]))
    try:
        return ast.unparse(tree)
    except (AttributeError, ValueError, KeyError, TypeError, RecursionError):  # nothing that could be written down
        return source


@pytest.mark.slow
@pytest.mark.parametrize("path", HARNESSES, ids=lambda path: path.stem)
def test_a_harness_with_parts_of_others(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for seed in range(MUTANTS):
        donor = HARNESSES[seed % len(HARNESSES)].read_text(encoding="utf-8")
        answered(mutant(source, donor, seed))


@pytest.mark.slow
def test_fixtures_with_parts_of_others() -> None:
    sources = [fixture.source for fixture in fixtures() if parses(fixture.source)]
    for seed in range(0, len(sources), 1 if MORE else 9):
        answered(mutant(sources[seed], sources[seed * 7 % len(sources)], seed))


def parses(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def test_a_rule_that_fails_is_told_and_does_not_silence_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Rule):
        code, name, severity, message, why = "X002", "failing", "error", "", ""

        def check(self, facts: Facts) -> Iterator[Finding]:
            raise KeyError("oh")

    monkeypatch.setattr(sys.modules["weft.linter.lint"], "RULES", (Failing(), *RULES))
    report = lint("import time\nasync def main(args):\n    return await agent('x')\n", filename="bad.py")
    assert sorted(one.code for one in report.findings) == ["D401", "E900"]
    internal = next(one for one in report.findings if one.code == "E900")
    assert internal.severity == "warning"
    assert "bad.py (rule X002): KeyError: 'oh'" in internal.message
    assert internal.fix is not None
    assert "report" in internal.fix.text


@pytest.mark.slow
@given(st.data())
def test_a_harness_with_lines_of_itself(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(fixtures())).source.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        other = data.draw(st.sampled_from(lines))
        lines[at] = data.draw(st.sampled_from([other, lines[at][1:], lines[at].replace("x", "None"), "", other[4:]]))
    answered("\n".join(lines))


@pytest.mark.slow
@given(st.data())
def test_fixing_never_breaks_a_file_that_could_be_parsed(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(fixtures())).source.split("\n")
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    source = "\n".join(lines)
    check = cache(lint)
    for unsafe in (False, True):
        assert parses(fix(source, unsafe=unsafe, check=check)) or not parses(source)


@given(st.text())
def test_any_text_is_answered(source: str) -> None:
    answered(source)
