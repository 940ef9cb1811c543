"""What methods of lists, sets, dicts, arguments of the run, and memories do."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import partial

from weft.linter.effort import unparsed
from weft.linter.facts.domain.amounts import ONE, ZERO, at_least
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.given import as_listing, default_of, field_of
from weft.linter.facts.domain.holding import ANY, anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval
from weft.linter.facts.domain.joins import count, joined
from weft.linter.facts.domain.marks import NO_MARKS, Mark, about, derived, of_element
from weft.linter.facts.domain.pairing import drawn
from weft.linter.facts.domain.values import (
    UNEXPLAINED,
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
    constant,
    marked,
    named,
)
from weft.linter.facts.follow.arithmetic import combined
from weft.linter.facts.follow.assignment import extend, insert, take_in
from weft.linter.facts.follow.barriers import with_lineage
from weft.linter.facts.follow.entries import (
    entry,
    fields_of,
    merged_dicts,
    perhaps,
    provided,
    with_entry,
    without_entry,
)
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.memories import any_of, claim, feed, grouping, keyed_by, met, remembered, unique
from weft.linter.facts.follow.races import entered, racing
from weft.linter.facts.follow.sequences import copied, elements_of, keys_of, listing, outlives, sequence, taken
from weft.linter.facts.follow.totals import begun, moving
from weft.linter.facts.known.counters import counted_besides, counter, counts, listed_anew, repeated
from weft.linter.facts.known.counting import COUNTING, as_count, spread_out
from weft.linter.facts.known.iterating import capped, ordered, shortened
from weft.linter.facts.known.keys import keyed
from weft.linter.facts.remembering import Forgotten, Sifted
from weft.linter.record import replace

__all__ = ["CONTAINERS", "DICTS", "Method", "remember"]

Method = Callable[[Machine, Value, Call], Value]

_DONE = Nothing(lack=UNEXPLAINED)


def _list(target: Value) -> Listing:
    assert isinstance(target, Listing)  # the table is keyed by kind
    return target


def _dict(target: Value) -> Dict:
    assert isinstance(target, Dict)  # the table is keyed by kind
    return target


# Lists and sets


def _append(position: int, m: Machine, target: Value, call: Call) -> Value:
    value = call.argument(position)
    if value is not None:
        insert(m, _list(target), value, call.node)
    return _DONE


def _extend(m: Machine, target: Value, call: Call) -> Value:
    for index, value in enumerate(call.args):
        owner = _list(m.latest(target))
        more = (
            value
            if isinstance(value, Listing) and owner.kind == "set"
            else sequence(m, value, call.at(index), "adding it")
        )
        extend(m, owner, more, call.node)
    if call.more:
        extend(m, _list(m.latest(target)), spread_out(m, call), call.node)
    return _DONE


def _pop(m: Machine, target: Value, call: Call) -> Value:
    source = _list(target)
    if source.kind == "set" and isinstance(call.node.func, ast.Attribute):
        source = sequence(m, source, call.node.func.value)
    item = taken(m, source)
    index = call.argument(0)
    position = -1 if index is None else index.exact if isinstance(index, Number) else None
    m.state.store(_without(source, position))
    lineage = frozenset(mark for mark in derived(source.marks) if mark.kind in ("whole", "order"))
    return named(item, marks=item.marks | lineage)


def _popleft(m: Machine, target: Value, call: Call) -> Value:
    item = taken(m, _list(target))
    m.state.store(_without(_list(target), 0))
    return item


def _without(source: Listing, position: int | None) -> Listing:
    """Return a list from which an element was taken."""
    exact = all(part.count == EXACTLY_ONE for part in source.parts)
    if exact and source.parts and position in (0, -1):
        return replace(source, parts=source.parts[1:] if position == 0 else source.parts[:-1], root=None, when=None)
    return shortened(source, ONE)


def _remove(m: Machine, target: Value, call: Call) -> Value:
    source = _list(target)
    parts = tuple(Part(Interval(ZERO, part.count.high), part.element) for part in source.parts)
    m.state.store(replace(source, parts=parts, root=None, when=None))
    return _DONE


def _clear(m: Machine, target: Value, call: Call) -> Value:
    if isinstance(target, (Listing, Dict)) and m.loops and outlives(m, target.birth):
        m.note(Forgotten(target.birth, call.node, tuple(m.loops)))
    if isinstance(target, Listing):
        m.state.store(replace(target, parts=(), root=None, when=None))
    elif isinstance(target, Dict):
        m.state.store(Dict(birth=target.birth, factory=target.factory))
    return _DONE


def _sort(m: Machine, target: Value, call: Call) -> Value:
    source = with_lineage(m, _list(target))
    result = ordered(m, call, source)  # its key is followed, so that another state holds afterwards
    m.state.store(replace(result, birth=source.birth))
    return _DONE


def _reverse(m: Machine, target: Value, call: Call) -> Value:
    source = _list(target)
    m.state.store(replace(source, parts=source.parts[::-1], root=None, when=None))
    return _DONE


def _copy(m: Machine, target: Value, call: Call) -> Value:
    if isinstance(target, Dict):
        return replace(target, birth=m.birth(call.node), root=None, when=None)
    return copied(m, _list(target), call.node, _list(target).kind, whole=True)


def _algebra(operator: ast.operator, m: Machine, target: Value, call: Call) -> Listing:
    result = replace(_list(target), kind="set")
    for index, value in enumerate(call.args):
        other = value if isinstance(value, Listing) else sequence(m, value, call.at(index))
        result = combined(m, operator, result, other, call.node)
    more = spread_out(m, call)
    return combined(m, operator, result, more, call.node) if more.parts else result


def _change(operator: ast.operator, m: Machine, target: Value, call: Call) -> Value:
    m.state.store(replace(_algebra(operator, m, target, call), birth=_list(target).birth))
    return _DONE


def _asks(m: Machine, target: Value, call: Call) -> Value:
    kept, others = remembered(m, target), NO_MARKS.union(*(remembered(m, value) for value in call.args))
    items = (any_of(value) if isinstance(value, Listing) else value for value in call.args)
    return Bool(marks=derived(kept.union(others, met(any_of(_list(target)), others), *(met(i, kept) for i in items))))


def _counted(m: Machine, target: Value, call: Call) -> Value:
    size, kept = count(_list(target).parts).high, remembered(m, target)
    marks = derived(kept.union(*(met(value, kept) for value in call.args)))
    sought = call.argument(0)
    if not isinstance(sought, Nothing):
        return Number(low=ZERO, high=size, marks=marks)
    each = replace(listing(m, call.node, Part(Interval(ZERO, size), sought)), lost=(_list(target),))
    return Number(low=ZERO, high=size, marks=marks, measures=each)


# Dicts


def _get(m: Machine, target: Value, call: Call) -> Value:
    key = call.argument(0) or ANY
    what = unparsed(call.node)
    lack = Lack(f"{what} gives None for a missing key", call.node.lineno)
    otherwise = call.argument(1)
    if isinstance(target, Given):
        name = constant(key)
        if not isinstance(name, str):
            return anything(f"{what} is not followed", target)
        if otherwise is None or isinstance(otherwise, Nothing):
            return field_of(target, name, lack)
        found = field_of(target, name, None, otherwise)
        known = isinstance(found, Given) and (default_of(otherwise) is not None or isinstance(otherwise, Text))
        return found if known else joined([replace(found, lack=None), otherwise])
    found = entry(m, _dict(target), key, call.at(0), lack)
    if otherwise is None:
        return found
    if isinstance(otherwise, Nothing):
        otherwise = replace(otherwise, lack=lack)
    if isinstance(found, Nothing):
        missing = NO_MARKS if about(deep_marks(otherwise), "made") else found.marks
        return marked(otherwise, frozenset(mark for mark in missing if mark.kind == "made"))
    return found if found.lack is None else joined([_there(found, lack), otherwise])


def _there(found: Value, lack: Lack) -> Value:
    """Return an entry as it is when it is there: it may still be None by its schema."""
    return replace(found, lack=None, root=None) if found.lack in (lack, UNEXPLAINED) else found


def _items(pairs: bool, m: Machine, target: Value, call: Call) -> Value:
    if isinstance(target, Given):
        key, value = Text(marks=target.marks), as_listing(target).parts[0]
        inner = listing(m, call.node, Part(EXACTLY_ONE, key), Part(EXACTLY_ONE, value.element), kind="tuple")
        return listing(
            m, call.node, Part(value.count, inner if pairs else value.element), kind="view", marks=target.marks
        )
    return elements_of(m, _dict(target), call.node, pairs=pairs)


def _keys(m: Machine, target: Value, call: Call) -> Value:
    if isinstance(target, Given):
        return listing(m, call.node, Part(as_listing(target).parts[0].count, Text()), kind="view")
    return keys_of(m, _dict(target), call.node)


def _setdefault(m: Machine, target: Value, call: Call) -> Value:
    key, value = call.argument(0) or ANY, call.argument(1) or _DONE
    owner = _dict(target)
    value = claim(m, owner, key, keyed_by(m, owner.birth, key, value, call.node), call.node)
    found = provided(m, owner, key, call.node, lambda: value)
    held = _dict(m.latest(owner))
    grouped = frozenset(Mark("whole", of) for of in grouping(key))
    own, order = entered(m, owner.birth, key, value, call.node, source=call.at(1) if call.args[1:] else None)
    m.state.store(replace(held, marks=held.marks | grouped | derived(key.marks) | order))
    return named(found, marks=found.marks | own) if own else found


def _update(m: Machine, target: Value, call: Call) -> Value:
    if isinstance(target, Listing):
        return _extend(m, target, call)
    owner = _dict(target)
    if counts(owner):
        more = listed_anew(m, call)
        counted = counted_besides(m, owner, call)
        moving(m, owner, more, lambda: m.state.store(counted), calls=1)
        return _DONE
    for index, value in enumerate(call.args):
        if isinstance(value, (Dict, Given, Unknown)):
            owner = take_in(m, owner, value, call.node, call.at(index))
        else:
            owner = _with_pairs(m, owner, sequence(m, value, call.at(index)), call)
    for name, value in call.keywords.items():
        owner = with_entry(owner, Text(const=name), value)
    if call.named is not None:
        owner = merged_dicts(owner, call.named)
    m.state.store(replace(owner, open=True) if call.more else owner)
    return _DONE


def _with_pairs(m: Machine, owner: Dict, pairs: Listing, call: Call) -> Dict:
    """Return a dict with an entry for each pair of a list."""
    for part in pairs.parts:
        pair = part.element.parts if isinstance(part.element, Listing) else ()
        if len(pair) != 2:
            return merged_dicts(owner, anything("what is put into a dict is not known", part.element))
        key, value = (marked(one.element, derived(part.element.marks)) for one in pair)
        feed(m, owner.birth, marked(key, of_element(pairs.marks)), call.node, once=True)
        grown = with_entry(owner, key, value)
        if part.count != EXACTLY_ONE:
            grown = replace(grown, rest=Interval(owner.rest.low, owner.rest.high + part.count.high))
        owner = grown if at_least(part.count.low, ONE) else perhaps(owner, grown)
    keyed = pairs.parts[0].element if pairs.parts else None
    walked = grouping(keyed.parts[0].element) if isinstance(keyed, Listing) else frozenset[object]()
    marks = (Mark("whole", mark.of) if mark.of in walked else mark for mark in pairs.marks)
    return replace(owner, marks=owner.marks | frozenset(marks) | drawn(pairs))


def _take_entry(m: Machine, target: Value, call: Call) -> Value:
    owner = _dict(target)
    key = call.argument(0)
    values = [entry.value for entry in fields_of(owner).values()] + ([] if owner.values is None else [owner.values])
    m.state.store(without_entry(owner, key, surely=key is None or len(call.args) == 1))  # with a default, it may not be
    if key is None:
        return anything("an entry that is taken out of a dict", target)
    if isinstance(constant(key), str) or not values:
        return entry(m, owner, key, call.at(0), UNEXPLAINED if len(call.args) > 1 else None)
    return joined(values)


def _most_common(m: Machine, target: Value, call: Call) -> Value:
    owner = _dict(target)
    pairs = elements_of(m, owner, call.node, pairs=True)
    return capped(m, call, pairs, as_count(call.argument(0)).high)


def _total(m: Machine, target: Value, call: Call) -> Value:
    """Follow `counter.total()`."""
    return COUNTING["sum"](m, Call(call.node, (elements_of(m, _dict(target), call.node, pairs=False),), written=False))


def _dict_of(m: Machine, call: Call) -> Value:
    """Follow `dict(…)`."""
    result = Dict(birth=m.birth(call.node))
    for index, argument in enumerate(call.args):
        value = m.require(argument, call.at(index), "dict()")
        if isinstance(value, (Dict, Given, Unknown)):
            result = merged_dicts(result, value)
        else:
            result = _with_pairs(m, result, sequence(m, value, call.at(index)), call)
    for name, value in call.keywords.items():
        result = with_entry(result, Text(const=name), value)
    if call.named is not None:
        result = merged_dicts(result, call.named)
    return replace(result, open=True) if call.more else result


def _defaultdict(m: Machine, call: Call) -> Value:
    return begun(m, Dict(birth=m.birth(call.node), factory=call.argument(0)))


def _from_keys(m: Machine, call: Call) -> Value:
    keys, value = call.argument(0), call.argument(1) or _DONE
    if keys is None:
        return ANY
    source = unique(m, sequence(m, keys, call.at(0), "fromkeys()"), call.node)
    size = count(source.parts)
    item = taken(m, source) if source.parts else None
    grouped = frozenset(Mark("whole", of) for part in source.parts for of in grouping(part.element))
    marks = source.marks | grouped
    return Dict(keys=item, values=value, rest=Interval(ZERO, size.high), birth=m.birth(call.node), marks=marks)


# Memories


def remember(m: Machine, target: Value, call: Call) -> Value:
    """Follow `seen.add(items)`: what is new, and all of it remembered."""
    assert isinstance(target, Seen)  # the table is keyed by kind
    if not call.args:
        return ANY
    source = sequence(m, call.args[0], call.at(0), "seen.add()")
    m.look(derived(source.marks))
    keyed(m, target.key, call, source)
    for part in source.parts:
        feed(m, target.birth, part.element, call.node, once=True)
    size = count(source.parts)
    filled = frozenset(Mark("filled", wait) for wait in about(deep_marks(source), "waited"))
    held = Interval(target.size.low, target.size.high + size.high)
    m.state.store(replace(target, size=held, marks=target.marks | filled, root=None))
    parts = tuple(Part(Interval(ZERO, part.count.high), part.element) for part in source.parts)
    marks = derived(source.marks) | target.marks
    fresh = copied(m, source, call.node, parts=parts, marks=marks)
    m.drawn[fresh.birth] = (source.birth, True)
    m.note(Sifted(call.node, source.birth, target.birth, tuple(m.loops), racing(m, target.birth) is not None))
    passed = frozenset((Mark("passed", target.birth),))
    kept = tuple(replace(part, element=named(part.element, marks=part.element.marks | passed)) for part in fresh.parts)
    return replace(fresh, parts=kept)


CONTAINERS: Mapping[str, Method] = {
    "list.append": partial(_append, 0),
    "list.appendleft": partial(_append, 0),
    "list.add": partial(_append, 0),
    "list.insert": partial(_append, 1),
    "list.extend": _extend,
    "list.extendleft": _extend,
    "list.update": _extend,
    "list.pop": _pop,
    "list.popleft": _popleft,
    "list.remove": _remove,
    "list.discard": _remove,
    "list.clear": _clear,
    "list.sort": _sort,
    "list.reverse": _reverse,
    "list.copy": _copy,
    "list.union": partial(_algebra, ast.BitOr()),
    "list.intersection": partial(_algebra, ast.BitAnd()),
    "list.difference": partial(_algebra, ast.Sub()),
    "list.symmetric_difference": partial(_algebra, ast.BitXor()),
    "list.intersection_update": partial(_change, ast.BitAnd()),
    "list.difference_update": partial(_change, ast.Sub()),
    "list.symmetric_difference_update": partial(_change, ast.BitXor()),
    "list.issubset": _asks,
    "list.issuperset": _asks,
    "list.isdisjoint": _asks,
    "list.index": _counted,
    "list.count": _counted,
    "dict.get": _get,
    "dict.items": partial(_items, True),
    "dict.values": partial(_items, False),
    "dict.keys": _keys,
    "dict.setdefault": _setdefault,
    "dict.update": _update,
    "dict.pop": _take_entry,
    "dict.popitem": _take_entry,
    "dict.clear": _clear,
    "dict.copy": _copy,
    "dict.most_common": _most_common,
    "dict.elements": repeated,
    "dict.total": _total,
    "given.get": _get,
    "given.items": partial(_items, True),
    "given.values": partial(_items, False),
    "given.keys": _keys,
    "Seen.add": remember,
}
"""Methods by kind and name; those of a set or deque stand with the lists."""

DICTS: Mapping[str, Callable[[Machine, Call], Value]] = {
    "dict": _dict_of,
    "dict.fromkeys": _from_keys,
    "collections.OrderedDict": _dict_of,
    "collections.Counter": counter,
    "collections.defaultdict": _defaultdict,
}
"""What makes a dict."""
