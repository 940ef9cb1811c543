"""The program that executes somebody else's agent: not contained, but within its time, and ended with all it starts.

It is told what to do by a line of JSON on its standard input, whose end means that nobody wants it any more. What the
agent writes goes where this program would write; how it ended is told on a descriptor of its own, as a line of JSON.
A command of an agent of ours is `contained`; this one is a person's own program, which needs their files and keys.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import IO

from weft.sandbox.contained import Ended
from weft.sandbox.watching import Most, watch

if sys.platform == "linux":
    from weft.sandbox import system

__all__ = ["Attended", "main"]

MOST_MEMORY, MOST_PROCESSES = 64 * 1024**3, 4096
"""Far beyond what an agent takes: who goes there takes the whole machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """What is to be executed."""

    words: list[str]
    folder: str
    """Where."""
    given: str
    """What it reads from its standard input."""
    environment: dict[str, str]
    seconds: float
    report: int
    """The descriptor on which is told how it ended."""


def main() -> None:
    """Execute what standard input tells, and tell how it ended."""
    line = _line()
    if not line:
        return
    attended = Attended(**json.loads(line))
    os.set_inheritable(attended.report, False)
    if sys.platform == "linux":
        system.adopt_orphans()
    os.write(attended.report, json.dumps(asdict(_executed(attended))).encode() + b"\n")


def _line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        read = os.read(0, 65536)
        if not read:
            return b""
        line += read
    return line


def _executed(attended: Attended) -> Ended:
    """Start it, and watch it to its end."""
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as given:
        given.write(attended.given.encode("utf-8", "replace"))
        given.seek(0)
        child = os.fork()
        if child == 0:
            try:
                _become(attended, given)
            except (OSError, ValueError) as error:
                os.write(writing, str(error).encode("utf-8", "replace"))
            os._exit(127)
    os.close(writing)
    most = Most(attended.seconds, MOST_MEMORY, MOST_PROCESSES, attended.folder)
    status, reason, left = watch(child, most, alone=False)
    with os.fdopen(reading, "rb") as report:
        problem = report.read().decode("utf-8", "replace")
    return Ended(problem=problem) if problem else Ended(status=status, reason=reason, left=left)


def _become(attended: Attended, given: IO[bytes]) -> None:
    """Be it.

    Raises:
        OSError, ValueError: there is no such program or folder.
    """
    os.setsid()
    if sys.platform == "linux":
        system.die_with_parent()
    os.dup2(given.fileno(), 0)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGCHLD):
        with suppress(ValueError):
            signal.signal(number, signal.SIG_DFL)
    os.chdir(attended.folder)
    os.execvpe(attended.words[0], attended.words, attended.environment)
