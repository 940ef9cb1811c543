"""What happens to lists: reading elements, concatenating, and seeing other values as lists. Slices are in `slices`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from weft.linter.effort import unparsed
from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, Symbol, number, of
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Class
from weft.linter.facts.domain.contained import births_in, deep_marks, everything, rebuilt
from weft.linter.facts.domain.given import as_listing
from weft.linter.facts.domain.holding import ANY, IMPOSSIBLE
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval, lowest, some
from weft.linter.facts.domain.joins import PARTS_KEPT, count, element, joined, merged
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks, Piece, about, elsewhere, of_element, reduced
from weft.linter.facts.domain.pairing import drawn, paired
from weft.linter.facts.domain.refit import rebased
from weft.linter.facts.domain.sizes import characters
from weft.linter.facts.domain.state import State, key_of
from weft.linter.facts.domain.sums import minus
from weft.linter.facts.domain.values import (
    CONTAINERS,
    Dict,
    Given,
    Kind,
    Lack,
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
from weft.linter.facts.events import SetOrder
from weft.linter.facts.follow.classes import special
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.turns import in_turn, meet_at
from weft.linter.record import replace

__all__ = [
    "appended",
    "at_index",
    "begins_with",
    "concatenated",
    "copied",
    "distinct",
    "elements_of",
    "filled_by_pairs",
    "handed_on",
    "keys_of",
    "length_of_text",
    "listing",
    "made_apart",
    "one_of_many",
    "outlives",
    "perhaps_less",
    "read_at",
    "remembers",
    "renewed",
    "sequence",
    "spelled_out",
    "taken",
    "thinned",
    "walked",
]


def listing(m: Machine, node: ast.AST, *parts: Part, kind: Kind = "list", marks: Marks = frozenset()) -> Listing:
    """Return a new list made here."""
    return Listing(
        kind=kind, parts=parts if len(parts) <= PARTS_KEPT else merged(parts), birth=m.birth(node), marks=marks
    )


def one_of_many(m: Machine, node: ast.AST, value: Value) -> Value:
    """Return a new container as one of several that are made here."""
    if not isinstance(value, CONTAINERS):
        return value
    each = count(value.parts).high if isinstance(value, Listing) else ZERO
    return named(value, birth=replace(m.birth(node, shared=True), each=each))


def sequence(m: Machine, value: Value, node: ast.expr, use: str = "iterating it") -> Listing:
    """Return any value seen as the list of what iterating it gives."""
    if m.misuse(value, "iterated"):
        value = IMPOSSIBLE
    m.rest(value.marks, "filled")
    value = m.require(value, node, use)
    own = special(m, value, "__iter__", node)
    if isinstance(own, Listing):
        return own
    match value:
        case Listing(kind="set"):
            return replace(value, kind="iterator", marks=value.marks | {Mark("order", _order(value, node))}, root=None)
        case Listing():
            _use_up(m, value)
            return value
        case Given():
            return as_listing(value)
        case Dict():
            return keys_of(m, value, node)
        case Class(node=definition):
            members = [s for s in definition.body if isinstance(s, ast.Assign)]
            return listing(m, node, *(Part(EXACTLY_ONE, marked(ANY, value.marks)) for _ in members), kind="iterator")
        case Text(const=str(const)) if len(const) <= PARTS_KEPT:
            letters = [Part(EXACTLY_ONE, Text(const=letter, words=letter, tokens=ONE, most=1)) for letter in const]
            return listing(m, node, *letters, kind="iterator", marks=value.marks)
        case Text():
            size = Interval(number(len(value.const or "")), length_of_text(value, node))
            letter = Text(marks=value.marks | {Mark("letter", node)}, most=1)
            return listing(m, node, Part(size, letter), kind="iterator", marks=value.marks)
    why = f"the length of {unparsed(node)} is not known"
    part = Part(some(why, node.lineno, value.marks), marked(ANY, value.marks))
    return listing(m, node, part, kind="iterator", marks=value.marks)


def _use_up(m: Machine, source: Listing) -> None:
    """Take note that an iterator is walked: whoever walks it again may find nothing left."""
    if source.kind != "iterator" or all(part.count.low == ZERO for part in source.parts):
        return
    if m.held_inside(m.state, source.birth) is not None:
        m.state.store(replace(source, parts=perhaps_less(source.parts), root=None, when=None))


def perhaps_less(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return stretches of a list of which any element may be missing."""
    return tuple(Part(Interval(ZERO, part.count.high), part.element) for part in parts)


