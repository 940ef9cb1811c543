"""What awaiting does: the coroutine runs, and what it gives and changes is known by that."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import partial

from weft.linter.effort import spend, unparsed
from weft.linter.facts.domain.amounts import ZERO, endless
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Coroutine, Instance
from weft.linter.facts.domain.cost import agents, started
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.marks import Mark
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.state import Cell
from weft.linter.facts.domain.totals import TOTAL
from weft.linter.facts.domain.values import (
    CONTAINERS,
    Unknown,
    Value,
    also,
    marked,
)
from weft.linter.facts.events import Wait, Waited
from weft.linter.facts.follow.calls import each_way
from weft.linter.facts.follow.machine import Machine

__all__ = ["awaited", "evaluate_await", "wait"]


def evaluate_await(m: Machine, node: ast.Await) -> Value:
    """Return what awaiting a value gives."""
    at, m.frame.at = m.frame.at, node
    spent, cells = m.state.cost, dict(m.state.cells)
    waiting = Wait(node)
    m.waits.append(waiting)
    m.look(frozenset(mark for mark in m.state.control if mark.kind in ("waited", "budget")))
    value = m.require(m.evaluate(node.value), node.value, "awaiting it")
    result = wait(m, value, node.value)
    m.waits.pop()
    m.frame.at = at
    if agents(m.state.cost[len(spent) :]) == ZERO:
        return result
    m.note(waiting)
    return _waited(m, waiting, cells, result)


def _waited(m: Machine, waiting: Wait, before: Mapping[Cell, Value], result: Value) -> Value:
    """Return the result of an await, which is known by that like all that it has changed."""
    spend(1 + len(m.state.cells) // 8)
    mark, filled = frozenset((Mark("waited", waiting.node),)), frozenset((Mark("filled", waiting.node),))
    for cell, value in m.state.cells.items():
        new = isinstance(cell[0], Birth) and cell[1] is not TOTAL  # also a new attribute
        if before.get(cell) is not value and (cell in before or new):
            waiting.changes = True
            m.state.cells[cell] = also(value, filled if isinstance(value, CONTAINERS) else mark)
    return marked(result, mark)


def wait(m: Machine, value: Value, node: ast.expr) -> Value:
    """Follow what a coroutine does, and note which loops it makes wait."""
    m.consume(value)
    before, acted = m.state.cost, m.acted
    result = awaited(m, value, node)
    spent = m.state.cost[len(before) :]
    if agents(spent) != ZERO:
        m.note(Waited(node, m.acted > acted))
        for loop in m.frame.loops:
            if node not in loop.waits:
                loop.waits.append(node)
    return result


def awaited(m: Machine, value: Value, node: ast.expr) -> Value:
    """Return the result of a coroutine; where agents were waited for, other branches have run meanwhile."""
    before = len(m.state.cost)
    result = _result(m, value, node)
    if m.branches and agents(m.state.cost[before:]) != ZERO:
        m.state.waited |= frozenset(m.branches)
    return result


def _result(m: Machine, value: Value, node: ast.expr) -> Value:
    match value:
        case Coroutine(starts=(start,)):
            return start(m)
        case Coroutine(starts=starts):
            return each_way(m, [partial(start, m) for start in starts])
        case Unknown() | Instance():
            what = unparsed(node)
            reason = Reason(
                node.lineno,
                f"what is awaited is not known: {getattr(value, 'why', 'it is an object')}",
                "call a function by its name",
                "unknown",
                f"agents({what})",
            )
            m.state.cost += (started(node.lineno, what, Interval(ZERO, endless(reason))),)
            return m.unknown(f"the result of {what} is not known", value)
    return m.unknown("something is awaited that is no coroutine", value)
