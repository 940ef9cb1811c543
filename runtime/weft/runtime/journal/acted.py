"""The events of what agents do to the world by their tools, and both of one such act. All others: `events`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from weft.primitives.tools import Acts

__all__ = ["Acted", "ToolBegan", "ToolEnded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolBegan:
    """An agent, or the harness, is about to act on the world.

    Durable before it does, so that what was in flight at a kill is known.
    """

    type: ClassVar[str] = "tool_began"
    id: int
    """Of the agent, or of the call of the host."""
    number: int
    """Which of its acts this is, from 1."""
    tool: str
    subject: str
    """What it is about: a path, a command, an address."""
    acts: Acts
    key: str
    """Handed to tools that take one, so that they can tell a call that is made again."""
    costs: bool = False
    """Whether it is paid for by itself: what, is known from the end of the agent alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEnded:
    """What an agent did is done, or has failed. Of one that was ended meanwhile nobody knows how far it came."""

    type: ClassVar[str] = "tool_ended"
    id: int
    number: int
    failed: str | None = None
    """Why it failed, if it did."""


@dataclass(slots=True)
class Acted:
    """What is known of one thing that an agent did to the world."""

    began: ToolBegan
    ended: ToolEnded | None = None
    """`None` while it goes on, or where the agent was ended meanwhile."""

    @property
    def text(self) -> str:
        """Return it as one line, for people and for the agent that is asked again."""
        what = " ".join(filter(None, (self.began.tool, self.began.subject)))
        if self.ended is None:
            return f"{what}: it had begun, and nobody knows how far it came"
        return f"{what}: {'done' if self.ended.failed is None else f'failed, {self.ended.failed}'}"
