"""What a harness returned in one execution, and which of two that is the better one to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from weft.runtime.journal.events import Health, Outcome

__all__ = ["Return"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What the harness returned in one execution."""

    execution: int
    """Which one, from 1."""
    digest: str
    """SHA-256 of the harness."""
    outcome: Outcome
    health: Health
    value: Any
    done: int
    """How many agents had answered."""
    lost: int
    """How many agents were lost, and branches that raised an error."""

    def better(self, other: Return | None) -> Return:
        """Return the better of two, of which the other is older.

        One of a harness that came to its end is better than one that does not fit its RESULT; of the same harness, one
        that has lost less. Of equals, and of an edited harness, the later one counts.
        """
        if other is None:
            return self
        edited = self.digest != other.digest and self.outcome == "completed"
        return self if edited or self._rank >= other._rank else other

    @property
    def _rank(self) -> tuple[bool, bool, int]:
        return (self.outcome == "completed", self.health == "clean", -self.lost)
