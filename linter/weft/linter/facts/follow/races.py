"""What branches that run at the same time write: in which order they do is up to which agent answers first."""

from __future__ import annotations

import ast
from collections.abc import Callable

from weft.linter.effort import unparsed, walk
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.contained import contents, deep_marks, rebuilt
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks, about
from weft.linter.facts.domain.state import Cell
from weft.linter.facts.domain.values import CONTAINERS, Dict, Value, constant
from weft.linter.facts.events import Raced
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.repeating import FanOut
from weft.linter.record import replace

__all__ = [
    "entered",
    "forget_races",
    "found_by_several",
    "is_own",
    "put_away",
    "racing",
    "ranked",
    "settled",
    "written",
    "written_anew",
]


def racing(m: Machine, place: Cell | Birth, entry: Cell | None = None) -> FanOut | None:
    """Return the fan-out whose branches write a variable or a container in the order in which agents answer.

    Args:
        m: Follows the harness.
        place: The variable or the container.
        entry: What they write of it, if that is not all.
    """
    for branch in m.branches:
        if branch not in m.state.waited or not branch.shares(place, m.loops):
            continue
        writers = m.writers.setdefault((branch.fanout, entry or place), set())
        others = writers - {branch}
        writers.add(branch)
        if others or not branch.alone:
            return branch.fanout
    return None


def written(m: Machine, place: Cell | Birth, node: ast.AST, *, ordered: bool) -> Marks:
    """Return the marks of what is written here; `ordered`: the order of the writes shows in it."""
    fanout = racing(m, place)
    return NO_MARKS if fanout is None else _marks(Raced(node, fanout, place), ordered=ordered)


def written_anew(m: Machine, place: Cell, target: ast.expr, value: Value, source: ast.expr | None) -> Marks:
    """Return the marks of a value that takes the place of another: where branches write it, the last one wins."""
    fanout = racing(m, place)
    if fanout is None:
        return NO_MARKS
    return _marks(
        Raced(target, fanout, place, last=True), ordered=_shows_who_was_last(m, fanout, target, value, source)
    )


def entered(
    m: Machine,
    owner: Birth,
    key: Value,
    value: Value,
    target: ast.expr,
    *,
    grown: bool = False,
    source: ast.expr | None,
) -> tuple[Marks, Marks]:
    """Return the marks that an entry is given, and those that its dict or list is given by it.

    Under keys of their own branches do not get in one another's way: only the order of the entries tells which was
    first. Under any other key the last one wins.
    """
    found_by_several(m, owner, key, value)
    name = constant(key)
    fanout = racing(m, owner) if name is None else racing(m, owner, (owner, name))
    if fanout is None:
        return NO_MARKS, NO_MARKS
    race = Raced(target, fanout, owner, last=_is_of_several(m, key) and not grown)
    if not _is_of_several(m, key):
        if isinstance(target, ast.Subscript):
            for branch in m.branches:
                branch.own.add((owner, unparsed(target.slice)))
        return NO_MARKS, _marks(race, ordered=_was_empty(m, fanout, owner))
    ordered = grown or _shows_who_was_last(m, fanout, target, value, source)
    return _marks(race, ordered=ordered), NO_MARKS


def found_by_several(m: Machine, owner: Birth, key: Value, value: Value) -> None:
    """Take note that branches meet in a container, where it is kept in one that they share, under one key for several.

    It is seen as one that was there before them, whichever of them has made it.
    """
    if not m.branches or not isinstance(value, CONTAINERS) or not _is_of_several(m, key):
        return
    for branch in m.branches:
        if branch.shares(owner, m.loops):
            branch.found.add(value.birth)


def _was_empty(m: Machine, fanout: FanOut, owner: Birth) -> bool:
    """Tell whether a container had no entries when the branches began: those it had keep their places."""
    if (fanout, owner) not in m.begun:  # which is asked first in the first branch that is followed
        branch = next(one for one in m.branches if one.fanout is fanout)
        inside = (inner for value in branch.before.values() for inner in contents(value))
        held = next((one for one in inside if isinstance(one, CONTAINERS) and one.birth is owner), None)
        m.begun[fanout, owner] = isinstance(held, Dict) and not held.fields and held.values is None and not held.open
    return m.begun[fanout, owner]


