"""What is left of a run, guessed from what agents of the same phase took so far; nothing is guessed from nothing."""

from __future__ import annotations

from dataclasses import dataclass

from weft.runtime.journal.agentstate import AgentState, Phase
from weft.runtime.journal.fold import RunState

__all__ = ["Left", "left"]

ENOUGH = 2
"""How many agents of a phase must have answered before anything is said of the others."""


@dataclass(frozen=True, slots=True)
class Left:
    """What the agents that were called so far may still take. What they lead to, nobody knows."""

    agents: int
    seconds: float
    usd: float


def left(state: RunState, now: float) -> Left | None:
    """Guess what is left at this time of the run's clock; `None` while too little is known of a phase."""
    took: dict[Phase, list[AgentState]] = {}
    open_: list[AgentState] = []
    for agent in state.agents.values():
        if agent.standing in ("queued", "running", "waiting"):
            open_.append(agent)
        elif agent.standing == "done" and not agent.reused and agent.started_at is not None:
            took.setdefault(agent.phase, []).append(agent)
    if not open_ or any(len(took.get(agent.phase, ())) < ENOUGH for agent in open_):
        return None
    mean_s = {phase: sum(map(_seconds, done)) / len(done) for phase, done in took.items()}
    mean_usd = {phase: sum(agent.spent.usd for agent in done) / len(done) for phase, done in took.items()}
    rest = [max(0.0, mean_s[agent.phase] - _so_far(agent, now)) for agent in open_]
    at_a_time = max(1, state.count("running"))
    seconds = max(*rest, sum(rest) / at_a_time)
    return Left(len(open_), seconds, sum(mean_usd[agent.phase] for agent in open_))


def _seconds(agent: AgentState) -> float:
    return (agent.ended_at or 0.0) - (agent.started_at or 0.0)


def _so_far(agent: AgentState, now: float) -> float:
    return 0.0 if agent.started_at is None else now - agent.started_at
