"""The journal on disk: one SQLite file a run, append-only, in which a batch of events is durable before it counts.

The file is in write-ahead mode and fully synchronous, so a commit survives a power cut. Events of one step of the run
share one commit. Nothing else is stored anywhere that cannot be made again from here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from weft.runtime.clock import Clock
from weft.runtime.errors import JournalError
from weft.runtime.journal.events import Event, RunStarted

__all__ = ["SCHEMA_VERSION", "Journal", "MemoryJournal", "Recorder", "Watcher", "read_journal"]

SCHEMA_VERSION = 1
"""Raised when a reader of today could not make sense of a journal of yesterday."""

APPLICATION_ID = 0x57454654  # "WEFT"

CREATE = """
CREATE TABLE event (
    seq  INTEGER PRIMARY KEY,  -- from 1, without gaps
    at   REAL NOT NULL,        -- seconds on the run's clock
    type TEXT NOT NULL,
    data TEXT NOT NULL         -- the event as JSON
) STRICT;
"""

Watcher = Callable[[float, Event], None]
"""Told each event and its time once the event is durable."""


class Recorder(Protocol):
    """Where a run writes what happens."""

    def add(self, event: Event) -> None:
        """Take an event; it counts from the next `commit` on."""

    def commit(self) -> None:
        """Make all events taken so far durable, together."""


class MemoryJournal:
    """Keeps events in memory only, for rehearsals."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, event: Event) -> None:
        """Take an event."""
        self.events.append(event)

    def commit(self) -> None:
        """Nothing to do: memory is all there is."""


class Journal:
    """The journal of a run that is going on."""

    def __init__(self, path: Path, clock: Clock, watchers: tuple[Watcher, ...] = ()) -> None:
        """Create the file.

        Raises:
            JournalError: it cannot be created.
        """
        self._path = path
        self._clock = clock
        self._watchers = watchers
        self.pending: list[tuple[float, Event]] = []
        """What was taken and is not durable yet."""
        with _explained(path):
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            self._database.executescript(CREATE)

    def add(self, event: Event) -> None:
        """Take an event; it counts from the next `commit` on."""
        self.pending.append((self._clock.now(), event))

    def commit(self) -> None:
        """Make all events taken so far durable, together, then tell whoever watches.

        Raises:
            JournalError: they cannot be written; the run must not go on.
        """
        if not self.pending:
            return
        with _explained(self._path), self._database:
            self._database.execute("BEGIN")
            self._database.executemany("INSERT INTO event (at, type, data) VALUES (?, ?, ?)", map(_row, self.pending))
        events, self.pending = self.pending, []
        for at, event in events:
            for watcher in self._watchers:
                watcher(at, event)

    def close(self) -> None:
        """Close the file, folding the write-ahead log into it."""
        self._database.close()


def read_journal(path: Path) -> list[tuple[float, Event]]:
    """Read all events of a run and when they happened; also of one that is going on.

    Raises:
        JournalError: there is no journal, it is damaged, or it was written by a later version.
    """
    if not path.exists():
        raise JournalError("the run has no journal", where=str(path), meaning="nothing of it can be shown or replayed")
    with _explained(path):
        # Without a write-ahead log nobody is writing, and nothing needs to be made beside the file to read it.
        still = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{still}", uri=True)
        try:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise JournalError(
                    f"the journal has version {version}, this weft reads up to {SCHEMA_VERSION}",
                    where=str(path),
                    meaning="it was written by a later version of weft; it is intact",
                    fix="update weft",
                )
            rows = database.execute("SELECT seq, at, data FROM event ORDER BY seq").fetchall()
        finally:
            database.close()
    events = [(at, _event(path, seq, data)) for seq, at, data in rows]
    if not events or not isinstance(events[0][1], RunStarted):
        raise JournalError(
            "the journal has no beginning", where=str(path), meaning="the run was killed before it began"
        )
    return events


def _row(taken: tuple[float, Event]) -> tuple[float, str, str]:
    at, event = taken
    text = json.dumps(event, default=_fields, allow_nan=False, ensure_ascii=False)
    # Half a surrogate pair cannot be stored; one that came this far is in text that is only shown.
    return at, event.type, text.encode("utf-8", "replace").decode()


def _event(path: Path, seq: int, data: str) -> Event:
    try:
        return _reader().validate_json(data)
    except ValidationError as error:
        raise JournalError(
            f"event {seq} of the journal cannot be understood",
            where=f"{path}: {error.errors(include_url=False)[0]['msg']}",
            meaning="the file is damaged; other runs are not affected",
        ) from None


@cache
def _reader() -> TypeAdapter[Event]:
    return TypeAdapter(Annotated[Event, Field(discriminator="type")], config=ConfigDict(extra="forbid"))


def _fields(value: object) -> dict[str, Any]:
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"a {type(value).__name__} has no place in a journal")
    return {item.name: getattr(value, item.name) for item in fields(value)}


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what SQLite says into what it means for the run."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise JournalError(
            f"the journal cannot be used: {error}",
            where=str(path),
            meaning="what is in it already is kept; nothing can be added",
            fix="check the disk's space and the folder's permissions",
        ) from error
