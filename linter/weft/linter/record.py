"""Frozen dataclasses that are quick to make: the linter has a hundred, and making them was a third of its start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

__all__ = ["record"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(*, eq: bool = True, order: bool = False, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Make a class a dataclass that is frozen to the type checker; at run time nothing guards its fields.

    With `eq` two with equal fields are equal and hash alike, else each is equal to itself alone.
    """
    return dataclass(slots=True, eq=eq, order=order, unsafe_hash=eq, kw_only=kw_only)
