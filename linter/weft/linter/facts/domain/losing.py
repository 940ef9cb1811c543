"""What is no longer known when something that is not followed may have changed what it was given."""

from __future__ import annotations

from collections.abc import Iterable, Set

from weft.linter.facts.domain.arguments import ARGUMENTS
from weft.linter.facts.domain.contained import everything
from weft.linter.facts.domain.given import given
from weft.linter.facts.domain.holding import CODE, anything, held
from weft.linter.facts.domain.lost import lost
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.totals import TOTAL
from weft.linter.facts.domain.values import CONTAINERS, Value

__all__ = ["holdings", "lose"]


def holdings(state: State, found: Set[object]) -> set[object]:
    """Return what can be changed by whoever has these: also what is in them, and what their attributes hold."""
    known, new = set[object](), set(found)
    while new and CODE not in known | new:
        known |= new
        inside = (value for (owner, _), value in state.cells.items() if owner in new)
        contained = (
            inner
            for value in state.cells.values()
            for inner in everything(value)
            if isinstance(inner, CONTAINERS) and inner.birth in new
        )
        new = {one for value in (*inside, *contained) for one in about(held(value), "holds")} - known
    return known | new


def lose(state: State, found: Set[object], rebound: Set[str], why: str) -> None:
    """Forget what is known of containers, objects and arguments; with code among them, of all that code can change.

    `rebound` are the names that some code of the harness gives a value from elsewhere: attributes and outer variables.
    """
    changed = holdings(state, found)
    code = CODE in changed
    reason = Reason(0, why, "change it by name, where it can be followed", "unknown")

    def loose(value: Value) -> Value | None:
        if not isinstance(value, CONTAINERS):
            return None
        if not (code or value.birth in changed or value.birth.either & changed):
            return None
        return lost(state.current(value), reason)  # that it is there stays true, whatever becomes of what is in it

    state.change(loose)
    for cell, value in state.cells.items():
        owner, name = cell
        outer = code and (owner is ARGUMENTS or name is TOTAL or name in rebound) and not isinstance(owner, Value)
        if outer or (owner in changed and not isinstance(value, CONTAINERS)):
            state.cells[cell] = lost(value, reason) if isinstance(value, CONTAINERS) else anything(why, value)
    for path in _paths(changed, code=code):
        state.change_argument(path, given(path, None), anything(why, given(path, None)))


def _paths(changed: Iterable[object], *, code: bool) -> Iterable[tuple[str, ...]]:
    return [()] if code else [one for one in changed if isinstance(one, tuple) and all(isinstance(x, str) for x in one)]
