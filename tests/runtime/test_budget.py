"""The budget: nothing is reserved beyond the ceiling, nobody waits for ever, everything is accounted for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.primitives.lost import Spent
from weft.runtime.budget import Budget, Ceiling
from weft.runtime.clock import VirtualClock
from weft.runtime.pause import Pause


@dataclass(frozen=True)
class Plan:
    """How one agent spends."""

    start: int
    """When it asks."""
    attempts: tuple[tuple[int, float, float, int], ...]
    """For each request: the most tokens and dollars it may take, the share it really takes, how long it runs."""
    deadline: int
    """When it is cut off, wherever it is then."""


PLANS = st.builds(
    Plan,
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


def check_held(budget: Budget) -> None:
    """Fail when more is spent or set aside than there is, in tokens or to the last digit of a dollar."""
    tokens, usd = budget.ceiling.tokens, budget.ceiling.usd
    if tokens is not None:
        assert budget.spent.tokens + sum(held.tokens for held in budget._held) <= tokens
    if usd is not None:
        held = sum((Decimal(str(held.usd)) for held in budget._held), Decimal(str(budget.spent.usd)))
        assert held <= Decimal(str(usd)) + Decimal("1e-15")  # `spent` is shown as a float
        assert budget.spent.usd <= usd


@settings(max_examples=200)
@given(st.lists(PLANS, max_size=12), CEILINGS)
def test_spent_and_held_never_exceed_the_ceiling(plans: list[Plan], ceiling: Ceiling) -> None:
    """Under any costs, failures, retries and cancellations, in any interleaving; and nothing stays held."""

    async def main() -> tuple[Budget, int]:
        clock = VirtualClock()
        budget = Budget(ceiling, clock)
        paused = 0

        async def request(number: int, tokens: int, usd: float, share: float, seconds: int) -> None:
            held = await budget.reserve(number, tokens, usd)
            check_held(budget)
            spent = Spent(tokens, 0, usd)  # cut off, it has cost all it could
            try:
                await clock.sleep(seconds)
                spent = Spent(int(tokens * share), 0, usd * share)
            finally:
                budget.settle(held, spent)
                check_held(budget)

        async def agent(number: int, plan: Plan) -> None:
            nonlocal paused
            await clock.sleep(plan.start)
            try:
                with clock.timeout(plan.deadline):
                    for attempt in plan.attempts:
                        await request(number, *attempt)
            except Pause:
                paused += 1
            clock.end()

        async with anyio.create_task_group() as tasks:
            for number, plan in enumerate(plans):
                clock.begin()
                tasks.start_soon(agent, number, plan)
            clock.end()
        return budget, paused

    budget, paused = anyio.run(main)
    check_held(budget)
    assert (budget._held, budget._held_tokens, budget._held_usd, list(budget._queue)) == (set(), 0, 0, [])
    accounts = [budget.account(number) for number in range(len(plans))]
    assert budget.spent.tokens == sum(account.tokens for account in accounts)
    assert budget.spent.usd == pytest.approx(sum(account.usd for account in accounts))
    if ceiling == Ceiling():
        assert paused == 0


def test_dollars_add_up_as_a_person_adds_them() -> None:
    """Three times ten cents are thirty cents: as floats they would be a little more."""

    async def main() -> Budget:
        budget = Budget(Ceiling(usd=0.3), VirtualClock())
        for held in [await budget.reserve(number, 0, 0.1) for number in range(3)]:
            budget.settle(held, Spent(0, 0, 0.1))
        return budget

    budget = anyio.run(main)
    assert (budget.spent.usd, budget.used_up()) == (0.3, "$0.3000 of $0.3000 is spent")


@pytest.mark.parametrize(
    "spent",
    [
        Spent(-1, 0),
        Spent(0, -1),
        Spent(0, 0, -0.01),
        Spent(0, 0, math.nan),
        Spent(0, 0, math.inf),
        Spent(1.5, 0),  # type: ignore[arg-type]
        None,
    ],
)
def test_what_is_no_cost_is_not_counted(spent: Any) -> None:
    budget = Budget(Ceiling(), VirtualClock())
    with pytest.raises(ValueError, match="is no cost"):
        budget.charge(0, spent)
    assert budget.spent == Spent()


def test_a_request_waits_for_room_that_others_may_leave() -> None:
    """90 of 100 tokens are held; 20 more fit only once the first turns out to have cost 30."""

    async def main() -> float:
        clock = VirtualClock()
        budget = Budget(Ceiling(tokens=100), clock)

        async def first() -> None:
            held = await budget.reserve(0, 90, 0.0)
            await clock.sleep(5)
            budget.settle(held, Spent(30, 0))
            clock.end()

        async with anyio.create_task_group() as tasks:
            clock.begin()
            tasks.start_soon(first)
            await clock.sleep(1)
            await budget.reserve(1, 20, 0.0)
        return clock.now()

    assert anyio.run(main) == 5.0


@pytest.mark.parametrize(
    ("ceiling", "tokens", "usd", "said"),
    [
        (Ceiling(tokens=100), 101, 0.0, "may take 101 tokens, 100 are left"),
        (Ceiling(usd=0.5), 1, 0.6, r"may cost \$0.6000, \$0.5000 is left"),
    ],
)
def test_what_can_never_fit_pauses_the_run(ceiling: Ceiling, tokens: int, usd: float, said: str) -> None:
    async def main() -> None:
        await Budget(ceiling, VirtualClock()).reserve(0, tokens, usd)

    with pytest.raises(Pause, match=said):
        anyio.run(main)


def test_no_ceiling_holds_nothing_back() -> None:
    async def main() -> Budget:
        budget = Budget(Ceiling(), VirtualClock())
        held = await budget.reserve(0, 10**9, 10.0**9)
        budget.settle(held, Spent(5, 6, 0.25))
        return budget

    budget = anyio.run(main)
    assert budget.spent == Spent(5, 6, 0.25)
