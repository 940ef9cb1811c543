"""What tests say: what holds of values when a condition is true, and when it is false."""

from __future__ import annotations

from collections.abc import Callable

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, at_least, minimum
from weft.linter.facts.domain.code import Class, Function, Instance, Native
from weft.linter.facts.domain.given import as_number
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Differs, Interval, Less
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.values import (
    Bool,
    Dict,
    Fact,
    Given,
    Listing,
    Nothing,
    Number,
    Part,
    Refined,
    Text,
    Value,
    When,
)
from weft.linter.record import replace

__all__ = [
    "both",
    "by_case",
    "certain",
    "compared",
    "filled_up",
    "inverted",
    "is_none",
    "present",
    "sure",
    "truth",
    "without_none",
]


def certain(value: Value) -> bool | None:
    """Return whether a value is true or false, where that is certain."""
    if isinstance(value, Nothing):
        return False
    if value.lack is not None:
        return None
    match value:
        case Bool(const=const):
            return const
        case Text(const=str(const)):
            return bool(const)
        case Number():
            return None if value.exact is None else value.exact != 0
        case Listing(kind=kind, parts=parts):
            return None if kind == "iterator" else _positive(count(parts))
        case Dict():
            return True if value.schema is None and any(entry.sure for entry in value.fields.values()) else None
        case Function() | Native() | Class() | Instance():
            return None if isinstance(value, Instance) else True
    return None


def sure(value: Value) -> bool | None:
    """Return whether a value is true or false, where that is certain; a number above 0 is true, however large."""
    known = certain(value)
    if known is None and isinstance(value, Number) and value.low is not None and value.lack is None:
        return True if at_least(value.low, ONE) else None
    return known


def _positive(size: Interval) -> bool | None:
    if size.high == ZERO:
        return False
    low = size.low.constant
    return True if low is not None and low > 0 else None


def truth(value: Value) -> When:
    """Return what follows from a value being true, and from its being false."""
    when = value.when or When()
    true: list[Fact] = list(when.true)
    false: list[Fact] = list(when.false)
    if value.lack is not None and not isinstance(value, Nothing):
        true += (present(value), *when.there)
    match value:
        case Listing(parts=parts):
            true.append(Less(ZERO, count(parts).high))
            false += _lost_nothing(value)
        case Dict(schema=None, open=False, fields=fields, rest=rest) if not fields:
            true.append(Less(ZERO, rest.high))
        case Number(low=low, high=high) if low is not None and not high.reasons:
            true.append(Differs(high, ZERO))
    if isinstance(value, Number):
        false += _lost_nothing(value.measures)
    return When(tuple(true), tuple(false))


def _lost_nothing(value: Value | None) -> list[Fact]:
    """Return what follows from a list having no element."""
    return [fact for whole in value.lost for fact in without_none(whole)] if isinstance(value, Listing) else []


def _of_none(value: Number) -> list[Fact]:
    """Return what follows from a number being 0."""
    return [*_lost_nothing(value.measures), *(() if value.when is None else value.when.false)]


def present(value: Value) -> Refined:
    """Return the fact that a value is not None."""
    return Refined(value, replace(value, lack=None))


def is_none(value: Value) -> When:
    """Return what `value is None` says."""
    untrue = () if value.when is None else value.when.false
    there = () if value.when is None else value.when.there
    return When(untrue, (present(value), *there)) if value.lack is not None else When()


def by_case(value: Value, outcome: Callable[[Value], bool | None]) -> When:
    """Return what a test of a value says about others: what holds on all paths on which it can come out so."""
    cases = () if value.when is None else value.when.cases
    known = [(outcome(case.value), case.facts) for case in cases]
    sides = ([facts for out, facts in known if out is not (not holds)] for holds in (True, False))
    true, false = map(_in_all, sides)
    return When(true, false)


def _in_all(ways: list[tuple[Refined, ...]]) -> tuple[Fact, ...]:
    if not ways:
        return ()
    first, *others = ways
    known = [{fact.before for fact in facts} for facts in others]
    return tuple(fact for fact in first if all(fact.before in one for one in known))


def inverted(when: When | None) -> When | None:
    """Return what `not` makes of it."""
    return None if when is None else When(when.false, when.true)


