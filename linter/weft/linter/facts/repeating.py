"""What is done several times: fan-outs and loops, as they were followed. All else that happened is in `events`."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal

from weft.linter.facts.domain.amounts import ZERO, Amount
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.marks import Marks
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.values import Listing, Value

__all__ = ["Cause", "FanOut", "Loop"]


@dataclass(slots=True, eq=False)
class FanOut:
    """One `parallel` or `pipeline`, and what is known of its branches."""

    node: ast.Call
    kind: Literal["parallel", "pipeline"]
    items: Listing
    """The list of branches or items."""
    stages: int
    gathers: bool
    """It ends early or raises by its options, so that it must look at all branches together."""
    each: Amount = ZERO
    """Agents per branch or item."""
    least: Amount = ZERO
    """Agents that each branch or item starts at least if nothing fails; of a pipeline, up to the first stage that may
    drop the item."""
    place: tuple[tuple[object, ast.AST], ...] = ()
    """For each activation that leads to it, outermost first, where it is waited for."""
    loops: tuple[Loop, ...] = ()
    takes: Marks = frozenset()
    """Marks of the results that branches take on besides, each of them its own."""
    gives: Value = ANY
    """What a branch or an item comes to."""
    limit: Value | None = None
    """How many branches run at the same time, where that is said."""

    @property
    def width(self) -> Amount:
        """How many branches there can be."""
        return count(self.items.parts).high


Cause = Literal[
    "answer",  # what agents say decides whether it goes on
    "budget",  # only what is left of the budget ends it
    "reset",  # what it counts begins anew
    "endless",  # it walks something that has no end
    "exitless",  # nothing ends it
    "misses",  # a path goes round without advancing its counter
    "stalls",  # it waits for a list or a total to grow, and a round may add nothing
    "worklist",  # it adds to the list that it works off
    "list",  # it walks a list of a length that nothing limits
]


@dataclass(slots=True, eq=False)
class Loop:
    """One loop or comprehension, followed until what it carries was understood."""

    node: ast.AST
    kind: Literal["for", "while", "comprehension", "branches"]
    header: ast.expr | None
    """The condition or the iterated expression."""
    helper: str | None = None
    """`until_dry`, `until_target` or `while_budget`."""
    walked: Marks = frozenset()
    """Marks of the list that it walks."""
    item: Value | None = None
    """The element with which its last round has begun."""
    told: Literal["always", "sometimes", "never"] = "always"
    """Whether each round is told what it found."""
    rounds: Amount | None = None
    """How many rounds there can be."""
    cause: Cause | None = None
    """What kind of loop it is, where no number of rounds is proved."""
    reason: Reason | None = None
    """Why no number of rounds is proved."""
    agents: Amount | None = None
    """Agents per round."""
    waits: list[ast.expr] = field(default_factory=list)
    """Awaits in the body itself that start agents."""
    depends: bool = False
    """A round reads what an earlier one wrote."""
    hears: bool = False
    """A round reads what the agents of an earlier one brought."""
    leaves: bool = False
    """A round can end the loop."""
    acts: bool = False
    """A round starts an agent that acts on the world, so that the order means something."""
    waves: list[FanOut] = field(default_factory=list)
    """Fan-outs over one piece of a list, another piece in each round."""
    weighed: bool = False
    """A round looks at all results of such a fan-out together."""
    place: tuple[Loop, ...] = ()
    """The loops around it."""
    exits: Marks = frozenset()
    """Marks of the conditions that can end it."""
    doubtful: bool = False
    """A second condition waits for something to grow, which may well end it though nothing proves that."""
    limits_each: bool = False
    """Each thing that it works off has a number of its own, which a condition weighs: that is meant to end it."""
    over: Listing | None = None
    """The list that it walks."""
    works_off: bool = False
    """Its condition asks how much there is in a list that no agent has given: it does something for each entry."""
    counts: frozenset[Birth] = frozenset()
    """Where it works off a list that grows: the containers of which a condition wants only so much in them."""
