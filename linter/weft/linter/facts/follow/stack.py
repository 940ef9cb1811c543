"""Where the analysis stands: the functions, branches and stretches of code around the point that is being followed.

What moves it on is `machine`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from weft.linter.facts.domain.amounts import Symbol, number, of
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Closure, Env, Function, Partial
from weft.linter.facts.domain.contained import contents
from weft.linter.facts.domain.cost import Costs
from weft.linter.facts.domain.growth import Carried
from weft.linter.facts.domain.intervals import Differs, Less
from weft.linter.facts.domain.marks import NO_MARKS, Marks
from weft.linter.facts.domain.state import Cell, State
from weft.linter.facts.domain.values import CONTAINERS, Value
from weft.linter.facts.repeating import FanOut, Loop

__all__ = ["Branch", "Frame", "Pass", "Recursion", "Ways"]


class Pass(IntEnum):
    """How far loops are followed, the least far first; loops in the round of a loop are followed no further than it."""

    SURVEY = 0
    """One round each, to see which variables may change: a guess, which a trial confirms or adds to."""
    TRIAL = 1
    """Until it is known what changes and by how much. Events and costs are not kept, only whether there are any."""
    RECORD = 2
    """And once more for the events and the costs."""


@dataclass(slots=True, eq=False)
class Frame:
    """One function that is being followed."""

    node: ast.AST
    env: Env
    at: ast.AST | None = None
    """The await or call in it that leads on."""
    loops: list[Loop] = field(default_factory=list)
    yields: Cell | None = None
    """Where what it yields is gathered."""
    closure: Closure | None = None
    """Which function it is; `None` for the module."""
    given: Mapping[str, Value] = field(default_factory=dict)
    """The arguments that it was called with."""
    site: ast.AST | None = None
    """Where it is called."""
    guarded: int = 0
    """How many `try` blocks around this point catch a TypeError."""
    keyed: int = 0
    """How many catch a KeyError."""
    unproved: bool = False
    """It calls itself, and no depth is proved at which that ends."""


@dataclass(slots=True, eq=False)
class Branch:
    """A branch that is being followed, while others run."""

    fanout: FanOut
    before: Mapping[Cell, Value]
    """The variables that there were before it began."""
    alone: bool
    """It stands for one branch only, not for all of them."""
    control: Marks = NO_MARKS
    """Marks of the conditions under which it began."""
    own: set[object] = field(default_factory=set)
    """The entries that it has written under keys of its own, each by its dict and by how its key is written."""
    found: set[Birth] = field(default_factory=set)
    """The containers that it has found, or made, where other branches find them."""

    def shares(self, place: Cell | Birth, loops: Collection[object]) -> bool:
        """Tell whether other branches can reach a variable or a container, seen from the loops that run.

        What was made in a loop that has ended, or for each of several keys, may be one for each branch.
        """
        owner = place if isinstance(place, Birth) else place[0]
        if isinstance(place, Birth) and any(birth.may_be(place) for birth in self.found):
            return True
        if isinstance(owner, Birth) and (owner.shared or any(loop not in loops for loop in owner.loops)):
            return False
        if not isinstance(place, Birth):
            return place in self.before
        held = (inner for value in self.before.values() for outer in _with_given(value) for inner in contents(outer))
        return any(isinstance(inner, CONTAINERS) and inner.birth.may_be(place) for inner in held)


def _with_given(value: Value) -> tuple[Value, ...]:
    """Return a value and, of a function, what it is given each time that it is called."""
    match value:
        case Partial(args=args, keywords=given):
            return (value, *args, *given.values())
        case Function(defaults=given):
            return (value, *given.values())
    return (value,)


@dataclass(slots=True, eq=False)
class Ways:
    """The exits of a stretch of code other than off its end, and what holds at each."""

    returns: list[tuple[State, Value]] = field(default_factory=list)
    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)
    raises: list[State] = field(default_factory=list)
    """Where an error is raised, and where a run may stay until it is ended from outside."""
    refused: Marks = NO_MARKS
    """Marks of the conditions under which a `raise` ends it: what comes behind it happens only where none did."""

    def add(self, other: Ways) -> None:
        """Take in the ways out of an inner stretch as they are."""
        self.returns += other.returns
        self.breaks += other.breaks
        self.continues += other.continues
        self.raises += other.raises
        self.refused |= other.refused


@dataclass(slots=True, eq=False)
class Recursion:
    """A call of whichever depth of a function that calls itself."""

    begun: int
    """How many calls ran when it began."""
    carried: Carried
    """What it is given, made general: a variable for each argument, and for each attribute of one made for the call."""
    agents: Symbol
    """How many agents a call that it makes starts in the end."""
    tokens: Symbol
    """How many tokens that takes."""
    objects: dict[str, Birth] = field(default_factory=dict)
    """The objects that stand for arguments which each call makes anew."""
    backs: list[State] = field(default_factory=list)
    """What holds at each call that it makes."""
    sites: list[ast.AST] = field(default_factory=list)
    """Where each of them is written."""
    changed: dict[Cell, Value] = field(default_factory=dict)
    """The variables that it may change, and what it has made of each."""
    shared: set[Symbol] = field(default_factory=set)
    """How large those are when it begins."""
    cost: Costs = ()
    """What it costs, with those that it makes."""

    def limits(self, calls: slice = slice(None)) -> frozenset[Less | Differs]:
        """Return what holds at each of these calls that it makes; no list has less than nothing in it."""
        backs = self.backs[calls]
        if not backs:
            return frozenset()
        lengths = (change.symbol for change in self.carried.changes.values() if change.floor)
        told = frozenset[Less | Differs].intersection(*(state.limits for state in backs))
        return told.union(Less(number(-1), of(length)) for length in lengths)
