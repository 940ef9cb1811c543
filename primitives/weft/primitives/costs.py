"""The one table of costs: how many agents a call of each primitive starts at most, read by linter, tests and docs.

`agent` and `critique` start one; what is not here (`dedup`, `allot`, `route`, …) starts none of its own.
Fewer are started where an end comes early: `reflect` stops when its critic has nothing more to say.
"""

from __future__ import annotations

from math import ceil

from weft.primitives.limits import DEFAULT_FAN_IN

__all__ = ["debate_agents", "judge_agents", "reflect_agents", "swarm_agents", "synthesize_agents", "verify_agents"]


def verify_agents(skeptics: int, tie_breakers: int = 0) -> int:
    """Return how many agents `verify` starts at most for so many lenses or votes, and tie-breakers: none, or one."""
    return skeptics + tie_breakers


def judge_agents(candidates: int, judges: int) -> int:
    """Return how many agents `judge` starts; where there is nothing to compare, nobody is asked."""
    return judges if candidates > 1 else 0


def reflect_agents(max_rounds: int) -> int:
    """Return how many agents `reflect` starts at most: the draft, and in each round a critic and a revision."""
    return 1 + 2 * max_rounds


def debate_agents(roles: int, rounds: int) -> int:
    """Return how many agents `debate` starts."""
    return roles * rounds


def swarm_agents(prompts: int, rounds: int) -> int:
    """Return how many agents `swarm` starts."""
    return prompts * rounds


def synthesize_agents(items: int, fan_in: int = DEFAULT_FAN_IN) -> int:
    """Return how many agents `synthesize` starts: one for up to `fan_in` items, else one a group and those above."""
    agents = 1
    while items > fan_in:
        items = ceil(items / fan_in)
        agents += items
    return agents
