"""What agents are called where several are shown: by their labels, with their numbers where labels are shared."""

from __future__ import annotations

from collections import Counter

from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.fold import RunState
from weft.runtime.plain import plain

__all__ = ["Names"]


class Names:
    """The names of the agents of a run, each of which `weft show RUN/NAME` would find."""

    def __init__(self, state: RunState) -> None:
        self._shared = Counter(agent.called.request.name for agent in state.agents.values())

    def of(self, agent: AgentState) -> str:
        """Return an agent's label, and its number if others are called the same."""
        name = agent.called.request.name
        return plain(name) if self._shared[name] == 1 else f"{plain(name)} #{agent.called.id}"
