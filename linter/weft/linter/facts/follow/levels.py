"""Loops that work off a list to which rounds put entries back, each with a number that only goes so far.

A queue of things that are tried three times each ends, and so does one of pages with a depth: what a round puts back is
seen by following it with entries of one number after the other, until nothing is put back any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, Symbol, at_least, endless, number, of
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Either, Instance
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.joins import count, element, joined
from weft.linter.facts.domain.marks import NO_MARKS
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.values import Dict, Field, Listing, Number, Part, Value, named
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.stack import Pass
from weft.linter.record import replace

__all__ = ["level_by_level"]

_LEVELS = 12
"""How many numbers are tried."""

_MANY = endless(Reason(0, "it is any number", "", "loop"))

Follow = Callable[[State], list[State]]

Key = int | str
"""Where an entry has its number: the place in a tuple, or the key of a record."""


def level_by_level(m: Machine, before: State, head: State, queues: Iterable[Birth], follow: Follow) -> Amount | None:
    """Return how many entries are worked off at most, with all that are put back; `None` where nothing proves that.

    Args:
        m: Follows the harness.
        before: What holds before the loop.
        head: What holds when any round begins.
        queues: The lists that the loop works off.
        follow: Follows a round, and returns what holds where another one begins.
    """
    for birth in queues:
        begun, any_round = (
            next((one for one in state.cells.values() if _is(one, birth)), None) for state in (before, head)
        )
        if not isinstance(begun, Listing) or not isinstance(any_round, Listing):
            continue
        entry = element(begun)
        for key in () if entry is None else [*_keys(entry, before)]:
            found = _Levels(m, head, any_round, key, follow).total(begun, before)
            if found is not None:
                return found
    return None


def _is(value: Value, birth: Birth) -> bool:
    return isinstance(value, Listing) and value.birth is birth


class _Levels:
    """What rounds put back into a list for an entry, by the number that the entry has."""

    def __init__(self, m: Machine, head: State, queue: Listing, key: Key, follow: Follow) -> None:
        self._m, self._head, self._queue, self._key, self._follow = m, head, queue, key, follow
        self._apart = False
        """Each entry is in the list once: it has begun so, and no round puts back more than what it took."""
        self._ways: set[bool] = set()
        """Whether the numbers of entries grow, and whether they fall."""
        self._others = of(Symbol("entries", most=_MANY, owner=self))
        self._rounds: dict[int, Amount | None] = {}
        """How many entries there are of one, with all that are put back for it; `None` while that is found out."""

    def total(self, begun: Listing, before: State) -> Amount | None:
        """Return how many entries are worked off of a list."""
        self._apart = begun.apart
        total = self._all(begun, before)
        if begun.apart and not self._apart:
            self._rounds.clear()
            total = self._all(begun, before)
        return total

    def _all(self, begun: Listing, before: State) -> Amount | None:
        total = ZERO
        for part in begun.parts:
            level = _level(part.element, self._key, before)
            each = None if level is None else self._of(level)
            if each is None or part.count.high.reasons:
                return None
            total += part.count.high * each
        return total

    def _of(self, level: int) -> Amount | None:
        if level in self._rounds or len(self._rounds) >= _LEVELS:
            return self._rounds.get(level)
        self._rounds[level] = None
        states = self._round(level)
        if states is None:
            return None
        ends = [(*self._parted(state), state) for state in states]
        self._apart = self._apart and all(at_least(ONE, count(back).high) for _, back, _ in ends)
        most = ONE
        for left, back, state in ends:
            each = self._after(left, back, level, state)
            if each is None:
                return None
            most = each if at_least(each, most) else most if at_least(most, each) else most + each
        self._rounds[level] = most
        return most

    def _round(self, level: int) -> list[State] | None:
        """Follow a round of a list of which all entries have this number."""
        begun, before, noted = self._head.fork(), self._m.state, len(self._m.events)
        entry = element(self._queue)
        assert entry is not None  # as it has keys
        one = _with_level(entry, self._key, level, begun)
        if one is None:
            return None
        parts = (Part(Interval(self._others + ONE, self._others + ONE), one),)
        begun.store(named(self._queue, parts=parts))
        with self._m.no_further_than(Pass.TRIAL):
            states = self._follow(begun)
        self._m.state = before
        del self._m.events[noted:]
        return states

    def _parted(self, state: State) -> tuple[list[Part], list[Part]]:
        """Return what is in the list after a round: what is left of it, and what was put back."""
        now = next((one for one in state.cells.values() if _is(one, self._queue.birth)), None)
        parts = now.parts if isinstance(now, Listing) else ()
        left = [part for part in parts if self._others.symbols() & part.count.high.symbols()]
        return left, [part for part in parts if part not in left]

    def _after(self, left: list[Part], back: list[Part], level: int, state: State) -> Amount | None:
        """Return how many entries there are of the one that was taken, with what was put back for it."""
        if not left or not at_least(self._others, count(left).high):
            return None
        total, levels = ONE, {level}
        for part in back:
            found = _level(part.element, self._key, state)
            each = None if found is None else self._of(found)
            if found is None or each is None or part.count.high.reasons:
                return None
            total, levels = total + part.count.high * each, levels | {found}
        ends = {end for part in left for end in _ends(part.element, self._key, state)}
        if None in ends or not (self._apart or ends <= levels):
            return None
        self._ways |= {end > level for end in (*ends, *levels) if end is not None and end != level}
        return total if len(self._ways) < 2 or not self._apart else None


def _keys(entry: Value, state: State) -> Iterator[Key]:
    """Yield where an entry has a number."""
    match entry:
        case Listing(kind="tuple", parts=parts):
            yield from (index for index, part in enumerate(parts) if isinstance(part.element, Number))
        case Dict(fields=fields):
            yield from (key for key, one in fields.items() if isinstance(one.value, Number) and one.sure)
        case Instance(birth=birth):
            cells = state.cells.items()
            names = [name for (owner, name), one in cells if owner is birth and isinstance(one, Number)]
            yield from (name for name in names if isinstance(name, str))


def _held(entry: Value, key: Key, state: State) -> Value | None:
    match entry, key:
        case Listing(kind="tuple", parts=parts), int() if key < len(parts):
            return parts[key].element
        case Dict(fields=fields), str() if key in fields:
            return fields[key].value
        case Instance(birth=birth), _:
            return state.cells.get((birth, key))
    return None


def _ends(entry: Value, key: Key, state: State) -> tuple[int | None, int | None]:
    value = _held(entry, key, state)
    if not isinstance(value, Number) or not value.whole or value.low is None:
        return None, None
    return value.low.constant, value.high.constant


def _level(entry: Value, key: Key, state: State) -> int | None:
    """Return the number of an entry, where it is known."""
    low, high = _ends(entry, key, state)
    return low if low == high else None


def _with_level(entry: Value, key: Key, level: int, state: State) -> Value | None:
    """Return an entry that has this number, and put what an object holds into the state."""
    old = _held(entry, key, state)
    value = Number(low=number(level), high=number(level), marks=NO_MARKS if old is None else old.marks)
    match entry, key:
        case Listing(parts=parts), int():
            return named(entry, parts=(*parts[:key], Part(parts[key].count, value), *parts[key + 1 :]))
        case Dict(fields=fields), str():
            return named(entry, fields={**fields, key: Field(value)})
        case ((Instance() | Either()), _):
            options = entry.options if isinstance(entry, Either) else (entry,)
            objects = [one for one in options if isinstance(one, Instance)]
            if len(objects) < len(options) or len({one.of.node for one in objects}) > 1:
                return None
            one, births = objects[0], {one.birth for one in objects}
            birth = replace(one.birth, loops=())
            for owner, name in [cell for cell in state.cells if cell[0] in births]:
                known = state.cells.get((birth, name))
                held = state.cells[owner, name]
                state.cells[birth, name] = held if known is None else joined([known, held])
            state.cells[birth, key] = value
            return replace(one, birth=birth, root=None, lack=entry.lack)
    return None
