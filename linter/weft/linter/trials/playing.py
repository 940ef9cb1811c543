"""One trial: what is asked in it and answered, what is noted on the way, and how long it may go on."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from weft.linter.effort import spend
from weft.linter.trials.code import Listed, Noted, Passed, Test
from weft.linter.trials.symbols import GaveUp, Symbol, frozen

__all__ = ["LOST", "Asking", "Decide", "Play", "Primitive", "undecided"]

_STEPS = 4000
"""How many steps one trial may take."""
_STEPS_TO_ASK = 10
_STEPS_OF_ALL = 16000
"""How many steps all trials of one harness may take."""


@dataclass(slots=True, eq=False)
class Asking:
    """An agent, or `verify`, is asked something."""

    node: ast.Call
    name: str
    prompt: object
    given: dict[str, object]
    """What it was given beside the prompt, but for what is only shown."""
    schema: dict[str, object] | None
    order: int
    """How many were asked before."""
    critical: bool
    branch: bool
    """It runs in a branch or stage."""
    identity: Symbol

    @property
    def options(self) -> object:
        """What it was given beside the prompt, as it is compared."""
        return frozen(self.given)


Primitive = Callable[[ast.Call, list[object], dict[str, object]], object]
LOST = object()
Decide = Callable[[Asking], object]
"""What is answered: `LOST`, fields with their values, or nothing in particular."""


def undecided(asking: Asking) -> object:
    """Answer nothing in particular."""
    return None


@dataclass(slots=True, eq=False)
class Play:
    """What one trial after the other has in common, and what the present one does."""

    decide: Decide = undecided
    default: bool = True
    """What a yes or no is that nothing else decides."""
    primitives: Mapping[str, Primitive] = field(default_factory=dict)
    notes: list[Noted | Asking] = field(default_factory=list)
    depth: list[int] = field(default_factory=lambda: [0])
    branches: int = 0
    steps: int = 0
    whole: int = 0
    """The steps of all trials so far."""
    asked: list[Asking] = field(default_factory=list)
    logged: list[object] = field(default_factory=list)
    at: ast.AST | None = None
    """Where something is tested, compared, calculated with or handed to a function of Python's own."""
    all_asked: set[ast.Call] = field(default_factory=set)
    """Who was asked in any trial so far."""
    weighed: dict[ast.AST, ast.Call] = field(default_factory=dict)
    """Where it was asked whether a verdict is true, and of which call of `verify`."""
    heeded: set[ast.Call] = field(default_factory=set)
    """The calls of `verify` of whose verdicts something was read."""
    misused: dict[ast.AST, None] = field(default_factory=dict)
    """Where the independence of votes was taken for a number."""

    def begin(self, decide: Decide, *, default: bool) -> None:
        """Begin a trial."""
        self.decide, self.default = decide, default
        self.notes, self.asked, self.logged, self.depth[0], self.branches, self.steps = [], [], [], 0, 0, 0

    def step(self, steps: int = 1) -> None:
        """Count steps."""
        self.steps += steps
        self.whole += steps
        if self.steps > _STEPS or self.whole > _STEPS_OF_ALL:
            raise GaveUp
        spend(steps)

    def note(self, one: Test) -> None:
        """Note how a condition came out."""
        self.notes.append(one)

    def passed(self, node: ast.AST, value: object, into: object = None) -> None:
        """Note that something is passed on, and what it is kept in."""
        self.notes.append(Passed(node, value, into if isinstance(into, Listed) else None))

    def returned(self, node: ast.AST, value: object) -> None:
        """Note what a function returns."""

    def free(self, name: str) -> object:
        """Return what a name means that the harness does not define."""
        found = self.primitives.get(name)
        return found if found is not None else Symbol("name", name)

    def ask(self, node: ast.Call, name: str, prompt: object, options: dict[str, object]) -> Asking:
        """Note that somebody is asked something."""
        self.step(_STEPS_TO_ASK)
        schema = options.get("schema")
        shown = {key: value for key, value in options.items() if key not in ("label", "phase", "critical")}
        words = frozen(prompt)
        times = sum(1 for one in self.asked if one.node is node and one.prompt == words)
        asking = Asking(
            node,
            name,
            words,
            shown,
            schema if isinstance(schema, dict) else None,
            len(self.asked),
            options.get("critical") is True,
            self.branches > 0,
            Symbol("answer", node, words, times),
        )
        self.asked.append(asking)
        self.all_asked.add(node)
        self.notes.append(asking)
        return asking