def both(conditions: list[When], *, all_of: bool) -> When:
    """Return what `and` says when it is true, or `or` when it is false."""
    if all_of:
        return When(tuple(fact for when in conditions for fact in when.true), ())
    return When((), tuple(fact for when in conditions for fact in when.false))


def filled_up(value: Listing | Dict) -> Listing | Dict:
    """Return a list or dict that has become one without None."""
    if isinstance(value, Listing):
        return replace(value, parts=_without_none(value), root=None, when=None)
    fields = {name: replace(entry, value=replace(entry.value, lack=None)) for name, entry in value.fields.items()}
    values = None if value.values is None else replace(value.values, lack=None)
    return replace(value, fields=fields, values=values, root=None, when=None)


def _without_none(value: Listing) -> tuple[Part, ...]:
    return tuple(Part(part.count, replace(part.element, lack=None)) for part in value.parts)


def without_none(value: Listing) -> tuple[Refined, ...]:
    """Return that no element of a list is None, and so none of the values that were put into it one by one."""
    parts = _without_none(value)
    lacking = (part.element for part in value.parts if part.count == EXACTLY_ONE and part.element.lack is not None)
    return (Refined(value, replace(value, parts=parts)), *map(present, lacking))


def compared(a: Value, b: Value, operator: str) -> When:
    """Return what comparing two values with `<`, `<=`, `==` or `!=` says."""
    if isinstance(a, Nothing) or isinstance(b, Nothing):
        facts = is_none(b if isinstance(a, Nothing) else a)
    else:
        one, other = _number(a), _number(b)
        facts = When() if one is None or other is None else _sizes((a, one), (b, other), operator)
    return inverted(facts) or When() if operator == "!=" else facts


def _number(value: Value) -> Number | None:
    return as_number(value) if isinstance(value, Given) else value if isinstance(value, Number) else None


def _sizes(left: tuple[Value, Number], right: tuple[Value, Number], operator: str) -> When:
    (_, a), (_, b) = left, right
    complete: tuple[Fact, ...] = (*_complete(a, b), *_complete(b, a))
    if operator == "<":
        below = _less(a.low, b.high) + _capped(left, b.high - ONE)
        return When(below, (*_less(b.low, a.high + ONE), *_capped(right, a.high), *complete))
    if operator == "<=":
        return When(
            _less(a.low, b.high + ONE) + _capped(left, b.high), _less(b.low, a.high) + _capped(right, a.high - ONE)
        )
    known = a.low == a.high and b.low == b.high and not a.high.reasons
    for one, other in ((a, b), (b, a)):
        complete += tuple(_of_none(one)) if other.exact == 0 else ()
    return When(complete, (Differs(a.high, b.high),) if known else ())


def _less(small: Amount | None, large: Amount) -> tuple[Fact, ...]:
    return () if small is None or small.reasons or large.reasons else (Less(small, large),)


def _capped(number: tuple[Value, Number], most: Amount) -> tuple[Fact, ...]:
    """Return that a number, or the length that it is, is no larger than this."""
    value, known = number
    if most.reasons or most.symbols() or known.high.symbols():
        return ()
    found: list[Fact] = _of_none(known) if most == ZERO else []
    if not isinstance(known.measures, Listing):
        found.append(Refined(value, replace(known, high=minimum(known.high, most), lack=value.lack, marks=value.marks)))
    elif len(known.measures.parts) == 1:
        (part,) = known.measures.parts
        size = Interval(part.count.low, minimum(part.count.high, most))
        found.append(Refined(known.measures, replace(known.measures, parts=(Part(size, part.element),))))
    return tuple(found)


def _complete(kept: Number, whole: Number) -> tuple[Fact, ...]:
    """Return that a list has no None, which holds when the list kept from it is as long as it."""
    source = kept.measures.kept_from if isinstance(kept.measures, Listing) else None
    if not isinstance(source, Listing):
        return ()
    measured = whole.measures
    own = measured.birth if isinstance(measured, Listing) else measured.path if isinstance(measured, Given) else None
    as_long = own in source.positions or whole.low == count(source.parts).high
    if not as_long or not isinstance(kept.measures, Listing):
        return ()
    return (*without_none(source), Refined(kept.measures, replace(kept.measures, thinned=frozenset())))
