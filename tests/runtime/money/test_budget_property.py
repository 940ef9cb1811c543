"""The budget in any interleaving: nothing is reserved beyond a limit, what is held back stays there, all is counted.

`WEFT_MORE=1` tries twenty times as many.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import anyio
import pytest
from budgets import ask
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.primitives.lost import Spent
from weft.runtime.ceiling import Ceiling, OnBudget, Share
from weft.runtime.clock import VirtualClock
from weft.runtime.errors import Refused
from weft.runtime.money.budget import Budget
from weft.runtime.pause import Pause, Stop
from weft.runtime.request import AgentError

EXAMPLES = 10_000 if os.environ.get("WEFT_MORE") else 300
POOLS = ("Report", "critical")
SLICES: dict[int, tuple[int, ...]] = {1: (1,), 2: (1, 2), 3: (3,)}
"""Each slice, with those around it."""
ROUNDING = Fraction(1, 10**9)
"""Far more than all rounding of dollars in one example."""


@dataclass(frozen=True)
class Plan:
    """How one agent spends."""

    pool: str | None
    slice: int | None
    start: int
    """When it asks."""
    attempts: tuple[tuple[int, float, float, int], ...]
    """For each request: the most tokens and dollars it may take, the share it really takes, how long it runs."""
    deadline: int
    """When it is cut off, wherever it is then."""


@dataclass(frozen=True)
class Case:
    ceiling: Ceiling
    hold: dict[str, Share]
    on_budget: OnBudget
    slices: dict[int, Ceiling]
    moves: tuple[tuple[int, float], ...]
    """When the ceiling is changed, and to which part of what it was."""
    plans: tuple[Plan, ...]


PLANS = st.builds(
    Plan,
    pool=st.sampled_from([None, None, *POOLS]),
    slice=st.sampled_from([None, None, *SLICES]),
    start=st.integers(0, 5),
    attempts=st.lists(
        st.tuples(st.integers(0, 60), st.floats(0, 0.7), st.sampled_from([0.0, 0.3, 1.0]), st.integers(0, 8)),
        min_size=1,
        max_size=3,  # as after failures that pass
    ).map(tuple),
    deadline=st.sampled_from([2, 5, 9, 1000]),
)
CEILINGS = st.builds(
    Ceiling, tokens=st.none() | st.integers(0, 150), usd=st.none() | st.floats(0, 2) | st.sampled_from([0.3, 0.7])
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    ceiling = draw(CEILINGS)
    per_cent = st.floats(0.1, 50).map(lambda amount: Share(amount, percent=True))
    return Case(
        ceiling=ceiling,
        hold={} if ceiling == Ceiling() else draw(st.dictionaries(st.sampled_from(POOLS), per_cent)),
        on_budget=draw(st.sampled_from(["pause", "finish", "stop"])),
        slices={number: draw(CEILINGS) for number in SLICES},
        moves=tuple(draw(st.lists(st.tuples(st.integers(0, 12), st.sampled_from([0.5, 0.9, 1.3, 2])), max_size=3))),
        plans=tuple(draw(st.lists(PLANS, max_size=12))),
    )


@dataclass(frozen=True)
class Amount:
    """Tokens and dollars, added up exactly."""

    tokens: Fraction = Fraction(0)
    usd: Fraction = Fraction(0)

    @classmethod
    def of(cls, tokens: float | None, usd: float | None) -> Amount:
        return cls(Fraction(tokens or 0), Fraction(Decimal(str(usd or 0))))

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.usd + other.usd)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.tokens - other.tokens, self.usd - other.usd)


class Ledger:
    """Counts beside the budget what it has granted, and checks it at every step."""

    def __init__(self, budget: Budget, case: Case) -> None:
        self.budget = budget
        self.case = case
        self.drawn: dict[object, Amount] = {}
        """On the ceiling (`None`), on each pool and each slice."""
        for index, pool in enumerate(POOLS):
            budget.enrol(ask(1000 + index, pool))

    def book(self, plan: Plan, amount: Amount) -> None:
        pools = [] if plan.pool is None else [plan.pool]
        for name in (None, *pools, *SLICES.get(plan.slice or 0, ())):
            self.drawn[name] = self.drawn.get(name, Amount()) + amount
        self.check()

    def check(self) -> None:
        """Fail when more is drawn on a limit than there is, or when what is held back is not there."""
        for name, ceiling in {None: self.budget.ceiling, **self.case.slices}.items():
            drawn, most = self.drawn.get(name, Amount()), Amount.of(ceiling.tokens, ceiling.usd)
            assert ceiling.tokens is None or drawn.tokens <= most.tokens
            assert ceiling.usd is None or drawn.usd <= most.usd
        seen, counted = self.budget.spent + self.budget.reserved, self.drawn.get(None, Amount())
        if seen.tokens != counted.tokens or abs(Amount.of(0, seen.usd).usd - counted.usd) > ROUNDING:
            return  # somebody was granted something, and has had no turn since to count it
        for index, pool in enumerate(POOLS):
            if pool in self.case.hold:
                share = self.case.hold[pool].of(self.budget.ceiling)
                left = Amount.of(share.tokens, share.usd) - self.drawn.get(pool, Amount())
                assert self.budget.fits(1000 + index, max(0, int(left.tokens)), float(max(0, left.usd - ROUNDING)))


class Playing:
    """Agents that spend as planned on a virtual clock."""

    def __init__(self, case: Case) -> None:
        self.clock = VirtualClock()
        self.budget = Budget(case.ceiling, self.clock, hold=case.hold, on_budget=case.on_budget)
        for number, around in SLICES.items():
            within = around[-2] if len(around) > 1 else None
            self.budget.slices.open(number, f"s{number}", case.slices[number], within=within)
        self.case = case
        self.ledger = Ledger(self.budget, case)
        self.refused: list[BaseException] = []

    async def play(self) -> None:
        with anyio.fail_after(30):  # nobody waits for ever: if all wait, the clock stands still
            async with anyio.create_task_group() as tasks:
                for number, plan in enumerate(self.case.plans):
                    self.clock.begin()
                    tasks.start_soon(self.agent, number, plan)
                for seconds, part in self.case.moves:
                    self.clock.begin()
                    tasks.start_soon(self.move, seconds, part)
                self.clock.end()

    async def agent(self, number: int, plan: Plan) -> None:
        self.budget.enrol(ask(number, plan.pool), plan.slice)
        await self.clock.sleep(plan.start)
        try:
            with self.clock.timeout(plan.deadline):
                for attempt in plan.attempts:
                    await self.request(number, plan, *attempt)
        except (Pause, AgentError) as refusal:
            self.refused.append(refusal)
        self.clock.end()

    async def request(self, number: int, plan: Plan, tokens: int, usd: float, share: float, seconds: int) -> None:
        reservation = await self.budget.reserve(number, tokens, usd)
        self.ledger.book(plan, Amount.of(tokens, usd))
        spent = Spent(tokens, 0, usd)  # cut off, it has cost all it could
        try:
            await self.clock.sleep(seconds)
            spent = Spent(int(tokens * share), 0, usd * share)
        finally:
            # What is free is free at once, and may have been granted to others when `settle` returns.
            self.ledger.book(plan, Amount.of(spent.tokens, spent.usd) - Amount.of(tokens, usd))
            self.budget.settle(reservation, spent)
            self.ledger.check()

    async def move(self, seconds: int, part: float) -> None:
        await self.clock.sleep(seconds)
        before = self.budget.ceiling
        tokens = None if before.tokens is None else int(before.tokens * part)
        after = Ceiling(tokens, None if before.usd is None else before.usd * part)
        try:
            self.budget.raise_to(after)
        except Refused:
            assert part < 1 and self.budget.ceiling == before
        else:
            assert self.budget.ceiling == after
        self.ledger.check()
        self.clock.end()


def play(case: Case) -> tuple[Budget, list[BaseException]]:
    """Return the budget after that, and why requests were refused."""

    async def playing() -> Playing:
        played = Playing(case)
        await played.play()
        return played

    played = anyio.run(playing)
    return played.budget, played.refused


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(cases())
def test_every_limit_holds_at_every_instant(case: Case) -> None:
    """Under any costs, pools, slices, failures, retries, cancellations and changes of the ceiling."""
    budget, refused = play(case)
    assert budget.reserved == Spent()
    accounts = [budget.account(number) for number in range(len(case.plans))]
    assert budget.spent.tokens == sum(account.tokens for account in accounts)
    assert budget.spent.usd == pytest.approx(sum(account.usd for account in accounts), abs=float(ROUNDING))
    kinds = {"pause": (Pause, AgentError), "finish": AgentError, "stop": (Stop, AgentError)}
    assert all(isinstance(refusal, kinds[case.on_budget]) for refusal in refused)
    if case.ceiling == Ceiling() and all(limit == Ceiling() for limit in case.slices.values()):
        assert not refused


@settings(max_examples=EXAMPLES // 4)
@given(cases())
def test_whoever_is_refused_would_not_have_fitted_either_had_all_in_flight_been_free(case: Case) -> None:
    """Nobody is turned away for what others may not come to use: at the end, what is left is less than was asked."""
    plans = tuple(plan for plan in case.plans if plan.pool is None and plan.slice is None and plan.deadline == 1000)
    first = Case(case.ceiling, case.hold, "finish", case.slices, (), tuple(_once(plan) for plan in plans))
    budget, refused = play(first)
    if not refused:
        return
    asked = [plan.attempts[0] for number, plan in enumerate(first.plans)]
    assert not all(budget.fits(0, tokens, usd) for tokens, usd, _, _ in asked)


def _once(plan: Plan) -> Plan:
    return Plan(plan.pool, plan.slice, plan.start, plan.attempts[:1], plan.deadline)
