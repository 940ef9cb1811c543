"""Provenance (taint): marks that say where a value comes from and travel with it through every operation.

A mark is a kind and the thing it is about. Lineage marks say how a value relates to the results of one fan-out; the
others say that a value depends on an earlier round or await, on what a collection remembers, on an agent's judgement,
on the order of a set, on the budget or on a memory address.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from weft.linter.effort import spend

__all__ = [
    "BESIDES",
    "FROM_AGENTS",
    "NO_MARKS",
    "TESTED",
    "Kind",
    "Mark",
    "Marks",
    "Piece",
    "about",
    "added_up",
    "aged",
    "collected",
    "deciding",
    "derived",
    "elsewhere",
    "of_element",
    "of_whole",
    "outcome",
    "picked",
    "reduced",
    "steering",
    "undecided",
    "weighed",
]

Kind = Literal[
    "element",  # rests on one branch's result
    "mapped",  # a list, each element rests on one branch's result
    "flat",  # a list, several elements may rest on one branch's result
    "size",  # how many branches gave a result
    "whole",  # rests on the results of more than one branch
    "earlier",  # was written in an earlier round of a loop
    "heard",  # was so, and rests on what agents brought in that round
    "memory",  # was read from a collection that outlives the round
    "met",  # tells whether something from elsewhere is in such a collection
    "compared",  # tells whether something that an agent said is in a collection
    "passed",  # was let through, in this round, by a test against such a collection
    "judged",  # rests on an agent that was asked, in this round, about something let through
    "weeded",  # was let through, in this round, by what such an agent said
    "outcome",  # rests on this outcome of a test, as a pair of its place and the outcome, which such an agent decided
    "sifted",  # was one of these in an earlier round
    "order",  # its order, or which element it is, rests on the order of a set, or on which branch finished first
    "raced",  # was written by a branch that runs at the same time
    "ranked",  # was found to be greater or less than what such a branch had written
    "budget",  # rests on what was spent
    "answer",  # rests on what an agent said
    "indexes",  # is a position in this container
    "gapped",  # a position in a list that has lost entries of another
    "address",  # its text contains a memory address
    "member",  # is a member of an enumeration, which is followed as its value
    "letter",  # is one of the characters of a text that is walked
    "told",  # rests on what no run can give, which is told where it is: an undefined name, or a field of a text
    "opaque",  # is not followed, so that it may rest on anything
    "item",  # differs with the element that a loop walks
    "picked",  # tells which element of that loop it is, or what kind of one
    "says",  # holds what an agent said
    "hinges",  # was decided by what an agent said
    "waited",  # is there only when an await has ended
    "made",  # is made of this piece of an agent's answer, or counts the rounds of this loop, or has something besides
    "stacked",  # is a text to which rounds add what agents said: a pair of the loop and of how many tokens each adds
    "filled",  # has something in it that is there only then; what is put into it besides does not rest on that
    "key",  # was found as a key of a dict
    "carried",  # is what this variable held when a round began; only while it is asked what a loop waits for
    "gathered",  # was added to it, or taken from it
    "weighed",  # tells whether that, or what it held, is larger than something
    "drawn",  # a list of elements of this one, or of positions in it
    "cut",  # a list of no more than so many, or a text made of one
    "paired",  # its elements go back to pairs or tuples of elements of one list
    "asked",  # was decided by asking whether there is a value that may be None for this reason
    "holds",  # may be, or have in it, something that can be changed; only of values that are not followed
]


class Mark(NamedTuple):
    """One thing known about where a value comes from."""

    kind: Kind
    of: object


class Piece(NamedTuple):
    """A text or number in an agent's answer, or the whole of it, as a part of something that is made of it."""

    node: object
    """Where it is read."""
    schema: object
    """What is declared of the record that has it."""
    field: str | None
    """`None` for the whole record."""


BESIDES = Mark("made", "something else")
"""The mark of a text that has something in it which is no piece of an agent's answer, and differs."""
Marks = frozenset[Mark]
NO_MARKS: Marks = frozenset()
FROM_AGENTS: tuple[Kind, ...] = ("answer", "says", "hinges", "waited", "filled", "budget")
"""Marks of what agents brought or spent, and of what rests on that."""

_LISTS: tuple[Kind, ...] = ("mapped", "flat")
_SCALAR: dict[Kind, Kind] = {"mapped": "whole", "flat": "whole"}
_ELEMENT: dict[Kind, Kind] = {"mapped": "element", "flat": "element", "size": "element"}
_ADDED: dict[Kind, Kind] = {"carried": "gathered"}
_WEIGHED: dict[Kind, Kind] = {"carried": "weighed", "gathered": "weighed"}
_OF_DECISIONS: tuple[Kind, ...] = ("judged", "weeded", "memory", "item", "order")
_STEERED: dict[Kind, Kind] = {"met": "passed", "judged": "weeded", "says": "hinges"}
_OF_A_ROUND: tuple[Kind, ...] = ("met", "compared", "passed", "judged", "weeded", "outcome")
_OF_MEMORIES: tuple[Kind, ...] = ("passed", "judged", "weeded", "outcome", "asked")
_VALUES_OWN: tuple[Kind, ...] = ("memory", "compared", "made")
"""Marks of a value that what happens only under a condition on it does not have."""

_OF_LISTS: tuple[Kind, ...] = ("drawn", "paired")
"""Marks of a list that neither its elements have nor a list of such lists."""