def distinct(parts: tuple[Part, ...], *, known: bool = True) -> tuple[Part, ...]:
    """Return what is there of these without repeats: constants once, where they tell, and what may equal another."""
    single = [part for part in parts if known and part.count == EXACTLY_ONE]
    values = {(isinstance(value, bool), value): part for part in reversed(single) if (value := constant(part.element))}
    sure = {id(part) for part in values.values()}
    found: list[Part] = []
    for part in parts:
        if id(part) in sure:
            found.append(part)
        elif part not in single or not constant(part.element):
            low = ZERO if sure or found else lowest(part.count.low, ONE)
            found.append(Part(Interval(low, part.count.high), part.element))
    return tuple(found)


def length_of_text(value: Text, node: ast.AST) -> Amount:
    """Return how many characters a text has at most."""
    most = characters(value)
    if most is not None:
        return number(most)
    spelled = NO_MARKS if about(value.marks, "says") else IMPOSSIBLE.marks  # an argument in the place of a list
    return some(f"the length of {unparsed(node)} is not known", getattr(node, "lineno", 0), spelled).high


def _order(value: Listing, node: ast.expr) -> SetOrder:
    members = [part.element for part in value.parts]
    numbers = bool(members) and all(isinstance(member, Number) for member in members)
    sortable = all(isinstance(member, (Number, Text, Given)) for member in members)
    return SetOrder(node, numbers, sortable)


def keys_of(m: Machine, value: Dict, node: ast.AST) -> Listing:
    """Return the keys of a dict."""
    marks = value.marks | remembers(m, value.birth) | {Mark("drawn", value.birth)}
    own = frozenset((value.birth,))
    result = replace(listing(m, node, kind="view", marks=marks), reads=own, indexes=own)
    return replace(result, parts=_entries(value, result.birth, lambda key, entry: key))


def elements_of(m: Machine, value: Dict, node: ast.AST, *, pairs: bool) -> Listing:
    """Return the values of a dict, or its pairs of key and value."""
    marks = value.marks | remembers(m, value.birth) | {Mark("drawn", value.birth)}
    result = replace(listing(m, node, kind="view", marks=marks), apart=value.apart)
    whole = NO_MARKS if value.schema is None else frozenset((Mark("made", Piece(node, value.schema, None)),))

    def made(key: Value, entry: Value) -> Value:
        entry = marked(entry, of_element(value.marks) | whole)
        return listing(m, node, Part(EXACTLY_ONE, key), Part(EXACTLY_ONE, entry), kind="tuple") if pairs else entry

    indexes = frozenset((value.birth,) if pairs else ())
    parts = _entries(value, result.birth, made)
    return replace(result, parts=parts, indexes=indexes, sums=None if pairs else (parts, value.birth))


def _entries(value: Dict, owner: Birth, make: Callable[[Value, Value], Value]) -> tuple[Part, ...]:
    fields = {**(value.schema.fields() if value.schema is not None else {}), **value.fields}
    group = _grouped(value, owner)
    parts = [
        Part(EXACTLY_ONE if one.sure else Interval(ZERO, ONE), make(Text(const=key), group(one.value)))
        for key, one in fields.items()
    ]
    if value.values is not None:
        key = marked(handed_on(value.keys or Text(), value.birth, owner), frozenset((Mark("key", value.birth),)))
        entry = handed_on(value.values, value.birth, owner)
        parts.append(Part(value.rest, make(key, group(entry))))
    if value.open or (value.schema is not None and value.schema.open):
        parts.append(Part(some("the keys of a dict are not known", value.birth.line), make(Text(), ANY)))
    return tuple(parts) if len(parts) <= PARTS_KEPT else merged(tuple(parts))


def _grouped(box: Dict, owner: Birth) -> Callable[[Value], Value]:
    """Return what makes an entry one of those that a dict has for its keys.

    Lists that were made for one key each are together as long as all that was put into any of them.
    """
    known: dict[Birth, Amount] = {}
    inside = [(one.value, ONE) for one in box.fields.values()]
    inside += [] if box.values is None else [(box.values, box.rest.high)]

    def group(value: Value) -> Value:
        if not box.apart or not isinstance(value, Listing) or not value.birth.counts_together:
            return value
        size, each, item = count(value.parts).high, value.birth.each, element(value)
        keys = sum((times for one, times in inside if isinstance(one, Listing) and one.birth is value.birth), ZERO)
        total = size if each == ZERO else keys * each + minus(size, each)
        if total.reasons or item is None:
            return value
        symbol = known.setdefault(value.birth, of(Symbol("group", most=size, total=total, owner=owner)))
        return replace(value, parts=(Part(Interval(ZERO, symbol), item),), root=None)

    return group


