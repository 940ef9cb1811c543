"""Values of which it is no longer known how large they are, and whether a value has become more general."""

from __future__ import annotations

from weft.linter.facts.domain.amounts import ZERO, endless
from weft.linter.facts.domain.code import CALLABLE, Either
from weft.linter.facts.domain.contained import children
from weft.linter.facts.domain.holding import ANY, anything
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.joins import element
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.values import Bool, Dict, Listing, Number, Part, Seen, Text, Value
from weft.linter.record import replace

__all__ = ["lost", "settled", "with_anything"]


def lost(value: Value, reason: Reason) -> Value:
    """Return a value of any size, with anything in it; a container stays the one that it is.

    What was in it may still be there, so that whoever changes something unknown that comes from it may change that.
    """
    size = Interval(ZERO, endless(reason))
    match value:
        case Listing():
            inside = () if element(value) is None else (element(value),)
            part = Part(size, anything(reason.why, *(inner for inner in inside if inner is not None)))
            return Listing(kind=value.kind, parts=(part,), birth=value.birth, marks=value.marks, lack=value.lack)
        case Dict():
            inner = anything(reason.why, *children(value))
            return Dict(
                keys=ANY, values=inner, rest=size, open=True, birth=value.birth, marks=value.marks, lack=value.lack
            )
        case Seen():
            return Seen(birth=value.birth, key=value.key, size=size, marks=value.marks, lack=value.lack)
        case Number():
            return Number(low=None, high=size.high, whole=False, marks=value.marks, lack=value.lack)
        case Text():
            return Text(marks=value.marks, lack=value.lack, said=value.said, whole=value.whole)
    return value if isinstance(value, CALLABLE) else anything(reason.why, value)


def with_anything(value: Value, reason: Reason) -> Value:
    """Return a list as long as this one, with anything in it."""
    if not isinstance(value, Listing):
        return value
    return replace(value, parts=tuple(Part(p.count, anything(reason.why, p.element)) for p in value.parts), root=None)


def settled(before: Value, after: Value) -> bool:
    """Tell whether a value is no more general than before, whatever objects stand for it."""
    if before is after:
        return True
    if type(before) is not type(after) or (before.lack is None) != (after.lack is None):
        return False
    inside = list(children(before)), list(children(after))
    if len(inside[0]) != len(inside[1]) or _own(before) != _own(after):
        return False
    return all(settled(one, other) for one, other in zip(*inside, strict=True))


def _own(value: Value) -> object:
    """Return what a value is, besides what is inside it, that can become more general."""
    match value:
        case Number(low=low, high=high, whole=whole):
            return low, high, whole
        case Bool(const=const):
            return const
        case Text(const=const, most=most):
            return const, most
        case Listing(kind=kind, parts=parts):
            return kind, tuple(part.count for part in parts)
        case Dict(fields=fields, rest=rest):
            return tuple((name, entry.sure) for name, entry in fields.items()), rest, value.open, value.present
        case Seen(size=size):
            return size
        case Either(options=options):
            return len(options)
    return None
