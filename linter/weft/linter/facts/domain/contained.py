"""What values are inside a value, and a value with those replaced: the only place that says so.

What is in one at any depth is found out once, for a value never changes, and kept with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import Amount, Symbol
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval
from weft.linter.facts.domain.marks import Marks
from weft.linter.facts.domain.values import CONTAINERS, Dict, Field, Listing, Number, Part, Seen, Text, Value
from weft.linter.record import replace

__all__ = [
    "births_in",
    "children",
    "contents",
    "deep_marks",
    "everything",
    "found_in",
    "mapped",
    "rebuilt",
    "symbols_in",
]

_DEPTH = 6
"""How deep a value is looked into; what lies deeper has given its marks to what holds it, or is of no consequence."""

_NOTHING: frozenset[Any] = frozenset()

Change = Callable[[Value], Value]


def children(value: Value) -> Iterator[Value]:
    """Yield the values directly inside a value: the elements of a list; the entries of a dict and its unknown keys."""
    match value:
        case Listing(parts=parts):
            for part in parts:
                yield part.element
        case Dict(fields=fields, keys=keys, values=values):
            for entry in fields.values():
                yield entry.value
            if keys is not None:
                yield keys
            if values is not None:
                yield values


def mapped(
    value: Value,
    alone: Change,
    several: Change | None = None,
    keys: Change | None = None,
    size: Callable[[Interval], Interval] = lambda size: size,
) -> Value:
    """Return a value with what is directly inside it replaced; the value itself where nothing is.

    Args:
        value: Any value.
        alone: Replaces what is in it once.
        several: Replaces what stands for several values, by default like any other.
        keys: Replaces what stands for the unknown keys of a dict, by default like what stands for several values.
        size: Replaces how many elements or entries there are.
    """
    many = several or alone
    match value:
        case Listing(parts=parts):
            spend(2 + len(parts))
            changed = tuple(_part(part, alone if part.count == EXACTLY_ONE else many, size) for part in parts)
            same = all(new is old for new, old in zip(changed, parts, strict=True))
            return value if same else replace(value, parts=changed)
        case Dict(fields=fields):
            spend(3 + len(fields))
            inner = {key: _entry(entry, alone(entry.value)) for key, entry in fields.items()}
            names = None if value.keys is None else (keys or many)(value.keys)
            values = None if value.values is None else many(value.values)
            rest = size(value.rest)
            same = all(inner[key] is fields[key] for key in fields) and (rest is value.rest or rest == value.rest)
            if same and names is value.keys and values is value.values:
                return value
            return replace(value, fields=inner, keys=names, values=values, rest=rest)
    return value


def _part(part: Part, change: Change, size: Callable[[Interval], Interval]) -> Part:
    count, element = size(part.count), change(part.element)
    same = element is part.element and (count is part.count or count == part.count)
    return part if same else Part(count, element)


def _entry(entry: Field, new: Value) -> Field:
    return entry if new is entry.value else Field(new, entry.sure)


def rebuilt(
    value: Value, change: Callable[[Value], Value | None], known: dict[int, tuple[Value, Value]], *, anew: bool = False
) -> Value:
    """Return `value` with `change` applied to it and everything in it; it gives `None` for what stays as it is.

    `anew`: what tests have said of a container no longer tells what is in it where that has changed.
    """
    found = known.get(id(value))
    if found is None:
        spend(1)
        known[id(value)] = (value, value)
        own = change(value) or value
        new = mapped(own, lambda inner: rebuilt(inner, change, known, anew=anew))
        new = replace(new, root=None, when=None) if anew and new is not own else new
        found = known[id(value)] = (new, value)
    return found[0]


def contents(value: Value, depth: int = 0) -> Iterator[Value]:
    """Yield a value and all that is in it."""
    spend(1)
    yield value
    if depth <= _DEPTH:
        for inner in children(value):
            yield from contents(inner, depth + 1)


def everything(*values: Value) -> Iterator[Value]:
    """Yield values and all that is in them, however deep, each once."""
    met: set[int] = set()
    waiting = [*values]
    while waiting:
        one = waiting.pop()
        if id(one) not in met:
            spend(1)
            met.add(id(one))
            yield one
            waiting += children(one)


def found_in(variables: Iterable[tuple[object, Value]], birth: Birth) -> Listing | Dict | None:
    """Return a list or dict as it is in what variables hold, each with its owner; `None` where it is in none."""
    values = (value for owner, value in variables if not isinstance(owner, Value) and birth in births_in(value))
    return next((one for one in everything(*values) if isinstance(one, (Listing, Dict)) and one.birth is birth), None)


def deep_marks(value: Value) -> Marks:
    """Return the marks of a value and of all that is in it."""
    if not isinstance(value, (Listing, Dict)):
        return value.marks
    try:
        return value.inner_marks
    except AttributeError:
        value.inner_marks = _gathered(value, value.marks, deep_marks)
        return value.inner_marks


def births_in(value: Value) -> frozenset[Birth]:
    """Return the containers that a value is, may be, has in it, or reads while it is walked."""
    if not isinstance(value, CONTAINERS):
        return _NOTHING
    try:
        return value.inner_births
    except AttributeError:
        own = [value.birth]
        if isinstance(value, Listing):
            own += [one for one in value.reads if isinstance(one, Birth)]
        value.inner_births = _gathered(value, frozenset(own).union(*(one.either for one in own)), births_in)
        return value.inner_births


def symbols_in(value: Value) -> frozenset[Symbol]:
    """Return the symbols in a value and in all that is in it."""
    try:
        return value.inner_symbols
    except AttributeError:
        own: frozenset[Symbol] = _NOTHING.union(*(amount.symbols() for amount in _amounts(value)))
        value.inner_symbols = _gathered(value, own, symbols_in) if isinstance(value, (Listing, Dict)) else own
        return value.inner_symbols


def _gathered(value: Value, own: frozenset[Any], of: Callable[[Value], frozenset[Any]]) -> frozenset[Any]:
    found = [of(inner) for inner in children(value)]
    spend(len(found))  # nothing for what has nothing in it: some of these are shared by all harnesses
    return own.union(*(one for one in found if one and one is not own)) if found else own


def _amounts(value: Value) -> Iterator[Amount]:
    """Yield the amounts in a value itself; of a length the upper end, which has the symbols of the lower."""
    match value:
        case Number(low=low, high=high):
            yield from (high,) if low is None else (low, high)
        case Seen(size=size):
            yield size.high
        case Text(tokens=tokens):
            yield tokens
        case Listing(parts=parts):
            yield from (part.count.high for part in parts)
        case Dict(rest=rest):
            yield rest.high
