"""A child without a process: the harness is executed right here, with the same policy, world, loop and messages.

Nothing confines it: an endless loop hangs the test, and there are no limits on memory and time. So only harnesses that
stand in a test are executed like this, and it is no part of what is installed. It is this interpreter, so a set of
texts has this process's order and texts may show addresses: what must be the same in every process, such as a replay
of another process's journal, needs a child process.
"""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from functools import lru_cache, partial
from typing import NoReturn, TypeVar

import pytest

from weft.primitives import calls
from weft.sandbox import execution, process
from weft.sandbox.execution import compile_main, execute, frame_of, last_frame_of
from weft.sandbox.loop import Loop
from weft.sandbox.protocol import (
    ChildMessage,
    Deliver,
    Failed,
    Finished,
    Limits,
    Ready,
    Result,
    Start,
    decode,
    encode,
)
from weft.sandbox.reader import Reader

__all__ = ["Unconfined", "open_unconfined", "without_processes"]

Work = TypeVar("Work")

Watching = Callable[[], AbstractContextManager[None]]
"""Makes what is entered for each turn of a harness, such as one that notes which of its lines are executed."""

RECURSION = 1000
"""How deep a harness may call; as in a child, whatever stands on the stack of the test."""


class Unconfined:
    """Executes one harness in this interpreter; implements `weft.sandbox.protocol.Child`."""

    def __init__(self, limits: Limits | None = None, watching: Watching = nullcontext) -> None:
        self._watching = watching
        self._limits = limits or Limits()
        self._reader = Reader(self._limits)
        self._loop: Loop | None = None
        self._turns: Generator[None, Iterable[Result], Finished | Failed] | None = None
        self._over = False

    async def start(self, start: Start) -> AsyncIterator[ChildMessage]:
        self._reader.feed(encode(Ready(walls=())))
        copied = decode(encode(start))
        assert isinstance(copied, Start)
        loop = Loop(copied, self._limits, compile_harness=compile_main, send=self._send, stop=self._stop)
        turns = execute(copied, self._limits, loop)
        self._loop, self._turns = loop, turns
        for message in self._heard(lambda: next(turns)):
            yield message

    async def deliver(self, results: Sequence[Result]) -> AsyncIterator[ChildMessage]:
        if not results:
            return
        self._reader.host_speaks(results)
        copied, turns = decode(encode(Deliver(results=tuple(results)))), self._turns
        assert isinstance(copied, Deliver) and turns is not None
        for message in self._heard(lambda: turns.send(copied.results)):
            yield message

    async def while_it_waits(self, work: Callable[[], Awaitable[Work]]) -> Work:
        return await work()

    def close(self) -> None:
        """End what still runs; nobody hears of it."""
        self._over = True
        if self._loop is not None and self._turns is not None:
            with _like_a_child(self._loop):
                self._turns.close()
                self._turns = self._loop = None  # what is left of it warns that nobody awaited it

    def _heard(self, take_turn: Callable[[], None]) -> Iterator[ChildMessage]:
        """Let the harness go on, and return what the host hears of it."""
        assert self._loop is not None
        with _like_a_child(self._loop), self._watching():
            try:
                take_turn()
            except StopIteration as ended:
                self._end(last_frame_of(ended.value, self._limits, self._loop))
            except _Stopped:
                pass
        while (message := self._reader.next()) is not None:
            yield message

    def _send(self, message: ChildMessage) -> None:
        if not self._over:
            self._reader.feed(frame_of(message, self._limits))

    def _stop(self, message: Failed) -> NoReturn:
        self._end(encode(message))
        raise _Stopped

    def _end(self, frame: bytes) -> None:
        if not self._over:
            self._reader.feed(frame)
        self._over = True


class _Stopped(BaseException):
    """A child process would have ended here."""


@contextmanager
def _like_a_child(loop: Loop) -> Iterator[None]:
    """Make this interpreter, for one turn, what a child is; and then again what it was."""
    collected, recursion = gc.isenabled(), sys.getrecursionlimit()
    gc.disable()
    sys.setrecursionlimit(_depth() + RECURSION)
    calls.install(loop)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        calls.install(None)
        sys.setrecursionlimit(recursion)
        if collected:
            gc.enable()


def _depth() -> int:
    depth, frame = 0, sys._getframe()
    while (around := frame.f_back) is not None:
        depth, frame = depth + 1, around
    return depth


@asynccontextmanager
async def open_unconfined(limits: Limits, watching: Watching = nullcontext) -> AsyncIterator[Unconfined]:
    """Stand in for `process.open_sandbox`."""
    child = Unconfined(limits, watching)
    try:
        yield child
    finally:
        child.close()


compiled = lru_cache(maxsize=64)(execution.compile_harness)


def without_processes(patch: pytest.MonkeyPatch, watching: Watching = nullcontext) -> None:
    """Let whatever opens a sandbox get a child without a process; `watching` is entered while a harness is at work.

    What is executed again is not compiled again.
    """
    opened, instead = process.open_sandbox, partial(open_unconfined, watching=watching)
    for module in list(sys.modules.values()):
        if vars(module).get("open_sandbox") is opened:
            patch.setattr(module, "open_sandbox", instead)
    patch.setattr(execution, "compile_harness", compiled)
