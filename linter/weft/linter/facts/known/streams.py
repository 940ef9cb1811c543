"""Functions of `itertools` and `heapq`, and `iter`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import factorial

from weft.linter.effort import unparsed
from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, Symbol, at_least, endless, maximum, minimum, number, of
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.counts import ceiling, choose
from weft.linter.facts.domain.holding import ANY, anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval, Less
from weft.linter.facts.domain.joins import count, element, joined
from weft.linter.facts.domain.marks import Mark, Marks, collected, derived
from weft.linter.facts.domain.pairing import paired
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.sums import minus
from weft.linter.facts.domain.values import UNEXPLAINED, Kind, Listing, Nothing, Number, Part, Value, named
from weft.linter.facts.follow.arithmetic import unlimited
from weft.linter.facts.follow.assignment import insert
from weft.linter.facts.follow.expressions import constant as literal
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import copied, listing, outlives, sequence, taken, thinned
from weft.linter.facts.follow.walking import applied, call_back, each
from weft.linter.facts.known.counting import Handler, as_count, first, flattened, spread_out, without_order
from weft.linter.facts.known.iterating import ITERATING, capped, kept_item, row_of, shortened
from weft.linter.record import replace

__all__ = ["STREAMS"]

_PICKED = 4
"""Of how many elements a combination is made at most for it to be reckoned."""

_PLENTY = 10**6
"""As how many elements a list is taken from which a function takes some, to see how many it does."""

_PICKED_OF_KNOWN = 12
"""And where it is known of how many they are picked."""


def _chain(m: Machine, call: Call) -> Listing:
    lists = [sequence(m, value, call.at(index), "chain()") for index, value in enumerate(call.args)]
    parts = [part for source in lists for part in source.parts]
    rest = spread_out(m, call)
    parts += rest.parts
    marks = rest.marks.union(*(source.marks for source in lists))
    return listing(m, call.node, *parts, kind="iterator", marks=marks)


def _chained(m: Machine, call: Call) -> Value:
    return flattened(m, first(m, call, "chain.from_iterable()"), call.at(0))


def _islice(m: Machine, call: Call) -> Value:
    source = first(m, call, "islice()")
    ends = [None if isinstance(value, Nothing) else as_count(value) for value in call.args[1:]]
    start, stop, pace = (None, *ends, None) if len(ends) == 1 else (*ends, None, None, None)[:3]
    size = count(source.parts).high
    if not call.complete:
        return capped(m, call, source, size, "iterator")
    size = size if stop is None else minimum(size, stop.high)
    if start is not None and start.exact is not None:
        size = minus(size, number(max(0, start.exact)))
    if pace is not None and pace.exact is not None and pace.exact > 0:
        size = ceiling(size, pace.exact)
    result = capped(m, call, source, size, "iterator")
    if source.kind != "iterator" or len(ends) != 1 or stop is None or stop.low is None:
        return result
    m.state.store(shortened(source, stop.low))
    return _piece(m, source, result) if m.loops and outlives(m, source.birth) else result


def _piece(m: Machine, source: Listing, result: Listing) -> Listing:
    """Return what a loop takes from an iterator in one round: all rounds together take no more than there was."""
    most, whole = count(result.parts).high, count(source.parts).high
    there_was = Amount(tuple(term for term in whole.terms if term[1] > 0), whole.reasons)
    piece = of(Symbol("piece", most=most, total=there_was, owner=m.loops[-1]))
    return replace(result, parts=tuple(replace(part, count=Interval(ZERO, piece)) for part in result.parts))


def _product(m: Machine, call: Call) -> Value:
    lists = [sequence(m, value, call.at(index), "product()") for index, value in enumerate(call.args)]
    return _repeated(m, call, lists, call.keywords.get("repeat", literal(1)))


def _with_replacement(m: Machine, call: Call) -> Value:
    """Follow `combinations_with_replacement`: as many as there are combinations of so many more."""
    source, pick = first(m, call, "combinations_with_replacement()"), as_count(call.argument(1, "r")).exact
    size = count(source.parts)
    if pick is None or not 0 < pick <= _PICKED:
        return _repeated(m, call, [source], call.argument(1, "r") or ANY)
    low, high = (choose(end + number(pick - 1), pick) if end != ZERO else ZERO for end in (size.low, size.high))
    return _tuples(m, call, [source] * pick, Interval(low, high))


def _repeated(m: Machine, call: Call, lists: list[Listing], repeat: Value) -> Value:
    """Return the tuples with one element of each list, the lists taken so many times."""
    times = as_count(repeat).exact
    if times == 0:
        return listing(m, call.node, Part(EXACTLY_ONE, listing(m, call.node, kind="tuple")), kind="iterator")
    if times is None or not 0 < times < 8:
        return _tuples(m, call, lists, Interval(ZERO, unlimited("how many are combined is not known")))
    lists = lists * times
    low, high = ONE, ONE
    for source in lists:
        size = count(source.parts)
        low, high = low * size.low, high * size.high
    return _tuples(m, call, lists, Interval(low, high))


def _tuples(m: Machine, call: Call, columns: list[Listing], size: Interval) -> Listing:
    """Return an iterator over tuples with one element of each list."""
    result = listing(m, call.node, kind="iterator", marks=collected(_all_marks(columns), frozenset(), nested=True))
    if not columns or any(not source.parts for source in columns):
        return result
    row = row_of(m, call, columns, result, [element(source) or ANY for source in columns])
    return replace(result, parts=(Part(size, row),), marks=result.marks | paired(columns))


def _all_marks(lists: list[Listing]) -> Marks:
    return frozenset[Mark]().union(*(source.marks for source in lists))


def _picked(ordered_too: bool, m: Machine, call: Call) -> Value:
    """Follow `combinations` and `permutations`, the latter of all elements unless it is said of how many."""
    source, picked = first(m, call, "combinations()"), call.argument(1, "r")
    size = count(source.parts)
    whole = size.high.constant
    of_all = ordered_too and (picked is None or isinstance(picked, Nothing)) and call.complete and size.low == size.high
    pick = whole if of_all else as_count(picked).exact
    if pick is None or not 0 < pick <= (_PICKED if whole is None else _PICKED_OF_KNOWN):
        return _tuples(m, call, [source], Interval(ZERO, unlimited("how many are combined is not known")))
    factor = number(factorial(pick) if ordered_too else 1)
    low, high = (choose(end, pick) * factor for end in (size.low, size.high))
    return _tuples(m, call, [source] * pick, Interval(low, high))


def _pairwise(m: Machine, call: Call) -> Value:
    source = first(m, call, "pairwise()")
    size = count(source.parts)
    neighbours = _tuples(m, call, [source, source], Interval(ZERO, minus(size.high, ONE)))
    return replace(neighbours, marks=frozenset(mark for mark in neighbours.marks if mark.kind != "paired"))


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
    size = as_count(call.argument(1, "n"))
    return _pieces(m, call, first(m, call, "batched()"), size.high, size.exact)


def _pieces(m: Machine, call: Call, source: Listing, most: Amount, each: int | None, kind: Kind = "tuple") -> Listing:
    """Return an iterator over pieces of a list, each of so many elements until too few are left."""
    whole, item = count(source.parts), element(source)
    result = listing(m, call.node, kind="iterator", marks=derived(source.marks))
    if item is None:
        return result
    times = ceiling(whole.high, each) if each else whole.high
    piece = of(Symbol("piece", most=minimum(most, whole.high), total=whole.high, owner=result.birth))
    batch = listing(m, call.node, Part(Interval(ZERO, piece), kept_item(m, source, item)), kind=kind)
    return replace(result, parts=(Part(Interval(ZERO, times), batch),))


def _iter(m: Machine, call: Call) -> Value:
    """Follow `iter`: over a list, or over the pieces that a function takes off one until nothing is left."""
    if len(call.args) < 2:
        return ITERATING["iter"](m, call)
    before, end = m.state, call.args[1]
    piece, drawn = _once(m, call, before)
    if not isinstance(piece, Listing) or not isinstance(end, Listing) or end.parts or len(drawn) != 1:
        call_back(m, call)
        unknown = Interval(ZERO, unlimited("how often it is called is not known"))
        return listing(m, call.node, Part(unknown, anything("it is called for", *call.args)), kind="iterator")
    ((source, _),) = drawn
    plenty = before.fork()
    plenty.store(replace(source, parts=(Part(Interval(number(_PLENTY), number(_PLENTY)), taken(m, source)),)))
    full, left = _once(m, call, plenty)
    each = count(full.parts).high.constant if isinstance(full, Listing) else None
    steady = each is not None and [count(rest.parts).high.constant for _, rest in left] == [_PLENTY - each]
    m.state.store(shortened(source, count(source.parts).high))
    return _pieces(m, call, source, count(piece.parts).high, each if steady else None, piece.kind)


def _once(m: Machine, call: Call, state: State) -> tuple[Value, list[tuple[Listing, Listing]]]:
    """Return what a call of the function gives in some state, and the iterators that it takes something from."""
    before, m.state = m.state, state.fork()
    result = m.apply(call.args[0], call.node)
    drawn, m.state = _shortened(state, m.state), before
    return result, drawn


def _shortened(before: State, after: State) -> list[tuple[Listing, Listing]]:
    """Return the iterators of which less is left, as they were and as they are."""
    known = {one.birth: one for one in before.cells.values() if isinstance(one, Listing) and one.kind == "iterator"}
    now = {one.birth: one for one in after.cells.values() if isinstance(one, Listing) and one.birth in known}
    return [(known[birth], one) for birth, one in now.items() if count(one.parts) != count(known[birth].parts)]


def _compress(m: Machine, call: Call) -> Value:
    source = first(m, call, "compress()")
    parts = tuple(Part(Interval(ZERO, part.count.high), _silent(part.element)) for part in source.parts)
    chosen = call.argument(1, "selectors")
    marks = source.marks | (chosen.marks if chosen is not None else frozenset[Mark]())
    return copied(m, source, call.node, "iterator", parts=parts, marks=marks, thinned=thinned(source))


def _silent(value: Value) -> Value:
    """Return a value of which it is not known whether it may still be None."""
    return value if value.lack is None else named(value, lack=UNEXPLAINED)


def _without_some(m: Machine, call: Call) -> Value:
    """Follow `dropwhile` and `filterfalse`, which leave out entries before others."""
    result = _beginning(m, call)
    if isinstance(result, Listing):
        source = sequence(m, call.args[1], call.at(1), "iterating it")
        return replace(result, thinned=thinned(source))
    return result


def _beginning(m: Machine, call: Call) -> Value:
    """Follow `takewhile`, which leaves out what comes last."""
    if len(call.args) < 2:
        return ANY
    source = sequence(m, call.args[1], call.at(1), "iterating it")
    applied(m, call.args[0], call.node, source)
    parts = tuple(Part(Interval(ZERO, part.count.high), _silent(part.element)) for part in source.parts)
    return copied(m, source, call.node, "iterator", parts=parts, marks=derived(source.marks), thinned=source.thinned)


def _take_while(m: Machine, call: Call) -> Value:
    """Follow `takewhile`; where each position brings a test nearer to failing, it takes only so many."""
    found = _beginning(m, call)
    if not isinstance(found, Listing) or len(found.parts) != 1:
        return found
    (part,) = found.parts
    before = m.state
    m.state = before.fork()
    answer = m.apply(call.args[0], call.node, part.element)
    m.assume(answer, True)
    said, m.state = m.state.limits - before.limits, before
    places = {symbol for symbol in _ends_of(part.element) if symbol.name == "position"}
    limits = [_falling(fact.large - fact.small, places) for fact in said if isinstance(fact, Less)]
    most = minimum(part.count.high, *(limit for limit in limits if limit is not None))
    return replace(found, parts=(replace(part, count=Interval(ZERO, most)),))


def _ends_of(value: Value) -> frozenset[Symbol]:
    return value.high.symbols() if isinstance(value, Number) and value.low == value.high else frozenset()


def _falling(difference: Amount, places: set[Symbol]) -> Amount | None:
    """Return at how many positions a difference that falls with each is above 0; `None` where it may not fall."""
    if len(places) != 1 or difference.reasons:
        return None
    (place,) = places
    at_first = difference.substitute({place: ZERO})
    step = (at_first - difference.substitute({place: ONE})).constant
    if step is None or step < 1 or difference != at_first - of(place) * number(step):
        return None
    return maximum(ZERO, ceiling(at_first, step))


def _groups(m: Machine, call: Call) -> Value:
    """Follow `groupby`: pairs of a key and a group, which together are as long as the list."""
    source = first(m, call, "groupby()")
    key, size, item = call.argument(1, "key"), count(source.parts), element(source)
    result = listing(m, call.node, kind="iterator", marks=derived(source.marks))
    if item is None:
        return result
    name = taken(m, source) if key is None else applied(m, key, call.node, source)
    piece = of(Symbol("group", most=size.high, total=size.high, owner=result.birth))
    group = listing(m, call.node, Part(Interval(ZERO, piece), kept_item(m, source, item)), kind="iterator")
    pair = listing(m, call.node, Part(EXACTLY_ONE, name), Part(EXACTLY_ONE, group), kind="tuple")
    return replace(result, parts=(Part(Interval(ZERO, size.high), pair),))


def _accumulated(m: Machine, call: Call) -> Value:
    """Follow `accumulate`: sums, none of them more than all elements together, unless a function makes others."""
    source = first(m, call, "accumulate()")
    size, item = count(source.parts), element(source)
    begun = as_count(call.keywords.get("initial") or Number(low=ZERO, high=ZERO))
    if "initial" in call.keywords:
        size = Interval(size.low + ONE, size.high + ONE)
    result: Value = ANY
    counts = isinstance(item, Number) and item.low is not None and at_least(item.low, ZERO)
    if call.complete and call.argument(1, "func") is None and counts and isinstance(item, Number):
        result = Number(low=begun.low, high=begun.high + count(source.parts).high * item.high, whole=item.whole)
    return listing(m, call.node, Part(size, result), kind="iterator", marks=derived(source.marks))


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
    reads = source.reads | {source.birth}
    copies = as_count(call.argument(1, "n") or Number(low=number(2), high=number(2)))
    times = copies.exact
    if times is None or not call.complete or not 0 <= times <= _PICKED_OF_KNOWN:
        unknown = Interval(ZERO, copies.high if call.complete else unlimited("how many copies are made is not known"))
        return listing(m, call.node, Part(unknown, copied(m, source, call.node, "iterator", reads=reads)), kind="tuple")
    each_one = (copied(m, source, call.node, "iterator", reads=reads) for _ in range(times))
    return listing(m, call.node, *(Part(EXACTLY_ONE, one) for one in each_one), kind="tuple")


def _best(m: Machine, call: Call) -> Value:
    """Follow `nlargest` and `nsmallest`."""
    if len(call.args) < 2:
        return ANY
    source = sequence(m, call.args[1], call.at(1), "iterating it")
    if "key" in call.keywords:
        applied(m, call.keywords["key"], call.node, source)
    source = replace(source, marks=without_order(source.marks))
    return capped(m, call, source, as_count(call.args[0]).high)


def _put_in_place(m: Machine, call: Call) -> Value:
    """Follow `heappush` and `insort`, which put something where it belongs by what it is."""
    held, item = call.argument(0), call.argument(1) or ANY
    if "key" in call.keywords and isinstance(held, Listing):
        applied(m, call.keywords["key"], call.node, held)
        held = m.latest(held)
    if isinstance(held, Listing):
        insert(m, held, item, call.node, placed=True)
    else:
        m.lose(f"{unparsed(call.node.func)}() is not followed", *call.inputs())
    return Nothing(lack=UNEXPLAINED)


def _merged(m: Machine, call: Call) -> Value:
    """Follow `heapq.merge`: all elements of all lists, in an order of their own."""
    if "key" in call.keywords:
        for index, value in enumerate(call.args):
            applied(m, call.keywords["key"], call.node, sequence(m, value, call.at(index), "merge()"))
    together = _chain(m, call)
    item = element(together)
    return together if item is None else replace(together, parts=(Part(count(together.parts), item),))


def _exchanged(m: Machine, call: Call) -> Value:
    """Follow `heappushpop` and `heapreplace`: one goes in and one comes out."""
    heap, given = call.argument(0), call.argument(1) or ANY
    if not isinstance(heap, Listing):
        m.lose(f"{unparsed(call.node.func)}() is not followed", *call.inputs())
        return ANY
    found = joined([given, *(part.element for part in heap.parts)])
    if heap.parts:
        m.state.store(replace(heap, parts=(Part(count(heap.parts), found),), root=None, when=None))
    return named(found)


def _heap_pop(m: Machine, call: Call) -> Value:
    source = first(m, call, "heappop()")
    m.state.store(shortened(source, ONE))
    return taken(m, source)


STREAMS: Mapping[str, Handler] = {
    "iter": _iter,
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": _chained,
    "itertools.islice": _islice,
    "itertools.product": _product,
    "itertools.combinations": partial(_picked, False),
    "itertools.permutations": partial(_picked, True),
    "itertools.combinations_with_replacement": _with_replacement,
    "itertools.pairwise": _pairwise,
    "itertools.count": _endless,
    "itertools.cycle": _endless,
    "itertools.repeat": _endless,
    "itertools.batched": _batched,
    "itertools.compress": _compress,
    "itertools.takewhile": _take_while,
    "itertools.dropwhile": _without_some,
    "itertools.filterfalse": _without_some,
    "itertools.groupby": _groups,
    "itertools.accumulate": _accumulated,
    "itertools.starmap": _starmap,
    "itertools.tee": _tee,
    "heapq.nlargest": _best,
    "heapq.nsmallest": _best,
    "heapq.merge": _merged,
    "heapq.heappushpop": _exchanged,
    "heapq.heapreplace": _exchanged,
    "heapq.heappush": _put_in_place,
    "bisect.insort": _put_in_place,
    "bisect.insort_left": _put_in_place,
    "bisect.insort_right": _put_in_place,
    "heapq.heappop": _heap_pop,
}
