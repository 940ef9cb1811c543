"""Tools that change files: all of one, or one place in it. Which files can be seen at all is `folders`.

A file is replaced at once, by a new one beside it, so nobody ever reads half of one; what is a link stays as it is.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from weft.runtime.tools.folders import MAX_FILE_BYTES, Folders, lines_of, parts_of
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.watched import executed_below

__all__ = ["edit_file", "path_of", "write_file"]

AROUND = 3
"""Lines that are shown before and after a place that was changed."""
MOST_SHOWN = 60
"""Lines that are shown of one."""
MOST_PLACES = 10
"""Lines that are named of a text that is there more than once."""
MOST_COMPARED, LONGEST_COMPARED = 5_000, 200
"""Lines of a file among which one that is like another is looked for, and characters of each that are compared."""

_NUMBERED = re.compile(r"^\s*\d+: ?")
_changing = threading.Lock()
"""Held from reading a file to replacing it, so that of two agents that edit one neither undoes the other."""


def path_of(arguments: Mapping[str, Any]) -> str:
    """Return the path of a call as permissions know it.

    Raises:
        ToolRefused: it is none, or hidden.
    """
    return "/".join(parts_of(str(arguments["path"])))


def write_file(folders: Folders, touched: dict[str, None], path: str, text: str) -> str:
    """Write a file, and return what that came to.

    Raises:
        ToolRefused: it cannot be.
    """
    data = _encoded(text)
    path = path_of({"path": path})
    with _changing, _opened(folders, path, making=True) as (folder, name):
        before = _status(folder, name, path)
        _replace(folder, name, data, before, path)
    touched[f"write_file({json.dumps(path, ensure_ascii=False)})"] = None
    lines = text.count("\n") + (not text.endswith("\n") and text != "")
    done = "created" if before is None else f"replaced, which had {before.st_size:,} bytes"
    return f"{path}: {done}; it has {lines} line{'s' * (lines != 1)}, {len(data):,} bytes"


def edit_file(folders: Folders, touched: dict[str, None], path: str, old: str, new: str, all: bool = False) -> str:
    """Replace a text of a file by another, and return the place as it is now.

    Raises:
        ToolRefused: it is not there, there is more than one and not all are meant, or the file cannot be changed.
    """
    path = path_of({"path": path})
    if old == new:
        raise ToolRefused("old and new are the same, so there is nothing to change")
    if old == "":
        raise ToolRefused("old is empty; write_file makes a new file, and an edit needs the text that it replaces")
    with _changing, _opened(folders, path) as (folder, name):
        before = _status(folder, name, path)
        if before is None:
            raise ToolRefused(f"{path} is not there; write_file makes a new file")
        text = _read(folder, name, path)
        if "\r\n" in text and old not in text:  # models write the one kind of line, whichever a file has
            old, new = (re.sub(r"\r?\n", "\r\n", one) for one in (old, new))
        places = text.count(old)
        if places == 0:
            raise ToolRefused(_missing(path, text, old))
        if places > 1 and not all:
            raise ToolRefused(_several(path, text, old, places))
        if len(text) + places * (len(new) - len(old)) > MAX_FILE_BYTES:
            raise ToolRefused(f"{path} would have more than the {MAX_FILE_BYTES:,} bytes that a file may have")
        after = text.replace(old, new)
        _replace(folder, name, _encoded(after), before, path)
    touched[f"edit_file({json.dumps(path, ensure_ascii=False)})"] = None
    first = text[: text.index(old)].count("\n")
    return (
        f"{path}: {places} {'place' if places == 1 else 'places'} changed\n{_shown(after, first, new.count(chr(10)))}"
    )


def _encoded(text: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise ToolRefused("the text has lone surrogates, which no file can hold") from None
    if len(data) > MAX_FILE_BYTES:
        raise ToolRefused(f"that has {len(data):,} bytes, and a file may have {MAX_FILE_BYTES:,}")
    return data


# ------------------------------------------------------------------------------------------------ places in a text


def _missing(path: str, text: str, old: str) -> str:
    """Return that a text is not in a file, and what is most like it there."""
    stripped = "\n".join(_NUMBERED.sub("", line) for line in old.split("\n"))
    if stripped != old and stripped in text.replace("\r\n", "\n"):
        return f"old is not in {path}: it has the line numbers of read_file; leave them out"
    lines, wanted = lines_of(text), lines_of(old.strip("\n"))
    place, how = _like(lines, wanted) if old.strip() else (None, "")
    if place is None:
        return f"old is not in {path}, nor anything like it; read it again"
    shown = "\n".join(
        f"{place + 1 + at}: {line}" for at, line in enumerate(lines[place : place + len(wanted)][:MOST_SHOWN])
    )
    return f"old is not in {path}; {how}:\n{shown}"


def _like(lines: list[str], wanted: list[str]) -> tuple[int | None, str]:
    """Return where lines are most like others, and in what way."""
    bare, all_bare = ([" ".join(line.split()) for line in some] for some in (wanted, lines))
    whole, part = ("\n".join(["", *some, ""]) for some in (all_bare, bare))
    place = whole.find(part)
    if place >= 0:
        return whole.count("\n", 0, place), "this differs only in white space"
    short = [line[:LONGEST_COMPARED] for line in all_bare[:MOST_COMPARED]]
    anchor = max(range(len(bare)), key=lambda at: len(bare[at]))
    found = difflib.get_close_matches(bare[anchor][:LONGEST_COMPARED], dict.fromkeys(short), 1)
    if not found:
        return None, ""
    return max(0, short.index(found[0]) - anchor), "this is most like it"


def _several(path: str, text: str, old: str, places: int) -> str:
    """Return that a text is in a file more than once, and where."""
    found: list[int] = []
    while len(found) < min(places, MOST_PLACES):
        found.append(text.index(old, found[-1] + len(old) if found else 0))
    numbers = ", ".join(str(text.count("\n", 0, start) + 1) for start in found)
    more = f" and {places - len(found)} more" if places > len(found) else ""
    return (
        f"old is {places} times in {path}, at lines {numbers}{more}; "
        "give more of what is around the one that is meant, or all=true for every one"
    )


def _shown(text: str, first: int, more: int) -> str:
    """Return the lines around a place, with their numbers."""
    lines = lines_of(text)
    start, end = max(0, first - AROUND), min(first + more + 1 + AROUND, len(lines))
    rows = [f"{number}: {line}" for number, line in enumerate(lines[start:end], start=start + 1)]
    return "\n".join(
        rows[:MOST_SHOWN] + ([f"(… {len(rows) - MOST_SHOWN} more lines)"] if len(rows) > MOST_SHOWN else [])
    )


# ------------------------------------------------------------------------------------------------ files


@contextmanager
def _opened(folders: Folders, path: str, *, making: bool = False) -> Iterator[tuple[int, str]]:
    """Open the folder that a file is in, without following a link on the way, and yield it with the file's name there.

    Raises:
        ToolRefused: there is none, or something on the way is no folder; it is made where that is asked for.
    """
    root, parts = folders.locate(path)
    if str(root.joinpath(*parts)).startswith(tuple(f"{place}/" for place in executed_below(root))):
        raise ToolRefused(f"{path} is where programs are executed from, and stays as it is")
    folder = None
    try:
        folder = folders.opened(root)
        for part in parts[:-1]:
            if making:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=folder)
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder, parts[-1]
    except OSError as error:
        raise ToolRefused(f"{path} cannot be written: {error.strerror}") from None
    finally:
        if folder is not None:
            os.close(folder)


def _status(folder: int, name: str, path: str) -> os.stat_result | None:
    """Return what is known of a file; `None` where it is not there yet.

    Raises:
        ToolRefused: it is a link, a folder, a pipe or a device.
    """
    try:
        status = os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise ToolRefused(f"{path} is {'a link' if stat.S_ISLNK(status.st_mode) else 'no regular file'}, and stays so")
    return status


def _read(folder: int, name: str, path: str) -> str:
    """Return the text of a file, as it is to the letter.

    Raises:
        ToolRefused: it is too large, or not text: an edit would change the rest of it, too.
    """
    with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder), "rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ToolRefused(f"{path} has more than the {MAX_FILE_BYTES:,} bytes of a file that can be changed")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ToolRefused(f"{path} is not UTF-8, so it cannot be edited") from None
    if "\0" in text:
        raise ToolRefused(f"{path} is not text")
    return text


def _replace(folder: int, name: str, data: bytes, before: os.stat_result | None, path: str) -> None:
    """Put a new file in the place of one, with the same permissions."""
    if before is not None and not before.st_mode & 0o222:
        raise ToolRefused(f"{path} may not be changed: it is read-only")
    beside = f".weft-{os.urandom(8).hex()}.tmp"
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=folder)
    try:
        with os.fdopen(opened, "wb") as file:
            if before is not None:
                with suppress(OSError):  # only the superuser may give files away
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
                os.fchmod(file.fileno(), before.st_mode & 0o777)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside, dir_fd=folder)
        raise
