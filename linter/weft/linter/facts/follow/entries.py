"""What happens to dicts: reading entries, putting entries in, merging; and what a subscript gives for any value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping

from weft.linter.effort import unparsed
from weft.linter.facts.domain.amounts import ONE, ZERO, at_least
from weft.linter.facts.domain.code import Native
from weft.linter.facts.domain.contained import everything
from weft.linter.facts.domain.given import as_listing, field_of, given
from weft.linter.facts.domain.holding import ANY, IMPOSSIBLE, anything
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.joins import Join, count, element, joined
from weft.linter.facts.domain.lazily import Lazily
from weft.linter.facts.domain.lost import lost
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks, Piece, about, elsewhere, of_element
from weft.linter.facts.domain.meeting import join
from weft.linter.facts.domain.parameters import EVERY
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.state import key_of
from weft.linter.facts.domain.sums import minus
from weft.linter.facts.domain.truth import present, without_none
from weft.linter.facts.domain.values import (
    CONTAINERS,
    UNEXPLAINED,
    Bool,
    Dict,
    Field,
    Given,
    Lack,
    Listing,
    Nothing,
    Number,
    Refined,
    Seen,
    Text,
    Value,
    When,
    also,
    asked,
    constant,
    marked,
    named,
)
from weft.linter.facts.follow.classes import special
from weft.linter.facts.follow.lacking import found_under
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.memories import compare, feed, met, remembered
from weft.linter.facts.follow.races import found_by_several, is_own
from weft.linter.facts.follow.sequences import at_index, one_of_many
from weft.linter.facts.follow.totals import moving
from weft.linter.facts.follow.turns import keyed_in_turn, meet_at
from weft.linter.facts.readings import FieldRead, MissingField, NotARecord, OptionalRead
from weft.linter.record import replace

__all__ = [
    "COUNTS",
    "contained",
    "entry",
    "fields_of",
    "holding",
    "item",
    "merged_dicts",
    "missing_field",
    "perhaps",
    "provided",
    "with_container",
    "with_entry",
    "without_entry",
]

COUNTS = Native(name="collections.Counter")
"""What makes the value under a missing key of a Counter: it is 0, and is not put in."""


_ALTERED = Reason(0, "the harness makes such a list in an answer longer", "put it into a list of its own", "unknown")


def fields_of(value: Dict) -> Mapping[str, Field]:
    """Return the entries under keys that are known: those that were put in and those that the schema names."""
    if value.schema is None:
        return value.fields
    promised = value.schema.fields()
    return Lazily((*promised, *value.fields), lambda name: value.fields.get(name) or promised[name])


def with_entry(target: Dict, key: Value, value: Value) -> Dict:
    """Return a dict with one more entry."""
    name, apart = constant(key), target.apart and not _may_hold(target, value)
    if isinstance(name, str):
        return replace(target, fields={**target.fields, name: Field(value)}, apart=apart, root=None, when=None)
    join = Join()
    return replace(
        target,
        apart=apart,
        fields=target.fields if isinstance(key, (Bool, Number)) else _perhaps(join, target.fields, lambda name: value),
        keys=key if target.keys is None else join(target.keys, key),
        values=value if target.values is None else join(target.values, value),
        rest=target.rest
        if _key(key) in target.present
        else Interval(ONE if target.values is None else target.rest.low, target.rest.high + ONE),
        present=target.present | {_key(key)},
        root=None,
        when=None,
    )


def _may_hold(target: Dict, value: Value) -> bool:
    """Tell whether a container may be in a dict already."""
    known = [*(one.value for one in target.fields.values()), *([] if target.values is None else [target.values])]
    return isinstance(value, CONTAINERS) and any(
        one.birth.may_be(value.birth) for one in known if isinstance(one, CONTAINERS)
    )


def with_container(
    m: Machine, target: Dict, key: Value, value: Listing | Dict | Seen, node: ast.AST, held: Iterable[Value]
) -> tuple[Dict, Value]:
    """Return a dict with one more entry under a key that is not known, and the entry: another one for each key.

    Args:
        m: Follows the harness.
        target: The dict.
        key: The key.
        value: The container that is put in.
        node: Where that happens.
        held: All that may hold the container already.
    """
    alone = not any(isinstance(one, CONTAINERS) and one.birth.may_be(value.birth) for one in everything(*held))
    first = target.values is None
    entry: Value = value
    if alone:
        entry = one_of_many(m, node, value) if target.values is None else _or_made(target.values, value)
    grown = with_entry(target, key, entry)
    return replace(grown, apart=alone and (first or target.apart)), entry


def perhaps(target: Dict, grown: Dict) -> Dict:
    """Return a dict that has got an entry, or is as it was."""
    fields = {
        name: _over(Join(), target.fields.get(name), replace(new, sure=False)) for name, new in grown.fields.items()
    }
    rest = Interval(target.rest.low, grown.rest.high)
    return replace(grown, fields=fields, rest=rest, present=target.present)


def holding(target: Dict, key: Value) -> Dict:
    """Return a dict of which it is known that a key is in it."""
    return replace(target, present=target.present | {_key(key)})


def _key(key: Value) -> object:
    name = constant(key)
    return name if isinstance(name, str) else key.root or key


def without_entry(target: Dict, key: Value | None, *, surely: bool = False) -> Dict:
    """Return a dict from which an entry was taken, or any entry where its key is not known; `surely`: it was there."""
    name = constant(key)
    fields = {
        one: Field(entry.value, entry.sure and isinstance(name, str) and one != name)
        for one, entry in fields_of(target).items()
        if one in target.fields or one == name or not isinstance(name, str)
    }
    fewer = surely and not isinstance(name, str) and not fields_of(target)
    rest = Interval(ZERO, minus(target.rest.high, ONE) if fewer else target.rest.high)
    return replace(target, fields=fields, rest=rest, present=frozenset[object](), root=None, when=None)


def merged_dicts(target: Dict, other: Value) -> Dict:
    """Return a dict with all entries of another one, which go before its own."""
    marks = target.marks | other.marks
    join = Join()
    if not isinstance(other, Dict):
        fields = _perhaps(join, target.fields, lambda name: _unknown_entry(other, name))
        values = anything("it comes from something that is not followed", other)
        return replace(target, fields=fields, values=values, open=True, marks=marks, root=None)
    over = {key: _over(join, target.fields.get(key), entry) for key, entry in other.fields.items()}
    fields = dict(target.fields)
    if other.values is not None or other.open:
        rest = other.values if other.values is not None and not other.open else ANY
        fields = _perhaps(join, fields, lambda name: rest)
    return replace(
        target,
        fields={**fields, **over},
        apart=other.apart if not target.fields and target.values is None else False,
        schema=other.schema or target.schema,
        keys=_either(join, target.keys, other.keys),
        values=_either(join, target.values, other.values),
        rest=Interval(target.rest.low, target.rest.high + other.rest.high),
        open=target.open or other.open or (other.schema is not None and target.schema is not None),
        marks=marks,
        root=None,
    )


def _perhaps(join: Join, fields: Mapping[str, Field], value: Callable[[str], Value]) -> dict[str, Field]:
    """Return entries each of which may have been replaced."""
    return {name: Field(join(entry.value, value(name)), entry.sure) for name, entry in fields.items()}


def _unknown_entry(value: Value, name: str) -> Value:
    return field_of(value, name) if isinstance(value, Given) else ANY


def _over(join: Join, old: Field | None, new: Field) -> Field:
    return new if old is None or new.sure else Field(join(old.value, new.value), old.sure)


def _either(join: Join, a: Value | None, b: Value | None) -> Value | None:
    return join(a, b) if a is not None and b is not None else a or b


def item(m: Machine, value: Value, index: Value, node: ast.Subscript) -> Value:
    """Return what `value[index]` gives."""
    match value:
        case Listing(kind="list" | "tuple") if isinstance(index, Text) and index.sure:
            if not m.frame.guarded:
                m.note(NotARecord(node, node.value, f"[{unparsed(node.slice)}]", value))
            return IMPOSSIBLE
        case Listing():
            return at_index(m, value, index, node)
        case Dict(factory=factory) if factory is COUNTS and not _has(value, index):
            known = [] if value.values is None else [entry(m, replace(value, factory=None), index, node.slice)]
            return joined([Number(low=ZERO, high=ZERO, marks=value.marks | index.marks), *known])
        case Dict(factory=factory) if factory is not None and not _has(value, index):
            m.rest(value.marks, "waited", "filled")
            feed(m, value.birth, index, node)
            found = provided(m, value, index, node, lambda: m.apply(factory, node))
            return also(found, frozenset(mark for mark in index.marks if mark.kind == "asked"))
        case Dict():
            return entry(m, value, index, node.slice)
        case Given():
            meet_at(m, as_listing(value), index, node)
            key = constant(index)
            if isinstance(key, str):
                return field_of(value, key)
            return marked(given((*value.path, EVERY if key is None else str(key)), None), value.marks | index.marks)
        case Text() if isinstance(index, Text) and _text_as_record(m, value, node):
            return IMPOSSIBLE
        case Text():
            return Text(marks=value.marks | index.marks, most=1)
    own = special(m, value, "__getitem__", node, index)
    return own if own is not None else anything(f"{unparsed(node)} is not followed", value)


def _text_as_record(m: Machine, value: Text, node: ast.Subscript) -> bool:
    """Take note that an agent's text is used as a dict; tell whether it surely is one."""
    certain = value.sure and value.lack is None and bool(about(value.marks, "answer"))
    if certain and not m.frame.guarded:
        m.note(NotARecord(node, node.value, f"[{unparsed(node.slice)}]", value))
    return certain


