"""How much work the linter may do on one harness, counted in steps that are the same on every machine.

All that can take long counts its steps here: following, what is known of values, formulas, the walks of rules. Time and
memory are watched in `guard`, as the last line.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TypeVar

from weft.primitives.language.nodes import children

__all__ = [
    "TOO_MUCH",
    "Exhausted",
    "TooComplex",
    "allowance",
    "can_spare",
    "every",
    "inside",
    "spend",
    "unparsed",
    "walk",
    "why",
]

N = TypeVar("N", bound=ast.AST)

_SPARED = 100_000
"""How many steps may go into what makes a finding nicer to read, such as the name that was likely meant."""


class TooComplex(Exception):
    """Something in a harness is too large, or nested too deeply, to be looked at."""


class Exhausted(TooComplex):
    """All steps that there were have been taken."""


TOO_MUCH = (TooComplex, RecursionError, MemoryError)
"""The errors of what is too large, or nested too deeply, for the linter."""


def why(error: Exception) -> str:
    """Say why something was not looked at."""
    return str(error) if isinstance(error, TooComplex) else f"it is nested too deeply: {type(error).__name__}"


class _Allowance:
    __slots__ = ("left", "spare", "whole")

    def __init__(self, whole: float, spare: float) -> None:
        self.whole = self.left = whole
        self.spare = spare


_UNLIMITED = _Allowance(float("inf"), float("inf"))
# As a default: what is set while a module is imported holds only in the context that has imported it first.
_current: ContextVar[_Allowance] = ContextVar("allowance", default=_UNLIMITED)


def spend(steps: int) -> None:
    """Count steps that are about to be taken.

    Raises:
        Exhausted: there are not so many left.
    """
    held = _current.get()
    held.left -= steps
    if held.left < 0:
        raise Exhausted(f"it takes more than {held.whole:,.0f} steps")


def can_spare(steps: int) -> bool:
    """Tell whether steps may be taken on something that can be left out, and count them if so."""
    held = _current.get()
    held.spare -= steps
    return held.spare >= 0


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all nodes in it, like `ast.walk`, and count them."""
    held = _current.get()
    for inner in inside(node):
        held.left -= 1  # as `spend` does, which most of the time would go into
        if held.left < 0:
            spend(0)
        yield inner


@lru_cache(maxsize=32)  # a dozen things are asked of the same nodes
def inside(node: ast.AST) -> list[ast.AST]:
    """Return a node and all nodes in it, outer ones before inner ones, without counting them."""
    found = [node]
    for inner in found:  # grows while it is walked; `ast.walk` takes three times as long
        found += children(inner)
    return found


@lru_cache(maxsize=2)
def _by_kind(tree: ast.Module) -> dict[type[ast.AST], list[Any]]:
    found: dict[type[ast.AST], list[Any]] = {}
    for node in inside(tree):
        found.setdefault(type(node), []).append(node)
    return found


def every(tree: ast.Module, kind: type[N]) -> list[N]:
    """Return the nodes of one kind in a harness, outer ones before inner ones, and count them."""
    found: list[N] = _by_kind(tree).get(kind, [])
    spend(len(found))
    return found


def unparsed(node: ast.AST) -> str:
    """Return how a node can be written, like `ast.unparse`, and count how long that is."""
    try:
        text = ast.unparse(node)
    except ValueError:  # a number with more digits than Python writes down
        text = "…"
    spend(len(text) // 4)
    return text


class allowance:
    """Allow so many steps inside, or as many as are left outside if those are fewer; they are taken from there."""

    # No generator, which takes as long as many a rule: each is asked within an allowance of its own.
    __slots__ = ("_inner", "_outer", "_steps", "_token")

    def __init__(self, steps: int) -> None:
        self._steps = steps

    def __enter__(self) -> None:
        self._outer = _current.get()
        self._inner = _Allowance(min(self._steps, self._outer.left), _SPARED)
        self._token = _current.set(self._inner)

    def __exit__(self, *error: object) -> None:
        _current.reset(self._token)
        self._outer.left -= self._inner.whole - max(self._inner.left, 0)
