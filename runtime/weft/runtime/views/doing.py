"""Whether an agent at work is alive: what it does, as far as is known, and since when nothing was heard of it."""

from __future__ import annotations

from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.events import (
    AgentAsksAgain,
    AgentGoesOn,
    AgentQuiet,
    AgentsStarted,
    AgentWaits,
    Event,
    MoneyMoved,
    RunStarted,
    ToolBegan,
    ToolEnded,
)
from weft.runtime.journal.fold import RunState
from weft.runtime.page import Span, shortened
from weft.runtime.plain import on_one_line
from weft.runtime.views.text import waits_span

__all__ = ["Heard", "at_work", "doing"]

MOST_DONE = 60
"""Columns of what an agent does."""


class Heard:
    """When something was heard of agents last, in seconds on the run's clock; grows with each event."""

    def __init__(self) -> None:
        self._at: dict[int, float] = {}

    def apply(self, at: float, event: Event) -> None:
        """Take in one more event."""
        match event:
            case RunStarted():
                self._at.clear()
            case AgentsStarted(ids=numbers):
                self._at.update(dict.fromkeys(numbers, at))
            case AgentWaits() | AgentAsksAgain() | AgentGoesOn() | ToolBegan() | ToolEnded():
                self._at[event.id] = at
            case MoneyMoved():
                self._at.update({reserved.agent: at for reserved in event.reserved})
                self._at.update({settled.agent: at for settled in event.settled})
            case AgentQuiet():  # it has streamed since its request was sent, of which no event tells
                self._at[event.id] = max(self._at.get(event.id, 0.0), at - event.seconds)

    def quiet_s(self, agent: AgentState, now: float) -> float:
        """Return for how many seconds nothing has been heard of an agent at work."""
        began = now if agent.started_at is None else agent.started_at
        return max(0.0, now - self._at.get(agent.called.id, began))


def at_work(state: RunState, heard: Heard, now: float) -> list[AgentState]:
    """Return the agents at work: those that wait first, then those of which nothing was heard for longest."""
    working = [agent for agent in state.agents.values() if agent.standing in ("waiting", "running")]
    return sorted(working, key=lambda agent: (agent.waits is None, -heard.quiet_s(agent, now)))


def doing(agent: AgentState, state: RunState, now: float) -> Span:
    """Return what an agent at work does or waits for at this time, as far as that is known."""
    waits = waits_span(agent, now)
    if waits[0]:
        return waits
    acts = [act.began for act in agent.acts.values() if act.ended is None]
    if acts:
        return (shortened(on_one_line(f"{acts[-1].tool} {acts[-1].subject}".rstrip()), MOST_DONE), "plain")
    account = state.accounts.open.get(agent.called.id)
    return ("asks its model", "dim") if account is not None and account.in_flight else ("", "plain")
