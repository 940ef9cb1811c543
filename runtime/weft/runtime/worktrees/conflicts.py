"""Where a patch does not fit what is there now, and who else has changed the same: for a person to decide by."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from weft.runtime.worktrees.git import Git, GitFailed

__all__ = ["Conflict", "conflicts_in"]

MOST_LINES = 40
"""How many lines of one file are shown."""

MOST_OTHERS = 4
"""How many commits are named that have changed a file too."""

LONGEST = 200_000
"""Bytes up to which a file is looked at for where it conflicts."""

_COMPLAINT = re.compile(r"^error: (?:patch failed: (?P<at>.+):\d+|(?P<file>.+): (?P<why>[a-z].+))$", re.MULTILINE)
_HUNK = re.compile(r"^<<<<<<< .*?^>>>>>>> [^\n]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Conflict:
    """One file in which a patch does not fit."""

    path: str
    why: str
    others: tuple[str, ...]
    """Who has changed it too, latest first: agents that were merged, as `agent 3 of RUN (label)`, and other commits."""
    shown: str = ""
    """The lines of both sides, with the marks of a merge; nothing where they cannot be shown."""


async def conflicts_in(
    git: Git, complaint: str, base: str | None, current: str, files: Sequence[str]
) -> tuple[Conflict, ...]:
    """Return in which files a patch did not fit.

    Args:
        git: With the index in which it was tried.
        complaint: What git said.
        base: The commit that the patch begins with, where that is known.
        current: The commit that it was to be applied to.
        files: What the patch is about.
    """
    unmerged: dict[str, dict[str, str]] = {}
    for row in (await git("ls-files", "-u", "-z")).decode("utf-8", "replace").split("\0"):
        if row:
            about, path = row.split("\t", 1)
            _, blob, stage = about.split()
            unmerged.setdefault(path, {})[stage] = blob
    whys = {found["at"] or found["file"]: found["why"] or "" for found in _COMPLAINT.finditer(complaint)}
    paths = [*unmerged] or [path for path in files if path in whys] or [*files]
    return tuple(
        [
            Conflict(
                path,
                _why(unmerged.get(path, {}), whys.get(path, "")),
                await _others(git, base, current, path),
                await _shown(git, unmerged.get(path, {})),
            )
            for path in paths
        ]
    )


def _why(stages: dict[str, str], said: str) -> str:
    if {"2", "3"} <= stages.keys():
        return "both change the same lines" if "1" in stages else "both add it, and not alike"
    if stages:
        return "one changes it, and the other removes it"
    if "does not exist" in said or "No such file" in said:
        return "it is not there any more"
    return "it is there already" if "already exists" in said else "the lines that it changes are not there any more"


async def _others(git: Git, base: str | None, current: str, path: str) -> tuple[str, ...]:
    """Return who has changed a file since a commit."""
    form = "%h %s%x1f%(trailers:key=Weft-Agent,valueonly,separator=%x2C)"
    since = current if base is None else f"{base}..{current}"
    try:
        rows = await git.text("log", "-z", f"--max-count={MOST_OTHERS}", f"--format={form}", since, "--", path)
    except GitFailed:  # one of them is not there any more
        return ()
    named = (row.strip("\n").partition("\x1f") for row in rows.split("\0") if row.strip("\n"))
    return tuple(_agent(agent, commit) if agent else f"commit {commit}" for commit, _, agent in named)


def _agent(trailer: str, commit: str) -> str:
    run, _, number = trailer.strip().rpartition("/")
    return f"agent {number} of {run} ({commit.partition(' ')[2]})"


async def _shown(git: Git, stages: dict[str, str]) -> str:
    """Return the lines that conflict, with the marks of a merge."""
    if not {"2", "3"} <= stages.keys():
        return ""
    with tempfile.TemporaryDirectory() as place:
        sides = []
        for stage in ("2", "1", "3"):
            side = Path(place, stage)
            side.write_bytes(await git("cat-file", "blob", stages[stage], most=LONGEST) if stage in stages else b"")
            sides.append(str(side))
        try:
            await git("merge-file", "-p", "-L", "here", "-L", "before", "-L", "the agent", *sides)
        except GitFailed as failed:  # with as many as there are conflicts
            text = failed.output.decode("utf-8", "replace")
        else:
            return ""
    lines = [line for hunk in _HUNK.findall(text) for line in hunk.split("\n")]
    more = [f"… {len(lines) - MOST_LINES} more lines"] if len(lines) > MOST_LINES else []
    return "\n".join([*lines[:MOST_LINES], *more])
