"""What is put into a list or dict of numbers, and what they add up to by then. The variable for it is in the domain."""

from __future__ import annotations

import ast
from collections.abc import Callable

from weft.linter.effort import unparsed
from weft.linter.facts.domain.amounts import ZERO
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.totals import TOTAL, at_first
from weft.linter.facts.domain.values import CONTAINERS, Dict, Listing, Number, Value
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.names import acts

__all__ = ["begun", "gain_of", "moved", "moving", "total_of"]


def begun(m: Machine, box: Value) -> Value:
    """Return a list or dict that has just been made, with a note of what its numbers add up to."""
    total = at_first(box) if isinstance(box, (Listing, Dict)) else None
    if total is not None and isinstance(box, CONTAINERS):
        m.state.cells[box.birth, TOTAL] = total
    return box


def total_of(m: Machine, birth: Birth) -> Number | None:
    """Return what the numbers in a list or dict add up to; `None` where that is not known."""
    if m.is_one_of_many(birth) or birth in m.state.pending:
        return None
    known = m.read((birth, TOTAL)) if (birth, TOTAL) in m.state.cells else None
    return known if isinstance(known, Number) else None


def moving(
    m: Machine, box: Value, gain: Value, change: Callable[[], None], *, less: bool = False, calls: int = 0
) -> None:
    """Follow a change that makes all numbers in a list or dict together so much more, or less, and nothing else.

    What is done when an iterator is walked may be done at any time; `calls`: by how many calls it is followed at once.
    """
    at_once = len(m.escapes.walking) <= calls
    known = total_of(m, box.birth) if isinstance(box, (Listing, Dict)) and at_once else None
    change()
    if known is None or known.low is None or not isinstance(box, (Listing, Dict)):
        return
    if isinstance(gain, Number) and gain.whole and gain.low is not None and not gain.high.reasons:
        low, high = (ZERO - gain.high, ZERO - gain.low) if less else (gain.low, gain.high)
        m.state.cells[box.birth, TOTAL] = Number(low=known.low + low, high=known.high + high)


def gain_of(m: Machine, node: ast.expr, target: ast.expr) -> tuple[Value, Value]:
    """Return what an assignment `box[key] = box.get(key, 0) + more` changes, and what it puts to the entry."""
    match target, node:
        case ast.Subscript(value=box, slice=key), ast.BinOp(left=old, op=ast.Add(), right=more) if not acts(key):
            call = ast.Call(ast.Attribute(box, "get", ast.Load()), [key, ast.Constant(0)], [])
            if unparsed(old) in (unparsed(target), unparsed(call)) and not acts(box) and not acts(more):
                return m.evaluate(box), m.evaluate(more)
    return ANY, ANY


def moved(m: Machine, node: ast.AugAssign, owner: Value, more: Value, change: Callable[[], None]) -> None:
    """Follow a change of one entry: all of them together move by as much, unless something else is done in between."""
    plain = isinstance(node.op, (ast.Add, ast.Sub)) and not acts(node.value)
    moving(m, owner, more if plain else ANY, change, less=isinstance(node.op, ast.Sub))
