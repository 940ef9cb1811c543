"""The events of a run as they come, for whoever looks on from another process; how they are read is `journal.store`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from weft.runtime.journal.events import Event
from weft.runtime.journal.store import read_journal
from weft.runtime.project.folders import RunFolder

__all__ = ["GLANCE_S", "followed"]

GLANCE_S = 0.5
"""How often it is looked for new events, in seconds."""


def followed(folder: RunFolder, wait: Callable[[float], object] = time.sleep) -> Iterator[list[tuple[float, Event]]]:
    """Yield what a journal says, and then what is new in it, until no process executes the run any more.

    Args:
        folder: The run's.
        wait: Lets so many seconds pass.

    Raises:
        JournalError: it cannot be read.
    """
    seen, alive = 0, True
    while alive:
        alive = folder.alive  # looked at first: what it wrote before it ended is read below
        news = read_journal(folder.journal, after=seen)
        seen += len(news)
        yield news
        if alive:
            wait(GLANCE_S)
