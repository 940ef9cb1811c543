"""Watching a harness while it runs: which statements and ways it takes, and what it compares with what.

For rehearsals, which steer made-up answers by it; a real run is not watched. The marks are put into the syntax tree
before it is guarded, as calls of names that no harness can write. What they note is bounded, and changes nothing.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from weft.primitives.costs import COSTS
from weft.sandbox.protocol import Compared, Observation, Scalar

__all__ = ["Observer", "Place", "Places", "mark", "places_of"]

MOST_OF_PLACE = 400
"""How many comparisons are kept of one place."""

MOST_OF_ONE = 12
"""The same of those with the same text on one side: one that is looked for all over may not use up the place."""

MOST_COMPARED = 3_000
MOST_ELEMENTS = 40
"""How many elements of a collection are looked at that something is looked for in."""

BLOCKS = ("body", "orelse", "finalbody")
"""The fields of a node that hold statements; of expressions, one that has no list there."""

LONGEST_TEXT = 300
"""Letters of a text that are kept; of a longer one, the first."""


class Place(NamedTuple):
    """Where something stands in the source: line from 1, column from 0."""

    line: int
    column: int


class Places(NamedTuple):
    """What there is to reach in a harness, in the order of the source."""

    statements: tuple[int, ...]
    """The lines on which statements begin."""
    conditions: tuple[Place, ...]
    """Each of them has two ways."""
    calls: tuple[Place, ...]
    """Where a primitive is called that starts agents."""


class Observer:
    """Notes what the marks of one harness report."""

    def __init__(self) -> None:
        self._lines: set[int] = set()
        self._calls: set[Place] = set()
        self._ways: dict[Place, int] = {}
        self._left: dict[Place, object] = {}
        self._compared: dict[Place, dict[tuple[Scalar, Scalar], None]] = {}
        self._of_text: Counter[tuple[Place, str | None]] = Counter()
        self._kept = 0

    @property
    def names(self) -> dict[str, Callable[..., Any]]:
        """Return what the marks call, for the world of the harness."""
        return {
            "_at_": self._lines.add,
            "_way_": self._way,
            "_call_": self._call,
            "_left_": self._hold,
            "_right_": self._compare,
            "_cases_": self._cases,
        }

    @property
    def observation(self) -> Observation:
        """Return what has been noted so far."""
        return Observation(
            lines=tuple(sorted(self._lines)),
            calls=tuple(sorted(self._calls)),
            ways=tuple((*place, taken) for place, taken in sorted(self._ways.items())),
            compared=tuple(
                Compared(line=place.line, column=place.column, one=one, other=other)
                for place, pairs in self._compared.items()
                for one, other in pairs
            ),
        )

    def _way(self, line: int, column: int, value: object) -> bool:
        taken, place = bool(value), Place(line, column)
        self._ways[place] = self._ways.get(place, 0) | (1 if taken else 2)
        return taken

    def _call(self, line: int, column: int, primitive: object) -> object:
        self._calls.add(Place(line, column))
        return primitive

    def _hold(self, line: int, column: int, value: object) -> object:
        self._left[Place(line, column)] = value
        return value

    def _compare(self, line: int, column: int, value: object) -> object:
        place = Place(line, column)
        self._note(place, self._left.get(place), value)
        return value

    def _cases(self, line: int, column: int, value: object, *literals: object) -> object:
        self._note(Place(line, column), value, literals)
        return value

    def _note(self, place: Place, one: object, other: object) -> None:
        pairs = self._compared.setdefault(place, {})
        text = next((side for side in (one, other) if type(side) is str), None)
        if len(pairs) >= MOST_OF_PLACE or self._kept >= MOST_COMPARED or self._of_text[place, text] >= MOST_OF_ONE:
            return
        for pair in _pairs(one, other):
            self._kept += pair not in pairs
            pairs[pair] = None
        self._of_text[place, text] += text is not None


def _pairs(one: object, other: object) -> Iterator[tuple[Scalar, Scalar]]:
    """Yield what is compared with what, where one side is one of the other."""
    left, right = _scalar(one), _scalar(other)
    if left is not None and right is not None:
        yield left, right
    elif left is not None:
        yield from ((left, element) for element in _elements(other))
    elif right is not None:
        yield from ((right, element) for element in _elements(one))


def _elements(value: object) -> Iterator[Scalar]:
    for element in islice(_held(value), MOST_ELEMENTS):
        scalar = _scalar(element)
        if scalar is not None:
            yield scalar


def _held(value: object) -> Iterable[object]:
    """Return what a collection holds, by the methods of its built-in class: one of the harness could do anything."""
    match value:
        case dict():
            return dict.__iter__(value)
        case list():
            return list.__iter__(value)
        case tuple():
            return tuple.__iter__(value)
        case set():
            return sorted(text for text in set.__iter__(value) if type(text) is str)
        case frozenset():
            return sorted(text for text in frozenset.__iter__(value) if type(text) is str)
        case _:
            return ()


def _scalar(value: object) -> Scalar | None:
    if type(value) is str:
        text = value[:LONGEST_TEXT]
        return (
            None if any("\ud800" <= letter <= "\udfff" for letter in text) else text
        )  # no message can hold half a pair
    if type(value) is int:
        return value if abs(value) < 2**53 else None
    return value if type(value) is float and value - value == 0 else None


# ------------------------------------------------------------------------------------------------ marks


def mark(tree: ast.Module) -> None:
    """Put marks into a harness."""
    _Marks().visit(tree)
    ast.fix_missing_locations(tree)


def places_of(tree: ast.Module) -> Places:
    """Return what there is to reach in a harness that is not marked."""
    statements = {line for block in _blocks(tree) for line in map(_line_of, block) if line is not None}
    conditions = {Place(at.lineno, at.col_offset) for at in _conditions(tree)}
    calls = {_place(node) for node in ast.walk(tree) if isinstance(node, ast.Call) and _starts_agents(node)}
    return Places(tuple(sorted(statements)), tuple(sorted(conditions)), tuple(sorted(calls)))


def _place(node: ast.expr) -> Place:
    return Place(node.lineno, node.col_offset)


def _starts_agents(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id in COSTS


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in BLOCKS:
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _line_of(statement: ast.stmt) -> int | None:
    """Return the line to mark; `None` for what is not executed, or must come first."""
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.ImportFrom(module="__future__"):
            return None
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return None  # its body counts, which is reached when it is called
        case ast.Global() | ast.Nonlocal() | ast.Pass():
            return None
        case _:
            return statement.lineno


def _conditions(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        tests: list[ast.expr] = []
        match node:
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                tests = [test]
            case ast.comprehension(ifs=ifs):
                tests = ifs
            case ast.match_case(guard=ast.expr() as guard):
                tests = [guard]
            case _:
                pass
        yield from (test for test in tests if not isinstance(test, ast.Constant))


class _Marks(ast.NodeTransformer):
    """Puts marks around what is inside first; each of them has the place of what it marks."""

    def visit(self, node: ast.AST) -> ast.AST:
        """Mark a node, and all that is in it."""
        if isinstance(
            node, ast.AnnAssign | ast.arg
        ):  # annotations say of which kind something is, and are not looked up
            if isinstance(node, ast.AnnAssign) and node.value is not None:
                node.value = self.visit(node.value)  # type: ignore[assignment]  # an expression stays one
            return node
        self.generic_visit(node)
        match node:
            case ast.If() | ast.While() | ast.IfExp():
                node.test = _condition(node.test)
            case ast.comprehension():
                node.ifs = [_condition(test) for test in node.ifs]
            case ast.match_case(guard=ast.expr() as guard):
                node.guard = _condition(guard)
            case ast.Match():
                node.subject = _cases(node)
            case ast.Compare():
                node.left, node.comparators[0] = _both(node, node.left, node.comparators[0])
            case ast.Subscript(ctx=ast.Load()) if not isinstance(node.slice, ast.Slice | ast.Tuple):
                node.value, node.slice = _both(node, node.value, node.slice)
            case ast.Call(func=ast.Name()) if _starts_agents(node):
                node.func = _call("_call_", node.func, *_at(node), node.func)
            case ast.Call(func=ast.Attribute() as method, args=[first, *_]) if not isinstance(first, ast.Starred):
                method.value, node.args[0] = _both(node, method.value, first)
            case _:
                pass
        self._mark_blocks(node)
        return node

    def _mark_blocks(self, node: ast.AST) -> None:
        for name in BLOCKS:
            block = getattr(node, name, None)
            if isinstance(block, list):
                setattr(node, name, [part for statement in block for part in _announced(statement)])


def _condition(test: ast.expr) -> ast.expr:
    return test if isinstance(test, ast.Constant) else _call("_way_", test, *_at(test), test)


def _cases(node: ast.Match) -> ast.Call:
    """Return the subject of a `match`, marked with the literals that it is compared with."""
    patterns = [part for case in node.cases for part in ast.walk(case.pattern)]
    values = [part.value for part in patterns if isinstance(part, ast.MatchValue)]
    literals = [ast.Constant(value.value) for value in values if isinstance(value, ast.Constant)]
    return _call("_cases_", node.subject, *_at(node.subject), node.subject, *literals)


def _both(at: ast.expr, left: ast.expr, right: ast.expr) -> tuple[ast.expr, ast.expr]:
    """Return both sides of what is compared, marked."""
    return _call("_left_", left, *_at(at), left), _call("_right_", right, *_at(at), right)


def _announced(statement: ast.stmt) -> list[ast.stmt]:
    line = _line_of(statement)
    if line is None:
        return [statement]
    return [ast.copy_location(ast.Expr(_call("_at_", statement, ast.Constant(line))), statement), statement]


def _at(node: ast.expr) -> tuple[ast.Constant, ast.Constant]:
    return ast.Constant(node.lineno), ast.Constant(node.col_offset)


def _call(name: str, at: ast.AST, *values: ast.expr) -> ast.Call:
    return ast.copy_location(ast.Call(ast.copy_location(ast.Name(name, ast.Load()), at), list(values), []), at)
