"""Methods that change an argument of the run in place, which may be a list or a dict."""

from __future__ import annotations

from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.joins import joined
from weft.linter.facts.domain.values import UNEXPLAINED, Given, Nothing, Text, Value, constant
from weft.linter.facts.follow.arguments import set_entry, spoil, taken_as_list, updated
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.known.containers import CONTAINERS

__all__ = ["CHANGING", "changed_argument"]

_OF_LISTS = {"append", "extend", "insert", "remove", "sort", "reverse"}
CHANGING = {*_OF_LISTS, "pop", "popitem", "clear", "update", "setdefault", "__setitem__", "__delitem__", "__iadd__"}
"""Methods that change what they are called on."""


def changed_argument(m: Machine, argument: Given, name: str, call: Call) -> Value:
    """Follow a method that changes an argument of the run."""
    first = call.argument(0)
    if name in _OF_LISTS or (name == "pop" and not isinstance(constant(first), str)):
        return CONTAINERS[f"list.{name}"](m, taken_as_list(m, argument, call.node), call)
    if name == "setdefault" and first is not None:
        return _set_by_default(m, argument, first, call.argument(1) or Nothing(lack=UNEXPLAINED))
    if name == "update" and call.complete:
        for value in call.args:
            updated(m, argument, value)
        for key, value in call.keywords.items():
            set_entry(m, argument, Text(const=key), value)
        return Nothing(lack=UNEXPLAINED)
    spoil(m, argument, *call.inputs())
    return ANY


def _set_by_default(m: Machine, argument: Given, key: Value, value: Value) -> Value:
    name = constant(key)
    if not isinstance(name, str):
        spoil(m, argument, value)
        return ANY
    path = (*argument.path, name)
    now = joined([m.state.current(Given(path=path)), value])
    m.state.change_argument(path, Given(path=path), now)
    return m.state.current(Given(path=path))
