"""What an agent did at work that changes nothing, with times: requests to models, and tools that only read.

It is kept with the end of the agent. What an agent did to the world is in events of its own, see `journal.acted`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["MOST_STEPS", "NO_TRAIL", "Read", "Request", "Trail"]

MOST_STEPS = 500
"""How many requests, and how many reads, of one agent are kept; those after them are not."""


class Request(NamedTuple):
    """One request to a model, as often as it was sent. In a journal it is a list: there is one for every request."""

    number: int
    """Of its reservation, see `journal.moved.Reserved`."""
    began: float
    """When it left, in seconds on the run's clock."""
    ended: float
    model: str
    """Who was asked, as `PROVIDER:MODEL`."""
    most_output: int
    """Tokens that it may put out."""
    resent: int = 0
    """How often it had been sent before."""
    first: float | None = None
    """Seconds until the first part of an answer had come; `None` where none came, or it comes in one piece."""
    answered_by: str | None = None
    """The model that answered, as the provider says."""
    response: str | None = None
    """What the provider calls its answer."""
    finish: str | None = None
    """Why the model came to an end: `stop`, `length`, `content_filter`, `tool_call` or `error`."""
    failed: str | None = None
    """What it failed with: a status of HTTP, or a `Cause`."""


class Read(NamedTuple):
    """One call of a tool that only reads."""

    tool: str
    began: float
    """In seconds on the run's clock."""
    ended: float
    failed: str | None = None
    """The name of the error that it failed with."""


@dataclass(frozen=True, slots=True)
class Trail:
    """All of that for one agent."""

    requests: tuple[Request, ...] = ()
    reads: tuple[Read, ...] = ()


NO_TRAIL = Trail()