def entry(m: Machine, value: Dict, key: Value, node: ast.expr, lack: Lack | None = None) -> Value:
    """Return a dict's entry; `lack` says why there may be none where it is asked for with `get`.

    What is read out is remembered: reading it again gives the same value, of which tests may have said more by then.
    """
    name = constant(key)
    if isinstance(name, str) and about(value.marks, "says"):
        m.note(FieldRead(node, value, name))
    place = (value.root or value, key_of(key))
    if lack is None and value.values is not None and value.factory is None:
        m.state.learn([Refined(value, holding(value, key))])
    known = m.read(place)
    if known is not None:
        there = known.lack is not None and value.birth in key.finds
        return replace(known, lack=None, root=known.root or known) if there else known
    found = _named_entry(m, value, name, node, lack) if isinstance(name, str) else _any_entry(m, value, key, node, lack)
    if is_own(m, value.birth, node):
        found = named(found, marks=frozenset(mark for mark in found.marks if mark.kind not in ("raced", "met")))
    found = m.state.current(found) if isinstance(found, Given) else found
    if found.lack is not None and value.birth in key.finds:
        found = replace(found, lack=None)
    if found.lack is not None or isinstance(found, (Dict, Listing)):
        m.state.cells[place] = found
    return found


def _named_entry(m: Machine, value: Dict, name: str, node: ast.expr, lack: Lack | None) -> Value:
    known = fields_of(value).get(name)
    if known is not None:
        kept = name in value.fields
        if not kept and isinstance(known.value, Listing) and known.value.birth.promised in m.state.altered:
            known = replace(known, value=lost(known.value, _ALTERED))
        if lack is None and not kept and not known.sure:
            _optional_read(m, value, name, node)
        own = of_element(value.marks) if kept else value.marks | _made(value, name, known.value, node)
        found = also(known.value, own) if kept else named(known.value, marks=own)
        return found if known.sure or lack is None else replace(found, lack=found.lack or UNEXPLAINED, root=None)
    if value.values is not None:
        return _lacking(value.values, _looked_up(value.marks), lack)
    missing = missing_field(m, value, name, node, asked=lack is not None)
    if missing and lack is None:
        return IMPOSSIBLE
    if lack is not None and not value.open and (value.schema is None or (missing and m.keying)):
        made = Mark("made", Piece(node, value.schema, name))
        return Nothing(lack=lack, marks=frozenset((made,)) if missing else NO_MARKS)
    return anything(f'the entry "{name}" is not known', value)


