"""Objects that the rounds of a loop make: those of earlier rounds are followed as one, apart from the current one's.

What an object of an earlier round holds is not known while a round is followed. Where no round touches it, it is what
each round has given its own.
"""

from __future__ import annotations

from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Class, Either, Function, Instance
from weft.linter.facts.domain.contained import everything
from weft.linter.facts.domain.holding import anything, held
from weft.linter.facts.domain.joins import joined
from weft.linter.facts.domain.marks import Mark, Marks
from weft.linter.facts.domain.state import Cell, State
from weft.linter.facts.domain.values import Value
from weft.linter.record import replace

__all__ = ["Ageing"]


class Ageing:
    """The objects that the rounds of one loop have made."""

    def __init__(self, loop: object) -> None:
        self._loop = loop
        self._older: dict[tuple[object, ...], Birth] = {}
        """What stands for those of all earlier rounds, by the class and the place where they are made."""
        self._held: dict[Cell, Value] = {}
        """What they hold when a round begins."""

    def begin(self, state: State) -> None:
        """Let a round begin with the objects of earlier ones."""
        state.cells |= self._held

    def end(self, state: State) -> None:
        """Take the objects that a round has made for those of an earlier one."""
        if not any(isinstance(value, Class) for value in state.cells.values()):
            return
        made = {one.birth: one for one in _objects(state) if self._loop in one.birth.loops}
        known = {*self._older.values()}
        new = {birth: self._standing_for(one) for birth, one in made.items() if birth not in known}
        names = {birth: older for birth, older in new.items() if older is not birth}
        if names:
            state.change(lambda value: _renamed(value, names))
        for (owner, name), value in [*state.cells.items()]:
            if isinstance(owner, Birth) and owner in names:
                self._take_in(state, (names[owner], name), value)
        for cell, value in self._held.items():
            if state.cells.get(cell) is value:  # no way of this round has touched it
                del state.cells[cell]
        for (owner, name), value in state.cells.items():
            if isinstance(owner, Birth) and owner in self._older.values():
                self._hold((owner, name), held(value) | {Mark("holds", owner)})

    def _hold(self, cell: Cell, marks: Marks) -> None:
        known = self._held.get(cell)
        if known is None or not marks <= known.marks:
            older = marks if known is None else marks | known.marks
            self._held[cell] = anything("it was made in an earlier round", marks=older)

    def _standing_for(self, one: Instance) -> Birth:
        around = one.birth.loops[: one.birth.loops.index(self._loop)]  # a loop within this one is another in each round
        key = one.of.node, one.birth.line, around, one.birth.branches
        return self._older.setdefault(key, one.birth)

    def _take_in(self, state: State, cell: Cell, value: Value) -> None:
        old = state.cells.get(cell)
        state.cells[cell] = value if old is None or old is self._held.get(cell) else joined([old, value])


def _objects(state: State) -> list[Instance]:
    inside = (one for value in state.cells.values() for one in everything(value))
    options = (part for one in inside for part in (one.options if isinstance(one, Either) else (one,)))
    bound = (one.bound if isinstance(one, Function) else one for one in options)
    return [one for one in bound if isinstance(one, Instance)]


def _renamed(value: Value, names: dict[Birth, Birth]) -> Value | None:
    match value:
        case Instance(birth=birth) if birth in names:
            return replace(value, birth=names[birth], root=None)
        case Function(bound=Instance(birth=birth) as bound) if birth in names:
            return replace(value, bound=replace(bound, birth=names[birth], root=None), root=None)
        case Either(options=options) if any(_renamed(one, names) is not None for one in options):
            left: dict[object, Value] = {}
            for one in options:
                new = _renamed(one, names) or one
                left.setdefault(new.birth if isinstance(new, Instance) else new, new)
            one, *others = left.values()
            return replace(value, options=(one, *others), root=None) if others else replace(one, lack=value.lack)
    return None
