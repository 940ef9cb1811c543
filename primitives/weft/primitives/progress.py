"""What a harness says to whoever watches: `phase`, `log`, `finding`, `understood`. None of it changes what is done."""

from __future__ import annotations

from typing import Any

from weft.primitives.calls import Note, current
from weft.primitives.data import as_json

__all__ = ["finding", "log", "phase", "understood"]


def phase(title: str) -> None:
    """Begin a phase: agents started from here on are shown under it."""
    current("phase()").tell(Note("phase", _line("phase", title)))


def log(message: str) -> None:
    """Show one line of progress."""
    current("log()").tell(Note("log", _line("log", message)))


def finding(data: Any) -> None:
    """Publish a structured intermediate finding while the run goes on.

    Raises:
        NotJson: `data` is not JSON data.
    """
    current("finding()").tell(Note("finding", as_json(data, "finding")))


def understood(count: int, of: int, *, what: str = "files", hint: str = "") -> None:
    """Say how much of what there was the run could make something of; without all of it, the run is not clean.

    What is said of one `what` in several calls is added up. `understood(0, 0)` says that there was nothing at all,
    which is not clean either.

    Args:
        count: How many were understood: read, decided, answered.
        of: How many there were.
        what: What is counted, in the plural.
        hint: Why the others were not, and what to do; shown with the result.

    Raises:
        TypeError: a count that is no whole number, or words that are no text.
        ValueError: more than there were, or fewer than none.
    """
    if not (type(count) is int and type(of) is int):
        raise TypeError(f"understood() takes whole numbers, got {count!r} of {of!r}")
    if not 0 <= count <= of:
        raise ValueError(f"understood() takes how many of how many, got {count} of {of}")
    said = {"count": count, "of": of, "what": _line("understood", what), "hint": _line("understood", hint)}
    current("understood()").tell(Note("understood", as_json(said, "understood")))


def _line(name: str, text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name}() takes text, got a {type(text).__name__}")
    line: str = as_json(text, name)
    return line
