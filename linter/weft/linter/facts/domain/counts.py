"""How many ways there are to pick some of so many, and how many agents put so many together."""

from __future__ import annotations

from weft.linter.effort import TooComplex
from weft.linter.facts.domain.amounts import Amount, Choose, Tree, evaluated

__all__ = ["choose", "tree"]

_MOST_PICKED = 32
"""Of how many things a number of choices is reckoned."""


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
