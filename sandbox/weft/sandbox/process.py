"""The host's side of the sandbox: start a child, take turns with it, end it, and tell how it ended.

What the child may say is `reader`'s business; what it means to a run is decided in `weft.runtime`.
"""

from __future__ import annotations

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TypeVar

import anyio

from weft.sandbox.errors import ProtocolViolation, SandboxDied, SandboxError, SandboxStuck
from weft.sandbox.launcher import ChildProcess, last_words, launch
from weft.sandbox.protocol import (
    ChildMessage,
    Deliver,
    Failed,
    Finished,
    HostMessage,
    Idle,
    Limits,
    Ready,
    Result,
    Start,
    computed_too_long,
    encode,
)
from weft.sandbox.reader import Reader

__all__ = ["Sandbox", "compiled", "open_sandbox"]

Work = TypeVar("Work")

EXIT_SECONDS = 5.0
"""How long a child may take to exit after its last word."""

LAST_WORDS_BYTES = 16_000
"""How much of what a dying child writes is kept."""

BATCH = 64
"""How many results are handed over in one frame."""


class Sandbox:
    """One child process that executes one harness; implements `protocol.Child`."""

    def __init__(self, process: ChildProcess, limits: Limits) -> None:
        self._process = process
        self._limits = limits
        self._reader = Reader(limits)
        self._filename = ""
        self._patience = limits.wall_seconds
        """What is left of the time the child may take for its turn."""
        self.over = False
        """Whether the child has said its last word, and exits by itself."""
        self.gone = anyio.Event()
        """Set once the process has ended."""
        self._waiting: anyio.CancelScope | None = None
        """What the host does while the child waits for it."""

    async def ready(self) -> Ready:
        """Wait for the child to be ready for its harness.

        Raises:
            SandboxError: it never was.
        """
        ready = await self._message()
        if not isinstance(ready, Ready):
            raise SandboxDied("the process that executes harnesses could not be started")
        return ready

    async def start(self, start: Start) -> AsyncIterator[ChildMessage]:
        """Implement `protocol.Child`."""
        self._filename = start.filename
        yield await self.ready()
        async for message in self._exchange(start):
            yield message

    async def deliver(self, results: Sequence[Result]) -> AsyncIterator[ChildMessage]:
        """Implement `protocol.Child`."""
        for first in range(0, len(results), BATCH):
            batch = tuple(results[first : first + BATCH])
            last = first + BATCH >= len(results)
            async for message in self._exchange(Deliver(results=batch), batch):
                if last or not isinstance(message, Idle):
                    yield message
                if isinstance(message, (Finished, Failed)):
                    return

    async def while_it_waits(self, work: Callable[[], Awaitable[Work]]) -> Work:
        """Implement `protocol.Child`."""
        with anyio.CancelScope() as scope:
            if not self.gone.is_set():
                self._waiting = scope
                try:
                    return await work()
                finally:
                    self._waiting = None
        await self._ended()
        raise SandboxDied("the process that executed the harness ended while it had nothing to do")

    async def watch(self) -> None:
        """Let the host wait no longer than the child lives."""
        await self._process.wait()
        self.gone.set()
        if self._waiting is not None:
            self._waiting.cancel()

    async def _exchange(self, message: HostMessage, answered: Sequence[Result] = ()) -> AsyncIterator[ChildMessage]:
        self._reader.host_speaks(answered)
        self._patience = self._limits.wall_seconds
        await self._send(encode(message))
        while True:
            said = await self._message()
            self.over = isinstance(said, (Finished, Failed))
            yield said
            if self.over or isinstance(said, Idle):
                return

    async def _send(self, frame: bytes) -> None:
        with suppress(BrokenPipeError):  # it is gone; what it said before is still to be read, and then how it ended
            await self._in_time(self._process.send(frame, self._patience))

    async def _message(self) -> ChildMessage:
        while (message := self._reader.next()) is None:
            chunk = await self._in_time(self._process.receive(self._patience))
            if not chunk:
                return await self._ended()
            self._reader.feed(chunk)
        return message

    async def _in_time(self, exchange: Awaitable[Work]) -> Work:
        """Let the child have no more than what is left of its time: one byte a minute is no sign of life."""
        begun = time.monotonic()
        try:
            return await exchange
        except TimeoutError:
            raise await self._stuck() from None
        finally:
            self._patience -= time.monotonic() - begun

    # ------------------------------------------------------------------------------------------ how it ended

    async def _stuck(self) -> SandboxStuck:
        self._process.ask_where()
        words = await self._last_words()
        seconds = self._limits.wall_seconds
        return SandboxStuck(
            f"the harness was busy for more than {seconds:g} s without an answer", _line_in(words, self._filename)
        )

    async def _ended(self) -> Failed:
        """Tell of a child that is gone: with the message that it could not send itself any more, or by raising."""
        words = await self._last_words()
        line = _line_in(words, self._filename)
        status = self._process.returncode
        if status is None and self.gone.is_set():
            raise SandboxDied(_why_gone(self._process, words))
        if status is None:
            raise ProtocolViolation("the sandbox closed its line to the host, and lived on")
        match -status:
            case signal.SIGPROF:
                return Failed(kind="cpu", message=computed_too_long(self._limits), line=line)
            case signal.SIGXCPU:
                raise SandboxStuck("the harness computed for too long in all", line)
            case signal.SIGSYS:
                raise SandboxDied("the sandbox stopped it: it asked the system for what no harness can ask for", line)
        how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        reason = next((word for word in words if word.startswith("Fatal Python error")), "".join(words[-1:]))
        raise SandboxDied(f"the process that executed the harness died ({how}){reason and ': '}{reason}", line)

    async def _last_words(self) -> list[str]:
        """Return what the child wrote before it died, once it has, or has had its time to."""
        text = b""
        with anyio.move_on_after(EXIT_SECONDS):
            while chunk := await self._process.receive_error():
                text = (text + chunk)[-LAST_WORDS_BYTES:]
            await self.gone.wait()
        return text.decode("utf-8", "replace").strip().splitlines()


