"""What the rounds of a loop say together about None in the lists that they walk."""

from __future__ import annotations

from collections.abc import Iterable

from weft.linter.facts.domain.growth import Carried
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.truth import truth, without_none
from weft.linter.facts.domain.values import Listing, Number, Value, When
from weft.linter.record import replace

__all__ = ["in_all", "present_in", "tally"]


def present_in(state: State, source: Listing, element: Value) -> tuple[Listing, ...]:
    """Return the lists that are walked whose entry in this round may be None by itself, and is not by now."""
    now = state.settled(state.current(element))
    found = [source] if element.lack is not None and now.lack is None else []
    if isinstance(element, Listing) and isinstance(now, Listing) and len(element.parts) == len(source.columns):
        entries = zip(source.columns, element.parts, now.parts, strict=True)
        found += [whole for whole, old, new in entries if whole and old.element.lack and not new.element.lack]
    return tuple(found)


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
