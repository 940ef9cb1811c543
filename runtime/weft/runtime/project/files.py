"""Files as the project handles them: written whole or not at all, and named as people would."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

__all__ = ["shown_path", "write_atomically"]


def shown_path(path: Path) -> str:
    """Return a path as people see it: from the working directory, where it is below that."""
    here = os.path.relpath(path)
    return str(path) if here.startswith("..") else here


def write_atomically(path: Path, content: str | Any) -> None:
    """Write text, or data as JSON; a reader sees the old file or the new one, never a part.

    A file that is there already keeps its mode.

    Raises:
        OSError: it cannot be written; an earlier file is still there.
    """
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
