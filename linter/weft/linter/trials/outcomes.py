"""How what came of trials compares: what is the same but for the voters' own words, and what has less in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from weft.linter.trials.symbols import Symbol

__all__ = [
    "NUMBER",
    "SPOKEN",
    "added",
    "ahead",
    "comparable",
    "has_items",
    "holds",
    "less",
    "texts",
    "uncounted",
    "without",
]

_GONE = object()
NUMBER = ("number",)
"""Stands for any number."""
SPOKEN = ("spoken",)
"""Stands for what voters have said."""


def without(
    value: object,
    nodes: frozenset[ast.Call],
    *,
    numbers: bool,
    choices: frozenset[object] = frozenset(),
    whole: bool = True,
    words: bool = False,
    counts: bool = True,
) -> object:
    """Return what came of a trial without what some agents have said, and without numbers unless they are kept.

    What they have decided is left out as well where they are the `choices`, or where an answer is there as a `whole`
    and that is not wanted. Where it matters that there are `words` of theirs, `SPOKEN` stands for them. Without
    `counts` the numbers in what agents were asked are left out as well.
    """
    found = _Without(nodes, numbers, choices, whole, words, counts).rest(value)
    return None if found is _GONE else found


@dataclass(slots=True)
class _Without:
    """Leaves out what is not to be compared; `without` says what the options mean."""

    nodes: frozenset[ast.Call]
    numbers: bool
    choices: frozenset[object]
    whole: bool
    words: bool
    counts: bool
    asking: bool = False
    """Whether this is a part of what an agent was asked, and its numbers do not count."""
    known: dict[tuple[int, bool], object] = field(default_factory=dict)
    """What is left of what is unknown, which is a part of much else."""

    def rest(self, value: object) -> object:
        """Return what is left of a value; `_GONE` where that is nothing."""
        if isinstance(value, Symbol):
            key = id(value), self.asking
            if key not in self.known:
                said = _speaker(value) in self.nodes
                self.known[key] = (SPOKEN if self.words else _GONE) if said else self._spoken(value)
            return self.known[key]
        if isinstance(value, str) and self.asking:
            return uncounted(value)
        if not isinstance(value, tuple) or not value:
            return _GONE if isinstance(value, (str, bool)) and value in self.choices else value
        if value[0] == "number":
            return value if self.numbers and not self.asking else NUMBER
        if value[0] == "told":
            return self.rest(value[2]) if self.whole or value[1].parts[0] not in self.nodes else _GONE
        if value[0] == "dict":
            pairs = [(self.rest(key), self.rest(one)) for key, one in value[1:]]
            return ("dict", *(("·" if key is _GONE else key, None if one is _GONE else one) for key, one in pairs))
        return (value[0], *(one for one in map(self.rest, value[1:]) if one is not _GONE))

    def _spoken(self, value: Symbol) -> Symbol:
        before, self.asking = self.asking, self.asking or (value.op == "answer" and not self.counts)
        parts = [*map(self.rest, value.parts)]
        self.asking = before
        same = all(new is old for new, old in zip(parts, value.parts, strict=True))
        return value if same else Symbol(value.op, *(part for part in parts if part is not _GONE))


def uncounted(text: str) -> str:
    """Return a text in which all numbers are alike."""
    return re.sub(r"\d+", "0", text)


def _speaker(value: Symbol) -> object:
    """Return the call whose answer something is, or is taken from."""
    while (
        value.op in ("said", "entry", "element", "slice", "of") and value.parts and isinstance(value.parts[0], Symbol)
    ):
        value = value.parts[0]
    return value.parts[0] if value.op == "answer" else None


def has_items(value: object) -> bool:
    """Tell whether there is more in something than yes, no, numbers and nothing."""
    if isinstance(value, tuple) and value:
        if value[0] == "number":
            return False
        inner = [one[1] for one in value[1:]] if value[0] == "dict" else value[1:]
        return any(map(has_items, inner))
    return not isinstance(value, (bool, type(None))) and value != ""


def holds(value: object, item: object, *, deep: bool = True) -> bool:
    """Tell whether something has an item in it, at any depth; in what is unknown only where that is wanted."""
    waiting, met = [value], set[int]()
    while waiting:
        one = waiting.pop()
        if one == item:
            return True
        if isinstance(one, tuple):
            waiting += one
        elif deep and isinstance(one, Symbol) and id(one) not in met:
            met.add(id(one))
            waiting += one.parts
    return False


def comparable(one: object, other: object) -> bool:
    """Tell whether something is the same as another, whatever voters have said."""
    if one == other or SPOKEN in (one, other):
        return True
    if isinstance(one, Symbol) and isinstance(other, Symbol) and one.op == other.op:
        return len(one.parts) == len(other.parts) and all(map(comparable, one.parts, other.parts))
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(comparable, one, other))
    return False


_EMPTY: tuple[object, ...] = (None, False, "", ("list",), ("dict",), ("set",))


def less(one: object, other: object) -> bool:
    """Tell whether something is another, or has less in it."""
    if one == other or one in _EMPTY:
        return True
    if isinstance(one, Symbol) and isinstance(other, Symbol):
        alike = one.op == other.op and len(one.parts) == len(other.parts)
        return alike and one.op in ("answer", "text", "called") and all(map(less, one.parts, other.parts))
    if isinstance(one, str) and isinstance(other, Symbol) and other.op == "text":
        return _written(one, other)
    if not isinstance(one, tuple) or not isinstance(other, tuple) or one[0] != other[0]:
        return False
    if one[0] == "dict":
        held = dict(other[1:])
        return all(key in held and less(value, held[key]) for key, value in one[1:])
    if len(one) == len(other):
        return all(map(less, one, other))
    rest = iter(other)
    return all(any(less(inner, outer) for outer in rest) for inner in one)


def _written(words: str, text: Symbol) -> bool:
    """Tell whether some words are a text without the items in it: all that stands between them is there.

    A text that goes on from an answer has no less in it where there was no answer yet.
    """
    if any(isinstance(part, Symbol) and part.op == "answer" for part in text.parts):
        return False
    return (
        re.search(".*".join(re.escape(part) for part in text.parts if isinstance(part, str)), words, re.S) is not None
    )


def ahead(one: object, other: object) -> bool:
    """Tell whether something has more in it than another where they first differ, whatever comes after that.

    Of what is kept and what is not, a result names first what it is about.
    """
    if less(other, one):
        return not less(one, other)
    if not isinstance(one, tuple) or not isinstance(other, tuple) or one[0] != other[0]:
        return False
    pairs: list[tuple[object, object]] = list(zip(one[1:], other[1:], strict=False))
    if one[0] == "dict":
        held = dict(other[1:])
        pairs = [(value, held[key]) for key, value in one[1:] if key in held]
    first = next((pair for pair in pairs if pair[0] != pair[1]), None)
    return first is not None and ahead(*first)


def texts(value: object) -> Iterator[str]:
    """Yield the texts that something is or has as a record, and the names of what is true of it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple) and value and value[0] == "dict":
        for name, one in value[1:]:
            yield from texts(one)
            if one is True and isinstance(name, str):
                yield name
    elif isinstance(value, tuple) and value and value[0] == "list":
        for one in value[1:]:
            yield from texts(one)


def added(one: object, other: object, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield what is in something and not in another, with the names that it stands under."""
    if one == other:
        return
    if not isinstance(one, tuple) or not isinstance(other, tuple) or one[0] != other[0] or one[0] == "number":
        yield names, one
    elif one[0] == "dict":
        held = dict(other[1:])
        for key, value in one[1:]:
            yield from added(value, held.get(key), (*names, key) if isinstance(key, str) else names)
    elif len(one) == len(other) > 1 and isinstance(one[1], tuple):
        for inner, outer in zip(one[1:], other[1:], strict=True):
            yield from added(inner, outer, names)
    else:
        yield names, one
