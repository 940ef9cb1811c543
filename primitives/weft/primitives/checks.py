"""What several primitives ask of their arguments: lists, texts, numbers. What only one asks for is checked there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from weft.primitives.limits import MAX_FANOUT

__all__ = ["at_least_one", "listed", "text", "texts", "tool_names"]


def listed(name: str, what: str, given: Iterable[Any], *, most: int = MAX_FANOUT) -> list[Any]:
    """Return what the primitive `name` was given as a list of `what`, at most 4,096 unless it is told otherwise.

    Raises:
        TypeError: it is no list of things, or a set, whose order says nothing.
        ValueError: there are too many.
    """
    if isinstance(given, (set, frozenset)):
        raise TypeError(f"{name}() refuses a set: its order differs from one process to the next. Use sorted(…)")
    if isinstance(given, (str, bytes, dict)) or not isinstance(given, Iterable):
        raise TypeError(f"{name}() takes a list of {what}, got a {type(given).__name__}")
    found = list(islice(given, most + 1))
    if len(found) > most:
        size = len(given) if isinstance(given, Collection) else f"more than {most}"
        raise ValueError(f"{name}() takes at most {most} {what}, got {size}: slice the list, or work in rounds")
    return found


def at_least_one(name: str, option: str, given: object) -> int:
    """Return a number of 1 or more that the primitive `name` was given.

    Raises:
        ValueError: it is no such number.
    """
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise ValueError(f"{name}({option}=…) must be 1 or more, got {given!r}")
    return given


def text(name: str, what: str, given: object) -> str:
    """Return a text that the primitive `name` was given.

    Raises:
        TypeError: it is no text.
        ValueError: it says nothing.
    """
    if not isinstance(given, str):
        raise TypeError(f"{name}() takes {what} as text, got a {type(given).__name__}")
    if not given.strip():
        raise ValueError(f"{name}() got an empty text as {what}")
    return given


def texts(name: str, what: str, given: Iterable[Any]) -> list[str]:
    """Return a list of at least one text that the primitive `name` was given.

    Raises:
        TypeError: it is no list of texts.
        ValueError: there is none, or one says nothing.
    """
    found = [text(name, what, one) for one in listed(name, what, given)]
    if not found:
        raise ValueError(f"{name}() takes at least one text as {what}")
    return found


def tool_names(name: str, given: object) -> tuple[str, ...] | None:
    """Return an allow-list of agents' tools that the primitive `name` was given; `None` is all that agents have.

    Raises:
        TypeError: it is no list of texts.
    """
    if given is None:
        return None
    if not isinstance(given, (list, tuple)) or not all(isinstance(one, str) for one in given):
        raise TypeError(f"{name}(tools=…) takes a list of tool names, got {given!r:.60}")
    return tuple(given)
