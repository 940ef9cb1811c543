"""What a harness says to whoever watches: `phase`, `log`, `finding`. None of it changes what the run does."""

from __future__ import annotations

from typing import Any

from weft.primitives.calls import Note, current
from weft.primitives.data import as_json

__all__ = ["finding", "log", "phase"]


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


def _line(name: str, text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name}() takes text, got a {type(text).__name__}")
    line: str = as_json(text, name)
    return line
