"""Applying the patches of a run's agents, one after the other: each becomes a commit, whole or not at all.

All is worked out in an index of its own. Files of a person are touched once, at the end, by git, which refuses before
it touches any where one of them would be lost.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from weft.runtime.change import Kept
from weft.runtime.errors import Refused
from weft.runtime.worktrees.conflicts import Conflict, conflicts_in
from weft.runtime.worktrees.git import AS_WEFT, Git, GitFailed, open_repository
from weft.runtime.worktrees.patches import BRANCHES, patch_of

__all__ = ["Merged", "Patch", "Tried", "merge"]

IN_THE_MIDDLE = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "BISECT_LOG")
"""What is in a `.git` folder while something is half done."""

MOST_NAMED = 5
"""How many changed files are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """What is on record of the change of one agent."""

    run: str
    agent: int
    name: str
    """What the agent is called."""
    text: str
    files: tuple[str, ...]
    kept: Kept | None
    base: str | None
    """The commit that it begins with; `None` where a script says what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of one patch."""

    patch: Patch
    commit: str | None = None
    """The commit that it has become."""
    there: bool = False
    """Whether all of it was there already."""
    conflicts: tuple[Conflict, ...] = ()
    problem: str | None = None
    """Why it cannot be applied to anything."""

    @property
    def fits(self) -> bool:
        """Whether it is in what was merged."""
        return self.commit is not None or self.there


@dataclass(slots=True, kw_only=True)
class Merged:
    """What became of all of them."""

    repository: Path
    into: str
    """The branch; or the commit, where none is checked out."""
    before: str
    after: str
    tried: list[Tried] = field(default_factory=list)
    untried: list[Patch] = field(default_factory=list)
    """Those after the one that did not fit."""


async def merge(
    folder: Path,
    patches: Sequence[Patch],
    *,
    branch: str | None = None,
    staged: bool = False,
    skip: bool = False,
    check: bool = False,
) -> Merged:
    """Apply patches in their order, up to the first that does not fit.

    Args:
        folder: A folder of the repository.
        patches: What to apply.
        branch: The branch that takes them, made where there is none; without it, what is checked out.
        staged: Leave the changes in the index, instead of commits.
        skip: Leave out those that do not fit, and go on.
        check: Only tell what would become of them.

    Raises:
        Refused: the repository cannot take any patch as it is, and nothing was changed.
    """
    try:
        git = await open_repository(folder)
    except GitFailed as failed:
        raise _refused(failed.on_one_line, str(folder), "go to the repository that the patches are for") from None
    target = await _target(git, branch)
    if target.checked_out and not check:
        await _check_clean(git)
    merged = Merged(repository=git.folder, into=target.name, before=target.commit, after=target.commit)
    async with _beside(git) as own:
        for number, patch in enumerate(patches):
            tried = await _tried(own, patch, merged.after)
            merged.tried.append(tried)
            merged.after = tried.commit or merged.after
            if not (tried.fits or skip):
                merged.untried = [*patches[number + 1 :]]
                break
    if not check and merged.after != merged.before:
        await _move(git, target, merged, staged=staged)
    if not check and not staged:
        await _forget(git, merged)
    return merged


@dataclass(frozen=True, slots=True)
class _Target:
    """What takes the patches."""

    name: str
    ref: str
    commit: str
    checked_out: bool
    new: bool = False


async def _target(git: Git, branch: str | None) -> _Target:
    try:
        head = await git.text("rev-parse", "--verify", "HEAD^{commit}")
    except GitFailed:
        raise _refused("the repository has no commit yet", str(git.folder), "git commit") from None
    try:
        current = await git.text("symbolic-ref", "--quiet", "HEAD")
    except GitFailed:
        current = ""
    if branch is None or f"{BRANCHES}{branch}" == current:
        return _Target(current.removeprefix(BRANCHES) or head, "HEAD", head, checked_out=True)
    try:
        await git("check-ref-format", "--branch", branch)
    except GitFailed:
        raise _refused(f"{branch!r} is no name for a branch", str(git.folder), "--branch NAME") from None
    ref = f"{BRANCHES}{branch}"
    if f"branch {ref}" in (await git.text("worktree", "list", "--porcelain")).split("\n"):
        what = f"the branch {branch!r} is checked out in another worktree"
        raise _refused(what, str(git.folder), "go there; or another --branch")
    try:
        return _Target(branch, ref, await git.text("rev-parse", "--verify", f"{ref}^{{commit}}"), checked_out=False)
    except GitFailed:
        return _Target(branch, ref, head, checked_out=False, new=True)


