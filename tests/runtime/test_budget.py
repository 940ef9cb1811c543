"""The budget: nothing is reserved beyond the ceiling, nobody waits for ever, everything is accounted for."""

from __future__ import annotations

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.primitives.lost import Spent
from weft.runtime.budget import Budget, Ceiling
from weft.runtime.clock import VirtualClock
from weft.runtime.pause import Pause

REQUEST = st.tuples(st.integers(0, 60), st.floats(0, 1), st.floats(0, 10), st.booleans())
"""The most a request may take, the share it really takes, how long it runs, whether it is cut off."""


@given(st.lists(REQUEST, max_size=14), st.integers(1, 150))
def test_spent_and_held_never_exceed_the_ceiling(requests: list[tuple[int, float, float, bool]], ceiling: int) -> None:
    async def main() -> tuple[Budget, int]:
        clock = VirtualClock()
        budget = Budget(Ceiling(tokens=ceiling), clock)
        paused = 0

        async def request(number: int, most: int, share: float, seconds: float, cut: bool) -> None:
            nonlocal paused
            try:
                with clock.timeout(seconds / 2 if cut else 1000):
                    held = await budget.reserve(number, most, 0.0)
                    try:
                        assert budget.spent.tokens + sum(other.tokens for other in budget._held) <= ceiling
                        await clock.sleep(seconds)
                    finally:
                        budget.settle(held, Spent(int(most * share), 0))
            except Pause:
                paused += 1
            clock.end()

        async with anyio.create_task_group() as tasks:
            for number, plan in enumerate(requests):
                clock.begin()
                tasks.start_soon(request, number, *plan)
            clock.end()
        return budget, paused

    budget, paused = anyio.run(main)
    assert budget._held == []
    assert budget.spent.tokens <= ceiling
    assert budget.spent.tokens == sum(budget.account(number).tokens for number in range(len(requests)))
    if sum(most for most, *_ in requests) <= ceiling:
        assert paused == 0


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
    assert (budget.limited, budget.spent) == (False, Spent(5, 6, 0.25))
