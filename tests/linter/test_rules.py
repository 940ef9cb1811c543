"""The rules against their fixtures: what must be found is found on its line, and nothing else is."""

from __future__ import annotations

import ast
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, partial

import pytest
from fixtures import FOLDER, Fixture, fixtures, read

from weft.linter import RULES, Finding, Report, Rule, fix, lint, page
from weft.linter.mend import apply

PRELUDE = """
from weft.primitives import *
TEXTS = {"type": "array", "maxItems": 5, "items": {"type": "string"}}
CLAIM = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
CLAIMS = {"type": "object", "properties": {"claims": {"type": "array", "maxItems": 4, "items": CLAIM}},
          "required": ["claims"]}
REPORT = {"type": "object", "properties": {"bug": {"type": "string"}}, "required": ["bug"]}
FILES = ["a.py", "b.py"]
"""
GUESSES = {rule.code for rule in RULES if rule.guess}
ASIDE = GUESSES | {"C606"}
"""What is asked of the own fixtures only: the others leave ARGS out, as they leave the import out."""
FIXES = {rule.code: (type(rule).__doc__ or "").partition("\n    Fix:")[2] for rule in RULES}
"""What the manual says of the fixes that a rule applies; of others nothing."""


@pytest.mark.parametrize("fixture", fixtures(), ids=str)
def test_a_fixture(fixture: Fixture) -> None:
    """All of it in one test: each process would check the harness again."""
    check = cache(partial(lint, guesses=fixture.file in GUESSES))
    found = check(fixture.source).findings
    asked = [one for one in found if one.code == fixture.file or one.code not in ASIDE]
    assert sorted((one.line, one.code) for one in asked) == fixture.expected, fixture.source
    applied = {(one.code, one.fix.safety) for one in found if one.fix is not None and one.fix.edits}
    assert all(safety in FIXES.get(code, safety) for code, safety in applied), "the manual does not tell of that fix"
    fixable = [one for one in found if one.code == fixture.file and one.fix is not None and one.fix.edits]
    for one in fixable[:1]:
        assert_its_fix_mends(fixture.source, found, one)
    assert_fixing_is_idempotent_and_brings_nothing_new(fixture.source, check)


def assert_fixing_is_idempotent_and_brings_nothing_new(source: str, check: Callable[[str], Report]) -> None:
    before, fixed = check(source), fix(source, check=check)
    after = check(fixed)
    assert fix(fixed, check=check) == fixed
    assert len(after.errors) <= len(before.errors)
    assert len(after.findings) <= len(before.findings)
    assert not any(one.fix and one.fix.safety == "safe" for one in after.findings)


def assert_its_fix_mends(source: str, found: Sequence[Finding], one: Finding) -> None:
    """Applied by itself, the fix of a finding takes it away, and brings no error or warning that was not there."""
    assert one.fix is not None
    mended = apply(source, one.fix.edits)
    after = lint(mended, guesses=one.code in GUESSES).findings
    before, now = (Counter(other.code for other in some) for some in (found, after))
    assert now[one.code] < before[one.code], mended
    assert not {other.code for other in after if other.severity != "info"} & (now - before).keys(), mended


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_fixtures_that_it_finds_and_that_it_leaves_alone(rule: Rule) -> None:
    own = [fixture for fixture in fixtures() if fixture.file == rule.code]
    codes = [code for fixture in own for _, code in fixture.expected]
    assert codes.count(rule.code) >= 3
    assert sum(rule.code not in {code for _, code in fixture.expected} for fixture in own) >= 2


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_manual_page_of_a_rule_is_true(rule: Rule) -> None:
    """It says everything; what it calls bad is found, and what it calls good is clean."""
    about = page(rule.code)
    assert about is not None
    assert all((about.title, about.what, about.why, about.when_not, about.fix))
    assert rule.code in codes_of(about.bad)
    assert rule.code not in codes_of(about.good)


@pytest.mark.parametrize("code", [code for code, told in FIXES.items() if told])
def test_a_fix_that_the_manual_tells_of_is_applied(code: str) -> None:
    fused = [fixture.source.split("# becomes, ")[0] for fixture in read(FOLDER / "fusing.md")]
    sources = [*(fixture.source for fixture in fixtures() if fixture.file == code), *fused]
    found = (one for source in sources for one in lint(source, guesses=code in GUESSES).findings)
    assert any(one.code == code and one.fix is not None and one.fix.edits for one in found)


def codes_of(example: str) -> set[str]:
    """Return what is found in lines of a harness; definitions stand at the top, statements in `main`."""
    tree = ast.parse(textwrap.dedent(example))
    top = [node for node in tree.body if isinstance(node, (ast.AsyncFunctionDef, ast.FunctionDef, ast.ClassDef))]
    inner = [node for node in tree.body if node not in top]
    parts = [PRELUDE, *(ast.unparse(node) for node in top), "async def main(args):"]
    parts += [textwrap.indent(ast.unparse(node), "    ") for node in inner] or ["    pass"]
    return {one.code for one in lint("\n".join(parts), guesses=True).findings}


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)
    assert [rule.code for rule in RULES] == sorted(rule.code for rule in RULES)
