"""The journal on disk: one SQLite file a run, append-only, in which a batch of events is durable before it counts.

The file is in write-ahead mode and fully synchronous, so a commit survives a power cut. Events of one step of the run
share one commit. Large values stand in a table of their own, compressed, once for each content. Nothing else is stored
anywhere that cannot be made again from here.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from os.path import samestat
from pathlib import Path
from typing import Any, Protocol

from weft.runtime.clock import Clock
from weft.runtime.errors import JournalError
from weft.runtime.journal.codec import Blobs, Row, damaged, decoded, encoded
from weft.runtime.journal.events import Event, RunStarted

__all__ = [
    "SCHEMA_VERSION",
    "Journal",
    "MemoryJournal",
    "OpenJournal",
    "Recorder",
    "Watcher",
    "read_journal",
    "read_start",
]

SCHEMA_VERSION = 6
"""Raised, with a step in `MIGRATIONS`, when the form changes, or when the weft of yesterday would misread a journal of
today. A kind of event that it does not know it names, and reads no further; a new one alone raises nothing."""

LOG_BYTES = 1024 * 1024
"""How long the write-ahead log is from the beginning: room for some hundred commits before it grows, or starts anew."""

APPLICATION_ID = 0x57454654  # "WEFT"

MIGRATIONS = {
    0: """
CREATE TABLE event (
    seq  INTEGER PRIMARY KEY,  -- from 1, without gaps
    at   REAL NOT NULL,        -- seconds on the run's clock
    type TEXT NOT NULL,
    data TEXT NOT NULL         -- the event as JSON
) STRICT;
""",
    1: """
UPDATE event SET data = json_remove(data, '$.type');  -- it is in a column already
ALTER TABLE event ADD COLUMN large TEXT;  -- JSON: which values of the event are blobs, as {"request.prompt": HASH}
ALTER TABLE event ADD COLUMN crc INTEGER; -- CRC-32 of at, type, data and large; NULL in rows of version 1
CREATE TABLE blob (
    hash TEXT PRIMARY KEY,     -- SHA-256 of the JSON text
    data BLOB NOT NULL         -- the JSON text, deflated
) STRICT;
""",
    2: "",  # events of fan-outs, of agents that wait, of steering; fields for slices: what there was reads as before
    3: "",  # one row for all agents that start together; see `codec` for how the rows of each are read
    4: """
CREATE TABLE head (
    seq   INTEGER NOT NULL,    -- of the last event
    crc   INTEGER NOT NULL,    -- its checksum
    since INTEGER NOT NULL     -- after this event each one's checksum covers seq, and the checksum of the one before
) STRICT;
INSERT INTO head SELECT coalesce(max(seq), 0), 0, coalesce(max(seq), 0) FROM event;
UPDATE head SET crc = coalesce((SELECT crc FROM event WHERE event.seq = head.seq), 0);
""",
    5: "",  # the version of the language, which is the first where it is not said
}
"""How a file of each version becomes one of the next; an empty file has version 0."""

Watcher = Callable[[float, Event], None]
"""Told each event and its time once the event is durable."""


class Recorder(Protocol):
    """Where a run writes what happens."""

    def add(self, event: Event) -> None:
        """Take an event; it counts from the next `commit` on."""

    def commit(self) -> None:
        """Make all events taken so far durable, together."""


class OpenJournal(Recorder, Protocol):
    """The journal of a run that is going on, wherever it is kept; its watchers are told what is durable."""

    @property
    def pending(self) -> Sequence[tuple[float, Event]]:
        """Return what was taken and is not durable yet."""

    def now(self) -> float:
        """Return the time of an event that happens now, in seconds of the run."""

    def close(self) -> None:
        """Let go of it; what is not durable yet is lost."""


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
    """The journal of a run that is going on, in a file; an `OpenJournal`."""

    def __init__(self, path: Path, clock: Clock, watchers: tuple[Watcher, ...] = (), *, began: float = 0.0) -> None:
        """Create the file, or open it to add to what is there.

        Args:
            path: Where it is.
            clock: What events are timed by.
            watchers: Told each event once it is durable.
            began: What the clock's zero is in seconds of the run.

        Raises:
            JournalError: it cannot be created or opened.
        """
        self.pending: list[tuple[float, Event]] = []
        """What was taken and is not durable yet."""
        self._rows: list[Row] = []
        """The same as rows. They are made as events come, while the child computes, and not when all wait for them."""
        self._seq, self._crc = 0, 0
        """Number and checksum of the last of all, durable or not: each row's checksum covers those before it."""
        self._large: dict[str, bytes] = {}
        """The blobs that they refer to."""
        self._path = path
        self._clock = clock
        self._watchers = watchers
        self._began = began
        self._blobs: set[str] = set()
        """What is known to be in the table of blobs."""
        with _explained(path):
            _check_files(path)
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            _migrate(self._database, path)
            self._seq, self._crc = self._database.execute("SELECT seq, crc FROM head").fetchone()
            _lay_out_log(path)
            self._file = path.stat()

    def now(self) -> float:
        """Return the time of an event that happens now."""
        return self._began + self._clock.now()

    def add(self, event: Event) -> None:
        """Take an event; it counts from the next `commit` on."""
        at = self._began + self._clock.now()
        row, large = encoded(at, event, self._seq + 1, self._crc)
        self._seq, self._crc = self._seq + 1, row[-1]
        self.pending.append((at, event))
        self._rows.append(row)
        self._large.update(large)

    def commit(self) -> None:
        """Make all events taken so far durable, together, then tell whoever watches.

        Raises:
            JournalError: they cannot be written; the run must not go on.
        """
        if not self.pending:
            return
        blobs = {name: text for name, text in self._large.items() if name not in self._blobs}
        with _explained(self._path), self._database:
            if not samestat(self._path.stat(), self._file):  # SQLite goes on writing to a file that was deleted
                raise FileNotFoundError("it is another file now")
            self._database.execute("BEGIN")
            if blobs:
                self._database.executemany(
                    "INSERT OR IGNORE INTO blob (hash, data) VALUES (?, ?)",
                    ((name, zlib.compress(text)) for name, text in blobs.items()),
                )
            self._database.executemany(
                "INSERT INTO event (seq, at, type, data, large, crc) VALUES (?, ?, ?, ?, ?, ?)", self._rows
            )
            self._database.execute("UPDATE head SET seq = ?, crc = ?", (self._seq, self._crc))
        self._blobs.update(blobs)
        events, self.pending, self._rows, self._large = self.pending, [], [], {}
        for at, event in events:
            for watcher in self._watchers:
                watcher(at, event)

    def close(self) -> None:
        """Close the file, folding the write-ahead log into it."""
        self._database.close()


