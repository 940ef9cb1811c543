"""One reader of each run's journal, for all who look on: what it knows, and what of that has changed since when.

Runs are what is looked at here, and lists of them, which `summaries` has. A position in a run is the number of its
latest event; half a step more once it is known that nobody executes the run any more, of which no event tells. Whoever
looks on has a position, and is sent what has changed since, as it stands by then: nothing is kept for somebody who
reads slowly, and who has missed too much is told to take a new snapshot.
"""

from __future__ import annotations

import gzip
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import Any, Protocol
from weakref import WeakValueDictionary

import anyio
from anyio.abc import TaskGroup
from anyio.to_thread import run_sync

from weft.runtime.errors import JournalError, RuntimeFailure
from weft.runtime.journal import RunState, fold
from weft.runtime.journal.events import AgentCalled, AgentQuiet, AgentsStarted, Event, MoneyMoved, RunEnded, RunStarted
from weft.runtime.project.folders import RunFolder
from weft.runtime.serving.live import columns, head
from weft.runtime.serving.sums import Sums
from weft.runtime.serving.told import as_bytes

__all__ = ["Change", "Feed", "Feeds", "Seen", "told_of"]

LOG = logging.getLogger(__name__)

TURN_S = 0.25
"""How often a run is looked at that somebody watches, in seconds from one look to the next."""
SHARE = 4.0
"""How many times as long as a look worked nothing is done then: a large run takes a fifth of a processor at most. What
a look waited for others is not counted: on a busy machine those who look on would wait many times as long."""
LIFE_S = 2.0
"""How often it is looked whether a run that says nothing is executed at all."""
MOST_ROWS = 2_000
"""How many agents may have changed since a position, before a new snapshot is the shorter way."""
AGAIN_MS = 1000
"""How long a browser waits before it looks whether a server that it has lost is there again."""
KEPT = 4
"""How many runs are kept in memory that nobody has."""


@dataclass(frozen=True)
class Change:
    """What has changed since a position."""

    position: float
    data: bytes | None
    """As JSON; `None` where a new snapshot has to be taken."""

    @cached_property
    def event(self) -> bytes:
        """Return it as a server-sent event, which is put together once for all who are sent it."""
        if self.data is None:
            return b'event: resync\ndata: {"seq":%r}\n\n' % self.position
        return b"id: %r\nevent: change\nretry: %d\ndata: %b\n\n" % (self.position, AGAIN_MS, self.data)


class Seen(Protocol):
    """What may be looked at while it changes. Both are called in worker threads."""

    @property
    def turn_s(self) -> float:
        """Return how many seconds it is left alone after each look, at least."""
        ...

    def read(self) -> float:
        """Take in what is new, and return the position.

        Raises:
            RuntimeFailure: it cannot be read.
        """
        ...

    def change(self, since: float) -> Change:
        """Return what has changed since a position, as it stood when it was read last."""
        ...


