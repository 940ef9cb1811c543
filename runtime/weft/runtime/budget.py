"""One budget for a whole run: what will be spent is reserved before, settled after, and never exceeds the ceiling.

Source of the scheme: two-phase reservation as in payment authorisation (authorise the most, capture what was used).
Dollars are added up as decimals: sums of floats depend on their order, and could pass a ceiling by their last digit.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, replace
from decimal import Decimal

import anyio

from weft.primitives.calls import Allowance
from weft.primitives.lost import Spent
from weft.runtime.clock import Clock
from weft.runtime.errors import Refused
from weft.runtime.pause import Pause

__all__ = ["Budget", "Ceiling", "Reservation"]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most a run may spend; `None` means no limit of that kind."""

    tokens: int | None = None
    """Input and output tokens together."""
    usd: float | None = None
    """US dollars at list price."""


@dataclass(frozen=True, slots=True, eq=False)
class Reservation:
    """What was set aside for one request of one agent; another one is another, whatever it amounts to."""

    agent: int
    tokens: int
    usd: float


@dataclass(slots=True, eq=False)
class _Turn:
    wanted: Reservation
    decided: anyio.Event
    granted: bool = False


class Budget:
    """Grants reservations in the order in which they are asked for, and keeps an account for each agent."""

    def __init__(self, ceiling: Ceiling, clock: Clock, spent: Spent | None = None) -> None:
        self.ceiling = ceiling
        self._spent = spent or Spent()
        self._usd = _exact(self._spent.usd)
        self._accounts: dict[int, Spent] = {}
        self._attempts: Counter[int] = Counter()
        self._clock = clock
        self._held: set[Reservation] = set()
        self._held_tokens = 0
        self._held_usd = Decimal(0)
        """What those come to, kept up to date: with many agents at work, adding them up for each request is slow."""
        self._queue: deque[_Turn] = deque()

    @property
    def spent(self) -> Spent:
        """Return what is settled so far."""
        return self._spent

    @property
    def reserved(self) -> Spent:
        """Return what requests in flight may still cost; its tokens are not told apart."""
        return Spent(input_tokens=self._held_tokens, usd=float(self._held_usd))

    def raise_to(self, ceiling: Ceiling) -> None:
        """Set another ceiling, higher or lower, and look again at who waits for room.

        Raises:
            Refused: it is lower than what is spent and reserved already.
        """
        tokens, usd = self._spent.tokens + self._held_tokens, self._usd + self._held_usd
        if (ceiling.tokens is not None and ceiling.tokens < tokens) or (
            ceiling.usd is not None and _exact(ceiling.usd) < usd
        ):
            raise Refused(
                f"{tokens:,} tokens and ${usd:.4f} are spent or reserved already",
                meaning="the ceiling is as it was",
                fix="a ceiling above that; or weft stop, and resume with a lower one",
            )
        self.ceiling = ceiling
        self._grant()

    def allowance(self) -> Allowance:
        """Return what a harness may know: the ceiling and what is settled."""
        return Allowance(tokens=self.ceiling.tokens, usd=self.ceiling.usd, spent=self.spent)

    def used_up(self) -> str | None:
        """Return in words that nothing is left to spend, or `None` while something is."""
        tokens, usd = self.ceiling.tokens, self.ceiling.usd
        if tokens is not None and self._spent.tokens >= tokens:
            return f"{self._spent.tokens:,} of {tokens:,} tokens are spent"
        if usd is not None and self._usd >= _exact(usd):
            return f"${self._usd:.4f} of ${usd:.4f} is spent"
        return None

    def fits(self, tokens: int, usd: float) -> bool:
        """Whether so much more could be set aside right now."""
        most_tokens, most_usd = self.ceiling.tokens, self.ceiling.usd
        return (most_tokens is None or self._spent.tokens + self._held_tokens + tokens <= most_tokens) and (
            most_usd is None or self._usd + self._held_usd + _exact(usd) <= _exact(most_usd)
        )

    def refuse_unpriced(self, model: str, agent: int) -> None:
        """Refuse to go on with a model whose price nobody knows, where the ceiling is in dollars.

        Raises:
            Pause: there is such a ceiling.
        """
        if self.ceiling.usd is None:
            return
        raise Pause(
            "budget",
            f"model {model!r} has no known price, so the ceiling of ${self.ceiling.usd:g} cannot hold it; agent "
            f"{agent} asked for it, and its request was not sent; the run is paused, nothing is lost; fix: give the "
            "agent a model with a list price, or hold the run by --budget-tokens N instead of --budget",
        )

    async def reserve(self, agent: int, tokens: int, usd: float) -> Reservation:
        """Set aside the most that a request can cost; wait while requests in flight may still leave room for it.

        Raises:
            Pause: it can never fit.
        """
        turn = _Turn(Reservation(agent, tokens, usd), anyio.Event())
        self._queue.append(turn)
        self._grant()
        try:
            await self._clock.wait(turn.decided)
        except BaseException:  # cancelled: nobody will settle what was granted in the same moment
            if turn.granted:
                self.settle(turn.wanted, Spent())
            elif turn in self._queue:
                self._queue.remove(turn)
                self._grant()
            raise
        if not turn.granted:
            raise Pause("budget", self._explain(turn.wanted))
        return turn.wanted

    def settle(self, reservation: Reservation, spent: Spent) -> None:
        """Replace a reservation by what the request has really cost."""
        if reservation in self._held:
            self._held.remove(reservation)
            self._hold(-reservation.tokens, -_exact(reservation.usd))
        self.charge(reservation.agent, spent)
        self._grant()

    def charge(self, agent: int, spent: Spent) -> None:
        """Count a cost that was not reserved, as of somebody else's agents.

        Raises:
            ValueError: there is no such cost; nothing is counted.
        """
        if not _possible(spent):
            raise ValueError(f"{spent!r} is no cost: tokens are whole numbers and dollars are finite, none is negative")
        if spent == Spent():
            return
        self._usd += _exact(spent.usd)
        self._spent = replace(self._spent + spent, usd=float(self._usd))
        self._accounts[agent] = self.account(agent) + spent

    def account(self, agent: int) -> Spent:
        """Return what one agent has cost over all its attempts."""
        return self._accounts.get(agent, Spent())

    def forget_agents(self) -> None:
        """Close the accounts of agents: another execution of the harness numbers its own, from the start again."""
        self._accounts.clear()
        self._attempts.clear()

    def count_attempt(self, agent: int) -> None:
        """Note that an agent is tried once more."""
        self._attempts[agent] += 1

    def attempts(self, agent: int) -> int:
        """Return how often one agent was tried: asked at first, asked again, or its request sent again."""
        return self._attempts[agent]

    def _grant(self) -> None:
        while self._queue:
            turn = self._queue[0]
            turn.granted = self.fits(turn.wanted.tokens, turn.wanted.usd)
            if turn.granted:
                self._held.add(turn.wanted)
                self._hold(turn.wanted.tokens, _exact(turn.wanted.usd))
            elif self._held:  # something in flight may turn out cheaper than it could have been
                return
            self._queue.popleft()
            self._clock.wake(turn.decided)

    def _hold(self, tokens: int, usd: Decimal) -> None:
        self._held_tokens += tokens
        # Decimals are exact up to 28 digits; nothing held is nothing, whatever was rounded beyond them.
        self._held_usd = self._held_usd + usd if self._held else Decimal(0)

    def _explain(self, wanted: Reservation) -> str:
        left_tokens = None if self.ceiling.tokens is None else self.ceiling.tokens - self._spent.tokens
        if left_tokens is not None and wanted.tokens > left_tokens:
            return f"the next request may take {wanted.tokens:,} tokens, {left_tokens:,} are left"
        left_usd = _exact(self.ceiling.usd or 0) - self._usd
        return f"the next request may cost ${wanted.usd:.4f}, ${left_usd:.4f} is left"


def _possible(spent: Spent) -> bool:
    return (
        isinstance(spent, Spent)
        and all(type(tokens) is int and tokens >= 0 for tokens in (spent.input_tokens, spent.output_tokens))
        and isinstance(spent.usd, (int, float))
        and 0 <= spent.usd < math.inf
    )


def _exact(usd: float) -> Decimal:
    """Return the amount that a person reads: 0.1, not the binary fraction next to it."""
    return Decimal(str(usd))
