"""Recursion that is not followed call by call: the fixpoint of all calls at once, at whatever depth."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from weft.linter.facts.domain.amounts import ZERO, endless
from weft.linter.facts.domain.code import CALLABLE, Either, Function
from weft.linter.facts.domain.contained import contents
from weft.linter.facts.domain.cost import Costs, agents, started
from weft.linter.facts.domain.holding import ANY, anything
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.joins import element, joined
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.state import Cell, join
from weft.linter.facts.domain.values import CONTAINERS, UNEXPLAINED, Dict, Listing, Number, Part, Seen, Unknown, Value
from weft.linter.facts.events import Recurses
from weft.linter.facts.follow.machine import STEPS, Machine
from weft.linter.facts.follow.stack import Frame, Pass, Recursion

__all__ = ["at_any_depth", "ends_soon"]

_DEPTH = 20
"""How deep calls may nest for a function that calls itself to be followed like any other."""

_STEPS = STEPS // 2
"""How many steps may be taken on that; the others are left for the rest of the harness."""

_INSTEAD = "give it a depth that begins at a small number, and return when it is 0"

Given = Mapping[str, Value]


def ends_soon(m: Machine, running: list[Frame], given: Given) -> bool:
    """Tell whether a call of a function by itself can be followed like any other: what it is given shrinks."""
    last = running[-1]
    if last.closure in m.recursions or len(m.frames) >= _DEPTH or m.steps >= _STEPS:
        return False
    return any(_shrinks(last.given[name], given[name]) for name in given.keys() & last.given.keys())


def _shrinks(before: Value, now: Value) -> bool:
    """Tell whether an argument is smaller than it was, or one of the arguments that are given as a tuple."""
    match before, now:
        case Listing(kind="tuple", parts=parts), Listing(kind="tuple", parts=others) if len(parts) == len(others):
            return any(_shrinks(part.element, other.element) for part, other in zip(parts, others, strict=True))
    return _measure(now) < _measure(before)


def _measure(value: Value) -> float:
    """Return a size that recursion can shrink; infinity where there is none."""
    match value:
        case Number(high=high):
            size = high.constant
        case Listing(parts=parts):
            total = [part.count.high.constant for part in parts]
            size = None if None in total else sum(part or 0 for part in total)
        case _:
            size = None
    return float("inf") if size is None else size


def at_any_depth(
    m: Machine, function: Function, given: Given, site: ast.AST, follow: Callable[[Given], Value]
) -> Value:
    """Follow all calls of a function by itself at once, and return what is known of what they give.

    `follow` follows one of them. It is repeated until it is known what such calls may change; how large that is
    afterwards is not known, nor how many agents they start if they start any.
    """
    reason, how = _reason(m, function, site)
    outer = m.recursions.get(function.closure)
    if outer is not None:
        _add(m, outer, given)
        _lose(m, outer.changed, reason)
        return Unknown(lack=UNEXPLAINED, why=reason.why)
    known = m.recursions[function.closure] = Recursion(
        {name: _of_any_size(value, reason) for name, value in given.items()}
    )
    before, noted = m.state, len(m.events)
    seen: tuple[set[Cell], dict[str, Value]] | None = None
    spent: Costs = ()
    while seen != (now := (set(known.changed), dict(known.given))):
        seen = now
        m.state = before.fork()
        m.state.cost = ()
        _lose(m, known.changed, reason)
        begun = dict(m.state.cells)
        with m.apart() as ways, m.no_further_than(Pass.TRIAL):
            follow(known.given)
        ended = join([m.state], ways.raises)
        spent = ended.cost
        new = {cell: ended.cells[cell] for cell, value in begun.items() if ended.cells.get(cell, value) is not value}
        outer_ones = {cell: value for cell, value in known.changed.items() if cell in begun}  # others end with the call
        known.changed = outer_ones | new
    del m.events[noted:], m.recursions[function.closure]
    m.state = before
    _lose(m, known.changed, reason)
    if agents(spent) != ZERO:
        m.note(Recurses(site, how))
        m.state.cost += (started(reason.line, how, Interval(ZERO, endless(reason))),)
    return Unknown(lack=UNEXPLAINED, why=reason.why)


def _add(m: Machine, known: Recursion, given: Given) -> None:
    """Take in what one more call is given: a function, which it may call, or a container, which it may change."""
    births = {value.birth for value in known.given.values() if isinstance(value, CONTAINERS)}
    for name, value in given.items():
        old = known.given[name]
        options = old.options if isinstance(old, Either) else (old,)
        if isinstance(old, CALLABLE) and isinstance(value, CALLABLE) and value not in options:
            known.given[name] = joined([old, value])
        others = {inner.birth for inner in contents(value) if isinstance(inner, CONTAINERS)} - births
        held = ((cell, held) for cell, held in m.state.cells.items() if isinstance(held, CONTAINERS))
        known.changed |= {cell: held for cell, held in held if held.birth in others}


def _reason(m: Machine, function: Function, site: ast.AST) -> tuple[Reason, str]:
    name = _name(function.node)
    last = max(index for index, frame in enumerate(m.frames) if frame.closure == function.closure)
    way = [_name(frame.node) for frame in m.frames[last + 1 :]]
    how = f"{name} calls itself" + (f" by way of {' and '.join(way)}" if way else "")
    why = f"{how}, and no depth is proved at which that ends"
    return Reason(getattr(site, "lineno", 0), why, _INSTEAD, "recursion", f"{name}(…)"), how


def _name(node: ast.AST) -> str:
    return getattr(node, "name", "a lambda")


def _lose(m: Machine, changed: Mapping[Cell, Value], reason: Reason) -> None:
    """Forget how large variables are that calls without number may change."""
    for cell in changed.keys() & m.state.cells.keys():
        value = joined([m.state.current(m.state.cells[cell]), changed[cell]])
        m.consume(value)
        m.state.cells[cell] = _of_any_size(value, reason)


def _of_any_size(value: Value, reason: Reason) -> Value:
    """Return a value as it may be at any depth; a container stays the one that it is."""
    size = Interval(ZERO, endless(reason))
    match value:
        case Listing():
            found = element(value)
            return replace(value, parts=() if found is None else (Part(size, found),), root=None, when=None)
        case Dict():
            return replace(value, fields={}, schema=None, keys=ANY, values=ANY, rest=size, open=True, root=None)
        case Seen():
            return replace(value, size=size, root=None)
        case Number():
            return Number(low=None, high=size.high, marks=value.marks)
    return value if isinstance(value, CALLABLE) else anything(reason.why, value)
