"""Files as the project handles them: written whole or not at all, read only if regular, named as people would."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from weft.runtime.plain import as_json

__all__ = ["MOST_BYTES", "read_regular", "read_text", "shown_path", "write_atomically", "write_pieces"]

MOST_BYTES = 16_000_000
"""What a file may have that is read whole, where nothing less is said."""


def read_regular(path: Path, most: int = MOST_BYTES, *, piped: bool = False) -> bytes:
    """Read a file that somebody else may have put there: a regular one, which is not too large.

    A pipe would be waited for, and a device such as /dev/zero has no end; neither is read.

    Args:
        path: The file.
        most: How many bytes it may have.
        piped: Whether a person has named it on the command line, where a pipe into which somebody writes is meant, as
            in `@<(command)`.

    Raises:
        OSError: it cannot be read; `EINVAL` where it is no regular file, `EFBIG` where it has more than `most` bytes.
    """
    with open(path, "rb", opener=_at_once) as file:
        status = os.fstat(file.fileno())
        if piped and stat.S_ISFIFO(status.st_mode):
            os.set_blocking(file.fileno(), True)  # into which nobody writes is at its end at once
        elif not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file, but a pipe or a device", str(path))
        data = file.read(most + 1) if status.st_size <= most else b""
    size = max(status.st_size, len(data))
    if size > most:
        raise OSError(errno.EFBIG, f"it has {size:,} bytes, and at most {most:,} can be read", str(path))
    return data


def read_text(path: Path, most: int = MOST_BYTES, *, piped: bool = False) -> str:
    """Read such a file as UTF-8, without the mark that some editors put before it; as for `read_regular`.

    Raises:
        OSError: as for `read_regular`.
        UnicodeDecodeError: it is no UTF-8 text.
    """
    return read_regular(path, most, piped=piped).decode("utf-8-sig")


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def shown_path(path: Path) -> str:
    """Return a path as people see it: from the working directory, where it is below that."""
    here = os.path.relpath(path)
    return str(path) if here.startswith("..") else here


def write_atomically(path: Path, content: str | bytes | Any) -> None:
    """Write text, bytes, or data as JSON; a reader sees the old file or the new one, never a part.

    A file that is there already keeps its mode.

    Raises:
        OSError: it cannot be written; an earlier file is still there.
    """
    text = content if isinstance(content, (str, bytes)) else as_json(content) + "\n"
    write_pieces(path, [text.encode("utf-8") if isinstance(text, str) else text])


def write_pieces(path: Path, pieces: Iterable[bytes]) -> int:
    """Write as `write_atomically` does, piece by piece, and return how many bytes that were.

    Raises:
        OSError: it cannot be written; an earlier file is still there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            written = sum(map(file.write, pieces))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return written
