"""Built-in functions over lists: conversions, `zip`, `map`, `filter`, `sorted`, `any`. Modules are next door."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial, reduce
from itertools import zip_longest

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, Symbol, at_least, maximum, minimum, of
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.counts import choose
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval, Less, lowest
from weft.linter.facts.domain.joins import count, element, joined, merged
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks, about, collected, derived
from weft.linter.facts.domain.sums import minus
from weft.linter.facts.domain.truth import truth, without_none
from weft.linter.facts.domain.values import (
    Bool,
    Fact,
    Kind,
    Lack,
    Listing,
    Nothing,
    Number,
    Part,
    Value,
    When,
    asked,
    marked,
    named,
)
from weft.linter.facts.events import Misplaced, Ranked
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.memories import unique
from weft.linter.facts.follow.sequences import (
    copied,
    distinct,
    handed_on,
    listing,
    perhaps_less,
    remembers,
    sequence,
    taken,
    thinned,
)
from weft.linter.facts.follow.walking import applied, each
from weft.linter.facts.known.counting import Handler, as_count, chosen_by, first, gapped, need_elements, without_order
from weft.linter.record import replace

__all__ = ["ITERATING", "capped", "kept_item", "ordered", "ranked", "row_of", "shortened"]


def _converted(kind: Kind, m: Machine, call: Call) -> Value:
    """Follow `list`, `tuple`, `iter` and `deque`: the same elements in the same order."""
    source = first(m, call, f"{kind}()")
    same = copied(m, source, call.node, kind, along=source.positions, thinned=source.thinned)
    result = replace(same, kept_from=source.kept_from, columns=source.columns, lost=source.lost)
    most = call.argument(1, "maxlen")
    return result if most is None else capped(m, call, result, as_count(most).high)


def _as_set(m: Machine, call: Call) -> Value:
    value = call.argument(0)
    if value is None:
        return listing(m, call.node, kind="set")
    source = value if isinstance(value, Listing) and value.kind == "set" else first(m, call, "set()")
    marks = without_order(derived(source.marks)) | remembers(m, source.birth)
    return unique(m, listing(m, call.node, *distinct(source.parts), kind="set", marks=marks), call.node)


def _sorted(m: Machine, call: Call) -> Value:
    value = call.argument(0)
    source = value if isinstance(value, Listing) and value.kind == "set" else first(m, call, "sorted()")
    if value is not None:
        m.require(value, call.at(0), "sorted()")
    return ordered(m, call, source)


def ordered(m: Machine, call: Call, source: Listing) -> Listing:
    """Return a list in sorted order."""
    key, by = call.keywords.get("key"), NO_MARKS
    if key is None:
        need_elements(m, source, call.at(0), "sorted()")
    else:
        by = chosen_by(applied(m, key, call.node, source))
    ranked(m, call, source)
    known = m.state.current(source)
    parts = known.parts if isinstance(known, Listing) else source.parts
    return copied(m, source, call.node, parts=_shuffled(parts), marks=without_order(derived(source.marks)) | by)


def ranked(m: Machine, call: Call, source: Listing) -> None:
    """Take note that a list is put in order."""
    passed = about(NO_MARKS.union(*(part.element.marks for part in source.parts)), "passed")
    m.note(Ranked(call.node, passed))


def _shuffled(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the stretches of a list whose elements may now stand anywhere."""
    if len({id(part.element) for part in parts}) < 2:
        return parts
    return (Part(count(parts), joined(part.element for part in parts)),)


def _reversed(m: Machine, call: Call) -> Value:
    source = first(m, call, "reversed()")
    return copied(m, source, call.node, "iterator", parts=source.parts[::-1])


