"""What `ARGS` gives as default is there for the harness, and for saved ones that it calls."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from running import run_source
from unconfined import without_processes

from weft.runtime.execution.replay import replay
from weft.runtime.journal import read_journal
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness

SOURCE = """
from weft.primitives import args, workflow

ARGS = {
    "type": "object",
    "properties": {
        "sides": {"type": "array", "items": {"type": "string"}, "default": ["left", "right"]},
        "calls": {"type": "boolean", "default": False},
        "name": {"type": "string"},
    },
}


async def main(given):
    inner = await workflow("inner", {"name": "Ada"}) if given["calls"] else None
    return {"given": given, "args": args["sides"], "inner": inner}
"""


def test_what_is_left_out_is_as_args_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    Project(tmp_path).save_harness("inner", SOURCE)
    done = run_source(SOURCE, tmp_path, args={"sides": [], "calls": True})
    assert done.state.ended is not None
    inner = {"sides": ["left", "right"], "calls": False, "name": "Ada"}
    assert done.state.ended.result == {
        "given": {"sides": [], "calls": True},
        "args": [],
        "inner": {"given": inner, "args": ["left", "right"], "inner": None},
    }
    assert done.state.started is not None
    assert done.state.started.args == {"sides": [], "calls": True}
    harness = parse_harness(SOURCE, name="test", filename="h.py")
    assert anyio.run(replay, harness, read_journal(done.folder.journal)).result == done.state.ended.result


def test_a_run_of_the_first_version_goes_on_as_it_began() -> None:
    harness = parse_harness(SOURCE, name="test", filename="h.py")
    assert harness.arguments({"name": "Ada"}, 1) == {"name": "Ada"}
    assert harness.arguments({"name": "Ada"}, 2) == {"name": "Ada", "sides": ["left", "right"], "calls": False}


@pytest.mark.parametrize("properties", ["{}", "{'a': True}", "{'a': {'default': None}}"])
def test_any_form_of_properties_is_read(properties: str) -> None:
    source = f'ARGS = {{"type": "object", "properties": {properties}}}\n\n\nasync def main(args):\n    return args\n'
    harness = parse_harness(source, name="test", filename="h.py")
    assert harness.arguments({"a": 1}, 2) == {"a": 1}
    assert harness.arguments([1], 2) == [1]
