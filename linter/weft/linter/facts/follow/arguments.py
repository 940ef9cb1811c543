"""What happens when a harness changes the arguments of the run in place."""

from __future__ import annotations

import ast

from weft.linter.facts.domain.contained import everything
from weft.linter.facts.domain.given import as_listing, given
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.joins import joined
from weft.linter.facts.domain.parameters import EVERY
from weft.linter.facts.domain.values import Dict, Given, Listing, Text, Value, constant
from weft.linter.facts.follow.machine import Machine
from weft.linter.record import replace

__all__ = ["set_entry", "spoil", "taken_as_list", "updated"]


def taken_as_list(m: Machine, argument: Given, node: ast.AST) -> Listing:
    """Return an argument as a list that can be changed, wherever it is read."""
    birth = m.birth(node, shared=EVERY in argument.path)
    own = replace(as_listing(argument), birth=replace(birth, loops=()))
    m.state.change_argument(argument.path, own, own)
    return own


def set_entry(m: Machine, argument: Given, key: Value, value: Value) -> None:
    """Put a value into an argument that is a dict."""
    name = constant(key)
    if not isinstance(name, str):
        spoil(m, argument, value)
        return
    path = (*argument.path, name)
    held = (inner for one in m.state.cells.values() for inner in everything(one))
    old = m.state.current(given(path, None))
    elsewhere = any(isinstance(inner, Given) and inner.path[: len(path)] == path for inner in held)
    now = joined([old, value]) if elsewhere or EVERY in path or m.loops else value
    m.state.change_argument(path, given(path, None), now)


def updated(m: Machine, argument: Given, other: Value) -> None:
    """Put all entries of a dict into an argument."""
    if not isinstance(other, Dict) or other.values is not None or other.open or other.schema is not None:
        spoil(m, argument, other)
        return
    for name, entry in other.fields.items():
        set_entry(m, argument, Text(const=name), entry.value)


def spoil(m: Machine, argument: Given, *others: Value) -> None:
    """Take note that an argument may be anything from now on."""
    m.lose("the harness changes it", *others, keeps=True)
    m.state.change_argument(argument.path, argument, anything("the harness changes it", argument, *others))
