"""The runs of projects summed up for a list: each once, and again only when its journal has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from weft.runtime.errors import JournalError, NotFound
from weft.runtime.project.folders import RunFolder
from weft.runtime.serving.feeds import Feed, Feeds
from weft.runtime.serving.live import summary
from weft.runtime.serving.projects import Served

__all__ = ["Summaries"]

Stamp = tuple[int, ...]
Entry = tuple[Served, RunFolder]


class Summaries:
    """What is known of runs in short."""

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        self._known: dict[Path, tuple[Stamp, dict[str, Any]]] = {}
        """Of runs that nobody executed when they were summed up: what was found, and the state of their journals."""

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
        try:
            feed.read()
            told = summary(feed.head())
        except (JournalError, NotFound) as error:
            return {**of, "run": run.id, "problem": error.what}
        if not alive:
            self._known[run.path] = (stamp, told)
        return {**of, **told}


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
