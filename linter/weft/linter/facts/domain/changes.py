"""A container that changes: what becomes of each value that is it, that may be it, or that holds it."""

from __future__ import annotations

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import ZERO, at_least, endless
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.contained import births_in, mapped
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.joins import PARTS_KEPT, count, joined, merged
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.values import CONTAINERS, Dict, Listing, Part, Seen, Value
from weft.linter.record import replace

__all__ = ["Changed", "as_long"]


class Changed:
    """Replaces a container by its new contents, all through values.

    Where a value may be another container, or stands for several, it may also be as it was.
    """

    def __init__(self, old: Value | None, new: Listing | Dict | Seen) -> None:
        self._old, self._new = old, new
        self._added = _added(old, new)
        self._meant = new.birth.either | {new.birth}
        self._known: dict[tuple[int, bool], tuple[Value, Value]] = {}

    def __call__(self, value: Value, *, alone: bool = True) -> Value:
        """Return what becomes of a value; unless it is `alone`, it stands for several."""
        if not isinstance(value, CONTAINERS) or self._meant.isdisjoint(births_in(value)):
            return value
        known = self._known.get((id(value), alone))
        if known is None:
            spend(1)
            self._known[id(value), alone] = (value, value)
            known = self._known[id(value), alone] = (self._changed(value, alone=alone), value)
        return known[0]

    def _changed(self, value: Listing | Dict | Seen, *, alone: bool) -> Value:
        if value.birth is self._new.birth and alone and not value.birth.shared:
            return self._new
        if value.birth.may_be(self._new.birth):
            return self._perhaps(value)
        if isinstance(value, Listing) and any(
            isinstance(one, Birth) and one.may_be(self._new.birth) for one in value.reads
        ):
            value = self._still_read(value)
        found = mapped(value, self, self._any)
        return found if found is value else replace(found, root=None, when=None)

    def _still_read(self, value: Listing) -> Listing:
        """Return an iterator that gives what its list has when it is walked."""
        if self._old is self._new or as_long(self._old, self._new):
            return value
        reason = Reason(0, "what it walks has changed since", "walk it at once, or list() it", "unknown")
        inside = [part.element for part in value.parts] or [anything(reason.why, self._new)]
        return replace(value, parts=(Part(Interval(ZERO, endless(reason)), joined(inside)),), root=None, when=None)

    def _any(self, value: Value) -> Value:
        return self(value, alone=False)

    def _perhaps(self, value: Listing | Dict | Seen) -> Value:
        """Return a container that has changed or not."""
        if isinstance(value, Listing) and self._added is not None:
            parts = (*value.parts, *self._added)
            parts = merged(parts) if len(parts) > PARTS_KEPT else parts
            raced = frozenset(mark for mark in self._new.marks if mark.kind in ("order", "raced"))
            return replace(value, parts=parts, marks=value.marks | raced, root=None, when=None)
        if type(value) is not type(self._new):
            return value
        return joined([value, replace(self._new, birth=value.birth)])


def as_long(old: Value | None, new: Value) -> bool:
    """Tell whether a container has become no longer, with nothing else in it."""
    if isinstance(old, Listing) and isinstance(new, Listing):
        return at_least(count(old.parts).high, count(new.parts).high)
    return False


def _added(old: Value | None, new: Value) -> tuple[Part, ...] | None:
    """Return what has been put to the end of a list, if that is all that has happened to it."""
    if not isinstance(old, Listing) or not isinstance(new, Listing) or new.parts[: len(old.parts)] != old.parts:
        return None
    more = new.parts[len(old.parts) :]
    return tuple(replace(part, count=Interval(ZERO, part.count.high)) for part in more)
