"""Memories: containers that outlive a round, so that what is in them was put there by others, or earlier.

Whatever asks whether something is in a container asks here, and whatever puts something into one tells it here: a
Seen, a set, a dict and a list are alike. What else containers do is in `sequences`, `entries` and `assignment`.
"""

from __future__ import annotations

import ast

from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.contained import children, deep_marks
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.joins import element
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks, Piece, about, of_element
from weft.linter.facts.domain.values import CONTAINERS, Bool, Dict, Listing, Nothing, Number, Value, constant, marked
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.races import racing
from weft.linter.facts.follow.sequences import outlives, remembers
from weft.linter.facts.remembering import Fed, Keyed, LookedFor
from weft.linter.record import replace

__all__ = [
    "any_of",
    "claim",
    "compare",
    "feed",
    "grouping",
    "grown",
    "keyed_by",
    "left_out",
    "met",
    "once_each",
    "opens_group",
    "remembered",
    "unique",
]


def remembered(m: Machine, box: Value) -> Marks:
    """Return the marks of a container and of what is in it, among them whether it is a memory."""
    marks = frozenset(mark for mark in deep_marks(box) if mark.kind != "order")
    return marks | remembers(m, box.birth) if isinstance(box, CONTAINERS) else marks


def met(item: Value, remembered: Marks) -> Marks:
    """Return the marks of an answer to whether something is among what is remembered, if it comes from elsewhere."""
    if constant(item) is not None:
        return NO_MARKS
    marks = deep_marks(item)
    others = about(remembered, "memory") - about(marks, "memory")
    said = {Mark("compared", agent) for agent in about(marks, "says")} if others else NO_MARKS
    return frozenset(Mark("met", memory) for memory in others) | said


def compare(m: Machine, item: Value, box: Value, node: ast.expr) -> None:
    """Take note that something is looked for in a container."""
    memories = about(remembered(m, box), "memory")
    if memories and (m.loops or m.inside):
        empty = box.birth if isinstance(box, (Listing, Dict)) and _is_empty(box) else None
        m.note(LookedFor(node, memories, item, empty))


def _is_empty(box: Listing | Dict) -> bool:
    return not box.parts if isinstance(box, Listing) else not (box.fields or box.values or box.open or box.schema)


def grown(m: Machine, one: Value, other: Value) -> Marks:
    """Return the marks of a comparison of two lengths of a memory: it tells whether something put in was new.

    A list grows by whatever is put in.
    """
    first, second = (value.measures if isinstance(value, Number) else None for value in (one, other))
    if not isinstance(first, CONTAINERS) or not isinstance(second, CONTAINERS) or first.birth is not second.birth:
        return NO_MARKS
    if isinstance(first, Listing) and first.kind != "set":
        return NO_MARKS
    return frozenset((Mark("met", first.birth),)) if outlives(m, first.birth) else NO_MARKS


def any_of(items: Listing) -> Value:
    """Return an element of a list as what it is compared as: it comes from where the list comes from."""
    return marked(element(items) or ANY, of_element(items.marks))


def left_out(m: Machine, items: Listing, box: Value, node: ast.expr) -> Listing:
    """Return a list without what is in a container."""
    compare(m, any_of(items), box, node)
    passed = m.steer(Bool(marks=met(any_of(items), remembered(m, box))), node)
    parts = tuple(replace(part, element=marked(part.element, passed)) for part in items.parts)
    return replace(items, parts=parts, root=None)


def claim(m: Machine, memory: Dict, key: Value, value: Value, node: ast.expr) -> Value:
    """Take note that something is put into a dict unless its key is there, and return it as let through.

    What begins empty gathers what belongs together, and does not say that its key was met.
    """
    counts = isinstance(value, (Number, Nothing))
    passed = NO_MARKS
    if not opens_group(value) and not counts:
        compare(m, key, memory, node)
        passed = m.steer(Bool(marks=met(key, remembered(m, memory))), node)
    feed(m, memory.birth, marked(key, passed), node, once=True)
    return marked(value, passed)


def opens_group(value: Value) -> bool:
    """Tell whether a value is an empty container, in which what belongs together is gathered from then on."""
    parts = value.parts if isinstance(value, Listing) else value.fields if isinstance(value, Dict) else None
    return parts is not None and not parts and not about(value.marks, "says")


def keyed_by(m: Machine, memory: Birth, key: Value, value: Value, node: ast.expr) -> Value:
    """Take note that records are told apart, if one is put into a dict under a key that is made of itself.

    Returns the record as one that is there once.
    """
    if not isinstance(value, Dict) or value.schema is None:
        return value
    pieces = about(deep_marks(key), "made")
    if any(isinstance(piece, Piece) and piece.schema == value.schema for piece in pieces):
        m.note(Keyed(node, None, value, value.marks | deep_marks(key), key))
        return marked(value, frozenset((Mark("passed", memory),)))
    return value


def grouping(key: Value) -> frozenset[object]:
    """Return the fan-outs whose results make a key, so that what several branches found may have the same one.

    A key that also names what the harness has given a branch, such as its file, is that branch's own.
    """
    parts = [part.element for part in key.parts] if isinstance(key, Listing) and key.kind == "tuple" else [key]
    found = [about(deep_marks(part), "element") for part in parts if constant(part) is None]
    return frozenset.intersection(*found) if found else frozenset()


def unique(m: Machine, items: Listing, node: ast.expr) -> Listing:
    """Take note that of values which are alike one is kept, for this is a set; return it with each there once."""
    item = element(items)
    if item is not None:
        m.note(Keyed(node, None, item, items.marks | deep_marks(item), item))
    return once_each(items)


def once_each(items: Listing) -> Listing:
    """Return a list of what is there once each, which has let through nothing twice."""
    passed = frozenset((Mark("passed", items.birth),))
    return replace(items, parts=tuple(replace(part, element=marked(part.element, passed)) for part in items.parts))


def feed(m: Machine, memory: Birth, value: Value, node: ast.AST, *, once: bool = False) -> None:
    """Take note that something is put into a container that outlives the round."""
    if (m.loops or m.inside) and outlives(m, memory):
        marks = deep_marks(value) - _partly_judged(value) | m.state.control
        m.note(Fed(memory, node, marks, tuple(m.loops), m.inside, racing(m, memory) is not None, once))


def _partly_judged(value: Value) -> Marks:
    """Return the marks that an agent's judgement gives to a part of a record: the rest is put in whatever it is."""
    others = [deep_marks(part) for part in children(value)]
    judged = {mark for marks in others for mark in marks if mark.kind == "judged"} - value.marks
    return frozenset(mark for mark in judged if not all(mark in marks for marks in others))
