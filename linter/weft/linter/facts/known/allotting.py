"""What `allot` does: shares of a number, which add up to no more than it."""

from __future__ import annotations

from weft.linter.facts.domain.amounts import ONE, ZERO, Symbol, at_least, maximum, minimum, of
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval
from weft.linter.facts.domain.joins import count, element
from weft.linter.facts.domain.marks import derived
from weft.linter.facts.domain.values import Number, Part, Value, named
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import handed_on, listing
from weft.linter.facts.known.counting import as_count, first
from weft.linter.facts.known.iterating import kept_item
from weft.linter.facts.known.keys import read_by
from weft.linter.record import replace

__all__ = ["allot"]


def allot(m: Machine, call: Call) -> Value:
    """Follow `allot(items, total, by=…)`: pairs of an item and a number, which add up to `total` at most."""
    source = first(m, call, "allot()")
    m.look(source.marks)
    there = replace(source, parts=tuple(Part(part.count, named(part.element, lack=None)) for part in source.parts))
    read_by(m, call.keywords.get("by"), call, there, "allot()")
    total, item = as_count(call.argument(1, "total")).high, element(there)
    total = total if at_least(total, ZERO) else maximum(ZERO, total)
    most = minimum(total, as_count(call.keywords.get("most")).high)
    result = listing(m, call.node, marks=derived(source.marks))
    if item is None:
        return result
    share = total if total.reasons else of(Symbol("share", most=most, total=total, owner=result.birth))
    value = kept_item(m, there, handed_on(item, there.birth, result.birth))
    pair = listing(m, call.node, Part(EXACTLY_ONE, value), Part(EXACTLY_ONE, Number(low=ONE, high=share)), kind="tuple")
    return replace(result, parts=(Part(Interval(ZERO, minimum(count(there.parts).high, total)), pair),))
