"""How the runs of a saved harness went: folded from their journals, and kept for those that are deleted later.

A run is one of a harness where it has executed the text of one of its versions, or the file that has the name.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from weft.runtime.errors import JournalError, NotFound
from weft.runtime.journal import RunState
from weft.runtime.journal.events import RunStarted
from weft.runtime.keeping.shelf import Shelf
from weft.runtime.project.files import read_text, shown_path, write_atomically
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.project.saved import SavedHarness, saved_in

__all__ = ["RunRecord", "Runs", "Track", "note", "remembered", "track_of"]

MOST_BYTES = 16_000_000

MOST_KEPT = 2_000
"""How many runs are remembered that are not there any more, the latest."""

LATEST = 1_000
"""How many runs are looked at, the latest; of those before them, what is remembered counts."""

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]


class RunRecord(BaseModel):
    """How one run went."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    run: Annotated[str, Field(max_length=200)]
    at: str
    """When it began, ISO 8601."""
    task: str = ""
    digest: str
    outcome: str
    health: str
    asked: Count
    """How many agents it asked."""
    done: Count
    lost: dict[str, Count] = {}
    """How many of them were lost, by cause."""
    understood: dict[str, tuple[Count, Count]] = {}
    """Of each kind of thing, how many were understood, of how many."""
    usd: Amount
    tokens: Count
    wall_s: Amount
    stamp: tuple[int, ...] = ()
    """By which one sees that its journal has not changed since."""


_KEPT = TypeAdapter(list[RunRecord], config=ConfigDict(defer_build=True))


@dataclass(frozen=True, slots=True)
class Track:
    """How the runs of one harness went, oldest first."""

    runs: tuple[RunRecord, ...]

    @property
    def clean(self) -> int:
        """How many completed, and lost nothing."""
        return sum(one.outcome == "completed" and one.health == "clean" for one in self.runs)

    @property
    def completed(self) -> int:
        """How many came to a result."""
        return sum(one.outcome == "completed" for one in self.runs)

    @property
    def lost(self) -> Counter[str]:
        """How many agents were lost, by cause."""
        return sum((Counter(one.lost) for one in self.runs), Counter[str]())

    @property
    def coverage(self) -> float | None:
        """The share of the agents that answered, of all that were asked; `None` where none were."""
        asked = sum(one.asked for one in self.runs)
        return sum(one.done for one in self.runs) / asked if asked else None

    @property
    def understood(self) -> dict[str, tuple[int, int]]:
        """Of each kind of thing, how many were understood in all runs, of how many."""
        found: dict[str, tuple[int, int]] = {}
        for one in self.runs:
            for what, (count, of) in one.understood.items():
                before = found.get(what, (0, 0))
                found[what] = (before[0] + count, before[1] + of)
        return found

    @property
    def usd(self) -> float:
        """What they have cost, in dollars."""
        return sum(one.usd for one in self.runs)

    @property
    def usd_per_answer(self) -> float | None:
        """What an answer has cost, all that was lost included."""
        done = sum(one.done for one in self.runs)
        return self.usd / done if done else None

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        runs = len(self.runs)
        return {
            "runs": runs,
            "completed": self.completed,
            "clean": self.clean,
            "success": self.clean / runs if runs else None,
            "coverage": self.coverage,
            "understood": {
                what: {"count": count, "of": of, "usd_each": self.usd / count if count else None}
                for what, (count, of) in self.understood.items()
            },
            "agents": sum(one.asked for one in self.runs),
            "lost": dict(self.lost),
            "usd": round(self.usd, 6),
            "usd_per_run": self.usd / runs if runs else None,
            "usd_per_answer": self.usd_per_answer,
            "last": self.runs[-1].at if runs else None,
        }


