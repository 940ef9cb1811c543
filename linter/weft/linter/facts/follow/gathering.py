"""What the rounds of a loop without a proved end add up, and whether its end waits for that.

One more round is followed for it, with a mark on each number and container that the loop carries, so that what is
compared in a condition says which of them it rests on. Whether a loop ends is proved in `ranking`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from weft.linter.effort import walk
from weft.linter.facts.domain.amounts import ZERO, Symbol
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.contained import contents, deep_marks, everything
from weft.linter.facts.domain.growth import Carried
from weft.linter.facts.domain.marks import Mark, about
from weft.linter.facts.domain.state import Cell, State
from weft.linter.facts.domain.values import Dict, Listing, Number, Seen, Value, marked
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.stack import Pass
from weft.linter.facts.repeating import Loop
from weft.linter.record import replace

__all__ = ["counted", "look_for_totals"]


def look_for_totals(
    m: Machine, loop: Loop, carried: Carried, head: State, follow: Callable[[State], tuple[list[State], list[State]]]
) -> bool:
    """Tell whether a total that rounds add to is what the end of a loop waits for.

    A total that is compared elsewhere in a round may well end the loop, though nothing proves that: it is doubtful. A
    number that each thing in a list has of its own, such as how often it was tried, limits each of them.
    `follow` follows a round, and returns what holds where another one begins and where the loop is left.
    """
    begun, exits, noted = head.fork(), loop.exits, len(m.events)
    m.weighed, m.numbered = set(), set()
    for cell in carried.values:
        begun.cells[cell] = _known_again(begun.cells[cell], cell)
    loop.exits = frozenset()
    with m.no_further_than(Pass.TRIAL):
        backs, leaving = follow(begun)
    decided = loop.exits.union(*(state.control for state in leaving))
    deciding = [cell for cell in carried.values if cell in about(decided, "carried")]
    flags = [state.cells[cell] for state in backs for cell in deciding if cell in state.cells]
    decisive = about(decided.union(*(flag.marks for flag in flags)), "weighed")
    loop.exits = exits
    ends = [state.cells[cell] for state in backs for cell in carried.values if cell in state.cells]
    totals = about(frozenset[Mark]().union(*map(deep_marks, ends)), "gathered") | _growing(carried)
    totals -= _set_back(carried)
    del m.events[noted:]
    own = {of for node, of in m.numbered if not _is_in(node, loop.header)}
    boxes = {cell for cell, value in carried.values.items() if isinstance(value, (Listing, Dict))}
    several = boxes.union(cell for cell in carried.values if _is_of_many(m, cell))
    loop.doubtful |= bool(totals & (m.weighed - decisive))
    loop.limits_each |= bool(((totals | decisive) & own & several) - about(decided, "weighed"))
    return bool(totals & decisive)


def _is_of_many(m: Machine, cell: Cell) -> bool:
    return isinstance(cell[0], Birth) and m.is_one_of_many(cell[0])


def _is_in(node: ast.expr, header: ast.expr | None) -> bool:
    return header is not None and any(inner is node for inner in walk(header))


def _known_again(value: Value, name: object) -> Value:
    """Return a value with a mark of its own, and a record with one for each of its entries."""
    if isinstance(value, Dict) and value.fields:
        fields = {
            key: replace(entry, value=_known_again(entry.value, (name, key))) for key, entry in value.fields.items()
        }
        value = replace(value, fields=fields, root=None)
        if value.values is None:
            return value
    return marked(value, frozenset((Mark("carried", name),)))


def _growing(carried: Carried) -> frozenset[object]:
    """Return the containers that rounds add to."""
    growing = {symbol for symbol, change in carried.changes.items() if change.most_gain != ZERO or change.peak.reasons}
    named = {name: value for cell, value in carried.values.items() for name, value in _named(cell, value)}
    return frozenset(
        name
        for name, value in named.items()
        for inner in contents(value)
        if isinstance(inner, (Listing, Dict, Seen)) and not growing.isdisjoint(_sizes(inner))
    )


def counted(carried: Carried, lengths: frozenset[Symbol]) -> frozenset[Birth]:
    """Return the containers whose lengths these are."""
    held = everything(*carried.values.values()) if lengths else ()
    boxes = (one for one in held if isinstance(one, (Listing, Dict, Seen)))
    return frozenset(box.birth for box in boxes if not lengths.isdisjoint(_sizes(box)))


def _named(cell: object, value: Value) -> Iterator[tuple[object, Value]]:
    """Yield what a variable holds, and the entries of a record."""
    yield cell, value
    if isinstance(value, Dict):
        yield from (((cell, key), entry.value) for key, entry in value.fields.items())


def _set_back(carried: Carried) -> frozenset[object]:
    """Return the numbers that some round sets to a fixed one, whatever they were, and those that each moves on."""
    fixed = {
        symbol
        for symbol, change in carried.changes.items()
        if (change.least_gain or 0) > 0
        or any(end is not None and end.constant is not None for ends in change.afters for end in ends)
    }
    return frozenset(
        cell
        for cell, value in carried.values.items()
        if isinstance(value, Number) and not fixed.isdisjoint(value.high.symbols())
    )


def _sizes(value: Listing | Dict | Seen) -> frozenset[Symbol]:
    if isinstance(value, Listing):
        return frozenset[Symbol]().union(*(part.count.high.symbols() for part in value.parts))
    return (value.rest if isinstance(value, Dict) else value.size).high.symbols()
