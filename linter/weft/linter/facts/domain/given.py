"""The arguments of the run: unknown while a harness is linted, numbers in a formula, known at launch."""

from __future__ import annotations

from weft.linter.facts.domain.amounts import ZERO, maximum, minimum, number, of
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.parameters import EVERY, Parameter
from weft.linter.facts.domain.values import (
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
from weft.linter.record import replace

__all__ = ["as_listing", "as_number", "default_of", "field_of", "given", "length_of", "listed"]


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
    return replace(found, lack=None, default=default_of(fallback))


def default_of(fallback: Value) -> int | None:
    """Return the length or the number that stands in for an argument that is left out; `None` where more must be known.

    More must be known where there is something in it that has a length or is a number itself.
    """
    if isinstance(fallback, Listing):
        total = [part.count.high.constant for part in fallback.parts]
        plain = all(isinstance(part.element, Text) for part in fallback.parts)
        return sum(size or 0 for size in total) if plain and None not in total else None
    if isinstance(fallback, Dict):
        empty = not fallback.fields and fallback.values is None and fallback.schema is None and not fallback.open
        return 0 if empty else None
    return fallback.exact if isinstance(fallback, Number) else None


def length_of(value: Given) -> Interval:
    """Return how long an argument can be: what its schema allows and what will be given."""
    high = of(Parameter(value.path, length=True, default=value.default))
    if value.schema is not None and constant(value.schema.entry("type")) == "array":
        declared = value.schema.length()
        low, most = declared.low, declared.high
        if value.default is not None:  # the schema says nothing of it
            low, most = minimum(low, number(value.default)), maximum(most, number(value.default))
        return Interval(low, minimum(most, high) + number(value.added))
    return Interval(ZERO, high + number(value.added))


def listed(value: Given) -> Value:
    """Return any element of an argument that is a list."""
    inner = value.schema.items() if value.schema is not None else None
    return given((*value.path, EVERY), inner)


def as_listing(value: Given) -> Listing:
    """Return an argument seen as a list."""
    part = Part(length_of(value), marked(listed(value), value.marks))
    return Listing(
        parts=(part,),
        birth=Birth(0, argument=value.path),
        marks=value.marks,
        lack=value.lack,
        along=frozenset((value.path,)),
        reads=frozenset((value.path,)),
    )


def as_number(value: Given) -> Number:
    """Return an argument seen as a number, which may be less than 0 unless its schema says otherwise."""
    above = of(Parameter(value.path, length=False, default=value.default))
    below = of(Parameter(value.path, length=False, default=value.default, part="below"))
    least, most = (_declared(value, key) for key in ("minimum", "maximum"))
    if least is not None and value.default is not None:
        least = min(least, value.default)
    if most is not None and value.default is not None:
        most = max(most, value.default)
    fall = below if least is None else minimum(below, number(max(0, -least)))
    high = above if most is None else minimum(above, number(most))
    low = ZERO - fall if EVERY in value.path else high - fall
    return Number(low=low, high=high, marks=value.marks, lack=value.lack)


def _declared(value: Given, key: str) -> int | None:
    """Return an end of a number that the declared schema sets; rounded away from the number if it is no whole one."""
    end = value.schema.entry(key) if value.schema is not None else None
    if not isinstance(end, Number):
        return None
    found = end.low if key == "minimum" else end.high
    return None if found is None else found.constant
