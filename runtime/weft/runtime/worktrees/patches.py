"""What was changed in a worktree: as one commit on a branch, as a patch, as the names of files.

The index is one that the agent cannot reach, made when the worktree was, so that nothing is hidden by what an agent may
do to its own.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread

from weft.runtime.border import masked
from weft.runtime.change import Change, Kept
from weft.runtime.worktrees.git import AS_WEFT, Git, GitFailed
from weft.sandbox.files import remove_tree, walk

__all__ = ["BRANCHES", "Work", "branches_of", "patch_of", "taken"]

MOST_PATCH = 1_000_000
"""Characters of a patch that are recorded and handed to the harness; one that is longer is in its branch alone."""

LONGEST_PATCH = 1 << 28
"""Bytes of a patch that is applied."""

MOST_FILES = 10_000
"""How many files are named."""

BRANCHES = "refs/heads/"

PLACES = ("weft", "weft-runs")
"""With what branches of agents begin; the second is for repositories that have a branch of the first name."""

NAMES = 9
"""How many names are tried for a branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one agent has done."""

    git: Git
    """With the worktree, and the index as it was when that was made."""
    commit: str
    """With which the worktree began."""
    branch: str
    """What its branch should be called, after one of `PLACES`; where that is taken, a number is added."""
    message: str
    one: asyncio.Lock
    """Held where git takes a lock of the whole repository."""


async def taken(work: Work) -> Change:
    """Return what was changed in a worktree, kept as a branch.

    Raises:
        GitFailed: it cannot be told, or not be kept.
    """
    tree, files = await _added(work)
    if not files:
        return Change()
    commit = await work.git.text(
        "commit-tree", tree, "-p", work.commit, "-F", "-", stdin=work.message.encode("utf-8", "replace"), env=AS_WEFT
    )
    patch, whole = await _shown(work, commit, files)
    branch = await _named(work, commit)
    return Change(
        branch=branch,
        patch=patch if whole else f"(the patch is too long to be shown; it is the branch {branch})",
        files=tuple(files[:MOST_FILES]),
        kept=Kept(branch=branch, commit=commit, whole=whole and masked(patch) == patch),
    )


async def branches_of(git: Git, run: str) -> list[str]:
    """Return the branches of a run's agents that are there."""
    refs = await git.text("for-each-ref", "--format=%(refname)", *(f"{BRANCHES}{place}/{run}/" for place in PLACES))
    return [ref.removeprefix(BRANCHES) for ref in refs.split()]


async def patch_of(git: Git, base: str, commit: str, *, paths: Sequence[str] = ()) -> bytes:
    """Return what a commit changes, as a patch.

    Raises:
        GitFailed: one of the two is not there, or it is longer than is taken.
    """
    words = ("diff-tree", "-r", "-p", "-U3", *PLAIN, base, commit, *(("--", *paths) if paths else ()))
    return await git(*words, most=LONGEST_PATCH)


PLAIN = ("--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")


async def _added(work: Work) -> tuple[str, list[str]]:
    """Return all that is there as a tree of git, and which files in it are not as they were."""
    # Git would ask each repository in there for its state, and execute what the configuration of that one names.
    await anyio.to_thread.run_sync(_flatten, work.git.folder)
    await work.git("add", "--all", "--", ".")
    tree = await work.git.text("write-tree")
    rows = await work.git("diff-tree", "-r", "-z", "--name-only", "--no-renames", work.commit, tree)
    return tree, [name.decode("utf-8", "surrogateescape") for name in rows.split(b"\0") if name]


def _flatten(tree: Path) -> None:
    """Take away what makes repositories of folders within a working tree: they are taken for the files that they are.

    Raises:
        OSError: it cannot be taken away.
    """
    for place, folders, _ in walk(tree):
        inner = Path(place, ".git")  # however it is written, where the system makes no difference
        if Path(place) != tree and os.path.lexists(inner):
            folders[:] = [name for name in folders if name.lower() != ".git"]
            if not remove_tree(inner):
                raise OSError(f"{inner} cannot be removed, and git would go by it")


async def _shown(work: Work, commit: str, files: list[str]) -> tuple[str, bool]:
    """Return a patch as text, and whether it is all of it. Files that are no text in UTF-8 are in it as binary ones."""
    if len(files) > MOST_FILES:
        return "", False
    try:
        raw = await patch_of(work.git, work.commit, commit)
        pieces = list(_pieces(raw))
        odd = [files[number] for number, piece in enumerate(pieces) if not _is_text(piece)]
        if odd:
            raw = b"".join(piece for piece in pieces if _is_text(piece)) + await _as_binary(work, commit, odd)
    except GitFailed:
        return "", False
    if len(raw) > MOST_PATCH or not _is_text(raw):
        return "", False
    return raw.decode(), True


async def _as_binary(work: Work, commit: str, files: list[str]) -> bytes:
    assert work.git.index is not None
    attributes = work.git.index.with_suffix(".attributes")
    attributes.write_text("* -diff\n", encoding="utf-8")
    git = work.git.configured("core.attributesFile", str(attributes))
    return await patch_of(git, work.commit, commit, paths=files)


def _pieces(raw: bytes) -> Iterator[bytes]:
    """Yield the part of a patch that is about each file, in the order in which files are listed."""
    head = b"diff --git "
    starts = [0] if raw.startswith(head) else []
    at = raw.find(b"\n" + head)
    while at >= 0:
        starts.append(at + 1)
        at = raw.find(b"\n" + head, at + 1)
    for start, end in zip(starts, [*starts, len(raw)][1:], strict=True):
        yield raw[start:end]


def _is_text(piece: bytes) -> bool:
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True


async def _named(work: Work, commit: str) -> str:
    """Keep a commit under a name that nothing has."""
    numbers = ("", *(f"-{number}" for number in range(2, NAMES + 1)))
    problem = ""
    for name in (f"{place}/{work.branch}{number}" for number in numbers for place in PLACES):
        try:
            async with work.one:
                await work.git("update-ref", "--no-deref", f"{BRANCHES}{name}", commit, "")
        except GitFailed as failed:
            problem = problem or failed.message
        else:
            return name
    raise GitFailed(f"its branch cannot be made: {problem}")
