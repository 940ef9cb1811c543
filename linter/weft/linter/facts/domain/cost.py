"""What a path through the harness costs, as a tree that keeps where each agent comes from.

The tree is what the bound is shown from; its totals are polynomials, so that two paths can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, at_least, endless, maximum
from weft.linter.facts.domain.intervals import Interval, lowest
from weft.linter.facts.domain.sums import summed
from weft.linter.record import record, replace

__all__ = ["Agents", "Choice", "Cost", "Costs", "Repeat", "agents", "choice", "least", "started", "tokens"]


@record(eq=False)
class Agents:
    """Agents that one call starts."""

    line: int
    text: str
    """As in `verify, 3 lenses`."""
    low: Amount
    high: Amount
    tokens: Amount


@record(eq=False)
class Choice:
    """One of several ways to go on."""

    options: tuple[Costs, ...]
    low: Amount
    high: Amount
    tokens: Amount


@record(eq=False)
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
        most = times.high.constant  # below 0 where what is repeated cannot be reached
        times = Interval(times.low, ZERO if most is not None and most < 0 else _placed(times.high, line))
        total, spent = agents(body), tokens(body)
        low = times.low * least(body)
        return Repeat(line, text, times, body, low, summed(total, times.high, owner), summed(spent, times.high, owner))


def _placed(amount: Amount, line: int) -> Amount:
    """Return an amount with the place of what is repeated, where none is known of why that has no end."""
    if all(reason.line for reason in amount.reasons):
        return amount
    return endless(*(reason if reason.line else replace(reason, line=line) for reason in amount.reasons))


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


def choice(options: Iterable[Costs], failed: Iterable[Costs] = ()) -> Costs:
    """Return the cost of a path that goes one of these ways; what all begin with is paid once.

    The ways in `failed` end in an error: they count for the most that it can be, and for the least only if there are
    no others.
    """
    wanted = list(dict.fromkeys(options))
    unwanted = [way for way in dict.fromkeys(failed) if not any(_covers(other, way) for other in wanted)]
    unique = list(dict.fromkeys([*wanted, *unwanted]))
    if not unique:
        return ()
    shared = _shared(unique)
    rest = [option[len(shared) :] for option in unique]
    if len(rest) == 1:
        return shared + rest[0]
    low = reduce(lowest, (least(option) for option in rest[: len(wanted) or None]))
    high = maximum(*(agents(option) for option in rest))
    return (*shared, Choice(tuple(rest), low, high, maximum(*(tokens(option) for option in rest))))


def _covers(one: Costs, other: Costs) -> bool:
    """Tell whether one path costs at least as much as another."""
    if one[: len(other)] == other:
        return True
    return at_least(agents(one), agents(other)) and at_least(tokens(one), tokens(other))


def _shared(options: list[Costs]) -> Costs:
    first = options[0]
    size = min(len(option) for option in options)
    for index in range(size):
        if any(option[index] is not first[index] for option in options):
            return first[:index]
    return first[:size]


def started(line: int, text: str, how_many: Interval | None = None, each: Amount = ZERO) -> Agents:
    """Return the cost of one call that starts agents: one, unless it is said how many.

    Each takes so many tokens at most; what starts agents without limit takes tokens without limit.
    """
    interval = how_many or Interval(ONE, ONE)
    high = _placed(interval.high, line)
    return Agents(line, text, interval.low, high, high if high.reasons else high * each)
