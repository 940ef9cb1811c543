"""What may take long or much memory is done by other processes, which can be ended: this is the host's side of them.

Usually there is one, started where it is first needed. Their own side is `work`.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TypeVar

import anyio

__all__ = ["SECONDS", "TooHard", "apart", "end_worker", "work_out", "worked_out"]

SECONDS = 2.0
"""Processor time that one piece of work may take, and as much again for each `CHARACTERS` that it is about."""

CHARACTERS = 200_000

MOST = 4
"""How many processes there may be, so that a few hard pieces of work do not hold up the others."""

MOMENT = 0.2
"""Seconds after which a piece of work that waits is given a process of its own."""

PATIENCE = 10
"""How many times as long the host waits, where the machine is busy with other things."""

BOOT = "import sys; sys.path[:] = sys.argv[1:]; from weft.runtime.schemas.work import main; main()"
CHUNK = 1 << 16

T = TypeVar("T")


class TooHard(ValueError):
    """Something takes more time or memory to find out than it may."""


async def worked_out(what: Callable[..., Any], *args: Any, seconds: float | None = None) -> Any:
    """Return what a function of a module returns for JSON data; it is called in the other process.

    `seconds` says how much processor time it may take.

    Whoever is cancelled does not wait for it, and neither does anybody else.

    Raises:
        TooHard: it took too much time or memory.
        ValueError: the function says so.
    """
    piece = _Piece(what, args, seconds or SECONDS)
    try:
        working = asyncio.get_running_loop().run_in_executor(_queue, piece.work)
    except RuntimeError as error:  # the system gives no more threads
        raise TooHard(f"nobody can find it out: {error}") from None
    try:
        return await working
    except asyncio.CancelledError:
        piece.drop()
        raise


def work_out(what: Callable[..., Any], *args: Any, seconds: float | None = None) -> Any:
    """Return the same where nothing else waits.

    Raises:
        TooHard: it took too much time or memory.
        ValueError: the function says so.
    """
    piece = _Piece(what, args, seconds or SECONDS)
    if (pieces := _pieces.get()) is not None:
        pieces.add(piece)
    return piece.work()


async def apart(what: Callable[..., T], *args: Any) -> T:
    """Call a function in a thread, where nothing else waits for what it has `work_out` find out.

    Whoever is cancelled does not wait for it, and ends that work with it.
    """
    pieces = _Pieces()
    token = _pieces.set(pieces)  # a thread begins with what is set here
    try:
        return await anyio.to_thread.run_sync(what, *args, abandon_on_cancel=True)
    except asyncio.CancelledError:
        pieces.drop()
        raise
    finally:
        _pieces.reset(token)


class _Pieces:
    """What one call has the other processes do, one piece after the other."""

    def __init__(self) -> None:
        self._latest: _Piece | None = None
        self._dropped = False

    def add(self, piece: _Piece) -> None:
        """Take in the next piece; none is begun after all were dropped."""
        self._latest = piece
        if self._dropped:
            piece.drop()

    def drop(self) -> None:
        """End the one that has begun, and let no more begin."""
        self._dropped = True
        if self._latest is not None:
            self._latest.drop()


_pieces: ContextVar[_Pieces | None] = ContextVar("pieces", default=None)


class _Piece:
    """A piece of work."""

    def __init__(self, what: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> None:
        self._what = f"{what.__module__}:{what.__name__}"
        self._args = args
        self._seconds = seconds
        self._dropped = False
        self._process: _Process | None = None

    def work(self) -> Any:
        """Have it done, when its turn has come."""
        told = json.dumps(self._args)
        seconds = self._seconds * (1 + len(told) / CHARACTERS)
        task = f'{{"what": "{self._what}", "seconds": {seconds}, "args": {told}}}\n'.encode()
        said = self._said(task, seconds)
        if "hard" in said:
            raise TooHard(said["hard"])
        if "refused" in said:
            raise ValueError(said["refused"])
        return said["value"]

    def _said(self, task: bytes, seconds: float) -> dict[str, Any]:
        """Return what a process says; where it has ended for another reason, another one is asked."""
        for _ in range(2):
            self._process = process = _taken()
            said = None
            try:
                said = None if self._dropped else process.asked(task, seconds * PATIENCE)
            finally:
                self._process = None
                ended = process.end() if said is None else None
                _give_back(process if said is not None else None)
            if said is not None:
                return said
            if ended == -signal.SIGPROF:
                return {"hard": f"it takes more than {seconds:.1f} s"}
            if self._dropped:
                break
        return {"hard": "the process that was to find it out has ended"}

    def drop(self) -> None:
        """End the work, if it has begun."""
        self._dropped = True
        if (process := self._process) is not None:
            process.kill()


class _Process:
    """One other process."""

    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-P", "-c", BOOT, *filter(None, sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                process_group=0,  # what a terminal sends is not for it
                bufsize=0,
            )
        except OSError as error:
            raise TooHard(f"the process that is to find it out cannot be started: {error.strerror}") from None

    def kill(self) -> None:
        """End it."""
        self._process.kill()

    def end(self) -> int:
        """End it, and return how it did, as in `subprocess`."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)  # it may be about to
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()
        return self._process.returncode

    def asked(self, task: bytes, seconds: float) -> dict[str, Any] | None:
        """Return its answer, or nothing where it gives none in time, or has ended."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            waiting = memoryview(task)
            while waiting:
                waiting = waiting[self._process.stdin.write(waiting) or 0 :]
        except OSError:
            return None
        said, until = bytearray(), time.monotonic() + seconds
        watched = select.poll()
        watched.register(self._process.stdout, select.POLLIN)
        while not said.endswith(b"\n"):
            ready = watched.poll(max(0.0, until - time.monotonic()) * 1000)
            chunk = os.read(self._process.stdout.fileno(), CHUNK) if ready else b""
            if not chunk:
                return None
            said += chunk
        answer: dict[str, Any] = json.loads(said)
        return answer


_queue = ThreadPoolExecutor(MOST, "weft-work")
"""Lets pieces of work wait in the order in which they came."""
_free: list[_Process] = []
_busy = 0
_changed = threading.Condition()
"""Held by whoever looks at those two, or changes them."""


def _taken() -> _Process:
    """Return a process that is free; another one is started only where all are busy for longer than a moment."""
    global _busy  # noqa: PLW0603  # there is one crew of them
    with _changed:
        _changed.wait_for(lambda: _free or not _busy, MOMENT)
        _changed.wait_for(lambda: _free or _busy < MOST)
        process = _free.pop() if _free else _Process()
        _busy += 1
        return process


def _give_back(process: _Process | None) -> None:
    """Let others have a process, or start another in its place."""
    global _busy  # noqa: PLW0603
    with _changed:
        _busy -= 1
        if process is not None:
            _free.append(process)
        _changed.notify()


@atexit.register
def end_worker() -> None:
    """End the processes that have nothing to do; what is asked for next starts another."""
    with _changed:
        while _free:
            process = _free.pop()
            process.kill()
            process.end()
