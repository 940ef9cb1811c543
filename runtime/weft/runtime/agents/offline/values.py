"""A value in a sentence: of which kind, how much in the unit of its kind, and whether exactly or as a limit.

How values are read is in `amounts`; which values of two sentences belong to the same thing is decided in `clashes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["BY_NOUN", "Bound", "Value", "clash", "comparable"]

Bound = Literal["exact", "least", "most", "about"]

ROUGHLY = 0.1
"""How far two values may be apart, as a share of the larger, where a month is compared with days and the like."""

EXACTLY = 1e-6
"""The same where both are exact, for what reckoning in fractions loses."""

ABOUT = 0.2
"""The same where one says "about"."""

BY_NOUN = ("numbered", "version", "count")
"""Kinds that are only comparable where they are said of the same noun."""

HALF_A_DAY = 720
"""In minutes: what an hour without morning or evening may be off."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value, from `low` to `high` in the common unit of its kind, and as it stands in the text."""

    kind: str
    low: float
    high: float
    bound: Bound
    shown: str
    begin: int
    nouns: frozenset[str] = frozenset()
    """What is counted or bears the number, the year of a date, which end of something a time is."""
    loose: bool = False
    """Whether a rough comparison must do: months against weeks, an hour without morning or evening."""


def comparable(a: Value, b: Value) -> bool:
    """Whether two values are of one kind, and said of the same noun where that matters."""
    if {a.kind, b.kind} > {"money:"}:  # nothing at all is comparable with any currency
        return a.kind.startswith("money") and b.kind.startswith("money")
    if a.kind != b.kind:
        return False
    if a.kind in BY_NOUN:
        return bool(a.nouns & b.nouns)
    if a.kind == "span":
        return a.nouns == b.nouns
    if a.kind == "time":
        return a.nouns == b.nouns or not (a.nouns and b.nouns)
    return True


def clash(a: Value, b: Value) -> bool:
    """Whether two comparable values cannot both hold of the same thing."""
    if not comparable(a, b):
        return False
    if a.kind == "date" and a.nouns and b.nouns and a.nouns != b.nouns:
        return True
    share = ROUGHLY if a.loose or b.loose else EXACTLY
    if _close(a.low, b.low, share) and _close(a.high, b.high, share):
        return False
    if "about" in (a.bound, b.bound):
        return not _close(a.low, b.low, ABOUT)
    if a.bound == b.bound:
        return _differ(a, b)
    for limit, other in ((a, b), (b, a)):
        if limit.bound == "most" and other.bound == "exact":
            return other.low > limit.high
        if limit.bound == "least" and other.bound == "exact":
            return other.high < limit.low
    lower, upper = (a, b) if a.bound == "least" else (b, a)
    return lower.low > upper.high


def _differ(a: Value, b: Value) -> bool:
    """Whether two values of the same bound differ: two upper limits do, though both can be kept at once."""
    if a.low <= b.high and b.low <= a.high:
        return False
    if a.kind == "time" and (a.loose or b.loose):
        return a.low % HALF_A_DAY != b.low % HALF_A_DAY
    return True


def _close(a: float, b: float, share: float) -> bool:
    return abs(a - b) <= share * max(abs(a), abs(b))