class Feed:
    """What is known of one run. Everything here is to be called from worker threads; one at a time gets in."""

    turn_s = TURN_S

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._lock = RLock()
        self._restart()
        self._begun = 0.0

    def _restart(self) -> None:
        self._state = RunState()
        self._sums = Sums()
        self._seq = 0
        self._position = 0.0
        self._life_at = -LIFE_S
        self._heard: dict[int, tuple[float, float]] = {}
        """Of each agent, at which position and when something was heard of it last; the latest stands last."""
        self._head: dict[str, tuple[float, Any]] = {}
        """Of each part of the head, from which position on it has been so."""
        self._head_of = -1.0
        """The position that the head is of."""
        self._snapshot: tuple[float, bytes] | None = None

    def read(self) -> float:
        """Take in what is new, and return the position.

        Raises:
            JournalError: the journal cannot be read.
        """
        with self._lock:
            try:
                self._read()
            except JournalError:
                if not self._seq:
                    raise
                self._restart()  # it may be another file now
                self._read()
                self._begun = self._position
            return self._position

    def _read(self) -> None:
        events = self.folder.events(after=self._seq)
        self._take(events)
        now = time.monotonic()
        if self._state.ended is None and (not events or self._life_at < 0) and now - self._life_at >= LIFE_S:
            self._life_at = now
            alive = self.folder.alive
            self._take(self.folder.events(after=self._seq))  # what was written before it ended
            self._note_killed(alive=alive)

    def _note_killed(self, *, alive: bool) -> None:
        open_ = {*self._state.accounts.open}
        before = self._state.killed
        self.folder.note_killed(self._state, alive=alive)
        if self._state.killed != before:
            self._position = self._seq + 0.5 * self._state.killed
            self._hear(open_)

    def _take(self, events: list[tuple[float, Event]]) -> None:
        for at, event in events:
            closed = [*self._state.accounts.open] if isinstance(event, RunEnded) else []
            fold([(at, event)], self._state)
            self._seq += 1
            self._position = float(self._seq)
            if isinstance(event, RunStarted):
                self._heard.clear()
                self._sums = Sums()
                self._begun = self._position
            self._hear((*told_of(event), *closed), quiet=isinstance(event, AgentQuiet))

    def _hear(self, agents: Iterable[int], *, quiet: bool = False) -> None:
        for number in agents:
            if number in self._state.agents:
                _, at = self._heard.pop(number, (0.0, self._state.at))
                self._heard[number] = (self._position, at if quiet else self._state.at)
                self._sums.take(self._state.agents[number], self._state)

    @contextmanager
    def state(self) -> Iterator[RunState]:
        """Give what is known, up to date, while the block lasts.

        Raises:
            JournalError: the journal cannot be read.
        """
        with self._lock:
            self.read()
            yield self._state

    def head(self) -> dict[str, Any]:
        """Return the head of the run, as it was when it was read last."""
        with self._lock:
            if self._head_of != self._position:
                for name, value in head(self._state, self._sums, self.folder.id).items():
                    if name not in self._head or self._head[name][1] != value:
                        self._head[name] = (self._position, value)
                self._head_of = self._position
            return {name: value for name, (_, value) in self._head.items()}

    def snapshot(self) -> bytes:
        """Return all of the run, up to date, as compressed JSON.

        Raises:
            JournalError: the journal cannot be read.
        """
        with self._lock:
            position = self.read()
            if self._snapshot is None or self._snapshot[0] != position:
                heard = {number: at for number, (_, at) in self._heard.items()}
                agents = columns(self._state.agents.values(), self._state, heard)
                data = as_bytes({"seq": position, "head": self.head(), "agents": agents})
                self._snapshot = (position, gzip.compress(data, 6, mtime=0))
            return self._snapshot[1]

    def change(self, since: float) -> Change:
        """Return what has changed since a position, as it stood when the journal was read last."""
        with self._lock:
            return self._changed(since)

    def _changed(self, since: float) -> Change:
        if not self._begun <= since <= self._position:
            return Change(self._position, None)
        heard: dict[int, float] = {}
        for number, (position, at) in reversed(self._heard.items()):
            if position <= since:
                break
            heard[number] = at
        if len(heard) > MOST_ROWS:
            return Change(self._position, None)
        now = self.head()
        told = {name: value for name, value in now.items() if self._head[name][0] > since}
        agents = columns((self._state.agents[number] for number in sorted(heard)), self._state, heard)
        return Change(self._position, as_bytes({"seq": self._position, "head": told, "agents": agents}))


def told_of(event: Event) -> Iterable[int]:
    """Return the agents that an event may be about."""
    match event:
        case AgentsStarted(ids=ids):
            return ids
        case MoneyMoved():
            return {*(one.agent for one in event.reserved), *(one.agent for one in event.settled)}
        case AgentCalled(request=request):
            return (request.id,)
    number = getattr(event, "id", None)  # of calls of the host and of saved harnesses, which are no agents, too
    return () if number is None else (number,)


# ------------------------------------------------------------------------------------------------ those who look on


