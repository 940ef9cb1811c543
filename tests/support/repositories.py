"""Small git repositories, and runs of agents that change files in worktrees of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import anyio

from weft.runtime.execution.resume import resume
from weft.runtime.execution.run import Run, run
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.request import AgentReply, AgentRequest, Agents
from weft.runtime.settings import Settings

__all__ = ["EACH", "changing", "git", "go_on", "isolated", "left", "repository"]

EACH = """\
async def main(args):
    return await parallel([agent(name, label=name, tools=[], isolation="worktree") for name in args])
"""
"""A harness with an agent, in a worktree of its own, for each name that it is given."""

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "tester" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(folder: Path, *words: str, stdin: str | None = None) -> str:
    """Call git and return what it prints."""
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | ENVIRONMENT,
        check=True,
        capture_output=True,
        text=True,
        input=stdin,
    )
    return done.stdout.strip()


FILES = {"a.txt": "one\ntwo\nthree\n", "src/b.py": "b = 1\n"}


def repository(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """Make a repository with one commit."""
    shutil.copytree(_made(tuple((files or FILES).items())), folder, dirs_exist_ok=True)
    return folder


@cache
def _made(files: tuple[tuple[str, str], ...]) -> Path:
    """Make one to be copied: git takes longer."""
    folder = Path(tempfile.mkdtemp(prefix="weft-repository-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    git(folder, "init", "--quiet", "--initial-branch=main", "--template=")
    for name, text in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "first")
    return folder


def changing(**done: Callable[[Path], object]) -> Agents:
    """Answer agents, each of which does to its working tree what is said for its prompt; without that, nothing."""

    async def answer(request: AgentRequest) -> AgentReply:
        assert request.folders is not None
        value = done.get(request.prompt, lambda tree: None)(request.folders[0])
        return AgentReply(value=value if isinstance(value, str) and value else "done")

    return answer


def isolated(folder: Path, agents: Agents, *names: str, source: str = EACH, **settings: Any) -> Run:
    """Run a harness whose agents have worktrees of a repository."""
    harness = parse_harness(source, name="test", filename="h.py")
    settings = {"folders": (folder,), **settings}
    return anyio.run(lambda: run(harness, [*names], Settings(**settings), Project(folder), agents=agents))


def go_on(done: Run, folder: Path, agents: Agents, **settings: Any) -> Run:
    """Resume a run."""
    settings = {"folders": (folder,), **settings}
    return anyio.run(lambda: resume(done.folder, Settings(**settings), Project(folder), agents=agents))


def left(folder: Path) -> list[str]:
    """Return what runs have left in a repository besides their journals: worktrees, and branches."""
    branches = git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads/weft").split()
    entries = [path.name for path in (folder / ".git/worktrees").glob("*")]
    return [*branches, *entries, *(str(path) for path in (folder / ".weft").glob("trees"))]
