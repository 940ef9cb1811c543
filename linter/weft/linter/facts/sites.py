"""The places where a harness makes coroutines, and what becomes of them by its end."""

from __future__ import annotations

import ast
from dataclasses import dataclass

__all__ = ["Site"]


@dataclass(slots=True, eq=False)
class Site:
    """A place where a coroutine is made."""

    node: ast.Call
    name: str
    awaited: bool = False
    """It is awaited, given to a fan-out, or leaves what is followed."""
    misused: str | None = None
    """How it is used as if it were the result."""
    dropped: bool = False
    """It is a statement of its own."""
