"""What a journal tells of one agent. Folding events into it is `fold`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from weft.primitives.lost import NOTHING_SPENT, Lost, Spent
from weft.runtime.journal.acted import Acted
from weft.runtime.journal.events import AgentAsksAgain, AgentCalled, AgentFinished, AgentWaits
from weft.runtime.trail import NO_TRAIL, Trail
from weft.runtime.understood import Understood

__all__ = ["AgentState", "Phase", "Standing"]

Standing = Literal["queued", "running", "waiting", "done", "lost", "cancelled"]
"""`waiting` is an agent at work that waits for its provider or for the budget."""


class Phase(NamedTuple):
    """A phase of the run's harness, or of a saved one that it called."""

    title: str | None
    """`None` for agents that are in no phase."""
    within: tuple[str, ...] = ()
    """The saved harnesses whose phase it is, outermost first; empty for the run's own."""


@dataclass(slots=True)
class AgentState:
    """What is known of one agent."""

    called: AgentCalled
    phase: Phase
    around: tuple[str, ...] = ()
    """The saved harnesses in which it was called, outermost first."""
    standing: Standing = "queued"
    queued_at: float = 0.0
    started_at: float | None = None
    ended_at: float | None = None
    finished: AgentFinished | None = None
    lost: Lost | None = None
    waits: AgentWaits | AgentAsksAgain | None = None
    """What it waits for, or why its model is asked again; of one that was ended, the last of these."""
    waits_at: float = 0.0
    """Since when."""
    spent: Spent = NOTHING_SPENT
    """What it has cost, also where that was paid in an earlier execution."""
    by_model: Mapping[str, Spent] = field(default_factory=dict)
    """As in `AgentFinished`, however it ended."""
    transcript: tuple[dict[str, Any], ...] = ()
    touched: tuple[str, ...] | None = None
    """As in `AgentFinished`, also of one that was lost."""
    trail: Trail = NO_TRAIL
    """When its requests and its reading tools were, where that is on record."""
    acts: dict[int, Acted] = field(default_factory=dict)
    """What it has done to the world in this execution, by number."""

    @property
    def reused(self) -> bool:
        """Whether its answer is that of an earlier execution."""
        return self.finished is not None and self.finished.reused

    @property
    def model(self) -> str:
        """The model that answered, or is asked."""
        return (self.finished.answered_by if self.finished is not None else None) or self.called.request.model

    @property
    def costs(self) -> Mapping[str, Spent]:
        """What it has cost by the model that was asked."""
        return self.by_model or {self.model: self.spent}

    @property
    def understood(self) -> Understood | None:
        """How much it understood, where it says so."""
        return self.finished.understood if self.finished is not None else None
