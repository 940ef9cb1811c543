"""What is known of a value that comes from one of two paths.

A `Join` keeps its results, so that names that meant one object on both paths still mean one object afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from functools import reduce

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import ZERO, Amount, maximum, minimum, number
from weft.linter.facts.domain.code import (
    CALLABLE,
    Class,
    Coroutine,
    Either,
    Function,
    Instance,
    Module,
    Native,
    Partial,
)
from weft.linter.facts.domain.contained import children
from weft.linter.facts.domain.given import as_listing, as_number
from weft.linter.facts.domain.holding import ANY, anything, held
from weft.linter.facts.domain.intervals import Interval, hull
from weft.linter.facts.domain.lazily import Lazily
from weft.linter.facts.domain.marks import Marks
from weft.linter.facts.domain.values import (
    Bool,
    Declared,
    Dict,
    Field,
    Given,
    Lack,
    Listing,
    Nothing,
    Number,
    Part,
    Round,
    Seen,
    Text,
    Unknown,
    Value,
)
from weft.linter.record import record, replace

__all__ = ["PARTS_KEPT", "Join", "OneOf", "count", "element", "joined", "merged"]

PARTS_KEPT = 32
"""How many stretches of a list are told apart; more are joined to one."""

_OPTIONS = 12
"""How many functions or objects are told apart; one of more is unknown."""
_DEPTH = 12
"""How deep values are compared; what lies deeper is unknown."""


def count(parts: Iterable[Part]) -> Interval:
    """Return how many elements the stretches have together."""
    sizes = [part.count for part in parts]
    if len(sizes) == 1:
        return sizes[0]
    return Interval(sum((size.low for size in sizes), ZERO), sum((size.high for size in sizes), ZERO))


def merged(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the stretches as one, unless there is none."""
    if len(parts) < 2:
        return parts
    return (Part(count(parts), joined(part.element for part in parts)),)


def element(listing: Listing) -> Value | None:
    """Return what any element looks like; `None` when there is none."""
    return joined(part.element for part in listing.parts) if listing.parts else None


_PLAIN = (Text, Number, Bool, Listing, Dict, Given)


