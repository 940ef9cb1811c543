"""What is known of one call of the host: a tool, or a question to a person. Of agents that is in `fold`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from weft.primitives.calls import Question
from weft.primitives.lost import Lost
from weft.runtime.journal.events import HostAnswered, HostCalled, HostCancelled

__all__ = ["HostCallState", "HostCalls"]


@dataclass(slots=True)
class HostCallState:
    """What is known of one call of the host."""

    called: HostCalled
    called_at: float
    answered: HostAnswered | None = None
    cancelled: bool = False
    ended_at: float | None = None

    @property
    def standing(self) -> Literal["running", "done", "lost", "cancelled"]:
        """How it stands, in the words for agents."""
        if self.answered is not None:
            return "done" if self.answered.lost is None else "lost"
        return "cancelled" if self.cancelled else "running"

    @property
    def lost(self) -> Lost | None:
        """Why it failed, if it did."""
        return None if self.answered is None else self.answered.lost

    @property
    def question(self) -> Question | None:
        """The question, if it is one."""
        call = self.called.request.call
        return call if isinstance(call, Question) else None


class HostCalls(dict[int, HostCallState]):
    """The calls of the host in one execution, by their numbers, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[int, HostCallState] = {}
        """Those that have not ended, in the order of their calls."""
        self.failures = 0
        """How many failed."""

    def apply(self, at: float, event: HostCalled | HostAnswered | HostCancelled) -> None:
        """Take in one more event."""
        if isinstance(event, HostCalled):
            self[event.id] = self.open[event.id] = HostCallState(event, at)
            return
        call = self[event.id]
        self.open.pop(event.id, None)
        call.ended_at = at
        if isinstance(event, HostAnswered):
            call.answered = event
            self.failures += event.lost is not None
        else:
            call.cancelled = True

    def find(self, reference: str) -> HostCallState | None:
        """Return the call with that number, if there is one."""
        return next((call for number, call in self.items() if str(number) == reference), None)

    @property
    def lost(self) -> list[HostCallState]:
        """Those that failed."""
        return [call for call in self.values() if call.lost is not None]

    @property
    def tools(self) -> list[HostCallState]:
        """The calls of tools."""
        return [call for call in self.values() if call.question is None]

    @property
    def questions(self) -> list[HostCallState]:
        """The questions to people, whatever became of them."""
        return [call for call in self.values() if call.question is not None]

    @property
    def unanswered(self) -> list[HostCallState]:
        """The questions that nobody has answered so far."""
        return [call for call in self.open.values() if call.question is not None]
