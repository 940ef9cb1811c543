"""The `weft` command on a terminal of a certain size, and what it prints there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios
from collections.abc import Sequence
from pathlib import Path

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
        os.execve(WEFT, [WEFT, *words], {**own, "TERM": "xterm-256color", **more})
    printed, left = b"", list(typed)
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says so where the other end is closed
            break
        if not part:
            break
        printed += part
        if left and left[0][0].encode() in printed:
            os.write(terminal, left.pop(0)[1].encode())
    os.waitpid(child, 0)
    os.close(terminal)
    return printed.decode().replace("\r\n", "\n")
