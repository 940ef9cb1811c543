"""Giving values to names, attributes and entries, and putting things into containers."""

from __future__ import annotations

import ast
from functools import partial

from weft.linter.facts.domain.amounts import ONE, ZERO, number
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Class, Either, Instance
from weft.linter.facts.domain.contained import births_in
from weft.linter.facts.domain.holding import ANY, anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval
from weft.linter.facts.domain.joins import Join, count, element, joined, merged
from weft.linter.facts.domain.marks import Mark, Marks, about, deciding, derived, of_element
from weft.linter.facts.domain.state import Cell, key_of, place
from weft.linter.facts.domain.sums import minus
from weft.linter.facts.domain.values import (
    CONTAINERS,
    Bool,
    Dict,
    Given,
    Listing,
    Number,
    Part,
    Text,
    Value,
    also,
    constant,
    marked,
    named,
)
from weft.linter.facts.follow.arguments import set_entry, taken_as_list
from weft.linter.facts.follow.classes import members, set_by_code, special
from weft.linter.facts.follow.entries import merged_dicts, with_container, with_entry
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.memories import feed, grouping, keyed_by, opens_group
from weft.linter.facts.follow.races import entered, put_away, written, written_anew
from weft.linter.facts.follow.sequences import (
    appended,
    begins_with,
    filled_by_pairs,
    made_apart,
    read_at,
    sequence,
    spelled_out,
    taken,
    thinned,
)
from weft.linter.record import replace

__all__ = [
    "assign",
    "extend",
    "gathered",
    "insert",
    "made_good",
    "put",
    "set_any_attribute",
    "set_attribute",
    "take_in",
]


def assign(m: Machine, target: ast.expr, value: Value, *, grown: bool = False, source: ast.expr | None = None) -> None:
    """Give a value to whatever stands on the left.

    Args:
        m: Follows the harness.
        target: What stands on the left.
        value: The value.
        grown: It is the one that the target had, with something at an end.
        source: What stands on the right of an assignment.
    """
    match target:
        case ast.Name(id=name):
            value = m.state.settled(value) if isinstance(value, (Number, Text)) else value
            m.bind(name, _raced(value, _written(m, m.cell(name), target, value, grown=grown, source=source)))
        case ast.Starred(value=inner):
            assign(m, inner, value, source=source)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            _unpack(m, targets, value, target, source)
        case ast.Attribute():
            owner = m.evaluate(target.value)
            set_attribute(m, owner, target.attr, value, target, grown=grown, source=source)
        case ast.Subscript(slice=ast.Slice() as part):
            _replace_slice(m, m.evaluate(target.value), part, value, target)
        case ast.Subscript():
            owner = m.require(m.evaluate(target.value), target, "storing in it")
            put(m, owner, m.evaluate(target.slice), value, target, grown=grown, source=source)


def _written(m: Machine, cell: Cell, target: ast.expr, value: Value, *, grown: bool, source: ast.expr | None) -> Marks:
    return written(m, cell, target, ordered=True) if grown else written_anew(m, cell, target, value, source)


def _raced(value: Value, marks: Marks) -> Value:
    """Return a value as one of its own, since what was read before it was written has no such marks."""
    return named(value, marks=value.marks | marks) if marks else value


def set_attribute(
    m: Machine,
    owner: Value,
    name: str,
    value: Value,
    node: ast.expr,
    *,
    grown: bool = False,
    source: ast.expr | None = None,
) -> None:
    """Follow `owner.name = value`, with the options of an assignment."""
    match owner:
        case Instance():
            if set_by_code(m, owner, name, value, node):
                return
            cell = (owner.birth, name)
            old = m.state.cells.get(cell)
            if old is not None and isinstance(value, (Number, Bool)) and m.is_one_of_many(owner.birth):
                value = joined([old, value])
            m.escapes.given_anew(m.state, cell)
            m.state.cells[cell] = _raced(value, _written(m, cell, node, value, grown=grown, source=source))
        case Either(options=options):  # one of them has it from now on, and the others what they had
            for one in options:
                old = m.state.cells.get((one.birth, name)) if isinstance(one, Instance) else None
                either = value if old is None else joined([old, value])
                set_attribute(m, one, name, either, node, grown=grown, source=source)
        case Class():
            m.state.cells[owner.env, name] = value
            for place, old in m.state.cells.items():
                if place[1] == name and isinstance(place[0], Birth):  # an object that has it from its class
                    m.state.cells[place] = joined([old, value])
        case _:
            m.lose("it is put into something that is not followed", owner, value, keeps=True)