class Runs:
    """The runs of a project by the saved harnesses whose they are; each is looked at once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._started: list[tuple[RunFolder, RunStarted]] | None = None

    def track(self, saved: SavedHarness) -> Track:
        """Return how the runs of a saved harness went; what of it may get lost is remembered beside the harness."""
        shelf = Shelf.of(self._project, saved.name)
        known = {one.run: one for one in remembered(shelf)} if saved.path is not None else {}
        found: dict[str, RunRecord] = dict(known)
        for folder, _ in self._of(saved, shelf):
            stamp = _stamp(folder)
            before = known.get(folder.id)
            if before is None or before.stamp != stamp:
                record = _record(folder, stamp)
                found |= {folder.id: record} if record is not None else {}
        runs = sorted(found.values(), key=lambda one: one.run)[-MOST_KEPT:]
        if saved.path is not None and found != known and shelf.folder.is_dir():
            _remember(shelf, runs)
        return Track(tuple(runs))

    def count(self, saved: SavedHarness) -> int:
        """Return how many runs a saved harness has had, without looking how they went."""
        shelf = Shelf.of(self._project, saved.name)
        known = {one.run for one in remembered(shelf)} if saved.path is not None else set()
        return len(known | {folder.id for folder, _ in self._of(saved, shelf)})

    def _of(self, saved: SavedHarness, shelf: Shelf) -> Iterable[tuple[RunFolder, RunStarted]]:
        digests = _digests(saved, shelf)
        file = shown_path(saved.path) if saved.path is not None else None
        return [
            (folder, started)
            for folder, started in self._starts()
            if started.digest in digests or (file is not None and (started.name, started.file) == (saved.name, file))
        ]

    def _starts(self) -> list[tuple[RunFolder, RunStarted]]:
        if self._started is None:
            self._started = []
            for folder in self._project.runs()[-LATEST:]:
                try:
                    self._started.append((folder, folder.start()))
                except JournalError:  # which is for `weft runs` to say
                    continue
        return self._started


def note(project: Project, name: str, folder: RunFolder) -> None:
    """Remember how a run of a saved harness went, should it be deleted, or the next be one of another project."""
    shelf = Shelf.of(project, name)
    if not (shelf.folder.is_dir() and shelf.harness.is_file()):
        return
    record, saved = _record(folder, _stamp(folder)), saved_in("project", shelf.harness)
    if record is not None and record.digest in _digests(saved, shelf):
        _remember(shelf, [*(one for one in remembered(shelf) if one.run != record.run), record])


def track_of(project: Project, saved: SavedHarness) -> Track:
    """Return how the runs of a saved harness went."""
    return Runs(project).track(saved)


def _digests(saved: SavedHarness, shelf: Shelf) -> set[str]:
    """Return the digests by which the runs of a harness are known."""
    found = {saved.harness.digest} if saved.harness is not None else set()
    if saved.path is not None:
        with suppress(JournalError):  # which is for those to say who show what is kept
            found |= shelf.kept().digests
    return found


def _stamp(folder: RunFolder) -> tuple[int, ...]:
    """Return what changes as soon as more is written into the journal of a run."""
    found: list[int] = []
    for path in (folder.journal, folder.journal.with_name(f"{folder.journal.name}-wal")):
        try:
            status = path.stat()
        except OSError:
            continue
        found += [status.st_mtime_ns, status.st_size]
    return tuple(found)


def _record(folder: RunFolder, stamp: tuple[int, ...]) -> RunRecord | None:
    try:
        state = folder.state()
    except (JournalError, NotFound):
        return None
    return None if state.started is None else _summary(folder.id, state, stamp)


def _summary(run: str, state: RunState, stamp: tuple[int, ...]) -> RunRecord:
    assert state.started is not None
    lost: Counter[str] = Counter(agent.lost.cause for agent in state.lost if agent.lost is not None)
    return RunRecord(
        run=run,
        at=state.started.now,
        task=state.started.task[:1_000],
        digest=state.started.digest,
        outcome=state.outcome,
        health=state.health,
        asked=len(state.agents),
        done=state.count("done"),
        lost=dict(lost),
        understood={one.what: (one.count, one.of) for one in state.understanding},
        usd=round(max(0.0, state.spent.usd), 6),
        tokens=max(0, state.spent.tokens),
        wall_s=round(max(0.0, state.wall_s), 3),
        stamp=stamp,
    )


def remembered(shelf: Shelf) -> list[RunRecord]:
    """Return what is remembered of runs, oldest first; nothing where that cannot be read: it is made again."""
    path = _path(shelf)
    if not os.path.lexists(path):
        return []
    try:
        return _KEPT.validate_json(read_text(path, MOST_BYTES))
    except (OSError, ValueError, ValidationError, RecursionError):
        return []


def _remember(shelf: Shelf, runs: list[RunRecord]) -> None:
    with suppress(OSError):  # as in a project that may only be read: it is made again each time
        write_atomically(_path(shelf), [one.model_dump() for one in runs])


def _path(shelf: Shelf) -> Path:
    return shelf.folder / "record.json"
