"""Built-in functions about objects: types and attributes, `functools`, `operator`, `dataclasses`, conversions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import partial

from weft.linter.facts.domain.code import Call, Class, Env, Function, Instance, Native, Partial
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.holding import ANY, anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE
from weft.linter.facts.domain.joins import joined
from weft.linter.facts.domain.marks import NO_MARKS, derived
from weft.linter.facts.domain.truth import certain, present, truth
from weft.linter.facts.domain.values import (
    UNEXPLAINED,
    Bool,
    Dict,
    Field,
    Listing,
    Nothing,
    Part,
    Text,
    Value,
    When,
    constant,
    marked,
)
from weft.linter.facts.events import Dynamic
from weft.linter.facts.follow.arithmetic import OPERATORS, calculated
from weft.linter.facts.follow.assignment import set_any_attribute, set_attribute
from weft.linter.facts.follow.attributes import lacks
from weft.linter.facts.follow.calls import each_way, kept
from weft.linter.facts.follow.classes import lineage, member_of, names_of
from weft.linter.facts.follow.entries import entry
from weft.linter.facts.follow.expressions import tested
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import listing, sequence, taken
from weft.linter.facts.follow.walking import folded
from weft.linter.facts.known.counting import Handler
from weft.linter.facts.readings import ClosedAsked
from weft.linter.record import replace
from weft.primitives.language.attributes import READABLE, attribute_problem

__all__ = ["OBJECTS", "getter"]


def _bool(m: Machine, call: Call) -> Value:
    value = call.argument(0)
    if value is None:
        return Bool(const=False)
    m.test(value, call.at(0))
    return Bool(const=certain(value), marks=tested(value), when=truth(value))


def _isinstance(m: Machine, call: Call) -> Value:
    value = call.argument(0)
    if value is None:
        return Bool()
    if _is_other(value, call.argument(1)):
        return Bool(const=False)
    when = When((present(value),), ()) if value.lack is not None else None
    return Bool(marks=value.marks, when=when)


def _is_other(value: Value, kinds: Value | None) -> bool:
    """Tell whether a value is surely not of a type, or of any of several."""
    named = [part.element for part in kinds.parts] if isinstance(kinds, Listing) else [kinds]
    others = _OTHERS.get(type(value), frozenset()) if not isinstance(value, Text) or value.sure else frozenset()
    made = not isinstance(value, Text)  # a member of an enumeration is followed as its text
    return bool(others) and all((made and isinstance(kind, Class)) or _named_in(kind, others) for kind in named)


def _named_in(kind: Value | None, names: frozenset[str]) -> bool:
    return isinstance(kind, Native) and kind.name in names


_PLAIN = frozenset(("bool", "dict", "float", "int", "list", "set", "str", "tuple"))
_OTHERS: Mapping[type, frozenset[str]] = {
    Dict: _PLAIN - {"dict"},
    Listing: _PLAIN - {"list", "set", "tuple"},
    Text: _PLAIN - {"str"},
}
"""The types that a value of each kind is not of. No object of a class of the harness is followed as one of these."""


def _getattr(m: Machine, call: Call) -> Value:
    value, names = call.argument(0) or ANY, _choices(call.argument(1))
    if not names:
        m.note(Dynamic(call.node, "getattr"))
        names = _fitting(m, value, call.at(1)) if isinstance(value, Instance) and call.args[1:] else []
    if not names:
        return m.unknown("getattr with a name that is computed", *call.args)
    ways: list[Callable[[], Value]] = []
    for name in names:
        if name not in READABLE and attribute_problem(name) is not None:
            m.note(ClosedAsked(call.node, name))
        node = ast.copy_location(ast.Attribute(call.at(0), name, ast.Load()), call.node)
        ways.append(partial(m.attribute, value, node))
    found = [way() for way in ways] if len(ways) == 1 else [each_way(m, ways)]
    which = NO_MARKS if len(names) == 1 else derived(deep_marks(call.args[1]))
    return marked(joined([*found, *call.args[2:3]]), which)


def _choices(name: Value | None) -> list[str]:
    return sorted(name.choices) if isinstance(name, Text) else []


def _fitting(m: Machine, value: Instance, written: ast.expr) -> list[str]:
    """Return the names of an object that begin and end as a name does which is computed."""
    names, (begins, ends) = names_of(m, value), _ends_of(written)
    if any(member_of(m, value.of, name) is not None for name in ("__getattr__", "__getattribute__")):
        return []
    return [name for name in names if name.startswith(begins) and name.endswith(ends)]


def _ends_of(written: ast.expr) -> tuple[str, str]:
    """Return what a text certainly begins and ends with, by how it is written."""
    match written:
        case ast.Constant(value=str() as text):
            return text, text
        case ast.JoinedStr(values=[first, *_] as values):
            return _ends_of(first)[0], _ends_of(values[-1])[1]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _ends_of(left)[0], _ends_of(right)[1]
    return "", ""


def _hasattr(m: Machine, call: Call) -> Value:
    owner, name = call.argument(0), constant(call.argument(1))
    if isinstance(owner, Instance):
        m.read((owner.birth, name))
    return Bool(const=False) if owner is not None and isinstance(name, str) and lacks(m, owner, name) else Bool()


def _setattr(m: Machine, call: Call) -> Value:
    names = _choices(call.argument(1))
    owner, value = call.argument(0) or ANY, call.argument(2) or ANY
    for name in names:
        if attribute_problem(name) is not None:
            m.note(ClosedAsked(call.node, name))
    if len(names) == 1:
        set_attribute(m, owner, names[0], value, call.node)
    else:
        set_any_attribute(m, owner, value)
    if not names:
        m.note(Dynamic(call.node, "setattr"))
    return Nothing(lack=UNEXPLAINED)


def _type(m: Machine, call: Call) -> Value:
    value = call.argument(0)
    return value.of if isinstance(value, Instance) else ANY


def _super(m: Machine, call: Call) -> Value:
    """Follow `super()`: the object as one of its class's bases."""
    methods = (frame for frame in reversed(m.frames) if frame.env.parent is not None and frame.given)
    for frame in methods:
        own = next(iter(frame.given.values()))
        behind = _looked_in(own.of, frame.env.parent) if isinstance(own, Instance) else None
        if isinstance(own, Instance) and behind is not None:
            alone = behind[:1] and [one.env for one in lineage(behind[0])] == [one.env for one in behind]
            return Instance(of=behind[0], birth=own.birth) if alone else ANY
    return ANY


