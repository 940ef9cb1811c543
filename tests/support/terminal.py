"""The `weft` command on a terminal of a certain size, and what it prints there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import termios
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from command import WEFT, environment

__all__ = ["ESCAPE", "on_terminal"]

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def on_terminal(
    folder: Path,
    *words: str,
    columns: int = 80,
    rows: int = 40,
    typed: Sequence[tuple[str, str]] = (),
    background: bool = False,
    job: bool = False,
    by_line: list[bool] | None = None,
    **more: str,
) -> str:
    """Run `weft WORDS` on a terminal, and return all that it printed, escapes included.

    Args:
        folder: Where it is run.
        words: What it is given.
        columns: How wide the terminal is.
        rows: How high it is.
        typed: What somebody types, each after something else has been printed.
        background: Whether it is there where a shell puts what ends with `&`.
        job: Whether it is a job of a shell, which says `stopped` when it is, and lets it go on.
        by_line: Told before each thing that is typed, and at the end, whether the terminal hands over whole lines.
        more: Variables of its environment.
    """
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        own = {name: value for name, value in environment().items() if name not in ("NO_COLOR", "COLUMNS")}
        os.chdir(folder)
        if background and (behind := os.fork()):
            os._exit(os.waitpid(behind, os.WUNTRACED)[1] and 1)
        elif background:
            os.setpgid(0, 0)
        if job and (behind := os.fork()):
            _attend(behind)
        elif job:
            os.setpgid(0, 0)
        os.execve(WEFT, [WEFT, *words], {**own, "TERM": "xterm-256color", **more})
    printed, left = b"", list(typed)
    modes = [] if by_line is None else by_line
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says so where the other end is closed
            break
        if not part:
            break
        printed += part
        if left and left[0][0] in ESCAPE.sub("", printed.decode(errors="replace")):
            modes.append(hands_over_lines(terminal))
            os.write(terminal, left.pop(0)[1].encode())
    modes.append(hands_over_lines(terminal))
    os.waitpid(child, 0)
    os.close(terminal)
    return printed.decode().replace("\r\n", "\n")


def hands_over_lines(terminal: int) -> bool:
    """Whether what is typed at a terminal is shown, and handed over by the line."""
    flags: int = termios.tcgetattr(terminal)[3]
    return flags & (termios.ICANON | termios.ECHO) == termios.ICANON | termios.ECHO


def _attend(job: int) -> NoReturn:
    """Be the shell of a job that has the terminal: let it go on whenever it is stopped, and end with it."""
    os.setpgid(job, job)
    os.tcsetpgrp(0, job)
    while True:
        status = os.waitpid(job, os.WUNTRACED)[1]
        if not os.WIFSTOPPED(status):
            os._exit(0)
        os.write(1, b"stopped, by line\n" if hands_over_lines(0) else b"stopped, by key\n")
        os.kill(job, signal.SIGCONT)
