"""Frozen dataclasses that are quick to make and to copy: the linter has a hundred kinds, and copies values often.

What the fields of any of them mean stands where it is defined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, TypeVar, dataclass_transform

__all__ = ["record", "replace"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(*, eq: bool = True, order: bool = False, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Make a class a dataclass that is frozen to the type checker; at run time nothing guards its fields.

    With `eq` two with equal fields are equal and hash alike, else each is equal to itself alone.
    """
    return dataclass(slots=True, eq=eq, order=order, unsafe_hash=eq, kw_only=kw_only)


def replace(one: T, **changes: Any) -> T:
    """Return a dataclass with some of its fields replaced, in half the time of `dataclasses.replace`."""
    kind: Any = type(one)
    copied, finish = _copier(kind)
    other: T = copied(one)
    for name, value in changes.items():
        setattr(other, name, value)
    if finish is not None:
        finish(other)
    return other


@cache
def _copier(kind: Any) -> tuple[Callable[[Any], Any], Callable[[Any], None] | None]:
    """Return what copies a dataclass field by field, and what is done when one was made.

    It is written out, as `dataclass` itself does with what makes one.
    """
    lines = [f"other.{one.name} = one.{one.name}" for one in fields(kind)]
    made: dict[str, Any] = {"new": object.__new__, "kind": kind}
    exec("\n    ".join(["def copied(one):", "other = new(kind)", *lines, "return other"]), made)
    return made["copied"], getattr(kind, "__post_init__", None)