def taken(m: Machine, source: Listing, index: int | None = None) -> Value:
    """Return one element of a list: any, or the one at an index that is known."""
    exact = index is not None and begins_with(source, index + 1 if index >= 0 else len(source.parts))
    exact = exact and index is not None and index >= -len(source.parts)
    found = source.parts[index].element if exact and index is not None else element(source) or ANY
    found = m.state.current(found) if isinstance(found, Given) else found
    inside = about(deep_marks(found), "element")
    marks = frozenset(mark for mark in of_element(source.marks) if mark.kind != "element" or mark.of not in inside)
    marks |= remembers(m, source.birth)
    if exact and source.kind == "tuple":
        return also(found, marks)
    return named(found, marks=found.marks | marks)


def walked(m: Machine, source: Listing, index: Amount, loop: object) -> Value:
    """Return the element that a loop takes in the round with this index."""

    def this_round(symbol: Symbol) -> Amount:
        return index if symbol.name == "position" else of(replace(symbol, owner=loop))

    return rebased(taken(m, source), source.birth, this_round)


def renewed(m: Machine, item: Value, begun: State, *, apart: bool) -> Value:
    """Return an element in which lists and dicts are as rounds have left them since a loop has begun.

    What each element has one of its own of stays as it was, unless all of these count together.
    """

    def change(value: Value) -> Value | None:
        followed = isinstance(value, (Listing, Dict)) and m.is_followed(value)
        if not isinstance(value, (Listing, Dict)) or (apart and not followed):
            return None
        now, then = (_as_held(m, state, value.birth) for state in (m.state, begun))
        if all(any(one is before for before in then) for one in now) or not (then or followed):
            return None
        new = now[0] if len(now) == 1 else joined([value, *now])
        return named(new, lack=value.lack, marks=new.marks | value.marks, birth=value.birth)

    return rebuilt(item, change, {}) if births_in(item) else item


def _as_held(m: Machine, state: State, birth: Birth) -> list[Listing | Dict]:
    """Return a list or dict as it is held; where no variable holds it for certain, all that it may be."""
    held = m.held_inside(state, birth)
    if held is not None:
        return [held]
    meant = birth.either | {birth}
    named_here = (value for (owner, _), value in state.cells.items() if not isinstance(owner, Value))
    holding = [value for value in named_here if not meant.isdisjoint(births_in(value))]
    return [one for one in everything(*holding) if isinstance(one, (Listing, Dict)) and one.birth.may_be(birth)]


def copied(
    m: Machine, source: Listing, node: ast.AST, kind: Kind = "list", *, whole: bool = False, **changes: Any
) -> Listing:
    """Return a new list with the same elements, or fewer; a `whole` copy is of the same class too."""
    birth = m.birth(node)
    if whole:
        birth = replace(birth, promised=source.birth.promised)
    parts = changes.pop("parts", source.parts)
    kept = tuple(replace(part, element=handed_on(part.element, source.birth, birth)) for part in parts)
    apart: dict[str, Any] = {"along": frozenset(), "thinned": frozenset(), "reads": frozenset(), "told": {}}
    apart |= {"columns": (), "lost": (), "marks": source.marks} | changes
    apart["marks"] |= remembers(m, source.birth) | drawn(source)
    return replace(source, kind=kind, parts=kept, birth=birth, root=None, when=None, **apart)


def handed_on(value: Value, old: object, new: Birth) -> Value:
    """Return an element of one list as an element of another that has the same elements, or fewer."""
    return rebased(value, old, lambda symbol: of(replace(symbol, owner=new)))


def outlives(m: Machine, birth: Birth) -> bool:
    """Tell whether a container was made before the innermost loop or branch that runs; an answer is of its own."""
    return (birth.loops != tuple(m.loops) or birth.branches < len(m.branches)) and birth.promised is None


def filled_by_pairs(m: Machine, birth: Birth) -> Marks:
    """Return the mark of what is given something in two loops over one list, which began after it was made."""
    return paired([loop.over for loop in m.loops[len(birth.loops) :] if loop.kind == "for" and loop.over is not None])