@dataclass(eq=False)
class _Watch:
    """What somebody watches."""

    seen: Seen
    position: float
    """Where it was looked at last."""
    viewers: int = 0
    news: anyio.Event = field(default_factory=anyio.Event)
    """Set when there is more than before; then there is another one."""
    latest: tuple[float, Change] | None = None
    """What the last look has found, and since which position: most who look on are as far as that."""
    problem: RuntimeFailure | None = None
    """Why it cannot be read any more."""
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    def tell(self) -> None:
        """Wake all who look on."""
        self.news.set()
        self.news = anyio.Event()


class Feeds:
    """The feeds of all runs that somebody looks at."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[str, Feed] = WeakValueDictionary()
        """Those that anybody has; there are no two of one run."""
        self._recent: OrderedDict[str, Feed] = OrderedDict()
        self._lock = RLock()
        self._watches: dict[Seen, _Watch] = {}
        self._tasks: TaskGroup | None = None
        self._closed = False

    def of(self, folder: RunFolder) -> Feed:
        """Return the feed of a run; the latest that were asked for are kept, also when nobody has them."""
        key = str(folder.path)
        with self._lock:
            feed = self._known.setdefault(key, Feed(folder))
            self._recent[key] = feed
            self._recent.move_to_end(key)
            if len(self._recent) > KEPT:
                self._recent.popitem(last=False)
            return feed

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Let runs be watched while the block lasts."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            yield
            tasks.cancel_scope.cancel()

    def close(self) -> None:
        """Let all who look on go, and let nobody begin to."""
        self._closed = True
        for watch in self._watches.values():
            watch.tell()

    async def changes(self, seen: Seen, since: float) -> AsyncIterator[Change]:
        """Yield what changes from a position on; ends when nothing more can be told, or comes.

        Raises:
            RuntimeFailure: it cannot be read any more.
        """
        async with self._watching(seen) as watch:
            while not self._closed:
                news = watch.news  # taken before the look, so that nothing between the two is missed
                if watch.problem is not None:
                    raise watch.problem
                if watch.latest is not None and watch.latest[0] == since:
                    change = watch.latest[1]
                else:
                    change = await run_sync(seen.change, since, abandon_on_cancel=True)
                if change.position != since or change.data is None:
                    yield change
                    since = change.position
                if change.data is None:
                    return
                await news.wait()

    @asynccontextmanager
    async def _watching(self, seen: Seen) -> AsyncIterator[_Watch]:
        assert self._tasks is not None
        watch = self._watches.get(seen)
        if watch is None:
            position = await run_sync(seen.read, abandon_on_cancel=True)
            watch = self._watches.setdefault(seen, _Watch(seen, position))
            if not watch.viewers:
                self._tasks.start_soon(_follow, watch)
        watch.viewers += 1
        try:
            yield watch
        finally:
            watch.viewers -= 1
            if not watch.viewers:
                watch.scope.cancel()
                del self._watches[seen]


def _look(seen: Seen, since: float) -> tuple[Change | None, float]:
    """Look at it, and return what has changed, if anything has, and how many seconds of a processor that took."""
    began = time.thread_time()
    change = seen.change(since) if seen.read() != since else None
    return change, time.thread_time() - began


async def _follow(watch: _Watch) -> None:
    """Look again and again, until nobody looks on any more."""
    with watch.scope:
        while watch.problem is None:
            try:
                change, took = await run_sync(_look, watch.seen, watch.position, abandon_on_cancel=True)
            except RuntimeFailure as error:
                watch.problem = error
                watch.tell()
            except Exception as error:  # a fault of ours: other runs are watched on
                LOG.warning("something cannot be watched any more", exc_info=True)
                watch.problem = RuntimeFailure(f"{type(error).__name__}: {error}", meaning="this is a mistake in Weft")
                watch.tell()
            else:
                if change is not None:
                    watch.latest, watch.position = (watch.position, change), change.position
                    watch.tell()
                await anyio.sleep(max(watch.seen.turn_s, SHARE * took))
