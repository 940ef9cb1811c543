"""Writing files so that they are there whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

__all__ = ["write_atomically"]


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
