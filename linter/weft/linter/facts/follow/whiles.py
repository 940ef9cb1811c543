"""`while` loops: what their condition says when a round begins and when none is left. Rounds are followed next door.

`for` loops are in `walking`; the fixpoint of both is in `repeat`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from weft.linter.effort import unparsed
from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, at_least
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.intervals import Less
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.truth import certain
from weft.linter.facts.domain.values import Given, Listing, Number, Value
from weft.linter.facts.events import Compared, Event
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.matching import match
from weft.linter.facts.follow.repeat import repeat
from weft.linter.facts.follow.rounds import Rounds
from weft.linter.facts.follow.stack import Pass
from weft.linter.facts.repeating import Loop

__all__ = ["while_loop"]


def while_loop(m: Machine, node: ast.While) -> None:
    """Follow a `while` loop."""
    loop = Loop(node, "while", node.test, place=tuple(m.loops))

    def begin(index: Amount) -> bool:
        loop.works_off = False
        for part in _parts(node.test):
            noted = len(m.events)
            test = m.evaluate(part)
            loop.works_off |= any(map(_is_at_hand, (test, *_compared(m.events[noted:]))))
            m.test(test, part)
            control = m.steer(test, part)
            loop.exits |= control
            m.state.control |= control
            m.assume(test, True)
            if certain(test) is False:
                return False
        return True

    def end() -> None:
        noted = len(m.events)
        with m.no_further_than(Pass.TRIAL):
            test = m.evaluate(node.test)
        del m.events[noted:]
        m.assume(test, False)
        m.state.control |= {mark for mark in test.marks if mark.kind == "asked"}
        if certain(test) is True:
            m.state.end()
        elif node.orelse:
            m.execute(node.orelse)

    begins = _holds(m, node.test)
    text = f"while {unparsed(node.test)}"
    repeat(m, Rounds(loop, begin, lambda: _round(m, node.body), None, text, end=end, begins=begins))


def _holds(m: Machine, test: ast.expr) -> bool:
    """Tell whether a condition surely holds here, so that a first round begins."""
    before, noted = m.state, len(m.events)
    m.state = before.fork()
    with m.apart(), m.no_further_than(Pass.TRIAL):
        sure = all(_is_true(m, m.evaluate(part)) for part in _parts(test))
    del m.events[noted:]
    m.state = before
    return sure


def _compared(events: Iterable[Event]) -> Iterator[Value]:
    """Yield the lists whose lengths a condition compares."""
    for event in events:
        if isinstance(event, Compared):
            lengths = (side.measures for side in (event.left, event.right) if isinstance(side, Number))
            yield from (length for length in lengths if length is not None)


def _is_at_hand(value: Value) -> bool:
    """Tell whether a value is a list of which no agent has said what is in it."""
    listed = isinstance(value, Given) or (isinstance(value, Listing) and bool(value.parts))
    return listed and not about(deep_marks(value), "says")


def _parts(test: ast.expr) -> list[ast.expr]:
    """Return the conditions all of which hold, one after the other, where this one does."""
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]


def _is_true(m: Machine, value: Value) -> bool:
    """Tell whether a value is true by what it is, or by what tests before have said of its length."""
    if value.lack is None and isinstance(value, Listing):
        least = count(value.parts).low
        return at_least(least, ONE) or Less(ZERO, least) in m.state.limits
    return certain(value) is True


def _round(m: Machine, body: list[ast.stmt]) -> None:
    """Follow a round whose ways stay apart up to its end: each may move another number, and all of them one."""
    *before, last = body
    if not isinstance(last, (ast.If, ast.Match)):
        m.execute(body)
        return
    m.execute(before)
    if m.state.alive and isinstance(last, ast.Match):
        match(m, last, lambda inner: _round_ends(m, inner))
    elif m.state.alive:
        assert isinstance(last, ast.If)  # as just asked
        test = m.evaluate(last.test)
        m.test(test, last.test)
        m.branch(test, last.test, lambda: _round_ends(m, last.body), lambda: _round_ends(m, last.orelse))


def _round_ends(m: Machine, body: list[ast.stmt]) -> None:
    if body:
        _round(m, body)
    if m.state.alive:
        m.ways.continues.append(m.state.fork())
        m.state.end()
