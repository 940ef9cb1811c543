"""How many items the lists in a value could have had, by the schema that it fits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from weft.primitives.schemas.references import References
from weft.primitives.schemas.room import kind_of

__all__ = ["Lengths", "Span", "Spot"]


class Span(NamedTuple):
    """The fewest and the most items that a list may have."""

    least: float
    most: float


@dataclass(frozen=True, slots=True, eq=False)
class OneOf:
    """Places of which at least one is that of the value."""

    options: tuple[Place, ...]


Place = Sequence["dict[str, Any] | OneOf"]
"""Where a value stands in a schema: all that is said there of it, references followed."""

MOST_STEPS = 64
"""How many references and combinations lead to the last that is heeded of what is said of one value."""


class Lengths:
    """What one schema says of the lists in values that fit it."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._references = References(schema)
        self._places: dict[int, Place] = {}
        """That of each schema within, by its identity: what many refer to is read once."""
        self._root = schema

    def of(self, value: Any) -> Spot:
        """Return a value that fits the whole schema."""
        return Spot(self, self.place(self._root), value)

    def place(self, schema: Any, steps: int = MOST_STEPS) -> Place:
        """Return all that a schema says of a value; nothing of what leads back to itself."""
        if not isinstance(schema, dict) or not steps:
            return ()
        if id(schema) not in self._places:
            self._places[id(schema)] = ()
            self._places[id(schema)] = tuple(self._said(schema, steps - 1))
        return self._places[id(schema)]

    def _said(self, schema: dict[str, Any], steps: int) -> Iterator[dict[str, Any] | OneOf]:
        yield schema
        for also in _listed(schema.get("allOf")):
            yield from self.place(also, steps)
        if isinstance(reference := schema.get("$ref"), str):
            yield from self.place(self._references.target(schema, reference), steps)
        for options in _alternatives(schema):
            yield OneOf(tuple(self.place(option, steps) for option in options))


class Spot:
    """One value in its place."""

    def __init__(self, lengths: Lengths, place: Place, value: Any) -> None:
        self._lengths = lengths
        self._place = place
        self._value = value
        self._possible: dict[int, list[Place]] = {}
        """Of alternatives by their identity, those that the value may be: many places may share some."""

    def span(self) -> Span:
        """Return how many items the list may have; alternatives that it is not one of do not count."""
        spans: dict[int, Span] = {}

        def of(place: Place) -> Span:
            if id(place) not in spans:
                least, most = 0.0, math.inf
                for said in place:
                    if isinstance(said, OneOf):
                        among = [of(option) for option in self._options(said)] or [Span(least, most)]
                        few, many = min(one.least for one in among), max(one.most for one in among)
                    else:
                        few, many = _count(said.get("minItems"), 0), _count(said.get("maxItems"), math.inf)
                    least, most = max(least, few), min(most, many)
                spans[id(place)] = Span(least, most)
            return spans[id(place)]

        return of(self._place)

    def below(self, step: str | int, value: Any) -> Spot:
        """Return what stands in it under a name or at a position."""
        found: dict[int, Place] = {}

        def of(place: Place) -> Place:
            if id(place) not in found:
                below: list[dict[str, Any] | OneOf] = []
                for said in place:
                    if isinstance(said, OneOf):
                        options = tuple(of(option) for option in self._options(said))
                        below += options[0] if len(options) == 1 else (OneOf(options),)
                    else:
                        below += self._lengths.place(_under(said, step))
                found[id(place)] = below
            return found[id(place)]

        return Spot(self._lengths, of(self._place), value)

    def _options(self, among: OneOf) -> list[Place]:
        """Return the alternatives that it may be, as far as its kind and its plain fields tell."""
        if id(among) not in self._possible:
            self._possible[id(among)] = [one for one in among.options if all(self._may_be(said) for said in one)]
        return self._possible[id(among)]

    def _may_be(self, said: dict[str, Any] | OneOf) -> bool:
        return bool(self._options(said)) if isinstance(said, OneOf) else _fits(said, self._value)


def _alternatives(schema: dict[str, Any]) -> Iterator[list[Any]]:
    """Yield the lists of schemas of which a value fits at least one."""
    for keyword in ("anyOf", "oneOf"):
        if options := _listed(schema.get(keyword)):
            yield options
    if "if" in schema:
        yield [schema.get("then", {}), schema.get("else", {})]


def _under(schema: dict[str, Any], step: str | int) -> Any:
    if isinstance(step, int):
        first = _listed(schema.get("prefixItems"))
        return first[step] if step < len(first) else schema.get("items")
    named = schema.get("properties")
    return named[step] if isinstance(named, dict) and step in named else schema.get("additionalProperties")


def _fits(said: dict[str, Any], value: Any, *, deep: bool = True) -> bool:
    """Tell whether a value may be what a schema says, by its kind, its constant and, one step in, by its fields."""
    kinds, kind = _listed(said.get("type")) or [said["type"]] if "type" in said else [], kind_of(value)
    if kinds and kind not in kinds and not (kind == "number" and "integer" in kinds):
        return False
    if ("const" in said and said["const"] != value) or ("enum" in said and value not in _listed(said["enum"])):
        return False
    if not (deep and isinstance(value, dict)):
        return True
    named = said.get("properties")
    fields = [(named[name], field) for name, field in value.items() if isinstance(named, dict) and name in named]
    whole = all(name in value for name in _listed(said.get("required")))
    return whole and all(_fits(one, field, deep=False) for one, field in fields if isinstance(one, dict))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: Any, otherwise: float) -> float:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else otherwise
