"""What holds where several paths meet: what they have in common, and what a value tells of the path that it came by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from weft.linter.effort import spend
from weft.linter.facts.domain.cost import choice
from weft.linter.facts.domain.joins import Join, joined
from weft.linter.facts.domain.state import COPIED, Cell, State
from weft.linter.facts.domain.ties import tied, ties
from weft.linter.facts.domain.truth import sure, truth
from weft.linter.facts.domain.values import (
    CONTAINERS,
    Case,
    Dict,
    Fact,
    Listing,
    Number,
    Refined,
    Value,
    When,
)
from weft.linter.record import replace

__all__ = ["given_at", "implied", "join"]

_CASES = 8
"""How many paths are told apart by what a value is on them."""


def join(states: Iterable[State], failed: Iterable[State] = ()) -> State:
    """Return what holds where several paths meet; `failed` are those on which an error was raised."""
    living, lost = ([state for state in some if state.alive] for some in (states, failed))
    if not living and not lost:
        dead = State()
        dead.end()
        return dead
    result, *others = (*living, *lost)
    for state in others:
        result = _join(result, state)
    if others:
        result.cost = choice([state.cost for state in living], [state.cost for state in lost])
    return result


def implied(ends: Iterable[tuple[State, Value]], met: State | None = None) -> When | None:
    """Return what a value that is given at one of several points tells by being true, or false, or by what it is.

    `met`: what holds where the points meet; then the value tells of the numbers in it which point they come from.
    """
    sides: dict[bool, list[dict[Value, Value]]] = {True: [], False: []}
    limits: dict[bool, list[frozenset[Fact]]] = {True: [], False: []}
    ends = list(ends)
    for state, value in ends:
        when, known = truth(value), sure(value)
        for holds, facts in ((True, when.true), (False, when.false)):
            if known is not (not holds):
                told = {fact.before.root or fact.before: fact.after for fact in facts if isinstance(fact, Refined)}
                sides[holds].append({**state.narrowed, **told})
                limits[holds].append(state.limits.union(fact for fact in facts if not isinstance(fact, Refined)))
    true, false = (
        _told_by_all(sides[holds]) + _known_to_all(limits[holds]) + (() if met is None else _numbers(met, ends, holds))
        for holds in (True, False)
    )
    cases = _cases(ends)
    return When(true, false, cases) if true or false or cases else None


def _cases(ends: list[tuple[State, Value]]) -> tuple[Case, ...]:
    """Return what a value is at each of several points, with the values that are not None at some of them only."""
    found: list[tuple[Value, dict[Value, Refined]]] = []
    for state, value in ends:
        if isinstance(value, CONTAINERS):
            return ()
        told = {root: Refined(root, now) for root, now in state.narrowed.items() if root.lack and now.lack is None}
        for case in value.when.cases if value.when is not None and value.when.cases else (Case(value, ()),):
            found.append((case.value, {**told, **{fact.before: fact for fact in case.facts}}))
    if len(found) > _CASES:
        return ()
    roots = Counter(root for _, facts in found for root in facts)
    apart = {root for root, times in roots.items() if times < len(found)}
    spend(1 + len(roots))
    if not apart:
        return ()
    return tuple(Case(value, tuple(facts[root] for root in facts if root in apart)) for value, facts in found)


def _numbers(met: State, ends: list[tuple[State, Value]], holds: bool) -> tuple[Fact, ...]:
    """Return what the numbers are where a value is true, or false, that is given at one of several points."""
    states = [state for state, value in ends if sure(value) is not (not holds)]
    if not 0 < len(states) < len(ends):
        return ()
    spend(1 + len(met.cells) // COPIED)
    found: list[Fact] = []
    for cell, value in met.cells.items():
        if isinstance(value, Number) and all(cell in state.cells for state in states):
            inside = [state.current(state.cells[cell]) for state in states]
            if any(one is not value for one in inside):
                found.append(Refined(value, joined(inside)))
    return tuple(found)


def _known_to_all(ways: list[frozenset[Fact]]) -> tuple[Fact, ...]:
    return tuple(frozenset[Fact].intersection(*ways)) if ways else ()


def _told_by_all(ways: list[dict[Value, Value]]) -> tuple[Fact, ...]:
    if not ways:
        return ()
    first, *others = ways
    spend(1 + len(first))
    known = ((root, now) for root, now in first.items() if root.lack is not None and now.lack is None)
    return tuple(
        Refined(root, now) for root, now in known if all(root in other and other[root].lack is None for other in others)
    )


def given_at(ends: list[tuple[State, Value]]) -> Value:
    """Return what is known of a value that is given at one of several points, with what it tells about them."""
    return _with_implied(joined(value for _, value in ends), ends)


def _with_implied(found: Value, ends: list[tuple[State, Value]]) -> Value:
    """Return what a variable holds where two paths meet, with what it tells about them."""
    silent = not any(state.narrowed or value.when for state, value in ends)
    if silent or len(ends) < 2 or any(isinstance(value, Dict) for _, value in ends):
        return found
    if len({sure(value) for _, value in ends}) < 2:
        cases = _cases(ends)
        when = When(cases=cases) if cases else None
    else:
        when = implied(ends)
    return found if when is None else replace(found, when=when, root=None)


def _join_found(a: State, b: State, result: State, merge: Join) -> None:
    """Take on what was found in lists and dicts that are not what they were, at places where both paths have looked."""
    pairs = {
        (one.root or one, two.root or two): now.root or now
        for cell, one in a.cells.items()
        if isinstance(one, (Listing, Dict)) and (two := b.cells.get(cell, one)) is not one
        if isinstance(two, (Listing, Dict)) and two.birth is one.birth and (now := result.cells[cell]) is not one
    }
    found: dict[Value, dict[object, Value]] = {}
    for state in (a, b) if pairs else ():
        for (owner, key), value in state.cells.items():
            if isinstance(owner, Value):
                found.setdefault(owner, {})[key] = state.current(value)
    for (one, two), now in pairs.items():
        ours, theirs = found.get(one, {}), found.get(two, {})
        result.cells |= {(now, key): merge(ours[key], theirs[key]) for key in ours.keys() & theirs.keys()}


def _join(a: State, b: State) -> State:
    spend(1 + (len(a.cells) + len(b.cells)) // COPIED)
    merge, result, parted = Join(), State(), dict[Cell, Value]()
    result.narrowed = {
        root: known if known is b.narrowed[root] else replace(merge(known, b.narrowed[root]), root=root)
        for root, known in a.narrowed.items()
        if root in b.narrowed
    }
    for cell, value in a.cells.items():
        other = b.cells.get(cell)
        if other is None or other is value:
            result.cells[cell] = value
            continue
        one, two = a.current(value), b.current(other)
        result.cells[cell] = parted[cell] = _with_implied(merge(one, two), [(a, one), (b, two)])
    for cell, value in b.cells.items():
        result.cells.setdefault(cell, value)
    born = [cell for cell in a.cells.keys() ^ b.cells.keys() if not isinstance(cell[0], Value)]
    parted |= {cell: result.cells[cell] for cell in born if result.cells[cell].lack is not None}
    result.cells |= tied(parted, ties((a, b), parted))
    _join_found(a, b, result, merge)
    result.absent, result.altered, result.pending = a.absent, a.altered, a.pending
    for cell in a.cells.keys() ^ b.cells.keys():
        if not isinstance(cell[0], Value) and result.absent.get(cell, cell) is not None:
            result.absent[cell] = result.cells[cell]
    result.originals = {**a.originals, **b.originals}
    for cell in a.originals.keys() ^ b.originals.keys():  # changed on one of the paths
        result.cells[cell] = merge(result.originals[cell], result.cells[cell])
    result.limits = a.limits & b.limits
    result.control = a.control & b.control
    result.told = a.told & b.told
    result.whole = a.whole | b.whole
    result.reached = a.reached | b.reached
    result.waited = a.waited | b.waited
    return result
