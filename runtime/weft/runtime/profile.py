"""What a profile says of the agents that go by it.

Where profiles are is `project.profiles`; who goes by which, `agents.cast`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from weft.primitives.calls import AgentCall, Effort

__all__ = ["Casting", "Profile", "uncast"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What holds for an agent where its call says nothing else."""

    name: str
    instructions: str | None = None
    """What it is told after what all agents are told."""
    model: str | None = None
    effort: Effort | None = None
    tools: tuple[str, ...] | None = None
    max_tokens: int | None = None
    timeout: float | None = None
    """Seconds."""
    otherwise: tuple[str, ...] = ()
    """Models of the same pool that are asked in turn where the provider of its own fails, or takes no more for long."""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of all of it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


Casting = Callable[[AgentCall], Profile | None]
"""Tells by which profile an agent goes."""


def uncast(call: AgentCall) -> Profile | None:
    """Let no agent go by a profile."""
    return None
