"""One budget for a whole run: what will be spent is reserved before, settled after, and never exceeds the ceiling.

Source of the scheme: two-phase reservation as in payment authorisation (authorise the most, capture what was used).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import anyio

from weft.primitives.calls import Allowance
from weft.primitives.lost import Spent
from weft.runtime.clock import Clock
from weft.runtime.pause import Pause

__all__ = ["Budget", "Ceiling", "Reservation"]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most a run may spend; `None` means no limit of that kind."""

    tokens: int | None = None
    """Input and output tokens together."""
    usd: float | None = None
    """US dollars at list price."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was set aside for one request of one agent."""

    agent: int
    tokens: int
    usd: float


@dataclass(slots=True, eq=False)
class _Turn:
    wanted: Reservation
    decided: anyio.Event
    granted: bool = False


class Budget:
    """Grants reservations in the order in which they are asked for."""

    def __init__(self, ceiling: Ceiling, clock: Clock, spent: Spent | None = None) -> None:
        self.ceiling = ceiling
        self.spent = spent or Spent()
        """Settled so far."""
        self._accounts: dict[int, Spent] = {}
        self._clock = clock
        self._held: list[Reservation] = []
        self._queue: deque[_Turn] = deque()

    @property
    def limited(self) -> bool:
        """Whether there is any ceiling."""
        return self.ceiling.tokens is not None or self.ceiling.usd is not None

    def allowance(self) -> Allowance:
        """Return what a harness may know: the ceiling and what is settled."""
        return Allowance(tokens=self.ceiling.tokens, usd=self.ceiling.usd, spent=self.spent)

    def fits(self, tokens: int, usd: float) -> bool:
        """Whether so much more could be set aside right now."""
        held_tokens = sum(held.tokens for held in self._held)
        held_usd = sum(held.usd for held in self._held)
        return (self.ceiling.tokens is None or self.spent.tokens + held_tokens + tokens <= self.ceiling.tokens) and (
            self.ceiling.usd is None or self.spent.usd + held_usd + usd <= self.ceiling.usd
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
        self._held = [held for held in self._held if held is not reservation]
        self.charge(reservation.agent, spent)
        self._grant()

    def charge(self, agent: int, spent: Spent) -> None:
        """Count a cost that was not reserved, as of somebody else's agents."""
        self.spent += spent
        self._accounts[agent] = self.account(agent) + spent

    def account(self, agent: int) -> Spent:
        """Return what one agent has cost over all its attempts."""
        return self._accounts.get(agent, Spent())

    def _grant(self) -> None:
        while self._queue:
            turn = self._queue[0]
            turn.granted = self.fits(turn.wanted.tokens, turn.wanted.usd)
            if turn.granted:
                self._held.append(turn.wanted)
            elif self._held:  # something in flight may turn out cheaper than it could have been
                return
            self._queue.popleft()
            self._clock.wake(turn.decided)

    def _explain(self, wanted: Reservation) -> str:
        left_tokens = None if self.ceiling.tokens is None else self.ceiling.tokens - self.spent.tokens
        left_usd = None if self.ceiling.usd is None else self.ceiling.usd - self.spent.usd
        if left_tokens is not None and wanted.tokens > left_tokens:
            return f"the next request may take {wanted.tokens:,} tokens, {left_tokens:,} are left"
        return f"the next request may cost ${wanted.usd:.4f}, ${left_usd or 0:.4f} is left"
