"""The `weft` command in a process of its own, without what importing it takes: forked from one that has imported it.

It is a child of the test like any other; only that it was not started anew can be told from within. How a person starts
it, `command.WEFT` does, and what only a start shows is tried with that. Executed, this is what the others are forked
from: no command is ever carried out in it.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["Weft"]

IMPORTED = """
    weft.linter
    weft.runtime.cli.make
    weft.runtime.cli.steer
    weft.runtime.execution.prepare
    weft.runtime.execution.resume
""".split()
"""What takes long to import; the rest each command imports by itself."""

ASKING = ("weft.runtime.agents.models", "pydantic_ai.models.anthropic")
"""What takes longer still, and is imported once there is a command that may ask that model."""

EDITING = ("weft.runtime.cli.language_server",)
"""The same of editors."""

MOST = 200_000
"""Bytes of the words and the environment of a command."""

PR_SET_CHILD_SUBREAPER = 36


class Weft(subprocess.Popen[Any]):
    """`weft WORDS`, for which all of `Popen` holds but what is about programs."""

    def _execute_child(  # type: ignore[override]  # where `Popen` starts a program
        self,
        args: Sequence[str],
        executable: None,
        preexec_fn: None,
        close_fds: bool,
        pass_fds: tuple[()],
        cwd: Path | None,
        env: Mapping[str, str] | None,
        startupinfo: None,
        creationflags: int,
        shell: bool,
        *ends_and_more: Any,
    ) -> None:
        pipes = ends_and_more[:6]
        ends = [number if number >= 0 else usual for usual, number in enumerate((pipes[0], pipes[3], pipes[5]))]
        wanted = [[str(word) for word in args], str(cwd or Path.cwd()), dict(os.environ if env is None else env)]
        with _adopting():
            socket.send_fds(_server(), [json.dumps(wanted).encode()], ends)
            self.pid = int(_server().recv(20))
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]


@contextmanager
def _adopting() -> Iterator[None]:
    """Become the parent of the processes below this one whose own parents end meanwhile."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@cache
def _server() -> socket.socket:
    """Start what commands are forked from, which ends with this process."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with there:
        server = subprocess.Popen([sys.executable, "-P", __file__], stdin=there)

    def end() -> None:
        here.close()
        server.wait()

    atexit.register(end)
    return here


def _serve() -> None:
    """Fork commands until nobody asks any more; returns in each of them."""
    asking = socket.socket(fileno=os.dup(0))
    while wanted := socket.recv_fds(asking, MOST, 3):
        message, ends = wanted[:2]
        if not message:
            os._exit(0)
        words, folder, environment = json.loads(message)
        if "ANTHROPIC_API_KEY" in environment:
            _load(ASKING)
        if words[0] == "lsp":
            _load(EDITING)
        told, telling = os.pipe()
        if (between := os.fork()) == 0:
            if (child := os.fork()) == 0:
                _become(ends, words, folder, environment)
                return
            os.write(telling, b"%d" % child)
            os._exit(0)
        os.waitpid(between, 0)  # from here on the command is a child of who asks
        asking.send(os.read(told, 20))
        for descriptor in (told, telling, *ends):
            os.close(descriptor)


def _load(names: Sequence[str]) -> None:
    for name in names:
        import_module(name)


def _become(ends: Sequence[int], words: Sequence[str], folder: str, environment: Mapping[str, str]) -> None:
    """Make of this process what it would be had it been started anew."""
    for usual, descriptor in enumerate(ends):
        os.dup2(descriptor, usual)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["weft", *words]
    # New ones: those that there are know of the files that these were whether one can seek in them.
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False, buffering=1 if os.isatty(1) else -1)
    sys.stderr = os.fdopen(2, "w", closefd=False, buffering=1, errors="backslashreplace")


if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have it ignored, as `nohup` does
    _load(IMPORTED)
    _serve()
    from weft.runtime.cli import main

    sys.exit(main())
