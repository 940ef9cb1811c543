"""Numbers that are known between two bounds, and what is known of two bounds together."""

from __future__ import annotations

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, endless
from weft.linter.facts.domain.reasons import Reason
from weft.linter.record import record

__all__ = ["EXACTLY_ONE", "Differs", "Interval", "Less", "some"]


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


def some(why: str, line: int) -> Interval:
    """Return the interval of a number about which nothing is known."""
    reason = Reason(line, why, "slice the list to a fixed length", "unknown")
    return Interval(ZERO, endless(reason))
