"""The few system calls of Linux that Python has no name for: Landlock, seccomp, process attributes. No policy is here.

Sources: landlock(7), seccomp(2), prctl(2), the kernel's `asm/unistd_64.h` for x86-64 and `asm-generic/unistd.h` for
arm64.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

__all__ = [
    "MACHINES",
    "allow_system_calls",
    "deny_files_and_sockets",
    "die_with_parent",
    "forbid_new_privileges",
    "hide_from_debuggers",
]

_libc = ctypes.CDLL(None, use_errno=True)

_SET_PARENT_DEATH_SIGNAL, _SET_DUMPABLE, _SET_SECCOMP, _SET_NO_NEW_PRIVILEGES = 1, 4, 22, 38
_SIGKILL = 9

# ------------------------------------------------------------------------------------------------ Landlock

_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
"""The same numbers on every architecture."""

_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All rights over files, by the version of Landlock that brought the last of them."""
_TCP_RIGHTS, _TCP_SINCE = 0b11, 4
_SCOPES, _SCOPES_SINCE = 0b11, 6
"""Abstract sockets and signals of processes outside."""


def deny_files_and_sockets() -> int:
    """Deny this process, for good, every file, TCP connection, abstract socket and signal to others.

    Returns the version of Landlock that is in force; early ones cover files only.

    Raises:
        OSError: the system has no Landlock.
    """
    version = _system_call(_LANDLOCK_CREATE, None, 0, 1)
    files = _FILE_RIGHTS[max(known for known in _FILE_RIGHTS if known <= version)]
    rules = struct.pack(
        "QQQ", files, _TCP_RIGHTS if version >= _TCP_SINCE else 0, _SCOPES if version >= _SCOPES_SINCE else 0
    )
    size = 24 if version >= _SCOPES_SINCE else 16 if version >= _TCP_SINCE else 8
    rule_set = _system_call(_LANDLOCK_CREATE, rules[:size], size, 0)
    try:
        _system_call(_LANDLOCK_RESTRICT, rule_set, 0)
    finally:
        os.close(rule_set)
    return version


def _system_call(number: int, *args: bytes | int | None) -> int:
    values = [arg if isinstance(arg, bytes) or arg is None else ctypes.c_long(arg) for arg in args]
    return _checked(_libc.syscall(ctypes.c_long(number), *values))


# ------------------------------------------------------------------------------------------------ process attributes


def forbid_new_privileges() -> None:
    """Give up gaining privileges by starting programs; Landlock and seccomp ask for it."""
    _prctl(_SET_NO_NEW_PRIVILEGES, 1)


def die_with_parent() -> None:
    """End this process when the thread that started it ends. To be called after the last change of user."""
    _prctl(_SET_PARENT_DEATH_SIGNAL, _SIGKILL)


def hide_from_debuggers() -> None:
    """Deny other processes of the same user to trace this one, and to read its memory."""
    _prctl(_SET_DUMPABLE, 0)


def _prctl(*args: int) -> None:
    padded = [*args, 0, 0, 0, 0][:5]
    _checked(_libc.prctl(*(ctypes.c_ulong(arg) for arg in padded)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)


# ------------------------------------------------------------------------------------------------ seccomp

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

MACHINES = tuple(_ARCHITECTURES)
"""The machines whose numbers of system calls are known."""

_SYSTEM_CALLS = {
    "x86_64": {
        "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "lseek": 8, "mmap": 9,
        "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
        "ioctl": 16, "access": 21, "sched_yield": 24, "mremap": 25, "madvise": 28, "setitimer": 38, "getpid": 39,
        "exit": 60, "getcwd": 79, "readlink": 89, "sigaltstack": 131, "gettid": 186, "futex": 202,
        "restart_syscall": 219, "clock_gettime": 228, "exit_group": 231, "tgkill": 234, "openat": 257,
        "newfstatat": 262, "readlinkat": 267, "faccessat": 269, "statx": 332, "faccessat2": 439,
    },
    "aarch64": {
        "getcwd": 17, "ioctl": 29, "faccessat": 48, "openat": 56, "close": 57, "lseek": 62, "read": 63, "write": 64,
        "readlinkat": 78, "newfstatat": 79, "fstat": 80, "exit": 93, "exit_group": 94, "futex": 98, "setitimer": 103,
        "clock_gettime": 113, "sched_yield": 124, "restart_syscall": 128, "tgkill": 131, "sigaltstack": 132,
        "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "getpid": 172, "gettid": 178, "brk": 214,
        "munmap": 215, "mremap": 216, "mmap": 222, "mprotect": 226, "madvise": 233, "statx": 291, "faccessat2": 439,
    },
}  # fmt: skip
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_KILL, _REFUSE, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 32
_EXECUTABLE = 4
_REFUSED = 13  # EACCES


def allow_system_calls(machine: str, allowed: Iterable[str], refused: Iterable[str]) -> None:
    """Deny this process, for good, every system call but these; any other ends it with SIGSYS.

    Memory can be asked for, not to be executed; a signal can be sent by this process to itself.

    Args:
        machine: One of `MACHINES`.
        allowed: Calls that are let through.
        refused: Calls that fail with EACCES, for the sake of code that tries and goes on.

    Raises:
        OSError: the system has no seccomp filters.
    """
    numbers = _SYSTEM_CALLS[machine]
    program = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, _ARCHITECTURES[machine]), (_RETURN, 0, 0, _KILL)]
    program.append((_LOAD, 0, 0, _NUMBER))
    for name in ("mmap", "mprotect"):
        program += [(_EQUAL, 0, 4, numbers[name]), (_LOAD, 0, 0, _THIRD_ARGUMENT)]
        program += [(_ANY_BIT, 0, 1, _EXECUTABLE), (_RETURN, 0, 0, _KILL), (_RETURN, 0, 0, _ALLOW)]
    program += [(_EQUAL, 0, 4, numbers["tgkill"]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    program += [(_EQUAL, 1, 0, os.getpid()), (_RETURN, 0, 0, _KILL), (_RETURN, 0, 0, _ALLOW)]
    for names, answer in ((allowed, _ALLOW), (refused, _REFUSE | _REFUSED)):
        for name in names:
            if name in numbers:  # arm64 has fewer of the old ones
                program += [(_EQUAL, 0, 1, numbers[name]), (_RETURN, 0, 0, answer)]
    program.append((_RETURN, 0, 0, _KILL))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    pointer = ctypes.create_string_buffer(header)
    _prctl(_SET_SECCOMP, 2, ctypes.addressof(pointer))
