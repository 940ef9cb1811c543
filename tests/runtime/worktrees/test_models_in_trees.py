"""A model that edits and runs in a worktree of its own: real SDK, real git, real commands, and what is merged after."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from anthropic_server import text, tool
from command import weft
from models import Serve, run_model, serve
from repositories import git, left, repository
from unconfined import without_processes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has something to contain commands with"),
]

__all__ = ["serve"]

SOURCE = """
TOOLS = ["read_file", "edit_file", "write_file", "run_command"]


async def main(args):
    names = ["a", "b"]
    return await parallel([agent(f"Mend {n}.", label=n, tools=TOOLS, isolation="worktree") for n in names])
"""


def mending(body: dict[str, Any]) -> Any:
    """Answer as a model does that mends one line, runs the program, and says so."""
    name = "a" if "Mend a." in str(body["messages"][0]) else "b"
    steps = [
        tool("edit_file", {"path": "main.py", "old": f"{name} = 1 / 0", "new": f"{name} = 1"}),
        tool("write_file", {"path": f"notes/{name}.txt", "text": "mended\n"}),
        tool("run_command", {"command": "python3 main.py"}),
        text("mended"),
    ]
    return steps[len(body["messages"]) // 2]


def test_two_models_mend_one_file_apart_and_both_are_merged(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_processes(monkeypatch)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    lines = "".join(f"# {number}\n" for number in range(9))
    folder = repository(tmp_path / "project", {"main.py": f"a = 1 / 0\n{lines}b = 1 / 0\n"})
    serve(mending)
    allow = ("edit_file:*.py", "write_file:notes/**", "run_command:python3 *")
    done = run_model(folder, SOURCE, folders=(folder,), allow=allow, virtual_time=False)
    a, b = done.state.ended.result  # type: ignore[union-attr]
    assert a["files"] == ["main.py", "notes/a.txt"] and b["files"] == ["main.py", "notes/b.txt"]
    assert (folder / "main.py").read_text().count("1 / 0") == 2
    acts = [act.began.acts for agent in done.state.agents.values() for act in agent.acts.values()]
    assert acts == ["idempotent"] * 6  # of a worktree that is made anew for whoever is asked again
    assert weft(folder, "merge", "@last").code == 0
    assert (folder / "main.py").read_text() == f"a = 1\n{lines}b = 1\n"
    assert git(folder, "log", "--format=%s").split() == ["b", "a", "first"]
    assert left(folder) == []
