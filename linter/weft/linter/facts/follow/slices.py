"""Slices of lists: how long one can be, wherever its ends are. What else is done with lists is in `sequences`."""

from __future__ import annotations

import ast

from weft.linter.effort import unparsed, walk
from weft.linter.facts.domain.amounts import ZERO, Amount, Symbol, at_least, minimum, number, of
from weft.linter.facts.domain.counts import ceiling
from weft.linter.facts.domain.evaluation import given
from weft.linter.facts.domain.given import as_number
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.intervals import Interval, lowest, some
from weft.linter.facts.domain.joins import count, element
from weft.linter.facts.domain.marks import Mark, derived, reduced
from weft.linter.facts.domain.pairing import drawn
from weft.linter.facts.domain.parameters import Parameter
from weft.linter.facts.domain.sums import minus, never_negative
from weft.linter.facts.domain.values import (
    Given,
    Kind,
    Listing,
    Number,
    Part,
    Text,
    Value,
)
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import begins_with, spelled_out
from weft.linter.record import replace

__all__ = ["sliced"]

_RESTS = ("earlier", "heard", "waited", "budget")
"""What is taken rests on what its ends do: on earlier rounds, on awaits, on what was spent."""


def sliced(
    m: Machine, source: Listing, node: ast.Slice, start: Value | None, stop: Value | None, step: Value | None
) -> Listing:
    """Return a slice of a list."""
    ends = [None if end is None else _number(end) for end in (start, stop, step)]
    m.look(frozenset(mark for end in ends if end is not None for mark in end.marks if mark.kind in _RESTS))
    known = [None if end is None else end.exact for end in ends]
    if spelled_out(source) and all(end is None or end.exact is not None for end in ends):
        parts = source.parts[slice(*known)] if known[2] != 0 else ()
    elif stop is None and step is None and known[0] is not None and known[0] >= 0 and begins_with(source, known[0]):
        parts = source.parts[known[0] :]
    else:
        backwards = ends[2] is not None and (known[2] is None or known[2] < 0)
        whole = count(source.parts)
        size = Interval(ZERO, whole.high) if backwards else _size(whole, ends[0], ends[1])
        most = None if size.high.symbols() else _window(m, node)
        if most is not None and at_least(most, ZERO):
            size = Interval(lowest(size.low, most), minimum(size.high, most))
        parts = (Part(_stepped(size, known[2]), element(source) or ANY),)
    marks = source.marks if start is None and stop is None else reduced(derived(source.marks))
    if start is not None or stop is not None:
        parts = tuple(replace(part, element=_reduced(part.element)) for part in parts)
    if _is_cap(ends[0], ends[1]):
        marks |= {Mark("cut", node)}
    kind: Kind = source.kind if source.kind in ("list", "tuple") else "list"
    return Listing(kind=kind, parts=parts, apart=source.apart, birth=m.birth(node), marks=marks | drawn(source))


def _is_cap(start: Number | None, stop: Number | None) -> bool:
    """Tell whether a slice takes the first or the last so many, however long the list is."""
    if start is not None or stop is None:
        return start is not None and start.exact is not None and start.exact < 0
    return not stop.high.reasons and not stop.high.symbols()


def _number(end: Value) -> Number:
    """Return the end of a slice as a number."""
    if isinstance(end, Given):
        return as_number(end)
    return end if isinstance(end, Number) else Number(low=None, high=some("the end of a slice is not known", 0).high)


def _reduced(value: Value) -> Value:
    """Return an element of some of the elements: some words of a text are not what an answer said."""
    return replace(value, marks=reduced(value.marks)) if isinstance(value, Text) else value


def _stepped(size: Interval, pace: int | None) -> Interval:
    width = abs(pace or 1)
    return Interval(ceiling(size.low, width), ceiling(size.high, width))


def _size(total: Interval, start: Number | None, stop: Number | None) -> Interval:
    """Return how long a slice can be."""
    last = start.exact if start is not None else None
    if last is not None and last < 0:
        return Interval(lowest(total.low, number(-last)), minimum(total.high, number(-last)))
    if stop is not None and not _from_the_end(stop):
        stop = _placed(stop)
        if stop is None:  # it may stand before the end or before the beginning
            return Interval(ZERO, total.high)
    reached = total if stop is None else _up_to(total, stop)
    if start is None:
        return reached
    placed = _placed(start)
    if placed is None or placed.low is None or not _tells(start, minus(reached.high, placed.low)):
        return Interval(ZERO, reached.high)
    start, begin = placed, placed.low
    low = ZERO if start.high.reasons else minus(reached.low, start.high)
    if stop is None or stop.high.reasons or _from_the_end(stop) or reached.high.constant is not None:
        piece = None if stop is None else _piece(start, stop.high - begin, total.high)
        return Interval(low, piece or minus(reached.high, begin))
    width = never_negative(stop.high - begin)
    return Interval(ZERO, _piece(start, width, total.high) or minimum(width, minus(total.high, begin)))


def _placed(end: Number) -> Number | None:
    """Return the end of a slice as it is when no argument is below 0; `None` where it may be below 0 even then."""
    low = None if end.low is None else given(end.low, _place)
    return replace(end, low=low, high=given(end.high, _place)) if low is not None and at_least(low, ZERO) else None


def _tells(start: Number, size: Amount) -> bool:
    """Tell whether a size rests on all arguments that must not be below 0 for it."""
    assert start.low is not None  # as asked before
    below = {parameter for parameter in start.low.parameters() if parameter.part == "below"}
    return {replace(one, part="place") for one in below} <= size.parameters()


def _place(parameter: Parameter) -> Amount:
    if parameter.length:
        return of(parameter)
    return ZERO if parameter.part == "below" else of(replace(parameter, part="place"))


def _up_to(total: Interval, stop: Number) -> Interval:
    """Return how many elements stand before the end of a slice."""
    if _from_the_end(stop):
        less = number(-(stop.exact or 0))
        return Interval(minus(total.low, less), minus(total.high, less))
    low = ZERO if stop.low is None else minimum(total.low, stop.low)
    return Interval(low, never_negative(minimum(total.high, stop.high)))


def _from_the_end(stop: Number) -> bool:
    return stop.exact is not None and stop.exact < 0


def _piece(start: Number, width: Amount, total: Amount) -> Amount | None:
    """Return the size of a slice that a loop moves through a list without overlap: the pieces add up to the list."""
    symbols = start.high.symbols()
    if width.reasons or not at_least(width, ZERO) or start.low != start.high or len(symbols) != 1 or total.reasons:
        return None
    (index,) = symbols
    offset = (start.high - of(index) * width).constant
    if index.owner is None or offset is None or offset < 0:
        return None
    return of(Symbol("piece", most=minimum(width, total), total=total, owner=index.owner))


_PLAIN = (ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.operator, ast.expr_context)
"""What gives the same each time that it is evaluated, when nothing happens in between."""


def _window(m: Machine, node: ast.Slice) -> Amount | None:
    """Return how many elements a slice has at most, wherever it begins, before 0 too; `None` where its ends differ."""
    match node:
        case ast.Slice(
            lower=ast.expr() as lower, upper=ast.BinOp(left=left, op=ast.Add(), right=right) as upper, step=None
        ):
            for begin, more in ((left, right), (right, left)):
                if unparsed(begin) == unparsed(lower) and all(isinstance(one, _PLAIN) for one in walk(upper)):
                    value = m.evaluate(more)
                    return value.high if isinstance(value, Number) and value.whole and not value.high.reasons else None
    return None
