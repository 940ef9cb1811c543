"""What commands of agents are not shown of the folders they see: what is hidden there and nobody has shared by git.

Files of that kind are out of reach of all other tools: `.env`, `.aws`, `.netrc`. What git knows is in its repository
anyway, and tools fill folders of their own, such as `.venv`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import anyio.to_thread

from weft.runtime.project.files import read_regular
from weft.runtime.project.visible import is_installed, known_to_git
from weft.runtime.tools.folders import Folders
from weft.sandbox.files import walk
from weft.sandbox.repositories import GIT

__all__ = ["Unseen", "unseen", "without_credentials"]

CACHE = "CACHEDIR.TAG"
"""The file by which a folder says that a tool has filled it, and can do so again."""


LARGEST = 1_000_000
"""Bytes of a configuration of git."""

_CREDENTIALS = re.compile(
    r"(?P<kept>https?://)[^/\s\"@]+@|^[ \t]*\w*(?:header|pass|token|secret)\w*[ \t]*=.*(?:\\\n.*)*",
    re.IGNORECASE | re.MULTILINE,
)
"""A user with a password in an address, and lines that hold one by themselves."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What is in folders, by its whole path."""

    hidden: tuple[str, ...] = ()
    """What commands are not shown."""
    repositories: tuple[str, ...] = ()
    """All that is called `.git`."""


_known: WeakKeyDictionary[Folders, dict[Path, Unseen]] = WeakKeyDictionary()
"""As it was before the first command: what these make for themselves is not hidden from them."""


async def unseen(folders: Folders) -> Unseen:
    """Return what commands in these folders are not shown, as it was when this was asked first."""
    known = _known.setdefault(folders, {})
    for root in folders.roots:
        if root not in known:
            known.setdefault(root, await anyio.to_thread.run_sync(_unseen, root))
    found = known.values()
    return Unseen(
        tuple(path for one in found for path in one.hidden), tuple(path for one in found for path in one.repositories)
    )


def _unseen(root: Path) -> Unseen:
    shared = _shared(root)
    hidden, repositories = _looked_for(root, shared)
    for inner in {os.path.dirname(path) for path in repositories} - {str(root)}:
        if any(path.startswith(f"{inner}/") for path in hidden):
            shared |= _shared(Path(inner))
    return Unseen(tuple(_apart(hidden, shared)), tuple(repositories))


def _shared(folder: Path) -> set[str]:
    """Return what git knows of a folder, and the folders that this is in; nothing where there is no git."""
    found: set[str] = set()
    for known in known_to_git(folder):
        path = known
        while path not in found and path != str(folder):
            found.add(path)
            path = path.rpartition("/")[0]
    return found


def _looked_for(root: Path, shared: set[str]) -> tuple[list[str], list[str]]:
    """Return what is hidden in a folder, as high up as it is so, and all that is called `.git`."""
    hidden: list[str] = []
    repositories: list[str] = []
    filled: set[str] = set()
    """Folders by tools, and those below, in which only `.git` is looked for."""
    for place, folders, files in walk(root):
        inside = place in filled
        apart = {name for name in (*folders, *files) if name.startswith(".")}
        repositories += [f"{place}/{name}" for name in apart if name.lower() == GIT]
        below = [f"{place}/{name}" for name in folders]
        filled |= {path for path in below if inside or (_is_filled(path) and path not in shared)}
        apart = {name for name in apart if name.lower() == GIT or not (inside or f"{place}/{name}" in filled)}
        hidden += sorted(f"{place}/{name}" for name in apart if name.lower() != GIT)
        folders[:] = [name for name in folders if name not in apart]
    return hidden, repositories


def _is_filled(path: str) -> bool:
    """Whether tools have filled a folder: a virtual environment, packages, or what can be made again."""
    return is_installed(Path(path).parent, os.path.basename(path)) or os.path.exists(os.path.join(path, CACHE))


def without_credentials(configurations: Iterable[str]) -> dict[str, str]:
    """Return what those of some files of git's configuration are to say that hold what opens a repository elsewhere."""
    found: dict[str, str] = {}
    for path in configurations:
        with suppress(OSError):
            text = os.fsdecode(read_regular(Path(path), LARGEST))
            plain = _CREDENTIALS.sub(lambda said: said["kept"] or "", text)
            found |= {path: plain} if plain != text else {}
    return found


def _apart(hidden: Iterable[str], shared: set[str]) -> Iterator[str]:
    """Yield what of all that is hidden nobody has shared; of a folder that is shared in part, the rest."""
    left = [*hidden]
    while left:
        path = left.pop()
        with suppress(OSError):  # it has gone, or is no folder
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):  # what it leads to counts where that is
                continue
            if path in shared:
                left += [f"{path}/{name}" for name in os.listdir(path) if name.lower() != GIT]
            elif not stat.S_ISREG(status.st_mode) or status.st_size:
                yield path
