"""The code of tools that a project adds, as it was when a person said yes to it: so far as it is in files of its own.

What is bound: the files that a command or a function is named by, and of Python what these import that lies beside
them. What is not: programs and packages that are installed, what is imported by other means, and data that is read.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from weft.primitives.language.parsing import parse
from weft.runtime.project.files import read_regular
from weft.runtime.tools.registry import Unavailable

__all__ = ["Bound"]

LARGEST, MOST = 1_000_000, 16_000_000
"""Bytes of a file that can be code, and of all that are looked at."""

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class Bound:
    """Files of code, as they are when this is made."""

    def __init__(self, folder: Path, words: Iterable[str]) -> None:
        """Read them.

        Args:
            folder: From where on they are named, and where modules are.
            words: What names them: paths, also behind a `=`, and modules as in `a.b`.
        """
        self._folder, self._words = folder, tuple(words)
        self._known = self._read()

    @property
    def digest(self) -> str:
        """Return one digest of all of them; nothing where there are none."""
        said = "\n".join(f"{self._known[path]} {os.path.relpath(path, self._folder)}" for path in sorted(self._known))
        return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest() if said else ""

    def check(self) -> None:
        """Check that they still are as they were: agents may have written to them.

        Raises:
            Unavailable: one is not.
        """
        now = self._read()
        changed = sorted(path for path in {*now, *self._known} if now.get(path) != self._known.get(path))
        if changed:
            raise Unavailable(f"{os.path.relpath(changed[0], self._folder)} has changed since the run began")

    def _read(self) -> dict[Path, str]:
        found: dict[Path, str] = {}
        left = [path for word in self._words for path in _named(self._folder, word)]
        size = 0
        while left and size < MOST:
            path = left.pop()
            if path in found:
                continue
            try:
                data = read_regular(path, LARGEST)
            except OSError:  # mostly there is none
                continue
            size += len(data)
            if b"\0" not in data:  # else it is data
                found[path] = hashlib.sha256(data).hexdigest()
                left += _imported(path, data, self._folder) if path.suffix == ".py" else ()
        return found


def _named(folder: Path, word: str) -> Iterator[Path]:
    """Yield the files that a word of a command may name."""
    for name in dict.fromkeys((word, word.partition("=")[2])):
        if name and "\0" not in name:
            path = Path(os.path.normpath(folder / os.path.expanduser(name)))
            yield path
            yield from (path / "__init__.py", path / "__main__.py")
            if _DOTTED.fullmatch(name):
                yield from _module(folder, name)


def _module(folder: Path, name: str) -> Iterator[Path]:
    """Yield the files that may be a module, or a package that it is in."""
    place = folder
    for part in name.split("."):
        place = place / part
        yield from (place.with_name(f"{part}.py"), place / "__init__.py")
    yield place / "__main__.py"


def _imported(path: Path, data: bytes, folder: Path) -> Iterator[Path]:
    """Yield the files that a module may import, of those beside it and in the folder."""
    try:
        tree = parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                places, modules = {folder, path.parent}, [one.name for one in names]
            case ast.ImportFrom(module=module, names=names, level=level):
                places = {path.parents[level - 1]} if 0 < level <= len(path.parents) else {folder, path.parent}
                modules = [".".join(filter(None, (module, one.name))) for one in names]
            case _:
                continue
        yield from (file for place in places for name in modules for file in _module(place, name))
