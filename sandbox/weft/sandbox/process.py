"""The host's side of the sandbox: start a child, exchange messages with it, believe nothing it sends, end it.

What the messages mean to a run is decided in `weft.runtime`.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from importlib.util import find_spec
from math import inf
from typing import Annotated

import anyio
import anyio.abc
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.sandbox.errors import ProtocolViolation, SandboxDied, SandboxError, SandboxStuck
from weft.sandbox.protocol import (
    CallAgent,
    CallWorkflow,
    ChildMessage,
    Deliver,
    Failed,
    Finished,
    HostMessage,
    Idle,
    Limits,
    Result,
    Say,
    Start,
    encode,
)

__all__ = ["Sandbox", "open_sandbox"]

WALL_SECONDS = 60.0
"""How long a child may be busy, in real time, before it is taken for stuck: its CPU limit and room for a busy host."""

EXIT_SECONDS = 5.0
"""How long a child may take to exit after its last word."""

BATCH = 64
"""How many results are handed over in one frame."""

BOOT = "import sys; sys.path[:0] = sys.argv[1:]; from weft.sandbox.child import main; main()"


class Sandbox:
    """One child process that executes one harness. Turns alternate as drawn in `protocol`."""

    def __init__(self, process: anyio.abc.Process, limits: Limits) -> None:
        self._process = process
        self._limits = limits
        self._unread = bytearray()
        self._calls = 0
        self.over = False
        """Whether the child has said its last word, and exits by itself."""

    async def start(self, start: Start) -> AsyncIterator[ChildMessage]:
        """Hand over the harness and yield what the child says until it is the host's turn; see `deliver`."""
        async for message in self._exchange(start):
            yield message

    async def deliver(self, results: Sequence[Result]) -> AsyncIterator[ChildMessage]:
        """Hand over durable results in order and yield what the child says until it is the host's turn.

        The last message is `Idle`, `Finished` or `Failed`.

        Raises:
            SandboxError: the child is gone; its subclasses say how.
        """
        for first in range(0, len(results), BATCH):
            last = first + BATCH >= len(results)
            async for message in self._exchange(Deliver(results=tuple(results[first : first + BATCH]))):
                if last or not isinstance(message, Idle):
                    yield message
                if isinstance(message, (Finished, Failed)):
                    return

    async def _exchange(self, message: HostMessage) -> AsyncIterator[ChildMessage]:
        assert self._process.stdin is not None
        try:
            await self._process.stdin.send(encode(message))
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise await self._died() from None
        while True:
            said = _validated(await self._line())
            if isinstance(said, (CallAgent, CallWorkflow)):
                if said.id != self._calls:
                    raise _violation(f"call {said.id} where call {self._calls} is next")
                self._calls += 1
            self.over = isinstance(said, (Finished, Failed))
            yield said
            if self.over or isinstance(said, Idle):
                return

    async def _line(self) -> bytes:
        assert self._process.stdout is not None
        searched = 0
        while (end := self._unread.find(b"\n", searched)) < 0:
            searched = len(self._unread)
            if searched > self._limits.frame_bytes:
                raise ProtocolViolation(f"the sandbox sent a message of more than {self._limits.frame_bytes} bytes")
            try:
                with anyio.fail_after(WALL_SECONDS):
                    self._unread += await self._process.stdout.receive()
            except TimeoutError:
                raise SandboxStuck(
                    f"the harness computed for more than {WALL_SECONDS:g} s without awaiting anything"
                ) from None
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                raise await self._died() from None
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        return line

    async def _died(self) -> SandboxError:
        status = await self._process.wait()
        assert self._process.stderr is not None
        text = b""
        with anyio.move_on_after(1):
            async for chunk in self._process.stderr:
                text = (text + chunk)[-4000:]
        how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        last_words = text.decode("utf-8", "replace").strip().splitlines()[-1:]
        return SandboxDied(": ".join([f"the process that executed the harness died ({how})", *last_words]))


@asynccontextmanager
async def open_sandbox(limits: Limits) -> AsyncIterator[Sandbox]:
    """Start a child with an empty environment and a fixed hash seed; it is gone when the block is left."""
    process = await anyio.open_process(
        # Not -I or -E: they ignore the hash seed.
        [sys.executable, "-s", "-P", "-S", "-X", "utf8", "-c", BOOT, *_roots()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONHASHSEED": "0"},
        cwd="/",
        # A Ctrl-C at the terminal is for the host to handle.
        start_new_session=True,
    )
    sandbox = Sandbox(process, limits)
    try:
        yield sandbox
    finally:
        with anyio.CancelScope(shield=True):
            if sandbox.over:
                # Killing what has just exited confuses asyncio's bookkeeping of children.
                with anyio.move_on_after(EXIT_SECONDS):
                    await process.wait()
            if process.returncode is None:
                process.kill()
            await process.aclose()


@cache
def _roots() -> list[str]:
    """Return the folders the child imports from; without `site` it finds only the standard library by itself."""
    roots: dict[str, None] = {}
    for name in ("weft.primitives", "weft.sandbox", "RestrictedPython"):
        spec = find_spec(name)
        assert spec is not None and spec.submodule_search_locations is not None
        for location in spec.submodule_search_locations:
            roots[location.removesuffix("/" + name.replace(".", "/"))] = None
    return list(roots)


@cache
def _reader() -> TypeAdapter[ChildMessage]:
    return TypeAdapter(
        Annotated[ChildMessage, Field(discriminator="type")], config=ConfigDict(strict=True, extra="forbid")
    )


def _validated(line: bytes) -> ChildMessage:
    try:
        message = _reader().validate_json(line)
        _check(message)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _violation(f"{where}: {first['msg']}") from None
    except NotJson as error:
        raise _violation(error.what) from None
    return message


def _check(message: ChildMessage) -> None:
    """Check what types cannot say. The primitives in the child have checked it; a broken child has not."""
    match message:
        case CallAgent(agent=agent):
            as_json([agent.schema, agent.context])
            limits = (agent.max_tokens, agent.timeout)
            if any(limit is not None and not 0 < limit < inf for limit in limits) or (agent.retries or 0) < 0:
                raise _violation("a limit of an agent that is not above 0")
        case CallWorkflow(args=value) | Say(data=value) | Finished(value=value):
            as_json(value)
        case _:
            pass


def _violation(problem: str) -> ProtocolViolation:
    return ProtocolViolation(f"the sandbox sent something that is not a message ({problem})")
