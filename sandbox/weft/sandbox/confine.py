"""What the operating system denies the child, whatever happens in it. What the language denies is `policy`.

Three walls overlap, so that each may be missing on some system, and is tested alone:

    limits     no descriptor to be had, so no file, socket or pipe; no process; bounded memory, CPU time and file size
    landlock   no file, no TCP, no signal or abstract socket to others (Linux 5.13 and later)
    seccomp    no system call beyond memory, time and the two open pipes; any other ends the process (Linux)

The limits must hold, or the child ends. The other two hold where the system has them; the host is told which do and
says so. Namespaces would add nothing: without descriptors there is no network to be cut off from.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
from collections.abc import Callable, Iterable

from weft.sandbox.limiting import limit
from weft.sandbox.protocol import WALLS, Limits, Wall

if sys.platform == "linux":
    from weft.sandbox import system

__all__ = ["confine"]

NOBODY = 65534
"""The user and group that own nothing, used when the host runs as root, for whom limits on processes do not bind."""

TOTAL_CPU_SECONDS = 600
"""CPU time of a whole run; a burst between two awaits is limited by timers in `child`."""

_ALLOWED = """
    read write close fstat lseek munmap brk mremap madvise rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack futex
    clock_gettime getpid gettid sched_yield restart_syscall setitimer exit exit_group
"""
_TRIED = """
    open openat stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getcwd ioctl
"""
"""What Python itself tries now and then, for example for a codec it has not loaded, and can do without."""


def confine(limits: Limits, walls: Iterable[Wall] = WALLS) -> tuple[Wall, ...]:
    """Give up, for good, everything the child does not need. All it will ever import must be imported before.

    Returns those of the walls that stand.

    Raises:
        OSError, ValueError: the system refuses a limit; the child must not go on.
    """
    os.chdir("/")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if sys.platform == "linux":
        system.die_with_parent()
        system.hide_from_debuggers()
        system.forbid_new_privileges()
    # Landlock needs a descriptor, so it comes before the limits; after seccomp there is no more to give up.
    raised: dict[Wall, Callable[[Limits], bool]] = {"landlock": _landlock, "limits": _limits, "seccomp": _seccomp}
    return tuple(wall for wall, raise_wall in raised.items() if wall in walls and raise_wall(limits))


def _limits(limits: Limits) -> bool:
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, TOTAL_CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        limit(kind, most)
    return True


def _landlock(_: Limits) -> bool:
    if sys.platform != "linux":
        return False
    try:
        system.deny_files_and_sockets()
    except OSError:
        return False
    return True


def _seccomp(_: Limits) -> bool:
    machine = platform.machine()
    if sys.platform != "linux" or machine not in system.MACHINES:
        return False
    try:
        system.allow_system_calls(machine, _ALLOWED.split(), _TRIED.split())
    except OSError:
        return False
    return True