def joined(values: Iterable[Value]) -> Value:
    """Return what is known of a value that is one of these."""
    join, found = Join(), [*values]
    while len(found) > 1:  # by pairs: what grows with each value that is joined grows along few of them
        pairs = zip(found[::2], found[1::2], strict=False)
        found = [*(join(a, b) for a, b in pairs), *found[len(found) // 2 * 2 :]]
    return found[0] if found else ANY


class Join:
    """Joins values pairwise."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[Value, Value, Value]] = {}
        self._depth = 0

    def __call__(self, a: Value, b: Value) -> Value:
        """Return what is known of a value that is either `a` or `b`."""
        if a is b:
            return a
        known = self._known.get((id(a), id(b)))
        if known is None:
            spend(2 + len(a.marks) + len(b.marks))
            self._depth += 1
            result = self._join(a, b) if self._depth < _DEPTH else _same(self, a, b)
            self._depth -= 1
            known = self._known[id(a), id(b)] = (result, a, b)  # keeps a and b alive, so that their ids stay theirs
        return known[0]

    def _join(self, a: Value, b: Value) -> Value:
        if a.root is not None and a.root is b.root:
            return a if a.lack is None and b.lack is None else a.root
        marks, lack = a.marks | b.marks, lacks(a, b)
        if isinstance(a, Nothing) or isinstance(b, Nothing):
            present = b if isinstance(a, Nothing) else a
            return replace(present, marks=marks, lack=lack, when=None, root=None)
        if isinstance(a, Given) != isinstance(b, Given):
            a, b = _like(a, b), _like(b, a)
        if type(a) is not type(b):
            return self._across(a, b, marks, lack)
        result = _JOINS.get(type(a), _same)(self, a, b)
        return replace(result, marks=marks, lack=lack, finds=a.finds & b.finds, when=None, root=None)

    def _across(self, a: Value, b: Value, marks: Marks, lack: Lack | None) -> Value:
        for call, other in ((a, b), (b, a)):
            if isinstance(call, Coroutine) and isinstance(other, _PLAIN):
                otherwise = _optional(self, call.otherwise, other)
                return replace(call, marks=marks, otherwise=otherwise, when=None, root=None)
        if isinstance(a, CALLABLE) and isinstance(b, CALLABLE):
            return _either(self, a, b)
        if isinstance(a, (Bool, Number)) and isinstance(b, (Bool, Number)):
            return Number(low=None, high=_ends(a, b), whole=False, marks=marks, lack=lack)
        why = next((value.why for value in (a, b) if isinstance(value, Unknown)), Unknown().why)
        return Unknown(why=why, marks=marks | held(a) | held(b), lack=lack)


def lacks(a: Value, b: Value) -> Lack | None:
    """Return why one of two values may be None; what has a reason goes first, and it is seldom if one is."""
    possible = [value.lack for value in (a, b) if value.lack is not None]
    return min(possible, key=lambda lack: (not lack.why, lack.line, not lack.seldom), default=None)


def _ends(a: Value, b: Value) -> Amount:
    highs = [value.high for value in (a, b) if isinstance(value, Number)]
    return maximum(*highs, number(1))


def _like(value: Value, other: Value) -> Value:
    """Return an argument of the run as the kind of value that stands in for it when it is left out."""
    if not isinstance(value, Given):
        return value
    if isinstance(other, Listing):
        return as_listing(value)
    if isinstance(other, Number):
        return as_number(value)
    return Text(marks=value.marks, lack=value.lack, sure=False) if isinstance(other, Text) else value


def _same(join: Join, a: Value, b: Value) -> Value:
    return anything("it is one of several things", marks=held(a) | held(b))


def _bool(join: Join, a: Bool, b: Bool) -> Value:
    return Bool(const=a.const if a.const is b.const else None)


def _number(join: Join, a: Number, b: Number) -> Value:
    low = None if a.low is None or b.low is None else minimum(a.low, b.low)
    return Number(low=low, high=maximum(a.high, b.high), whole=a.whole and b.whole)


def _text(join: Join, a: Text, b: Text) -> Value:
    const = a.const if a.const == b.const else None
    ends = [text.most if text.const is None else len(text.const) for text in (a, b)]
    return Text(
        const=const,
        words=_either_words(a.words, b.words),
        tokens=maximum(a.tokens, b.tokens),
        most=None if None in ends else max(end or 0 for end in ends),
        sure=a.sure and b.sure,
        said=a.said or b.said,
        whole=a.whole or b.whole,
        holds=a.holds if a.holds == b.holds else tuple(dict.fromkeys((*a.holds, *b.holds))),
        options=_options(a.choices, b.choices),
    )


def _either_words(a: str, b: str) -> str:
    """Return the literal parts of one of two texts, or of both where there are places in them that are to be filled."""
    if not a or not b or "{" not in a + b or b in a:
        return a or b
    return b if a in b else f"{a}\n{b}"


def _options(a: frozenset[str], b: frozenset[str]) -> frozenset[str]:
    both = a | b
    return both if a and b and len(both) <= PARTS_KEPT else frozenset()


def _given(join: Join, a: Given, b: Given) -> Value:
    if a.path != b.path:
        return _same(join, a, b)
    return replace(a, added=max(a.added, b.added), default=a.default) if a.default == b.default else _same(join, a, b)


def _listing(join: Join, a: Listing, b: Listing) -> Value:
    kind = a.kind if a.kind == b.kind else "list"
    return Listing(
        kind=kind,
        parts=_parts(join, a.parts, b.parts),
        apart=_is_apart(a) and _is_apart(b),
        birth=a.birth.or_else(b.birth),
        kept_from=a.kept_from if a.kept_from is b.kept_from else None,
        along=a.along & b.along,
        thinned=_thinned(a, b),
        reads=a.reads | b.reads,
        node=a.node,
    )


def _thinned(a: Listing, b: Listing) -> frozenset[object]:
    """Return of which lists one has lost entries that is either.

    Of a list that is being filled: where one path puts nothing into it; where both do, something stands for each.
    """
    if a.birth is not b.birth:
        return a.thinned & b.thinned
    return frozenset() if count(a.parts) == count(b.parts) else a.thinned | b.thinned


def _parts(join: Join, a: tuple[Part, ...], b: tuple[Part, ...]) -> tuple[Part, ...]:
    kept, longer = sorted((a, b), key=len)
    if 0 < len(kept) < len(longer) < PARTS_KEPT and longer[: len(kept)] == kept:
        return (*kept, *(Part(Interval(ZERO, part.count.high), part.element) for part in longer[len(kept) :]))
    if len(a) != len(b):
        return (Part(hull(count(a), count(b)), joined(part.element for part in (*a, *b))),)
    return tuple(
        one if one == two else Part(hull(one.count, two.count), join(one.element, two.element))
        for one, two in zip(a, b, strict=True)
    )


def _dict(join: Join, a: Dict, b: Dict) -> Value:
    birth = a.birth.or_else(b.birth)
    schema = a.schema if a.schema == b.schema else None
    names = _names_of(a, b) if a.schema != b.schema or a.named != b.named else a.named
    if a.schema != b.schema and a.schema is not None and b.schema is not None and not a.fields and not b.fields:
        schema = OneOf.of(a.schema, b.schema)
    elif a.schema != b.schema:
        a, b = _spelled_out(a), _spelled_out(b)
    fields = {
        key: _field(join, _under(a, key), _under(b, key))
        for key in [*a.fields, *(k for k in b.fields if k not in a.fields)]
    }
    return Dict(
        fields=fields,
        schema=schema,
        named=names,
        keys=_optional(join, a.keys, b.keys),
        values=_optional(join, a.values, b.values),
        rest=hull(a.rest, b.rest),
        open=a.open or b.open,
        present=a.present & b.present,
        factory=a.factory if a.factory is b.factory else None,
        apart=_is_apart(a) and _is_apart(b),
        birth=birth,
        node=a.node,
    )


def _is_apart(value: Listing | Dict) -> bool:
    return value.apart or next(children(value), None) is None


def _names_of(a: Dict, b: Dict) -> Declared | None:
    """Return the schemas that name all entries of two dicts which the harness has not put in itself."""
    if any(value.open or value.values is not None for value in (a, b)):
        return None
    found = [schema for schema in (a.schema or a.named, b.schema or b.named) if schema is not None]
    return OneOf.of(*found) if found else None


@record()
class OneOf:
    """What is declared of a value that is one of several: each place of it is looked at when it is asked for."""

    members: tuple[Declared, ...]

    @staticmethod
    def of(*schemas: Declared | None) -> Declared | None:
        """Return what is declared where one of these is; `None` where one of them says nothing."""
        members: dict[Declared, None] = {}
        for schema in schemas:
            if schema is None:
                return None
            members.update(dict.fromkeys(schema.members if isinstance(schema, OneOf) else (schema,)))
        return next(iter(members)) if len(members) == 1 else OneOf(tuple(members))

    @property
    def name(self) -> str:
        """What the harness calls the first of the schemas."""
        return self.members[0].name

    @property
    def path(self) -> str:
        """The place in it."""
        return self.members[0].path

    @property
    def open(self) -> bool:
        """Whether there may be fields that none of them names."""
        return any(member.open for member in self.members)

    def entry(self, key: str) -> Value | None:
        """Return what they say under a keyword, if all do."""
        found = [member.entry(key) for member in self.members]
        return None if None in found else joined(value for value in found if value is not None)

    def fields(self) -> Mapping[str, Field]:
        """Return the fields that one of them names; those that all require are surely there."""
        return Lazily((name for member in self.members for name in member.fields()), self._field)

    def _field(self, name: str) -> Field:
        found = [member.fields()[name] for member in self.members if name in member.fields()]
        sure = len(found) == len(self.members) and all(field.sure for field in found)
        return Field(joined(field.value for field in found), sure)

    def required(self) -> Set[str]:
        """Return the fields that there are always."""
        return frozenset.intersection(*(frozenset(member.required()) for member in self.members))

    def optional(self, name: str) -> bool:
        """Tell whether one of them names a field and does not require it; that others do not name it is no matter."""
        return any(member.optional(name) for member in self.members)

    def property(self, key: str) -> Declared | None:
        """Return what is declared of a field."""
        return self.of(*(member.property(key) for member in self.members if key in member.fields()))

    def items(self) -> Declared | None:
        """Return what is declared of the elements of an array."""
        return self.of(*(member.items() for member in self.members))

    def promised(self) -> Value:
        """Return the value that is promised."""
        return joined(member.promised() for member in self.members)

    def length(self) -> Interval:
        """Return how long an array can be."""
        first, *others = (member.length() for member in self.members)
        return reduce(hull, others, first)


def _spelled_out(value: Dict) -> Dict:
    """Return a dict with the fields that its schema promises among its own."""
    if value.schema is None:
        return value
    return replace(
        value, schema=None, fields={**value.schema.fields(), **value.fields}, open=value.open or value.schema.open
    )


def _under(value: Dict, key: str) -> Field | None:
    """Return the entry under a key: the one that is known, or any of those whose keys are not."""
    if key in value.fields or (value.values is None and not value.open):
        return value.fields.get(key)
    return Field(ANY if value.open or value.values is None else value.values, sure=False)


def _field(join: Join, a: Field | None, b: Field | None) -> Field:
    if a is None or b is None:
        only = a or b
        assert only is not None  # the key comes from one of them
        return replace(only, sure=False)
    return a if a == b else Field(join(a.value, b.value), a.sure and b.sure)


def _optional(join: Join, a: Value | None, b: Value | None) -> Value | None:
    return join(a, b) if a is not None and b is not None else a or b


def _coroutine(join: Join, a: Coroutine, b: Coroutine) -> Value:
    starts = (*a.starts, *(start for start in b.starts if start not in a.starts))
    otherwise = _optional(join, a.otherwise, b.otherwise)
    return Coroutine(sites=a.sites | b.sites, starts=starts, otherwise=otherwise, runs=a.runs | b.runs)


def _either(join: Join, a: Value, b: Value) -> Value:
    known = [one for value in (a, b) for one in (value.options if isinstance(value, Either) else (value,))]
    options = {one.birth if isinstance(one, Instance) else one: one for one in reversed(known)}
    if len(options) == 1:
        return a
    return Either(options=tuple(reversed(options.values()))) if len(options) <= _OPTIONS else _same(join, a, b)


def _function(join: Join, a: Function, b: Function) -> Value:
    same = a.closure == b.closure and a.bound is b.bound
    return a if same else _either(join, a, b)


def _native(join: Join, a: Native, b: Native) -> Value:
    return a if a.name == b.name and a.target is b.target else _either(join, a, b)


def _class(join: Join, a: Class, b: Class) -> Value:
    return a if a.env is b.env else _either(join, a, b)


def _seen(join: Join, a: Seen, b: Seen) -> Value:
    return replace(a, size=hull(a.size, b.size), birth=a.birth.or_else(b.birth), key=a.key if a.key is b.key else ANY)


def _round(join: Join, a: Round, b: Round) -> Value:
    return a if a.loop is b.loop else ANY


def _module(join: Join, a: Module, b: Module) -> Value:
    return a if a.name == b.name else ANY


def _unknown(join: Join, a: Unknown, b: Unknown) -> Value:
    return a  # its marks are joined by the caller


_JOINS: dict[type, Callable[..., Value]] = {
    Bool: _bool,
    Number: _number,
    Text: _text,
    Given: _given,
    Listing: _listing,
    Dict: _dict,
    Coroutine: _coroutine,
    Either: _either,
    Partial: _either,
    Function: _function,
    Native: _native,
    Instance: _either,
    Class: _class,
    Seen: _seen,
    Round: _round,
    Module: _module,
    Unknown: _unknown,
}