def is_own(m: Machine, owner: Birth, key: ast.expr) -> bool:
    """Tell whether an entry is read that the same branch has written under this key, which is its own."""
    return bool(m.branches) and any((owner, unparsed(key)) in branch.own for branch in m.branches)


def _marks(race: Raced, *, ordered: bool) -> Marks:
    return frozenset((Mark("raced", race), *((Mark("order", race),) if ordered else ())))


def _is_of_several(m: Machine, key: Value) -> bool:
    """Tell whether branches write under the same key: a fixed one, what an agent says, or that of a loop within."""
    within = {loop.node for loop in m.loops if loop.kind != "branches"}
    items = about(key.marks, "item")
    return constant(key) is not None or bool(about(key.marks, "says")) or (bool(items) and items <= within)


def _shows_who_was_last(m: Machine, fanout: FanOut, target: ast.expr, value: Value, source: ast.expr | None) -> bool:
    """Tell whether a value shows which branch has written last.

    It does not where all would write the same, where it is computed from what was there, where it is there because it
    is greater or less than what was there, and where the item alone decides which branch writes.
    """
    if source is None or constant(value) is not None:
        return False
    marks, before = deep_marks(value), next(one.control for one in m.branches if one.fanout is fanout)
    decided = m.state.control - before
    if not about(marks, "item", "says"):
        return False
    if fanout in about(decided, "ranked") or (about(decided, "item") and not about(decided, "hinges", "says")):
        return False
    return not any(_reads(node, target) for node in walk(source))


def _reads(node: ast.AST, target: ast.expr) -> bool:
    """Tell whether an expression reads what stands at a target, be it with a default."""
    match node, target:
        case (
            ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[key, *_]),
            ast.Subscript(value=other, slice=at),
        ):
            return (unparsed(owner), unparsed(key)) == (unparsed(other), unparsed(at))
    return type(node) is type(target) and unparsed(node) == unparsed(target)


def ranked(m: Machine, *compared: ast.expr) -> Marks:
    """Return the marks of the answer to which of these is greater, where branches keep one of them for one another.

    A branch that writes what is greater than what others have kept changes nothing by coming earlier or later.
    """
    if not m.branches or not any(_is_kept(m, node) for side in compared for node in walk(side)):
        return NO_MARKS
    return frozenset(Mark("ranked", branch.fanout) for branch in m.branches)


def _is_kept(m: Machine, node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in m.escapes.rebound
        case ast.Subscript(slice=ast.Constant(value=key)):
            return key in m.written_keys
    return False


def settled(m: Machine, value: Value, fanout: FanOut) -> Value:
    """Return what a branch gives: where it rests on what others had written by then, that stays so."""
    written = any(of is fanout for of, _ in m.writers)
    return _staying(value, lambda race: race.fanout is fanout) if written else value


def put_away(m: Machine, place: Birth, value: Value) -> Value:
    """Return what a branch puts into what outlives it: where it rests on what others had written, that stays so."""
    if not m.writers or not any(branch.shares(place, m.loops) for branch in m.branches):
        return value
    return _staying(value, lambda race: race.place is not place)


def _staying(value: Value, which: Callable[[Raced], bool]) -> Value:
    def stays(inner: Value) -> Value | None:
        marks = frozenset(Mark("order", x.of) if isinstance(x.of, Raced) and which(x.of) else x for x in inner.marks)
        return None if marks == inner.marks else replace(inner, marks=marks, root=None)

    return rebuilt(value, stays, {})


def forget_races(m: Machine, fanout: FanOut) -> None:
    """No branch runs any longer; what they wrote stays as it is."""
    if any(of is fanout for of, _ in m.writers):
        m.state.change(
            lambda value: (
                replace(value, marks=frozenset(mark for mark in value.marks if not _is_over(mark, fanout)))
                if any(_is_over(mark, fanout) for mark in value.marks)
                else None
            )
        )


def _is_over(mark: Mark, fanout: FanOut) -> bool:
    return mark.kind == "raced" and isinstance(mark.of, Raced) and mark.of.fanout is fanout
