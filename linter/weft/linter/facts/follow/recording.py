"""What is kept of a call while it is followed and afterwards, so that one like it need not be followed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from weft.linter.facts.domain.amounts import Amount
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Closure
from weft.linter.facts.domain.state import Cell, State
from weft.linter.facts.domain.values import Value
from weft.linter.record import record

__all__ = ["Calls", "Recording", "Spent", "Summary"]


@dataclass(slots=True, eq=False)
class Recording:
    """A call that is being followed, and what it rests on besides its arguments."""

    before: State
    depth: int
    """How many functions were running when it began."""
    events: int
    """How many events there were."""
    reads: dict[Cell, Value] = field(default_factory=dict)
    """What it has read of the variables that there were."""
    absent: set[Cell] = field(default_factory=set)
    """The variables that it has asked for and that held nothing."""
    called: set[Closure] = field(default_factory=set)
    """All functions that it has called, whichever way."""
    looked: set[Hashable] = field(default_factory=set)
    """The marks of what it has looked at, by their keys."""
    usable: bool = True
    """Nothing has been seen on which it rests and which another call would not be compared by."""

    def read(self, cell: Cell, value: Value | None) -> None:
        """Take note that a variable is read; `None`: it holds nothing yet."""
        if value is None:
            self.absent.add(cell)
        elif cell in self.before.cells:
            self.reads.setdefault(cell, value)
            self.usable = self.usable and not isinstance(cell[0], Value)  # what a test said of an entry

    def add(self, other: Recording, reads: Mapping[Cell, Value]) -> None:
        """Take in what a call within it rests on, which has read this."""
        for cell, value in reads.items():
            self.read(cell, value)
        self.absent |= other.absent
        self.called |= other.called
        self.looked |= other.looked


@record()
class Spent:
    """How many agents and tokens a call takes."""

    low: Amount
    high: Amount
    tokens: Amount


@record(eq=False)
class Summary:
    """What a call of a function has come to."""

    key: Hashable
    """What calls that are alike have in common."""
    goal: int
    """How far the loops in it were followed."""
    events: int
    """How many events there were before it."""
    record: Recording
    births: tuple[Birth, ...]
    """The containers among its arguments, in the order in which they came."""
    kept: frozenset[Birth]
    """The containers in the variables that it read."""
    marks: frozenset[Hashable]
    """The marks that its arguments and what it read had, by their keys."""
    alike: Mapping[Cell, int]
    """What it read, by numbers for what is alike."""
    held: frozenset[Birth]
    """The containers in what it gave."""
    result: Value | None
    """What it gave; `None` where it never returns."""
    spent: Spent
    lost: Spent | None
    """What it has spent at most where it raises an error; `None` where it raises none."""
    acted: int
    """How many agents that act on the world were met in it."""


@dataclass(slots=True, eq=False)
class Calls:
    """The calls of one function."""

    followed: Counter[int] = field(default_factory=Counter)
    """How often it was followed, by how far the loops in it were."""
    remembered: list[Summary] = field(default_factory=list)
    wasted: int = 0
    """How many calls were recorded that cannot be remembered."""