def set_any_attribute(m: Machine, owner: Value, value: Value) -> None:
    """Follow `setattr` with a name that is not known."""
    m.lose("an attribute by a name that is computed", owner, value, keeps=True)
    if isinstance(owner, Instance):
        for name in members(m, owner.of):
            m.state.cells[owner.birth, name] = anything("it may have been set under a name that is computed", value)


def _unpack(m: Machine, targets: list[ast.expr], value: Value, node: ast.expr, given: ast.expr | None) -> None:
    source = sequence(m, value, node, "unpacking it")
    star = next((index for index, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
    behind = 0 if star is None else len(targets) - star - 1
    fits = begins_with(source, star) if star is not None and not behind else spelled_out(source)
    fits = fits and (len(source.parts) == len(targets) if star is None else len(source.parts) >= len(targets) - 1)
    for index, target in enumerate(targets):
        if isinstance(target, ast.Starred):
            inside = source.parts[index : len(source.parts) - behind] if fits else merged(source.parts)
            parts = inside if fits else _fewer(inside, len(targets) - 1)
            rest = Listing(parts=parts, birth=m.birth(node), marks=derived(source.marks))
            assign(m, target.value, rest, source=given)
            continue
        position = index if star is None or index < star else index - len(targets)
        if fits:
            at = place(number(index if star is None or index < star else len(source.parts) + position))
            item = read_at(m, source, at, partial(_picked, m, source, position))
        else:
            item = _picked(m, source, None)
        assign(m, target, item, source=given)


def _picked(m: Machine, source: Listing, position: int | None) -> Value:
    item = _whole(taken(m, source, position), source.marks)
    return marked(item, frozenset(mark for mark in source.marks if mark.kind == "order"))


def _fewer(parts: tuple[Part, ...], taken: int) -> tuple[Part, ...]:
    """Return what is left for the starred name of an unpacking, when the other names have taken so many."""
    if len(parts) != 1:
        return tuple(replace(part, count=Interval(ZERO, part.count.high)) for part in parts)
    (part,) = parts
    low, high = (minus(end, number(taken)) for end in (part.count.low, part.count.high))
    return (Part(Interval(low, high), part.element),)


def _whole(item: Value, source: Marks) -> Value:
    """Return an element that is picked by its position: it rests on the list as a whole."""
    lists = about(source, "mapped", "flat")
    if not lists:
        return item
    marks = frozenset(
        Mark("whole", mark.of) if mark.kind == "element" and mark.of in lists else mark for mark in item.marks
    )
    return item if marks == item.marks else replace(item, marks=marks, root=item.root or item)


def put(
    m: Machine,
    owner: Value,
    key: Value,
    value: Value,
    node: ast.expr,
    *,
    grown: bool = False,
    source: ast.expr | None = None,
) -> None:
    """Follow `owner[key] = value`, with the options of an assignment."""
    value = m.state.settled(value)
    match owner:
        case Dict():
            _put_under(m, owner, key, value, node, grown=grown, source=source)
        case Listing():
            own, order = entered(m, owner.birth, key, value, node, grown=grown, source=source)
            item, value = element(owner), _raced(value, own)
            if item is not None and value.lack is None:
                item = made_good(m, item, key.marks)
            parts = () if item is None else (Part(count(owner.parts), Join()(item, value)),)
            marks = owner.marks | gathered(m, owner.birth, value.marks) | {x for x in order if x.kind == "raced"}
            apart = owner.apart and not births_in(value)
            _stored(m, replace(owner, parts=parts, apart=apart, root=None, when=None, marks=marks), key, value)
        case Given() if isinstance(key, Number):
            put(m, taken_as_list(m, owner, node), key, value, node, grown=grown, source=source)
        case Given():
            set_entry(m, owner, key, value)
        case _:
            m.consume(value)
            if special(m, owner, "__setitem__", node, key, value) is None:
                m.lose("it is put into something that is not followed", owner, value, keeps=True)


def _put_under(
    m: Machine, owner: Dict, key: Value, value: Value, node: ast.expr, *, grown: bool, source: ast.expr | None
) -> None:
    """Follow `owner[key] = value` of a dict."""
    value = put_away(m, owner.birth, value)
    if not opens_group(value):
        feed(m, owner.birth, key, node, once=True)
    value = keyed_by(m, owner.birth, key, value, node)
    own, order = entered(m, owner.birth, key, value, node, grown=grown, source=source)
    marks = owner.marks | _held(m, owner, key, value.marks) | order | filled_by_pairs(m, owner.birth)
    key = also(m.state.settled(key), deciding(m.state.control))
    value = _raced(marked(value, m.state.control), own)
    if isinstance(value, CONTAINERS) and not isinstance(constant(key), str):
        with_it, value = with_container(m, owner, key, value, node, m.state.cells.values())
    else:
        with_it = with_entry(owner, key, value)
    _stored(m, replace(with_it, marks=marks), key, value)


def made_good(m: Machine, item: Value, marks: Marks) -> Value:
    """Return an element of what some are put into or taken out of: where some were asked for, it may be none of those.

    `marks` are those of what says which.
    """
    if isinstance(item, Listing) and item.kind == "tuple":
        parts = tuple(replace(part, element=made_good(m, part.element, marks)) for part in item.parts)
        same = all(new.element is old.element for new, old in zip(parts, item.parts, strict=True))
        return item if same else replace(item, parts=parts, root=None)
    if item.lack is None or Mark("asked", item.lack) not in marks | m.state.control:
        return item
    return replace(item, lack=replace(item.lack, seldom=True), root=None)


def _stored(m: Machine, owner: Dict | Listing, key: Value, value: Value) -> None:
    """Give a container new contents, and remember what is now found in it under a key."""
    m.state.store(owner)
    m.state.cells[owner.root or owner, key_of(key)] = value


def _replace_slice(m: Machine, owner: Value, part: ast.Slice, value: Value, node: ast.expr) -> None:
    """Follow `owner[a:b] = value`."""
    *_, step = [None if end is None else m.evaluate(end) for end in (part.lower, part.upper, part.step)]
    owner = m.latest(taken_as_list(m, owner, node) if isinstance(owner, Given) else owner)
    if not isinstance(owner, Listing):
        m.consume(value)
        if special(m, owner, "__setitem__", node, ANY, value) is None:
            m.lose("it is put into something that is not followed", owner, value, keeps=True)
        return
    more = sequence(m, value, node, "storing it")
    whole = part.lower is None and part.upper is None and step is None
    kept = () if whole else tuple(Part(Interval(ZERO, one.count.high), one.element) for one in owner.parts)
    parts = merged((*kept, *more.parts))
    if constant(step) not in (None, 1):  # one for each that was there
        parts = tuple(replace(one, count=count(owner.parts)) for one in parts)
    marks = owner.marks | derived(more.marks) | gathered(m, owner.birth, more.marks, single=False)
    apart = owner.apart and not births_in(more)
    m.state.store(replace(owner, parts=parts, apart=apart, root=None, when=None, marks=marks))


def gathered(m: Machine, birth: Birth, marks: Marks, *, single: bool = True) -> Marks:
    """Return the marks of a container into which a value with these marks is put, in each round of the loops that run.

    A loop over the results of a fan-out that puts in one value per round keeps one element per branch; more than one
    value, or a loop within that loop, does not.
    """
    running = m.loops[len(birth.loops) :]
    found: set[Mark] = set()
    for loop in running:
        alone = single and loop is running[-1]
        for mark in loop.walked:
            if mark.kind in ("mapped", "flat"):
                found.add(mark if alone else Mark("flat", mark.of))
            elif mark.kind == "order":
                found.add(mark)
    walked = {mark.of for mark in found}
    counted = {Mark("whole", mark.of) for mark in m.state.control if mark.kind == "size"}
    for mark in marks | m.state.control | counted:
        if mark.kind != "element" or mark.of not in walked:
            found.add(mark)
    return frozenset(found)


def take_in(m: Machine, owner: Dict, other: Value, node: ast.expr, source: ast.expr) -> Dict:
    """Return a dict with all entries of another one put into it here."""
    keys = other.keys if isinstance(other, Dict) and other.keys is not None else ANY
    feed(m, owner.birth, marked(keys, of_element(other.marks - deciding(other.marks))), node, once=True)
    own, order = entered(m, owner.birth, keys, other, node, source=source)
    grown = merged_dicts(owner, other)
    return replace(grown, marks=grown.marks | own | order)


def _held(m: Machine, owner: Dict, key: Value, value: Marks) -> Marks:
    """Return the marks of a dict with one more entry: under a key from a result it groups the results.

    One of several that rounds of an earlier loop have made holds what is put into that one, and gathers nothing.
    """
    if any(loop not in m.loops for loop in owner.birth.loops):
        return value | m.state.control
    grouped = grouping(key)
    marks = gathered(m, owner.birth, value)
    return frozenset(Mark("whole", mark.of) if mark.of in grouped else mark for mark in marks)


def insert(m: Machine, owner: Listing, value: Value, node: ast.AST, *, placed: bool = False) -> None:
    """Put one value into a list or set; `placed`: by what it is, whenever it comes."""
    value = put_away(m, owner.birth, m.state.settled(value))
    value = made_good(m, value, owner.marks)
    feed(m, owner.birth, value, node, once=owner.kind == "set")
    size = EXACTLY_ONE if owner.kind != "set" or _lacks(m, owner, value) else Interval(ZERO, ONE)
    part = Part(size, marked(value, m.state.control))
    marks = gathered(m, owner.birth, value.marks)
    marks = derived(marks) if placed else marks  # where it stands rests on all others
    marks |= written(m, owner.birth, node, ordered=owner.kind != "set" and not placed)
    apart = made_apart(m, value, len(m.loops), (part.element for part in owner.parts))
    grown = appended(owner, (part,), marks | filled_by_pairs(m, owner.birth), apart=apart)
    m.state.store(replace(grown, thinned=owner.thinned | _left(m, owner)), owner)


def _lacks(m: Machine, owner: Listing, value: Value) -> bool:
    """Tell whether a test has said that something is not in a set, and nothing was put into that since."""
    known = m.state.current(owner)
    lacking = known.lacking if isinstance(known, Listing) else None
    return lacking is not None and lacking[0] is owner.parts and lacking[1] is (value.root or value)


def _left(m: Machine, owner: Listing) -> frozenset[object]:
    """Return the lists whose failed entries are left out of one that is being filled, by what a loop over them asks."""
    asked = about(m.state.control, "element")
    walked = (loop.over for loop in m.loops[len(owner.birth.loops) :] if loop.kind == "for" and loop.over is not None)
    return frozenset[object]().union(*(thinned(over) for over in walked if about(over.marks, "mapped", "flat") & asked))


def extend(m: Machine, owner: Listing, more: Listing, node: ast.AST) -> None:
    """Put all elements of another list into a list or set."""
    for part in more.parts:
        feed(m, owner.birth, marked(part.element, of_element(more.marks)), node, once=owner.kind == "set")
    parts = tuple(replace(part, element=marked(part.element, m.state.control)) for part in more.parts)
    if owner.kind == "set":
        parts = tuple(replace(part, count=Interval(ZERO, part.count.high)) for part in parts)
    single = sum((part.count.high for part in more.parts), ZERO) == ONE
    marks = gathered(m, owner.birth, more.marks, single=single)
    marks |= written(m, owner.birth, node, ordered=owner.kind != "set")
    inside = [one.element for one in owner.parts]
    apart = more.apart and all(made_apart(m, part.element, len(m.loops) + 1, inside) for part in parts)
    m.state.store(appended(owner, parts, marks, apart=apart), owner)
