"""Taking worktrees away: one whose agent has ended, and all that runs have left that were killed.

.weft/trees/RUN/
    repository      the .git folder of the repository that they are of
    N/NAME/         the working tree of agent N, called as the folder at the top of the repository is
    N.index         what was in it at first

What stands in a working tree is its agent's, and nothing there is believed.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from weft.runtime.errors import NotFound
from weft.runtime.project.folders import RunFolder

__all__ = ["IGNORED", "REPOSITORY", "forget", "leave", "left_behind", "remove_tree", "sweep"]

LOG = logging.getLogger(__name__)

REPOSITORY = "repository"
"""The file that says which repository worktrees are of."""

IGNORED = ".gitignore"
"""The file that keeps them all out of version control."""


def sweep(trees: Path, mine: str = "") -> list[str]:
    """Remove what runs have left that go on no more, and return which runs these are.

    Args:
        trees: The folder of the worktrees of all runs of a project.
        mine: The run that this process has locked, and has made none for yet.
    """
    left = left_behind(trees, mine)
    for place in left:
        forget(place)
    if left:
        leave(trees)
    return [place.name for place in left]


def left_behind(trees: Path, mine: str = "") -> list[Path]:
    """Return the folders of worktrees that runs have left which go on no more."""
    try:
        places = sorted(path for path in trees.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return []
    return [place for place in places if place.name == mine or not _goes_on(place)]


def _goes_on(place: Path) -> bool:
    try:
        return RunFolder(place.parent.parent / "runs" / place.name).alive
    except NotFound:
        return False


def leave(trees: Path) -> None:
    """Remove the folder of all worktrees where there are none in it."""
    with suppress(OSError):
        if os.listdir(trees) == [IGNORED]:
            (trees / IGNORED).unlink()
        trees.rmdir()


def forget(place: Path) -> None:
    """Remove all worktrees of a run, in its folder and in the repository that they are of."""
    try:
        repository = Path((place / REPOSITORY).read_text("utf-8"))
    except (OSError, ValueError):
        repository = None
    if repository is not None:
        for entry in _entries(repository, place):
            shutil.rmtree(entry, ignore_errors=True)
        with suppress(OSError):  # there are others
            (repository / "worktrees").rmdir()
    remove_tree(place)


def _entries(repository: Path, place: Path) -> Iterator[Path]:
    """Yield what a repository keeps of worktrees that are below a folder."""
    try:
        entries = [entry for entry in (repository / "worktrees").iterdir() if not entry.is_symlink()]
    except OSError:
        return
    for entry in entries:
        try:
            named = Path((entry / "gitdir").read_text("utf-8").strip())
        except (OSError, ValueError):
            continue
        if Path(os.path.normpath(entry / named)).is_relative_to(place):
            yield entry


def remove_tree(path: Path) -> None:
    """Remove a folder with all that is in it, whatever rights an agent has taken from it; what cannot be is logged."""
    for _ in range(2):  # what ran in it may have written until just now
        shutil.rmtree(path, onerror=_opening)
        if not path.exists():
            return
    LOG.warning("a worktree cannot be removed: %s", path)


def _opening(function: Callable[..., Any], path: str, _: object) -> None:
    """Give ourselves the right to remove what could not be, and remove it."""
    for folder in (os.path.dirname(path), path):
        with suppress(OSError):
            if stat.S_ISDIR(os.lstat(folder).st_mode):
                os.chmod(folder, stat.S_IRWXU)
    with suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)
