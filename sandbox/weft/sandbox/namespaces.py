"""Namespaces of Linux: a process that sees no other process, no network, and of the files only what it is shown.

They need no privileges, but not every system lets everybody have them. Sources: namespaces(7), user_namespaces(7),
mount(2), mount_setattr(2), pivot_root(2), netdevice(7).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress

from weft.sandbox.system import checked, libc

__all__ = ["new_processes", "new_root", "raise_loopback", "unshare"]

_MOUNTS, _NAMES, _IPC, _USERS, _PROCESSES, _NETWORK = (
    0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
_NO_SETUID, _NO_DEVICES, _NO_PROGRAMS, _BIND, _RECURSIVE, _PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
_MOUNT_SETATTR = 442
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_AT_HERE, _AT_RECURSIVE, _DETACH = -100, 0x8000, 2
_READ_ONLY = 1
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}


def unshare(*, network: bool) -> None:
    """Leave the namespaces of the host, as the same user; the next child is the first process of its own.

    Args:
        network: Whether the network is kept.

    Raises:
        OSError: the system does not let us.
    """
    user, group = os.geteuid(), os.getegid()
    kinds = _MOUNTS | _PROCESSES | _IPC | _NAMES | (0 if network else _NETWORK)
    try:
        checked(libc.unshare(kinds | _USERS))
    except OSError:
        checked(libc.unshare(kinds))  # which the superuser may do also where users have no namespaces
    else:
        for name, said in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(said)
    _mount(None, "/", None, _RECURSIVE | _PRIVATE)


def raise_loopback() -> None:
    """Let processes reach each other, where there is no other network.

    Raises:
        OSError: the system does not let us.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        said = fcntl.ioctl(plain, _GET_FLAGS, struct.pack("16sH14x", b"lo", 0))
        (flags,) = struct.unpack_from("H", said, 16)
        fcntl.ioctl(plain, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))


def new_root(
    machine: str,
    readable: Iterable[str],
    writable: Iterable[str],
    guarded: Iterable[str],
    instead: Mapping[str, str],
    scratch_bytes: int,
) -> None:
    """See these files from here on, and none else, besides empty folders to write to and the processes there are.

    To be called by the first process of its namespace. What is not there is left out.

    Args:
        machine: One of `weft.sandbox.system.MACHINES`.
        readable: What may be read.
        writable: What may be changed, too.
        guarded: What of that may not be changed all the same, nor be moved away.
        instead: What of all that says something else: files, and folders, which are empty.
        scratch_bytes: How much may be written to `/tmp`.

    Raises:
        OSError: the system does not let us.
    """
    new = "/tmp"  # any folder that is there everywhere
    shown = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in [*readable, *writable] if os.path.exists(path)}
    _mount("tmpfs", new, "tmpfs", _NO_SETUID | _NO_DEVICES, "mode=755")
    for folder, said in (
        ("/tmp", f"size={scratch_bytes}"),
        ("/dev", "mode=755"),
        ("/dev/shm", f"size={scratch_bytes}"),
    ):
        os.mkdir(new + folder)
        _mount("tmpfs", new + folder, "tmpfs", _NO_SETUID | _NO_DEVICES, said)
    _devices(new)
    may_change = set(writable)
    for path in sorted(shown, key=lambda path: path.count("/")):
        _show(shown[path], path, new, read_only=path not in may_change)
    for path in guarded:
        _guard(path, new, may_change)
    _exchange(instead, new, scratch_bytes)
    os.mkdir(new + "/proc")
    new_processes(new + "/proc")
    _protect(new + "/dev", _READ_ONLY, deep=False)
    _protect(new, _READ_ONLY, deep=False)
    _enter(machine, new)


def new_processes(where: str = "/proc") -> None:
    """See the processes of one's own namespace, and none else.

    Raises:
        OSError: the system does not let us.
    """
    _mount("proc", where, "proc", _NO_SETUID | _NO_DEVICES | _NO_PROGRAMS)


