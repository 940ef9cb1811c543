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
from contextlib import suppress
from dataclasses import asdict, dataclass

from weft.sandbox.contained import Ended, given_line
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
    line = given_line()
    if not line:
        return
    attended = Attended(**json.loads(line))
    os.set_inheritable(attended.report, False)
    if sys.platform == "linux":
        system.adopt_orphans()
    os.write(attended.report, json.dumps(asdict(_executed(attended))).encode() + b"\n")


def _executed(attended: Attended) -> Ended:
    """Start it, and watch it to its end."""
    reading, writing = os.pipe()
    given = _file(attended.given)
    child = os.fork()
    if child == 0:
        try:
            _become(attended, given)
        except (OSError, ValueError) as error:
            os.write(writing, str(error).encode("utf-8", "replace"))
        os._exit(127)
    os.close(writing)
    os.close(given)
    most = Most(attended.seconds, MOST_MEMORY, MOST_PROCESSES, attended.folder)
    status, reason, left = watch(child, most, alone=False)
    with os.fdopen(reading, "rb") as report:
        problem = report.read().decode("utf-8", "replace")
    return Ended(problem=problem) if problem else Ended(status=status, reason=reason, left=left)


def _file(text: str) -> int:
    """Return a file without a name that has this text. `tempfile` would take as long to load as all else."""
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"weft-{os.urandom(8).hex()}")
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.unlink(path)
    with open(file, "wb", closefd=False) as writing:
        writing.write(text.encode("utf-8", "replace"))
    os.lseek(file, 0, os.SEEK_SET)
    return file


def _become(attended: Attended, given: int) -> None:
    """Be it.

    Raises:
        OSError, ValueError: there is no such program or folder.
    """
    os.setsid()
    if sys.platform == "linux":
        system.die_with_parent()
    os.dup2(given, 0)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGCHLD):
        with suppress(ValueError):
            signal.signal(number, signal.SIG_DFL)
    os.chdir(attended.folder)
    os.execvpe(attended.words[0], attended.words, attended.environment)
