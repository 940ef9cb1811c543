"""What happened while the harness was followed: the facts that rules ask for."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from weft.linter.facts.domain.amounts import Amount
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.marks import Marks
from weft.linter.facts.domain.values import Dict, Listing, Value
from weft.linter.facts.readings import (
    BudgetAsked,
    BudgetRead,
    ClosedAsked,
    FieldRead,
    FullAsked,
    MissingField,
    NameAsked,
    NoneUsed,
    NotARecord,
    OptionalRead,
    Reported,
    SchemaGiven,
)
from weft.linter.facts.remembering import Fed, Forgotten, Keyed, LookedFor, Sifted, Tested
from weft.linter.facts.repeating import FanOut, Loop
from weft.linter.record import record

__all__ = [
    "AnswerTested",
    "Asked",
    "Barrier",
    "Compared",
    "Cut",
    "Dynamic",
    "Event",
    "Misplaced",
    "OrderReached",
    "PrimitiveCalled",
    "RaceReached",
    "Raced",
    "Ranked",
    "Recurses",
    "Returned",
    "SetOrder",
    "Staged",
    "TextWithAddress",
    "Told",
    "Wait",
    "Waited",
]


@record()
class Barrier:
    """The results of one fan-out reach another one element by element."""

    first: FanOut
    waits: ast.AST
    """The await at which the results are waited for."""
    second: ast.AST
    """The await, or the loop, that takes them on."""
    second_kind: Literal["parallel", "pipeline", "loop"]
    flat: bool
    """Several elements may come from one branch."""
    call: ast.AST
    """The fan-out that takes them on, where it is written; or the loop."""


@record(eq=False)
class SetOrder:
    """A place where the order of a set begins to matter."""

    node: ast.expr
    numbers: bool
    """The set holds numbers only."""
    sortable: bool


@record()
class OrderReached:
    """The order of a set decides what an agent is asked, or which is asked first."""

    order: SetOrder
    sink: ast.AST


@record()
class TextWithAddress:
    """A text that holds a memory address reaches an agent or a key."""

    node: ast.expr
    what: str


@record()
class Dynamic:
    """A name or a template is only known when the harness runs, so that nobody can say what it reaches."""

    node: ast.Call
    name: Literal["getattr", "setattr", "format"]


@record()
class PrimitiveCalled:
    """A primitive is called."""

    name: str
    call: Call


@record()
class Raced:
    """A place where a branch that has waited for an agent writes what other branches write as well."""

    node: ast.AST
    fanout: FanOut
    place: object
    """The variable or container that is written."""
    last: bool = False
    """What is written takes the place of what was there: where more than one branch does so, the last one wins."""


@record()
class RaceReached:
    """Which branch finished first decides what an agent is asked, or what the run returns."""

    race: Raced
    sink: ast.AST
    inside: bool = False
    """It is read by a branch while others write."""


@record()
class Recurses:
    """A function that reaches an agent calls itself, and no depth is proved at which that ends."""

    node: ast.AST
    """The call that leads back, or where one was awaited."""
    how: str
    """As in "answer calls itself by way of split"."""
    doubtful: bool = False
    """It stops when something grows that all calls share, which may well end it though nothing proves that."""


@record()
class Returned:
    """A function ends here, by a `return` or off its end."""

    function: ast.AST
    node: ast.AST
    """The statement, or the function where it ends without one."""
    value: Value | None
    """What it returns; `None` where it does not say."""


@record()
class Staged:
    """An item goes through a stage of a pipeline."""

    call: ast.Call
    node: ast.expr
    """Where the stage is given."""
    stage: Value
    result: Value
    last: bool


@record(eq=False)
class Asked:
    """Agents are asked something: a call of `agent`, or of a primitive made of agents, begins."""

    name: str
    call: Call
    made: tuple[Loop, ...]
    """The loops in which the call is written, through all functions that lead to it."""
    runs: tuple[Loop, ...]
    """The loops in which it begins, branches of fan-outs among them."""
    control: Marks
    """Marks of the conditions under which it is made."""
    inside: tuple[FanOut, ...]
    """The fan-outs as whose branch or stage it runs, outermost first."""
    single: Mapping[FanOut, object]
    """Of those, the branch as which it runs, where that stands for one branch only."""
    place: tuple[tuple[object, ast.AST], ...]
    """For each activation that leads to it, outermost first, where that goes on."""
    marks: Mapping[str, Marks]
    """All marks of what it is given, by name; what comes first is named `prompt`."""

    @property
    def prompt(self) -> Value | None:
        """What the agent of an `agent` call is asked."""
        return self.call.argument(0, "prompt")


@record(eq=False)
class AnswerTested:
    """A condition asks whether an agent's answer as a whole is true."""

    node: ast.expr
    answer: Dict


@record(eq=False)
class Cut:
    """A list is cut down to so many of its elements."""

    node: ast.expr
    source: Listing
    kept: Birth
    """What is left."""


@record(eq=False)
class Ranked:
    """Items are put in order, or the first of an order are taken."""

    node: ast.Call
    passed: frozenset[object]
    """The lists of what is left without doubles that they come from."""


@record(eq=False)
class Compared:
    """Two values are compared."""

    node: ast.Compare
    left: Value
    right: Value
    outcome: bool | None
    """What that always comes to, whatever agents say; `None` where nobody can tell."""


@record()
class Told:
    """A round is told what it found."""

    node: ast.expr
    """What it is told."""
    loop: object
    most: Amount
    """How many items that can be."""
    loops: tuple[Loop, ...]
    new: tuple[str, ...]
    """The variables that hold what is new in the list that it is told."""
    said: frozenset[object]
    """The calls of agents that gave what it is told, where no memory has let that through."""
    items: Birth


@record()
class Waited:
    """Agents are waited for."""

    node: ast.expr
    """What is awaited."""
    acts: bool
    """One of them acts on the world."""


@dataclass(slots=True, eq=False)
class Wait:
    """An await that starts agents, in one of the activations that lead to it."""

    node: ast.Await
    reads: set[object] = field(default_factory=set)
    """The awaits of which something is read while it is made ready and runs, or that decide whether it does."""
    spends: bool = False
    """What it does rests on what is left of the budget."""
    acts: bool = False
    """An agent in it acts on the world."""
    changes: bool = False
    """Something that was there before is another after it."""


@record()
class Misplaced:
    """A list that has lost its failed entries is matched by position with one that has all."""

    node: ast.expr
    thinned: ast.expr
    """The list, or a position in it."""
    whole: ast.expr


Event = (
    NoneUsed
    | MissingField
    | FanOut
    | Barrier
    | Loop
    | OrderReached
    | TextWithAddress
    | Tested
    | Fed
    | Forgotten
    | Dynamic
    | ClosedAsked
    | BudgetRead
    | BudgetAsked
    | FullAsked
    | PrimitiveCalled
    | NameAsked
    | RaceReached
    | Recurses
    | Returned
    | Staged
    | NotARecord
    | SchemaGiven
    | Asked
    | AnswerTested
    | Compared
    | Cut
    | Ranked
    | FieldRead
    | LookedFor
    | Keyed
    | Sifted
    | Told
    | OptionalRead
    | Reported
    | Waited
    | Wait
    | Misplaced
)
