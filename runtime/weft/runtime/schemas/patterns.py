"""Regular expressions that somebody else has written: whether a search surely takes no time, and searches that may.

Most take none. The others are the `worker`'s business, where they can be ended.
"""

from __future__ import annotations

import re

from weft.runtime.schemas.worker import worked_out

__all__ = ["INSTANT", "at_length", "found_each", "quickly", "steps"]

INSTANT = 1_000_000
"""Steps of a search that nobody notices: some milliseconds."""

CHOICES = "*+?{|"
"""What lets a search try more than one way. Where they stand for themselves they are counted too."""


def steps(pattern: str, length: int) -> float:
    """Return how many steps a search in so many characters takes at most; infinity where that is not sure.

    Each choice is one of as many as there are characters, and is tried with each of the others. Where there are
    groups, one may stand within another: what can be repeated in several ways takes no end of steps.
    """
    choices = sum(map(pattern.count, CHOICES))
    if choices > (1 if "(" in pattern else 4):
        return float("inf")
    places = 1 if pattern.startswith("^") and "|" not in pattern else length + 1
    ways: int = (length + 1) ** choices
    return length + places * len(pattern) * ways


def quickly(searches: list[tuple[str, str]]) -> bool | None:
    """Return whether each pattern is found in its text; `None` where it may take long to find out."""
    if sum(steps(pattern, len(text)) for pattern, text in searches) > INSTANT:
        return None
    return _found(searches)


async def at_length(several: list[list[tuple[str, str]]]) -> list[bool]:
    """Return of each list of searches whether all of them find something.

    Raises:
        TooHard: it takes too long to find out.
    """
    answer: list[bool] = await worked_out(found_each, several)
    return answer


def found_each(several: list[list[tuple[str, str]]]) -> list[bool]:
    """Return the same, however long it takes."""
    return [_found(searches) for searches in several]


def _found(searches: list[tuple[str, str]]) -> bool:
    """Whether each pattern is found in its text, however long it takes to find out."""
    return all(re.search(pattern, text) for pattern, text in searches)
