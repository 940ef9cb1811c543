"""What rules ask about votes: which agents decide something, and where their decisions are counted."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.effort import walk
from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, at_least, number
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.marks import Mark, about
from weft.linter.facts.domain.schema import schema_of
from weft.linter.facts.domain.values import Bool, Dict, Given, Listing, Number, Text, Value
from weft.linter.facts.events import Asked, Compared, Loop
from weft.linter.facts.follow.entries import fields_of
from weft.linter.facts.readings import FieldRead
from weft.linter.rules.asking import calls, ignored_items, lists_walked, samples

__all__ = ["Tally", "asked_alike", "ballot", "never_enough", "tallies"]


def ballot(event: Asked) -> bool:
    """Tell whether an agent is asked to decide: its schema has a yes or no, or a choice, and no lists."""
    schema = schema_of(event.call.keywords.get("schema"), "")
    fields = [entry.value for entry in schema.fields().values()] if schema is not None else []
    return any(map(_decides, fields)) and not any(isinstance(value, (Listing, Dict)) for value in fields)


def _decides(value: Value) -> bool:
    return isinstance(value, Bool) or (isinstance(value, Text) and not value.said)


Tally = tuple[ast.AST, frozenset[object]]
"""Where votes are counted, and the calls that gave them."""


def tallies(facts: Facts) -> list[Tally]:
    """Return where the decisions of several agents are counted."""
    loops = {loop.node for loop in facts.each(Loop) if loop.kind in ("comprehension", "for")}
    counting = {node for node in loops if _counts(facts, node)}
    found: dict[ast.AST, set[object]] = {}
    for event in facts.each(FieldRead):
        entry = fields_of(event.answer).get(event.field)
        if entry is not None and _decides(entry.value):
            for node in facts.places.around(event.node):
                if node in counting:
                    found.setdefault(node, set()).update(about(event.answer.marks, "says"))
    return [(node, frozenset(says)) for node, says in found.items()]


_COUNTS = {"sum", "len", "all", "any", "Counter", "mean", "mode", "fmean", "median"}


def _counts(facts: Facts, node: ast.AST) -> bool:
    """Tell whether a loop or comprehension counts something, or makes a list whose length decides something."""
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return any(isinstance(inner, ast.AugAssign) for inner in walk(node))
    match facts.places.parent(node):
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _COUNTS
        case ast.Assign(targets=[ast.Name(id=name)]):
            return any(_measures(inner, name) for inner in facts.places.every(ast.Compare))
    return False


def _measures(node: ast.AST, name: str) -> bool:
    return any(
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Name)
        and inner.func.id == "len"
        and any(isinstance(argument, ast.Name) and argument.id == name for argument in inner.args)
        for inner in walk(node)
    )


def never_enough(facts: Facts) -> dict[ast.Compare, tuple[Amount, Amount]]:
    """Return where more votes are wanted than there can be: how many are wanted, and how many there can be."""
    ballots = {event.call.node for event in facts.each(Asked) if ballot(event)}
    ends = {node for node in facts.places.nodes if isinstance(node, ast.While) for node in walk(node.test)}
    found: dict[ast.Compare, tuple[Amount, Amount] | None] = {}
    for event in facts.each(Compared):
        if event.node not in ends:
            short = _short(event, ballots)
            found[event.node] = short if found.setdefault(event.node, short) is not None else None
    return {node: short for node, short in found.items() if short is not None}


_MORE: dict[type[ast.cmpop], int] = {ast.GtE: 0, ast.Lt: 0, ast.Eq: 0, ast.Gt: 1, ast.LtE: 1}
"""How many votes more than the number on the right are wanted, by what a count on the left is asked."""
_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}


def _short(event: Compared, ballots: set[ast.Call]) -> tuple[Amount, Amount] | None:
    operator, (left, right) = type(event.node.ops[0]), (event.node.left, event.node.comparators[0])
    sides = (
        (left, event.left, event.right, operator),
        (right, event.right, event.left, _FLIPPED.get(operator, operator)),
    )
    for written, count, other, asked in sides:
        if not isinstance(count, Number) or not isinstance(other, Number) or other.low is None or asked not in _MORE:
            continue
        wanted = other.low + number(_MORE[asked])
        finite = not count.high.reasons and not wanted.reasons
        if finite and at_least(wanted, count.high + ONE) and _is_count(written, count, ballots):
            return wanted, count.high
    return None


def _is_count(written: ast.expr, value: Number, ballots: set[ast.Call]) -> bool:
    """Tell whether a number counts votes: it rests on what agents decided, and on nothing else that they said."""
    if not value.whole or value.low != ZERO or value.high == ZERO or isinstance(written, ast.Subscript):
        return False
    measured = value.marks if value.measures is None else value.marks | deep_marks(value.measures)
    said = about(measured, "says", "hinges")
    return bool(said) and said <= ballots


def asked_alike(facts: Facts) -> dict[ast.Call, Listing]:
    """Return the voters that are asked the same for each element of a list, and that list."""
    counted = {call for _, says in tallies(facts) for call in says}
    walks, found = lists_walked(facts), {}
    for node, events in calls(facts).items():
        if node not in counted or not all(map(ballot, events)):
            continue
        walked = [[*ignored_items(event, walks), *_drawn(event)] for event in events]
        if all(walked):
            found[node] = walked[0][0]
    return found


def _drawn(event: Asked) -> Iterator[Listing]:
    """Yield what only counts how often a loop asks, one after the other, whatever the answers."""
    given = {mark for name, marks in event.marks.items() if name not in ("label", "phase") for mark in marks}
    if about(frozenset(given), "opaque", "earlier") or not isinstance(event.prompt, (Text, Given)):
        return
    for loop in event.made:
        counts = loop.kind == "for" and loop.over is not None and not loop.leaves and loop.helper is None
        if counts and loop.over is not None and samples(loop.over) and Mark("item", loop.node) not in given:
            yield loop.over
