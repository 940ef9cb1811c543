"""What came of calls, from when it is known until the harness is told.

Who is still at work, and who starts meanwhile, is the scheduler's.
"""

from __future__ import annotations

import anyio

from weft.runtime.clock import Clock
from weft.sandbox.protocol import Result

__all__ = ["Results"]


class Results:
    """Gathers results for one harness, or for an agent that has others answer, and wakes whoever waits for some."""

    def __init__(self, clock: Clock) -> None:
        self.staged = False
        """Whether some of these are of a pipeline: what the harness calls when it hears of them may have to go first,
        so slots stay free until then. Otherwise agents start at once, in the same commit."""
        self.awaited = False
        """Whether somebody waits for news, who fills the places that become free."""
        self.queued = 0
        """How many agents have not started whose results come here."""
        self.at_work = 0
        """How many of those have, and have not ended."""
        self.beside = 0
        """How many calls others are answering, whose results are waited for as well."""
        self._clock = clock
        self._here: list[Result] = []
        self._news = anyio.Event()

    def __bool__(self) -> bool:
        return bool(self._here)

    def add(self, result: Result, path: str = "") -> None:
        """Take in what came of a call; of one with this path, whose place among all calls it is."""
        self._here.append(result)
        self.staged = self.staged or "@" in path

    def take(self) -> list[Result]:
        """Return what has come since this was last asked."""
        results, self._here, self.staged = self._here, [], False
        return results

    def tell(self) -> None:
        """Wake whoever waits."""
        self._clock.wake(self._news)

    async def news(self, *, timed: bool) -> None:
        """Wait until somebody tells of any; a virtual clock moves on meanwhile where that is `timed`."""
        self._news, self.awaited = anyio.Event(), True
        try:
            await (self._clock.wait(self._news) if timed else self._news.wait())
        finally:
            self.awaited = False
