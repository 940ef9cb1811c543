"""The last line against a harness that is too much for the linter: its processor time and memory are watched.

What is counted in `effort` ends sooner, and at the same place on every machine; this is for what nothing counts.
It needs signals, which only the main thread gets, and only Unix has: elsewhere there is what is counted alone.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from weft.linter.effort import Exhausted

__all__ = ["MEGABYTES", "SECONDS", "Guard"]

SECONDS = 9.0
"""How much processor time checking one harness may take."""

MEGABYTES = 400
"""How much memory it may take, beside what the process has already."""

_EACH = 0.05
"""After how much processor time it is looked again, in seconds."""

_STATE = "/proc/self/statm"
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Guard:
    """Watches the stages of one check, each of which ends with `Exhausted` when there is too little left for it."""

    def __init__(self) -> None:
        self._left = SECONDS
        self._most = _pages() + MEGABYTES * 1024 * 1024 // _PAGE
        self._begun = 0.0
        """What the stage that runs could take when it began."""
        self._stage: float | None = None
        """What is left for it; `None` between stages."""

    @contextmanager
    def on_duty(self) -> Iterator[None]:
        """Watch the stages inside. Memory is freed when nothing refers to it any more, and not searched for meanwhile.

        A check leaves next to nothing behind that only a search would find, and searching takes a tenth of its time.
        """
        searched = gc.isenabled()
        gc.disable()
        try:
            with self._watching():
                yield
        finally:
            if searched:
                gc.enable()

    @contextmanager
    def _watching(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
            yield
            return
        before = signal.signal(signal.SIGVTALRM, self._look)
        signal.setitimer(signal.ITIMER_VIRTUAL, _EACH, _EACH)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)

    def stage(self) -> Guard:
        """Have what is done inside end with `Exhausted` when it has taken half of what was left."""
        return self

    def __enter__(self) -> None:
        self._stage = self._begun = max(self._left, 0.0) / 2  # so that there is something left for every one after it

    def __exit__(self, *error: object) -> None:
        left, self._stage = self._stage or 0.0, None
        self._left -= self._begun - left

    def _look(self, number: int, frame: FrameType | None) -> None:
        if self._stage is None:
            return
        self._stage -= _EACH
        if self._stage < 0:
            raise Exhausted(f"it takes more of the {SECONDS:.0f} seconds for the whole than is left for this")
        if _pages() > self._most:
            raise Exhausted(f"it takes more than {MEGABYTES} MB of memory")


def _pages() -> int:
    """Return how much memory the process has, in pages; 0 where the system does not say."""
    try:
        with open(_STATE, encoding="ascii") as file:
            return int(file.read().split()[1])
    except OSError:
        return 0
