"""The few system calls of Linux that Python has no name for: Landlock, seccomp, process attributes. No policy is here.

Those of namespaces and mounts are in `namespaces`. Sources: landlock(7), seccomp(2), prctl(2), capabilities(7), the
kernel's `asm/unistd_64.h` for x86-64 and `asm-generic/unistd.h` for arm64.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

__all__ = [
    "MACHINES",
    "adopt_orphans",
    "allow_files",
    "allow_system_calls",
    "checked",
    "deny_files_and_sockets",
    "die_with_parent",
    "drop_capabilities",
    "forbid_new_privileges",
    "hide_from_debuggers",
    "libc",
    "refuse_sockets",
]

libc = ctypes.CDLL(None, use_errno=True)

_SET_PARENT_DEATH_SIGNAL, _SET_DUMPABLE, _SET_SECCOMP, _SET_NO_NEW_PRIVILEGES = 1, 4, 22, 38
_DROP_FROM_BOUNDS, _SET_SECURE_BITS, _SET_SUBREAPER, _AMBIENT = 24, 28, 36, 47
_ROOT_IS_NOBODY = 0b11
"""That user 0 gains nothing by executing a program, locked."""
_CAPABILITIES_VERSION = 0x20080522
_SIGKILL = 9

# ------------------------------------------------------------------------------------------------ Landlock

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
"""The same numbers on every architecture."""

_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All rights over files, by the version of Landlock that brought the last of them."""
_TCP_RIGHTS, _TCP_SINCE = 0b11, 4
_SCOPES, _SCOPES_SINCE = 0b11, 6
"""Abstract sockets and signals of processes outside."""
_EXECUTE, _WRITE, _READ, _LIST, _TRUNCATE, _IOCTL = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
_DEVICES = (1 << 6) | (1 << 11)
"""Making devices."""


def deny_files_and_sockets() -> int:
    """Deny this process, for good, every file, TCP connection, abstract socket and signal to others.

    Returns the version of Landlock that is in force; early ones cover files only.

    Raises:
        OSError: the system has no Landlock.
    """
    return _restrict((), tcp=True)


def allow_files(
    readable: Iterable[str], writable: Iterable[str], hidden: Iterable[str] = (), kept: Iterable[str] = ()
) -> int:
    """Deny this process, for good, every file but these and what is below them, and abstract sockets and signals.

    What is not there is left out. Returns the version of Landlock that is in force.

    Args:
        readable: What may be read and executed.
        writable: What may be changed, too.
        hidden: What of all that may not. A rule is for all that is below a folder, also for what is made there later:
            so a folder in which something is hidden can be listed, and nothing can be made in it nor taken away.
        kept: What of the writable may be read alone, with the same consequence.

    Raises:
        OSError: the system has no Landlock.
    """
    reading = _EXECUTE | _READ | _LIST
    rules = [*((path, reading) for path in readable), *((path, ~_DEVICES) for path in writable)]
    most = dict.fromkeys(kept, reading) | dict.fromkeys(hidden, 0)
    return _restrict((rule for path, rights in rules for rule in _opened(path, rights, most)), tcp=False)


def _opened(path: str, rights: int, most: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Open what a path stands for, with its rights: where less is granted below it, all that there is."""
    with suppress(OSError):
        yield from _each(os.open(path, os.O_PATH | os.O_CLOEXEC), path, rights, most)


def _each(opened: int, path: str, rights: int, most: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Yield what was opened, or what is in it, and close it. A link within is not followed: it may lead anywhere."""
    rights &= most.get(path, rights)
    try:
        if not any(one.startswith(f"{path}/") and rights & ~less for one, less in most.items()):
            yield opened, rights
            return
        yield opened, _LIST
        listed = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=opened)
        try:
            for name in os.listdir(listed):
                with suppress(OSError):
                    found = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=listed)
                    yield from _each(found, f"{path}/{name}", rights, most)
        finally:
            os.close(listed)
    finally:
        os.close(opened)


