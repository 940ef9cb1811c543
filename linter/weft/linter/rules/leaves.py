"""What a key is made of: each field that it reads, and whether two agents would give it alike."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.effort import unparsed
from weft.linter.facts import Facts
from weft.linter.facts.domain.code import Function, Native
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.schema import constant
from weft.linter.facts.domain.values import Dict, Listing, Number, Text, Value
from weft.linter.facts.events import Keyed, Loop
from weft.linter.facts.follow.entries import fields_of
from weft.linter.record import record
from weft.linter.rules.words import ESTIMATE, NAME, PLACE, PROSE

__all__ = ["Leaf", "leaves"]

_LONG = 200
"""Characters that no name has."""

_UNCHANGED = {"lower", "upper", "casefold", "strip", "lstrip", "rstrip", "title"}
"""Methods that leave as much in a text as there was."""


@record()
class Leaf:
    """One part of a key."""

    node: ast.expr
    fault: str | None
    """What makes it unstable."""
    others: tuple[str, ...] = ()
    """Fields of the item that two agents would give alike."""


def leaves(facts: Facts, event: Keyed) -> Iterator[Leaf]:
    """Yield the parts of a key, as far as they can be followed."""
    match event.key:
        case None:
            yield from _whole(event.node, event.item)
        case Function(node=function) if len(function.args.args) == 1 and (written := _returned(function)) is not None:
            rounds = {unparsed(loop.node.target) for loop in facts.each(Loop) if isinstance(loop.node, ast.For)}
            yield from _Reader(function.args.args[0].arg, event.item, rounds).read(written)
        case Native(name="operator.got", target=Listing(parts=parts, node=ast.expr() as node)):
            for name in (constant(part.element) for part in parts):
                if isinstance(name, str) and isinstance(event.item, Dict) and name in fields_of(event.item):
                    yield Leaf(node, _fault(event.item, name), _others(event.item))


def _returned(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> ast.expr | None:
    """Return the expression that a function gives, where it does nothing else."""
    if isinstance(function, ast.Lambda):
        return function.body
    match [line for line in function.body if not _is_text(line)]:
        case [ast.Return(value=ast.expr() as value)]:
            return value
    return None


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


@record()
class _Reader:
    """Takes a key apart."""

    parameter: str
    item: Value
    rounds: set[str]
    """What walks through rounds or items."""

    def read(self, node: ast.expr) -> Iterator[Leaf]:
        """Yield the parts of an expression."""
        match node:
            case ast.Name(id=self.parameter):
                yield from _whole(node, self.item)
            case ast.Attribute(value=ast.Name(id=name), attr="number") if name in self.rounds:
                yield Leaf(node, "the number of the round")
            case ast.Subscript() | ast.Call(func=ast.Attribute(attr="get")):
                yield from self._field(node)
            case ast.Call(func=ast.Attribute(value=inner, attr=name)) if name in _UNCHANGED:
                yield from self.read(inner)
            case ast.Call(func=called, args=[inner, *_]):
                yield from self._converted(unparsed(called), inner)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.JoinedStr(values=parts) | ast.BoolOp(values=parts):
                for part in parts:
                    yield from self.read(part)
            case ast.FormattedValue(value=inner):
                yield from self.read(inner)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                yield from self.read(left)
                yield from self.read(right)

    def _converted(self, called: str, inner: ast.expr) -> Iterator[Leaf]:
        """Yield the parts of what is turned into another type."""
        if called in ("str", "repr", "json.dumps", "dumps"):
            yield from self.read(inner)
        elif called in ("tuple", "frozenset", "sorted"):
            match inner:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=self.parameter), attr="values" | "items")):
                    yield from _whole(inner, self.item)
                case ast.Call(func=ast.Name(id="sorted")):
                    yield from self.read(inner)

    def _field(self, node: ast.expr) -> Iterator[Leaf]:
        name, owner = _named(node)
        held = self._value(owner) if owner is not None else ANY
        if name is not None and isinstance(held, Dict) and name in fields_of(held):
            yield Leaf(node, _fault(held, name), _others(held))

    def _value(self, node: ast.expr) -> Value:
        """Return what is known of an expression that leads to a field."""
        if isinstance(node, ast.Name) and node.id == self.parameter:
            return self.item
        name, owner = _named(node)
        held = self._value(owner) if owner is not None else ANY
        known = fields_of(held) if isinstance(held, Dict) else {}
        return known[name].value if name is not None and name in known else ANY


def _named(node: ast.expr) -> tuple[str | None, ast.expr | None]:
    """Return the field that an expression reads, and what it reads it from."""
    match node:
        case ast.Subscript(value=owner, slice=ast.Constant(value=str(name))):
            return name, owner
        case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return name, owner
    return None, None


def _fault(held: Dict, name: str) -> str | None:
    """Return what makes a field of an item unstable."""
    schema = held.schema.property(name) if held.schema is not None and name not in held.fields else None
    match fields_of(held)[name].value:
        case Number(whole=whole) if ESTIMATE.search(name) or not (whole or PLACE.search(name)):
            return f'"{name}", a number that the model estimates'
        case Text(const=None) if schema is not None and schema.entry("enum") is None:
            most = constant(schema.entry("maxLength"))
            long = isinstance(most, int) and most > _LONG
            return f'"{name}", which is prose' if long or PROSE.search(name) else None
    return None


def _others(held: Dict) -> tuple[str, ...]:
    """Return the fields of an item that are stable."""
    known = ((name, field.value) for name, field in fields_of(held).items())
    return tuple(name for name, value in known if isinstance(value, (Text, Number)) and not _fault(held, name))


def _whole(node: ast.expr, item: Value) -> Iterator[Leaf]:
    """Yield the whole item, where something in it is neither a number nor a name."""
    if isinstance(item, Dict) and item.schema is not None and len(fields_of(item)) > 1:
        loose = [name for name, field in fields_of(item).items() if not _is_name(item, name, field.value)]
        if loose:
            yield Leaf(node, "the whole item", tuple(name for name in _others(item) if name not in loose))


def _is_name(held: Dict, name: str, value: Value) -> bool:
    """Tell whether a field identifies what the item is about."""
    schema = held.schema.property(name) if held.schema is not None else None
    fixed = schema is not None and schema.entry("enum") is not None
    return _fault(held, name) is None and (fixed or not isinstance(value, Text) or bool(NAME.search(name)))
