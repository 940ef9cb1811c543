"""The page that explains the linter: what it shows is what happens, and what it names is there."""

from __future__ import annotations

import ast
import importlib
import re
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from weft.linter import Rule, lint
from weft.linter.facts import gather
from weft.linter.frames import report_text

LINTER = Path(__file__).parents[2] / "linter"
PAGE = (LINTER / "HOW.md").read_text(encoding="utf-8")
HARNESS, RULE = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
(REPORT,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.M | re.S)


def test_the_harness_gives_the_findings_and_the_bound_that_the_page_shows() -> None:
    assert report_text("notes.py", HARNESS, lint(HARNESS)) == REPORT


@pytest.mark.parametrize("name", re.findall(r"^\|.*\| `(facts\.[\w.]+)` \|$", PAGE, re.M))
def test_what_the_glossary_names_is_there(name: str) -> None:
    assert resolved(f"weft.linter.{name}") is not None


def resolved(name: str) -> Any:
    """Return what a dotted name means: a module, or something in one."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        try:
            module = importlib.import_module(".".join(parts[:size]))
        except ModuleNotFoundError:
            continue
        return reduce(getattr, parts[size:], module)
    return None


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([\w/]+(?:\.py|/))`", PAGE)) - {"notes.py"}))
def test_what_the_page_points_to_is_there(path: str) -> None:
    assert (LINTER / "weft" / "linter" / path).exists()


def test_every_module_and_package_of_the_linter_is_on_the_map() -> None:
    own = (LINTER / "weft" / "linter").glob("[a-z]*")
    listed = {one.name for one in own if one.suffix == ".py" or one.is_dir()}
    assert {name for name in listed if f"`{name}`" not in PAGE and f"`{name}/`" not in PAGE} == set()


def test_the_rule_of_the_page_finds_what_its_own_page_calls_bad_and_nothing_else() -> None:
    namespace: dict[str, Any] = {}
    exec(RULE, namespace)  # the code of our own page
    kinds = [value for value in namespace.values() if isinstance(value, type) and issubclass(value, Rule)]
    (rule,) = [kind() for kind in kinds if kind is not Rule]
    for call, found in (
        ('parallel([agent("Read a.py")])', 1),
        ('parallel([agent("Read a.py"), agent("Read b.py")])', 0),
        ('parallel([agent(f) for f in args["files"]])', 0),
    ):
        source = f"from weft.primitives import agent, parallel\n\nasync def main(args):\n    return await {call}\n"
        assert len(list(rule.check(gather(source, ast.parse(source))))) == found
