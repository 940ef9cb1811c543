"""What a value holds that others can change, and values of which nothing else is known.

How it is forgotten is next door, in `losing`.
"""

from __future__ import annotations

from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Class, Coroutine, Either, Function, Instance, Native, Partial
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks
from weft.linter.facts.domain.values import UNEXPLAINED, Dict, Given, Listing, Seen, Unknown, Value

__all__ = ["ANY", "CODE", "IMPOSSIBLE", "anything", "held"]


OPAQUE: Marks = frozenset((Mark("opaque", "value"),))
CODE = "code"
"""What a value holds that may be a function, or an object with methods: calling it may do whatever the harness does."""


def held(value: Value) -> Marks:
    """Return marks of all that can be changed by whoever is given a value: containers, objects, arguments, code."""
    found = {mark for mark in value.marks if mark.kind == "holds"}
    match value:
        case Listing(parts=parts, birth=birth):
            found |= _any_of(birth)
            found |= {Mark("holds", path) for path in birth.arguments()}
            found.update(*(held(part.element) for part in parts))
        case Dict(fields=fields, keys=keys, values=values, birth=birth):
            found |= _any_of(birth)
            found.update(*(held(entry.value) for entry in fields.values()))
            found.update(*(held(inner) for inner in (keys, values) if inner is not None))
        case Seen(birth=birth):
            found |= _any_of(birth)
        case Given(path=path):
            found.add(Mark("holds", path))
        case Instance(birth=birth):
            found |= {Mark("holds", birth), Mark("holds", CODE)}
        case Class(env=env):
            found |= {Mark("holds", env), Mark("holds", CODE)}
        case Native(target=target):
            found |= NO_MARKS if target is None else held(target)
        case Function() | Partial() | Either() | Coroutine():
            found.add(Mark("holds", CODE))
    return frozenset(found)


def _any_of(birth: Birth) -> Marks:
    """Return marks of a container, and of all that it may be."""
    return frozenset(Mark("holds", one) for one in (birth, *birth.either))


def anything(why: str, *inputs: Value, marks: Marks = NO_MARKS) -> Unknown:
    """Return a value of which only the origin is known."""
    for value in inputs:
        marks |= value.marks | held(value)
    return Unknown(lack=UNEXPLAINED, marks=marks | OPAQUE, why=why)


ANY = Unknown(lack=UNEXPLAINED, marks=OPAQUE)
IMPOSSIBLE = Unknown(lack=UNEXPLAINED, marks=OPAQUE | {Mark("told", "value")})
"""What no run gets, for a reason that is told elsewhere: nothing that comes of it is worth telling besides."""
