"""Built-in functions over lists: conversions, `zip`, `map`, `filter`, `sorted`, `any`, `itertools`, `heapq`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from weft.linter.facts.domain.amounts import (
    ONE,
    ZERO,
    Amount,
    Reason,
    Symbol,
    ceiling,
    choose,
    endless,
    maximum,
    minimum,
    number,
    of,
)
from weft.linter.facts.domain.joins import count, element, joined, lowest
from weft.linter.facts.domain.marks import Mark, Marks, collected, derived
from weft.linter.facts.domain.truth import truth, without_none
from weft.linter.facts.domain.values import (
    ANY,
    EXACTLY_ONE,
    UNEXPLAINED,
    Bool,
    Call,
    Fact,
    Interval,
    Kind,
    Lack,
    Listing,
    Nothing,
    Number,
    Part,
    Value,
    When,
    marked,
    named,
)
from weft.linter.facts.follow.arithmetic import unlimited
from weft.linter.facts.follow.assignment import insert
from weft.linter.facts.follow.machine import Machine, deep_marks
from weft.linter.facts.follow.sequences import copied, handed_on, listing, minus, outlives, sequence, taken
from weft.linter.facts.follow.walking import each
from weft.linter.facts.known.counting import Handler, as_count, first, flattened, need_elements, without_order

__all__ = ["ITERATING", "capped", "ordered", "shortened"]


def _converted(kind: Kind, m: Machine, call: Call) -> Value:
    """Follow `list`, `tuple`, `iter` and `deque`: the same elements in the same order."""
    source = first(m, call, f"{kind}()")
    result = replace(copied(m, source, call.node, kind), kept_from=source.kept_from)
    most = call.argument(1, "maxlen")
    return result if most is None else capped(m, call, result, as_count(most).high)


def _as_set(m: Machine, call: Call) -> Value:
    value = call.argument(0)
    if value is None:
        return listing(m, call.node, kind="set")
    source = value if isinstance(value, Listing) and value.kind == "set" else first(m, call, "set()")
    parts = tuple(Part(Interval(lowest(part.count.low, ONE), part.count.high), part.element) for part in source.parts)
    marks = without_order(frozenset(mark for mark in derived(source.marks)))
    return listing(m, call.node, *parts, kind="set", marks=marks)


def _sorted(m: Machine, call: Call) -> Value:
    value = call.argument(0)
    source = value if isinstance(value, Listing) and value.kind == "set" else first(m, call, "sorted()")
    if value is not None:
        m.require(value, call.at(0), "sorted()")
    return ordered(m, call, source)


def ordered(m: Machine, call: Call, source: Listing) -> Listing:
    """Return a list in sorted order."""
    key = call.keywords.get("key")
    if key is None:
        need_elements(m, source, call.at(0), "sorted()")
    else:
        m.apply(key, call.node, taken(m, source))
    known = m.state.current(source)
    parts = known.parts if isinstance(known, Listing) else source.parts
    return copied(m, source, call.node, parts=_shuffled(parts), marks=without_order(derived(source.marks)))


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
    last = size.high if size.high.reasons else size.high - ONE
    total = None if size.high.reasons else choose(size.high, 2)
    place = begin + of(Symbol("position", most=last, total=total, owner=result.birth))
    index = Number(low=place, high=place)
    pairs = (Part(part.count, _pair(m, call, source, result, index, part.element)) for part in source.parts)
    return replace(result, parts=tuple(pairs))


def _pair(m: Machine, call: Call, source: Listing, result: Listing, index: Value, item: Value) -> Value:
    """Return a tuple of a position and the element there, which knows by itself which branch it rests on."""
    value = _own(m, source, handed_on(item, source.birth, result.birth))
    return listing(m, call.node, Part(EXACTLY_ONE, index), Part(EXACTLY_ONE, value), kind="tuple")


def _own(m: Machine, source: Listing, item: Value) -> Value:
    """Return an element with the marks that taking it from its list gives."""
    return marked(item, taken(m, replace(source, parts=(Part(EXACTLY_ONE, item),))).marks)


def _zip(longest: bool, m: Machine, call: Call) -> Value:
    lists = [sequence(m, value, call.at(index), "zip()") for index, value in enumerate(call.args)]
    marks = frozenset[Mark]().union(*(source.marks for source in lists))
    result = listing(m, call.node, kind="iterator", marks=marks)
    if not call.complete:
        return replace(result, parts=_transposed(m, call, result))
    if not lists or any(not source.parts for source in lists):
        return result
    sizes = [count(source.parts) for source in lists]
    low, high = sizes[0].low, (maximum if longest else minimum)(*(size.high for size in sizes))
    for size in sizes[1:]:
        low = lowest(low, size.low)
    exact = all(part.count == EXACTLY_ONE for source in lists for part in source.parts)
    if exact:
        columns = zip(*([part.element for part in source.parts] for source in lists), strict=False)
        return replace(
            result, parts=tuple(Part(EXACTLY_ONE, _row(m, call, lists, result, list(row))) for row in columns)
        )
    row = [element(source) or ANY for source in lists]
    return replace(result, parts=(Part(Interval(low, high), _row(m, call, lists, result, row)),))


def _transposed(m: Machine, call: Call, result: Listing) -> tuple[Part, ...]:
    """Return the columns of `zip(*rows)`."""
    unknown = (Part(Interval(ZERO, unlimited("the lists that are zipped are not known")), ANY),)
    if len(call.node.args) != 1 or not isinstance(call.node.args[0], ast.Starred):
        return unknown
    rows = sequence(m, m.evaluate(call.node.args[0].value), call.node.args[0].value)
    row = element(rows)
    if not isinstance(row, Listing) or any(part.count != EXACTLY_ONE for part in row.parts):
        return unknown
    size = count(rows.parts)
    columns = (listing(m, call.node, Part(size, part.element), kind="tuple", marks=rows.marks) for part in row.parts)
    return tuple(Part(EXACTLY_ONE, column) for column in columns)


def _row(m: Machine, call: Call, lists: list[Listing], result: Listing, items: list[Value]) -> Value:
    own = (
        _own(m, source, handed_on(item, source.birth, result.birth)) for source, item in zip(lists, items, strict=True)
    )
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
        control = m.steer(answer, call.at(0))
        before = m.state
        m.state = before.fork()
        m.assume(answer, keep)
        kept = m.state.current(item)
        m.state = before
        dropped = item.lack is not None and kept.lack is None
        return marked(kept, control)

    if not source.parts:
        return result
    value = each(m, call.node, source, follow, result.birth)
    marks = collected(source.marks, value.marks, nested=False)
    part = Part(Interval(ZERO, count(source.parts).high), named(value))
    return replace(result, parts=(part,), marks=marks, kept_from=source if dropped else None)


def _quantified(all_of: bool, m: Machine, call: Call) -> Value:
    """Follow `all` and `any`, and what they say about the elements of a list."""
    value = call.argument(0)
    source = (
        value if isinstance(value, Listing) and value.kind == "set" else first(m, call, "all()" if all_of else "any()")
    )
    for part in source.parts:
        m.misuse(part.element, "tested")
    marks = without_order(derived(source.marks | deep_marks(source)))
    facts: list[Fact] = []
    if source.asks is not None and all_of in source.asks.present_if:
        facts.append(without_none(source.asks.source))
    if all_of and any(part.element.lack is not None for part in source.parts):
        facts.append(without_none(source))
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
    return joined([found, otherwise])


def shortened(source: Listing, by: Amount) -> Listing:
    """Return an iterator from which elements have been taken."""
    size, item = count(source.parts), element(source)
    if item is None:
        return source
    part = Part(Interval(ZERO, minus(size.high, by)), item)
    return replace(source, parts=(part,), root=None, when=None)


def capped(m: Machine, call: Call, source: Listing, most: Amount, kind: Kind = "list") -> Listing:
    """Return some of a list, no more than so many."""
    size, item = count(source.parts), element(source)
    if item is None:
        return listing(m, call.node, kind=kind)
    part = Part(Interval(lowest(size.low, most) if not most.reasons else ZERO, minimum(size.high, most)), item)
    return copied(m, source, call.node, kind, parts=(part,), marks=derived(source.marks))


# itertools and heapq


def _chain(m: Machine, call: Call) -> Value:
    lists = [sequence(m, value, call.at(index), "chain()") for index, value in enumerate(call.args)]
    parts = [part for source in lists for part in source.parts]
    if not call.complete:
        parts.append(Part(Interval(ZERO, unlimited("the lists that are chained are not known")), ANY))
    marks = frozenset[Mark]().union(*(source.marks for source in lists))
    return listing(m, call.node, *parts, kind="iterator", marks=marks)


def _chained(m: Machine, call: Call) -> Value:
    return flattened(m, first(m, call, "chain.from_iterable()"), call.at(0))


def _islice(m: Machine, call: Call) -> Value:
    source = first(m, call, "islice()")
    ends = [as_count(value) for value in call.args[1:]]
    stop = ends[0] if len(ends) == 1 else ends[1] if len(ends) > 1 else as_count(None)
    result = capped(m, call, source, stop.high, "iterator")
    if source.kind != "iterator" or len(ends) != 1 or ends[0].low is None:
        return result
    m.state.store(shortened(source, ends[0].low))
    return _piece(m, source, result) if m.loops and outlives(m, source.birth) else result


def _piece(m: Machine, source: Listing, result: Listing) -> Listing:
    """Return what a loop takes from an iterator in one round: all rounds together take no more than there was."""
    most, whole = count(result.parts).high, count(source.parts).high
    there_was = Amount(tuple(term for term in whole.terms if term[1] > 0), whole.reasons)
    piece = of(Symbol("piece", most=most, total=there_was, owner=m.loops[-1]))
    return replace(result, parts=tuple(replace(part, count=Interval(ZERO, piece)) for part in result.parts))


def _product(m: Machine, call: Call) -> Value:
    lists = [sequence(m, value, call.at(index), "product()") for index, value in enumerate(call.args)]
    times = as_count(call.keywords["repeat"]).exact if "repeat" in call.keywords else 1
    lists = lists * (times if times is not None and 0 < times < 8 else 1)
    low, high = ONE, ONE
    for source in lists:
        size = count(source.parts)
        low, high = low * size.low, high * size.high
    return _tuples(m, call, lists, Interval(low, high))


def _tuples(m: Machine, call: Call, columns: list[Listing], size: Interval) -> Value:
    """Return an iterator over tuples with one element of each list."""
    result = listing(m, call.node, kind="iterator", marks=collected(_all_marks(columns), frozenset(), nested=True))
    if not columns or any(not source.parts for source in columns):
        return result
    row = _row(m, call, columns, result, [element(source) or ANY for source in columns])
    return replace(result, parts=(Part(size, row),))


def _all_marks(lists: list[Listing]) -> Marks:
    return frozenset[Mark]().union(*(source.marks for source in lists))


def _picked(ordered_too: bool, m: Machine, call: Call) -> Value:
    """Follow `combinations` and `permutations`."""
    source, pick = first(m, call, "combinations()"), as_count(call.argument(1, "r")).exact
    size = count(source.parts)
    if pick is None or not 0 < pick <= 4:
        return _tuples(m, call, [source], Interval(ZERO, unlimited("how many are combined is not known")))
    factor = number(_factorial(pick) if ordered_too else 1)
    return _tuples(
        m, call, [source] * pick, Interval(choose(size.low, pick) * factor, choose(size.high, pick) * factor)
    )


def _factorial(value: int) -> int:
    return 1 if value < 2 else value * _factorial(value - 1)


def _pairwise(m: Machine, call: Call) -> Value:
    source = first(m, call, "pairwise()")
    size = count(source.parts)
    return _tuples(m, call, [source, source], Interval(ZERO, minus(size.high, ONE)))


def _endless(m: Machine, call: Call) -> Value:
    """Follow `count`, `cycle` and `repeat` without an end."""
    name = call.node.func.attr if hasattr(call.node.func, "attr") else getattr(call.node.func, "id", "count")
    times = call.argument(1, "times")
    if name == "repeat" and times is not None:
        return listing(m, call.node, Part(Interval(ZERO, as_count(times).high), call.args[0]), kind="iterator")
    reason = Reason(call.node.lineno, "it walks something that has no end", "use range(N)", "iterator", f"{name}(…)")
    result = listing(m, call.node, kind="iterator")
    if name == "count":
        start = as_count(call.argument(0, "start") or Number(low=ZERO, high=ZERO))
        place = (start.high if start.low == start.high else ZERO) + of(
            Symbol("position", most=endless(reason), owner=result.birth)
        )
        return replace(result, parts=(Part(Interval(ZERO, endless(reason)), Number(low=place, high=place)),))
    source = (
        first(m, call, f"{name}()")
        if name == "cycle"
        else listing(m, call.node, Part(EXACTLY_ONE, call.argument(0) or ANY))
    )
    return replace(result, parts=(Part(Interval(ZERO, endless(reason)), taken(m, source)),))


def _batched(m: Machine, call: Call) -> Value:
    """Follow `batched`: pieces of a list that together are as long as it."""
    source, size = first(m, call, "batched()"), as_count(call.argument(1, "n"))
    whole, item = count(source.parts), element(source)
    result = listing(m, call.node, kind="iterator", marks=derived(source.marks))
    if item is None:
        return result
    width = size.exact
    times = ceiling(whole.high, width) if width else whole.high
    piece = of(Symbol("piece", most=minimum(size.high, whole.high), total=whole.high, owner=result.birth))
    batch = listing(m, call.node, Part(Interval(ZERO, piece), _own(m, source, item)), kind="tuple")
    return replace(result, parts=(Part(Interval(ZERO, times), batch),))


def _compress(m: Machine, call: Call) -> Value:
    source = first(m, call, "compress()")
    parts = tuple(Part(Interval(ZERO, part.count.high), _silent(part.element)) for part in source.parts)
    chosen = call.argument(1, "selectors")
    marks = source.marks | (chosen.marks if chosen is not None else frozenset[Mark]())
    return copied(m, source, call.node, "iterator", parts=parts, marks=marks)


def _silent(value: Value) -> Value:
    """Return a value of which it is not known whether it may still be None."""
    return value if value.lack is None else named(value, lack=UNEXPLAINED)


def _some(m: Machine, call: Call) -> Value:
    """Follow `takewhile`, `dropwhile` and `filterfalse`."""
    if len(call.args) < 2:
        return ANY
    source = sequence(m, call.args[1], call.at(1), "iterating it")
    m.apply(call.args[0], call.node, taken(m, source))
    parts = tuple(Part(Interval(ZERO, part.count.high), _silent(part.element)) for part in source.parts)
    return copied(m, source, call.node, "iterator", parts=parts, marks=derived(source.marks))


def _groups(m: Machine, call: Call) -> Value:
    """Follow `groupby`: pairs of a key and a group, which together are as long as the list."""
    source = first(m, call, "groupby()")
    key, size, item = call.argument(1, "key"), count(source.parts), element(source)
    result = listing(m, call.node, kind="iterator", marks=derived(source.marks))
    if item is None:
        return result
    name = taken(m, source) if key is None else m.apply(key, call.node, taken(m, source))
    piece = of(Symbol("group", most=size.high, total=size.high, owner=result.birth))
    group = listing(m, call.node, Part(Interval(ZERO, piece), _own(m, source, item)), kind="iterator")
    pair = listing(m, call.node, Part(EXACTLY_ONE, name), Part(EXACTLY_ONE, group), kind="tuple")
    return replace(result, parts=(Part(Interval(ZERO, size.high), pair),))


def _accumulated(m: Machine, call: Call) -> Value:
    source = first(m, call, "accumulate()")
    return listing(m, call.node, Part(count(source.parts), ANY), kind="iterator", marks=derived(source.marks))


def _starmap(m: Machine, call: Call) -> Value:
    source = sequence(m, call.argument(1) or ANY, call.at(1), "starmap()")
    result = listing(m, call.node, kind="iterator")
    if not source.parts:
        return result

    def follow(item: Value) -> Value:
        parts = item.parts if isinstance(item, Listing) else ()
        return m.apply(call.args[0], call.node, *(part.element for part in parts))

    value = each(m, call.node, source, follow, result.birth)
    marks = collected(source.marks, value.marks, nested=False)
    return replace(result, parts=(Part(count(source.parts), value),), marks=marks)


def _tee(m: Machine, call: Call) -> Value:
    source = first(m, call, "tee()")
    copies = [copied(m, source, call.node, "iterator") for _ in range(2)]
    return listing(m, call.node, *(Part(EXACTLY_ONE, one) for one in copies), kind="tuple")


def _best(m: Machine, call: Call) -> Value:
    """Follow `nlargest` and `nsmallest`."""
    if len(call.args) < 2:
        return ANY
    source = sequence(m, call.args[1], call.at(1), "iterating it")
    if "key" in call.keywords:
        m.apply(call.keywords["key"], call.node, taken(m, source))
    return capped(m, call, source, as_count(call.args[0]).high)


def _heap_push(m: Machine, call: Call) -> Value:
    heap, item = call.argument(0), call.argument(1) or ANY
    if isinstance(heap, Listing):
        insert(m, heap, item, call.node)
    return Nothing(lack=UNEXPLAINED)


def _heap_pop(m: Machine, call: Call) -> Value:
    source = first(m, call, "heappop()")
    m.state.store(shortened(source, ONE))
    return taken(m, source)


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
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": _chained,
    "itertools.islice": _islice,
    "itertools.product": _product,
    "itertools.combinations": partial(_picked, False),
    "itertools.permutations": partial(_picked, True),
    "itertools.combinations_with_replacement": lambda m, call: _product(m, replace(call, args=call.args[:1] * 2)),
    "itertools.pairwise": _pairwise,
    "itertools.count": _endless,
    "itertools.cycle": _endless,
    "itertools.repeat": _endless,
    "itertools.batched": _batched,
    "itertools.zip_longest": partial(_zip, True),
    "itertools.compress": _compress,
    "itertools.takewhile": _some,
    "itertools.dropwhile": _some,
    "itertools.filterfalse": _some,
    "itertools.groupby": _groups,
    "itertools.accumulate": _accumulated,
    "itertools.starmap": _starmap,
    "itertools.tee": _tee,
    "heapq.nlargest": _best,
    "heapq.nsmallest": _best,
    "heapq.heappush": _heap_push,
    "heapq.heappop": _heap_pop,
}
