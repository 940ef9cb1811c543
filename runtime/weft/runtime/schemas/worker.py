"""What may take long or much memory is done by another process, which can be ended: this is the host's side of it.

There is one, started where it is first needed. Its own side is `work`.
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
from typing import Any

__all__ = ["SECONDS", "TooHard", "end_worker", "work_out", "worked_out"]

SECONDS = 2.0
"""Processor time that one piece of work may take, and as much again for each `CHARACTERS` that it is about."""

CHARACTERS = 200_000

PATIENCE = 10
"""How many times as long the host waits, where the machine is busy with other things."""

BOOT = "import sys; sys.path[:] = sys.argv[1:]; from weft.runtime.schemas.work import main; main()"
CHUNK = 1 << 16


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
        return await asyncio.get_running_loop().run_in_executor(_queue, piece.work)
    except asyncio.CancelledError:
        piece.drop()
        raise


def work_out(what: Callable[..., Any], *args: Any) -> Any:
    """Return the same where nothing else waits.

    Raises:
        TooHard: it took too much time or memory.
        ValueError: the function says so.
    """
    return _Piece(what, args, SECONDS).work()


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
        with _turn:
            said = self._said(task, seconds)
        if "hard" in said:
            raise TooHard(said["hard"])
        if "refused" in said:
            raise ValueError(said["refused"])
        return said["value"]

    def _said(self, task: bytes, seconds: float) -> dict[str, Any]:
        """Return what the process says; one that has ended for another reason is started once more."""
        for _ in range(2):
            if self._dropped:
                break
            self._process = process = _started()
            try:
                said = process.asked(task, seconds * PATIENCE)
            finally:
                self._process = None
            if said is not None:
                return said
            if process.ended() == -signal.SIGPROF:
                return {"hard": f"it takes more than {seconds:.0f} s"}
        return {"hard": "the process that was to find it out has ended"}

    def drop(self) -> None:
        """End the work, if it has begun."""
        self._dropped = True
        if (process := self._process) is not None:
            process.kill()


class _Process:
    """The other process."""

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

    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it."""
        self._process.kill()

    def ended(self) -> int:
        """End it, and return how it did, as in `subprocess`."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)  # it may be about to
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


_turn = threading.Lock()
"""Held by whoever speaks with the process."""
_queue = ThreadPoolExecutor(1, "weft-work")
"""Lets pieces of work wait in the order in which they came."""
_held: list[_Process] = []


def _started() -> _Process:
    """Return the process, a new one where there is none."""
    if _held and not _held[0].alive():
        _held.pop().ended()
    if not _held:
        _held.append(_Process())
    return _held[0]


@atexit.register
def end_worker() -> None:
    """End the process, if there is one; what is asked for next starts another."""
    while _held:
        process = _held.pop()
        process.kill()
        process.ended()
