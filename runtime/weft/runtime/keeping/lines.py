"""A journal as lines of text, for what is kept, compared and handed on: the rows of `codec`, one a line.

    {"weft": "journal", "version": 6}
    ["blob", HASH, VALUE]                                  before the first row that refers to it
    [SEQ, AT, TYPE, DATA, WHERE LARGE VALUES ARE, CHECKSUM]
    ["end", SEQ, CHECKSUM]                                 those of the last row

Checksums cover each other as in the table, so that a line that is missing, changed or moved is found. The journal of a
run that goes on is `store`.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from weft.runtime.errors import JournalError
from weft.runtime.journal.codec import damaged, decoded, encoded
from weft.runtime.journal.events import Event, RunStarted
from weft.runtime.journal.store import SCHEMA_VERSION
from weft.runtime.project.files import read_text

__all__ = ["MOST_BYTES", "as_lines", "parsed", "read_lines"]

MOST_BYTES = 64_000_000
"""How long a journal may be as lines."""

OLDEST = 6
"""The version of the table in which lines were written first."""


def as_lines(events: Iterable[tuple[float, Event]]) -> str:
    """Return events, and when they happened, as lines."""
    lines = [json.dumps({"weft": "journal", "version": SCHEMA_VERSION})]
    known: set[str] = set()
    seq, crc = 0, 0
    for at, event in events:
        row, large = encoded(at, event, seq + 1, crc)
        seq, crc = row[0], row[-1]
        for name, text in large.items():
            if name not in known:
                known.add(name)
                lines.append(f'["blob", "{name}", {text.decode()}]')
        lines.append(json.dumps(row, ensure_ascii=False))
    lines.append(json.dumps(["end", seq, crc]))
    return "".join(f"{line}\n" for line in lines)


def read_lines(path: Path) -> list[tuple[float, Event]]:
    """Read such a file.

    Raises:
        JournalError: it cannot be read, is damaged or cut off, or was written by a later version.
    """
    try:
        text = read_text(path, MOST_BYTES)
    except OSError as error:
        what = "is too large" if error.errno == errno.EFBIG else "cannot be read"
        raise JournalError(f"the record {what}: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise damaged(path, f"it is no UTF-8 text: {error.reason}") from None
    return parsed(text, path)


def parsed(text: str, path: Path) -> list[tuple[float, Event]]:
    """Return the events of such a text; errors name the path.

    Raises:
        JournalError: as for `read_lines`.
    """
    head, *lines = text.split("\n")
    _check_head(head, path)
    if not lines or lines.pop():
        raise damaged(path, "it is cut off")
    blobs: dict[str, Any] = {}
    events: list[tuple[float, Event]] = []
    crc, ended = 0, False
    for number, line in enumerate(lines, start=2):
        match _loaded(line, number, path):
            case _ if ended:
                raise damaged(path, "it goes on behind its end")
            case ["blob", str() as name, value]:
                blobs[name] = _checked(name, value, number, path)
            case ["end", int() as seq, int() as last]:
                ended = (seq, last) == (len(events), crc)
            case [int() as seq, int() | float() as at, str() as kind, str() as data, large, int() as own]:
                if seq != len(events) + 1 or not (large is None or isinstance(large, str)):
                    raise damaged(path, "events are missing")
                events.append((float(at), decoded(path, seq, (at, kind, data, large, own), blobs, crc)))
                crc = own
            case _:
                raise damaged(path, f"line {number} is not what was written")
    if not ended:
        raise damaged(path, "it is cut off")
    if not (events and isinstance(events[0][1], RunStarted)):
        raise damaged(path, "it has no beginning")
    return events


def _check_head(line: str, path: Path) -> None:
    match _loaded(line, 1, path):
        case {"weft": "journal", "version": int() as version} if OLDEST <= version <= SCHEMA_VERSION:
            return
        case {"weft": "journal", "version": int() as version} if version > SCHEMA_VERSION:
            raise JournalError(
                f"the record has version {version}, this weft reads up to {SCHEMA_VERSION}",
                where=str(path),
                meaning="it was written by a later version of weft; it is intact",
                fix="update weft",
            )
    raise damaged(path, "it does not begin as one")


def _loaded(line: str, number: int, path: Path) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise damaged(path, f"line {number} is not what was written") from None


def _checked(name: str, value: Any, number: int, path: Path) -> Any:
    """Return the value of a blob that has this hash."""
    try:
        same = sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest() == name
    except (ValueError, RecursionError):
        same = False
    if not same:
        raise damaged(path, f"line {number} is not what was written")
    return value