TESTED: tuple[Kind, ...] = ("passed", "judged", "weeded", "sifted")
"""Marks of what was let through by a test against a collection, in this round or an earlier one."""


def about(marks: Marks, *kinds: Kind) -> frozenset[object]:
    """Return what the marks of these kinds are about."""
    if not marks:
        return _ABOUT_NOTHING
    spend(len(marks) // 4)
    return frozenset([mark.of for mark in marks if mark.kind in kinds])


_ABOUT_NOTHING: frozenset[object] = frozenset()


def derived(marks: Marks) -> Marks:
    """Return the marks of a single value computed from values with these marks."""
    return _renamed(_without(marks, "holds", "member", "key", *_OF_LISTS), _SCALAR)


def of_element(marks: Marks) -> Marks:
    """Return the marks that an element of a list with these marks has."""
    return _renamed(_without(marks, "order", "cut", *_OF_LISTS), _ELEMENT)


def steering(marks: Marks, *, decided: bool) -> Marks:
    """Return the marks of what happens only under a condition with these marks.

    `decided` is false where the condition merely asks whether there is a value at all: that a lost agent gave none is
    no judgement, no test against a memory, and no choice among items, and it is the same in whatever order they came.
    """
    if not marks:
        return marks
    kept = _without(marks if decided else undecided(marks), *_VALUES_OWN)
    return _renamed(derived(elsewhere(kept)), _STEERED)


def outcome(control: Marks, node: object, *, holds: bool) -> Marks:
    """Return the mark of one of the two ways on which a test leads, if an agent decides it and it has these marks."""
    return frozenset((Mark("outcome", (node, holds)),)) if about(control, "weeded") else NO_MARKS


def deciding(control: Marks) -> Marks:
    """Return the marks of an answer to what is in a memory, of those that the conditions have under which it is put in.

    Of a dict they are marks of its keys, for the values may rest on tests that decide nothing about what is in it.
    """
    return frozenset(mark for mark in control if mark.kind in _OF_MEMORIES)


def picked(one: Marks, other: Marks) -> Marks:
    """Return the marks of the answer to whether something with these marks is that with others: it may be one item's.

    What an agent said of an item it may have said of many.
    """
    walked = frozenset[object]() if about(one, "says") else about(one, "item") - about(other, "item")
    return frozenset(Mark("picked", of) for of in walked)


def undecided(marks: Marks) -> Marks:
    """Return the marks of the answer to whether a value with these marks is there at all."""
    return _without(marks, *_OF_DECISIONS)


def aged(marks: Marks, older: Marks) -> Marks:
    """Return the marks with which a value comes into another round; those that are `older` than the loop stay.

    What a test let through, or an agent has judged, was so for the round in which that happened; and what an agent has
    said of an item then differs with none of this round. (An inner loop keeps
    what its own round of the outer one has found before it.)
    """
    kinds = (*_OF_A_ROUND, "item") if about(marks, "says") else _OF_A_ROUND
    over = [mark for mark in marks if mark.kind in kinds and mark not in older]
    sifted = {Mark("sifted", mark.of) for mark in over if mark.kind in TESTED}
    return marks.difference(over) | sifted if over else marks


def elsewhere(marks: Marks) -> Marks:
    """Return the marks of what a position leads to, of those that the position has."""
    return _without(marks, "gapped", "made")


def reduced(marks: Marks) -> Marks:
    """Return the marks of a part of a text with these marks: it is no longer what the answer said."""
    return _without(marks, "made", "key")


def added_up(marks: Marks) -> Marks:
    """Return the marks of a sum, or a difference, of values with these marks."""
    return _renamed(marks, _ADDED)


def weighed(marks: Marks) -> Marks:
    """Return the marks of the answer to which of two values with these marks is larger."""
    return _renamed(marks, _WEIGHED)


def of_whole(marks: Marks) -> Marks:
    """Return the marks that each element of a list has from the list, but for how it relates to a fan-out."""
    return _without(marks, "order", "cut", "element", "size", "whole", *_LISTS)


def collected(source: Marks, element: Marks, *, nested: bool) -> Marks:
    """Return the marks of a list that takes one element from each round over lists with marks `source`.

    An element that rests on more than the round's own branch makes the list rest on all of them.
    """
    spend(2 * (len(source) + len(element)))
    walked = about(source, *_LISTS)
    found = {_taken_on(mark, nested=nested) for mark in source if mark.kind != "element" or mark.of not in walked}
    for mark in element:
        if mark.kind in _LISTS:
            found.add(Mark("whole", mark.of))
        elif mark.kind not in ("cut", *_OF_LISTS) and (mark.kind != "element" or mark.of not in walked):
            found.add(mark)
    return frozenset(found)


def _taken_on(mark: Mark, *, nested: bool) -> Mark:
    return Mark("flat", mark.of) if nested and mark.kind in _LISTS else mark


def _without(marks: Marks, *kinds: Kind) -> Marks:
    gone = [mark for mark in marks if mark.kind in kinds]
    return marks.difference(gone) if gone else marks


def _renamed(marks: Marks, names: dict[Kind, Kind]) -> Marks:
    if not marks:
        return marks
    spend(2 * len(marks))
    old = [mark for mark in marks if mark.kind in names]
    return marks.difference(old).union(Mark(names[mark.kind], mark.of) for mark in old) if old else marks
