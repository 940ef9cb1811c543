"""When two values are alike: whatever is done with one would be found to come to the same with the other."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from weft.linter.effort import spend
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Class, Either, Function, Instance, Module, Native, Partial
from weft.linter.facts.domain.contained import children
from weft.linter.facts.domain.marks import Mark
from weft.linter.facts.domain.values import (
    Bool,
    Budget,
    Dict,
    Given,
    Listing,
    Nothing,
    Number,
    Seen,
    Text,
    Unknown,
    Value,
)

__all__ = ["Likeness", "mark_key"]


def mark_key(mark: Mark) -> Hashable:
    """Return what a mark is about, by where that stands in the harness."""
    place = mark.of
    if isinstance(place, Birth):
        place = ("container", place.line)
    return mark.kind, getattr(place, "node", place)


class Likeness:
    """Tells values apart by numbers, one for all that are alike.

    Args:
        kinds: The numbers that there are; all that are compared share them.
        current: Returns a value with all that tests have said about it.
        same: Whether containers must be the same ones. Otherwise they are told apart by the order in which they come.
    """

    def __init__(self, kinds: dict[Hashable, int], current: Callable[[Value], Value], *, same: bool = False) -> None:
        self.births: dict[Birth, int] = {}
        """The containers, in the order in which they came."""
        self.values: dict[int, tuple[int | None, Value]] = {}
        self._kinds = kinds
        self._current = current
        self._same = same

    def of(self, value: Value) -> int | None:
        """Return the number of a value; `None` where it is like no other."""
        if isinstance(value, Function) and value.bound is None and not (value.when or value.lack or value.marks):
            return self._kinds.setdefault((value.node, value.env), len(self._kinds))  # as most that a call reads are
        known = self.values.get(id(value))
        if known is None:
            known = self.values[id(value)] = (self._number(self._current(value)), value)
        return known[0]

    def _number(self, value: Value) -> int | None:
        spend(4 + 2 * len(value.marks))
        own = self._own(value) if value.when is None or not value.when.cases else None
        inner = tuple(self.of(child) for child in children(value))
        if own is None or None in inner:
            return None
        whole = (type(value), value.lack, frozenset(map(mark_key, value.marks)), own, inner)
        return self._kinds.setdefault(whole, len(self._kinds))

    def _birth(self, birth: Birth) -> Hashable:
        number = self.births.setdefault(birth, len(self.births))
        return birth if self._same else (number, birth.shared, len(birth.either))

    def _own(self, value: Value) -> Hashable | None:
        """Return what a value is besides what is inside it."""
        match value:
            case Bool():
                return (value.const,) if value.when is None or not (value.when.true or value.when.false) else None
            case Number():
                return value.low, value.high, value.whole, value.measures
            case Text():
                holds = tuple((held.count, frozenset(map(mark_key, held.marks))) for held in value.holds)
                kept = value.sure, value.said, value.whole, holds, value.options
                return value.const, value.words, value.tokens, value.most, kept
            case Given():
                return value.path, value.schema, value.default
            case Listing():
                lists = len(value.along), len(value.thinned), value.kept_from is None, value.asks is None
                counts = tuple(part.count for part in value.parts)
                return value.kind, counts, self._birth(value.birth), lists, value.node
            case Dict():
                names = tuple((name, entry.sure) for name, entry in value.fields.items())
                rest = value.keys is None, value.values is None, value.rest, value.open, value.present
                return names, value.schema, rest, value.factory, self._birth(value.birth), value.node
        return self._callable(value)

    def _callable(self, value: Value) -> Hashable | None:
        match value:
            case Function(node=node, env=env, bound=bound):
                return node, env, None if bound is None else self.of(bound)
            case Native(name=name, target=target):
                return name, None if target is None else self.of(target)
            case Partial(inner=inner, args=args, keywords=keywords):
                given = tuple((name, self.of(inner)) for name, inner in keywords.items())
                return self.of(inner), tuple(map(self.of, args)), given
            case Either(options=options):
                return tuple(map(self.of, options))
            case Class(env=env):
                return (env,)
            case Instance(birth=birth) | Seen(birth=birth):
                return (birth,)
            case Module(name=name):
                return (name,)
        return () if isinstance(value, (Unknown, Nothing, Budget)) else None
