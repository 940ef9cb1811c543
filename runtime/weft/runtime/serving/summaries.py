"""The runs of projects summed up for a list: each once, and again only when its journal has changed.

What changes of a list while somebody looks on is told as that of a run is, see `feeds`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from weft.runtime.errors import JournalError, NotFound
from weft.runtime.project.folders import RunFolder
from weft.runtime.serving.feeds import Change, Feed, Feeds
from weft.runtime.serving.live import summary
from weft.runtime.serving.projects import Served
from weft.runtime.serving.told import as_bytes

__all__ = ["Listing", "Summaries"]

TURN_S = 1.0
"""How often a list is looked at that somebody watches, in seconds from one look to the next."""

Stamp = tuple[int, ...]
Entry = tuple[Served, RunFolder]


class Summaries:
    """What is known of runs in short."""

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        self._known: dict[Path, tuple[Stamp, dict[str, Any]]] = {}
        """Of runs that nobody executed when they were summed up: what was found, and the state of their journals."""
        self._going_on: dict[Path, Feed] = {}
        """Those that somebody executed, which are not read from the beginning again."""
        self._listings: WeakValueDictionary[str, Listing] = WeakValueDictionary()

    def listing(self, words: str, page: Callable[[], dict[str, Any]]) -> Listing:
        """Return the list for all who look at it with the same words; `page` finds what is in it."""
        return self._listings.setdefault(words, Listing(page))

    def in_order(self, served: Sequence[Served], after: str = "") -> Iterator[dict[str, Any]]:
        """Yield the runs of projects: those that go on, then the latest first.

        Args:
            served: The projects.
            after: The `cursor` of the one after which to begin; those that go on are left out then.
        """
        entries = sorted(((one, run) for one in served for run in one.project.runs()), key=_cursor, reverse=True)
        going_on = [entry for entry in entries if self._goes_on(entry[1])]
        for entry in [] if after else going_on:
            yield self._summed_up(entry, alive=True)
        for entry in entries:
            if entry not in going_on and (not after or _cursor(entry) < after):
                yield self._summed_up(entry, alive=False)

    def _goes_on(self, run: RunFolder) -> bool:
        known = self._known.get(run.path)
        if known is not None and known[0] == _stamp(run):
            return False
        try:
            return run.alive
        except NotFound:  # it was removed meanwhile
            return False

    def _summed_up(self, entry: Entry, *, alive: bool) -> dict[str, Any]:
        served, run = entry
        of = {"project": served.name, "cursor": _cursor(entry)}
        known, stamp = self._known.get(run.path), _stamp(run)
        if not alive and known is not None and known[0] == stamp:
            return {**of, **known[1]}
        feed = self._feeds.of(run) if alive else Feed(run)  # what is over is kept as its sum alone
        if alive:
            self._going_on[run.path] = feed
        else:
            self._going_on.pop(run.path, None)
        try:
            feed.read()
            told = summary(feed.head())
        except (JournalError, NotFound) as error:
            return {**of, "run": run.id, "problem": error.what}
        if not alive:
            self._known[run.path] = (stamp, told)
        return {**of, **told}


class Listing:
    """A page of the list as it changes. A position is a time, so that none of an earlier server is taken for ours."""

    turn_s = TURN_S

    def __init__(self, page: Callable[[], dict[str, Any]]) -> None:
        self._page = page
        self._lock = Lock()
        self._told: dict[str, Any] = {}
        self._rows: dict[str, tuple[float, dict[str, Any]]] = {}
        """The runs by their cursors, and from which position on each has been so."""
        self._begun = self._position = time.time()

    def read(self) -> float:
        """Look at the runs, and return the position."""
        with self._lock:
            told = self._page()
            if told != self._told:
                self._told, self._position = told, max(time.time(), self._position + 0.001)
                self._rows = {row["cursor"]: self._row(row) for row in told["runs"]}
            return self._position

    def _row(self, row: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        known = self._rows.get(row["cursor"])
        return known if known is not None and known[1] == row else (self._position, row)

    def change(self, since: float) -> Change:
        """Return the order of the list, and the runs that are new or others since a position; all for none of ours."""
        with self._lock:
            ours = self._begun <= since <= self._position
            rows = [row for at, row in self._rows.values() if not ours or at > since]
            told = {"runs": rows, "order": [*self._rows], "next": self._told["next"]}
            return Change(self._position, as_bytes(told))


def _cursor(entry: Entry) -> str:
    """Return by what runs are put in order: their names, which begin with the time."""
    return f"{entry[1].id}/{entry[0].name}"


def _stamp(run: RunFolder) -> Stamp:
    """Return what is another one when a journal has changed."""
    parts: list[int] = []
    for path in (run.journal, run.journal.with_name(f"{run.journal.name}-wal")):
        try:
            status = path.stat()
        except OSError:
            parts += (0, 0)
        else:
            parts += (status.st_mtime_ns, status.st_size)
    return tuple(parts)
