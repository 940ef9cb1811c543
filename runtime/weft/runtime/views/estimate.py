"""What is left of a run, guessed from what agents of the same phase took so far; nothing is guessed from nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from weft.runtime.journal.agentstate import AgentState, Phase
from weft.runtime.journal.fold import RunState

__all__ = ["Left", "Pace", "guess", "left"]

ENOUGH = 2
"""How many agents of a phase must have answered before anything is said of the others."""


@dataclass(frozen=True, slots=True)
class Left:
    """What the agents that were called so far may still take. What they lead to, nobody knows."""

    agents: int
    seconds: float
    usd: float


@dataclass(slots=True)
class Pace:
    """What the agents of a phase took that have answered, added up."""

    agents: int = 0
    seconds: float = 0.0
    usd: float = 0.0


def left(state: RunState, now: float) -> Left | None:
    """Guess what is left at this time of the run's clock; `None` while too little is known of a phase."""
    paces: dict[Phase, Pace] = {}
    queued: Counter[Phase] = Counter()
    at_work: list[AgentState] = []
    for agent in state.agents.values():
        if agent.standing == "queued":
            queued[agent.phase] += 1
        elif agent.standing in ("running", "waiting"):
            at_work.append(agent)
        elif agent.standing == "done" and not agent.reused and agent.started_at is not None:
            pace = paces.setdefault(agent.phase, Pace())
            pace.agents += 1
            pace.seconds += (agent.ended_at or 0.0) - agent.started_at
            pace.usd += agent.spent.usd
    return guess(paces, queued, at_work, now)


def guess(
    paces: Mapping[Phase, Pace], queued: Mapping[Phase, int], at_work: Iterable[AgentState], now: float
) -> Left | None:
    """Guess what is left, as `left` does, from what was added up already.

    Args:
        paces: Of each phase, what those took that have answered.
        queued: Of each phase, how many wait for their turn.
        at_work: Those that had it and have not ended.
        now: What time it is on the run's clock.
    """
    working = list(at_work)
    open_ = Counter({phase: number for phase, number in queued.items() if number})
    open_.update(agent.phase for agent in working)
    if not open_ or any(phase not in paces or paces[phase].agents < ENOUGH for phase in open_):
        return None
    mean_s = {phase: paces[phase].seconds / paces[phase].agents for phase in open_}
    waiting = [max(0.0, mean_s[phase]) for phase, number in queued.items() if number]
    rest = [max(0.0, mean_s[agent.phase] - _so_far(agent, now)) for agent in working]
    whole = sum(rest) + sum(mean_s[phase] * number for phase, number in queued.items() if number)
    at_a_time = max(1, sum(agent.standing == "running" for agent in working))
    seconds = max(*rest, *waiting, whole / at_a_time)
    usd = sum(number * paces[phase].usd / paces[phase].agents for phase, number in open_.items())
    return Left(open_.total(), seconds, usd)


def _so_far(agent: AgentState, now: float) -> float:
    return 0.0 if agent.started_at is None else now - agent.started_at
