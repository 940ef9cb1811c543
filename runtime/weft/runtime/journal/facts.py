"""What agents of a run have told each other: facts by their keys, each with a version that grows when it is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["Fact", "FactRemembered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRemembered:
    """An agent has set a fact."""

    type: ClassVar[str] = "fact_remembered"
    key: str
    value: str
    version: int
    """From 1; one more with each change."""
    by: int
    """The agent."""
    call: str
    """The same for the same call made again by a resumed run, and for no other."""


Fact = FactRemembered
"""A fact is what was remembered last under its key."""
