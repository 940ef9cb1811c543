"""The events of calls that the host answers without a model: tools, and questions to people. All others: `events`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from weft.primitives.calls import UNLIMITED, Allowance
from weft.primitives.lost import Lost
from weft.runtime.helping import By, HostRequest

__all__ = ["HostAnswered", "HostCalled", "HostCancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCalled:
    """The harness reached a tool, or a question."""

    type: ClassVar[str] = "host_called"
    path: str
    line: int | None
    key: str
    occurrence: int = 0
    """How many calls with the same key came before it on the same call path."""
    request: HostRequest
    phase: str | None = None
    """In which it was made."""
    slice: int | None = None
    """The call of the saved harness on whose part of the budget it stands, see `WorkflowCalled.budget`."""

    @property
    def id(self) -> int:
        """Return the number of the call."""
        return self.request.id


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAnswered:
    """A call of the host was answered, or failed for good."""

    type: ClassVar[str] = "host_answered"
    id: int
    value: Any = None
    lost: Lost | None = None
    by: By
    """Who or what gave the answer."""
    who: str = ""
    """Which person it was, where one answered."""
    touched: tuple[str, ...] = ()
    """What a tool opened, as `path:first-last`."""
    allowance: Allowance = UNLIMITED
    """The budget as delivered with it."""
    slices: tuple[Allowance, ...] = ()
    """The same of each slice of the budget that it stands in, outermost first."""
    reused: bool = False
    """The answer is that of an earlier execution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCancelled:
    """Nobody waits for a call of the host any more."""

    type: ClassVar[str] = "host_cancelled"
    id: int
