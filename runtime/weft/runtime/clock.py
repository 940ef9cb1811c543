"""Time as an object: the real clock, and a virtual one on which hours pass in milliseconds.

A virtual clock moves only when nobody has anything left to do, straight to the next moment somebody waits for. To know
that, it counts those at work: each agent between `begin` and `end`, and the driver of the run, except while they are
in `sleep` or `wait`. (trio's `MockClock` does the same by asking its scheduler, which asyncio does not allow.)
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import anyio

__all__ = ["Cancellable", "Clock", "RealClock", "VirtualClock"]


class Cancellable(Protocol):
    """What can be told to end."""

    def cancel(self) -> object:
        """Tell it, once."""


class Clock(Protocol):
    """What a run knows of time. Seconds count from when the clock was made."""

    def now(self) -> float:
        """Return the seconds that have passed; never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""

    def timeout(self, seconds: float) -> AbstractContextManager[anyio.CancelScope]:
        """Cancel the block when it takes longer; the scope's `cancelled_caught` tells."""

    def expire(self, what: Cancellable, seconds: float | None) -> None:
        """Cancel something when so much more time has passed, whatever was said before; `None` for never."""

    async def wait(self, event: anyio.Event) -> None:
        """Wait for an event that somebody will `wake`."""

    def wake(self, event: anyio.Event) -> None:
        """Set an event."""

    def begin(self) -> None:
        """Count one more at work."""

    def end(self) -> None:
        """Count one less at work."""


class RealClock:
    """The machine's monotonic clock: wall-clock jumps and time zones do not touch it."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._due: dict[Cancellable, float] = {}
        self._alarm: asyncio.TimerHandle | None = None
        """One for all that is due, at the earliest moment that any of it was when the alarm was set."""

    def now(self) -> float:
        """Return seconds since the clock was made."""
        return time.monotonic() - self._start

    async def sleep(self, seconds: float) -> None:
        """Sleep for real."""
        await anyio.sleep(seconds)

    def timeout(self, seconds: float) -> AbstractContextManager[anyio.CancelScope]:
        """Cancel the block after that much real time."""
        return anyio.move_on_after(seconds)

    def expire(self, what: Cancellable, seconds: float | None) -> None:
        """Note when it is due. Nearly all ends before that, so an alarm is not set and put off for each."""
        if seconds is not None:
            self._due[what] = asyncio.get_running_loop().time() + seconds
        elif self._due.pop(what, None) is None:
            return
        if not self._due or self._alarm is None or (seconds is not None and self._due[what] < self._alarm.when()):
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None
        if self._due:
            self._alarm = asyncio.get_running_loop().call_at(min(self._due.values()), self._ring)

    def _ring(self) -> None:
        self._alarm, now = None, asyncio.get_running_loop().time()
        for what in [what for what, due in self._due.items() if due <= now]:
            del self._due[what]
            what.cancel()
        self._set_alarm()

    async def wait(self, event: anyio.Event) -> None:
        """Wait for the event."""
        await event.wait()

    def wake(self, event: anyio.Event) -> None:
        """Set the event."""
        event.set()

    def begin(self) -> None:
        """Nothing to count: real time passes by itself."""

    def end(self) -> None:
        """Nothing to count: real time passes by itself."""


@dataclass(order=True)
class _Timer:
    due: float
    number: int
    """Timers due at the same moment fire in the order in which they were set."""
    fire: Callable[[], object] = field(compare=False)
    off: bool = field(default=False, compare=False)


class VirtualClock:
    """A clock that jumps to the next thing that is due as soon as everybody waits."""

    def __init__(self) -> None:
        self._now = 0.0
        self._timers: list[_Timer] = []
        self._expiring: dict[Cancellable, _Timer] = {}
        self._set = 0
        self._at_work = 1
        """The driver of the run is at work from the beginning."""
        self._awaited: set[anyio.Event] = set()

    def now(self) -> float:
        """Return the virtual seconds that have passed."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been moved on that far."""
        event = anyio.Event()
        timer = self._timer(seconds, lambda: self.wake(event))
        try:
            await self.wait(event)
        finally:
            timer.off = True

    @contextmanager
    def timeout(self, seconds: float) -> Iterator[anyio.CancelScope]:
        """Cancel the block when the clock is moved on that far before it ends."""
        with anyio.CancelScope() as scope:
            self.expire(scope, seconds)
            try:
                yield scope
            finally:
                self.expire(scope, None)

    def expire(self, what: Cancellable, seconds: float | None) -> None:
        """Put its timer off, and set another."""
        timer = self._expiring.pop(what, None)
        if timer is not None:
            timer.off = True
        if seconds is not None:
            self._expiring[what] = self._timer(seconds, what.cancel)

    async def wait(self, event: anyio.Event) -> None:
        """Stop working until the event is set."""
        if event.is_set():
            return
        self._awaited.add(event)
        self.end()
        try:
            await event.wait()
        finally:
            if event in self._awaited:  # cancelled, not woken: `wake` has not counted us in again
                self._awaited.discard(event)
                self._at_work += 1

    def wake(self, event: anyio.Event) -> None:
        """Set the event; whoever waits for it is at work from this moment, not from when it gets its turn."""
        if event in self._awaited:
            self._awaited.discard(event)
            self._at_work += 1
        event.set()

    def begin(self) -> None:
        """Count one more at work."""
        self._at_work += 1

    def end(self) -> None:
        """Count one less at work; when it was the last, move on to what is due next."""
        self._at_work -= 1
        while self._at_work == 0 and self._timers:
            timer = heapq.heappop(self._timers)
            if not timer.off:
                self._now = timer.due
                timer.fire()
                # A timeout that fires counts nobody in: the block it cancels does that when it gets its turn.
                return

    def _timer(self, seconds: float, fire: Callable[[], object]) -> _Timer:
        self._set += 1
        timer = _Timer(self._now + max(0.0, seconds), self._set, fire)
        heapq.heappush(self._timers, timer)
        return timer
