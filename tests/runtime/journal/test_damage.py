"""Damaged journals: what is read is what was written, or nothing is; never something else, and never a traceback."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from killing import Point, in_process
from running import resume_source, run_source
from trying import examples

from weft.runtime.clock import RealClock
from weft.runtime.errors import JournalError
from weft.runtime.journal import Journal, fold, read_journal
from weft.runtime.journal.events import Event
from weft.runtime.journal.store import SCHEMA_VERSION
from weft.runtime.project.folders import Project

HARNESS = """
async def step(n):
    first = await agent(f"first {n}", label=f"a{n}")
    return await agent(f"second {n} after {first}", label=f"b{n}", context={"long": "x" * 2000 + str(n)})
async def main(args):
    results = await parallel([step(n) for n in range(12)])
    return [await agent("last"), list(results)]
"""
STUB = {"rules": [{"match": {"label": f"a{n}"}, "latency": n} for n in range(12)]}

Events = list[tuple[float, Event]]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the journal of a run that has ended: one file."""
    return run_source(HARNESS, tmp_path_factory.mktemp("closed"), stub=STUB).folder.journal


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the journal of a run that was killed: most of it is in the write-ahead log."""
    folder = tmp_path_factory.mktemp("killed")

    def run() -> None:
        Point("after commit", 14).arm()
        run_source(HARNESS, folder, stub=STUB)

    assert in_process(run) < 0
    (run_folder,) = Project(folder).runs()
    assert wal(run_folder.journal).stat().st_size > 10_000
    return run_folder.journal


def wal(journal: Path) -> Path:
    return journal.with_name("run.db-wal")


def written(log: Path) -> bytes:
    """Return what was written to a log, without the zeros that keep its place."""
    return log.read_bytes().rstrip(b"\0")


def read(content: bytes, log: bytes | None = None) -> Events | None:
    """Read a journal of these contents; `None` where it is refused."""
    with TemporaryDirectory() as folder:
        journal = Path(folder) / "run.db"
        journal.write_bytes(content)
        if log is not None:
            wal(journal).write_bytes(log)
        try:
            events = read_journal(journal)
            fold(events)
        except JournalError as error:
            assert error.what and error.meaning
            return None
        return events


@pytest.mark.slow
@settings(max_examples=examples(60, of=300))
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_flipped_bytes(closed: Path, place: float, flip: int) -> None:
    content = bytearray(closed.read_bytes())
    content[int(place * len(content))] ^= flip
    assert read(bytes(content)) in (None, read_journal(closed))


def test_every_bit_of_how_the_file_is_built(closed: Path) -> None:
    """The beginning of a page says how many rows it has, and where: no row's checksum covers that."""
    content, whole = closed.read_bytes(), read_journal(closed)
    for page in range(0, len(content), 4096):
        for place in range(page, page + 12):
            for bit in range(0, 8, 3):
                changed = bytearray(content)
                changed[place] ^= 1 << bit
                assert read(bytes(changed)) in (None, whole), (place, bit)


@settings(max_examples=60)
@given(part=st.floats(0, 1))
@example(part=0.0)
def test_cut_off(closed: Path, part: float) -> None:
    content = closed.read_bytes()
    size = int(part * len(content))
    assert read(content[:size]) == (read_journal(closed) if size == len(content) else None)


def test_cut_off_at_every_page(closed: Path) -> None:
    content = closed.read_bytes()
    for size in range(0, len(content), 4096):
        assert read(content[:size]) is None


@settings(max_examples=examples(30, of=100))
@given(part=st.floats(0, 1), flip=st.integers(0, 255))
def test_a_torn_log_is_read_as_far_as_it_is_whole(killed: Path, part: float, flip: int) -> None:
    """As if the run had been killed earlier: what is there is the beginning of what was written."""
    whole = read_journal(killed)
    log = written(wal(killed))
    size = int(part * (len(log) - 1))
    torn = log[:size] if not flip else log[:size] + bytes([log[size] ^ flip]) + log[size + 1 :]
    events = read(killed.read_bytes(), torn)
    assert events is None or events == whole[: len(events)]


def test_without_its_log(killed: Path) -> None:
    whole = read_journal(killed)
    events = read(killed.read_bytes())
    assert events is None or events == whole[: len(events)]


