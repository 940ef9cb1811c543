"""`budget`: what a run may spend and has spent, as of the last delivered result, so that it replays exactly.

What the harness itself allows its run, `BUDGET`, is read by `language.ceilings`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Generic, Literal, NoReturn, TypeVar, overload

from weft.primitives.calls import Allowance, current
from weft.primitives.lost import NOTHING_SPENT, Spent

__all__ = ["Budget", "Reading", "Unit", "budget", "share_after"]

Unit = Literal[
    "usd",  # dollars at list price
    "tokens",  # input and output together
]

Amount = TypeVar("Amount")


class Reading(Generic[Amount]):
    """One reading of the budget; it is a number only with its unit, as in `budget.spent("usd")`."""

    __slots__ = ("_name", "_read")

    def __init__(self, name: str, read: Callable[[Allowance, bool], Amount]) -> None:
        """Prepare to read; `read` is told whether in dollars."""
        self._name = name
        self._read = read

    @overload
    def __call__(self, unit: Unit) -> Amount: ...

    @overload
    def __call__(self) -> NoReturn: ...

    def __call__(self, unit: Any = None) -> Amount:
        """Return what it comes to in a unit.

        Raises:
            TypeError: no unit is given.
            ValueError: there is no such unit.
        """
        if unit is None:
            self._without_unit()
        if unit not in ("usd", "tokens"):
            raise ValueError(f"{self._name} is read in one of two units, not in {unit!r}: {self._ways}")
        return self._read(current("budget").allowance, unit == "usd")

    def _without_unit(self, *_: Any) -> NoReturn:
        raise TypeError(f"{self._name} has no value without its unit: write {self._ways}")

    @property
    def _ways(self) -> str:
        return f'{self._name}("usd") or {self._name}("tokens")'

    def __repr__(self) -> str:
        return self._name


for _use in """
    bool int float index format eq ne lt le gt ge add sub mul truediv floordiv mod
    radd rsub rmul rtruediv rfloordiv rmod
""".split():
    setattr(Reading, f"__{_use}__", Reading._without_unit)


class Budget:
    """A read-only view of the run's one budget; in a saved harness that has a part of its own, of that part.

    Every amount is read with its unit: `"usd"` for dollars at list price, `"tokens"` for input and output together.
    """

    __slots__ = ()

    @property
    def total(self) -> Reading[float | None]:
        """`budget.total(unit)`: the ceiling; `None` where the run has none of that unit."""
        return Reading("budget.total", _ceiling)

    @property
    def spent(self) -> Reading[float]:
        """`budget.spent(unit)`: what finished agents have cost."""
        return Reading("budget.spent", _spent)

    @property
    def remaining(self) -> Reading[float]:
        """`budget.remaining(unit)`: what is left under the ceiling, never below 0; infinity where there is none."""
        return Reading("budget.remaining", _remaining)

    @property
    def share_left(self) -> float:
        """The part of the ceiling that is left, from 0.0 to 1.0, in the unit with the smaller one; 1.0 without any."""
        share = share_after(current("budget").allowance, NOTHING_SPENT)
        return 1.0 if share is None else max(0.0, share)

    def __repr__(self) -> str:
        return "budget"


def share_after(allowance: Allowance, cost: Spent) -> float | None:
    """Return the part of the ceiling that would be left if so much more were spent, in whichever unit is tighter.

    Below 0 where that is more than there is; `None` where there is no ceiling.
    """
    shares = []
    for dollars in (False, True):
        ceiling = _ceiling(allowance, dollars)
        if ceiling is not None:
            left = ceiling - _spent(allowance, dollars) - (cost.usd if dollars else cost.tokens)
            shares.append(round(left / ceiling, 9) if ceiling else 0.0)  # sums of dollars differ in their last digits
    return min(shares, default=None)


def _ceiling(allowance: Allowance, dollars: bool) -> float | None:
    return allowance.usd if dollars else allowance.tokens


def _spent(allowance: Allowance, dollars: bool) -> float:
    return allowance.spent.usd if dollars else allowance.spent.tokens


def _remaining(allowance: Allowance, dollars: bool) -> float:
    ceiling = _ceiling(allowance, dollars)
    return math.inf if ceiling is None else max(0, ceiling - _spent(allowance, dollars))


budget = Budget()
