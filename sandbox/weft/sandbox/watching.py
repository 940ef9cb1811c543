"""Watching a command and all that it starts: what they take together, when they are to end, and that they do.

Where they are alone in a namespace of processes none can hide; elsewhere whoever watches is the parent of every one
whose own has gone, which `contained` has seen to.
"""

from __future__ import annotations

import os
import select
import signal
import time
from contextlib import suppress
from typing import Literal, NamedTuple

__all__ = ["Most", "Reason", "threads_of", "watch"]

Reason = Literal[
    "time",  # it took too long
    "memory",  # its processes took too much together
    "processes",  # there were too many of them
    "disk",  # it left hardly any room to write to
    "unwanted",  # nobody waits for it any more
]

PAUSE = 0.05
"""Seconds between two looks."""

GRACE = 1.0
"""Seconds between the request to end and the end."""

LITTLE_ROOM, MUCH_WRITTEN = 256 * 1024**2, 32 * 1024**2
"""Bytes that are to be left on a disk, for all who write to it, and how much less that must be than it was before."""

SMALLEST = 4096
"""Bytes that a file takes, however small it is."""

PAGE = os.sysconf("SC_PAGE_SIZE")


class Most(NamedTuple):
    """What a command and all that it starts may take together."""

    seconds: float
    memory_bytes: int
    processes: int
    folder: str
    """On whose disk it writes."""


def watch(child: int, most: Most, *, alone: bool) -> tuple[int | None, Reason | None, int]:
    """Wait for a command, and end it where it must be, with all that it has started.

    Standard input tells, by its end, that nobody wants it any more.

    Args:
        child: Its process.
        most: What it may take.
        alone: Whether all processes there are, besides this one, are its own.

    Returns:
        How it ended, as `os.waitstatus_to_exitcode` says; why it was ended; how many processes it left.
    """
    waking, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    deadline, room = time.monotonic() + most.seconds, _room(most.folder)
    status, reason = None, None
    while status is None and reason is None:
        ready, _, _ = select.select([0, waking], [], [], PAUSE)
        with suppress(BlockingIOError):
            os.read(waking, 4096)
        unwanted = 0 in ready and not os.read(0, 4096)
        status = _reaped(child)
        if status is None:
            reason = "unwanted" if unwanted else _too_much(most, deadline, room, alone)
    if reason == "time":
        status = _asked_to_end(child, alone)
    left = 0 if reason else len(_living(alone))
    return _end_all(child, status, alone), reason, left


def _pipe() -> tuple[int, int]:
    both = os.pipe()
    for end in both:
        os.set_blocking(end, False)
    return both


def _too_much(most: Most, deadline: float, room: int, alone: bool) -> Reason | None:
    """Return of what it takes too much, if it does."""
    if time.monotonic() > deadline:
        return "time"
    if (left := _room(most.folder)) < LITTLE_ROOM and left < room - MUCH_WRITTEN:
        return "disk"
    living = _living(alone)
    if len(living) > most.processes:
        return "processes"
    return "memory" if sum(map(_memory, living)) > most.memory_bytes else None


def _room(folder: str) -> int:
    """Return how many bytes can be written to the disk of a folder: in as many files as it has room for, each small."""
    try:
        disk = os.statvfs(folder)
    except OSError:  # it has removed it
        return LITTLE_ROOM
    room = disk.f_bavail * disk.f_frsize
    return min(room, disk.f_favail * SMALLEST) if disk.f_files else room


def _asked_to_end(child: int, alone: bool) -> int | None:
    """Ask a command to end, and return how it did, if it did soon."""
    for process in _living(alone):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGTERM)
    until, status = time.monotonic() + GRACE, None
    while status is None and time.monotonic() < until:
        select.select([], [], [], PAUSE)
        status = _reaped(child)
    return status


def _end_all(child: int, status: int | None, alone: bool) -> int | None:
    """End all there is, also what is started meanwhile, and return how the command ended.

    It goes on until nothing is left: whoever starts processes faster than they can be counted is not let go of.
    """
    while True:
        _kill(alone)
        ended = _reaped(child)
        status = ended if status is None else status
        if not _has_children():
            return status
        select.select([], [], [], PAUSE / 50)


def _kill(alone: bool) -> None:
    if alone:
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)  # all at once, so that none can be born meanwhile
        return
    living = _living(alone)
    for group in set(living.values()) - {os.getpgrp()}:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)  # all at once, too
    for process in living:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _reaped(child: int) -> int | None:
    """Return how a command ended, if it has; take note of all others that have."""
    with suppress(ChildProcessError):
        while True:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == child:
                return os.waitstatus_to_exitcode(status)
            if process == 0:
                break
    return None


def threads_of(user: int) -> int:
    """Return how many threads a user has on this machine."""
    count = 0
    for process in _processes():
        with suppress(OSError, ValueError, IndexError):
            if os.stat(f"/proc/{process}").st_uid == user:
                count += len(os.listdir(f"/proc/{process}/task"))
    return count


def _living(alone: bool) -> dict[int, int]:
    """Return the processes of a command, each with its group."""
    known = {process: family for process in _processes() if (family := _family(process)) is not None}
    known.pop(os.getpid(), None)
    if alone:
        return {process: group for process, (_, group) in known.items()}
    children: dict[int, list[int]] = {}
    for process, (parent, _) in known.items():
        children.setdefault(parent, []).append(process)
    found: dict[int, int] = {}
    waiting = [os.getpid()]
    while waiting:
        for process in children.get(waiting.pop(), ()):
            found[process] = known[process][1]
            waiting.append(process)
    return found


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()] if os.path.isdir("/proc/self") else []


def _family(process: int) -> tuple[int, int] | None:
    """Return the parent and the group of a process; `None` of one that has ended."""
    with suppress(OSError, ValueError, IndexError), open(f"/proc/{process}/stat", "rb") as file:
        state, parent, group = file.read().rpartition(b")")[2].split()[:3]
        return None if state in (b"Z", b"X") else (int(parent), int(group))
    return None


def _memory(process: int) -> int:
    """Return the bytes that a process has for itself."""
    with suppress(OSError, ValueError, IndexError), open(f"/proc/{process}/statm", "rb") as file:
        _, resident, shared = file.read().split()[:3]
        return (int(resident) - int(shared)) * PAGE
    return 0
