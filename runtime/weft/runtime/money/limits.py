"""Amounts of tokens and dollars, and limits that they are drawn on: the ceiling, a share held back, a slice.

Who draws on which, and in what order, is `budget`. Dollars are counted in whole units: sums of floats depend on their
order, and could pass a ceiling by their last digit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

from weft.primitives.calls import Allowance
from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.ceiling import Ceiling, exact
from weft.runtime.journal.accounts import NONE_UNSETTLED

__all__ = ["LEAST", "NOTHING", "UNITS", "Amount", "Limit", "possible"]

UNITS = 10**12
"""How many make a dollar. The dearest token costs some 10**8 of them, a cached one of the cheapest some 10**4."""


@dataclass(slots=True)
class Amount:
    """Tokens and units; infinite where there is no limit."""

    tokens: float = 0
    units: float = 0

    @classmethod
    def cost(cls, tokens: int, usd: float) -> Amount:
        """Return what so many tokens and dollars come to."""
        return cls(tokens, math.ceil(exact(usd) * UNITS) if usd else 0)

    @classmethod
    def limit(cls, ceiling: Ceiling) -> Amount:
        """Return the most that a ceiling lets be spent."""
        return cls(
            math.inf if ceiling.tokens is None else ceiling.tokens,
            math.inf if ceiling.usd is None else int(exact(ceiling.usd) * UNITS),
        )

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.units + other.units)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.tokens - other.tokens, self.units - other.units)

    def fits(self, room: Amount) -> bool:
        """Whether there is room for all of it."""
        return self.tokens <= room.tokens and self.units <= room.units

    def or_nothing(self) -> Amount:
        """Return it with nothing in place of less than nothing."""
        return Amount(max(0, self.tokens), max(0, self.units))

    def words(self) -> str:
        """Say what of it is more than nothing."""
        tokens = [f"{self.tokens:,} tokens"] if self.tokens else []
        return " and ".join([*tokens, *([_dollars(self.units)] if self.units else [])])


NOTHING = Amount()
LEAST = Amount(1, 1)
"""Where not even this is left, nothing is."""


class Limit:
    """How much may be drawn on the ceiling, a share held back or a slice; and how much is."""

    def __init__(self, name: str, ceiling: Ceiling) -> None:
        self.name = name
        self.spent = NOTHING_SPENT
        self.reserved = Amount()
        self.unsettled = NONE_UNSETTLED
        """What of `spent` is the most that requests can have cost which were in flight when the run was killed."""
        self.agents: float | None = None
        """How many agents may draw on it; `None` for any number."""
        self.asked = 0
        """How many have come to do so."""
        self._settled = Amount()
        """What is spent, exactly."""
        self.move(ceiling)

    def move(self, ceiling: Ceiling) -> None:
        """Let another ceiling hold from here on."""
        self.ceiling = ceiling
        self.most = Amount.limit(ceiling)
        self.bounded = ceiling != Ceiling()
        self.allowance = Allowance(tokens=ceiling.tokens, usd=ceiling.usd, spent=self.spent)

    def charge(self, spent: Spent) -> None:
        """Count a cost."""
        self._settled += Amount.cost(spent.tokens, spent.usd)
        self.spent = replace(self.spent + spent, usd=self._settled.units / UNITS)
        self.allowance = replace(self.allowance, spent=self.spent)

    def left(self, *, freed: bool = False) -> Amount:
        """Return what is left; `freed`, if all that is reserved turned out to cost nothing."""
        left = self.most - self._settled
        return left if freed else left - self.reserved

    def lack(self, wanted: Amount, room: Amount) -> str:
        """Say what is missing of tokens, or else of dollars, for what is wanted to fit; and what nobody settled."""
        of_tokens = wanted.tokens > room.tokens
        if of_tokens:
            spent = f"{self.spent.tokens:,} of {self.most.tokens:,} tokens are spent"
            short = f"the next request may take {wanted.tokens:,} tokens, {room.tokens:,} are left"
            why = spent if room.tokens < 1 else short
        else:
            spent = f"{_dollars(self.spent.usd * UNITS)} of {_dollars(self.most.units)} is spent"
            short = f"the next request may cost {_dollars(wanted.units)}, {_dollars(room.units)} is left"
            why = spent if room.units < 1 else short
        unsettled = Amount.cost(self.unsettled.spent.tokens, self.unsettled.spent.usd)
        if not self.unsettled.requests or not wanted.fits(room + unsettled):
            return why
        part = f"{unsettled.tokens:,} tokens" if of_tokens else _dollars(unsettled.units)
        return (
            f"{why}; {part} of what counts as spent is the most that {self.unsettled.text} can have cost, and nobody "
            "knows what they did: a ceiling that is higher by so much lets the run go on"
        )


def _dollars(units: float) -> str:
    return f"${units / UNITS:.4f}"


def possible(spent: Spent) -> bool:
    """Whether there can be such a cost."""
    if not isinstance(spent, Spent):
        return False
    counts = [getattr(spent, each.name) for each in fields(spent) if each.name != "usd"]
    whole = all(type(count) is int and count >= 0 for count in counts)
    return whole and isinstance(spent.usd, (int, float)) and 0 <= spent.usd < math.inf