def read_journal(path: Path, *, after: int = 0, most: int | None = None) -> list[tuple[float, Event]]:
    """Read the events of a run and when they happened; also of one that is going on, without holding it up.

    Args:
        path: Where the journal is.
        after: How many events to leave out, for a reader that has seen those.
        most: How many to read at most; all there are without it.

    Raises:
        JournalError: there is no journal, it is damaged, or it was written by a later version.
    """
    if not os.path.lexists(path):
        raise JournalError("the run has no journal", where=str(path), meaning="nothing of it can be shown or replayed")
    with _explained(path), closing(_opened(path)) as database:
        database.execute("BEGIN")  # what is read below is of the same moment
        if not after:
            _check(database, path)
        select = "SELECT seq, at, type, data, large, crc FROM event WHERE seq >= ? ORDER BY seq LIMIT ?"
        # Without a limit -1; with one, the last that was seen comes besides.
        rows = database.execute(select, (after, -1 if most is None else most + bool(after))).fetchall()
        head = database.execute("SELECT seq, crc, since FROM head").fetchone()
        blobs = Blobs(path, database)
        events = _checked(path, rows, after, head, blobs, cut=most is not None)
    if not after and not (events and isinstance(events[0][1], RunStarted)):
        meaning = "the run was killed before it began, and nothing was spent"
        fix = "weft run starts it again"
        raise JournalError("the journal has no beginning", where=str(path), meaning=meaning, fix=fix)
    return events


def _checked(
    path: Path, rows: list[tuple[Any, ...]], after: int, head: tuple[int, int, int] | None, blobs: Blobs, *, cut: bool
) -> list[tuple[float, Event]]:
    """Return the events of rows, of which the first is the one that was seen last, if any was.

    Where they may be `cut`, nobody knows whether they are all.

    Raises:
        JournalError: they are not those that were written, or not in that order, or not all of them.
    """
    last, crc, since = head or (-1, 0, 0)
    seen = rows[:1] if after else []
    before = seen[0][-1] or 0 if seen else 0  # in rows of version 1 there is none
    events: list[tuple[float, Event]] = []
    for number, (seq, *row) in enumerate(rows[len(seen) :], start=after + 1):
        if seq != number:
            raise damaged(path, "events are missing")
        events.append((row[0], decoded(path, seq, row, blobs, before if seq > since else None)))
        before = row[-1] or 0
    if not cut and (after + len(events) != last or before != crc):
        raise damaged(path, "events are missing")
    return events


