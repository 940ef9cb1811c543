"""Built-in functions that give numbers: sizes, ranges, extremes, sums, conversions, `math` and `statistics`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import partial

from weft.linter.effort import unparsed
from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, Symbol, at_least, maximum, minimum, number, of
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.counts import ceiling, choose
from weft.linter.facts.domain.given import as_listing, as_number, length_of
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval
from weft.linter.facts.domain.joins import count, element, joined
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks, collected, derived
from weft.linter.facts.domain.pairing import drawn
from weft.linter.facts.domain.sums import minus
from weft.linter.facts.domain.truth import without_none
from weft.linter.facts.domain.values import (
    Bool,
    Dict,
    Given,
    Lack,
    Listing,
    Nothing,
    Number,
    Part,
    Seen,
    Text,
    Unknown,
    Value,
    When,
    marked,
    named,
)
from weft.linter.facts.follow.arithmetic import calculated, size_of, unlimited
from weft.linter.facts.follow.barriers import with_lineage
from weft.linter.facts.follow.classes import special
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import length_of_text, listing, sequence, taken
from weft.linter.facts.follow.totals import total_of
from weft.linter.facts.follow.walking import applied
from weft.linter.record import replace

__all__ = [
    "COUNTING",
    "Handler",
    "as_count",
    "chosen_by",
    "first",
    "flattened",
    "gapped",
    "need_elements",
    "spread_out",
    "without_order",
]

Handler = Callable[[Machine, Call], Value]


def first(m: Machine, call: Call, use: str, position: int = 0) -> Listing:
    """Return an argument seen as a list."""
    value = call.argument(position)
    return listing(m, call.node) if value is None else with_lineage(m, sequence(m, value, call.at(position), use))


def without_order(marks: Marks) -> Marks:
    """Return the marks of something that is the same in whatever order a list is walked."""
    return frozenset(mark for mark in marks if mark.kind != "order")


def need_elements(m: Machine, source: Listing, node: ast.expr, use: str) -> None:
    """Take note that a list is used as if none of its elements were None, which none is afterwards."""
    lacking = next((part.element for part in source.parts if part.element.lack is not None), None)
    if lacking is not None:
        m.require(named(lacking), node, use)
        m.state.learn(without_none(source))


def as_count(value: Value | None) -> Number:
    """Return a value as a number, if it can be one."""
    if isinstance(value, Given):
        return as_number(value)
    if isinstance(value, Number):
        return value
    marks = value.marks if value is not None else frozenset[Mark]()
    return Number(low=None, high=unlimited("a number that is not known"), marks=marks)


def _len(m: Machine, call: Call) -> Value:
    value = call.argument(0)
    if value is None:
        return ANY
    m.misuse(value, "measured")
    value = m.require(value, call.at(0), "len()")
    own = special(m, value, "__len__", call.node)
    if own is not None:
        return own
    size = _size(value, call)
    marks = (Mark("size", mark.of) if mark.kind in ("mapped", "flat") else mark for mark in value.marks)
    return Number(low=size.low, high=size.high, measures=value, marks=without_order(frozenset(marks)))


def _size(value: Value, call: Call) -> Interval:
    match value:
        case Listing(parts=parts):
            return count(parts)
        case Seen(size=size):
            return size
        case Given():
            return length_of(value)
        case Text():
            return Interval(number(len(value.const or "")), length_of_text(value, call.node))
        case Dict(schema=None, open=False):
            sure = sum(entry.sure for entry in value.fields.values())
            return Interval(number(sure) + value.rest.low, number(len(value.fields)) + value.rest.high)
    return Interval(ZERO, unlimited(f"the length of {unparsed(call.at(0))} is not known", call.node.lineno))


def _range(m: Machine, call: Call) -> Value:
    """Follow `range`: a walk through its positions, so that slices between them are known to be pieces of a list."""
    ends = [as_count(value) for value in call.args]
    start = ends[0] if len(ends) > 1 else Number(low=ZERO, high=ZERO)
    stop = ends[1] if len(ends) > 1 else ends[0] if ends else start
    pace = ends[2] if len(ends) > 2 else Number(low=ONE, high=ONE)
    step = pace.exact or (1 if pace.whole and pace.low is not None and at_least(pace.low, ONE) else None)
    marks = frozenset(Mark("mapped", x.of) if x.kind == "size" else x for end in ends for x in end.marks)
    places = gapped(stop.measures) if isinstance(stop.measures, Listing) else NO_MARKS
    if stop.measures is not None:
        places |= {Mark("indexes", call.node)}
    measured = as_listing(stop.measures) if isinstance(stop.measures, Given) else stop.measures
    marks = frozenset(mark for mark in marks if mark.kind != "drawn")
    if pace.exact == 1:  # the numbers are the same in each `range` up to there
        marks |= drawn(measured) if isinstance(measured, Listing) else {Mark("drawn", stop.high)}
    result = listing(m, call.node, kind="view", marks=marks)
    if not step:
        return replace(
            result, parts=(Part(Interval(ZERO, unlimited("the step of a range is not known")), as_count(None)),)
        )
    if step < 0:
        span = _span(stop, start, -step)
        return replace(result, parts=(Part(span, Number(low=stop.low, high=start.high)),))
    span = _span(start, stop, step)
    item = Number(low=start.low, high=stop.high)
    if start.low == start.high and not span.high.reasons:
        last = minus(span.high, ONE)
        place = of(Symbol("position", most=last, total=choose(span.high, 2), owner=result.birth))
        value = start.high + pace.high * place
        item = Number(low=value, high=value) if pace.low == pace.high else item
    item = marked(item, places)
    whole = stop.measures if pace.exact == 1 and start.exact == 0 else None
    indexes = frozenset((whole.birth,) if isinstance(whole, Listing) else ())
    return replace(result, parts=(Part(span, item),), indexes=indexes)


def gapped(source: Listing) -> Marks:
    """Return the marks of a position in a list: it is none in the lists of which entries were lost."""
    return frozenset(Mark("gapped", whole) for whole in source.thinned)


def _span(start: Number, stop: Number, step: int) -> Interval:
    low = ZERO if stop.low is None or start.high.reasons else ceiling(minus(stop.low, start.high), step)
    unknown = unlimited("where a range begins is not known")
    high = unknown if start.low is None else ceiling(minus(stop.high, start.low), step)
    return Interval(low, high)


def _extreme(use: str, m: Machine, call: Call) -> Value:
    if call.more:  # any of them
        default = [value for name, value in call.keywords.items() if name == "default"]
        return joined([*call.args, *(part.element for part in call.more), *default])
    if len(call.args) > 1:
        return _extreme_of(use, m, call)
    source = first(m, call, use)
    by = NO_MARKS
    if "key" in call.keywords:
        by = chosen_by(applied(m, call.keywords["key"], call.node, source))
    else:
        need_elements(m, source, call.at(0), use)
    item = taken(m, source)
    if use == "max()" and isinstance(item, Number) and "key" not in call.keywords:
        item = _at_least_their_share(m, item, _counted(call.argument(0), source), source)
    result = named(item, marks=without_order(derived(source.marks | deep_marks(item))) | by, lack=None)
    otherwise = call.keywords.get("default")
    if isinstance(otherwise, Nothing):
        otherwise = replace(otherwise, lack=Lack(f"{use} finds nothing", call.node.lineno))
    return result if otherwise is None else joined([result, otherwise])


def _at_least_their_share(m: Machine, item: Number, box: Birth | None, source: Listing) -> Number:
    """Return the largest of numbers: no less than what they add up to, shared out evenly."""
    total = None if box is None else total_of(m, box)
    several = count(source.parts).high.constant
    if total is None or total.low is None or not several or item.low is None:
        return item
    return replace(item, low=maximum(item.low, ceiling(total.low, several)), root=None, when=None)


def chosen_by(key: Value) -> Marks:
    """Return the marks that elements have of what a key function gives, which decides which of them is first."""
    return frozenset(mark for mark in deep_marks(key) if mark.kind in ("waited", "earlier", "heard"))


def _extreme_of(use: str, m: Machine, call: Call) -> Value:
    values = [m.require(value, call.at(index), use) for index, value in enumerate(call.args)]
    if not all(isinstance(value, (Number, Given, Unknown)) for value in values):
        return joined(values)
    numbers = [as_count(value) for value in values]
    if "key" in call.keywords:  # any of them
        return joined(numbers)
    marks = frozenset[Mark]().union(*(value.marks for value in numbers))
    lows = [value.low for value in numbers if value.low is not None]
    whole = all(value.whole for value in numbers)
    if use == "max()":
        low = maximum(*lows) if lows else None
        return Number(low=low, high=maximum(*(value.high for value in numbers)), marks=marks, whole=whole)
    low = minimum(*lows) if len(lows) == len(numbers) else None
    return Number(low=low, high=minimum(*(value.high for value in numbers)), marks=marks, whole=whole)


def _sum(m: Machine, call: Call) -> Value:
    source = first(m, call, "sum()")
    start = call.argument(1, "start")
    if isinstance(start, Listing):
        more = flattened(m, source, call.at(0))
        return replace(more, parts=(*start.parts, *more.parts), kind="list")
    need_elements(m, source, call.at(0), "sum()")
    marks = without_order(derived(source.marks | deep_marks(source)))
    items = [(part, _plain(part.element)) for part in source.parts]
    whole = [(part, item) for part, item in items if isinstance(item, Number) and item.whole]
    box = _counted(call.argument(0), source)
    known = None if box is None or len(whole) < len(items) else total_of(m, box)
    if len(whole) < len(items):
        return Number(low=None, high=unlimited("a sum of numbers that are not known"), whole=False, marks=marks)
    lows = [_low_sum(part.count, item) for part, item in whole]
    low = None if None in lows else sum((one for one in lows if one is not None), ZERO)
    high = sum((_high_sum(part, item, source) for part, item in whole), ZERO)
    counted = source if whole and all(item.exact == 1 for _, item in whole) else None
    counts = source.asks is not None and all(isinstance(part.element, Bool) for part in source.parts)
    if known is not None:
        low, high = known.low, known.high
    told = source.asks.answers[False] if source.asks is not None and counts else ()
    none = tuple(fact for one in told for fact in without_none(one))
    found = Number(low=low, high=high, marks=marks, measures=counted, when=When((), none) if none else None)
    return found if start is None else calculated(m, ast.Add(), found, start, call.node)


def _counted(given: Value | None, source: Listing) -> Birth | None:
    """Return the list or dict whose numbers are added up."""
    if source.sums is not None and source.sums[0] is source.parts:
        return source.sums[1]
    return given.birth if isinstance(given, Listing) and given.kind in ("list", "tuple") else None


def _low_sum(size: Interval, item: Number) -> Amount | None:
    if item.low is None or item.low.symbols():
        return ZERO if item.low is not None and at_least(item.low, ZERO) else None
    return item.low * size.low if size.low == size.high or at_least(item.low, ZERO) else None


def _high_sum(part: Part, item: Number, source: Listing) -> Amount:
    if part.count == EXACTLY_ONE or (item.low is not None and at_least(item.low, ZERO)):
        return _together(part, item.high, source)
    return _together(part, maximum(ZERO, item.high), source)


def flattened(m: Machine, lists: Listing, node: ast.expr, *, whole: bool = False) -> Listing:
    """Return all elements of the lists in a list."""
    parts: list[Part] = []
    marks = lists.marks
    for part in lists.parts:
        view = sequence(m, part.element, node)
        marks |= view.marks
        size, item = count(view.parts), element(view)
        if item is not None:
            total = Interval(part.count.low * size.low, _together(part, size.high, lists))
            parts.append(Part(total, item))
    found = collected(marks, frozenset(), nested=True)
    return listing(m, node, *parts, marks=derived(found) if whole else found)


def spread_out(m: Machine, call: Call) -> Listing:
    """Return all elements of the lists that a call is given by `*lists`, from the first on whose place is not known."""
    return flattened(m, listing(m, call.node, *call.more, marks=call.spread), call.node)


def _together(part: Part, size: Amount, lists: Listing) -> Amount:
    """Return how many elements the lists of a stretch have together: pieces of one list are as long as it."""
    for symbol in size.symbols():
        if symbol.owner is lists.birth and size == of(symbol) and symbol.total is not None:
            return symbol.total
    return part.count.high * size


def _plain(value: Value | None) -> Value | None:
    """Return a truth value as a number."""
    return Number(low=ZERO, high=ONE, marks=value.marks) if isinstance(value, Bool) else value


def _number(kind: str, m: Machine, call: Call) -> Value:
    value = as_count(_plain(call.argument(0))) if call.inputs() else Number(low=ZERO, high=ZERO)
    return value if kind == "int" else replace(value, whole=False)


def _unknown_number(m: Machine, call: Call) -> Value:
    marks = frozenset[Mark]().union(*(deep_marks(value) for value in call.args))
    for position, value in enumerate(call.args[:1]):
        m.misuse(value, "calculated with")
        m.require(value, call.at(position), unparsed(call.node.func) + "()")
    return Number(
        low=None, high=unlimited("a number that is not known"), whole=False, marks=without_order(derived(marks))
    )


def _rounded(m: Machine, call: Call) -> Value:
    """Follow `ceil`, `floor` and `round`: quotients are known by their upper end, which all of them keep."""
    value = as_count(call.argument(0))
    if value.high.reasons:
        return replace(value, whole=True)
    if call.argument(1, "ndigits") is not None:
        return _unknown_number(m, call)
    return Number(low=value.low, high=value.high, marks=value.marks)


def _divmod(m: Machine, call: Call) -> Value:
    a, b = (call.argument(0) or ANY), (call.argument(1) or ANY)
    quotient = calculated(m, ast.FloorDiv(), a, b, call.node)
    rest = calculated(m, ast.Mod(), a, b, call.node)
    return listing(m, call.node, Part(EXACTLY_ONE, quotient), Part(EXACTLY_ONE, rest), kind="tuple")


def _absolute(m: Machine, call: Call) -> Value:
    value = as_count(_plain(call.argument(0)))
    return Number(low=ZERO, high=size_of(value), whole=value.whole, marks=value.marks)


COUNTING: Mapping[str, Handler] = {
    "len": _len,
    "range": _range,
    "min": partial(_extreme, "min()"),
    "max": partial(_extreme, "max()"),
    "sum": _sum,
    "int": partial(_number, "int"),
    "float": partial(_number, "float"),
    "abs": _absolute,
    "divmod": _divmod,
    "round": _rounded,
    "math.ceil": _rounded,
    "math.floor": _rounded,
    "ord": _unknown_number,
    "pow": _unknown_number,
    "hash": _unknown_number,
    "id": _unknown_number,
}
