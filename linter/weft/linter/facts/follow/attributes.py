"""What reading an attribute gives."""

from __future__ import annotations

import ast
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from collections.abc import Generator, ItemsView, Mapping

from weft.linter.effort import unparsed
from weft.linter.facts.domain.amounts import ONE, number
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Class, Either, Instance, Module, Native
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.joins import joined
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks, about, derived
from weft.linter.facts.domain.values import (
    Bool,
    Budget,
    Dict,
    Given,
    Listing,
    Number,
    Round,
    Seen,
    Text,
    Unknown,
    Value,
    also,
    marked,
)
from weft.linter.facts.follow.arithmetic import unlimited
from weft.linter.facts.follow.classes import member_of, method
from weft.linter.facts.follow.imports import member
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.readings import BudgetRead, FullAsked, MissingField, NameAsked
from weft.linter.record import replace

__all__ = ["attribute", "lacks", "spent"]

MOST_WORDS = 8
"""How many tokens the word for how a loop ended takes at most."""

_METHODS_OF: dict[type, str] = {
    Listing: "list",
    Dict: "dict",
    Text: "str",
    Given: "given",
    Seen: "Seen",
    Unknown: "unknown",
    Native: "native",
}


def attribute(m: Machine, value: Value, node: ast.Attribute) -> Value:
    """Return what reading an attribute gives."""
    name = node.attr
    match value:
        case Module(name="weft") if name == "primitives":
            return Module(name="weft.primitives")
        case Module(name=module):
            if module.partition(".")[0] == "weft":
                m.note(NameAsked(node, name))
            return member(m, module, name)
        case Instance():
            return _of_instance(m, value, name)
        case Class():
            return _of_class(m, value, name) or anything(f"{value.node.name}.{name} is not known", value)
        case Round():
            return _of_round(value, name)
        case Either(options=options):
            varying = _varying(value)
            return _of_one(m, value, [attribute(m, marked(m.state.current(one), varying), node) for one in options])
        case Budget():
            m.note(BudgetRead(node, name))
            return spent(value) if name == "share_left" else Native(name=f"budget.{name}", target=value)
        case Native(name=module) if not value.target:
            return Native(name=f"{module}.{name}")
        case Listing() if not hasattr(list, name):
            return _of_list(m, value, node)
        case Text() | Number() if name in ("value", "name") and about(value.marks, "member"):
            named_so = isinstance(value, Text) and name == "value"
            kept = replace(value, marks=derived(value.marks), root=None)
            return kept if named_so or isinstance(value, Number) else Text(marks=kept.marks)
        case Text() if not hasattr(str, name):
            return anything(f".{name} is not followed", value)  # a member of an enumeration is followed as its value
    return _method(value, name)


def _names(*kinds: type) -> frozenset[str]:
    return frozenset(name for kind in kinds for name in dir(kind))


_OF: Mapping[type, frozenset[str]] = {
    Listing: _names(list, tuple, set, deque, range, Generator, ItemsView),
    Dict: _names(Counter, OrderedDict, defaultdict, ChainMap),
    Text: _names(str),
    Given: _names(bool, dict, float, int, list, str),
}
"""What values of each kind have by themselves."""
_TOLD = {"clusters", "ended", "full", "lost"}
"""What lists tell that primitives give."""


def lacks(m: Machine, value: Value, name: str) -> bool:
    """Tell whether a value surely has no attribute of a name."""
    known = _OF.get(type(value))
    if known is None or name in known or about(value.marks, "member", "holds"):
        return False
    if isinstance(value, Text):  # members of an enumeration are followed as their texts
        return value.sure and name not in {"name", "value"} | m.escapes.methods | m.escapes.rebound
    return not isinstance(value, Listing) or (not value.told and name not in _TOLD and value.kind != "rounds")


def _of_class(m: Machine, cls: Class, name: str) -> Value | None:
    """Return what a class has under a name: of an enumeration a member, unless its members are texts or numbers."""
    found = member_of(m, cls, name)
    bases = {unparsed(base).rpartition(".")[2] for base in cls.node.bases}
    if isinstance(found, (Text, Number)) and bases == {"Enum"}:
        return marked(found, frozenset((Mark("member", cls.node),)))
    return found


def _method(value: Value, name: str) -> Value:
    kind = _METHODS_OF.get(type(value))
    if kind is None:
        return anything(f".{name} is not followed", value)
    marks = value.marks if isinstance(value, (Unknown, Native)) else NO_MARKS
    return Native(name=f"{kind}.{name}", target=value, marks=marks)


def _of_list(m: Machine, value: Listing, node: ast.Attribute) -> Value:
    """Return what a list tells besides its elements: of rounds, of what a primitive gives, of an agent's answer."""
    name = node.attr
    if value.kind == "rounds":
        return Text(tokens=number(MOST_WORDS)) if name == "ended" else _method(value, name)
    if name in value.told:
        return marked(value.told[name], value.marks)
    if name == "full":
        m.note(FullAsked(node, _is_answered(value.birth)))
        return Bool(marks=derived(value.marks))
    if name == "lost":
        return marked(anything("losses are not followed"), derived(value.marks))
    if value.told:
        m.note(MissingField(node, name, tuple(value.told), unparsed(node.value)))
    return Native(name=f"list.{name}", target=value)


def _is_answered(birth: Birth) -> bool:
    """Tell whether a list is one that an agent returned, whichever of several it is."""
    return all(one.promised is not None for one in birth.either or (birth,))


def _of_round(value: Round, name: str) -> Value:
    if name == "number":
        return Number(low=ONE, high=unlimited("a round number"), marks=frozenset((Mark("made", value.loop),)))
    return Native(name=f"Round.{name}", target=value)


def spent(budget: Value) -> Number:
    """Return a number that rests on what the run has spent."""
    marks = frozenset((Mark("budget", "budget"),))
    return Number(low=None, high=unlimited("it rests on the budget"), whole=False, marks=budget.marks | marks)


def _varying(value: Value) -> Marks:
    """Return the marks that an attribute has because its owner differs from round to round, or was chosen."""
    return frozenset(mark for mark in value.marks if mark.kind in ("item", "whole", "order"))


def _of_one(m: Machine, owner: Value, found: list[Value]) -> Value:
    """Return what one of several has; as long as none has another value, it is the same, whatever tests say of it."""
    alike = tuple(value.root or value for value in (owner, *found))
    key = tuple(map(id, alike))
    if key not in m.chosen:
        m.chosen[key] = (alike, joined(found))
    return m.state.current(also(m.chosen[key][1], NO_MARKS.union(*(value.marks for value in found))))


def _of_instance(m: Machine, value: Instance, name: str) -> Value:
    if name == "__class__":
        return value.of
    own = m.read((value.birth, name))
    if isinstance(own, Number) and m.is_one_of_many(value.birth):
        own = replace(own, root=None)  # what a test says of it, it does not say of the others
    if own is not None:
        own = also(own, _varying(value))
        return replace(own, lack=None) if own.lack is not None and name in value.finds else own
    return method(m, value, name) or anything(f"{value.of.node.name}.{name} is not known", value)
