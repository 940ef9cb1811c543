"""What variables say of each other where paths meet: one is true, or false, only where another is not None.

`done = reply is not None` is such a variable, in whatever round of a loop it was set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from weft.linter.effort import spend
from weft.linter.facts.domain.truth import present, sure, truth
from weft.linter.facts.domain.values import Bool, Number, Refined, Text, Value, When
from weft.linter.record import replace

__all__ = ["Tie", "tied", "ties"]

_MOST = 64
"""How many pairs of variables are asked about at most."""

_Cell = tuple[object, object]


class Tie(NamedTuple):
    """One variable tells of another that it is not None."""

    teller: _Cell
    holds: bool
    """Whether it does so by being true, or by being false."""
    told: _Cell


class _Point(Protocol):
    cells: dict[_Cell, Value]
    narrowed: dict[Value, Value]

    def current(self, value: Value) -> Value: ...


def ties(points: Sequence[_Point], values: Mapping[_Cell, Value]) -> frozenset[Tie]:
    """Return what variables tell of each other at all of these points; `values`: what they hold where these meet."""
    told = [cell for cell, value in values.items() if value.lack is not None]
    tellers = [cell for cell, value in values.items() if isinstance(value, (Bool, Number, Text)) or value.lack]
    spend(1 + len(values))
    if not told or not tellers or len(told) * len(tellers) > _MOST:
        return frozenset()
    pairs = [(teller, one) for teller in tellers for one in told if teller != one]
    return frozenset(
        Tie(teller, holds, one)
        for holds in (True, False)
        for teller, one in pairs
        if all(_told_at(point, values, teller, one, holds=holds) for point in points)
    )


def _told_at(point: _Point, values: Mapping[_Cell, Value], teller: _Cell, one: _Cell, *, holds: bool) -> bool:
    spend(1)
    held, value = point.cells.get(teller), point.cells.get(one)
    if held is None:
        return False
    says = point.current(held)
    if sure(says) is (not holds):
        return True
    if value is None:  # a round has not got that far, and so it is as it was when that began
        return held is values[teller]
    now = point.current(value)
    if now.lack is None:
        return True
    when = truth(says)
    facts = when.true if holds else when.false
    root = value.root or value
    return any(
        isinstance(fact, Refined) and (fact.before.root or fact.before) is root and fact.after.lack is None
        for fact in facts
    )


def tied(values: Mapping[_Cell, Value], known: Iterable[Tie]) -> dict[_Cell, Value]:
    """Return the variables that tell of others, with what they tell."""
    found: dict[_Cell, Value] = {}
    for teller, holds, one in known:
        if teller in values and one in values and values[one].lack is not None:
            value = found.get(teller, values[teller])
            when, fact = value.when or When(), present(values[one])
            more = replace(when, true=(*when.true, fact)) if holds else replace(when, false=(*when.false, fact))
            found[teller] = replace(value, when=more, root=value.root or value)
    return found
