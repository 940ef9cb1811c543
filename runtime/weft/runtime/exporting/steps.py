"""What one agent has done, once it has ended: its requests with what each used, and its tools.

Reservations say what a request used, and the agent's trail when it was and what came of it; journals of before have no
trails, and of those each request lasts from its reservation to its settlement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.journal import AgentState
from weft.runtime.journal.events import MoneyMoved, ToolBegan, ToolEnded
from weft.runtime.trail import Request

__all__ = ["Sent", "Steps", "Used", "model_of"]

CUT_OFF = "cancelled"
"""The `error.type` of what an agent was at when it ended."""

TOOL_FAILED = "tool_error"
"""The `error.type` of a tool that has acted and failed."""


@dataclass(slots=True)
class Sent:
    """A request to a model."""

    number: int
    began: float
    ended: float
    provider: str
    model: str
    reserved_usd: float = 0.0
    spent: Spent = NOTHING_SPENT
    told: Request | None = None
    """What else is known of it."""

    @property
    def failed(self) -> str | None:
        """What it failed with."""
        return None if self.told is None else self.told.failed


class Used(NamedTuple):
    """A call of a tool."""

    name: str
    number: int
    """Of those of its agent, from 1; those that act come first."""
    began: float
    ended: float
    error: str | None
    message: str = ""
    subject: str = ""
    """What it was about, where that is known."""


class Steps:
    """Gathers it from the events of one execution."""

    def __init__(self) -> None:
        self._sent: dict[int, dict[int, Sent]] = {}
        """By agent and reservation."""
        self._settled: dict[int, set[int]] = {}
        self._acts: dict[int, dict[int, tuple[float, ToolBegan]]] = {}
        """By agent and number, those under way and those that are done."""
        self._tools: dict[int, list[Used]] = {}

    def take(self, at: float, event: MoneyMoved | ToolBegan | ToolEnded) -> None:
        """Take one more event, of any agent."""
        match event:
            case MoneyMoved():
                for one in event.reserved:
                    new = Sent(one.number, at, at, "", event.models.get(one.number, ""), one.usd)
                    self._sent.setdefault(one.agent, {})[one.number] = new
                for settled in event.settled:
                    sent = self._sent.get(settled.agent, {}).get(settled.number)
                    if sent is not None:
                        sent.ended, sent.spent = at, settled.spent
                        self._settled.setdefault(settled.agent, set()).add(settled.number)
            case ToolBegan(id=number):
                self._acts.setdefault(number, {})[event.number] = (at, event)
            case ToolEnded(id=number) if event.number in self._acts.get(number, {}):
                error = None if event.failed is None else TOOL_FAILED
                self._end(number, event.number, at, error, event.failed or "")

    def _end(self, agent: int, number: int, at: float, error: str | None, message: str) -> None:
        began_at, began = self._acts[agent].pop(number)
        used = Used(began.tool, number, began_at, at, error, message, began.subject)
        self._tools.setdefault(agent, []).append(used)

    def requests(self, at: float, agent: AgentState) -> list[Sent]:
        """Return the requests of an agent that has ended, in their order; they are forgotten.

        Args:
            at: When it ended, or until when is known of it.
            agent: What is known of it.
        """
        number = agent.called.id
        known, settled = self._sent.pop(number, {}), self._settled.pop(number, set())
        told = {one.number: one for one in agent.trail.requests}
        rest = agent.spent
        for one in settled:
            rest -= known[one].spent
        open_ = [sent for sent in known.values() if sent.number not in settled]
        for sent in open_:
            sent.ended = at
        if open_ and rest.tokens > 0:
            open_[-1].spent = rest
        return [*self._told(known, told, agent)]

    def _told(self, known: dict[int, Sent], told: dict[int, Request], agent: AgentState) -> Iterator[Sent]:
        for number in sorted({*told} if told else {*known}):  # what was reserved and not sent is in no trail
            said = told.get(number)
            sent = known.get(number) or Sent(number, 0.0, 0.0, "", "")
            if said is not None:
                sent.began, sent.ended, sent.told = said.began, said.ended, said
            named = (sent.model or agent.called.request.model) if said is None else said.model
            sent.provider, sent.model = model_of(named)
            yield sent

    def tools(self, at: float, agent: AgentState) -> list[Used]:
        """Return the tools that an agent that has ended has used; they are forgotten."""
        called = agent.called.id
        for number in [*self._acts.get(called, {})]:
            self._end(called, number, at, CUT_OFF, "the agent was ended meanwhile")
        self._acts.pop(called, None)
        used = self._tools.pop(called, [])
        first = 1 + max((one.number for one in used), default=0)
        reads = enumerate(agent.trail.reads, first)
        return used + [Used(read.tool, number, read.began, read.ended, read.failed) for number, read in reads]


def model_of(name: str) -> tuple[str, str]:
    """Return the provider and the model that a name such as `anthropic:claude-sonnet-5-5` means."""
    provider, colon, model = name.partition(":")
    return (provider, model) if colon else ("weft", name)
