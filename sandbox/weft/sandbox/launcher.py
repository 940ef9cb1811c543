"""Starting children: the host's side of `fork_server`, and of one child the ends of its pipes.

What is said through the pipes is `protocol`, and taking turns is `process`.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict
from functools import cache
from importlib.util import find_spec
from itertools import chain

from weft.sandbox.protocol import Limits

__all__ = ["BOOT", "ChildProcess", "end_server", "last_words", "launch"]

BOOT = (
    "import gc, sys; gc.disable(); sys.path += sys.argv[1:]; "
    "from weft.sandbox.addresses import hide_addresses; hide_addresses(); "
    "from weft.sandbox.child import main; main()"
)
"""What the server executes. Imports leave nothing to collect, and looking for it takes a tenth of the time."""

CHUNK = 64 * 1024
"""As much as a pipe holds."""


class ChildProcess:
    """One forked child. It ends when this is closed, or with the host."""

    def __init__(self, stdin: int, stdout: int, stderr: int, lifeline: socket.socket) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._stderr = stderr
        self._lifeline = lifeline
        for descriptor in (stdin, stdout, stderr):
            os.set_blocking(descriptor, False)
        lifeline.setblocking(False)
        self._told = b""
        self._heard = False
        """Whether it has said something since it was spoken to."""
        self._closed = False
        _held.add(self)

    @property
    def pid(self) -> int | None:
        """Its number, once it has said anything; `None` where it was never forked."""
        return self._number(0)

    @property
    def returncode(self) -> int | None:
        """How it ended, as in `subprocess`; `None` while it lives, or where nobody is left to tell."""
        return self._number(1)

    def _number(self, line: int) -> int | None:
        with suppress(OSError):
            self._told += os.read(self._lifeline.fileno(), CHUNK)
        said = self._told.split(b"\n")
        return int(said[line]) if len(said) > line + 1 else None

    async def send(self, data: bytes, seconds: float) -> None:
        """Write to its standard input.

        Raises:
            TimeoutError: it has not read all of it after so long.
            BrokenPipeError: it does not read any more.
        """
        self._heard = False
        waiting, deadline = memoryview(data), time.monotonic() + seconds
        while waiting:
            try:
                waiting = waiting[os.write(self._stdin, waiting) :]
            except BlockingIOError:
                await _until(self._stdin, deadline - time.monotonic(), writing=True)

    async def receive(self, seconds: float) -> bytes:
        """Read from its standard output; nothing at its end.

        Raises:
            TimeoutError: nothing has come after so long.
        """
        if self._heard:  # a child that speaks faster than it is heard must not keep all others from their turns
            await asyncio.sleep(0)
        chunk = await _read(self._stdout, seconds)
        self._heard = True
        return chunk

    async def receive_error(self) -> bytes:
        """Read from its standard error; nothing at its end."""
        return await _read(self._stderr)

    async def wait(self) -> None:
        """Wait for its end, or for that of the server, with which it ends."""
        while said := await _read(self._lifeline.fileno()):
            self._told += said

    def ask_where(self) -> None:
        """Have it write where it is, and end."""
        with suppress(OSError):
            self._lifeline.send(b"?")

    def kill(self) -> None:
        """End it; it is gone when `wait` returns."""
        with suppress(OSError):
            self._lifeline.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Let go of it, which ends it."""
        if self._closed:
            return
        self._closed = True
        _held.discard(self)
        for descriptor in (self._stdin, self._stdout, self._stderr):
            os.close(descriptor)
        self._lifeline.close()


async def _read(descriptor: int, seconds: float | None = None) -> bytes:
    while True:
        try:
            return os.read(descriptor, CHUNK)
        except BlockingIOError:
            await _until(descriptor, seconds)
        except ConnectionError:
            return b""


async def _until(descriptor: int, seconds: float | None, *, writing: bool = False) -> None:
    """Wait until a descriptor can be read or written.

    A timeout of anyio would do, and take as long as all else that is to be done for a turn.
    """
    loop = asyncio.get_running_loop()
    able: asyncio.Future[bool] = loop.create_future()

    def decide(result: bool) -> None:
        if not able.done():
            able.set_result(result)

    add, remove = (loop.add_writer, loop.remove_writer) if writing else (loop.add_reader, loop.remove_reader)
    add(descriptor, decide, True)
    timer = None if seconds is None else loop.call_later(max(seconds, 0.0), decide, False)
    try:
        if not await able:
            raise TimeoutError
    finally:
        remove(descriptor)
        if timer is not None:
            timer.cancel()


