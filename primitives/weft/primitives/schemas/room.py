"""How much room a schema leaves: an estimate from above of which values may fit, one entry for each kind of value.

Never less than what is there: where nothing is left of it, nothing fits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

__all__ = [
    "ANYTHING",
    "KINDS",
    "NOTHING",
    "Extent",
    "Room",
    "as_written",
    "both",
    "either",
    "fewest",
    "kind_of",
    "room_of",
]

Limit = int | float | None


@dataclass(frozen=True, slots=True)
class Extent:
    """The values of one kind: numbers by themselves, texts, lists and objects by how much is in them."""

    low: Limit = None
    high: Limit = None
    above: bool = False
    """Whether `low` itself is out."""
    below: bool = False
    """Whether `high` itself is out."""
    whole: bool = False
    step: int | float | None = None
    size: int = 1
    """The fewest characters that a value takes, written out."""
    most: int | None = None
    """How many different values there are, at most."""

    @property
    def empty(self) -> bool:
        """Whether there is surely no such value."""
        low, high = self.low, self.high
        if self.most == 0:
            return True
        if low is None or high is None:
            return False
        if low > high or (low == high and (self.above or self.below)):
            return True
        if self.step is None and not self.whole:
            return False
        step = 1 if self.step is None else as_written(self.step)
        least, greatest = as_written(low) / step, as_written(high) / step
        first = math.floor(least) + 1 if self.above else math.ceil(least)
        last = math.ceil(greatest) - 1 if self.below else math.floor(greatest)
        return first > last

    @property
    def count(self) -> int | None:
        """How many different values there are at most, where that is known."""
        if self.most is not None or not self.whole or self.low is None or self.high is None:
            return self.most
        return max(0, math.floor(self.high) - math.ceil(self.low) + 1)


Room = dict[str, Extent]
"""The kinds of value that may fit, each with its extent; a kind of which nothing fits is not in it."""

KINDS = ("null", "boolean", "number", "string", "array", "object")
NOTHING: Room = {}
ANYTHING: Room = {
    "null": Extent(size=4, most=1),
    "boolean": Extent(size=4, most=2),
    "number": Extent(),
    "string": Extent(low=0, size=0),
    "array": Extent(low=0, size=2),
    "object": Extent(low=0, size=2),
}


def as_written(number: int | float) -> Fraction:
    """Return a number exactly as its digits say: 0.1 is a tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def both(one: Room, other: Room) -> Room:
    """Return the room for what fits twice."""
    met = {kind: _narrowed(one[kind], other[kind]) for kind in KINDS if kind in one and kind in other}
    return {kind: extent for kind, extent in met.items() if not extent.empty}


def either(rooms: Iterable[Room]) -> Room:
    """Return the room for what fits at least once."""
    joined: Room = {}
    for room in rooms:
        for kind, extent in room.items():
            joined[kind] = _widened(joined[kind], extent) if kind in joined else extent
    return joined


def fewest(room: Room) -> int | None:
    """Return how many characters the shortest value takes at least; `None` where there is none."""
    return min((extent.size for extent in room.values()), default=None)


def kind_of(value: Any) -> str:
    """Return the kind of a JSON value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def room_of(value: Any) -> Room:
    """Return the room for one value alone."""
    kind = kind_of(value)
    if kind == "number":
        return {kind: Extent(low=value, high=value, most=1)}
    length = len(value) if kind in ("string", "array", "object") else None
    return {kind: Extent(low=length, high=length, size=len(str(value)), most=1)}


def _narrowed(one: Extent, other: Extent) -> Extent:
    low, high = _higher(one.low, other.low), _lower(one.high, other.high)
    counts = [extent.count for extent in (one, other) if extent.count is not None]
    return Extent(
        low,
        high,
        above=any(extent.above and extent.low == low for extent in (one, other)),
        below=any(extent.below and extent.high == high for extent in (one, other)),
        whole=one.whole or other.whole,
        step=one.step if one.step is not None else other.step,
        size=max(one.size, other.size),
        most=min(counts, default=None),
    )


def _widened(one: Extent, other: Extent) -> Extent:
    low = None if one.low is None or other.low is None else min(one.low, other.low)
    high = None if one.high is None or other.high is None else max(one.high, other.high)
    counts = (one.count, other.count)
    wide = Extent(
        low,
        high,
        whole=one.whole and other.whole,
        step=one.step if one.step == other.step else None,
        size=min(one.size, other.size),
        most=None if counts[0] is None or counts[1] is None else counts[0] + counts[1],
    )
    return replace(
        wide,
        above=all(extent.above for extent in (one, other) if extent.low == low),
        below=all(extent.below for extent in (one, other) if extent.high == high),
    )


def _higher(one: Limit, other: Limit) -> Limit:
    return other if one is None else one if other is None else max(one, other)


def _lower(one: Limit, other: Limit) -> Limit:
    return other if one is None else one if other is None else min(one, other)
