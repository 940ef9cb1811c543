"""The events of what people tell a run that goes on. All others: `events`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

__all__ = ["Interrupted", "Steered", "Verb"]

Verb = Literal["pause", "continue", "stop", "retry", "budget", "limits", "answer"]
"""What a person may tell a run that goes on, see `weft.runtime.steering.apply`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """A person asked the run to stop."""

    type: ClassVar[str] = "interrupted"
    message: str
    """What happens now, and what asking again would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """A command from another terminal was carried out."""

    type: ClassVar[str] = "steered"
    verb: Verb
    detail: str
    """What it came to."""
    changed: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """What is different from here on, as before and after: `state` of the run or of an agent, or settings by name."""
    reason: str = ""
    """Why, in the words of whoever sent it."""
    by: str
    """Who sent it, as `USER@HOST pid N`."""
    agent: int | None = None
    """The agent that it was for, where not for the run; journals of before leave it out."""

    @property
    def text(self) -> str:
        """Return it as one line: what it was, what came of it, who sent it and why."""
        why = f": {self.reason}" if self.reason else ""
        return f"{self.verb}: {self.detail} ({self.by}{why})"
