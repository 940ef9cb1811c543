"""One trial: what is asked in it and answered, what is noted on the way, and how long it may go on."""

from __future__ import annotations

import ast
from collections.abc import Callable
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
    _options: object = None
    _answers: dict[tuple[int, bool], object] = field(default_factory=dict)

    def answer(self, decided: object, *, default: bool) -> object:
        """Return what would be answered where so much is decided, to be compared."""
        key = id(decided), default
        if key not in self._answers:
            self._answers[key] = _answer_to(self, decided, default=default)
        return self._answers[key]

    @property
    def options(self) -> object:
        """What it was given beside the prompt, as it is compared once the trial is over."""
        if self._options is None:
            self._options = frozen(self.given)
        return self._options


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
    notes: list[Noted | Asking] = field(default_factory=list)
    depth: list[int] = field(default_factory=lambda: [0])
    branches: int = 0
    steps: int = 0
    whole: int = 0
    """The steps of all trials so far."""
    asked: list[Asking] = field(default_factory=list)
    decided: list[tuple[Asking, object]] = field(default_factory=list)
    """Who was to decide something, and what."""
    said: dict[object, Symbol] = field(default_factory=dict)
    """What has been answered to what in any trial so far: the same things are one, so that comparing them is short."""
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
        self.notes, self.asked, self.decided, self.logged = [], [], [], []
        self.depth[0], self.branches, self.steps = 0, 0, 0

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

    def keyed(self, node: ast.AST, key: object, value: object) -> None:
        """Note that something is kept under a key, which may be what is kept."""
        if isinstance(key, (Symbol, tuple)):
            self.passed(node, key)
        self.passed(node, value)

    def ask(self, node: ast.Call, name: str, prompt: object, options: dict[str, object]) -> Asking:
        """Note that somebody is asked something."""
        self.step(_STEPS_TO_ASK)
        schema = options.get("schema")
        shown = {key: value for key, value in options.items() if key not in ("label", "phase", "critical")}
        words = frozen(prompt)
        times = sum(1 for one in self.asked if one.node is node and one.prompt == words)
        said = self.said.setdefault((node, words, times), Symbol("answer", node, words, times))
        asking = Asking(
            node,
            name,
            words,
            shown,
            schema if isinstance(schema, dict) else None,
            len(self.asked),
            options.get("critical") is True,
            self.branches > 0,
            said,
        )
        self.asked.append(asking)
        self.all_asked.add(node)
        self.notes.append(asking)
        return asking

    def answer(self, asking: Asking) -> object:
        """Return what somebody answers; `None` where the answer is lost."""
        decided = self.decide(asking)
        self.decided.append((asking, decided))
        return _answer_to(asking, decided, default=self.default)


def _answer_to(asking: Asking, decided: object, *, default: bool) -> object:
    """Return what is answered where so much is decided: fields by a schema, of `verify` the outcome."""
    if decided is LOST:
        return None
    if asking.name == "verify":
        return decided if isinstance(decided, str) else "survives" if default else "refuted"
    if asking.schema is None:
        return asking.identity
    return _answer(asking.schema, asking.schema, asking.identity, decided, default, 0)


_DEEP = 6
"""How deep an answer is made up."""


def _answer(
    schema: object, root: dict[str, object], said: Symbol, decided: object, default: bool, depth: int
) -> object:
    if not isinstance(schema, dict) or depth > _DEEP:
        return said
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        places = [root.get(key) for key in ("$defs", "definitions")]
        target = next((one[name] for one in places if isinstance(one, dict) and name in one), None)
        return _answer(target, root, said, decided, default, depth + 1)
    if "const" in schema:
        return schema["const"]
    options = schema.get("enum")
    if isinstance(options, (list, tuple)) and options:
        return options[0] if default else options[-1]
    kind = schema.get("type", "object" if "properties" in schema else None)
    fields = schema.get("properties")
    if kind == "object" and isinstance(fields, dict):
        values = decided if isinstance(decided, dict) else {}
        return {
            key: values[key]
            if key in values
            else _answer(one, root, Symbol("said", said, key), None, default, depth + 1)
            for key, one in fields.items()
        }
    if kind == "array":
        most = schema.get("maxItems")
        size = min(2, most) if isinstance(most, int) else 2
        items = schema.get("items")
        return [_answer(items, root, Symbol("said", said, at), None, default, depth + 1) for at in range(size)]
    return default if kind == "boolean" else said
