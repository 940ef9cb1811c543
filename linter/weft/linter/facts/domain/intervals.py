"""Numbers that are known between two bounds, and what is known of two bounds together."""

from __future__ import annotations

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, at_least, endless, maximum
from weft.linter.facts.domain.marks import NO_MARKS, Marks, about
from weft.linter.facts.domain.reasons import Reason
from weft.linter.record import record

__all__ = ["EXACTLY_ONE", "Differs", "Interval", "Less", "hull", "lowest", "some"]


@record()
class Interval:
    """How small and how large a number can be."""

    low: Amount
    high: Amount

    @property
    def exact(self) -> int | None:
        """The only number that it can be, if there is one."""
        return self.high.constant if self.low == self.high else None


EXACTLY_ONE = Interval(ONE, ONE)


@record()
class Less:
    """One bound is below another."""

    small: Amount
    large: Amount


@record()
class Differs:
    """A number is not the other."""

    one: Amount
    other: Amount


def some(why: str, line: int, marks: Marks = NO_MARKS) -> Interval:
    """Return the interval of a number about which nothing is known; `marks` are those of what has it."""
    reason = Reason(line, why, "slice the list to a fixed length", "told" if about(marks, "told") else "unknown")
    return Interval(ZERO, endless(reason))


def hull(a: Interval, b: Interval) -> Interval:
    """Return the interval that holds both."""
    return a if a == b else Interval(lowest(a.low, b.low), maximum(a.high, b.high))


def lowest(a: Amount, b: Amount) -> Amount:
    """Return a lower end of both that stays simple: nothing where they cannot be compared."""
    if a.reasons or b.reasons:
        return ZERO
    if at_least(a, b):
        return b
    return a if at_least(b, a) else ZERO
