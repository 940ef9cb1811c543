"""One budget for a whole run: what will be spent is reserved before, settled after, and never exceeds the ceiling.

What the ceiling is, and what is held back of it, is in `ceiling`. Source of the scheme: two-phase reservation as in
payment authorisation (authorise the most, capture what was used). How a reservation gets on record is in `ledger`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from weft.primitives.calls import Allowance
from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.ceiling import CRITICAL, Ceiling, OnBudget, Share, check_hold
from weft.runtime.clock import Clock
from weft.runtime.errors import Refused
from weft.runtime.journal.accounts import NONE_UNSETTLED, Unsettled
from weft.runtime.journal.events import Reserved, Settled
from weft.runtime.money.accounts import Accounts
from weft.runtime.money.ledger import Ledger
from weft.runtime.money.limits import LEAST, NOTHING, UNITS, Amount, Limit, possible
from weft.runtime.money.prices import set_price
from weft.runtime.money.purses import Purse, Turn
from weft.runtime.money.slices import Slices
from weft.runtime.money.treasury import LedgerFailure, Treasury
from weft.runtime.pause import Pause, Stop
from weft.runtime.request import AgentError, AgentRequest
from weft.runtime.working import waiting

__all__ = ["Budget"]


class Budget:
    """Grants reservations in the order in which they are asked for, and keeps an account for each agent.

    Three kinds of limits hold at every moment:

    - The ceiling: nothing is spent or reserved beyond it.
    - A share held back for a pool of agents, those of a phase or the critical ones: what the pool has not used of it,
      nobody else can have. What it uses counts against its share first.
    - A slice, the most that a saved harness, or those below an agent, may use: drawn from the same ceiling, not held
      back.
    """

    def __init__(
        self,
        ceiling: Ceiling,
        clock: Clock,
        spent: Spent | None = None,
        *,
        hold: Mapping[str, Share] | None = None,
        on_budget: OnBudget = "pause",
        before: Iterable[tuple[AgentRequest, Spent]] = (),
        unsettled: Unsettled = NONE_UNSETTLED,
    ) -> None:
        """Prepare to spend.

        Args:
            ceiling: The most that may be spent.
            clock: What to wait by.
            spent: What was spent before.
            hold: The shares of the ceiling that are held back, by phase, or for agents that are `critical`; see
                `check_hold`.
            on_budget: What happens when an agent does not fit.
            before: What of `spent` was for agents, for it counts against what is held back for such agents.
            unsettled: What of `spent` is the most that requests can have cost whose end nobody knows.
        """
        self.on_budget: OnBudget = on_budget
        """What happens when an agent does not fit."""
        self._hold = hold or {}
        self._clock = clock
        self._whole = Limit("the ceiling", ceiling)
        self._pools = {name: Limit(name, share.of(ceiling)) for name, share in self._hold.items()}
        self.slices = Slices()
        self._common = Purse(self._whole)
        """Of agents that draw on the ceiling alone."""
        self._purses: dict[tuple[Limit | None, tuple[Limit, ...]], Purse] = {}
        """Of others, by the pool and the slices."""
        self._purse_of: dict[int, Purse] = {}
        """That of each of those agents."""
        self._too_many: dict[int, AgentError] = {}
        """The agents that a slice has no place for, and why."""
        self._accounts = Accounts()
        self._reserved: dict[Reserved, Amount] = {}
        self._turns = 0
        self._waiting: set[Purse] = set()
        """Those with somebody in line."""
        self._ledger: Ledger | None = None
        self._treasury: Treasury | None = None
        self._whole.unsettled = unsettled
        if spent is not None and spent != NOTHING_SPENT:
            self._whole.charge(spent)
        for request, cost in before:
            pool = self._pool(request)
            if pool is not None:
                pool.charge(cost)

    # ------------------------------------------------------------------------------------------ who draws on what

    def enrol(self, request: AgentRequest, slice_: int | None = None) -> bool:
        """Note on what an agent draws, before it asks for anything: a pool, and the slice of the call with a number.

        Return whether the slice has a place for it; without one it will not start.
        """
        self._accounts.called(request.id, request.model)
        if self._treasury is not None:
            self._treasury.enrol(request)
        if not self._pools and slice_ is None:
            return True
        pool, slices = self._pool(request), tuple(self.slices.around(slice_).values())
        full = self.slices.full(slice_)
        if full is not None:
            self._too_many[request.id] = AgentError("stopped", full)
            return False
        for limit in slices:
            limit.asked += 1
        if (pool, slices) not in self._purses:
            self._purses[pool, slices] = Purse(self._whole, pool, slices)
        self._purse_of[request.id] = self._purses[pool, slices]
        return True

    def asks(self, number: int, model: str) -> None:
        """Note whom an agent, or another call, asks from here on: what that costs is booked under this model."""
        self._accounts.asks(number, model)
        if self._treasury is not None:
            self._treasury.asks(number, model)

    def _pool(self, request: AgentRequest) -> Limit | None:
        named = self._pools.get(request.phase or "")
        return self._pools.get(CRITICAL) if named is None and request.critical else named

    def keep_in(self, ledger: Ledger) -> None:
        """Have every reservation on record before it is granted, from here on."""
        self._ledger = ledger

    def draw_on(self, treasury: Treasury) -> None:
        """Have every reservation stand beside those of all other runs, under the ceilings over them, from here on."""
        self._treasury = treasury

    # ------------------------------------------------------------------------------------------ how things stand

    @property
    def ceiling(self) -> Ceiling:
        """Return what it is now; `raise_to` changes it."""
        return self._whole.ceiling

    @property
    def spent(self) -> Spent:
        """Return what is settled so far."""
        return self._whole.spent

    @property
    def unsettled(self) -> Unsettled:
        """Return what of that is the most that requests of earlier executions can have cost whose end nobody knows."""
        return self._whole.unsettled

    @property
    def reserved(self) -> Spent:
        """Return the most that requests in flight may cost; input and output, which nobody knows yet, as input."""
        return Spent(int(self._whole.reserved.tokens), 0, self._whole.reserved.units / UNITS)

    def allowances(self, slice_: int | None = None) -> dict[int | None, Allowance]:
        """Return how the ceiling stands, and a slice with those around it, outermost first, each by its number."""
        around = self._whole
        stand: dict[int | None, Allowance] = {None: around.allowance}
        for number, limit in self.slices.around(slice_).items():
            around = limit if limit.own else around
            stand[number] = around.allowance
        return stand

    def refusal(self, agent: int) -> Pause | AgentError | None:
        """Return why an agent need not begin, or go on: nothing is left that it may spend, whatever is in flight.

        A `Pause` is for the whole run, an `AgentError` the loss of this agent alone; which of them it is, `on_budget`
        says. `None` while something is left.
        """
        refusal = self._too_many.get(agent) or self._refused(self._purse(agent), LEAST)
        if refusal is not None or self._treasury is None:
            return refusal
        used_up = self._treasury.used_up(agent)
        return None if used_up is None else self._policy(used_up)

    def fits(self, agent: int, tokens: int, usd: float) -> bool:
        """Whether so much more could be set aside for an agent right now."""
        cost = Amount.cost(tokens, usd)
        return not self._short(self._purse(agent), cost) and (self._treasury is None or self._treasury.fits(cost))

    def account(self, agent: int) -> Spent:
        """Return what one agent has cost over all its attempts."""
        return self._accounts.of(agent)

    def by_model(self, agent: int, answered_by: str | None = None) -> dict[str, Spent]:
        """Return that by the models that were asked; see `Accounts`."""
        return self._accounts.by_model(agent, answered_by)

    def forget_agents(self) -> None:
        """Close the accounts of agents: another execution of the harness numbers its own, from the start again."""
        self._accounts = Accounts()
        self._purses.clear()
        self._purse_of.clear()
        self._too_many.clear()
        self.slices = Slices()

    def count_attempt(self, agent: int) -> None:
        """Note that an agent is tried once more."""
        self._accounts.attempts[agent] += 1

    def attempts(self, agent: int) -> int:
        """Return how often one agent was tried: asked at first, asked again, or its request sent again."""
        return self._accounts.attempts[agent]

    # ------------------------------------------------------------------------------------------ spending

    def refuse_unpriced(self, model: str, agent: int) -> None:
        """Refuse to go on with a model whose price nobody knows, where the ceiling is in dollars.

        Raises:
            Pause, AgentError: there is such a ceiling; as for `reserve`.
        """
        limits = [limit for limit in (self._whole, *self._purse(agent).slices) if limit.ceiling.usd is not None]
        over_all = None if self._treasury is None else self._treasury.beyond.of_dollars
        if not limits and over_all is None:
            return
        ceiling, where = limits[0].ceiling.usd if limits else None, "by --budget-tokens or BUDGET"
        if over_all is not None and not limits:
            ceiling, where = over_all.most, f"in place of {over_all.name} in {over_all.file}"
        why = (
            f"model {model!r} has no known price, so the ceiling of ${ceiling:g} cannot hold it; agent "
            f"{agent} asked for it, and its request was not sent; fix: give the agent a model with a price, "
            f"{set_price(model)}, or set a ceiling in tokens in place of dollars, {where}"
        )
        raise self._policy(why) if not limits or limits[0] is self._whole else _slice_used(limits[0], why)

    async def reserve(self, agent: int, tokens: int, usd: float) -> Reserved:
        """Set aside the most that a request can cost; wait while requests in flight may still leave room for it.

        Where there is a ledger, it is on record by then.

        Raises:
            Pause: it can never fit, or cannot be recorded; `Stop` where the run is to end at its ceiling.
            AgentError: the same, where only the agent is lost, or where it is its slice that does not hold it.
        """
        purse, cost = self._purse(agent), Amount.cost(tokens, usd)
        refusal = self._refused(purse, cost)
        if refusal is not None:
            raise refusal
        self._turns += 1
        turn = Turn(self._turns, Reserved(self._turns, agent, tokens, usd), cost)
        purse.line[turn] = None
        self._waiting.add(purse)
        self._decide()
        if turn in purse.line:
            await self._decided(turn, purse)
        if turn.refusal is not None:
            raise turn.refusal
        if turn.cost != NOTHING:
            await self._recorded(turn.wanted, turn.cost)
        return turn.wanted

    async def _recorded(self, wanted: Reserved, cost: Amount) -> None:
        try:
            lack = None if self._treasury is None else await self._treasury.reserve(wanted, cost)
            if lack is not None:
                raise self._policy(lack)
            if self._ledger is not None:
                await self._ledger.reserve(wanted, self._accounts.asked(wanted.agent))
        except LedgerFailure as failure:
            self.settle(wanted, Spent())
            raise Pause("budget", f"{failure.what} ({failure.where}); no more agents start") from failure
        except BaseException:  # cancelled, or it cannot be recorded: nothing is sent
            self.settle(wanted, Spent())
            raise

    async def _decided(self, turn: Turn, purse: Purse) -> None:
        try:
            async with waiting("budget", "requests in flight may leave room"):
                await self._clock.wait(turn.decided)
        except BaseException:  # cancelled: nobody will settle what was granted in the same moment
            self._leave(turn, purse)
            self.settle(turn.wanted, Spent())
            raise

    def _leave(self, turn: Turn, purse: Purse) -> None:
        purse.line.pop(turn, None)
        if not purse.line:
            self._waiting.discard(purse)

    def settle(self, reservation: Reserved, spent: Spent) -> None:
        """Replace a reservation by what the request has really cost."""
        cost = self._reserved.pop(reservation, NOTHING)
        if self._ledger is not None and cost != NOTHING:
            self._ledger.settle(Settled(reservation.number, reservation.agent, spent))
        for limit in self._purse(reservation.agent).limits:
            limit.reserved -= cost
        if self._treasury is not None:
            self._treasury.settle(reservation, spent)
        self._count(reservation.agent, spent)

    def charge(self, agent: int, spent: Spent) -> None:
        """Count a cost that was not reserved, as of somebody else's agents.

        Raises:
            ValueError: there is no such cost; nothing is counted.
        """
        if not possible(spent):
            raise ValueError(f"{spent!r} is no cost: tokens are whole numbers and dollars are finite, none is negative")
        if self._treasury is not None:
            self._treasury.charge(agent, spent)
        self._count(agent, spent)

    def _count(self, agent: int, spent: Spent) -> None:
        if spent != NOTHING_SPENT:
            for limit in self._purse(agent).limits:
                limit.charge(spent)
            self._accounts.count(agent, spent)
        if self._waiting:
            self._decide()

    def check(self, ceiling: Ceiling) -> None:
        """Check that the ceiling may be changed so.

        Raises:
            Refused: there would be less than is spent, reserved and held back.
            UsageError: what is held back has no meaning under it.
        """
        check_hold(ceiling, self._hold)
        before = self.ceiling
        lowered = not self._whole.most.fits(Amount.limit(ceiling))
        self._move(ceiling)
        fits = not lowered or NOTHING.fits(self._room(None))
        self._move(before)
        if not fits:
            drawn = f"{Amount.cost(self.spent.tokens, self.spent.usd).words() or 'nothing'} spent"
            in_flight = f"{self._whole.reserved.words() or 'nothing'} reserved"
            raise Refused(
                f"the ceiling cannot be lowered that far: {drawn}, {in_flight}{self._held(self._common)}",
                meaning="the ceiling is as it was, and the run goes on",
                fix="a higher ceiling, or the same again when requests in flight have ended",
            )

    def raise_to(self, ceiling: Ceiling) -> None:
        """Change the ceiling; whoever waits for room is looked at again at once. Shares in per cent follow it.

        Raises:
            Refused, UsageError: as `check` does.
        """
        self.check(ceiling)
        self._move(ceiling)
        self._decide()

    def _move(self, ceiling: Ceiling) -> None:
        self._whole.move(ceiling)
        for name, share in self._hold.items():
            self._pools[name].move(share.of(ceiling))

    # ------------------------------------------------------------------------------------------ who gets what

    def _purse(self, agent: int) -> Purse:
        return self._purse_of.get(agent, self._common)

    def _decide(self) -> None:
        """Grant or refuse what waits, in order; what has to wait is overtaken by nothing that needs the same room."""
        awaited: set[Limit] = set()
        lines = set(self._waiting)
        while lines:
            purse = min(lines, key=lambda purse: purse.first.number)
            turn = purse.first
            short = self._short(purse, turn.cost)
            turn.refusal = self._refused(purse, turn.cost) if short else None
            if turn.refusal is None and (short or awaited.intersection(self._needed(purse, turn.cost))):
                awaited.update(short)
                lines.remove(purse)
                continue
            if turn.refusal is None:
                self._grant(purse, turn)
            self._leave(turn, purse)
            self._clock.wake(turn.decided)
            lines &= self._waiting

    def _grant(self, purse: Purse, turn: Turn) -> None:
        self._reserved[turn.wanted] = turn.cost
        for limit in purse.limits:
            limit.reserved += turn.cost

    def _needed(self, purse: Purse, cost: Amount) -> tuple[Limit, ...]:
        """Return under which limits others have less room after a grant: not the ceiling, where a share covers it."""
        covered = purse.pool is not None and cost.fits(purse.pool.left())
        return purse.slices if covered else (self._whole, *purse.slices)

    def _short(self, purse: Purse, cost: Amount) -> list[Limit]:
        """Return the limits that have no room for a cost right now."""
        return [limit for limit, room in self._rooms(purse) if not cost.fits(room)]

    def _refused(self, purse: Purse, cost: Amount) -> Pause | AgentError | None:
        """Return what to raise where there would be no room even if all in flight turned out to cost nothing."""
        for limit, room in self._rooms(purse, freed=True):
            if not cost.fits(room):
                why = limit.lack(cost, room)
                return self._policy(f"{why}{self._held(purse)}") if limit is self._whole else _slice_used(limit, why)
        return None

    def _rooms(self, purse: Purse, *, freed: bool = False) -> Iterator[tuple[Limit, Amount]]:
        """Yield what each limit leaves that has any."""
        if self._whole.bounded:
            yield self._whole, self._room(purse.pool, freed=freed)
        for limit in purse.slices:
            if limit.bounded:
                yield limit, limit.left(freed=freed)

    def _room(self, pool: Limit | None, *, freed: bool = False) -> Amount:
        """Return what the ceiling leaves for a pool: all but what the others have left of their shares."""
        room = self._whole.left(freed=freed)
        for other in self._pools.values():
            if other is not pool:
                room -= other.left(freed=freed).or_nothing()
        return room

    def _policy(self, why: str) -> Pause | AgentError:
        """Return what happens to an agent that does not fit under the ceiling."""
        match self.on_budget:
            case "pause":
                return Pause("budget", f"{why}; no more agents start")
            case "finish":
                return AgentError("stopped", f"the budget does not hold it: {why}")
            case "stop":
                return Stop("budget", f"{why}; agents at work were ended")

    def _held(self, purse: Purse) -> str:
        """Say what is held back for others."""
        others = {name: pool for name, pool in self._pools.items() if pool is not purse.pool}
        left = {name: pool.left(freed=True).or_nothing().words() for name, pool in others.items()}
        return "".join(f"; {words} held back for {name!r}" for name, words in left.items() if words)


def _slice_used(limit: Limit, why: str) -> AgentError:
    return AgentError("stopped", f"the slice of the budget that {limit.name} has does not hold it: {why}")