def _made(value: Dict, name: str, field: Value, node: ast.expr) -> Marks:
    """Return the marks of what is made of a field of an answer."""
    made = isinstance(field, (Text, Number)) and constant(field) is None
    return frozenset((Mark("made", Piece(node, value.schema, name)),)) if made else NO_MARKS


def _optional_read(m: Machine, value: Dict, name: str, node: ast.expr) -> None:
    """Take note that a field is read which an answer may leave out."""
    asked = any(isinstance(owner, Dict) and owner.birth is value.birth and key == name for owner, key in m.state.cells)
    found = asked or name in value.present or name in m.written_keys or m.frame.keyed
    if value.schema is not None and value.schema.optional(name) and not found:
        m.note(OptionalRead(node, name, f"{value.schema.name}{value.schema.path}"))


def _any_entry(m: Machine, value: Dict, key: Value, node: ast.expr, lack: Lack | None) -> Value:
    """Return an entry under a key that is not known, or that is one of several."""
    options = key.options if isinstance(key, Text) else frozenset[str]()
    if m.keying and lack is None and _key(key) not in value.present:  # a key is made of all of them
        for name in sorted(options - fields_of(value).keys()):
            missing_field(m, value, name, node)
    if options and options <= fields_of(value).keys():
        one = joined(_named_entry(m, value, name, node, lack) for name in sorted(options))
        return _lacking(one, elsewhere(key.marks), None)
    found = [entry.value for entry in fields_of(value).values()] + ([] if value.values is None else [value.values])
    own_key = Mark("key", value.birth) in key.marks or keyed_in_turn(m, value, key)
    marks = (of_element(value.marks) if own_key else _looked_up(value.marks)) | elsewhere(key.marks)
    marks |= met(key, frozenset((Mark("memory", value.birth),)))
    if not found and not value.open and lack is not None:
        return Nothing(lack=lack, marks=marks)
    if not found or value.open:
        return anything("an entry under a key that is not known", marks=marks)
    join, result = Join(), found[0]
    for other in found[1:]:
        result = join(result, other)
    return _lacking(result, marks, None if own_key else lack)


