"""Barriers that nothing needed: the results of one fan-out that go on element by element."""

from __future__ import annotations

import ast
from typing import Literal

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import ONE
from weft.linter.facts.domain.code import Instance
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.marks import Mark, Marks, about
from weft.linter.facts.domain.values import Dict, Listing
from weft.linter.facts.events import Barrier, OrderReached, SetOrder
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.seen import reach
from weft.linter.facts.repeating import FanOut, Loop
from weft.linter.record import replace

__all__ = ["note_order", "take_on", "take_on_by_loop", "with_lineage"]


def note_order(m: Machine, marks: Marks, node: ast.AST) -> None:
    """Take note that agents are started in an order that rests on a set."""
    reach(m, marks, node)
    for order in about(marks, "order"):
        if isinstance(order, SetOrder):
            m.note(OrderReached(order, node))


def with_lineage(m: Machine, items: Listing) -> Listing:
    """Return a list with marks of the fan-outs whose results its elements keep: each record or object has its own."""
    kept: set[object] = set()
    for part in items.parts:
        if part.count.high != ONE and isinstance(part.element, (Dict, Instance)):
            kept |= about(_kept(m, part.element), "element")
    new = kept - about(items.marks, "mapped", "flat", "whole", "element", "size")
    return replace(items, marks=items.marks | {Mark("mapped", one) for one in new}) if new else items


def _kept(m: Machine, value: Dict | Instance) -> Marks:
    """Return the marks of what is in a record, or in the attributes of an object."""
    if isinstance(value, Dict):
        return deep_marks(value)
    spend(1 + len(m.state.cells) // 8)
    return frozenset[Mark]().union(*(held.marks for (owner, _), held in m.state.cells.items() if owner is value.birth))


def take_on(m: Machine, items: Listing, node: ast.AST, kind: Literal["parallel", "pipeline", "loop"]) -> None:
    """Take note that the results of earlier fan-outs go on from here, and of barriers that nothing needed."""
    for fanout in about(items.marks, "mapped", "flat") - about(items.marks, "whole"):
        if isinstance(fanout, FanOut) and fanout not in m.state.reached and _needless(m, fanout):
            flat = fanout not in about(items.marks, "mapped")
            waits, takes = _where_they_meet(fanout.place, m.place())
            m.note(Barrier(fanout, waits, takes if kind != "loop" else node, kind, flat, node))
    m.state.reached |= about(items.marks, "mapped", "flat")


def take_on_by_loop(m: Machine, loop: Loop, items: Listing) -> None:
    """Take note of the results that a loop of awaits takes on, one after the other although none needs another."""
    if not loop.waits:
        return
    note_order(m, items.marks, loop.node)
    if not (loop.depends or loop.leaves or loop.acts):
        take_on(m, items, loop.node, "loop")


def _needless(m: Machine, fanout: FanOut) -> bool:
    most = fanout.width.constant
    several = most is None or most > 1
    whole = m.state.whole | about(m.state.control, "whole", "size")
    return several and not fanout.gathers and fanout not in whole and fanout.loops == tuple(m.loops)


def _where_they_meet(
    first: tuple[tuple[object, ast.AST], ...], second: tuple[tuple[object, ast.AST], ...]
) -> tuple[ast.AST, ast.AST]:
    """Return where two things happen, seen from the innermost activation that leads to both."""
    shared = [(one[1], other[1]) for one, other in zip(first, second, strict=False) if one[0] is other[0]]
    return shared[-1]
