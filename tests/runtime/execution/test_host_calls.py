"""Calls that the host answers without a model: tools. What they give, what a failure is, replay and resume."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from running import run_source
from unconfined import without_processes

from weft.runtime.execution.replay import replay
from weft.runtime.execution.run import Run
from weft.runtime.journal import executions
from weft.runtime.journal.events import HostAnswered
from weft.runtime.project.harness import parse_harness


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("alpha one\nbeta two\n")
    (folder / "b.md").write_text("alpha three\r\n")
    (folder / ".hidden").write_text("alpha")
    (folder / "picture.png").write_bytes(b"\x00\x01")
    return folder


def main_of(body: str) -> str:
    return "async def main(args):\n" + "".join(f"    {line}\n" for line in body.splitlines())


def replayed(source: str, done: Run) -> Any:
    harness = parse_harness(source, name="test", filename="h.py")
    return anyio.run(replay, harness, done.folder.events())


def answers(done: Run, execution: int = -1) -> list[HostAnswered]:
    part = executions(done.folder.events())[execution]
    return [event for _, event in part if isinstance(event, HostAnswered)]


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ('tool("list_files")', ["a.md", "b.md", "picture.png"]),
        ('tool("list_files", pattern=".MD")', ["a.md", "b.md"]),
        ('tool("list_files", pattern="no such")', []),
        ('tool("read_file", path="a.md")', "alpha one\nbeta two\n"),
        ('tool("read_file", path="b.md")', "alpha three\r\n"),
        ('tool("read_file", path="a.md", first_line=2)', "beta two"),
        ('tool("read_file", path="a.md", last_line=1)', "alpha one"),
        (
            'tool("search_text", query="ALPHA")',
            [{"source": "a.md", "line": 1, "text": "alpha one"}, {"source": "b.md", "line": 1, "text": "alpha three"}],
        ),
        ('tool("search_text", query="alpha", path="b.")', [{"source": "b.md", "line": 1, "text": "alpha three"}]),
    ],
)
def test_a_tool_gives_data(tmp_path: Path, notes: Path, call: str, given: Any) -> None:
    source = main_of(f"return await {call}")
    done = run_source(source, tmp_path, folders=(notes,))
    assert done.state.ended and done.state.ended.result == given
    assert done.state.health == "clean"
    assert not done.state.agents
    for file in notes.iterdir():
        file.unlink()
    assert replayed(source, done).result == given
