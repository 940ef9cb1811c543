"""What comparisons give, and what follows from their outcome."""

from __future__ import annotations

import ast

from weft.linter.facts.domain import truth as truths
from weft.linter.facts.domain.marks import NO_MARKS, about, derived, picked, undecided, weighed
from weft.linter.facts.domain.truth import both, by_case, compared
from weft.linter.facts.domain.values import Bool, Dict, Listing, Nothing, Number, Text, Unknown, Value, When, asked
from weft.linter.facts.events import Compared
from weft.linter.facts.follow.entries import contained
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.memories import grown, met, remembered
from weft.linter.facts.follow.races import ranked
from weft.linter.facts.readings import NotARecord

__all__ = ["comparison", "told"]


def comparison(m: Machine, node: ast.Compare) -> Value:
    """Return what comparisons give, `in` among them, one behind the other."""
    left = m.evaluate(node.left)
    marks, conditions, known = NO_MARKS, [], []
    previous = node.left
    for operator, comparator in zip(node.ops, node.comparators, strict=True):
        right = m.evaluate(comparator)
        result = _relation(m, operator, (left, previous), (right, comparator))
        marks |= result.marks
        conditions.append(result.when or When())
        known.append(result.const)
        if len(node.ops) == 1:
            m.note(Compared(node, left, right, result.const))
        left, previous = right, comparator
    const = known[0] if len(known) == 1 else None
    when = conditions[0] if len(conditions) == 1 else both(conditions, all_of=True)
    return Bool(const=const, marks=marks, when=when)


def _relation(
    m: Machine, operator: ast.cmpop, one_side: tuple[Value, ast.expr], other_side: tuple[Value, ast.expr]
) -> Bool:
    (a, a_node), (b, b_node) = one_side, other_side
    if isinstance(operator, (ast.In, ast.NotIn)):
        return _membership(m, operator, a, b, other_side)
    if isinstance(operator, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
        a, b = m.require(a, a_node, "comparing it"), m.require(b, b_node, "comparing it")
        for side, node, other in ((a, a_node, b), (b, b_node, a)):
            if isinstance(other, Number) and _is_no_number(side) and not m.frame.guarded:
                m.note(NotARecord(node, node, _WRITTEN[type(operator)], side))
    symbol, swap = _SWAPPED[type(operator)]
    one, other = (b, a) if swap else (a, b)
    about_none = isinstance(a, Nothing) or isinstance(b, Nothing)
    left, right = remembered(m, a), remembered(m, b)
    marks = derived(left | right) | asked(a, b)
    if about_none:
        marks = undecided(marks)
    else:
        marks |= grown(m, a, b)
        if symbol in ("<", "<="):  # how much there is says of nothing whether it is there
            m.weighed |= about(marks, "carried", "gathered")
            own = [side.marks for side in (a, b) if isinstance(side, Number) and side.measures is None]
            m.numbered |= {(a_node, of) for one in own for of in about(one, "carried", "gathered")}
            marks = weighed(marks) | ranked(m, a_node, b_node)
        else:
            marks |= met(a, right) | met(b, left) | picked(left, right) | picked(right, left)
        m.misuse(a, "compared")
        m.misuse(b, "compared")
    return Bool(const=_decided(one, other, symbol), marks=marks, when=told(one, other, symbol))


def _is_no_number(value: Value) -> bool:
    """Tell whether a value is surely none that can be smaller or larger than a number."""
    if isinstance(value, Text):
        return value.sure and value.lack is None and not about(value.marks, "member")
    return isinstance(value, (Dict, Listing))


_WRITTEN: dict[type, str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def told(one: Value, other: Value, symbol: str) -> When:
    """Return what comparing two values with `<`, `<=`, `==` or `!=` says, of them and of the paths they come from."""
    ways = (
        compared(one, other, symbol),
        by_case(one, lambda value: _outcome(value, other, symbol)),
        by_case(other, lambda value: _outcome(one, value, symbol)),
    )
    return When(tuple(fact for way in ways for fact in way.true), tuple(fact for way in ways for fact in way.false))


def _outcome(one: Value, other: Value, symbol: str) -> bool | None:
    """Return the outcome of a comparison, where None may be one side of it."""
    for none, present in ((one, other), (other, one)):
        if isinstance(none, Nothing) and present.lack is None and not isinstance(present, Unknown):
            return symbol == "!="
    return _decided(one, other, symbol)


def _decided(a: Value, b: Value, symbol: str) -> bool | None:
    """Return the outcome of a comparison that is the same on every path."""
    result: bool | None = None
    if isinstance(a, Number) and isinstance(b, Number) and None not in (a.exact, b.exact):
        assert a.exact is not None and b.exact is not None  # as just asked
        result = {"<": a.exact < b.exact, "<=": a.exact <= b.exact}.get(symbol, a.exact == b.exact)
    elif isinstance(a, Number) and isinstance(b, Number) and symbol in ("<", "<="):
        return _apart(a, b, symbol)
    elif isinstance(a, Text) and isinstance(b, Text) and a.const is not None and b.const is not None:
        if a.lack is None and b.lack is None:
            result = {"<": a.const < b.const, "<=": a.const <= b.const}.get(symbol, a.const == b.const)
    elif isinstance(b, Nothing) and isinstance(a, Nothing):
        result = True
    elif isinstance(b, Nothing) and a.lack is None:
        result = False
    return not result if result is not None and symbol == "!=" else result


def _apart(a: Number, b: Number, symbol: str) -> bool | None:
    """Return the outcome of a comparison of two numbers that lie apart, whatever they are."""
    highest, lowest = a.high.constant, None if b.low is None else b.low.constant
    if highest is not None and lowest is not None and highest < lowest + (symbol == "<="):
        return True
    lowest, highest = None if a.low is None else a.low.constant, b.high.constant
    return False if highest is not None and lowest is not None and lowest > highest - (symbol == "<") else None


def _membership(m: Machine, operator: ast.cmpop, item: Value, box: Value, written: tuple[Value, ast.expr]) -> Bool:
    box = _keyed(m, m.require(box, written[1], "`in`"), written[1])
    m.misuse(item, "looked up")
    m.misuse(box, "searched")
    found = contained(m, item, box, written[1])
    when = truths.inverted(found.when) if isinstance(operator, ast.NotIn) else found.when
    return Bool(marks=derived(found.marks) | picked(item.marks, box.marks), when=when)


def _keyed(m: Machine, box: Value, node: ast.expr) -> Value:
    """Return the dict whose keys are searched: `in d.keys()` asks what `in d` asks."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name() as owner, attr="keys"), args=[], keywords=[]):
            value = m.evaluate(owner)
            return value if isinstance(value, Dict) else box
    return box


_SWAPPED: dict[type, tuple[str, bool]] = {
    ast.Lt: ("<", False),
    ast.LtE: ("<=", False),
    ast.Gt: ("<", True),
    ast.GtE: ("<=", True),
    ast.Eq: ("==", False),
    ast.NotEq: ("!=", False),
    ast.Is: ("==", False),
    ast.IsNot: ("!=", False),
}
