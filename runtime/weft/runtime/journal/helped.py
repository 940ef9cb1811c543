"""The events of what helpers of the language do besides asking agents: rounds that begin, votes that are counted.

All others: `events`. How a loop of rounds has ended is there too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from weft.primitives.rounds import LoopHelper
from weft.primitives.skeptics import Opinion
from weft.primitives.verifying import Outcome

__all__ = ["RoundBegan", "VerdictReached"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundBegan:
    """A loop of rounds began another one. Journals of before leave it out."""

    type: ClassVar[str] = "round_began"
    path: str
    line: int | None
    helper: LoopHelper
    number: int
    """From 1."""
    found: int | None = None
    """How much the round before it said that it found; `None` where it did not say, and for the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictReached:
    """The votes on one claim have come to something: `verify` has ended. Journals of before leave it out."""

    type: ClassVar[str] = "verdict_reached"
    path: str
    line: int | None
    outcome: Outcome
    votes: tuple[tuple[Opinion, bool], ...]
    """What each skeptic said and whether it is discounted, in the order of the sides; then that of a tie-breaker."""
    quorum: int
    veto: bool
    sides: int
    """How many there were besides a tie-breaker."""
    phase: str | None = None
