"""What a run says about the walls around its harness, and how it shows where the harness broke."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from command import weft
from running import run_source

from weft.runtime.cli.doctor import doctor_page
from weft.runtime.journal.events import SandboxReady
from weft.runtime.page import text
from weft.runtime.views.data import run_object
from weft.runtime.views.live import Lines
from weft.runtime.views.text import result_page, run_page
from weft.sandbox.protocol import WALLS

HELLO = "async def main(args):\n    return await agent('x')"


def test_the_walls_that_stood_are_kept_and_shown(tmp_path: Path) -> None:
    state = run_source(HELLO, tmp_path).state
    assert state.walls is not None
    assert "limits" in state.walls
    assert f"sandbox: {', '.join(state.walls)}" in text(run_page(state, "here"))
    assert run_object(state)["walls"] == state.walls


def test_a_missing_wall_is_a_warning() -> None:
    stream = io.StringIO()
    Lines(stream)(0.0, SandboxReady(walls=("limits",)))
    assert "warning this system confines the harness without landlock and seccomp" in stream.getvalue()


def test_no_word_where_all_stand() -> None:
    stream = io.StringIO()
    Lines(stream)(0.0, SandboxReady(walls=WALLS))
    assert stream.getvalue() == ""


FOUND: dict[str, Any] = {
    "looked_at": "127.0.0.1:11434",
    "weft": "1.0",
    "libraries": {},
    "python": "3.12",
    "system": "Linux",
    "walls": [],
    "problem": None,
    "environment": [],
    "servers": [],
    "writable": True,
    "free_bytes": 10**12,
    "configuration": None,
    "unreadable": [],
    "swept": [],
    "tools": [],
    "commands": [],
}


class TestDoctor:
    def test_says_of_each_wall_whether_it_holds(self) -> None:
        shown = text(doctor_page({**FOUND, "walls": ["limits"]}))
        assert re.findall("^sandbox +(.*):", shown, re.MULTILINE) == [
            "holds limits",
            "MISSING landlock",
            "MISSING seccomp",
        ]
        assert "runs go on without" in shown

    def test_tries_it_out_here(self, tmp_path: Path) -> None:
        done = weft(tmp_path, "doctor", "--json")
        assert done.code == 0, done.err
        assert "limits" in done.json["walls"]
        assert sum(line.startswith("sandbox") for line in weft(tmp_path, "doctor").out.splitlines()) == 3

    def test_says_when_no_harness_can_be_executed(self) -> None:
        assert "sandbox   cannot be started: no\n" in text(doctor_page({**FOUND, "problem": "no"}))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (
            "async def main(args):\n    found = {}\n    return found['no']",
            ["script: h.py:3: KeyError: 'no'", "  2 |     found = {}", "  3 |     return found['no']"],
        ),
        (
            "import os\nasync def main(args): pass",
            ["policy: h.py:1: the module `os` is not available in a harness: put it in args", "  1 | import os"],
        ),
        (
            "async def main(args):\n    return {1, 2}",
            [
                "not_json: h.py:2: main returned a value that is not JSON data. $: a set",
                "  2 |     return {1, 2}",
            ],
        ),
    ],
)
def test_an_error_shows_the_harness_s_own_lines(source: str, shown: list[str], tmp_path: Path) -> None:
    page = text(result_page(run_source(source, tmp_path).state, ""))
    for line in shown:
        assert line in page
    assert "Traceback" not in page