def remembers(m: Machine, birth: Birth) -> Marks:
    """Return the mark of what a container holds, and of what is made of it, if it is a memory."""
    return frozenset((Mark("memory", birth),)) if outlives(m, birth) else NO_MARKS


def thinned(source: Listing) -> frozenset[object]:
    """Return the lists of which a list has lost entries when those that failed are taken out of another."""
    failing = any(mark.kind in ("mapped", "flat") for mark in source.marks)
    return source.thinned | source.positions if failing else source.thinned


def spelled_out(source: Listing) -> bool:
    """Tell whether each element of a list is known by itself."""
    return all(part.count == EXACTLY_ONE for part in source.parts)


def begins_with(source: Listing, size: int) -> bool:
    """Tell whether each of the first so many elements of a list is known by itself."""
    return len(source.parts) >= size and all(part.count == EXACTLY_ONE for part in source.parts[:size])


def at_index(m: Machine, source: Listing, index: Value, node: ast.Subscript) -> Value:
    """Return the element at an index.

    What is read out is remembered: reading it again gives the same value, of which tests may have said more by then.
    """
    position = index.exact if isinstance(index, Number) else None
    meet_at(m, source, index, node)
    return read_at(m, source, key_of(index), lambda: _at_index(m, source, index, position))


def read_at(m: Machine, source: Listing, key: object, read: Callable[[], Value]) -> Value:
    """Return an element; one that was read there before is the same, of which tests may have said more by now."""
    cell = (source.root or source, key)
    known = m.read(cell)
    if known is None:
        known = read()
        if _may_be_tested(known):
            m.state.cells[cell] = known
    return known


def _may_be_tested(value: Value) -> bool:
    """Tell whether a test may say more about a value, or about something in it."""
    match value:
        case Value(lack=Lack()):
            return True
        case Listing(kind="tuple", parts=parts):
            return any(_may_be_tested(part.element) for part in parts)
        case Dict(schema=schema, fields=fields):
            return schema is not None or any(_may_be_tested(entry.value) for entry in fields.values())
    return False


def _at_index(m: Machine, source: Listing, index: Value, position: int | None) -> Value:
    found = taken(m, source, position)
    marks = found.marks | {mark for mark in source.marks if mark.kind == "order"}
    if not in_turn(m, source, index):
        marks = frozenset(_as_whole(mark, source.marks) for mark in marks)
    lack = None if source.birth in index.finds else found.lack
    marks = (reduced(marks) if isinstance(found, Text) else marks) | elsewhere(index.marks)
    return replace(found, lack=lack, marks=marks)


def _as_whole(mark: Mark, source: Marks) -> Mark:
    lists = about(source, "mapped", "flat")
    return Mark("whole", mark.of) if mark.kind == "element" and mark.of in lists else mark


def appended(source: Listing, more: tuple[Part, ...], marks: Marks, *, apart: bool = False) -> Listing:
    """Return a list with more stretches at its end; `apart`: no container that is put in is in it already."""
    if source.birth.shared:
        more = tuple(replace(part, count=Interval(ZERO, part.count.high)) for part in more)
    parts = (*source.parts, *more)
    if len(parts) > PARTS_KEPT:
        parts = merged(parts)
    grown = replace(source, parts=parts, marks=source.marks | marks, node=None, root=None, when=None)
    apart = apart and (source.apart or not source.parts)
    return replace(grown, apart=apart, kept_from=None, lost=(), columns=())


def made_apart(m: Machine, value: Value, depth: int, held: Iterable[Value]) -> bool:
    """Tell whether all containers in a value were made in this round of loops that are so deep, or are one for all.

    `held` is what may hold them already.
    """
    inside = [one for one in births_in(value) if one.loops or one.shared or one.promised is not None]
    if not inside:
        return True
    running = tuple(m.loops)
    made = all(len(one.loops) >= depth and one.loops[: len(running)] == running and not one.shared for one in inside)
    return made and not any(not births_in(one).isdisjoint(inside) for one in held)


def concatenated(m: Machine, node: ast.AST, lists: list[Listing], kind: Kind = "list") -> Listing:
    """Return several lists one after the other."""
    parts = [part for one in lists for part in one.parts]
    marks = NO_MARKS.union(*(one.marks | remembers(m, one.birth) for one in lists))
    return listing(m, node, *parts, kind=kind, marks=marks)
