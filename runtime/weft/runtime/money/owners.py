"""Whether a process that has set something aside is still there: it has a file locked for as long as it lives."""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path

__all__ = ["Owner", "gone"]


class Owner:
    """This process, to others."""

    def __init__(self, folder: Path) -> None:
        """Begin to be there.

        Raises:
            OSError: the file cannot be made.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._path = folder / self.name
        self._descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def leave(self) -> None:
        """Be no more."""
        with suppress(OSError):
            self._path.unlink()
        os.close(self._descriptor)


def gone(folder: Path, name: str) -> bool:
    """Whether a process is no more; its file is removed then. The system lets go of a lock when a process ends."""
    path = folder / name
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    except OSError:  # nobody can tell
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        with suppress(OSError):
            path.unlink()
        return True
    finally:
        os.close(descriptor)