def test_a_torn_log_is_no_reason_not_to_go_on(tmp_path: Path, killed: Path) -> None:
    folder = tmp_path / ".weft" / "runs" / "torn"
    shutil.copytree(killed.parent, folder, ignore=shutil.ignore_patterns("*.sock"))
    log = written(wal(folder / "run.db"))
    wal(folder / "run.db").write_bytes(log[: len(log) * 2 // 3])
    (folder / "run.db-shm").unlink(missing_ok=True)
    before = read_journal(folder / "run.db")
    assert len(before) < len(read_journal(killed))
    (run,) = Project(tmp_path).runs()
    again = resume_source(run, tmp_path, stub=STUB)
    assert (again.state.outcome, again.state.health) == ("completed", "clean")
    assert read_journal(run.journal)[: len(before)] == before


COLUMNS = "at, type, data, large, crc"
SWAPPED = f"({COLUMNS}) = (SELECT {COLUMNS} FROM event AS other WHERE other.seq = 11 - event.seq)"
"""What lets rows 5 and 6 change places."""
DOUBLED = f"({COLUMNS}) = (SELECT {COLUMNS} FROM event AS other WHERE other.seq = 5)"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE event SET at = at + 1 WHERE seq = 5", "event 5 is not what was written"),
        ("UPDATE event SET type = 'agent_lost' WHERE seq = 5", "event 5 is not what was written"),
        ("UPDATE event SET data = '{}' WHERE seq = 5", "event 5 is not what was written"),
        ("UPDATE event SET crc = NULL, data = '{}' WHERE seq = 5", "event 5 is not what was written"),
        ("DELETE FROM event WHERE seq = 5", "events are missing"),
        ("DELETE FROM event WHERE seq = 1", "events are missing"),
        ("DELETE FROM event", "events are missing"),
        ("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)", "events are missing"),
        ("DELETE FROM event WHERE seq > 20", "events are missing"),
        (f"UPDATE event SET {SWAPPED} WHERE seq IN (5, 6)", "event 5 is not what was written"),
        (f"INSERT INTO event SELECT max(seq) + 1, {COLUMNS} FROM event", "is not what was written"),
        (f"UPDATE event SET {DOUBLED} WHERE seq = 6", "event 6 is not what was written"),
        ("UPDATE head SET seq = seq - 1", "events are missing"),
        ("UPDATE head SET crc = crc + 1", "events are missing"),
        ("DELETE FROM head", "events are missing"),
        ("UPDATE blob SET data = x'00'", "is not what was written"),
        ("DELETE FROM blob", "is not what was written"),
        ("DROP TABLE event", "no such table"),
        ("CREATE VIEW endless AS SELECT 1", "endless is no table of a journal"),
        ("ALTER TABLE head ADD COLUMN long TEXT AS (hex(zeroblob(99)))", "head is no table of a journal"),
    ],
)
def test_what_somebody_did_to_it_is_named(tmp_path: Path, closed: Path, change: str, said: str) -> None:
    journal = tmp_path / "run.db"
    shutil.copy(closed, journal)
    with sqlite3.connect(journal) as database:
        database.execute(change)
    database.close()
    with pytest.raises(JournalError, match=said):
        read_journal(journal)


def test_a_later_version_is_neither_read_nor_resumed_nor_changed(tmp_path: Path) -> None:
    done = run_source(HARNESS, tmp_path, stub=STUB, max_agents=3)
    with sqlite3.connect(done.folder.journal) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    before = done.folder.journal.read_bytes()
    said = rf"version {SCHEMA_VERSION + 1}, this weft reads up to {SCHEMA_VERSION}"
    with pytest.raises(JournalError, match=said):
        read_journal(done.folder.journal)
    with pytest.raises(JournalError, match=said):
        resume_source(done, tmp_path)
    assert done.folder.journal.read_bytes() == before


def test_a_kind_of_event_that_only_a_later_version_knows_is_no_damage(tmp_path: Path, closed: Path) -> None:
    journal = tmp_path / "run.db"
    shutil.copy(closed, journal)
    with sqlite3.connect(journal) as database:
        database.execute("UPDATE event SET type = 'telegraphed' WHERE seq = 3")
        # As if it had been written before there were checksums.
        database.execute("UPDATE event SET crc = NULL")
        database.execute("UPDATE head SET since = seq, crc = 0")
    database.close()
    with pytest.raises(JournalError, match="event 3 is 'telegraphed', which this weft does not know") as refused:
        read_journal(journal)
    assert refused.value.fix == "update weft"


def test_every_bit_of_the_header(closed: Path) -> None:
    content, whole = closed.read_bytes(), read_journal(closed)
    for place in range(100):
        for bit in (0, 7):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            assert read(bytes(changed)) in (None, whole), (place, bit)


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "link to nowhere", "link to a device"])
def test_what_stands_in_its_place_is_named_and_waited_for_by_nobody(
    tmp_path: Path, closed: Path, suffix: str, kind: str
) -> None:
    journal = tmp_path / "run.db"
    shutil.copy(closed, journal)
    there = tmp_path / f"run.db{suffix}"
    there.unlink(missing_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(there)
        case "folder":
            there.mkdir()
        case "link to nowhere":
            there.symlink_to(tmp_path / "nowhere")
        case _:
            there.symlink_to("/dev/zero")
    for work in (read_journal, lambda path: Journal(path, RealClock())):
        with pytest.raises(JournalError):
            work(journal)


def test_other_files_are_no_journals(tmp_path: Path) -> None:
    journal = tmp_path / "run.db"
    for content in (b"", b"not a database at all, not even close to one", b"SQLite format 3\0", os.urandom(9000)):
        journal.write_bytes(content)
        with pytest.raises(JournalError):
            read_journal(journal)
    journal.unlink()
    journal.mkdir()
    with pytest.raises(JournalError):
        read_journal(journal)