def _enumerate(m: Machine, call: Call) -> Value:
    source, start = first(m, call, "enumerate()"), as_count(call.argument(1, "start") or Number(low=ZERO, high=ZERO))
    result = listing(m, call.node, kind="iterator", marks=source.marks)
    size = count(source.parts)
    begin = start.high if start.low == start.high else ZERO
    last = minus(size.high, ONE)
    total = None if size.high.reasons else choose(size.high, 2)
    place = begin + of(Symbol("position", most=last, total=total, owner=result.birth))
    ordered = frozenset(mark for mark in source.marks if mark.kind == "order")
    index = Number(low=place, high=place, marks=gapped(source) | ordered)
    parts = merged(source.parts)  # in each stretch of its own the symbol would stand for the same position
    pairs = (Part(part.count, _pair(m, call, source, result, index, part.element)) for part in parts)
    walked = (source, *(one for one in source.columns if one is not None and count(one.parts) == count(source.parts)))
    indexes = frozenset(one.birth for one in walked) if begin == ZERO and start.exact == 0 else frozenset[object]()
    columns = (None, source)
    return replace(
        result,
        parts=tuple(pairs),
        apart=source.apart,
        along=source.positions,
        thinned=source.thinned,
        columns=columns,
        indexes=indexes,
    )


def _pair(m: Machine, call: Call, source: Listing, result: Listing, index: Value, item: Value) -> Value:
    """Return a tuple of a position and the element there, which knows by itself which branch it rests on."""
    value = kept_item(m, source, handed_on(item, source.birth, result.birth))
    return listing(m, call.node, Part(EXACTLY_ONE, index), Part(EXACTLY_ONE, value), kind="tuple")


def kept_item(m: Machine, source: Listing, item: Value) -> Value:
    """Return an element with the marks that taking it from its list gives."""
    return marked(item, taken(m, replace(source, parts=(Part(EXACTLY_ONE, item),))).marks)


def _zip(longest: bool, m: Machine, call: Call) -> Value:
    lists = _shared([sequence(m, value, call.at(index), "zip()") for index, value in enumerate(call.args)])
    marks = NO_MARKS.union(*(source.marks for source in lists))
    result = _aligned(m, call, lists, listing(m, call.node, kind="iterator", marks=marks))
    if not call.complete:
        return replace(result, parts=_transposed(longest, m, call))
    if not lists or (any if not longest else all)(not source.parts for source in lists):
        return result
    fill = _filling(call) if longest else None
    size = _zipped([count(source.parts) for source in lists], longest=longest)
    if all(part.count == EXACTLY_ONE for source in lists for part in source.parts):
        elements = [[_matched(part.element, source, marks) for part in source.parts] for source in lists]
        columns = zip(*elements, strict=False) if fill is None else zip_longest(*elements, fillvalue=fill)
        return replace(
            result, parts=tuple(Part(EXACTLY_ONE, row_of(m, call, lists, result, list(row))) for row in columns)
        )
    row = [_matched(element(source) or fill or ANY, source, marks) for source in lists]
    if fill is not None and len(lists) > 1:
        row = [joined([item, fill]) for item in row]
    return replace(result, parts=(Part(size, row_of(m, call, lists, result, row)),))


def _shared(lists: list[Listing]) -> list[Listing]:
    """Return what is zipped, where an iterator that stands there twice gives to each place what others leave."""
    births = [source.birth for source in lists if source.kind == "iterator"]
    twice = {birth for birth in births if sum(birth.may_be(other) for other in births) > 1}
    return [replace(one, parts=perhaps_less(one.parts)) if one.birth in twice else one for one in lists]


def _matched(item: Value, source: Listing, marks: Marks) -> Value:
    """Return an element that stands beside those of other lists: which these are rests on their order."""
    return marked(item, frozenset(mark for mark in marks - source.marks if mark.kind == "order"))


def _zipped(sizes: list[Interval], *, longest: bool) -> Interval:
    """Return how many rows lists of these sizes make."""
    if longest:
        return Interval(maximum(*(size.low for size in sizes)), maximum(*(size.high for size in sizes)))
    return Interval(reduce(lowest, (size.low for size in sizes)), minimum(*(size.high for size in sizes)))


def _filling(call: Call) -> Value:
    """Return what stands where a list of `zip_longest` has no element left."""
    line = call.node.lineno
    return call.keywords.get("fillvalue") or Nothing(lack=Lack(f"a list that is zipped at line {line} may end", line))