def _lacking(value: Value, marks: Marks, lack: Lack | None) -> Value:
    found = named(value, marks=value.marks | marks)
    return found if lack is None else replace(found, lack=found.lack or lack)


def _looked_up(marks: Marks) -> Marks:
    """Return what the marks of a dict say about an entry that is looked up by a key from elsewhere."""
    kept = (mark for mark in marks if mark.kind != "order")
    return frozenset(Mark("whole", mark.of) if mark.kind in ("mapped", "flat") else mark for mark in kept)


def _has(value: Dict, key: Value) -> bool:
    return constant(key) in value.fields


def provided(m: Machine, value: Dict, key: Value, node: ast.AST, make: Callable[[], Value]) -> Value:
    """Return the entry under a key; where there is none yet, one is made and put in."""
    name = constant(key)
    known = value.fields.get(name) if isinstance(name, str) else None
    if known is not None:
        return known.value
    held, without = tuple(m.state.cells.values()), m.state.fork()
    made = make()
    if value.values is not None:
        m.state = join([without, m.state])
    if name is None and isinstance(made, CONTAINERS):
        grown, made = with_container(m, value, key, made, node, held)
    else:
        made = made if value.values is None else joined([value.values, made])
        grown = with_entry(value, key, made)
    moving(m, value, made, lambda: m.state.store(grown))
    found_by_several(m, value.birth, key, made)
    return marked(made, frozenset(mark for mark in key.marks if mark.kind == "item"))


def _or_made(there: Value, made: Value) -> Value:
    """Return an entry that was there, or has just been made.

    Where those that are there were made as large, they stay the same, so that together only so much is in them as is
    put in.
    """
    match there, made:
        case Listing(), Listing() if at_least(there.birth.each, count(made.parts).high):
            item = element(made)
            if item is None:
                return there
            return replace(
                there, parts=tuple(replace(part, element=joined([part.element, item])) for part in there.parts)
            )
        case Dict(), Dict() if there.fields.keys() == made.fields.keys() and made.values is None and not made.open:
            fields = {
                name: replace(one, value=_or_made(one.value, made.fields[name].value))
                for name, one in there.fields.items()
            }
            return replace(there, fields=fields)
    return joined([there, made])


def missing_field(m: Machine, value: Dict, name: str, node: ast.expr, *, asked: bool = False) -> bool:
    """Take note that a field is read that a schema does not name; tell whether that is so.

    `asked`: something else is given where it is not there. A key that was tested to be there is not read in vain, and
    one whose absence is caught in a key function is another way to tell items apart.
    """
    schema = value.schema or value.named
    if schema is None or schema.open or value.open or value.values is not None or name in m.written_keys:
        return False
    if name in value.present or (m.keying and m.frame.keyed):
        return False
    m.note(MissingField(node, name, tuple(fields_of(value)), f"{schema.name}{schema.path}", bool(m.keying), asked))
    return True


def _asked(m: Machine, box: Dict, key: str, node: ast.expr) -> None:
    if key not in fields_of(box) and not m.keying:
        missing_field(m, box, key, node)


def contained(m: Machine, item: Value, box: Value, node: ast.expr) -> Bool:
    """Return what `item in box` gives."""
    special(m, box, "__contains__", node, item)
    key, when = constant(item), When()
    if isinstance(box, Dict):
        if isinstance(key, str):
            _asked(m, box, key, node)
        when = When((Refined(box, holding(box, item)),), ())
    if isinstance(box, Listing) and isinstance(item, Nothing):
        when = When((), without_none(box))
    elif isinstance(box, Listing) and box.indexes:
        reads = found_under(m.state, box.indexes, item)
        when = When((), tuple(present(read) for read in reads if read.lack is not None))
    elif isinstance(box, Listing) and box.kind == "set":
        when = When((), (Refined(box, replace(box, lacking=(box.parts, _key(item)))),))
    marks = remembered(m, box)
    compare(m, item, box, node)
    told = met(item, marks)
    if told:  # which of several branches claims it is told of the memory
        marks = frozenset(mark for mark in marks if mark.kind != "raced")
    none = [part.element for part in box.parts] if isinstance(box, Listing) and isinstance(item, Nothing) else []
    return Bool(marks=marks | item.marks | told | asked(*none), when=when)
