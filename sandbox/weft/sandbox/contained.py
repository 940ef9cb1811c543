"""The program that executes one command of an agent: contained, within limits, and with all that it starts.

It is told what to do by a line of JSON on its standard input, whose end means that nobody wants the command any more.
What the command writes goes to standard output; standard error tells how it ended, as a line of JSON.

    namespaces   no other process to be seen, no network, and no file but those that are shown
    landlock     no file but those, a second time, and no signal to others
    seccomp      no socket, where the network is not a namespace of its own
    limits       memory, processes, file size, time; counted for the whole tree of processes
"""

from __future__ import annotations

import json
import os
import platform
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NoReturn

from weft.sandbox.files import remove_tree
from weft.sandbox.limiting import limit
from weft.sandbox.repositories import Repositories
from weft.sandbox.watching import Most, Reason, threads_of, watch

if sys.platform == "linux":
    from weft.sandbox import namespaces, system

__all__ = ["Command", "Ended", "given_line", "main"]

SETTLED = b"settled\n"
"""Said once the namespaces hold, before anything is executed in them."""

DEVICES = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty"))

Wall = Literal["files", "network", "processes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What is to be executed, and within what."""

    words: list[str]
    folder: str
    """Where."""
    readable: list[str]
    writable: list[str]
    """The first is the folder that it is about."""
    guarded: list[str]
    """What of the writable may not be changed, where namespaces hold."""
    kept: list[str] = field(default_factory=list)
    """What of the writable may not be changed, whatever holds: it is executed by others."""
    hidden: list[str] = field(default_factory=list)
    """What of all these is not shown, not even to be read: empty where namespaces hold, elsewhere refused."""
    instead: dict[str, str] = field(default_factory=dict)
    """What some files say in place of what they do, where namespaces hold."""
    files: bool = False
    """Whether all files are granted."""
    network: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    seconds: float = 120.0
    memory_bytes: int = 2 * 1024**3
    """Of all its processes together."""
    file_bytes: int = 1024**3
    """Of one file that it writes, and of what it writes to its temporary folder."""
    processes: int = 256


@dataclass(slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    walls: list[Wall] = field(default_factory=list)
    """What of its surroundings it was kept from."""
    status: int | None = None
    """What `os.waitstatus_to_exitcode` says; `None` where it was not started."""
    reason: Reason | None = None
    """Why it was ended."""
    left: int = 0
    """How many of its processes had to be ended with it."""
    undone: list[str] = field(default_factory=list)
    """What it had made that git would have gone by, and that was taken back."""
    problem: str | None = None
    """Why it was not started."""


class NotHeldError(Exception):
    """A wall that must stand does not."""


def main() -> None:
    """Execute the command that standard input tells, and tell how it ended."""
    told = os.dup(2)
    line = given_line()
    if not line:
        return
    command = Command(**json.loads(line))
    os.dup2(1, 2)
    watched = command.writable[:1] if not command.files else []
    repositories = Repositories(watched[0], command.writable[1:]) if watched else None
    ended = (_in_namespaces(command) if sys.platform == "linux" else None) or _in_place(command)
    if repositories is not None:
        ended.undone = repositories.put_back(changed="processes" not in ended.walls)
    os.write(told, json.dumps(asdict(ended)).encode())


def given_line() -> bytes:
    """Return the one line that standard input has, once it is there; nothing where that ends before."""
    line = b""
    while not line.endswith(b"\n"):
        read = os.read(0, 65536)
        if not read:
            return b""
        line += read
    return line


def _in_namespaces(command: Command) -> Ended | None:
    """Execute it in namespaces of its own; `None` where the system does not let us have them, and nothing was done."""
    reading, writing = os.pipe()
    outer = os.fork()
    if outer == 0:
        _leaving(lambda: _first(command, writing))
    os.close(writing)
    with os.fdopen(reading, "rb") as report:
        said = report.read()
    os.waitpid(outer, 0)
    if not said.startswith(SETTLED):
        return None
    # Once it may have begun it is not executed a second time, whatever became of who watched it.
    told = said.removeprefix(SETTLED)
    return (
        Ended(**json.loads(told))
        if told
        else Ended(problem="whoever watched it was ended, and nobody knows how far it came")
    )


def _first(command: Command, report: int) -> None:
    """Become the parent of the first process of new namespaces, which executes the command and reports."""
    system.die_with_parent()
    namespaces.unshare(network=command.network)
    first = os.fork()
    if first == 0:
        _leaving(lambda: _inside(command, report))
    os.close(report)
    os.waitpid(first, 0)


def _inside(command: Command, report: int) -> None:
    system.die_with_parent()
    walls: list[Wall] = ["processes"]
    if command.files:
        namespaces.new_processes()
    else:
        machine = platform.machine()
        shown = dict.fromkeys(command.hidden, "") | command.instead
        guarded = [*command.guarded, *command.kept]
        namespaces.new_root(machine, command.readable, command.writable, guarded, shown, command.file_bytes)
        walls.append("files")
    if not command.network:
        namespaces.raise_loopback()
        walls.append("network")
    os.write(report, SETTLED)
    with _home() as home:
        ended = _executed(command, walls, home, alone=True)
    os.write(report, json.dumps(asdict(ended)).encode())


def _in_place(command: Command) -> Ended:
    """Execute it among the other processes of this machine."""
    if sys.platform == "linux":
        system.adopt_orphans()
    with _home() as home:
        return _executed(command, [], home, alone=False)


@contextmanager
def _home() -> Iterator[str]:
    """Make a folder that a command may write to, and that goes with it."""
    home = os.path.realpath(os.path.join(os.environ.get("TMPDIR", "/tmp"), f"weft-{os.urandom(8).hex()}"))
    os.mkdir(home, 0o700)
    try:
        yield home
    finally:
        remove_tree(home)


def _leaving(act: Callable[[], None]) -> NoReturn:
    """End this process when a function returns, or fails."""
    with suppress(OSError, KeyError):
        act()
    os._exit(0)


def _executed(command: Command, walls: list[Wall], home: str, *, alone: bool) -> Ended:
    """Start it, and watch it to its end.

    Args:
        command: What to start.
        walls: Those that stand already.
        home: A folder that it may write to, besides.
        alone: Whether there are no processes but those of the command.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _become(command, walls, home, writing, alone=alone)
        except (OSError, ValueError, NotHeldError) as error:
            _report(writing, {"problem": str(error)})
        os._exit(127)
    os.close(writing)
    most = Most(command.seconds, command.memory_bytes, command.processes, command.folder)
    watched = watch(child, most, alone=alone)
    with os.fdopen(reading, "rb") as report:
        said = {name: value for line in report for name, value in json.loads(line).items()}
    ended = Ended(**said)
    if ended.problem is None:
        ended.status, ended.reason, ended.left = watched
    return ended


def _report(report: int, said: dict[str, Any]) -> None:
    os.write(report, json.dumps(said).encode() + b"\n")


def _become(command: Command, walls: list[Wall], home: str, report: int, *, alone: bool) -> None:
    """Give up what the command is not to have, and be it.

    Raises:
        NotHeldError: a wall is missing.
        OSError, ValueError: the system refuses a limit, or there is no such program.
    """
    os.setsid()
    _limits(command, others=0 if alone else threads_of(os.getuid()))
    if sys.platform == "linux":
        system.die_with_parent()
        system.forbid_new_privileges()
        system.drop_capabilities()
        walls = [*walls, *_raised(command, home, alone=alone)]
    for wall, granted in (("files", command.files), ("network", command.network)):
        if not granted and wall not in walls:
            raise NotHeldError(f"this system has nothing to keep a command from {wall}")
    _report(report, {"walls": sorted(set(walls))})
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.chdir(command.folder)
    os.execvpe(command.words[0], command.words, {**command.environment, "HOME": home, "TMPDIR": home})


def _raised(command: Command, home: str, *, alone: bool) -> list[Wall]:
    """Raise the walls that stand without namespaces, and return which do."""
    stand: list[Wall] = []
    own = ["/tmp", "/dev/shm", "/dev/pts"] if alone else [home]
    with suppress(OSError):
        if command.files:
            system.allow_files([], ["/"])  # what others have in memory stays theirs all the same
        else:
            hidden = [] if alone else [path for path in command.hidden if not _below(path, command.guarded)]
            kept = [] if alone else command.kept
            system.allow_files([*command.readable, "/proc", "/dev"], [*command.writable, *own, *DEVICES], hidden, kept)
            stand.append("files")
    if not (alone or command.network) and platform.machine() in system.MACHINES:
        with suppress(OSError):
            system.refuse_sockets(platform.machine(), ())
            stand.append("network")
    return stand


def _below(path: str, others: list[str]) -> bool:
    return any(f"{path}/".startswith(f"{other}/") for other in others)


def _limits(command: Command, others: int) -> None:
    """Limit each of its processes; the user has so many threads already that count with its own."""
    for kind, most in (
        (resource.RLIMIT_DATA, command.memory_bytes),
        (resource.RLIMIT_CPU, int(command.seconds * (os.cpu_count() or 1)) + 1),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, command.file_bytes),
        (resource.RLIMIT_NOFILE, 4096),
        (resource.RLIMIT_NPROC, others + 4 * command.processes),  # of threads, too
    ):
        limit(kind, most)
    os.nice(5)  # so that whoever watches gets a turn
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("500")  # where memory is short, it goes before all else