def _why_gone(process: ChildProcess, words: list[str]) -> str:
    if process.pid is not None:
        return "the process that executed the harness ended with the one that it was forked from"
    reason = last_words() or "".join(words[-1:])
    return f"the process that executes harnesses could not be started{reason and ': '}{reason}"


_FRAME = re.compile(r'  File "(.*)", line (\d+) in ')


def _line_in(words: list[str], filename: str) -> int | None:
    """Return the innermost line of the harness in what `faulthandler` wrote, innermost first."""
    frames = (_FRAME.match(word) for word in words)
    return next((int(frame[2]) for frame in frames if frame and frame[1] == filename), None)


@asynccontextmanager
async def open_sandbox(limits: Limits) -> AsyncIterator[Sandbox]:
    """Start a child; it is gone when the block is left."""
    process = launch(limits)
    sandbox = Sandbox(process, limits)
    watching = asyncio.create_task(sandbox.watch())
    try:
        yield sandbox
    finally:
        process.kill()
        with anyio.CancelScope(shield=True):
            await asyncio.wait([watching], timeout=EXIT_SECONDS)
            watching.cancel()
            await asyncio.wait([watching])  # nobody may listen to a descriptor that is closed
        process.close()


_KEPT = 32
"""Of how many harnesses the code is kept."""

_codes: dict[tuple[str, str, bool], str | None] = {}


async def compiled(start: Start) -> Start:
    """Return the same with the code of its source, for what is executed many times: compiling takes most of a run.

    Sources are compiled by a child, behind its walls, of which nothing is executed: only a flaw of the compiler could
    make something else of its code, and that would be behind the same walls. What cannot be compiled stays as it is.
    """
    key = (start.source, start.filename, start.observed)
    if key not in _codes:
        while len(_codes) >= _KEPT:
            del _codes[next(iter(_codes))]
        _codes[key] = await _code_of(replace(start, args=None, only_compile=True))
    return replace(start, code=_codes[key])


async def _code_of(start: Start) -> str | None:
    with suppress(SandboxError):
        async with open_sandbox(Limits()) as child:
            async for message in child.start(start):
                if isinstance(message, Finished) and isinstance(message.value, str):
                    return message.value
    return None
