"""What the scheduler tells of the agents that it runs. Who runs when is the business of `scheduler`."""

from __future__ import annotations

from typing import Protocol

from weft.runtime.agents.answer import Answer
from weft.runtime.journal.events import AgentCalled
from weft.runtime.request import AgentRequest
from weft.runtime.trail import Trail
from weft.runtime.working import Act, WaitsFor
from weft.sandbox.protocol import Result

__all__ = ["Observer"]


class Observer(Protocol):
    """Whoever keeps the record of what the scheduler does, and knows what it means to the harness."""

    def agents_start(self, calls: list[AgentCalled]) -> None:
        """These agents start now, before the first of them begins; all that was told becomes durable."""

    def agent_ended(self, request: AgentRequest, answered: Answer, trail: Trail) -> Result:
        """An agent has ended, and has done this; return what that is to the harness."""

    def agent_cancelled(self, request: AgentRequest, trail: Trail) -> None:
        """An agent was ended because nobody waits for it any more, and has done this."""

    def agent_waits(self, request: AgentRequest, reason: WaitsFor, detail: str, seconds: float | None) -> None:
        """An agent at work waits for something, without a slot."""

    def agent_goes_on(self, request: AgentRequest) -> None:
        """It waits no more, and has a slot again."""

    def agent_asks_again(self, request: AgentRequest, detail: str, seconds: float) -> None:
        """A request of an agent failed in passing, and is sent again after so long."""

    def agent_quiet(self, request: AgentRequest, seconds: float) -> None:
        """Nothing has been heard of an agent's model for so long."""

    def agent_acts(self, request: AgentRequest, number: int, act: Act) -> None:
        """An agent is about to act on the world; this is durable before it does."""

    def agent_acted(self, request: AgentRequest, number: int, failed: str | None) -> None:
        """What it did is done, or has failed for this reason."""
