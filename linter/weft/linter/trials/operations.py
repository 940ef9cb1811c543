"""What is done with values in a trial: walking, comparing, awaiting them, and taking what is in them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Sized
from typing import Any

from weft.linter.trials.code import Class, Coro, Function, Method, Object
from weft.linter.trials.natives import attribute_of
from weft.linter.trials.symbols import GaveUp, Symbol, frozen

__all__ = ["awaited", "compared", "item_of", "large", "largest", "own", "sliced", "walked"]

_MOST = 12
"""How many elements of a list are looked at."""
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def walked(value: object) -> list[object]:
    """Return the elements of something that is walked.

    Raises:
        TypeError: it has none.
    """
    if isinstance(value, (type(None), bool, int, float)):
        raise TypeError
    if not isinstance(value, Iterable):
        raise GaveUp
    found: list[object] = []
    for one in value:
        if len(found) >= _MOST:
            break
        found.append(one)
    return found


def compared(kind: type[ast.cmpop], left: object, right: object) -> object:
    """Return how a comparison comes out; a guess where something unknown is compared with something else."""
    if kind in (ast.Is, ast.IsNot):
        same = left is right or (isinstance(left, Symbol) and left == right)
        return same is (kind is ast.Is)
    if kind in (ast.In, ast.NotIn):
        if isinstance(right, Symbol) or (isinstance(right, str) and isinstance(left, Symbol)):
            return Symbol("compared")
        there: bool = left in right  # type: ignore[operator]
        return there is (kind is ast.In)
    if isinstance(left, Symbol) and isinstance(right, Symbol) and kind in (ast.Eq, ast.NotEq):
        return (left == right) is (kind is ast.Eq)
    if isinstance(left, Symbol) or isinstance(right, Symbol):
        return (left is not None and right is not None) and Symbol("compared")
    return _COMPARE[kind](left, right)


def awaited(value: object) -> object:
    """Return what awaiting something gives."""
    if isinstance(value, Coro):
        return value.run()
    if isinstance(value, Symbol):
        return value
    raise TypeError


def own(value: object, name: str) -> object:
    """Return what an object has under a name."""
    if isinstance(value, Object):
        if name in value.fields:
            return value.fields[name]
        found, there = value.of.find(name)
        if not there:
            raise AttributeError
        if isinstance(found, Function):
            kinds = [one.id for one in _decorators(found) if isinstance(one, ast.Name)]
            if "property" in kinds:
                return found(value)
            return found if "staticmethod" in kinds else Method(found, value.of if "classmethod" in kinds else value)
        return found
    if isinstance(value, Class):
        found, there = value.find(name)
        if not there:
            raise AttributeError
        return found
    return attribute_of(value, name)


def _decorators(function: Function) -> list[ast.expr]:
    return [] if isinstance(function.node, ast.Lambda) else function.node.decorator_list


def sliced(value: object, ends: list[object]) -> object:
    """Return a part of a list or text."""
    if isinstance(value, Symbol):
        return Symbol("slice", value, *map(frozen, ends))
    lower, upper, step = (None if isinstance(end, Symbol) else end for end in ends)
    return value[lower:upper:step]  # type: ignore[index]


def item_of(value: object, key: object) -> object:
    """Return the entry of a container under a key."""
    if isinstance(value, Symbol):
        return Symbol("element", value, key) if type(key) is int else Symbol("entry", value, frozen(key))
    if isinstance(key, Symbol) and isinstance(value, (list, tuple)):
        return value[0]
    if isinstance(value, dict) and isinstance(key, Symbol) and key not in value and value:
        return value[key] if hasattr(value, "__missing__") else next(iter(value.values()))
    return value[key]  # type: ignore[index]


def large(value: object) -> float:
    """Return how long a list or text is, or how large a number."""
    return len(value) if isinstance(value, Sized) else abs(value) if isinstance(value, (int, float)) else 1


def largest(*values: object) -> float:
    """Return how large what is made of some values may become."""
    return 1e4 if any(isinstance(value, Sized) for value in values) else 1e15
