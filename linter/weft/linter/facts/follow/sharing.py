"""Recursion that shares out what it is given, as a list in two halves: how many calls there are in all.

That such calls end, and how deep they go, is proved next door, in `recursion`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, product

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, Symbol, alternatives, at_least, maximum, number, of
from weft.linter.facts.domain.intervals import Less
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.ranking import proofs, sharpened
from weft.linter.facts.domain.values import Listing, Value
from weft.linter.facts.follow.stack import Recursion

__all__ = ["of_calls", "shared_out"]

_WAYS = 16
"""In how many ways ends are looked at of which each is one of several."""


def shared_out(known: Recursion, given: Mapping[str, Value]) -> Amount | None:
    """Return how much a call is given that gives each of its calls less, and together no more; `None` elsewhere.

    Such calls stop to call when they are given so little that it cannot be shared out.
    """
    paths = known.carried.paths
    limits = known.limits()
    for (_, name), value in known.carried.values.items():
        begun = given.get(str(name))
        if not isinstance(value, Listing) or not isinstance(begun, Listing):
            continue
        for symbol in count(value.parts).high.symbols() & known.carried.changes.keys():
            ends = [path[symbol][1] for path in paths if symbol in path]
            left = [fact for fact in sharpened(limits) if isinstance(fact, Less) and fact.large == of(symbol)]
            left = [fact for fact in left if at_least(fact.small, ONE)]
            start = {symbol: known.carried.changes[symbol].start}
            shrinks = any(True for _ in proofs(start, [{symbol: (None, end)} for end in ends], left))
            if len(ends) == len(paths) and shrinks and _together(ends, of(symbol)):
                return count(begun.parts).high
    return None


def _together(ends: list[Amount], most: Amount) -> bool:
    """Tell whether numbers of each of which an end is known are together no more than another."""
    if any(end.reasons for end in ends):
        return False
    ways = islice(product(*(alternatives(end, largest=False) for end in ends)), _WAYS)
    return any(at_least(most, sum(way, ZERO)) for way in ways)


def of_calls(own: Amount, again: Symbol, shared: Amount | None, calls: int) -> Amount | None:
    """Return what all calls come to that share out so much; each makes so many others where it is more than one."""
    if shared is None or own.reasons or shared.reasons:
        return None
    for one in alternatives(own):
        made = sum(times for atoms, times in one.terms if atoms == (again,))
        if made > calls or again in (one - of(again) * number(made)).symbols():
            return None
    return maximum(ONE, number(calls) * shared - number(calls - 1)) * own.substitute({again: ZERO})
