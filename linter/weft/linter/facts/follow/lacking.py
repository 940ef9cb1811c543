"""What the rounds of a loop say together about None in the lists that they walk."""

from __future__ import annotations

from collections.abc import Iterable

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import number
from weft.linter.facts.domain.contained import children
from weft.linter.facts.domain.growth import Carried
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.state import State, key_of, place
from weft.linter.facts.domain.truth import truth, without_none
from weft.linter.facts.domain.values import Dict, Listing, Number, Value, When
from weft.linter.facts.follow.machine import Machine
from weft.linter.record import replace

__all__ = ["filled", "found_at", "found_under", "in_all", "index_of", "present_in", "tally", "there"]

_LOOKED_OVER = 16
"""How many variables are looked over in one step."""


def present_in(state: State, source: Listing, element: Value) -> tuple[Listing, ...]:
    """Return the lists that are walked whose entry in this round may be None by itself, and is not by now."""
    now = state.settled(state.current(element))
    found = [source] if element.lack is not None and now.lack is None else []
    if isinstance(element, Listing) and isinstance(now, Listing) and len(element.parts) == len(source.columns):
        entries = zip(source.columns, element.parts, now.parts, strict=True)
        found += [whole for whole, old, new in entries if whole and old.element.lack and not new.element.lack]
    return tuple(found)


def found_at(m: Machine, source: Listing, item: Value) -> None:
    """Take note that what stands beside an index or a key is what is found there, where it may be None."""
    if not source.indexes or not isinstance(item, Listing) or len(item.parts) != 2:
        return
    key, value = _beside(m.state, item, 0), _beside(m.state, item, 1)
    if value.lack is not None or (isinstance(value, Listing) and value.kind == "tuple"):
        for owner in _walked_by(m.state, source):
            _note_found(m.state, owner, key_of(key), value)


def _walked_by(state: State, source: Listing) -> Iterable[Listing | Dict]:
    """Return what is walked by its indices or keys."""
    column = source.columns[-1] if source.columns else None
    return _held_as(state, source.indexes if column is None else frozenset((column.birth,))) or filter(None, (column,))


def _beside(state: State, pair: Listing, index: int) -> Value:
    """Return an entry of a pair, as it was given to a variable where that has happened."""
    return state.cells.get((pair.root or pair, place(number(index))), pair.parts[index].element)


def _note_found(state: State, owner: Listing | Dict, key: object, value: Value) -> None:
    state.cells[owner.root or owner, key] = value
    if not isinstance(owner, Listing) or not isinstance(value, Listing) or len(owner.columns) != len(value.parts):
        return
    for index, column in enumerate(owner.columns):
        if column is not None:
            (now,) = _held_as(state, frozenset((column.birth,))) or (column,)
            _note_found(state, now, key, _beside(state, value, index))


def _held_as(state: State, births: frozenset[object]) -> tuple[Listing | Dict, ...]:
    """Return lists and dicts as variables hold them."""
    spend(1 + len(state.cells) // _LOOKED_OVER)
    held = (value for value in state.cells.values() if isinstance(value, (Listing, Dict)) and value.birth in births)
    return tuple({value.birth: value for value in held}.values())


def filled(states: list[State], source: Listing, element: Value, before: State) -> list[Listing | Dict]:
    """Return the lists and dicts that are walked by indices or keys, and in which no round has left None."""
    lacking = (owner for owner in _held_as(before, source.indexes) if any(one.lack for one in children(owner)))
    found = frozenset[object](owner.birth for owner in lacking) if source.indexes else source.indexes
    for state in states if found else ():
        found = there(state, found, element)
    held = {whole.birth: _size(whole) for whole in _held_as(before, found)} if found else {}
    return [whole for whole in _held_as(states[0], found) if held.get(whole.birth) == _size(whole)] if found else []


def there(state: State, births: frozenset[object], element: Value) -> frozenset[object]:
    """Return the lists and dicts in which what is found under the index or key of this round is not None."""
    key = key_of(index_of(state, element))
    reads = [(owner.birth, state.cells.get((owner.root or owner, key))) for owner in _held_as(state, births)]
    return frozenset(birth for birth, read in reads if read is not None and state.current(read).lack is None)


def found_under(state: State, births: frozenset[object], index: Value) -> list[Value]:
    """Return what was read of lists and dicts under an index or key."""
    cells = [(owner.root or owner, key_of(index)) for owner in _held_as(state, births)]
    return [state.current(state.cells[cell]) for cell in cells if cell in state.cells]


def index_of(state: State, element: Value) -> Value:
    """Return the index or key of a round, which stands alone or in a pair."""
    return _beside(state, element, 0) if isinstance(element, Listing) and element.parts else element


def _size(whole: Listing | Dict) -> Interval:
    if isinstance(whole, Listing):
        return count(whole.parts)
    sure = sum(entry.sure for entry in whole.fields.values())
    return Interval(whole.rest.low + number(sure), whole.rest.high + number(len(whole.fields)))


def in_all(states: Iterable[State], source: Listing, element: Value) -> tuple[Listing, ...]:
    """Return the lists whose entry is not None at any of these points."""
    first, *others = (present_in(state, source, element) for state in states)
    return tuple(whole for whole in first if all(whole in other for other in others))


def tally(state: State, carried: Carried, backs: list[State], source: Listing, element: Value) -> None:
    """Take note of lists and counts that grow in each round in which there was None: if they are empty, none was."""
    for cell, general in carried.values.items():
        now = state.cells.get(cell)
        if not isinstance(general, (Listing, Number)) or not _never_shrinks(carried, general):
            continue
        found = in_all([_without(back, back.cells.get(cell, general)) for back in backs], source, element)
        if found and isinstance(now, Listing):
            state.cells[cell] = replace(now, lost=(*now.lost, *found))
        elif found and isinstance(now, Number):
            facts = tuple(fact for one in found for fact in without_none(one))
            state.cells[cell] = replace(now, when=When((), facts))


def _without(state: State, value: Value) -> State:
    """Return what holds where a list or count is empty."""
    found = state.fork()
    found.learn(truth(state.current(value)).false)
    return found


def _never_shrinks(carried: Carried, value: Listing | Number) -> bool:
    """Tell whether no round makes a count or a list smaller."""
    sizes = [value.high] if isinstance(value, Number) else [part.count.high for part in value.parts]
    changes = [carried.changes[symbol] for size in sizes for symbol in size.symbols() & carried.changes.keys()]
    gains = [change.least_gain for change in changes]
    return bool(gains) and all(gain is not None and gain >= 0 for gain in gains)
