"""The events of what an agent at work waits for. All others: `events`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from weft.runtime.working import WaitsFor

__all__ = ["AgentAsksAgain", "AgentGoesOn", "AgentQuiet", "AgentWaits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWaits:
    """An agent at work waits for something that is not its to hurry: without a slot, its deadline standing still."""

    type: ClassVar[str] = "agent_waits"
    id: int
    reason: WaitsFor
    detail: str
    """The same for a person, as in `rate limit of anthropic`."""
    seconds: float | None
    """How long it will take, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentGoesOn:
    """An agent that waited has a slot again."""

    type: ClassVar[str] = "agent_goes_on"
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAsksAgain:
    """A request of an agent failed in passing, and is sent again after a while; the agent keeps its slot meanwhile."""

    type: ClassVar[str] = "agent_asks_again"
    id: int
    detail: str
    """What failed, for a person."""
    seconds: float
    """How long after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentQuiet:
    """Nothing has been heard of an agent's model for a while; if that goes on, its request is given up."""

    type: ClassVar[str] = "agent_quiet"
    id: int
    seconds: float
