"""Cookies that outlive the server: whoever entered goes on when it is started again at the same place.

A ticket says when its holder entered, and is signed with a key that only this user can read. It holds for one port,
the same folders and the same rights, and for a week; then the address that the server prints has to be opened again.

~/.weft/serving.key     the key; without it all tickets are void
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import secrets
import stat
import time
from collections.abc import Iterable
from pathlib import Path

__all__ = ["LIFE_S", "Tickets", "kept_key"]

LOG = logging.getLogger(__name__)

LIFE_S = 7 * 24 * 3600
"""How long a ticket holds, whatever is done with it meanwhile: one that was stolen ends too."""
KEY_BYTES = 32
MOST_DIGITS = 12


class Tickets:
    """Gives out tickets, and knows its own."""

    def __init__(self, key: bytes, *, port: int, folders: Iterable[Path], read_only: bool) -> None:
        of = {"port": port, "folders": sorted(map(str, folders)), "read_only": read_only}
        self._key = hmac.digest(key, json.dumps(of, sort_keys=True).encode(), "sha256")

    def give(self) -> str:
        """Return a new ticket."""
        entered = str(int(time.time()))
        return f"{entered}.{self._signed(entered)}"

    def holds(self, ticket: str) -> bool:
        """Whether this is one of ours, and not too old."""
        entered, _, signed = ticket.partition(".")
        if not (entered.isascii() and entered.isdigit() and len(entered) <= MOST_DIGITS):
            return False
        ours = hmac.compare_digest(signed.encode("utf-8", "replace"), self._signed(entered).encode())
        return ours and abs(time.time() - int(entered)) < LIFE_S

    def _signed(self, entered: str) -> str:
        return hmac.digest(self._key, entered.encode(), "sha256").hex()


def kept_key(folder: Path) -> bytes:
    """Return the key that is kept in a folder of the user, and make it where there is none that only they can read.

    Where it cannot be kept, which is logged, the key is of this start alone.
    """
    path = folder / "serving.key"
    try:
        return _read(path) or _made(path)
    except OSError as error:
        LOG.warning("%s cannot be kept (%s): open pages end when the server ends", path, error)
        return secrets.token_bytes(KEY_BYTES)


def _read(path: Path) -> bytes | None:
    """Return the key of a file; nothing where others may know it, or it is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
        key = file.read(KEY_BYTES + 1) if ours else b""
    return key if len(key) == KEY_BYTES else None


def _made(path: Path) -> bytes:
    """Put a new key in place of whatever is there, and return the one that is there then."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    key = secrets.token_bytes(KEY_BYTES)
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(key)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return _read(path) or key  # another server may have been faster