def read_start(path: Path) -> RunStarted:
    """Read how the latest execution of a run began, and nothing else of it.

    Raises:
        JournalError: there is no journal, it is damaged, or it was written by a later version.
    """
    if not path.is_file():  # of a pipe nobody knows when it ends
        raise JournalError("the run has no journal", where=str(path), meaning="nothing of it can be shown or replayed")
    with _explained(path), closing(_opened(path)) as database:
        database.execute("BEGIN")  # what is read below is of the same moment
        select = "SELECT seq, at, type, data, large, crc FROM event WHERE type = ? ORDER BY seq DESC LIMIT 1"
        row = database.execute(select, (RunStarted.type,)).fetchone()
        event = decoded(path, row[0], row[1:], Blobs(path, database), _before(database, row[0])) if row else None
    if not isinstance(event, RunStarted):
        raise damaged(path, "it has no beginning")
    return event


def _before(database: sqlite3.Connection, seq: int) -> int | None:
    """Return the checksum that the one of a row covers: that of the row before it, where it covers any."""
    head = database.execute("SELECT since FROM head").fetchone()
    if head is None or seq <= head[0]:
        return None
    row = database.execute("SELECT crc FROM event WHERE seq = ?", (seq - 1,)).fetchone()
    return (row and row[0]) or 0


# ------------------------------------------------------------------------------------------------ versions


def _check_files(path: Path) -> None:
    """Check that a journal is a regular file, and so is what SQLite would open beside it: a pipe would be waited for.

    Raises:
        OSError: it is something else.
    """
    for suffix in ("", "-wal", "-shm", "-journal"):
        there = path.with_name(f"{path.name}{suffix}")
        if os.path.lexists(there) and not stat.S_ISREG(there.stat().st_mode):
            raise OSError(f"{there.name} is no regular file, but a folder, a pipe or a device")


def _opened(path: Path) -> sqlite3.Connection:
    """Open a journal to read it, in today's form."""
    _check_files(path)
    # Without a write-ahead log nobody is writing, and nothing needs to be made beside the file to read it.
    still = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{still}", uri=True)
    _check_tables(database, path)
    if _version(database) == SCHEMA_VERSION:
        return database
    with closing(database):
        copy = sqlite3.connect(":memory:", isolation_level=None)
        database.backup(copy)
    _migrate(copy, path)
    return copy


def _check_tables(database: sqlite3.Connection, path: Path) -> None:
    """Check that what would be read are rows on record, and not what a statement in the file makes, at what length."""
    made = "SELECT name FROM sqlite_schema WHERE coalesce(rootpage, 0) = 0"  # views, triggers, modules' tables
    computed = "SELECT s.name FROM sqlite_schema AS s, pragma_table_xinfo(s.name) AS c WHERE c.hidden <> 0"
    found = database.execute(f"{made} UNION ALL {computed} LIMIT 1").fetchone()
    if found is not None:
        raise damaged(path, f"{found[0]} is no table of a journal")


def _version(database: sqlite3.Connection) -> int:
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    if version < 0:
        raise sqlite3.DatabaseError("malformed: its version is none")
    return version


def _check(database: sqlite3.Connection, path: Path) -> None:
    """Check how the file is built, which no checksum of a row can: a page that shows fewer rows than it has."""
    problem: str = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        raise damaged(path, " ".join(problem.split()))


def _migrate(database: sqlite3.Connection, path: Path) -> None:
    version = _version(database)
    if version > SCHEMA_VERSION:
        raise JournalError(
            f"the journal has version {version}, this weft reads up to {SCHEMA_VERSION}",
            where=str(path),
            meaning="it was written by a later version of weft; it is intact",
            fix="update weft",
        )
    if version < SCHEMA_VERSION:
        steps = "".join(MIGRATIONS[older] for older in range(version, SCHEMA_VERSION))
        ids = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
        database.executescript(f"BEGIN IMMEDIATE; {steps} {ids} COMMIT;")


def _lay_out_log(path: Path) -> None:
    """Fill the write-ahead log up with zeros, which SQLite takes for its end and writes over.

    Where a commit makes a file longer, the file system has to make that durable too, which takes it many times as long.
    """
    log = path.with_name(f"{path.name}-wal")
    if not log.exists():  # as where the file system cannot have one
        return
    with log.open("ab", buffering=0) as file:
        size = file.tell()
        zeros = bytes(max(0, LOG_BYTES - size))
        try:
            kept = file.write(zeros) == len(zeros)
            os.fsync(file.fileno())
        except OSError:
            kept = False
        if not kept:  # there is too little room to keep any; a commit that finds none will say so
            file.truncate(size)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what SQLite says into what it means for the run."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        if "not a database" in str(error) or "malformed" in str(error):
            raise damaged(path, str(error)) from error
        raise JournalError(
            f"the journal cannot be used: {error}",
            where=str(path),
            meaning="what is in it already is kept; nothing can be added",
            fix="check the disk's space and the folder's permissions",
        ) from error
