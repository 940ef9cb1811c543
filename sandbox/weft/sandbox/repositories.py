"""What git goes by below a folder: that a command leaves it as it was. Where walls see to that already is `namespaces`.

Git executes what the configuration and the hooks of a repository name, whoever has written these, and takes for one
whatever has a `.git`. A person who goes into such a folder need not even call git: their prompt does.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from weft.sandbox.files import remove_tree, walk

__all__ = ["GIT", "REDIRECTING", "Repositories", "repositories_in"]

GIT = ".git"

REDIRECTING = ("commondir", "config", "config.worktree", "hooks", "modules", "worktrees")
"""What in a `.git` folder tells git what to execute, or where else that is said."""

OFF = ".off"
"""What is added to the name of a repository that a command has made."""

LARGEST, MOST = 1024 * 1024, 1_000
"""Bytes of one file that can be put back as it was, and how many hooks are looked at."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def repositories_in(folder: str) -> Iterator[str]:
    """Yield all that is called `.git` below a folder, whatever it is; of what is in one, nothing."""
    for place, folders, files in walk(folder):
        for name in [name for name in (*folders, *files) if name.lower() == GIT]:
            yield os.path.join(place, name)
        folders[:] = [name for name in folders if name.lower() != GIT]


@dataclass(frozen=True, slots=True)
class _Known:
    """A repository as it was."""

    text: bytes | None
    """Of a file or a link that names another place; `None` for a folder."""
    missing: tuple[str, ...] = ()
    """What of `REDIRECTING` was not there."""
    files: Mapping[str, tuple[int, bytes]] = field(default_factory=dict)
    """Configuration and hooks: the mode and the text of each, by its path."""


class Repositories:
    """Those below a folder, as they are before a command is executed."""

    def __init__(self, folder: str, besides: Sequence[str] = ()) -> None:
        """Look at them; at none below `besides`."""
        self._folder = folder
        self._besides = [f"{path}/" for path in besides]
        self._known = {path: self._state(path) for path in self._all()}

    def put_back(self, *, changed: bool) -> list[str]:
        """Put aside what a command has made one, and take from the others what it has added; return what that was.

        Args:
            changed: Whether it can have changed what was there, as no wall stood around that.
        """
        undone: list[str] = []
        for path in self._all():
            with suppress(OSError):
                known = self._known.get(path)
                if known is None or self._exchanged(path, known):
                    undone.append(self._put_aside(path, known))
                elif known.text is None:
                    undone += self._cleared(path, known, changed=changed)
        return undone

    def _all(self) -> list[str]:
        return [path for path in repositories_in(self._folder) if not f"{path}/".startswith(tuple(self._besides))]

    @contextmanager
    def _beside(self, path: str) -> Iterator[tuple[int, str]]:
        """Open the folder that something is in, without following a link that another command may have put there."""
        parts = os.path.relpath(path, self._folder).split(os.sep)
        folder = os.open(self._folder, _FOLDER)
        try:
            for part in parts[:-1]:
                inner = os.open(part, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = inner
            yield folder, parts[-1]
        finally:
            os.close(folder)

    def _state(self, path: str) -> _Known:
        try:
            with self._beside(path) as (folder, name):
                text = _text(folder, name)
                return _Known(text) if text is not None else _as_it_is(folder, name)
        except OSError:  # it has gone, or is not for us
            return _Known(b"")

    def _exchanged(self, path: str, known: _Known) -> bool:
        """Whether something else stands in its place."""
        with self._beside(path) as (folder, name):
            return _text(folder, name) != known.text

    def _put_aside(self, path: str, known: _Known | None) -> str:
        """Give something another name, by which git does not go, and put back what stood in its place."""
        with self._beside(path) as (folder, name):
            aside = f"{name}{OFF}" if not _there(folder, f"{name}{OFF}") else f"{name}{OFF}-{os.urandom(4).hex()}"
            os.rename(name, aside, src_dir_fd=folder, dst_dir_fd=folder)
            if known is not None and known.text:
                _put(folder, name, 0o644, known.text)
        return os.path.relpath(path, self._folder)

    def _cleared(self, path: str, known: _Known, *, changed: bool) -> list[str]:
        """Take from a repository what it did not have; and put back what it had, where that can have been changed."""
        undone: list[str] = []
        with self._beside(path) as (folder, name):
            opened = os.open(name, _FOLDER, dir_fd=folder)
        try:
            for name in known.missing:
                if _there(opened, name):
                    undone.append(name)
                    remove_tree(f"/proc/self/fd/{opened}/{name}")
            now = _files(opened) if changed else known.files
            for name in {*known.files, *now}:
                before = known.files.get(name, (0, b""))
                if now.get(name) != before:
                    undone.append(name)
                    remove_tree(f"/proc/self/fd/{opened}/{name}")
                    _put(opened, name, *before)
        finally:
            os.close(opened)
        return [os.path.join(os.path.relpath(path, self._folder), name) for name in undone]


def _there(folder: int, name: str) -> bool:
    try:
        os.lstat(name, dir_fd=folder)
    except OSError:
        return False
    return True


def _text(folder: int, name: str) -> bytes | None:
    """Return what a link or a file says; `None` for a folder, and nothing for what cannot be put back."""
    status = os.lstat(name, dir_fd=folder)
    if stat.S_ISDIR(status.st_mode):
        return None
    if stat.S_ISLNK(status.st_mode):
        return b"link " + os.fsencode(os.readlink(name, dir_fd=folder))
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        return b""
    opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with open(opened, "rb") as file:
        return b"file " + file.read(LARGEST)


def _put(folder: int, name: str, mode: int, text: bytes) -> None:
    """Make a link or a file that says this; nothing where there was none that could be put back."""
    kind, _, said = text.partition(b" ")
    if kind == b"link":
        os.symlink(said, os.fsencode(name), dir_fd=folder)
    elif kind == b"file":
        opened = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode, dir_fd=folder)
        with open(opened, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(said)


def _as_it_is(folder: int, name: str) -> _Known:
    opened = os.open(name, _FOLDER, dir_fd=folder)
    try:
        return _Known(None, tuple(one for one in REDIRECTING if not _there(opened, one)), _files(opened))
    finally:
        os.close(opened)


def _files(opened: int) -> dict[str, tuple[int, bytes]]:
    """Return what configuration and hooks of a repository say, as far as these are files or links of any usual size."""
    hooks: list[str] = []
    with suppress(OSError):
        folder = os.open("hooks", _FOLDER, dir_fd=opened)
        try:
            hooks = sorted(os.listdir(folder))[:MOST]
        finally:
            os.close(folder)
    found: dict[str, tuple[int, bytes]] = {}
    for name in ("commondir", "config", "config.worktree", *(f"hooks/{hook}" for hook in hooks)):
        with suppress(OSError):
            text = _text(opened, name)
            if text:
                found[name] = (stat.S_IMODE(os.lstat(name, dir_fd=opened).st_mode), text)
    return found
