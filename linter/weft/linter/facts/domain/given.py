"""The arguments of the run: unknown while a harness is linted, numbers in a formula, known at launch."""

from __future__ import annotations

from dataclasses import replace

from weft.linter.facts.domain.amounts import ZERO, Amount, minimum, of
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.parameters import EVERY, Parameter
from weft.linter.facts.domain.values import (
    Birth,
    Bool,
    Declared,
    Dict,
    Given,
    Lack,
    Listing,
    Number,
    Part,
    Text,
    Value,
    constant,
    marked,
)

__all__ = ["as_listing", "as_number", "field_of", "given", "length_of", "listed"]


def given(path: tuple[str, ...], schema: Declared | None, lack: Lack | None = None) -> Value:
    """Return the argument at a path; one of a plain kind where the declared schema says so."""
    plain = schema.promised() if schema is not None else None
    if isinstance(plain, Text):
        return replace(plain, lack=lack or plain.lack, said=False)
    if isinstance(plain, Bool):
        return replace(plain, lack=lack or plain.lack)
    return Given(path=path, schema=schema, lack=lack or (plain.lack if plain is not None else None))


def field_of(value: Given, key: str, lack: Lack | None = None, fallback: Value | None = None) -> Value:
    """Return an argument's entry: what `args["key"]` or `args.get("key", fallback)` gives."""
    inner = value.schema.property(key) if value.schema is not None else None
    if value.schema is not None and key in value.schema.required():
        lack = None
    found = marked(given((*value.path, key), inner, lack), value.marks)
    if fallback is None or not isinstance(found, Given):
        return found
    return replace(found, lack=None, default=_default(fallback))


def _default(fallback: Value) -> int | None:
    """Return the length or the number that stands in for an argument that is left out."""
    if isinstance(fallback, Listing):
        total = [part.count.high.constant for part in fallback.parts]
        return None if None in total else sum(size or 0 for size in total)
    if isinstance(fallback, Dict):
        return len(fallback.fields)
    return fallback.exact if isinstance(fallback, Number) else None


def length_of(value: Given) -> Interval:
    """Return how long an argument can be: what its schema allows and what will be given."""
    high = of(Parameter(value.path, length=True, default=value.default))
    if value.schema is not None and constant(value.schema.entry("type")) == "array":
        declared = value.schema.length()
        return Interval(declared.low, minimum(declared.high, high))
    return Interval(ZERO, high)


def listed(value: Given) -> Value:
    """Return any element of an argument that is a list."""
    inner = value.schema.items() if value.schema is not None else None
    return given((*value.path, EVERY), inner)


def as_listing(value: Given) -> Listing:
    """Return an argument seen as a list."""
    part = Part(length_of(value), marked(listed(value), value.marks))
    return Listing(parts=(part,), birth=Birth(0), marks=value.marks, lack=value.lack, along=frozenset((value.path,)))


def as_number(value: Given) -> Number:
    """Return an argument seen as a number."""
    high: Amount = of(Parameter(value.path, length=False, default=value.default))
    low: Amount | None = high
    most = value.schema.entry("maximum") if value.schema is not None else None
    if isinstance(most, Number):
        low, high = ZERO, minimum(most.high, high)
    return Number(low=low, high=high, marks=value.marks, lack=value.lack)
