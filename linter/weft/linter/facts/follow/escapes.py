"""What gets out of sight: containers, objects and code that something may change which is not followed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from weft.linter.facts.domain.holding import held
from weft.linter.facts.domain.losing import lose
from weft.linter.facts.domain.lost import lost
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.state import Cell, State
from weft.linter.facts.domain.values import Listing, Value
from weft.linter.facts.names import method_names, rebound_names

__all__ = ["Escapes"]

_LATE = Reason(0, "what it reads while it is walked has changed since", "walk it at once, or list() it", "unknown")


@dataclass(slots=True, eq=False)
class Escapes:
    """What is known of a harness for the places where it is not followed."""

    rebound: frozenset[str]
    """Attributes, and variables of outer scopes, that some code of the harness gives a value."""
    methods: frozenset[str]
    """What methods of the harness's classes are called."""
    leaked: set[object] = field(default_factory=set)
    """What was put where the analysis cannot look: whoever changes something unknown may change it."""
    walking: list[set[object]] = field(default_factory=list)
    """What the generators that are being followed have read, each by itself: containers by births, and variables."""
    late: set[Cell] = field(default_factory=set)
    """The variables that some code reads when an iterator is walked."""

    @staticmethod
    def of(tree: ast.Module) -> Escapes:
        """Return what the syntax of a harness tells."""
        return Escapes(rebound_names(tree), method_names(tree))

    @contextmanager
    def reading(self, state: State) -> Iterator[set[object]]:
        """Gather what code reads that runs when an iterator is walked, of all that there is when that is made."""
        known, read = state.cells.keys(), set[object]()
        self.walking.append(read)
        try:
            yield read
        finally:
            self.walking.pop()
        for around in self.walking[-1:]:
            around.update(read)
        variables = {one for one in read if isinstance(one, tuple)}
        read -= variables - known
        self.late |= variables & known

    @contextmanager
    def overlooking(self) -> Iterator[None]:
        """Take no note of what is read."""
        walking, self.walking = self.walking, []
        try:
            yield
        finally:
            self.walking = walking

    def given_anew(self, state: State, cell: Cell) -> None:
        """Take note that a variable is given a value, for the iterators that read it when they are walked."""
        if cell in self.late:
            state.change(lambda value: _late(value, cell))

    def lose(self, state: State, why: str, inputs: Iterable[Value], *, keeps: bool) -> None:
        """Forget what may have changed now that these are given to something unknown; `keeps`: it has them for good."""
        found = {one for value in inputs for one in about(held(value), "holds")}
        if keeps:
            self.leaked |= found
        if found or self.leaked:
            lose(state, found | self.leaked, self.rebound, why)


def _late(value: Value, cell: Cell) -> Value | None:
    """Return an iterator that reads a variable, which has another value now, as one of any length."""
    return lost(value, _LATE) if isinstance(value, Listing) and cell in value.reads else None
