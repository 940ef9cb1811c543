"""Files as arguments of a harness: paths as a person writes them become those by which agents know the files.

An argument called `files`, a list of texts, is the convention: it must name files that agents can open, and without it
the folders are taken whole, as far as it goes.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weft.runtime.errors import UsageError
from weft.runtime.project.files import shown_path
from weft.runtime.project.filled import FILES, LEFT_OUT

if TYPE_CHECKING:
    from weft.runtime.tools.folders import Folders

__all__ = ["check_count", "some_documents", "whole_folders", "with_known_paths"]

DOCUMENTS = (".md", ".markdown", ".mdx", ".txt", ".rst", ".adoc", ".org")
"""How the names of texts end that are written for people, and not for machines."""

LOOKED_AT = 200
"""How many files are looked at to find one for an example."""

MOST_NAMED = 5
"""How many files that cannot be read are named with why."""


def with_known_paths(given: dict[str, Any], folders: Folders, *, checked: bool) -> dict[str, Any]:
    """Return options of a harness in which each path of a file that agents may read is the one they know it by.

    A path is looked for from the working directory first, then as agents see it. In `files`, a folder stands for the
    files in it.

    Args:
        given: The options, by name.
        folders: What agents may read.
        checked: Whether every path in `files` must be a file that agents can open.

    Raises:
        UsageError: one is not.
    """
    known = {name: _known(value, folders) for name, value in given.items()}
    paths = given.get(FILES)
    if isinstance(paths, list) and all(isinstance(path, str) for path in paths):
        listed = [name for path in paths for name in _named(path, folders, checked)]
        known[FILES] = list(dict.fromkeys(listed))
    return known


def _known(value: Any, folders: Folders) -> Any:
    if isinstance(value, list):
        return [_known(one, folders) for one in value]
    return (_from_here(value, folders) or value) if isinstance(value, str) else value


def _from_here(path: str, folders: Folders) -> str | None:
    """Return how agents know a file of the working directory; `None` where it is none, or out of their sight."""
    try:
        return folders.name_of(Path(path)) if Path(path).is_file() else None
    except (OSError, ValueError):  # longer than a name may be, or with a NUL: a text
        return None


def _named(path: str, folders: Folders, checked: bool) -> list[str]:
    """Return the files that one word means."""
    from weft.runtime.tools.refusing import ToolRefused

    if path and Path(path).is_dir():
        inside = list(_own(Path(path), folders))
        readable, _, _ = _readable(inside, folders, len(inside))
        if readable or not checked:
            return readable
    name = _from_here(path, folders) or path
    if checked:
        try:
            folders.read(name)
        except ToolRefused as error:
            raise _unusable(path, folders, str(error)) from None
    return [name]


def _unusable(path: str, folders: Folders, why: str) -> UsageError:
    """Return the error about a path that names no file that agents can open."""
    from weft.runtime.meant import did_you_mean

    there, nothing, here = ", ".join(map(str, folders.roots)), "nothing was started", Path(path)
    if not path or not here.exists():
        by_name = {Path(name).name: name for name in reversed(folders.files())}
        advice = "a path is looked for from the working directory, then from --dir"
        return UsageError(
            f"there is no file {path!r}, neither here nor among those that agents may read",
            where=f"agents see {there}",
            meaning=nothing,
            fix=did_you_mean(here.name, by_name, advice) if path else advice,
        )
    if folders.name_of(here) is None:
        inside = here if here.is_dir() else here.parent
        words = [word for folder in (*folders.roots, inside) for word in ("--dir", shown_path(folder))]
        return UsageError(
            f"agents may not read {path}, which is outside of every --dir",
            where=f"agents see {there}",
            meaning=nothing,
            fix=f"{shlex.join(words)}, and they see that folder too",
        )
    what = f"{path} holds no files that agents may read" if here.is_dir() else f"agents cannot read {path}: {why}"
    return UsageError(what, where=f"agents see {there}", meaning=nothing, fix="name text files that are not hidden")


def some_documents(roots: list[Path]) -> Iterator[str]:
    """Yield the first documents in some folders that agents can read, as paths from the working directory."""
    from weft.runtime.project.visible import visible_files, without_ignored
    from weft.runtime.tools.folders import Folders

    there = [root for root in roots if root.is_dir() and os.access(root, os.R_OK | os.X_OK)]
    folders = Folders(tuple(there))
    for root in there:
        texts = (path for path in visible_files(root) if path.suffix.lower() in DOCUMENTS)
        for path in without_ignored(root, islice(texts, LOOKED_AT)):
            name = folders.name_of(path)
            if name is not None and not folders.unreadable([name]):
                yield str(path)


def check_count(files: object, schema: dict[str, Any], harness: str) -> None:
    """Check that a harness takes so many files.

    Raises:
        UsageError: it takes fewer.
    """
    most = schema["properties"][FILES].get("maxItems")
    if most is not None and isinstance(files, list) and len(files) > most:
        raise UsageError(
            f"{harness} takes {most:,} files at most, and {len(files):,} are named",
            meaning="nothing was started",
            fix="name fewer with --files, or run it once for each part",
        )


def whole_folders(schema: dict[str, Any], folders: Folders) -> tuple[dict[str, Any], str]:
    """Return the arguments that stand for the project's files where nobody names any, and a sentence about them.

    Where there are more than the harness takes, the first are taken; an argument `left_out` names the others.
    """
    properties = schema["properties"]
    most = properties[FILES].get("maxItems")
    names = list(dict.fromkeys(name for root in folders.roots for name in _own(root, folders)))
    chosen, unread, rest = _readable(names, folders, len(names) if most is None else most)
    given: dict[str, Any] = {FILES: chosen}
    where = ", ".join(map(shown_path, folders.roots))
    said = f"--files: {len(chosen):,} of the {len(names):,} in {where}"
    if (rest or unread) and LEFT_OUT in properties:
        named = properties[LEFT_OUT].get("properties", {}).get(FILES, {}).get("maxItems")
        given[LEFT_OUT] = {"count": len(rest) + len(unread), FILES: [*rest, *unread][:named]}
        if "why" in properties[LEFT_OUT].get("properties", {}):
            given[LEFT_OUT]["why"] = _why(len(rest), most, unread)
    if not names:
        said = f"--files: none, for there are no files in {where}"
    if rest:
        said += f"; {len(rest):,} are left out, for it takes {most:,} at most: name those that count"
    if unread:
        said += f"; not read: {_with_why(unread)}"
    return given, said


def _own(folder: Path, folders: Folders) -> Iterator[str]:
    """Yield the project's files in a folder, as agents know them."""
    from weft.runtime.project.visible import visible_files, without_ignored

    for path in without_ignored(folder, visible_files(folder)):
        name = None if path.is_symlink() else folders.name_of(path)
        if name is not None:
            yield name


def _why(beyond: int, most: int | None, unread: dict[str, str]) -> str:
    """Return why files are not looked at, in words."""
    parts = [f"{beyond:,} beyond the {most:,} that are looked at"] if beyond else []
    return "skipped: " + "; ".join([*parts, *([_with_why(unread)] if unread else [])])


def _with_why(unread: dict[str, str]) -> str:
    """Return the first files that cannot be read, each with why."""
    shown = [" ".join(entry) for entry in unread.items()][:MOST_NAMED]
    return ", ".join(shown) + (f" and {len(unread) - len(shown):,} more" if len(unread) > len(shown) else "")


def _readable(names: list[str], folders: Folders, most: int) -> tuple[list[str], dict[str, str], list[str]]:
    """Return the first files that can be read, those on the way that cannot with why, and which were not looked at."""
    from weft.runtime.tools.refusing import ToolRefused

    chosen: list[str] = []
    unread: dict[str, str] = {}
    for number, name in enumerate(names):
        if len(chosen) == most:
            return chosen, unread, names[number:]
        try:
            folders.read(name)
        except ToolRefused as refused:  # pictures and the like
            unread[name] = str(refused).removeprefix(f"{name} ")
        else:
            chosen.append(name)
    return chosen, unread, []