async def _check_clean(git: Git) -> None:
    """Check that what is checked out can take patches.

    Raises:
        Refused: something is half done there, or has changed.
    """
    assert git.directory is not None
    half = [name for name in IN_THE_MIDDLE if os.path.lexists(git.directory / name)]
    if half:
        raise _refused(f"something else is half done there: {half[0]}", str(git.folder), "finish it; or --branch NAME")
    told = await git.filtering()("status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=dirty")
    changed = [row[3:] for row in told.decode("utf-8", "replace").split("\0") if row]
    if changed:
        more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
        raise _refused(
            "files have changes that are not committed",
            f"{git.folder}: {', '.join(changed[:MOST_NAMED])}{more}",
            "commit or stash them; or --branch NAME, and the working tree stays as it is",
        )


@asynccontextmanager
async def _beside(git: Git) -> AsyncIterator[Git]:
    """Give git with an index of its own, and with an empty working tree: it looks at files there, if there are any."""
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place, "tree")
        tree.mkdir()
        yield git.using(tree=tree, index=Path(place, "index"))


async def _tried(git: Git, patch: Patch, current: str) -> Tried:
    """Apply one patch to a commit."""
    try:
        text = await _text(git, patch)
    except GitFailed as failed:
        return Tried(patch=patch, problem=failed.message)
    await git("read-tree", current)
    try:
        await git("apply", "--cached", "--3way", "--whitespace=nowarn", "--no-ignore-whitespace", "-", stdin=text)
        tree = await git.text("write-tree")
    except GitFailed as failed:
        conflicts = await conflicts_in(git, failed.message, patch.base, current, patch.files)
        return Tried(patch=patch, conflicts=conflicts)
    if tree == await git.text("rev-parse", f"{current}^{{tree}}"):
        return Tried(patch=patch, there=True)
    message = f"{patch.name}\n\nWeft-Agent: {patch.run}/{patch.agent}\n".encode("utf-8", "replace")
    return Tried(patch=patch, commit=await _committed(git, tree, current, message))


async def _text(git: Git, patch: Patch) -> bytes:
    """Return the patch itself: of the commit as long as that is there, else as it is on record.

    Raises:
        GitFailed: it is neither here nor there, or too long.
    """
    kept = patch.kept
    if kept is not None and patch.base is not None and await git.has(kept.commit) and await git.has(patch.base):
        return await patch_of(git, patch.base, kept.commit)
    if kept is not None and not kept.whole:
        raise GitFailed(f"{kept.branch} is gone, and its patch is not on record as a whole")
    return patch.text.encode()


async def _committed(git: Git, tree: str, parent: str, message: bytes) -> str:
    """Make a commit, as whoever git says its user is."""
    words = ("commit-tree", tree, "-p", parent, "-F", "-")
    try:
        return await git.text(*words, stdin=message)
    except GitFailed:  # it does not know who that is
        return await git.text(*words, stdin=message, env=AS_WEFT)


async def _move(git: Git, target: _Target, merged: Merged, *, staged: bool) -> None:
    """Let the target have what was merged.

    Raises:
        Refused: files are in the way, or somebody else has moved it; it is as it was.
    """
    own = git.filtering()
    try:
        if target.checked_out:
            await own("read-tree", "-m", "-u", merged.before, merged.after)
        if not (target.checked_out and staged):
            old = "" if target.new else merged.before
            await _point(own, target, merged, old)
    except GitFailed as failed:
        raise _refused(failed.on_one_line, str(git.folder), "move what is in the way; or --branch NAME") from None


async def _point(own: Git, target: _Target, merged: Merged, old: str) -> None:
    try:
        await own("update-ref", "-m", "weft merge", target.ref, merged.after, old)
    except GitFailed:
        if target.checked_out:
            await own("read-tree", "-m", "-u", merged.after, merged.before)
        raise


async def _forget(git: Git, merged: Merged) -> None:
    """Remove the branches of what is merged, unless somebody has gone on with one."""
    for tried in merged.tried:
        kept = tried.patch.kept
        if kept is not None and tried.fits:
            with suppress(GitFailed):
                await git("update-ref", "-d", f"{BRANCHES}{kept.branch}", kept.commit)


def _refused(what: str, where: str, fix: str) -> Refused:
    return Refused(what, where=where, meaning="nothing was changed", fix=fix)
