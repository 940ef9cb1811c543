"""From times of a run, which are seconds on its own clock, to times of the wall."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from weft.runtime.journal.events import RunStarted

__all__ = ["Wall"]


class Wall:
    """The clock on the wall as one execution of a run began, at `at` of the run's clock."""

    def __init__(self, started: RunStarted, at: float) -> None:
        self._at = at
        self.began = _began(started)
        """When the execution began; to the second for one that went on with a run."""

    def at(self, at: float) -> datetime:
        """Return when that was."""
        return self.began + timedelta(seconds=at - self._at)

    def nanoseconds(self, at: float) -> int:
        """Return the same in nanoseconds since 1970."""
        return round(self.began.timestamp() * 1e9) + round((at - self._at) * 1e9)


def _began(started: RunStarted) -> datetime:
    """Return when an execution began: `now` is that of the first, and who executes one says since when."""
    first = datetime.fromisoformat(started.now).astimezone()
    since = re.search(r" since (\S+)$", started.owner)
    try:
        said = first if since is None else datetime.fromisoformat(since[1]).astimezone()
    except ValueError:
        return first
    return said if said - first > timedelta(seconds=2) else first
