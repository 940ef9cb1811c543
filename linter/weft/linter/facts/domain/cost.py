"""What a path through the harness costs, as a tree that keeps where each agent comes from.

The tree is what the bound is shown from; its totals are polynomials, so that two paths can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, maximum, summed
from weft.linter.facts.domain.joins import lowest
from weft.linter.facts.domain.values import Interval

__all__ = ["Agents", "Choice", "Cost", "Costs", "Repeat", "agents", "choice", "least", "tokens"]


@dataclass(frozen=True, slots=True, eq=False)
class Agents:
    """Agents that one call starts."""

    line: int
    text: str
    """As in `verify, 3 lenses`."""
    low: Amount
    high: Amount
    each: Amount = ZERO
    """How many tokens one of them takes at most."""

    @property
    def tokens(self) -> Amount:
        """How many tokens they take at most."""
        return self.high * self.each


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of several ways to go on."""

    options: tuple[Costs, ...]
    low: Amount
    high: Amount
    tokens: Amount


@dataclass(frozen=True, slots=True, eq=False)
class Repeat:
    """Something done for each element, or in each round."""

    line: int
    text: str
    times: Interval
    body: Costs
    low: Amount
    high: Amount
    tokens: Amount

    @staticmethod
    def of(body: Costs, times: Interval, owner: object, line: int, text: str) -> Repeat:
        """Return the body so many times; numbers that differ between the rounds of `owner` add up as they do."""
        total, spent = agents(body), tokens(body)
        low = times.low * least(body)
        return Repeat(line, text, times, body, low, summed(total, times.high, owner), summed(spent, times.high, owner))


Cost = Agents | Choice | Repeat
Costs = tuple[Cost, ...]


def agents(costs: Costs) -> Amount:
    """Return how many agents these start at most, one after the other."""
    return sum((cost.high for cost in costs), ZERO)


def least(costs: Costs) -> Amount:
    """Return how many agents these start at least."""
    return sum((cost.low for cost in costs), ZERO)


def tokens(costs: Costs) -> Amount:
    """Return how many tokens these take at most."""
    return sum((cost.tokens for cost in costs), ZERO)


def choice(options: Iterable[Costs]) -> Costs:
    """Return the cost of a path that goes one of these ways; what all begin with is paid once."""
    unique = list(dict.fromkeys(options))
    if not unique:
        return ()
    shared = _shared(unique)
    rest = list(dict.fromkeys(option[len(shared) :] for option in unique))
    if len(rest) == 1:
        return shared + rest[0]
    low = least(rest[0])
    for option in rest[1:]:
        low = lowest(low, least(option))
    high = maximum(*(agents(option) for option in rest))
    return (*shared, Choice(tuple(rest), low, high, maximum(*(tokens(option) for option in rest))))


def _shared(options: list[Costs]) -> Costs:
    first = options[0]
    size = min(len(option) for option in options)
    for index in range(size):
        if any(option[index] is not first[index] for option in options):
            return first[:index]
    return first[:size]


def started(line: int, text: str, how_many: Interval | None = None, **options: Any) -> Agents:
    """Return the cost of one call that starts agents: one, unless it is said how many."""
    interval = how_many or Interval(ONE, ONE)
    return Agents(line, text, interval.low, interval.high, **options)
