"""What a key is made of: each piece of an answer that goes into it, and whether two agents would give it alike."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from typing import cast

from weft.linter.facts.domain.contained import contents
from weft.linter.facts.domain.intervals import EXACTLY_ONE
from weft.linter.facts.domain.marks import BESIDES, Piece, about
from weft.linter.facts.domain.values import Declared, Dict, Given, Listing, Number, Text, Value, constant
from weft.linter.facts.repeating import Loop
from weft.linter.near import plain
from weft.linter.record import record
from weft.linter.rules.rounds import is_round
from weft.linter.rules.words import ASKS_FOR_PROSE, ESTIMATE, NAME, PLACE, POSITION, PROSE, WHOLE

__all__ = ["Leaf", "names_its_finder", "too_narrow", "unstable"]

_LONG = 200
"""Characters that no name has."""


@record()
class Leaf:
    """One part of a key that two agents would not give alike."""

    node: ast.AST
    fault: str
    others: tuple[str, ...] = ()
    """Fields of the item that two agents would give alike."""


def unstable(made: Value, node: ast.AST) -> Leaf | None:
    """Return the first part of a key which is unstable, where it is written; `node` is where items are told apart."""
    found = [leaf for value in contents(made) for leaf in _leaves(value, node)]
    return min(found, key=_place, default=None)


def too_narrow(made: Value, walked: Container[str]) -> Leaf | None:
    """Return the first position in a key that does not say what it is a position in, though the item does.

    Args:
        made: The key.
        walked: The names under which the harness has what its loops walk; a field that is called so is one of these.
    """
    pieces = {piece for value in contents(made) for piece in _pieces(value)}
    schemas = {cast(Declared, piece.schema) for piece in pieces}
    fields = {piece.field for piece in pieces if piece.field is not None}
    if len(schemas) != 1 or len(fields) != len({piece.field for piece in pieces}):
        return None
    (schema,) = schemas
    wholes = [name for name in schema.required() if WHOLE.search(name) or plain(name) in walked]
    if not wholes or not all(_is_position(schema, name) for name in fields) or _has_more(made):
        return None
    first = min((cast(ast.AST, piece.node) for piece in pieces), key=lambda at: getattr(at, "lineno", 0))
    return Leaf(first, " and ".join(f'"{name}"' for name in sorted(fields)), tuple(sorted(wholes)))


def _pieces(value: Value) -> set[Piece]:
    return {piece for piece in about(value.marks, "made") if isinstance(piece, Piece)}


def _is_position(schema: Declared, name: str) -> bool:
    known = schema.fields().get(name)
    return known is not None and isinstance(known.value, Number) and POSITION.search(name) is not None


def names_its_finder(made: Value) -> bool:
    """Tell whether a key has a part that no agent has said, such as the file that the harness gave to one."""
    if isinstance(made, Text):
        return BESIDES in made.marks
    parts = made.parts if isinstance(made, Listing) else ()
    single = [part.element for part in parts if part.count == EXACTLY_ONE and constant(part.element) is None]
    return any(isinstance(one, (Text, Given)) and about(one.marks, "made") <= {BESIDES.of} for one in single)


def _has_more(made: Value) -> bool:
    """Tell whether a key has a part that is none of these pieces, and may name what the position is in."""
    parts = (value for value in contents(made) if not isinstance(value, (Listing, Dict)))
    return any((BESIDES in value.marks or not _pieces(value)) and constant(value) is None for value in parts)


def _place(leaf: Leaf) -> tuple[int, int]:
    return getattr(leaf.node, "lineno", 0), getattr(leaf.node, "col_offset", 0)


def _leaves(value: Value, node: ast.AST) -> Iterator[Leaf]:
    if isinstance(value, Dict) and value.schema is not None and not value.fields:
        yield from _whole(node, value.schema)
    if isinstance(value, Text) and value.whole and value.said:
        yield Leaf(node, "all that an agent has said")
    for piece in about(value.marks, "made"):
        if isinstance(piece, Loop) and is_round(piece):
            yield Leaf(node, "the number of the round")
        elif isinstance(piece, Piece):
            place, schema = cast(ast.AST, piece.node), cast(Declared, piece.schema)
            if piece.field is None:
                yield from _whole(place, schema)
            elif isinstance(value, (Text, Number)) and (fault := _fault(schema, piece.field)) is not None:
                yield Leaf(place, fault, _others(schema))


def _fault(schema: Declared, name: str) -> str | None:
    """Return what makes a field of an item unstable."""
    own, known = schema.property(name), schema.fields().get(name)
    match None if known is None else known.value:
        case Number(whole=whole) if ESTIMATE.search(name) or not (whole or PLACE.search(name)):
            return f'"{name}", a number that the model estimates'
        case Text(const=None) if own is not None and own.entry("enum") is None:
            most = constant(own.entry("maxLength"))
            long = isinstance(most, int) and most > _LONG
            asked = ASKS_FOR_PROSE.search(str(constant(own.entry("description"))))
            return f'"{name}", which is prose' if long or asked or PROSE.search(name) else None
    return None


def _others(schema: Declared) -> tuple[str, ...]:
    """Return the fields of an item that are stable."""
    known = ((name, field.value) for name, field in schema.fields().items())
    return tuple(name for name, value in known if isinstance(value, (Text, Number)) and not _fault(schema, name))


def _whole(node: ast.AST, schema: Declared) -> Iterator[Leaf]:
    """Yield the whole item, where something in it is neither a number nor a name."""
    fields = schema.fields()
    loose = [name for name, field in fields.items() if not _is_name(schema, name, field.value)]
    if loose and len(fields) > 1:
        yield Leaf(node, "the whole item", tuple(name for name in _others(schema) if name not in loose))


def _is_name(schema: Declared, name: str, value: Value) -> bool:
    """Tell whether a field identifies what the item is about."""
    own = schema.property(name)
    fixed = own is not None and own.entry("enum") is not None
    return _fault(schema, name) is None and (fixed or not isinstance(value, Text) or bool(NAME.search(name)))
