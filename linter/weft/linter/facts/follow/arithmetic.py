"""What operators give: numbers with their ends, lists put together, texts built up, sets and dicts combined."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, at_least, endless, maximum, minimum, number
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.counts import ceiling
from weft.linter.facts.domain.given import as_listing, as_number
from weft.linter.facts.domain.holding import ANY, anything
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.joins import count, element
from weft.linter.facts.domain.marks import added_up, derived
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.sizes import characters, composed, tokens_in
from weft.linter.facts.domain.values import Bool, Dict, Given, Listing, Number, Part, Text, Value
from weft.linter.facts.follow.classes import special
from weft.linter.facts.follow.entries import merged_dicts
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.memories import left_out
from weft.linter.facts.follow.sequences import concatenated, listing
from weft.linter.record import replace

__all__ = ["OPERATORS", "calculated", "combined", "inverted", "negated", "size_of", "unlimited"]


def unlimited(why: str, line: int = 0) -> Amount:
    """Return the upper end of a number that nothing limits."""
    return endless(Reason(line, why, "limit it, for example with min(…, N)", "unknown"))


OPERATORS: Mapping[type, str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.MatMult: "matmul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
}
"""What the methods behind the operators are called."""


def calculated(m: Machine, operator: ast.operator, left: Value, right: Value, node: ast.expr) -> Value:
    """Return what an operator makes of two values."""
    name = OPERATORS[type(operator)]
    for owner, method, other in ((left, f"__{name}__", right), (right, f"__r{name}__", left)):
        own = special(m, owner, method, node, other)
        if own is not None:
            return own
    found = _calculated(m, operator, _plain(left, right), _plain(right, left), node)
    summed = isinstance(operator, (ast.Add, ast.Sub)) and not isinstance(found, (Listing, Dict))
    marks = added_up(found.marks) if summed else found.marks
    return found if marks is found.marks else replace(found, marks=marks)


def _calculated(m: Machine, operator: ast.operator, left: Value, right: Value, node: ast.expr) -> Value:
    match left, right:
        case Number(), Number():
            return _numbers(operator, left, right)
        case Text(), _ if isinstance(operator, ast.Mod):
            return replace(_text(left, right), const=None, most=None)
        case (Text(), Text()) if isinstance(operator, ast.Add):
            return _text(left, right)
        case (Listing(), Listing()) if isinstance(operator, ast.Add):
            return concatenated(m, node, [left, right], "tuple" if left.kind == right.kind == "tuple" else "list")
        case (Listing(), Number()) | (Number(), Listing()) if isinstance(operator, ast.Mult):
            return _repeated(m, left, right, node)
        case (Listing(), Listing()) if isinstance(operator, (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)):
            return combined(m, operator, left, right, node)
        case (Dict(), Dict()) if isinstance(operator, ast.BitOr):
            return merged_dicts(replace(left, birth=m.birth(node), root=None), right)
    return anything(
        "it is calculated from values that are not followed", marks=derived(deep_marks(left) | deep_marks(right))
    )


def _plain(value: Value, other: Value) -> Value:
    """Return a truth value as a number, and an argument of the run as what the other operand suggests."""
    if isinstance(value, Bool):
        return Number(low=ZERO, high=number(1), marks=value.marks)
    if isinstance(value, Given):
        return (
            as_listing(value)
            if isinstance(other, Listing)
            else as_number(value)
            if isinstance(other, (Number, Given))
            else value
        )
    return value


def _numbers(operator: ast.operator, a: Number, b: Number) -> Number:
    low, high = _ends(operator, a, b)
    whole = a.whole and b.whole and not isinstance(operator, ast.Div)
    return Number(low=low, high=high, whole=whole, marks=a.marks | b.marks)


def _ends(operator: ast.operator, a: Number, b: Number) -> tuple[Amount | None, Amount]:
    unknown = unlimited("a number is calculated in a way that is not followed")
    match operator:
        case ast.Add():
            return (None if a.low is None or b.low is None else a.low + b.low), a.high + b.high
        case ast.Sub():
            low = None if a.low is None or b.high.reasons else a.low - b.high
            return low, unknown if b.low is None else a.high - b.low
        case ast.Mult() if _never_negative(a) and _never_negative(b):
            return (a.low or ZERO) * (b.low or ZERO), a.high * b.high
        case ast.Mult():
            return _corners(a, b) or (None, unknown)
        case ast.FloorDiv() if b.exact is not None and b.exact > 0:
            below = a.low is not None and a.low.constant is None and not _never_negative(a)
            low = minimum(ZERO, a.low) if below and a.low is not None else _floored(a.low, b.exact)
            return low, _floored(a.high, b.exact) or unknown
        case ast.Div() if b.exact is not None and b.exact > 0:
            return None, ceiling(a.high, b.exact)
        case ast.FloorDiv() | ast.Div() if b.whole and _never_negative(a) and _never_negative(b):
            return ZERO, a.high
        case ast.FloorDiv() | ast.Div() if b.whole:
            largest = size_of(a)
            return (None, unknown) if largest.reasons else (ZERO - largest, largest)
        case ast.Mod() if a.exact is not None and b.exact is not None and b.exact > 0:
            return number(a.exact % b.exact), number(a.exact % b.exact)
        case ast.Mod() if a.whole and b.exact is not None and b.exact > 0:
            return ZERO, number(b.exact - 1)
        case ast.Mod() if not b.high.reasons:
            return (ZERO if _never_negative(b) else None), maximum(ZERO, b.high)
    return _powers(operator, a, b) or (None, unknown)


def _powers(operator: ast.operator, a: Number, b: Number) -> tuple[Amount | None, Amount] | None:
    """Return the ends of a power, and of what is done to the bits of numbers."""
    match operator:
        case ast.Pow() if b.exact is not None and 0 <= b.exact <= _HIGHEST_POWER and _never_negative(a):
            return _power(a.low or ZERO, b.exact), _power(a.high, b.exact)
        case ast.Pow() if (
            a.exact is not None and a.exact > 0 and (most := b.high.settled().constant) in range(_HIGHEST_POWER + 1)
        ):
            return (ONE if _never_negative(b) else None), _power(a.high, most or 0)
        case ast.LShift() if b.exact is not None and 0 <= b.exact <= _HIGHEST_POWER:
            return _ends(ast.Mult(), a, _exactly(2**b.exact))
        case ast.RShift() if b.exact is not None and 0 <= b.exact <= _HIGHEST_POWER:
            return _ends(ast.FloorDiv(), a, _exactly(2**b.exact))
        case ast.BitAnd() if counts := [one.high for one in (a, b) if _never_negative(one)]:
            return ZERO, minimum(*counts)
        case ast.BitOr() | ast.BitXor() if _never_negative(a) and _never_negative(b):
            return ZERO, a.high + b.high
    return None


_HIGHEST_POWER = 16
"""Up to which exponent powers are worked out."""


def _power(base: Amount, exponent: int) -> Amount:
    return base * _power(base, exponent - 1) if exponent else ONE


def _exactly(value: int) -> Number:
    return Number(low=number(value), high=number(value))


def _corners(a: Number, b: Number) -> tuple[Amount, Amount] | None:
    """Return the ends of a product of numbers that may be below 0: it is least and most where both are at an end."""
    if a.low is None or b.low is None or a.high.reasons or b.high.reasons:
        return None
    products = [one * other for one in (a.low, a.high) for other in (b.low, b.high)]
    return minimum(*products), maximum(*products)


def size_of(value: Number) -> Amount:
    """Return how far a number is from 0 at most."""
    if value.low is None or value.high.reasons:
        return unlimited("how far a number is from 0 is not known")
    return value.high if _never_negative(value) else maximum(value.high, ZERO - value.low)


def _floored(end: Amount | None, by: int) -> Amount | None:
    if end is None or end.reasons:
        return None
    return ceiling(end - number(by - 1), by)


def _never_negative(value: Number) -> bool:
    return value.low is not None and at_least(value.low, ZERO)


def negated(value: Value) -> Value:
    """Return a number with the other sign."""
    value = _plain(value, Number(low=ZERO, high=ZERO))
    if not isinstance(value, Number):
        return anything("it is calculated from a value that is not followed", value)
    unknown = unlimited("a number is calculated in a way that is not followed")
    high = unknown if value.low is None else ZERO - value.low
    return Number(
        low=None if value.high.reasons else ZERO - value.high, high=high, whole=value.whole, marks=value.marks
    )


def inverted(value: Value) -> Value:
    """Return what `~` makes of a number."""
    one = Number(low=ONE, high=ONE)
    opposite = negated(value)
    return _numbers(ast.Sub(), opposite, one) if isinstance(opposite, Number) else opposite


def _text(left: Value, right: Value) -> Text:
    known = isinstance(left, Text) and isinstance(right, Text) and left.const is not None and right.const is not None
    sizes = characters(left), characters(right)
    most = None if None in sizes else sum(size or 0 for size in sizes)
    words = (left.words if isinstance(left, Text) else "") + (right.words if isinstance(right, Text) else "")
    marks = derived(deep_marks(left) | deep_marks(right))
    tokens = tokens_in(left) + tokens_in(right)
    text = Text(const=words if known else None, words=words, marks=marks, tokens=tokens, most=most)
    return composed(text, [left, right])


def _repeated(m: Machine, left: Value, right: Value, node: ast.expr) -> Value:
    source, times = (left, right) if isinstance(left, Listing) else (right, left)
    assert isinstance(source, Listing) and isinstance(times, Number)  # as the caller has matched
    size, item = count(source.parts), element(source)
    if item is None:
        return listing(m, node, kind=source.kind)
    most = times.high if _never_negative(times) else maximum(ZERO, times.high)
    total = Interval(
        size.low * times.low if _never_negative(times) and times.low is not None else ZERO, size.high * most
    )
    return listing(m, node, Part(total, item), kind=source.kind, marks=source.marks)


def combined(m: Machine, operator: ast.operator, left: Listing, right: Listing, node: ast.expr) -> Listing:
    """Return what set algebra makes of two sets."""
    sizes = count(left.parts), count(right.parts)
    if isinstance(operator, ast.Sub):
        left = left_out(m, left, right, node)
    items = {ast.Sub: left, ast.BitAnd: left}.get(type(operator))
    if items is not None:
        parts = tuple(Part(Interval(ZERO, part.count.high), part.element) for part in items.parts)
        return listing(m, node, *parts, kind="set", marks=derived(left.marks | right.marks))
    both = concatenated(m, node, [left, right])
    item = element(both) or ANY
    size = Interval(ZERO, sizes[0].high + sizes[1].high)
    return listing(m, node, Part(size, item), kind="set", marks=derived(both.marks))