def _looked_in(cls: Class, env: Env | None) -> list[Class] | None:
    """Return the classes in which `super()` looks, in a method that stands in the body of one of a class's bases."""
    line = lineage(cls)
    return next((line[index + 1 :] for index, one in enumerate(line) if one.env is env), None)


def _replaced(m: Machine, call: Call) -> Value:
    """Follow `dataclasses.replace`: another object with some other values."""
    value = call.argument(0)
    if not isinstance(value, Instance):
        return ANY
    copy = Instance(of=value.of, birth=m.birth(call.node))
    held = m.attributes_of(value.birth)
    m.state.cells |= {(copy.birth, name): inner for name, inner in (held | dict(call.keywords)).items()}
    return copy


def _copied(m: Machine, call: Call) -> Value:
    value = call.argument(0) or ANY
    if not isinstance(value, (Dict, Listing)):
        return value
    return replace(value, birth=replace(m.birth(call.node), promised=value.birth.promised), root=None)


def _partial(m: Machine, call: Call) -> Value:
    if not call.args:
        return ANY
    return Partial(inner=call.args[0], args=call.args[1:], keywords=dict(call.keywords))


def _reduce(m: Machine, call: Call) -> Value:
    if len(call.args) < 2:
        return ANY
    source = sequence(m, call.args[1], call.at(1), "reduce()")
    return folded(m, call.args[0], call.node, source, call.argument(2) or taken(m, source))


def _operator(operator: ast.operator) -> Handler:
    """Return what follows the function that stands for an operator."""

    def follow(m: Machine, call: Call) -> Value:
        left, right, *_ = *call.args, ANY, ANY
        return calculated(m, operator, left, right, call.node)

    return follow


def _itself(m: Machine, call: Call) -> Value:
    """Follow a decorator, or a function that gives back what it is given."""
    return call.argument(0) or Native(name="functools.wraps")


def _cached(m: Machine, call: Call) -> Value:
    """Follow `cache` and `lru_cache`, with options or with a function."""
    given = call.argument(0, "user_function")
    return kept(m, given) if isinstance(given, Function) else Native(name="functools.cache")


def getter(m: Machine, keys: Listing, call: Call) -> Value:
    """Follow a call of what `itemgetter(…)` gave."""
    value = m.require(call.argument(0) or ANY, call.node, "itemgetter()")
    found = [_got(m, value, part.element, keys.node or call.node) for part in keys.parts]
    if len(found) == 1:
        return found[0]
    return listing(m, call.node, *(Part(EXACTLY_ONE, item) for item in found), kind="tuple")


def _got(m: Machine, value: Value, key: Value, node: ast.expr) -> Value:
    if isinstance(value, Dict):
        return entry(m, value, key, node)
    return taken(m, value) if isinstance(value, Listing) else anything("an entry", value)


def _itemgetter(m: Machine, call: Call) -> Value:
    keys = listing(m, call.node, *(Part(EXACTLY_ONE, value) for value in call.args), kind="tuple")
    return Native(name="operator.got", target=replace(keys, node=call.node))


def _field(m: Machine, call: Call) -> Value:
    factory = call.keywords.get("default_factory")
    return call.keywords.get("default", ANY) if factory is None else Native(name="dataclasses.made", target=factory)


def _asdict(m: Machine, call: Call) -> Value:
    value = call.argument(0)
    if not isinstance(value, Instance):
        return ANY
    fields = {name: Field(held) for name, held in m.attributes_of(value.birth).items()}
    return Dict(fields=fields, birth=m.birth(call.node))


OBJECTS: Mapping[str, Handler] = {
    "bool": _bool,
    "isinstance": _isinstance,
    "issubclass": lambda m, call: Bool(),
    "callable": lambda m, call: Bool(),
    "hasattr": _hasattr,
    "getattr": _getattr,
    "setattr": _setattr,
    "type": _type,
    "super": _super,
    "copy.copy": _copied,
    "copy.deepcopy": _copied,
    "functools.partial": _partial,
    "functools.reduce": _reduce,
    "functools.cache": _cached,
    "functools.lru_cache": _cached,
    "functools.wraps": lambda m, call: Native(name="functools.wrapping"),
    "functools.wrapping": _itself,
    "staticmethod": _itself,
    "classmethod": _itself,
    "property": lambda m, call: anything("a property", *call.inputs()),
    "dataclasses.dataclass": _itself,
    "dataclasses.replace": _replaced,
    "typing.cast": lambda m, call: call.argument(1) or ANY,
    "operator.itemgetter": _itemgetter,
    "operator.concat": _operator(ast.Add()),
    **{f"operator.{name}": _operator(kind()) for kind, name in OPERATORS.items()},
    "operator.and_": _operator(ast.BitAnd()),
    "operator.or_": _operator(ast.BitOr()),
    "dataclasses.field": _field,
    "dataclasses.asdict": _asdict,
}