def _restrict(rules: Iterable[tuple[int, int]], *, tcp: bool) -> int:
    version = _system_call(_LANDLOCK_CREATE, None, 0, 1)
    files = _FILE_RIGHTS[max(known for known in _FILE_RIGHTS if known <= version)]
    handled = struct.pack(
        "QQQ", files, _TCP_RIGHTS if tcp and version >= _TCP_SINCE else 0, _SCOPES if version >= _SCOPES_SINCE else 0
    )
    size = 24 if version >= _SCOPES_SINCE else 16 if version >= _TCP_SINCE else 8
    rule_set = _system_call(_LANDLOCK_CREATE, handled[:size], size, 0)
    try:
        for opened, rights in rules:
            kind = os.fstat(opened).st_mode
            known = files if stat.S_ISDIR(kind) else files & (_EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL)
            if rights & known and not stat.S_ISLNK(kind):
                _system_call(_LANDLOCK_ADD, rule_set, 1, struct.pack("=Qi", rights & known, opened), 0)
        _system_call(_LANDLOCK_RESTRICT, rule_set, 0)
    finally:
        os.close(rule_set)
    return version


def _system_call(number: int, *args: bytes | int | None) -> int:
    values = [arg if isinstance(arg, bytes) or arg is None else ctypes.c_long(arg) for arg in args]
    return checked(libc.syscall(ctypes.c_long(number), *values))


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


def adopt_orphans() -> None:
    """Become the parent of every process below this one whose own has ended."""
    _prctl(_SET_SUBREAPER, 1)


def drop_capabilities() -> None:
    """Give up all that the superuser may do, for good, also for programs that are started."""
    _prctl(_AMBIENT, 4)
    with suppress(OSError):  # who never had any may not lock what they would be given
        _prctl(_SET_SECURE_BITS, _ROOT_IS_NOBODY)
        for capability in range(64):
            _prctl(_DROP_FROM_BOUNDS, capability)  # fails after the last there is
    header = struct.pack("Ii", _CAPABILITIES_VERSION, 0)
    checked(libc.capset(header, bytes(24)))


def _prctl(*args: int) -> None:
    padded = [*args, 0, 0, 0, 0][:5]
    checked(libc.prctl(*(ctypes.c_ulong(arg) for arg in padded)))


def checked(result: int) -> int:
    """Return what a system call returned.

    Raises:
        OSError: that says it failed.
    """
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
_SOCKET, _IO_URING = {"x86_64": 41, "aarch64": 198}, 425
_OTHER_NUMBERS = 0x40000000
"""From here on x86-64 counts its system calls a second time."""
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _REFUSE, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 32
_EXECUTABLE = 4
_REFUSED, _NOT_THERE = 13, 38  # EACCES, ENOSYS


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
    _filter(program)


def refuse_sockets(machine: str, families: Iterable[int]) -> None:
    """Refuse this process, for good, sockets of any family but these, and ways around that.

    Pairs of sockets, which lead nowhere else, stay. A program of another architecture is ended.

    Args:
        machine: One of `MACHINES`.
        families: Numbers of address families, of which 0 is none.

    Raises:
        OSError: the system has no seccomp filters.
    """
    program = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, _ARCHITECTURES[machine]), (_RETURN, 0, 0, _KILL)]
    program.append((_LOAD, 0, 0, _NUMBER))
    program += [(_AT_LEAST, 0, 1, _OTHER_NUMBERS), (_RETURN, 0, 0, _REFUSE | _NOT_THERE)]
    program += [(_EQUAL, 0, 1, _IO_URING), (_RETURN, 0, 0, _REFUSE | _NOT_THERE)]
    allowed = [*families]
    program += [(_EQUAL, 0, 2 * len(allowed) + 2, _SOCKET[machine]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    for family in allowed:
        program += [(_EQUAL, 0, 1, family), (_RETURN, 0, 0, _ALLOW)]
    program += [(_RETURN, 0, 0, _REFUSE | _REFUSED), (_RETURN, 0, 0, _ALLOW)]
    _filter(program)


def _filter(program: list[tuple[int, int, int, int]]) -> None:
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    pointer = ctypes.create_string_buffer(header)
    _prctl(_SET_SECCOMP, 2, ctypes.addressof(pointer))
