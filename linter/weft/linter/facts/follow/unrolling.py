"""Loops whose rounds are followed one by one, for those of which nothing general proves an end.

A knock-out of thirteen names ends after four rounds, whichever names win: that is seen by counting, and only so.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from weft.linter.facts.domain.cost import Costs
from weft.linter.facts.domain.intervals import Less
from weft.linter.facts.domain.meeting import join
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.truth import certain, truth
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.stack import Pass

__all__ = ["one_by_one"]

_ROUNDS = 12
"""How many rounds are followed one by one."""

Follow = Callable[[State, int], tuple[list[State], Costs]]


def one_by_one(m: Machine, test: ast.expr, begun: State, follow: Follow) -> list[Costs] | None:
    """Return what each round costs until the condition surely fails; `None` where it may hold on and on.

    `follow` follows the round with this index, and returns what holds where another one begins, and what it costs.
    """
    state, before, noted = begun, m.state, len(m.events)
    costs: list[Costs] = []
    nearest: int | None = None
    try:
        for index in range(_ROUNDS):
            far = _distance(m, test, state)
            if far == 0:
                return costs
            if far is None or (nearest is not None and far >= nearest):
                return None
            nearest = far
            with m.no_further_than(Pass.TRIAL):
                backs, cost = follow(state, index)
            costs.append(cost)
            if not backs:
                return costs
            state = join(backs)
        return None
    finally:
        m.state = before
        del m.events[noted:]


def _distance(m: Machine, test: ast.expr, state: State) -> int | None:
    """Return how far a condition is from failing, in numbers that are known; `None` where that is not known."""
    m.state = state.fork()
    with m.apart(), m.no_further_than(Pass.TRIAL):
        value = m.evaluate(test)
    if certain(value) is False:
        return 0
    said = [fact.large - fact.small for fact in truth(value).true if isinstance(fact, Less)]
    known = [one.constant for one in said if one.constant is not None]
    return max(0, min(known)) if known else None
