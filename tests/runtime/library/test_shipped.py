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

Each statement is reached by the demonstration, by the rehearsal, which must come to its end with any answers, or by the
demonstration on a day when some of its agents are lost.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from reached import Reached
from unconfined import without_processes

from weft.linter import lint
from weft.runtime.execution.rehearsal import rehearse
from weft.runtime.execution.run import Run, run
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness, check_args
from weft.runtime.project.shipped import Demo, builtin_harness, builtin_harnesses, demo_of, shelves

EXPECTED = Path(__file__).with_name("expected")
LINES = 75
"""How many lines the functions of a harness may have: about sixty, and a few more where a reader gains by it."""
LONGER = {"answer-from-files": 115, "find-contradictions": 170}
"""Those that get by without a model, for which they do more themselves."""

DAYS = 5
"""On how many bad days a demonstration is tried at most, each without another part of its agents."""
SHIPPED = list(builtin_harnesses())
every = pytest.mark.parametrize("harness", SHIPPED, ids=lambda harness: harness.name)
shown = pytest.mark.parametrize("harness", [one for one in SHIPPED if demo_of(one)], ids=lambda harness: harness.name)


def expected(harness: Harness) -> dict[str, Any]:
    return tomllib.loads(EXPECTED.joinpath(f"{harness.name.replace('-', '_')}.toml").read_text("utf-8"))


def demonstrated(harness: Harness, folder: Path, shown: Harness | None = None, lost: Sequence[str | None] = ()) -> Run:
    """Run the demonstration of a harness, with another one in its place if one is given, and without some agents."""
    demo = demo_of(harness)
    assert demo is not None
    settings = demo.settings if not lost else replace(demo.settings, agents=f"stub:{without(lost, demo, folder)}")

    async def go() -> Run:
        return await run(shown or harness, demo.args, settings, Project(folder))

    return anyio.run(go)


def without(lost: Sequence[str | None], demo: Demo, folder: Path) -> Path:
    """Return the script of a demonstration in which the agents of some labels are lost."""
    assert demo.settings.stub is not None
    script = json.loads(demo.settings.stub.read_text("utf-8"))
    rules = [{"match": {"label": f"^{re.escape(label)}$"}, "lost": "timeout"} for label in lost if label]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "agents.json"
    path.write_text(json.dumps({**script, "rules": [*rules, *script["rules"]]}), "utf-8")
    return path


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


@every
def test_it_is_short(harness: Harness) -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    functions = [node for node in ast.parse(harness.source).body if isinstance(node, kinds)]
    text = harness.source.split("\n")
    lines = [line for f in functions for line in text[f.lineno - 1 : f.end_lineno] if line.strip()]
    assert len(lines) <= LONGER.get(harness.name, LINES)


def test_each_stands_on_one_shelf() -> None:
    names = [name for names in shelves().groups.values() for name in names]
    assert sorted(names) == sorted(harness.name for harness in SHIPPED)
    assert shelves().offline <= set(names)


@shown
def test_its_demonstration_comes_out_and_reaches_every_statement(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = Reached(harness.filename)
    without_processes(monkeypatch, reached)
    wanted, done = expected(harness), demonstrated(harness, tmp_path)
    assert (done.state.outcome, done.state.health) == ("completed", "clean")
    assert len(done.state.agents) == wanted["agents"]
    assert done.state.ended is not None
    assert holds(done.state.ended.result, wanted["result"]), done.state.ended.result
    demo = demo_of(harness)
    assert demo is not None
    check_args(harness, demo.args)
    rehearsed = anyio.run(rehearse, harness, demo.args, demo.settings, builtin_harness)
    assert rehearsed.crashes == []
    labels = [agent.called.request.label for agent in done.state.agents.values()]
    for part in range(DAYS):
        if reached.missing(harness.source):  # what a rehearsal reaches is chance, so also on days when some are lost
            demonstrated(harness, tmp_path / f"{part}", lost=labels[part::DAYS])
    assert reached.missing(harness.source) == {}


@shown
def test_its_demonstration_shows_that_the_pattern_is_needed(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_processes(monkeypatch)
    wanted = expected(harness)
    assert len(wanted["broken"]) >= 2
    for number, broken in enumerate(wanted["broken"]):
        assert harness.source.count(broken["old"]) == 1, broken
        source = harness.source.replace(broken["old"], broken["new"])
        done = demonstrated(harness, tmp_path / f"{number}", replace(harness, source=source))
        assert done.state.ended is not None
        assert done.state.outcome == "completed"
        assert not holds(done.state.ended.result, wanted["result"]), broken["what"]
