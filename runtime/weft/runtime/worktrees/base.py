"""Where the worktrees of a run begin: one commit, the same for all agents and for every resume, or why there is none.

It is found once, when the run begins, and recorded; what is committed meanwhile changes nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from weft.primitives.language.parsing import parse
from weft.runtime.change import Base
from weft.runtime.errors import Refused
from weft.runtime.project.phases import called_names
from weft.runtime.worktrees.git import Git, GitFailed, open_repository

__all__ = ["Pinned", "find_base", "pin", "wanted"]

MOST_NAMED = 5
"""How many changed files are named."""

ISOLATION = "isolation"
WORKTREE = "worktree"


@dataclass(frozen=True, slots=True)
class Pinned:
    """What is known of it when a run begins."""

    base: Base | None = None
    folders: tuple[Path, ...] = ()
    """What agents see, each in a worktree of its own."""
    why_not: str = "nothing was said of worktrees when the run began"
    """Where there is none: why, for an agent that should have had a worktree."""


async def pin(
    source: str, find_source: Callable[[str], str | None], folders: Sequence[Path], *, dirty: bool, where: str
) -> Pinned:
    """Return where the worktrees of a harness begin; nothing is looked at where it has none.

    Args:
        source: The harness.
        find_source: Finds saved harnesses, whose agents may have worktrees too.
        folders: What agents may read.
        dirty: Whether to begin with a commit that is not what is in the folders.
        where: What the harness is called, for people.

    Raises:
        Refused: it says that agents have worktrees, and they cannot have them.
    """
    wants = wanted(source, find_source)
    if wants == "no":
        return Pinned()
    try:
        return Pinned(await find_base(folders, dirty=dirty), tuple(folders))
    except Refused as refused:
        if wants == "surely":
            raise Refused(
                refused.what,
                where=f"{where}, which has {ISOLATION}={WORKTREE!r}; {refused.where}",
                meaning="nothing was started",
                fix=refused.fix,
            ) from None
        return Pinned(why_not=f"{refused.what}; {refused.fix}")


async def find_base(folders: Sequence[Path], *, dirty: bool) -> Base:
    """Return the commit that is in the folders.

    Raises:
        Refused: there is none, or it is not what is in the folders and `dirty` is false.
    """
    if not folders:
        raise _refused("agents have no folder, so none of a repository", "", "--dir FOLDER")
    repositories = {git.folder: git for git in [await _repository(folder) for folder in folders]}
    if len(repositories) > 1:
        named = " and ".join(map(str, repositories))
        raise _refused("a worktree is of one repository, and the folders are in several", named, "one --dir")
    (git,) = repositories.values()
    try:
        commit = await git.text("rev-parse", "--verify", "HEAD^{commit}")
    except GitFailed:
        what = "the repository has no commit yet, which worktrees could begin with"
        raise _refused(what, str(git.folder), "git add -A, git commit") from None
    await _check_whole(git, commit)
    for folder in folders:
        await _check_there(git, folder, commit)
    return Base(repository=str(git.folder), commit=commit, left_out=await _left_out(git, dirty=dirty))


async def _repository(folder: Path) -> Git:
    try:
        return await open_repository(folder.resolve())
    except GitFailed as failed:
        there_is = "not a git repository" not in failed.message
        raise _refused(
            "no worktrees for agents: " + (failed.on_one_line if there_is else "there is no git repository"),
            str(folder),
            f"leave {ISOLATION}= out of the harness"
            + ("" if there_is else "; or make it a repository: git init, git add -A, git commit"),
        ) from None


async def _check_whole(git: Git, commit: str) -> None:
    """Check that all of a commit is here: a clone may have left some of it where it was cloned from."""
    try:
        lacking = await git.text("rev-list", "--objects", "--no-walk", "--missing=print", "--quiet", commit)
    except GitFailed as failed:
        raise _refused(f"the last commit cannot be read: {failed.on_one_line}", str(git.folder), "git fsck") from None
    if lacking:
        what = f"{lacking.count('?'):,} of the files and folders of the last commit are not in the repository"
        fix = "git fetch --refetch --no-filter brings them, where it is a partial clone; else git fsck tells more"
        raise _refused(what, str(git.folder), fix)


async def _check_there(git: Git, folder: Path, commit: str) -> None:
    """Check that a folder is in the commit, for agents to see it in their worktrees."""
    inside = folder.resolve().relative_to(git.folder).as_posix()
    if inside == ".":
        return
    try:
        kind = await git.text("cat-file", "-t", f"{commit}:{inside}")
    except GitFailed:
        kind = "nothing"
    if kind != "tree":
        raise _refused(f"the folder {inside} is not in the last commit", str(git.folder), f"commit {inside} first")


async def _left_out(git: Git, *, dirty: bool) -> int:
    """Return how many files are not as in the commit.

    Raises:
        Refused: one of them is one that git knows, and that is not to be ignored.
    """
    try:
        told = await git("status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=dirty", "--", ".")
    except GitFailed as failed:
        what = f"what has changed cannot be found out: {failed.on_one_line}"
        raise _refused(what, str(git.folder), "git status") from None
    rows = [row.decode("utf-8", "replace") for row in told.split(b"\0") if row]
    changed = [row[3:] for row in rows if row[:2] != "??"]
    if changed and not dirty:
        more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
        raise _refused(
            "files have changes that are not committed, and agents in worktrees would not see them",
            f"{git.folder}: {', '.join(changed[:MOST_NAMED])}{more}",
            "commit or stash them; or --dirty, and agents begin with the last commit all the same",
        )
    return len(changed) + sum(row[:2] == "??" and not row[3:].startswith(".weft/") for row in rows)


def _refused(what: str, where: str, fix: str) -> Refused:
    return Refused(what, where=where, meaning="nothing was started", fix=fix)


def wanted(source: str, find_source: Callable[[str], str | None]) -> Literal["surely", "perhaps", "no"]:
    """Return whether agents of a harness have worktrees, by its text and that of the saved harnesses it names."""
    found: Literal["perhaps", "no"] = "no"
    for text in _reachable(source, find_source):
        if WORKTREE not in text and ISOLATION not in text and "workflow" not in text:
            continue
        if any(_says_so(node) for node in ast.walk(parse(text))):
            return "surely"
        found = "perhaps"
    return found


def _reachable(source: str, find_source: Callable[[str], str | None]) -> Iterator[str]:
    seen: set[str] = set()
    left = [source]
    while left:
        text = left.pop()
        try:
            parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue  # it is refused where it is executed
        yield text
        names = called_names(text) - seen
        seen |= names
        left += [inner for inner in map(find_source, sorted(names)) if inner is not None]


def _says_so(node: ast.AST) -> bool:
    """Whether a piece of code gives an agent a worktree: as a keyword, or in a dict of options."""
    match node:
        case ast.keyword(arg="isolation", value=ast.Constant(value="worktree")):
            return True
        case ast.Dict(keys=keys, values=values):
            return any(
                isinstance(key, ast.Constant)
                and key.value == ISOLATION
                and isinstance(value, ast.Constant)
                and value.value == WORKTREE
                for key, value in zip(keys, values, strict=True)
            )
    return False
