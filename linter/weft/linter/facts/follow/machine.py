"""The abstract interpreter that follows a harness: where it is, what holds there, and what it has noted.

It only offers the vocabulary; what an expression, a statement or a function means stands in the tables it is given.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from typing import Any

from weft.linter.effort import TOO_MUCH, Exhausted, spend, walk, why
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Call, Closure, Coroutine, Env, Native
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.marks import Marks, about, outcome, steering
from weft.linter.facts.domain.meeting import join
from weft.linter.facts.domain.state import Cell, State
from weft.linter.facts.domain.truth import certain, truth
from weft.linter.facts.domain.values import CONTAINERS, Bool, Dict, Listing, Number, Value, also, asked
from weft.linter.facts.follow.escapes import Escapes
from weft.linter.facts.follow.noting import Notes
from weft.linter.facts.follow.recording import Calls
from weft.linter.facts.follow.stack import Branch, Pass, Recursion, Ways
from weft.linter.facts.names import acts, dict_names, scopes_in, written_keys
from weft.linter.facts.remembering import Tested
from weft.linter.facts.repeating import FanOut
from weft.linter.record import record

__all__ = [
    "DEPTH",
    "STEPS",
    "Machine",
    "Tables",
]

STEPS = 100_000
"""How many nodes are looked at before the analysis gives up: a hundred times what a long harness takes."""

_EACH = 10
"""How many steps of all work it counts as to look at a node."""

DEPTH = 60
"""How many calls may nest."""


@record()
class Tables:
    """What each kind of node and each known function means."""

    expressions: Mapping[type, Callable[[Machine, Any], Value]]
    statements: Mapping[type, Callable[[Machine, Any], None]]
    natives: Callable[[Machine, Native, Call], Value]
    attributes: Callable[[Machine, Value, ast.Attribute], Value]
    functions: Callable[[Machine, Value, Call], Value]
    names: Callable[[Machine, str], Value]


SavedStep = Callable[["Machine", str | None, Value, ast.AST], Value]


class Machine(Notes):
    """Follows a harness once, along all its paths."""

    catching = 0
    """How many stretches around this point go on when an error is raised in them."""
    acted = 0
    """How many agents that act on the world have been met."""
    keying = 0
    """How many key functions around this point tell items apart."""
    steps = 0
    passes = 0
    """How often it has mattered how far loops are followed."""
    where: ast.stmt | None = None
    """Where all steps were taken."""
    all_asked: tuple[Value, bool, State] | None = None
    """What the last `and` or `or` came to, whether that tells that all its operands were asked, and what holds then."""
    alone = False
    """Functions are not followed where they are called, for that would take too long."""

    def __init__(self, tree: ast.Module, tables: Tables, saved: SavedStep) -> None:
        super().__init__(Escapes.of(tree))
        self.scopes = scopes_in(tree)
        self.dict_names = dict_names(tree)
        """What dicts that are written in place are called."""
        self.written_keys = written_keys(tree)
        """Keys that the harness itself puts into some dict."""
        self.tables = tables
        self.saved = saved
        """Follows a saved harness as one step."""
        self.ways = Ways()
        """Where the ways out of what is followed are gathered."""
        self.followed: set[ast.AST] = set()
        self.writers: dict[tuple[FanOut, Cell | Birth], set[Branch]] = {}
        """Which branches that stand for one write what others can reach, after they have waited for an agent."""
        self.begun: dict[tuple[FanOut, Birth], bool] = {}
        """Whether a container was empty when the branches of a fan-out began."""
        self.recursions: dict[Closure, Recursion] = {}
        """The functions of which a call of whichever depth is being followed."""
        self.depths: dict[Closure, int] = {}
        """How many calls of a function that calls itself can run at once, where that is proved."""
        self.calls: defaultdict[Closure, Calls] = defaultdict(Calls)
        """What is remembered of the calls of each function."""
        self.met: dict[object, dict[object, tuple[Listing, ast.expr]]] = {}
        """The lists that were read at an index which differs from round to round, and how they are written."""
        self.kinds: dict[Hashable, int] = {}
        """Numbers for values that are alike."""
        self.arguments: Value = ANY
        """What the run is started with."""
        self.drawn: dict[Birth, tuple[Birth, bool]] = {}
        """From which list another one was taken, and whether it has only what a memory let through."""
        self.weighed: set[object] = set()
        """What was found to be larger or smaller than something, of what is looked at for that (`gathering`)."""
        self.numbered: set[tuple[ast.expr, object]] = set()
        """Where such a thing was weighed by a number that it has or holds, and not by its length."""
        self.chosen: dict[tuple[int, ...], tuple[tuple[Value, ...], Value]] = {}
        """What one of several objects has, by the ids of what that is and of what each of them has."""
        self.skipped: dict[ast.stmt, str] = {}
        """The statements that could not be followed, and why."""
        self.goal = Pass.RECORD
        """How far the loops that are met are to be followed."""

    # Where we are

    @contextmanager
    def scoped(self, node: ast.AST) -> Iterator[Env]:
        """Look names up in a scope of its own, as a comprehension does."""
        outer = self.frame.env
        self.frame.env = Env(node, outer)
        try:
            yield self.frame.env
        finally:
            self.frame.env = outer

    def drop(self, events: int) -> None:
        """Forget the events from an index on, and which calls they came from: these are followed again."""
        del self.events[events:]
        for calls in self.calls.values():
            calls.remembered = [one for one in calls.remembered if one.goal < Pass.RECORD or one.events < events]

    @contextmanager
    def no_further_than(self, goal: Pass) -> Iterator[None]:
        """Follow loops only so far."""
        outer, self.goal = self.goal, min(self.goal, goal)
        try:
            yield
        finally:
            self.goal = outer

    # Following

    def evaluate(self, node: ast.expr) -> Value:
        """Return what is known of the value of an expression, with all that it does on the way."""
        self.tick()
        follow = self.tables.expressions.get(type(node))
        return self.state.current(follow(self, node)) if follow is not None else ANY

    def evaluate_all(self, nodes: Sequence[ast.expr]) -> list[Value]:
        """Return the values of expressions in their order; one that a later expression changes is as it is then."""
        owner, values = object(), []
        for index, node in enumerate(nodes):
            values.append(self.evaluate(node))
            if isinstance(values[-1], CONTAINERS) and any(map(acts, nodes[index + 1 :])):
                self.state.cells[owner, index] = values[-1]
        return [self.state.cells.pop((owner, index), value) for index, value in enumerate(values)]

    def execute(self, body: Iterable[ast.stmt]) -> None:
        """Follow statements one after the other, as far as a path leads."""
        for statement in body:
            if not self.state.alive:
                return
            self.tick()
            if not self._is_safe(statement):
                self.falter()
            around = self._around()
            try:
                self.tables.statements[type(statement)](self, statement)
            except Exhausted:
                self.where = self.where or statement
                raise
            except TOO_MUCH as error:
                self._skip(statement, error, around)
        self.falter()

    def _around(self) -> tuple[int, ...]:
        """Return how deep the analysis stands in all that it enters and leaves again."""
        entered: tuple[Sized, ...] = (self.frames, self.loops, self.waits, self.branches, self.recordings)
        return tuple(map(len, entered))

    def _skip(self, statement: ast.stmt, error: Exception, around: tuple[int, ...]) -> None:
        """Go on behind a statement that cannot be followed: what it does is not known, nor what it costs."""
        self.skipped.setdefault(statement, why(error))
        self._leave(around)
        for node in walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.bind(node.id, ANY)

    def _leave(self, around: tuple[int, ...]) -> None:
        """Leave all that was entered since, without regard to what happens there."""
        frames, loops, waits, branches, recordings = around
        del self.frames[frames:], self.loops[loops:], self.waits[waits:]
        del self.branches[branches:], self.recordings[recordings:]

    def restart(self, state: State) -> None:
        """Begin anew at the top level, wherever the analysis was given up."""
        self._leave((1, 0, 0, 0, 0))
        self.ways, self.inside, self.catching, self.keying = Ways(), (), 0, 0
        self.recursions.clear()
        self.depths.clear()
        self.goal = Pass.RECORD
        self.state = state.fork()

    def _is_safe(self, statement: ast.stmt) -> bool:
        """Tell whether a statement raises no error: it sets a variable to a constant, or counts."""
        match statement:
            case ast.Assign(targets=[ast.Name()], value=ast.Constant()):
                return True
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub(), value=ast.Constant(value=int())):
                return isinstance(self.lookup(name), Number)
        return False

    @contextmanager
    def apart(self, *, catching: bool = False) -> Iterator[Ways]:
        """Gather the ways out of a stretch; with `catching`, also those by errors that no statement raises itself."""
        outer, self.ways = self.ways, Ways()
        self.catching += catching
        try:
            yield self.ways
        finally:
            self.ways = outer
            self.catching -= catching

    def falter(self) -> None:
        """Take note that an error may be raised here, where something goes on after errors.

        Elsewhere such an error ends the run, which costs no more than going on does.
        """
        if not self.catching or not self.state.alive:
            return
        known = self.ways.raises[-1:]
        if not any(last.cost == self.state.cost and last.cells == self.state.cells for last in known):
            self.ways.raises.append(self.state.fork())

    def call(self, function: Value, call: Call) -> Value:
        """Return what calling a value gives."""
        self.tick()
        return self.state.current(self.tables.functions(self, self.state.current(function), call))

    def apply(self, function: Value, node: ast.AST, *args: Value) -> Value:
        """Call a value with arguments that are not written as such in the harness."""
        written = node if isinstance(node, ast.Call) else ast.copy_location(ast.Call(ast.Constant(None), [], []), node)
        return self.call(function, Call(written, args, written=False))

    def attribute(self, value: Value, node: ast.Attribute) -> Value:
        """Return what reading an attribute gives."""
        return self.tables.attributes(self, value, node)

    def tick(self) -> None:
        """Count a step.

        Raises:
            Exhausted: there have been too many.
        """
        self.steps += 1
        if self.steps > STEPS:
            raise Exhausted(f"it takes more than {STEPS:,} steps")
        spend(_EACH)

    # Variables

    def lookup(self, name: str) -> Value:
        """Return what a name means here."""
        env: Env | None = self.frame.env
        owner = self.scopes.of(self.frame.env.scope).owner(name)
        while env is not None and owner is not None:
            if env.scope is owner.node:
                value = self.read((env, name)) or ANY
                self.rest(value.marks)
                return value
            env = env.parent
        return ANY if owner is not None else self.tables.names(self, name)

    def read(self, cell: Cell) -> Value | None:
        """Return what a variable holds; `None` where it holds nothing yet."""
        held = self.state.cells.get(cell)
        value = None if held is None else self.state.current(held)
        if held is None and not isinstance(cell[0], Value):
            self.state.absent[cell] = None
        for recording in self.recordings[-1:]:
            recording.read(cell, value)
        if self.escapes.walking:
            self.escapes.walking[-1] |= {cell, value.birth} if isinstance(value, (Listing, Dict)) else {cell}
        return value

    def attributes_of(self, owner: object) -> dict[str, Value]:
        """Return all attributes of an object or names of a scope, with what they hold."""
        spend(1 + len(self.state.cells) // 8)
        cells = [cell for cell in self.state.cells if cell[0] is owner]
        return {str(cell[1]): value for cell in cells if (value := self.read(cell)) is not None}

    def bind(self, name: str, value: Value) -> None:
        """Give a variable a value; it then depends on the conditions under which it gets it."""
        cell = self.cell(name)
        self.escapes.given_anew(self.state, cell)
        self.state.cells[cell] = also(value, self.state.control)

    def cell(self, name: str) -> Cell:
        """Return the variable that a name is when it is given a value here."""
        env: Env | None = self.frame.env
        owner = self.scopes.of(self.frame.env.scope).owner(name)
        while env is not None and (owner is None or env.scope is not owner.node):
            env = env.parent
        return env or self.frame.env, name

    # Tests

    def steer(self, value: Value, node: ast.expr) -> Marks:
        """Note that a value decides which path is taken, and return the marks of what happens only on that path."""
        decided = isinstance(value, Bool)
        marks = value.marks
        self._depend(marks)
        memories = about(marks, "met")
        if memories and (self.loops or self.inside):
            said = about(marks, "compared")
            sites = tuple(frame.site for frame in self.frames if frame.site is not None)
            self.note(Tested(memories, node, tuple(self.loops), self.inside, said, sites))
        return steering(marks, decided=decided) | asked(value)

    def assume(self, value: Value, holds: bool) -> None:
        """Go on under the condition that a value is true, or that it is false."""
        if self.all_asked is not None and self.all_asked[0] is value and self.all_asked[1] is holds:
            whole = self.all_asked[2]
            self.state.cells, self.state.cost = dict(whole.cells), whole.cost
        when = truth(value)
        self.state.learn(when.true if holds else when.false)

    def branch(self, value: Value, node: ast.expr, yes: Callable[[], None], no: Callable[[], None]) -> None:
        """Follow one way where a value is true and another where it is false, and what holds where they meet."""
        known = certain(value)
        control = self.steer(value, node)
        states = []
        before = self.state
        for holds, follow in ((True, yes), (False, no)):
            if known is (not holds):
                continue
            self.state = before.fork()
            self.state.control |= control | outcome(control, node, holds=holds)
            self.assume(value, holds)
            follow()
            states.append(self.state)
        self.state = join(states)
        if all(state.alive for state in states):
            self.state.control = before.control  # it is reached either way

    # Branches and coroutines

    @contextmanager
    def branching(self, fanout: FanOut, *, alone: bool = False) -> Iterator[None]:
        """Follow a branch or a stage: an error ends it and nothing else; `alone`: it stands for one branch only."""
        inside, self.inside = self.inside, (*self.inside, fanout.node)
        self.branches.append(Branch(fanout, dict(self.state.cells), alone, self.state.control))
        try:
            with self.apart(catching=True) as ways:
                yield
        finally:
            self.inside = inside
            self.branches.pop()
        self.state = join([self.state], ways.raises)

    def coroutine(self, node: ast.Call, name: str, start: Callable[[Machine], Value]) -> Coroutine:
        """Return the coroutine that a call makes."""
        self.site(node, name)
        return Coroutine(sites=frozenset((node,)), starts=(start,))
