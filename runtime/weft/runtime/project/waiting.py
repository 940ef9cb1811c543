"""Plans that wait for a yes, in the folder `plans`: a harness each, its arguments, and the words that were asked.

What would be done by one, and what a yes to it binds, is `authoring`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weft.runtime.project.files import read_regular, write_atomically
from weft.runtime.project.harness import Harness

if TYPE_CHECKING:
    from weft.runtime.project.folders import Project

__all__ = ["words_of", "write_plan"]

MOST_BYTES = 100_000
"""How long the words may be that are read."""


def write_plan(project: Project, stem: str, source: str, args: Any, words: str | None = None) -> Path:
    """Write a harness that waits for a yes, and beside it its arguments in `NAME.json`, and the words in `NAME.txt`.

    The name ends in a digest of harness and words, so no other one is overwritten, and neither is changed unseen.

    Raises:
        UsageError: they cannot be written.
    """
    with project.writing("plans") as folder:
        path = folder / f"{stem}-{_digest(source, words)}.py"
        write_atomically(path, source)
        write_atomically(path.with_suffix(".json"), args)
        if words is not None:
            write_atomically(path.with_suffix(".txt"), words)
        return path


def words_of(project: Project, path: Path, harness: Harness) -> str | None:
    """Return what somebody has asked for in words, where this harness waits as it was written for that."""
    if path.resolve().parent != (project.root / "plans").resolve():
        return None
    try:
        words = read_regular(path.with_suffix(".txt"), MOST_BYTES).decode()
    except (OSError, UnicodeDecodeError):
        return None
    return words if path.stem.endswith(f"-{_digest(harness.source, words)}") else None


def _digest(source: str, words: str | None) -> str:
    text = source if words is None else f"{source}\0{words}"
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
