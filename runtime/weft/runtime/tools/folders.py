"""The folders that agents and harnesses see into, and which files of them can be read.

Every path is opened component by component without following links, so neither `..` nor a link swapped in at the last
moment leads out. What is done with the files is in `reading`.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from weft.runtime.errors import UsageError
from weft.runtime.meant import did_you_mean_path
from weft.runtime.project.visible import is_installed
from weft.runtime.tools.ignored import rules_above
from weft.runtime.tools.refusing import ToolRefused

__all__ = ["MAX_FILE_BYTES", "Folders", "lines_of", "parts_of"]

MAX_FILE_BYTES = 4 * 1024 * 1024
PROBED = 64 * 1024
"""Bytes from the beginning of a file that tell whether it is text."""


class Folders:
    """The folders an agent may see into. A path is given relative to them."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        """Check the folders.

        Raises:
            UsageError: one of them is not a folder that can be listed.
        """
        self._roots: dict[str, Path] = {}
        self._identities: dict[Path, tuple[int, int]] = {}
        for folder in folders:
            try:
                os.listdir(folder)
            except OSError as error:
                raise UsageError(
                    f"the folder cannot be read: {error.strerror}",
                    where=str(folder),
                    meaning="agents would have nothing to read, so nothing was started",
                    fix=did_you_mean_path(folder, "--dir FOLDER, with a folder that exists and that you may list"),
                ) from None
            if folder.resolve() not in self._roots.values():
                self._roots[self._unique(folder.resolve())] = folder.resolve()
                self._identities[folder.resolve()] = _identity(os.stat(folder))

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders."""
        return tuple(self._roots.values())

    def opened(self, root: Path) -> int:
        """Open one of the folders, and return its descriptor.

        Raises:
            OSError: it cannot be, or another one has its place, which a command may have put there.
        """
        opened = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        if _identity(os.fstat(opened)) != self._identities[root]:
            os.close(opened)
            raise OSError(errno.ESTALE, "another folder is in its place by now")
        return opened

    def _unique(self, folder: Path) -> str:
        name, number = folder.name or "root", 2
        while name in self._roots:
            name, number = f"{folder.name}-{number}", number + 1
        return name

    def files(self) -> list[str]:
        """Return the paths of all files an agent may read, sorted.

        Hidden files, links, devices and files whose name is not text are left out, folders that tools fill, and what
        the project ignores.
        """
        return sorted(self.walk())

    def walk(self) -> Iterator[str]:
        """Yield the same paths as they are found."""
        for name, root in self._roots.items():
            yield from self._below(name, root)

    def _below(self, name: str, root: Path) -> Iterator[str]:
        prefix = "" if len(self._roots) == 1 else f"{name}/"
        others = {str(other) for other in self._roots.values()} - {str(root)}  # those are walked by themselves
        below = len(os.path.join(root, ""))
        waiting = [(str(root), rules_above(root))]
        while waiting:
            place, rules = waiting.pop()
            rules = rules.inside(place)
            for entry in _entries(place):
                is_folder = entry.is_dir(follow_symlinks=False)
                if not is_folder and not entry.is_file(follow_symlinks=False):
                    continue
                if entry.path in others or rules.ignores(entry.path, folder=is_folder):
                    continue
                if not is_folder:
                    yield prefix + entry.path[below:]
                elif not is_installed(Path(place), entry.name):
                    waiting.append((entry.path, rules))

    def name_of(self, file: Path) -> str | None:
        """Return the path by which agents know a file, named from the working directory; `None` for one outside."""
        real = file.resolve()
        for name, root in sorted(self._roots.items(), key=lambda entry: -len(entry[1].parts)):
            if real.is_relative_to(root):
                return ("" if len(self._roots) == 1 else f"{name}/") + real.relative_to(root).as_posix()
        return None

    def unreadable(self, paths: Iterable[str]) -> dict[str, str]:
        """Return those of these files in which agents find nothing to read, and why; by the beginning of each."""
        found: dict[str, str] = {}
        for path in paths:
            try:
                text = self._text(path, PROBED)
            except ToolRefused as refused:
                found[path] = str(refused).removeprefix(f"{path} ")
            else:
                found |= {} if text.strip() else {path: "is empty"}
        return found

    def read(self, path: str) -> str:
        """Return the text of one file.

        Raises:
            ToolRefused: no path, outside the folders, hidden, a link, no regular file, too large, or not text.
        """
        return self._text(path, MAX_FILE_BYTES + 1)

    def _text(self, path: str, most: int) -> str:
        """Return as many bytes from the beginning of a file as text."""
        with self._opened(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MAX_FILE_BYTES:
                raise ToolRefused(f"{path} has more than the {MAX_FILE_BYTES:,} bytes that can be read")
            data = file.read(most)
        text = data.decode(_encoding(data), "replace")
        if not _is_text(text):
            raise ToolRefused(f"{path} is not text")
        return text

    @contextmanager
    def _opened(self, path: str) -> Iterator[BinaryIO]:
        root, parts = self.locate(path)
        opened = self._open_below(root, parts, path)
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            os.close(opened)
            raise ToolRefused(f"{path} is not a regular file")
        with os.fdopen(opened, "rb") as file:
            yield file

    def _open_below(self, root: Path, parts: list[str], shown: str) -> int:
        """Open a file without following any link on the way from `root`."""
        folder = None
        try:
            folder = self.opened(root)
            for part in parts[:-1]:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = inner
            # Not blocking: opening a named pipe would wait for a writer.
            return os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except OSError as error:
            raise ToolRefused(f"{shown} cannot be opened: {error.strerror}") from None
        finally:
            if folder is not None:
                os.close(folder)

    def size(self, path: str, counted: int) -> tuple[int, int | None]:
        """Return how many bytes a file has, and how many lines; `None` for one that is no text, or larger than counted.

        Raises:
            ToolRefused: it cannot be read.
        """
        with self._opened(path) as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(counted + 1) if size <= counted else None
        if data is None or not _is_text(text := data.decode(_encoding(data), "replace")):
            return size, None
        return size, len(lines_of(text))

    def locate(self, path: str) -> tuple[Path, list[str]]:
        """Return in which folder a path is, and its parts from there.

        Raises:
            ToolRefused: it is no path below the folders, or hidden.
        """
        parts = parts_of(path)
        if len(self._roots) == 1:
            return next(iter(self._roots.values())), parts
        root = self._roots.get(parts[0])
        if root is None or len(parts) < 2:
            raise ToolRefused(f"{path} does not begin with one of {', '.join(self._roots)}")
        return root, parts[1:]

    def place(self, path: str) -> tuple[Path, list[str]]:
        """Return the same of a folder, which may be one of these itself: where there is one, that is no path at all.

        Raises:
            ToolRefused: as `locate`.
        """
        if len(self._roots) == 1 and path.strip("./") == "":
            return next(iter(self._roots.values())), []
        if path in self._roots and len(self._roots) > 1:
            return self._roots[path], []
        if path == "":
            raise ToolRefused(f"say in which folder: {', '.join(self._roots)}")
        return self.locate(path)


def parts_of(path: str) -> list[str]:
    """Return the parts of a path below the folders.

    Raises:
        ToolRefused: it is none, or hidden.
    """
    if not path.isprintable():  # such as a NUL, which no system call takes
        raise ToolRefused(f"{path!r} is no path; list_files shows what there is")
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts or path.startswith(("/", "\\")):
        raise ToolRefused(f"{path!r} is not a path below the folders given; list_files shows what there is")
    if any(part.startswith(".") for part in parts):
        raise ToolRefused(f"{path} is hidden; hidden files are not for agents")
    return parts


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _entries(place: str) -> list[os.DirEntry[str]]:
    """Return what is in a folder and not hidden, by name; nothing where it has gone, or may not be listed."""
    try:
        with os.scandir(place) as found:
            return sorted(
                (entry for entry in found if not entry.name.startswith(".") and entry.path.isprintable()),
                key=lambda entry: entry.name,
            )
    except OSError:
        return []


def _is_text(text: str) -> bool:
    """Whether decoded bytes were text: without NUL, and nearly without what does not belong in any."""
    odd = sum(map(text.count, ODD))
    return "\0" not in text and odd * 10 <= len(text)


def _encoding(data: bytes) -> str:
    """Return how a text is written, by its first bytes: UTF-8 where these do not say that it is another."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    return "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


ODD = [chr(code) for code in range(1, 32) if chr(code) not in "\t\n\r\f\b\x1b"] + ["\ufffd"]
"""Control characters that texts do without, and what stands for bytes that are no UTF-8."""


def lines_of(text: str) -> list[str]:
    """Return the lines of a text as editors count them.

    `str.splitlines` also ends a line at a form feed and at separators that other tools take for ordinary characters.
    """
    lines = re.split(r"\r\n|\n|\r", text)
    return lines[:-1] if lines[-1] == "" else lines