def _aligned(m: Machine, call: Call, lists: list[Listing], result: Listing) -> Listing:
    """Return what `zip` gives with what its positions are, and take note of lists whose positions differ."""
    for index, source in enumerate(lists):
        whole = [other for other, one in enumerate(lists) if source.thinned & one.positions and not one.thinned]
        if whole and call.complete:
            m.note(Misplaced(call.node, call.at(index), call.at(whole[0])))
            return result
    along, lost = (frozenset[object]().union(*each) for each in (_positions(lists), [one.thinned for one in lists]))
    return replace(result, along=along, thinned=lost, columns=tuple(lists))


def _positions(lists: list[Listing]) -> list[frozenset[object]]:
    return [source.positions for source in lists]


def _transposed(longest: bool, m: Machine, call: Call) -> tuple[Part, ...]:
    """Return the columns of `zip(*rows)`: no more than any row is long that is surely there.

    It takes all rows to make one.
    """
    parts = (*(Part(EXACTLY_ONE, value) for value in call.args), *call.more)
    rows = [sequence(m, part.element, call.node, "zip()") for part in parts]
    size, marks = count(parts), NO_MARKS.union(*(row.marks for row in rows))
    m.look(frozenset(Mark("whole", of) for row in rows for of in about(deep_marks(row), "element", "mapped", "flat")))
    if len(rows) == 1 and all(part.count == EXACTLY_ONE for part in rows[0].parts):
        shared = rows[0].kind == "iterator" and size != EXACTLY_ONE
        inside = [(Interval(ZERO, ONE) if shared else EXACTLY_ONE, part.element) for part in rows[0].parts]
    else:
        sure = [count(row.parts).high for row, part in zip(rows, parts, strict=True) if at_least(part.count.low, ONE)]
        most = maximum(*(count(row.parts).high for row in rows)) if longest or not sure else minimum(*sure)
        inside = [(Interval(ZERO, most), joined(element(row) or ANY for row in rows))]
    columns = ((times, listing(m, call.node, Part(size, item), kind="tuple", marks=marks)) for times, item in inside)
    return tuple(Part(times, column) for times, column in columns)


def row_of(m: Machine, call: Call, lists: list[Listing], result: Listing, items: list[Value]) -> Value:
    """Return a tuple with one element of each list."""
    pairs = zip(lists, items, strict=True)
    own = (kept_item(m, source, handed_on(item, source.birth, result.birth)) for source, item in pairs)
    return listing(m, call.node, *(Part(EXACTLY_ONE, item) for item in own), kind="tuple")


def _map(m: Machine, call: Call) -> Value:
    function = call.argument(0) or ANY
    lists = [sequence(m, value, call.at(index + 1), "map()") for index, value in enumerate(call.args[1:])]
    if len(lists) != 1:
        items = [taken(m, source) for source in lists]
        size = minimum(*(count(source.parts).high for source in lists)) if lists else ZERO
        return listing(m, call.node, Part(Interval(ZERO, size), m.apply(function, call.node, *items)), kind="iterator")
    (source,) = lists
    result = listing(m, call.node, kind="iterator")
    if not source.parts:
        return result
    value = each(m, call.node, source, lambda item: m.apply(function, call.node, item), result.birth)
    marks = collected(source.marks, value.marks, nested=False)
    return replace(result, parts=(Part(count(source.parts), value),), marks=marks)


def _filter(m: Machine, call: Call) -> Value:
    if len(call.args) < 2:
        return ANY
    return filtered(m, call, sequence(m, call.args[1], call.at(1), "filter()"), call.args[0], keep=True)


