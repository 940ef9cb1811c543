"""Events as rows of a table and back: JSON with a checksum, large values apart, once for each content.

Where rows are kept is `store`.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Protocol, get_args

from pydantic import BeforeValidator, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from weft.runtime.errors import JournalError
from weft.runtime.journal.events import AgentCalled, AgentsStarted, Event, RunStarted
from weft.runtime.request import KEY_SCHEME

__all__ = ["Blobs", "Row", "as_line", "damaged", "decoded", "encoded"]

LARGE = 1024
"""From how many characters of JSON on a value of an event stands in the table of blobs."""


KINDS: dict[str, Any] = {event.type: event for event in get_args(Event)}
"""All kinds of events, by their names in a journal."""

Row = tuple[int, float, str, str, str | None, int]
"""Its number, when it happened, its type, its data, where its large values are, and the checksum of all that."""


def encoded(at: float, event: Event, seq: int, before: int) -> tuple[Row, dict[str, bytes]]:
    """Return an event as a row, and the blobs it refers to by their hashes.

    Args:
        at: When it happened.
        event: What happened.
        seq: The number of the row.
        before: The checksum of the row before it, which its own covers: no row can be taken out, doubled or moved.
    """
    text = _json(event)
    large: str | None = None
    blobs: dict[str, bytes] = {}
    if len(text) >= LARGE:
        text, places, blobs = _split(json.loads(text))
        large = json.dumps(places) if places else None
    data = text.decode()
    return (seq, at, event.type, data, large, _crc(at, event.type, data, large, (seq, before))), blobs


def as_line(at: float, event: Event) -> str:
    """Return an event as a JSON object on one line: `at`, `type`, and as `data` its fields, without those of no news.

    What a field is by default is left out, save in the first event of an execution.

    Args:
        at: When it happened, in seconds on the run's clock.
        event: What happened.
    """
    return f'{{"at": {at!r}, "type": "{event.type}", "data": {_json(event).decode()}}}'


def _json(event: Event) -> bytes:
    # The beginning says everything: what the settings are by default may be something else one day.
    brief = not isinstance(event, RunStarted)
    try:
        # Not `dump_json`: passing its many options on costs as much as the encoding.
        return _adapter(event.type).serializer.to_json(event, exclude_defaults=brief)
    except PydanticSerializationError:
        # Half a surrogate pair cannot be stored; one that came this far is in text that is only shown.
        data = _adapter(event.type).dump_python(event, mode="json", exclude_defaults=brief)
        return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")


def _split(fields: dict[str, Any]) -> tuple[bytes, dict[str, str], dict[str, bytes]]:
    """Take the large values out of an event: its own fields, and those of objects that are its fields."""
    places: dict[str, str] = {}
    blobs: dict[str, bytes] = {}

    def keep(place: str, value: Any) -> bool:
        text = json.dumps(value, ensure_ascii=False).encode()
        if len(text) >= LARGE:
            places[place] = sha256(text).hexdigest()
            blobs[places[place]] = text
        return len(text) < LARGE

    small: dict[str, Any] = {}
    for name, value in fields.items():
        if name in NESTED and isinstance(value, dict):
            small[name] = {inner: part for inner, part in value.items() if keep(f"{name}.{inner}", part)}
        elif keep(name, value):
            small[name] = value
    return json.dumps(small, ensure_ascii=False).encode(), places, blobs


NESTED = ("request", "lost")
"""Fields of events that are objects with large values of their own."""


class Values(Protocol):
    """The values of blobs, by their hashes."""

    def __getitem__(self, name: str, /) -> Any: ...


class Blobs:
    """Reads blobs of a journal, each once; `Blobs[hash]` is the value."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self._path = path
        self._database = database
        self._read: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            row = self._database.execute("SELECT data FROM blob WHERE hash = ?", (name,)).fetchone()
            try:
                text = zlib.decompress(row[0]) if row else b""
            except zlib.error:
                text = b""
            if sha256(text).hexdigest() != name:
                raise damaged(self._path, f"blob {name[:12]} is not what was written")
            self._read[name] = json.loads(text)
        return self._read[name]


def decoded(path: Path, seq: int, row: Sequence[Any], blobs: Values, before: int | None) -> Event:
    """Return the event of a row.

    Args:
        path: The journal.
        seq: The number of the row.
        row: The rest of it.
        blobs: What it may refer to.
        before: The checksum of the row before it; `None` for one of before version 5, which covers itself alone.

    Raises:
        JournalError: it is not what was written, or a kind of event that this version does not know.
    """
    at, kind, data, large, crc = row
    place = None if before is None else (seq, before)
    if (crc is not None or place is not None) and crc != _crc(at, kind, data, large, place):
        raise damaged(path, f"event {seq} is not what was written")
    if kind not in KINDS:
        raise JournalError(
            f"event {seq} is {kind!r}, which this weft does not know",
            where=str(path),
            meaning="it was written by a later version of weft; it is intact",
            fix="update weft",
        )
    try:
        if large is None:
            return _with_todays_key(_adapter(kind).validate_json(data))
        fields = json.loads(data)
        for place, name in json.loads(large).items():
            outer, _, inner = place.partition(".")
            (fields[outer] if inner else fields)[inner or outer] = blobs[name]
        return _with_todays_key(_adapter(kind).validate_python(fields))
    except (ValidationError, KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        why = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise damaged(path, f"event {seq} cannot be understood: {why}") from None


def _with_todays_key(event: Event) -> Event:
    """Let a call that was recorded under a key of another scheme be known by the one it has today."""
    if isinstance(event, AgentCalled) and not event.key.startswith(KEY_SCHEME):
        return replace(event, key=event.request.key())
    return event


def _crc(at: float, kind: str, data: str, large: str | None, place: tuple[int, int] | None) -> int:
    return zlib.crc32(f"{place or ''}{at!r}\n{kind}\n{data}\n{large or ''}".encode())


@cache
def _adapter(kind: str) -> TypeAdapter[Event]:
    event = KINDS[kind]
    return TypeAdapter(Annotated[event, BeforeValidator(_together)] if event is AgentsStarted else event)


def _together(data: Any) -> Any:
    """Let an agent that is recorded to have started by itself, as before version 4, be one of those that did so."""
    return {"ids": [data["id"]]} if isinstance(data, dict) and data.keys() == {"id"} else data


def damaged(path: Path, problem: str) -> JournalError:
    """Return the error that a journal is not what was written."""
    return JournalError(
        f"the journal is damaged: {problem}",
        where=str(path),
        meaning="nothing in it is guessed at; other runs are not affected",
        fix="restore run.db from a copy, if there is one",
    )
