"""What the linter is told of a profile by which agents go; where profiles are, it does not know."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Role", "RoleOf", "nobody"]


class Role(NamedTuple):
    """A profile."""

    problem: str | None = None
    """Why no agent can go by it, in a sentence; nothing where one can."""
    tools: tuple[str, ...] | None = None
    """What it lets agents use whose call does not say that; nothing where it does not say it either."""


RoleOf = Callable[[str], Role]
"""Tells of a profile by its name."""


def nobody(name: str) -> Role:
    """Know of no profile, and of nothing that is wrong with one."""
    return Role()
