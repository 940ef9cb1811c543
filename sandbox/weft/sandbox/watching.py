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
from typing import Literal

__all__ = ["Reason", "watch"]

Reason = Literal[
    "time",  # it took too long
    "memory",  # its processes took too much together
    "processes",  # there were too many of them
    "unwanted",  # nobody waits for it any more
]

PAUSE = 0.05
"""Seconds between two looks."""

GRACE = 2.0
"""Seconds between the request to end and the end."""

ENDING = 10.0
"""Seconds after which one that the system does not let go of, as where a disk does not answer, is left to it."""

PAGE = os.sysconf("SC_PAGE_SIZE")


def watch(
    child: int, seconds: float, memory_bytes: int, processes: int, *, alone: bool
) -> tuple[int | None, Reason | None, int]:
    """Wait for a command, and end it where it must be, with all that it has started.

    Standard input tells, by its end, that nobody wants it any more.

    Args:
        child: Its process.
        seconds: How long it may take.
        memory_bytes: What its processes may take together.
        processes: How many there may be.
        alone: Whether all processes there are, besides this one, are its own.

    Returns:
        How it ended, as `os.waitstatus_to_exitcode` says; why it was ended; how many processes it left.
    """
    waking, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    deadline = time.monotonic() + seconds
    status, reason = None, None
    while status is None:
        ready, _, _ = select.select([0, waking], [], [], PAUSE)
        with suppress(BlockingIOError):
            os.read(waking, 4096)
        status = _reaped(child)
        unwanted = 0 in ready and not os.read(0, 4096)
        reason = None if status is not None else _reason(unwanted, deadline, memory_bytes, processes, alone)
        if reason is not None:
            status = _ended(child, gently=reason == "time", alone=alone)
            break
    left = len(_living(alone))
    _end_all(alone)
    return status, reason, left


def _pipe() -> tuple[int, int]:
    both = os.pipe()
    for end in both:
        os.set_blocking(end, False)
    return both


def _reason(unwanted: bool, deadline: float, memory_bytes: int, processes: int, alone: bool) -> Reason | None:
    """Return why it is to end, if it is."""
    if unwanted:
        return "unwanted"
    if time.monotonic() > deadline:
        return "time"
    living = _living(alone)
    if len(living) > processes:
        return "processes"
    return "memory" if sum(map(_memory, living)) > memory_bytes else None


def _ended(child: int, *, gently: bool, alone: bool) -> int | None:
    """End a command, and return how it ended; gently, it is asked to first."""
    if gently:
        for process in _living(alone):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
        until = time.monotonic() + GRACE
        while time.monotonic() < until:
            status = _reaped(child)
            if status is not None:
                return status
            select.select([], [], [], PAUSE)
    _kill(alone)
    until = time.monotonic() + ENDING
    while time.monotonic() < until:
        status = _reaped(child)
        if status is not None:
            return status
        select.select([], [], [], PAUSE / 10)
    return None


def _end_all(alone: bool) -> None:
    """End what is left, also what it starts meanwhile."""
    until = time.monotonic() + ENDING
    while time.monotonic() < until:
        _kill(alone)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            select.select([], [], [], PAUSE / 10)
            continue
        return


def _kill(alone: bool) -> None:
    if alone:
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)  # all at once, so that none can be born meanwhile
        return
    for process in _living(alone):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


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


def _living(alone: bool) -> list[int]:
    """Return the processes of a command."""
    parents = {process: parent for process, parent in map(_parent, _processes()) if parent is not None}
    if alone:
        return [process for process in parents if process != os.getpid()]
    found, seen = [], {os.getpid()}
    while more := [process for process, parent in parents.items() if parent in seen and process not in seen]:
        seen.update(more)
        found += more
    return found


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()] if os.path.isdir("/proc/self") else []


def _parent(process: int) -> tuple[int, int | None]:
    """Return a process with its parent; none for one that has ended."""
    with suppress(OSError, ValueError, IndexError), open(f"/proc/{process}/stat", "rb") as file:
        state, parent = file.read().rpartition(b")")[2].split()[:2]
        return process, None if state in (b"Z", b"X") else int(parent)
    return process, None


def _memory(process: int) -> int:
    """Return the bytes that a process has for itself."""
    with suppress(OSError, ValueError, IndexError), open(f"/proc/{process}/statm", "rb") as file:
        _, resident, shared = file.read().split()[:3]
        return (int(resident) - int(shared)) * PAGE
    return 0
