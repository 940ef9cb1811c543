"""What every harness that comes with Weft must have and do. One that lacks something fails here, by its name.

A shipped harness is
- `library/NAME.py`: its docstring begins with one line that says what it answers, then has a paragraph that begins
  `Use it` and one that begins `Not`; `ARGS` with good defaults; lint-clean; a bound that is a number whatever arguments
  are given; at most `LINES` lines in functions.
- a place in a group of `library/shelves.toml`, and in `offline` there where the offline model can answer its agents.
- `library/demos/NAME/`: `agents.json`, `args.json` and `files/`, by which `weft run NAME --demo` ends clean.
- `tests/runtime/library/expected/NAME.toml`: how many `agents` the demonstration starts; what its `result` must have;
  and with `[[broken]]` at least two ways to break the pattern (`old` text of the source and `new`), after each of which
  the demonstration must no longer come out so. So the demonstration shows that the pattern is needed.

Each statement, but for those of functions that are tested `elsewhere`, is reached by the demonstration, by the
rehearsal, which must come to its end with any answers, or by the demonstration when agents of one label are lost.
"""

from __future__ import annotations

import ast
import re
import tomllib
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from demonstrating import demonstrate, rules_of
from reached import Reached
from unconfined import without_processes

from weft.linter import lint
from weft.runtime.project.harness import Harness, check_args
from weft.runtime.project.shipped import builtin_harness, builtin_harnesses, demo_of, shelves
from weft.runtime.rehearsal.rehearse import rehearse

EXPECTED = Path(__file__).with_name("expected")
LINES = 75
"""How many lines the functions of a harness may have, schemas aside: about sixty, and a few more where readers gain."""
LONGER = {"answer-from-files": 110, "find-contradictions": 130}
"""Those that get by without a model, for which they do more themselves."""

RUNS = 5
"""How many runs the search of a rehearsal takes."""

SHIPPED = list(builtin_harnesses())
every = pytest.mark.parametrize("harness", SHIPPED, ids=lambda harness: harness.name)


def expected(harness: Harness) -> dict[str, Any]:
    return tomllib.loads(EXPECTED.joinpath(f"{harness.name.replace('-', '_')}.toml").read_text("utf-8"))


def holds(value: Any, wanted: Any) -> bool:
    """Whether a value has what is wanted: of an object the fields that are named, of a list each item, in order."""
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(name in value and holds(value[name], wanted[name]) for name in wanted)
    if isinstance(wanted, list):
        return isinstance(value, list) and len(value) == len(wanted) and all(map(holds, value, wanted))
    return bool(value == wanted)


@every
def test_it_says_what_it_is_for_and_is_bounded(harness: Harness) -> None:
    assert re.search(r"^Use it ", harness.task, re.MULTILINE)
    assert re.search(r"^Not ", harness.task, re.MULTILINE)
    report = lint(harness.source)
    assert report.findings == ()
    assert isinstance(report.bound.agents, int)


def schema_lines(tree: ast.AST) -> set[int]:
    """Return the lines that schemas take."""
    schemas = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        and any(isinstance(key, ast.Constant) and key.value == "type" for key in node.keys)
    ]
    return {line for schema in schemas for line in range(schema.lineno, (schema.end_lineno or schema.lineno) + 1)}


@every
def test_it_is_short(harness: Harness) -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree, text = ast.parse(harness.source), harness.source.split("\n")
    functions = [node for node in tree.body if isinstance(node, kinds)]
    own = {
        line for f in functions for line in range(f.lineno, (f.end_lineno or f.lineno) + 1) if text[line - 1].strip()
    }
    assert len(own - schema_lines(tree)) <= LONGER.get(harness.name, LINES)


def test_each_stands_on_one_shelf() -> None:
    names = [name for names in shelves().groups.values() for name in names]
    assert sorted(names) == sorted(harness.name for harness in SHIPPED)
    assert shelves().offline <= set(names)


@every
def test_its_demonstration_comes_out_and_reaches_every_statement(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = Reached(harness.filename)
    without_processes(monkeypatch, reached)
    wanted, done, demo = expected(harness), demonstrate(harness), demo_of(harness)
    assert (done.outcome, done.health) == ("completed", "clean")
    assert len(done.agents) == wanted["agents"]
    assert done.ended is not None
    assert holds(done.ended.result, wanted["result"]), done.ended.result
    assert demo is not None
    check_args(harness, demo.args)
    rehearsed = anyio.run(partial(rehearse, harness, demo.args, demo.settings, builtin_harness, runs=RUNS))
    assert (rehearsed.crashes, rehearsed.unending) == ((), [])
    but = wanted.get("elsewhere", ())
    for label in dict.fromkeys(agent.called.request.label or "" for agent in done.agents.values()):
        if reached.missing(harness.source, but):  # what a rehearsal reaches is chance, so also on days of losses
            demonstrate(harness, rules=[lost(label), *rules_of(harness)])
    assert reached.missing(harness.source, but) == {}


def lost(label: str) -> dict[str, Any]:
    """Return the rule by which the agents of a label are lost."""
    return {"match": {"label": f"^{re.escape(label)}$"}, "lost": "timeout"}


@every
def test_its_demonstration_shows_that_the_pattern_is_needed(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    wanted = expected(harness)
    assert len(wanted["broken"]) >= 2
    for broken in wanted["broken"]:
        old, new = broken["old"], broken["new"]
        assert harness.source.count(old) == 1, broken
        done = demonstrate(harness, changed=lambda source, old=old, new=new: source.replace(old, new))
        assert done.outcome == "completed"
        assert done.ended is not None
        assert not holds(done.ended.result, wanted["result"]), broken["what"]
