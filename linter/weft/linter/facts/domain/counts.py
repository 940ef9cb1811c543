"""What is reckoned of a count: how many parts it makes, how many ways to pick, how many agents put it together."""

from __future__ import annotations

from math import gcd

from weft.linter.effort import TooComplex
from weft.linter.facts.domain.amounts import (
    ZERO,
    Amount,
    Ceiling,
    Choose,
    Tree,
    at_least,
    evaluated,
    maximum,
    number,
    of,
)

__all__ = ["ceiling", "choose", "tree"]

_MOST_PICKED = 32
"""Of how many things a number of choices is reckoned."""


def ceiling(amount: Amount, by: int) -> Amount:
    """Return an amount divided by a positive number and rounded up; what may be below 0 counts as nothing."""
    if amount.reasons or by == 1:
        return amount
    plain = amount.constant
    if plain is not None:
        return number(-(-plain // by))
    if not at_least(amount + number(by - 1), ZERO):
        amount = maximum(ZERO, amount)
    common = gcd(by, *(times for _, times in amount.terms))
    amount = Amount(tuple((atoms, times // common) for atoms, times in amount.terms))
    return of(Ceiling(amount, by // common)) if by > common else amount


def choose(amount: Amount, pick: int) -> Amount:
    """Return in how many ways `pick` of so many can be chosen."""
    if amount.reasons or pick == 1:
        return amount
    if pick > _MOST_PICKED:
        raise TooComplex("a number that it comes to is too large")
    return evaluated(Choose(amount, pick), amount)


def tree(amount: Amount, fan_in: int) -> Amount:
    """Return how many agents a synthesis of so many items starts."""
    return amount if amount.reasons else evaluated(Tree(amount, fan_in), amount)