def filtered(m: Machine, call: Call, source: Listing, test: Value, *, keep: bool) -> Value:
    """Return the elements for which a test holds, or does not."""
    result = listing(m, call.node, kind="iterator")
    dropped = False

    def follow(item: Value) -> Value:
        nonlocal dropped
        answer = item if isinstance(test, Nothing) else m.apply(test, call.node, item)
        m.test(answer, call.at(0))
        control = m.steer(answer, call.at(0))
        before = m.state
        m.state = before.fork()
        m.assume(answer, keep)
        kept = m.state.settled(m.state.current(item))
        m.state = before
        dropped = item.lack is not None and kept.lack is None
        return marked(kept, control)

    if not source.parts:
        return result
    value = each(m, call.node, source, follow, result.birth)
    marks = collected(source.marks, value.marks, nested=False)
    part = Part(Interval(ZERO, count(source.parts).high), named(value))
    kept_from = source if dropped else None
    return replace(result, parts=(part,), marks=marks, kept_from=kept_from, thinned=thinned(source))


def _quantified(all_of: bool, m: Machine, call: Call) -> Value:
    """Follow `all` and `any`, and what they say about the elements of a list."""
    value = call.argument(0)
    source = (
        value if isinstance(value, Listing) and value.kind == "set" else first(m, call, "all()" if all_of else "any()")
    )
    for part in source.parts:
        m.test(part.element, call.at(0))
    marks = without_order(derived(source.marks | deep_marks(source))) | asked(*(part.element for part in source.parts))
    facts: list[Fact] = []
    if source.asks is not None:
        facts += [fact for whole in source.asks.answers[all_of] for fact in without_none(whole)]
    if all_of and any(part.element.lack is not None for part in source.parts):
        facts += without_none(source)
        facts += [fact for part in source.parts if part.count == EXACTLY_ONE for fact in truth(part.element).true]
    when = When(tuple(facts), ()) if all_of else When((), tuple(facts))
    return Bool(const=None if source.parts else all_of, marks=marks, when=when)


def _next(m: Machine, call: Call) -> Value:
    source = first(m, call, "next()")
    if source.kind == "iterator":
        m.state.store(shortened(source, ONE))
    item = taken(m, source)
    lineage = derived(source.marks)
    found = named(item, marks=item.marks | frozenset(mark for mark in lineage if mark.kind in ("whole", "order")))
    if len(call.args) < 2:
        return found
    otherwise = call.args[1]
    if isinstance(otherwise, Nothing):
        otherwise = Nothing(lack=Lack(f"next() at line {call.node.lineno} may find nothing", call.node.lineno))
    there = (Less(ZERO, count(source.parts).high),) if found.lack is None and isinstance(otherwise, Nothing) else ()
    return replace(joined([found, otherwise]), when=When(there=there) if there else None)


def shortened(source: Listing, by: Amount) -> Listing:
    """Return an iterator from which elements have been taken."""
    size, item = count(source.parts), element(source)
    if item is None:
        return source
    part = Part(Interval(ZERO, minus(size.high, by)), item)
    return replace(source, parts=(part,), lost=(), columns=(), root=None, when=None)


def capped(m: Machine, call: Call, source: Listing, most: Amount, kind: Kind = "list") -> Listing:
    """Return some of a list, no more than so many."""
    size, item = count(source.parts), element(source)
    most = most if at_least(most, ZERO) else maximum(ZERO, most)
    if item is None:
        return listing(m, call.node, kind=kind)
    part = Part(Interval(lowest(size.low, most) if not most.reasons else ZERO, minimum(size.high, most)), item)
    marks = derived(source.marks) | {Mark("cut", call.node)}
    return copied(m, source, call.node, kind, parts=(part,), marks=marks)


ITERATING: Mapping[str, Handler] = {
    "list": partial(_converted, "list"),
    "tuple": partial(_converted, "tuple"),
    "iter": partial(_converted, "iterator"),
    "set": _as_set,
    "frozenset": _as_set,
    "sorted": _sorted,
    "reversed": _reversed,
    "enumerate": _enumerate,
    "zip": partial(_zip, False),
    "map": _map,
    "filter": _filter,
    "any": partial(_quantified, False),
    "all": partial(_quantified, True),
    "next": _next,
    "collections.deque": partial(_converted, "list"),
    "itertools.zip_longest": partial(_zip, True),
}
