"""What a round or branch reads at its own place of another list or dict: each reads one entry, and no two the same."""

from __future__ import annotations

import ast

from weft.linter.facts.domain.amounts import of
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.pairing import drawn
from weft.linter.facts.domain.values import Dict, Listing, Number, Value
from weft.linter.facts.events import Misplaced
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.repeating import Loop

__all__ = ["in_turn", "keyed_in_turn", "meet_at"]


def in_turn(m: Machine, source: Listing, index: Value) -> bool:
    """Tell whether an index is the position of a loop that runs, which then walks the results in the list as well."""
    if not isinstance(index, Number) or index.low != index.high or len(index.high.terms) != 1:
        return False
    loops = (loop for loop in m.loops for symbol in index.high.symbols() if symbol.owner is loop)
    loop = next(loops, None)
    return loop is not None and any(of(one) == index.high for one in index.high.symbols()) and _walks(loop, source)


def keyed_in_turn(m: Machine, source: Dict, key: Value) -> bool:
    """Tell that of a key: it is what a loop walks, and what the keys of the dict are."""
    own = about(source.marks, "drawn")
    for loop in reversed(m.loops) if own else ():
        if loop.over is not None and _is_item(loop.item, key) and own & about(drawn(loop.over), "drawn"):
            return _walks(loop, source)
    return False


def _is_item(item: Value | None, key: Value) -> bool:
    own = key.root or key
    entries = [part.element for part in item.parts] if isinstance(item, Listing) else []
    return item is not None and any(own is (one.root or one) for one in (item, *entries))


def meet_at(m: Machine, source: Listing, index: Value, node: ast.Subscript) -> None:
    """Take note of a list read at a position of another one, where one has lost entries and the other has all."""
    if not isinstance(index, Number) or index.exact is not None:
        return
    if about(index.marks, "gapped") & source.positions:
        m.note(Misplaced(node, node.slice, node.value))
    elif index.low == index.high and index.high.symbols():
        met = m.met.setdefault(index.high, {})
        for other, written in met.values():
            if source.thinned & other.positions and not source.positions & other.positions:
                m.note(Misplaced(node, node.value, written))
            elif other.thinned & source.positions and not source.positions & other.positions:
                m.note(Misplaced(node, written, node.value))
        met[source.birth.argument or source.birth] = source, node.value


def _walks(loop: Loop, source: Listing | Dict) -> bool:
    loop.walked |= {mark for mark in source.marks if mark.kind == "mapped"}
    return True