class Server:
    """A running fork server. It ends when this is closed, or with the host."""

    def __init__(self) -> None:
        """Start it, with an empty environment and a fixed hash seed."""
        self._asking, theirs = socket.socketpair()
        with theirs, ExitStack() as failing:
            failing.enter_context(self._asking)
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                # Not -I or -E: they ignore the hash seed.
                [sys.executable, "-s", "-P", "-S", "-X", "utf8", "-c", BOOT, *_roots()],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={"PYTHONHASHSEED": "0"},
                cwd="/",
                # A Ctrl-C at the terminal is for the host to handle.
                start_new_session=True,
            )
            failing.pop_all()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def fork(self, descriptors: list[int]) -> bool:
        """Ask for a child with these descriptors; tell whether the server is there to do it."""
        if self._process.poll() is not None:
            return False
        try:
            socket.send_fds(self._asking, [b"+"], descriptors)
        except ConnectionError:
            return False
        return True

    def last_words(self) -> str:
        """Return what it wrote last where it has ended, such as why it could not start."""
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)
        words = (self._process.stderr.read() or b"").decode("utf-8", "replace").strip()
        return words.rpartition("\n")[2]

    def close(self) -> None:
        """End it and all its children; by force where it does not hear, as one that was stopped."""
        self._asking.close()
        try:
            self._process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.leave()

    def leave(self) -> None:
        """Close what leads to it, in a process that has not started it."""
        assert self._process.stderr is not None
        self._asking.close()
        self._process.stderr.close()
        self._process.returncode = 0  # or `subprocess` warns that it still runs


_held: set[ChildProcess] = set()
_lock = threading.Lock()
_server: Server | None = None


def launch(limits: Limits) -> ChildProcess:
    """Have a child forked that knows its limits and waits for its harness.

    The server is started on first use and stays; one that has died is replaced.

    Raises:
        OSError: the system has no room for more descriptors or processes.
    """
    pipes: list[tuple[int, int]] = []
    try:
        for _ in range(3):
            pipes.append(os.pipe())
        lifeline, their_lifeline = socket.socketpair()
    except OSError:  # there is no room for more, and what there is must not be lost as well
        for end in chain.from_iterable(pipes):
            os.close(end)
        raise
    (their_stdin, stdin), (stdout, their_stdout), (stderr, their_stderr) = pipes
    theirs = [their_stdin, their_stdout, their_stderr, their_lifeline.detach()]
    child = ChildProcess(stdin, stdout, stderr, lifeline)
    try:
        os.write(stdin, json.dumps(asdict(limits)).encode() + b"\n")
        _fork(theirs)
    except BaseException:
        child.close()
        raise
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    return child


def _fork(descriptors: list[int]) -> None:
    global _server  # noqa: PLW0603 - all runs of a process share it
    with _lock:
        if _server is None or not _server.fork(descriptors):
            end_server()
            _server = Server()
            _server.fork(descriptors)  # if it dies of it, the lifeline tells


def end_server() -> None:
    """End the server and all children, as at the end of the process; the next child starts another."""
    global _server  # noqa: PLW0603
    if _server is not None:
        _server.close()
        _server = None


def last_words() -> str:
    """Return what the server wrote last, where it has ended."""
    return _server.last_words() if _server is not None else ""


def _leave_to_parent() -> None:
    """Let a fork of the host hold nothing that keeps children alive, or lets it ask for some."""
    global _server, _lock  # noqa: PLW0603
    _lock = threading.Lock()
    for child in list(_held):
        child.close()
    if _server is not None:
        _server.leave()
        _server = None


os.register_at_fork(after_in_child=_leave_to_parent)
atexit.register(end_server)


@cache
def _roots() -> list[str]:
    """Return the folders that are imported from; without `site` Python finds only the standard library by itself."""
    roots: dict[str, None] = {}
    for name in ("weft.primitives", "weft.sandbox", "RestrictedPython"):
        spec = find_spec(name)
        assert spec is not None and spec.submodule_search_locations is not None
        for location in spec.submodule_search_locations:
            roots[location.removesuffix("/" + name.replace(".", "/"))] = None
    return list(roots)


ENDING_SECONDS = 5.0
"""How long the server may take to end when it is told to; it takes milliseconds."""
