"""Where the analysis of a harness stands, and what it notes there; nothing is followed here."""

from __future__ import annotations

import ast

from weft.linter.effort import spend
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Coroutine
from weft.linter.facts.domain.contained import contents, deep_marks, found_in
from weft.linter.facts.domain.holding import anything, held
from weft.linter.facts.domain.likeness import mark_key
from weft.linter.facts.domain.marks import Kind, Marks, about, derived
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.values import CONTAINERS, Dict, Listing, Round, Unknown, Value
from weft.linter.facts.events import AnswerTested, Event, Wait
from weft.linter.facts.follow.escapes import Escapes
from weft.linter.facts.follow.recording import Recording
from weft.linter.facts.follow.stack import Branch, Frame
from weft.linter.facts.readings import NoneUsed
from weft.linter.facts.repeating import Loop
from weft.linter.facts.sites import Site

__all__ = ["Notes"]

_LOOKED_OVER = 16
"""How many variables are looked over in one step."""


class Notes:
    """Where the analysis stands, what holds there, and what has been noted on the way."""

    def __init__(self, escapes: Escapes) -> None:
        self.state = State()
        self.frames: list[Frame] = []
        self.inside: tuple[ast.Call, ...] = ()
        """The fan-outs as whose branch or stage this runs, where an error costs one item and not the run."""
        self.loops: list[Loop] = []
        """The loops that run here, through all calls."""
        self.waits: list[Wait] = []
        """The awaits that lead here, through all calls."""
        self.branches: list[Branch] = []
        """The branches that run here, outermost first."""
        self.events: list[Event] = []
        self.sites: dict[ast.Call, Site] = {}
        self.recordings: list[Recording] = []
        """The calls that run here and will be remembered, outermost first."""
        self.escapes = escapes

    @property
    def frame(self) -> Frame:
        """The function that is being followed."""
        return self.frames[-1]

    def birth(self, node: ast.AST, *, shared: bool = False) -> Birth:
        """Return the identity of a container made here."""
        return Birth(getattr(node, "lineno", 0), tuple(self.loops), shared, branches=len(self.branches))

    def is_one_of_many(self, birth: Birth) -> bool:
        """Tell whether what was made there stands for several: each round of a loop that is over has made its own."""
        return any(loop not in self.loops for loop in birth.loops)

    def place(self) -> tuple[tuple[object, ast.AST], ...]:
        """Return, for each activation that leads here, the await or call in it."""
        return tuple((frame, frame.at or frame.node) for frame in self.frames)

    def note(self, event: Event) -> None:
        """Record what happened."""
        self.events.append(event)

    def require(self, value: Value, node: ast.expr, use: str) -> Value:
        """Return a value that is used as if it were never None, which it is not afterwards."""
        lack = value.lack
        if lack is None:
            return value
        if lack.why and not self.frame.guarded:
            doubted = lack in about(self.state.control | value.marks, "asked")
            self.note(NoneUsed(node, lack, use, bool(self.inside), doubted))
        return self.state.refine(value, lack=None)

    def look(self, marks: Marks) -> None:
        """Take note that something which matters rests on a value with these marks."""
        if not marks:
            return
        for recording in self.recordings[-1:]:
            recording.looked.update(map(mark_key, marks))
        self.state.whole |= about(derived(marks), "whole", "size")
        self._depend(marks)

    def _depend(self, marks: Marks) -> None:
        for loop in about(marks, "earlier"):
            if isinstance(loop, Loop):
                loop.depends = True
        for loop in about(marks, "heard"):
            if isinstance(loop, Loop):
                loop.hears = True
        self.rest(marks, "waited", "filled")

    def rest(self, marks: Marks, *kinds: Kind) -> None:
        """Take note of the awaits on whose results the awaits that lead here rest."""
        if marks and self.waits:
            before, spends = about(marks, *kinds or ("waited",)), bool(about(marks, "budget"))
            for wait in self.waits:
                wait.reads |= before
                wait.spends = wait.spends or spends

    def act(self) -> None:
        """Take note that an agent acts on the world, or that one is there only for what it does."""
        around: list[Loop | Wait] = [*self.loops, *self.waits]
        for one in around:
            one.acts = True

    def latest(self, value: Value) -> Value:
        """Return a container with the contents that it has now; any other value as it is."""
        if not isinstance(value, CONTAINERS):
            return value
        followed = isinstance(value, (Listing, Dict)) and self.is_followed(value)
        return self.state.held(value) or (self.held_inside(self.state, value.birth) if followed else None) or value

    def held_inside(self, state: State, birth: Birth) -> Listing | Dict | None:
        """Return a list or dict as variables hold it, or something in them does; `None` where none does."""
        spend(1 + len(state.cells) // _LOOKED_OVER)
        return found_in(((owner, value) for (owner, _), value in state.cells.items()), birth)

    def is_followed(self, value: Listing | Dict) -> bool:
        """Tell whether what becomes of a list or dict is known wherever it is: it is one, or several counted together.

        What each of several is one of, as answers are, tells only of itself.
        """
        birth = value.birth
        if self.is_one_of_many(birth) or birth.promised is not None:
            return False
        if isinstance(value, Dict):
            return value.schema is None and not birth.shared
        return not birth.shared or birth.counts_together

    def site(self, node: ast.Call, name: str) -> Site:
        """Return the record of a place where a coroutine is made."""
        return self.sites.setdefault(node, Site(node, name))

    def consume(self, value: Value) -> None:
        """Take note that the coroutines in a value are awaited, or leave what is followed."""
        for coroutine in contents(value):
            if isinstance(coroutine, Coroutine):
                for node in coroutine.sites:
                    self.site(node, "").awaited = True
            elif isinstance(coroutine, Round):
                self.state.told |= {coroutine.loop}

    def test(self, value: Value, node: ast.expr) -> None:
        """Take note that a condition asks whether a value is true."""
        self.misuse(value, "tested")
        if isinstance(value, Dict) and about(value.marks, "says"):
            self.note(AnswerTested(node, value))

    def misuse(self, value: Value, how: str) -> bool:
        """Take note that a coroutine is used as if it were its result; tell whether the value is one."""
        if not isinstance(value, Coroutine) or value.lack is not None or value.otherwise is not None:
            return False
        for node in value.sites:
            site = self.site(node, "")
            site.misused = site.misused or how
        return True

    def unknown(self, why: str, *inputs: Value) -> Unknown:
        """Return the result of something that is not followed, to which these values go, and which may change them."""
        for value in inputs:
            self.look(deep_marks(value))
        self.lose(why, *inputs)
        marks = derived(frozenset().union(*(deep_marks(value) for value in inputs)))
        return anything(why, marks=marks.union(*(held(value) for value in inputs)))

    def lose(self, why: str, *inputs: Value, keeps: bool = False) -> None:
        """Take note that something not followed may change these values; `keeps`: and everything unknown may later."""
        for value in inputs:
            self.consume(value)
        self.escapes.lose(self.state, why, inputs, keeps=keeps)
