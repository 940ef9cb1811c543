"""A server that is a process: its messages one a line, each bounded, and its end with all that it has started.

The SDK has a transport of its own, which reads a line of any length. What the messages mean is `server`.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
from anyio.abc import ObjectReceiveStream, ObjectSendStream
from mcp.client import Transport
from mcp.shared.message import SessionMessage

from weft.runtime.tools.mcp.standing import Standing
from weft.runtime.tools.mcp.vetting import messages

__all__ = ["MOST_AT_ONCE", "MOST_BYTES", "speaking"]

MOST_BYTES = 16 * 1024 * 1024
"""What one message may have."""

MOST_AT_ONCE = 64 * 1024 * 1024
"""Bytes that a server may say before it is asked again."""

MOST_MESSAGES = 50_000
"""How many messages these may be."""

CHUNK = 64 * 1024

GOES = 2.0
"""Seconds that a server may take to end by itself, once nobody speaks to it any more."""


Heard = ObjectReceiveStream[SessionMessage | Exception]


@asynccontextmanager
async def _speaking(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, standing: Standing
) -> AsyncIterator[tuple[Heard, ObjectSendStream[SessionMessage]]]:
    process = await asyncio.create_subprocess_exec(
        *_ending_with_us(command, environment, folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environment),
        cwd=folder,
        start_new_session=True,
    )
    hears, heard = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    says, said = anyio.create_memory_object_stream[SessionMessage](0)
    try:
        async with hears, heard, says, said, anyio.create_task_group() as tasks:
            tasks.start_soon(_hear, process, hears, standing)
            tasks.start_soon(_say, process, said, standing)
            tasks.start_soon(_complaints, process, standing)
            try:
                yield heard, says
            finally:
                tasks.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await _ended(process, GOES if standing.problem is None else 0)


def _ending_with_us(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Sequence[str]:
    """Return a command whose process ends where that of Weft is killed, also where it is in the middle of something.

    Where the system has nothing for it, a server still sees that nobody speaks to it any more.

    Raises:
        FileNotFoundError: there is no such program.
    """
    program = command[0]
    known = (folder / program).exists() if "/" in program else shutil.which(program, path=environment.get("PATH"))
    if not known:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), program)
    helper = shutil.which("setpriv")
    return command if helper is None else (helper, "--pdeathsig", "KILL", "--", *command)


def speaking(command: Sequence[str], environment: Mapping[str, str], folder: Path, standing: Standing) -> Transport:
    """Return how the SDK speaks with a process, which is started when this is entered, and ended when it is left.

    Raises:
        OSError: when entered, there is no such program.
    """
    return _speaking(command, environment, folder, standing)


async def _hear(
    process: asyncio.subprocess.Process, hears: ObjectSendStream[SessionMessage | Exception], standing: Standing
) -> None:
    """Pass on the messages of a server until it ends, or says too much."""
    assert process.stdout is not None
    left = bytearray()
    async with hears:
        while standing.problem is None and (data := await process.stdout.read(CHUNK)):
            standing.heard_bytes += len(data)
            searched = len(left)
            left += data
            while (end := left.find(b"\n", searched)) >= 0:
                line, searched = bytes(left[:end]), 0
                del left[: end + 1]
                await _pass_on(line, hears, standing)
            if len(left) > MOST_BYTES:
                standing.end(f"sent a message of more than {MOST_BYTES // 2**20} MB")
            elif standing.heard_bytes > MOST_AT_ONCE or standing.heard_messages > MOST_MESSAGES:
                standing.end("sent messages without end, which nobody had asked for")
        if standing.problem is None:
            with anyio.move_on_after(GOES):
                await _gone(process)
            with anyio.move_on_after(0.2):
                await _read_out(process)
            code = process.returncode
            how = "closed its output" if code is None else f"ended with exit code {code}"
            standing.end(f"{how}{standing.last_words}")


async def _read_out(process: asyncio.subprocess.Process) -> None:
    """Wait until all is taken note of that a process has complained about."""
    assert process.stderr is not None
    while not process.stderr.at_eof():
        await anyio.sleep(0.01)


async def _pass_on(line: bytes, hears: ObjectSendStream[SessionMessage | Exception], standing: Standing) -> None:
    standing.heard_messages += 1
    if not line.strip():
        return
    try:
        for message in messages(line):
            with suppress(anyio.BrokenResourceError):
                await hears.send(SessionMessage(message))
    except ValueError:  # servers write to their output what belongs elsewhere
        standing.garbled += 1


async def _say(
    process: asyncio.subprocess.Process, said: ObjectReceiveStream[SessionMessage], standing: Standing
) -> None:
    assert process.stdin is not None
    async for message in said:
        standing.heard_bytes = standing.heard_messages = 0
        text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
        try:
            process.stdin.write(text.encode() + b"\n")
            await process.stdin.drain()
        except (ConnectionError, RuntimeError):
            return  # it has ended, which is heard on the other side


async def _complaints(process: asyncio.subprocess.Process, standing: Standing) -> None:
    assert process.stderr is not None
    while data := await process.stderr.read(CHUNK):
        standing.complains(data)


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Wait until a process has ended, also where others still have its pipes, for which `wait` waits too."""
    while process.returncode is None:
        await anyio.sleep(0.01)


async def _ended(process: asyncio.subprocess.Process, patience: float) -> None:
    """End a server, with all that it has started, where it does not end by itself in so many seconds."""
    started = _descendants(process.pid)
    assert process.stdin is not None
    process.stdin.close()
    with anyio.move_on_after(patience):
        await _gone(process)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for number, born in started.items():
        if _born(number) == born:  # else the number is another's by now
            with suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
    with anyio.move_on_after(GOES):
        await _gone(process)
    # Who else has its pipes may keep them open, and nothing public closes them on this side.
    process._transport.close()  # type: ignore[attr-defined]


def _descendants(ancestor: int) -> dict[int, str]:
    """Return the processes that one has started, and when each began; nothing where the system does not say."""
    parents: dict[int, int] = {}
    with suppress(OSError):
        for name in os.listdir("/proc"):
            if name.isdigit():
                with suppress(OSError, ValueError, IndexError):
                    parents[int(name)] = int(_status(int(name))[1])
    found = {ancestor}
    while new := {number for number, parent in parents.items() if parent in found} - found:
        found |= new
    return {number: _born(number) for number in found - {ancestor}}


def _status(number: int) -> list[str]:
    """Return what the system says of a process, from its state on."""
    return Path(f"/proc/{number}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()


def _born(number: int) -> str:
    try:
        return _status(number)[19]
    except (OSError, IndexError):
        return ""