def _show(opened: int, path: str, new: str, *, read_only: bool) -> None:
    """Show what was opened under its own path below a new root."""
    source, target = f"/proc/self/fd/{opened}", new + path
    seen = os.path.lexists(target)
    if not seen:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.isdir(source):
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    if not (seen and read_only):
        _mount(source, target, None, _BIND | _RECURSIVE)
        _protect(target, _READ_ONLY if read_only else 0)
    os.close(opened)


def _guard(path: str, new: str, may_change: set[str]) -> None:
    """Let a path not be changed, nor be moved away with a folder that it is in: what is a mount stays where it is."""
    above = next((folder for folder in may_change if path.startswith(f"{folder}/")), None)
    if above is None:
        return
    parts, there = path.removeprefix(f"{above}/").split("/"), above
    for part in parts:
        there = f"{there}/{part}"
        if os.path.islink(new + there) or not os.path.exists(new + there):
            return
        if not os.path.ismount(new + there):
            _mount(new + there, new + there, None, _BIND | _RECURSIVE)
    _protect(new + path, _READ_ONLY)


def _exchange(texts: Mapping[str, str], new: str, scratch_bytes: int) -> None:
    """Let files say these texts, and folders be empty; what is written there goes with the command."""
    scratch = new + "/.scratch"
    os.mkdir(scratch)
    _mount("tmpfs", scratch, "tmpfs", _NO_SETUID | _NO_DEVICES, f"mode=755,size={scratch_bytes}")
    for number, (path, text) in enumerate(texts.items()):
        place = new + path
        if os.path.islink(place) or not os.path.exists(place):
            continue
        folder, source = os.path.isdir(place), f"{scratch}/{number}"
        if folder:
            os.mkdir(source)
        else:
            with open(source, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
        _mount(source, place, None, _BIND)
        _protect(place, 0 if folder else _READ_ONLY)
    checked(libc.umount2(os.fsencode(scratch), _DETACH))
    os.rmdir(scratch)


def _devices(new: str) -> None:
    """Show the devices that hold nothing, and make the links that programs look for."""
    for name in _DEVICES:
        os.close(os.open(f"{new}/dev/{name}", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        _mount(f"/dev/{name}", f"{new}/dev/{name}", None, _BIND)
    for name, target in _LINKS.items():
        os.symlink(target, f"{new}/dev/{name}")
    with suppress(OSError):  # a terminal to be opened is seldom wanted
        os.mkdir(f"{new}/dev/pts")
        _mount("devpts", f"{new}/dev/pts", "devpts", _NO_SETUID | _NO_PROGRAMS, "newinstance,ptmxmode=0666,mode=620")
        os.symlink("pts/ptmx", f"{new}/dev/ptmx")


def _enter(machine: str, new: str) -> None:
    """Make a folder the root, and let go of the old one."""
    os.chdir(new)
    checked(libc.syscall(ctypes.c_long(_PIVOT_ROOT[machine]), b".", b"."))
    checked(libc.umount2(b".", _DETACH))
    os.chdir("/")


def _protect(path: str, flags: int, *, deep: bool = True) -> None:
    """Let a mount, and those below it, have no devices and no programs of other users; as flags say, no changes."""
    wanted = struct.pack("QQQQ", flags | _NO_SETUID | (_NO_DEVICES if deep else 0), 0, 0, 0)
    where = ctypes.c_long(_AT_HERE)
    how = ctypes.c_long(_AT_RECURSIVE if deep else 0)
    checked(libc.syscall(ctypes.c_long(_MOUNT_SETATTR), where, os.fsencode(path), how, wanted, ctypes.c_long(32)))


def _mount(source: str | None, target: str, kind: str | None, flags: int, said: str | None = None) -> None:
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, said)]
    checked(libc.mount(*texts[:3], ctypes.c_ulong(flags), texts[3]))
