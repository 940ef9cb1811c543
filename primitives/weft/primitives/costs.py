"""The one table of costs: how many agents a call of each primitive starts at most, read by linter, tests and docs.

`parallel`, `pipeline`, `route` and `workflow` start what they are given to run, and none of their own. What does not
need to be awaited (`dedup`, `allot`, …) starts none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil

from weft.primitives.limits import DEFAULT_FAN_IN

__all__ = [
    "COSTS",
    "debate_agents",
    "judge_agents",
    "reflect_agents",
    "swarm_agents",
    "synthesize_agents",
    "verify_agents",
]


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
    """Return how many agents `debate` starts: one for each role in each round."""
    return roles * rounds


def swarm_agents(prompts: int, rounds: int) -> int:
    """Return how many agents `swarm` starts: one for each prompt in each round."""
    return prompts * rounds


def synthesize_agents(items: int, fan_in: int = DEFAULT_FAN_IN) -> int:
    """Return how many agents `synthesize` starts: one for up to `fan_in` items, else one a group and those above."""
    agents = 1
    while items > fan_in:
        items = ceil(items / fan_in)
        agents += items
    return agents


def _one() -> int:
    return 1


def _none() -> int:
    return 0


COSTS: Mapping[str, Callable[..., int]] = {
    "agent": _one,
    "ask": _none,
    "critique": _one,
    "debate": debate_agents,
    "judge": judge_agents,
    "reflect": reflect_agents,
    "semantic_dedup": _none,
    "swarm": swarm_agents,
    "synthesize": synthesize_agents,
    "tool": _none,
    "verify": verify_agents,
}
"""For each primitive that is awaited, what gives the number of its agents for the sizes that it is called with."""
