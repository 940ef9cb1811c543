"""The budget, request by request: what is granted, who waits, who is refused, and what is held back for whom."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import Any

import anyio
import pytest
from budgets import ask

from weft.primitives.lost import Spent
from weft.runtime.ceiling import Ceiling, Share, check_hold, read_hold
from weft.runtime.clock import VirtualClock
from weft.runtime.errors import Refused, UsageError
from weft.runtime.journal.events import Reserved
from weft.runtime.money.budget import Budget
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError, AgentRequest
from weft.runtime.working import WaitsFor, at_work


def spending(
    ceiling: Ceiling,
    steps: Callable[[Budget, VirtualClock], Awaitable[Any]],
    **options: Any,
) -> Any:
    """Return what `steps` returns with a budget and its clock."""

    async def main() -> Any:
        clock = VirtualClock()
        return await steps(Budget(ceiling, clock, **options), clock)

    return anyio.run(main)


def test_dollars_add_up_as_a_person_adds_them() -> None:
    """Three times ten cents are thirty cents: as floats they would be a little more."""

    async def steps(budget: Budget, _clock: VirtualClock) -> None:
        for held in [await budget.reserve(number, 0, 0.1) for number in range(3)]:
            budget.settle(held, Spent(0, 0, 0.1))
        assert (budget.spent.usd, str(budget.refusal(0))) == (0.3, "$0.3000 of $0.3000 is spent; no more agents start")

    spending(Ceiling(usd=0.3), steps)


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
    """90 of 100 tokens are reserved; 20 more fit only once the first turns out to have cost 30."""

    async def steps(budget: Budget, clock: VirtualClock) -> float:
        async def first() -> None:
            held = await budget.reserve(0, 90, 0.0)
            assert budget.reserved == Spent(90)
            await clock.sleep(5)
            budget.settle(held, Spent(30, 0))
            clock.end()

        async with anyio.create_task_group() as tasks:
            clock.begin()
            tasks.start_soon(first)
            await clock.sleep(1)
            await budget.reserve(1, 20, 0.0)
        return clock.now()

    assert spending(Ceiling(tokens=100), steps) == 5.0


@pytest.mark.parametrize(
    ("ceiling", "tokens", "usd", "said"),
    [
        (Ceiling(tokens=100), 101, 0.0, "may take 101 tokens, 100 are left"),
        (Ceiling(usd=0.5), 1, 0.6, r"may cost \$0.6000, \$0.5000 is left"),
    ],
)
def test_what_can_never_fit_pauses_the_run(ceiling: Ceiling, tokens: int, usd: float, said: str) -> None:
    with pytest.raises(Pause, match=said):
        spending(ceiling, lambda budget, _clock: budget.reserve(0, tokens, usd))


def test_what_would_not_fit_either_if_all_in_flight_were_free_is_refused_at_once() -> None:
    async def steps(budget: Budget, _clock: VirtualClock) -> None:
        reserved = await budget.reserve(0, 90, 0.0)
        with pytest.raises(Pause, match="may take 101 tokens"):
            await budget.reserve(1, 101, 0.0)
        budget.settle(reserved, Spent())

    spending(Ceiling(tokens=100), steps)


def test_no_ceiling_holds_nothing_back() -> None:
    async def steps(budget: Budget, _clock: VirtualClock) -> Spent:
        held = await budget.reserve(0, 10**9, 10.0**9)
        budget.settle(held, Spent(5, 6, 0.25))
        return budget.spent

    assert spending(Ceiling(), steps) == Spent(5, 6, 0.25)


class TestHeldBack:
    HOLD = {"Report": Share(20, percent=True)}  # noqa: RUF012

    def test_others_cannot_have_it_and_its_pool_can(self) -> None:
        async def steps(budget: Budget, _clock: VirtualClock) -> None:
            budget.enrol(ask(1, "Report"))
            budget.settle(await budget.reserve(0, 80, 0.0), Spent(80))
            said = "80 of 100 tokens are spent; 20 tokens held back for 'Report'; no more agents start"
            assert str(budget.refusal(0)) == said
            assert budget.refusal(1) is None
            budget.settle(await budget.reserve(1, 20, 0.0), Spent(20))
            assert str(budget.refusal(1)) == "100 of 100 tokens are spent; no more agents start"

        spending(Ceiling(tokens=100), steps, hold=self.HOLD)

    def test_its_pool_may_use_more_than_its_share_and_that_counts_against_it_first(self) -> None:
        async def steps(budget: Budget, _clock: VirtualClock) -> None:
            budget.enrol(ask(1, "Report"))
            budget.settle(await budget.reserve(1, 50, 0.0), Spent(50))
            assert budget.fits(0, 50, 0.0)

        spending(Ceiling(tokens=100), steps, hold=self.HOLD)

    def test_a_critical_agent_draws_on_its_phase_before_the_share_of_critical_ones(self) -> None:
        async def steps(budget: Budget, _clock: VirtualClock) -> None:
            both = ask(1, "critical")
            budget.enrol(both)
            budget.enrol(AgentRequest(**{**_fields(both), "id": 2, "phase": "Report"}))
            assert (budget.fits(1, 80, 0.0), budget.fits(1, 81, 0.0)) == (True, False)
            assert (budget.fits(2, 90, 0.0), budget.fits(2, 91, 0.0)) == (True, False)

        hold = {**self.HOLD, "critical": Share(10, percent=True)}
        spending(Ceiling(tokens=100), steps, hold=hold)

    @pytest.mark.parametrize(("asked", "granted"), [(20, [0, 2, 1, 3]), (25, [0, 1, 2, 3])])
    def test_a_request_within_a_share_waits_for_nobody(self, asked: int, granted: list[int]) -> None:
        """Although somebody else waits before it for the rest of the ceiling, whom one beyond it does not overtake."""

        async def steps(budget: Budget, clock: VirtualClock) -> list[int]:
            order: list[int] = []
            budget.enrol(ask(2, "Report"))

            async def agent(number: int, tokens: int, seconds: float) -> None:
                held = await budget.reserve(number, tokens, 0.0)
                order.append(number)
                await clock.sleep(seconds)
                budget.settle(held, Spent())
                clock.end()

            async with anyio.create_task_group() as tasks:
                for number, tokens, seconds in ((0, 50, 9.0), (1, 60, 1.0), (2, asked, 1.0), (3, 30, 1.0)):
                    clock.begin()
                    tasks.start_soon(agent, number, tokens, seconds)
                clock.end()
            return order

        assert spending(Ceiling(tokens=100), steps, hold=self.HOLD) == granted

    def test_another_execution_numbers_its_agents_anew(self) -> None:
        """Whoever has the number of one that drew on a share, or stood in a slice, has nothing to do with either."""

        async def steps(budget: Budget, _clock: VirtualClock) -> None:
            budget.slices.open(5, "inner", Ceiling(tokens=10), within=None)
            budget.enrol(ask(1, "Report"))
            budget.enrol(ask(2), 5)
            budget.forget_agents()
            for number in (1, 2):
                budget.enrol(ask(number))
                assert (budget.fits(number, 80, 0.0), budget.fits(number, 81, 0.0)) == (True, False)

        spending(Ceiling(tokens=100), steps, hold=self.HOLD)

    def test_what_earlier_executions_used_counts_against_it(self) -> None:
        async def steps(budget: Budget, _clock: VirtualClock) -> None:
            assert (budget.fits(0, 25, 0.0), budget.fits(0, 26, 0.0)) == (True, False)

        before = [(ask(0, "Report"), Spent(15)), (ask(1), Spent(55))]
        spending(Ceiling(tokens=100), steps, hold=self.HOLD, spent=Spent(70), before=before)

    @pytest.mark.parametrize(
        ("texts", "hold"),
        [
            (["Report=10%"], {"Report": Share(10, percent=True)}),
            (["Report=0.5", "critical=12.5%"], {"Report": Share(0.5), "critical": Share(12.5, percent=True)}),
            (["a=b=3"], {"a=b": Share(3)}),
        ],
    )
    def test_is_written_as_a_person_writes_it(self, texts: list[str], hold: dict[str, Share]) -> None:
        assert read_hold(texts) == hold
        assert read_hold(f"{name}={share}" for name, share in hold.items()) == hold

    @pytest.mark.parametrize(
        "texts", [["Report"], ["=10%"], ["a=ten"], ["a=0"], ["a=-1%"], ["a=nan"], ["a=inf%"], ["a=1", "a=2"]]
    )
    def test_what_names_no_share_is_refused(self, texts: list[str]) -> None:
        with pytest.raises(UsageError, match="--hold"):
            read_hold(texts)

    @pytest.mark.parametrize(
        ("ceiling", "texts", "said"),
        [
            (Ceiling(), ["a=10%"], "there is no ceiling"),
            (Ceiling(100, 1.0), ["a=5"], "could be in tokens or in dollars"),
            (Ceiling(tokens=100), ["a=0.5"], "whole number"),
        ],
    )
    def test_what_is_not_clear_is_refused(self, ceiling: Ceiling, texts: list[str], said: str) -> None:
        with pytest.raises(UsageError, match=said):
            check_hold(ceiling, read_hold(texts))

    def test_more_than_there_is_is_refused(self) -> None:
        with pytest.raises(Refused, match=r"60% for 'a' and 50% for 'b', of a ceiling of \$0.3"):
            check_hold(Ceiling(usd=0.3), read_hold(["a=60%", "b=50%"]))
        check_hold(Ceiling(usd=0.3), read_hold(["a=10%", "b=90%"]))  # as floats that would be more than 0.3


def _fields(request: AgentRequest) -> dict[str, Any]:
    return {field.name: getattr(request, field.name) for field in fields(request)}


class TestSlices:
    def test_an_agent_must_fit_in_all_around_it(self) -> None:
        async def steps(budget: Budget, _clock: VirtualClock) -> None:
            budget.slices.open(1, "outer", Ceiling(tokens=50), within=None)
            budget.slices.open(2, "inner", Ceiling(tokens=40), within=1)
            budget.enrol(ask(0), 1)
            budget.enrol(ask(1), 2)
            budget.settle(await budget.reserve(0, 30, 0.0), Spent(30))
            with pytest.raises(AgentError, match=r"that outer has .* may take 30 tokens, 20 are left") as refused:
                await budget.reserve(1, 30, 0.0)
            assert refused.value.cause == "stopped"
            assert budget.fits(2, 70, 0.0)
            told = budget.allowances(2)
            assert [(number, told[number].tokens, told[number].spent) for number in told] == [
                (None, 100, Spent(30)),
                (1, 50, Spent(30)),
                (2, 40, Spent()),
            ]

        spending(Ceiling(tokens=100), steps)

    def test_whoever_waits_in_one_holds_nobody_up_outside(self) -> None:
        async def steps(budget: Budget, clock: VirtualClock) -> float:
            budget.slices.open(1, "s", Ceiling(tokens=50), within=None)
            budget.enrol(ask(0), 1)
            budget.enrol(ask(1), 1)
            held = await budget.reserve(0, 50, 0.0)

            async def inside() -> None:
                budget.settle(await budget.reserve(1, 40, 0.0), Spent())
                clock.end()

            async with anyio.create_task_group() as tasks:
                clock.begin()
                tasks.start_soon(inside)
                await clock.sleep(1)
                await budget.reserve(2, 50, 0.0)
                at = clock.now()
                budget.settle(held, Spent())
            return at

        assert spending(Ceiling(tokens=100), steps) == 1.0


class TestMoved:
    def test_whoever_waits_is_looked_at_again_at_once(self) -> None:
        async def steps(budget: Budget, clock: VirtualClock) -> float:
            held = await budget.reserve(0, 90, 0.0)

            async def raised() -> None:
                await clock.sleep(3)
                budget.raise_to(Ceiling(tokens=110))
                clock.end()

            async with anyio.create_task_group() as tasks:
                clock.begin()
                tasks.start_soon(raised)
                await budget.reserve(1, 20, 0.0)
            budget.settle(held, Spent())
            return clock.now()

        assert spending(Ceiling(tokens=100), steps) == 3.0

    def test_shares_in_per_cent_follow(self) -> None:
        async def steps(budget: Budget, _clock: VirtualClock) -> None:
            budget.raise_to(Ceiling(tokens=200))
            assert (budget.fits(0, 160, 0.0), budget.fits(0, 161, 0.0)) == (True, False)

        spending(Ceiling(tokens=100), steps, hold=TestHeldBack.HOLD)

    def test_it_cannot_go_below_what_is_spent_reserved_and_held_back(self) -> None:
        async def steps(budget: Budget, _clock: VirtualClock) -> None:
            budget.charge(0, Spent(20))
            await budget.reserve(0, 20, 0.0)
            said = "20 tokens spent, 20 tokens reserved; 20 tokens held back for 'Report'"
            with pytest.raises(Refused, match=said):
                budget.raise_to(Ceiling(tokens=48))
            assert budget.ceiling == Ceiling(tokens=100)
            budget.raise_to(Ceiling(tokens=50))  # of which a fifth is held back

        spending(Ceiling(tokens=100), steps, hold=TestHeldBack.HOLD)


class Slots:
    """Stands for the scheduler: whoever waits gives its slot back, and gets it again after a while."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.waits: list[tuple[WaitsFor, str]] = []

    @asynccontextmanager
    async def waiting(self, reason: WaitsFor, detail: str, seconds: float | None) -> AsyncIterator[None]:
        self.waits.append((reason, detail))
        yield
        await self.clock.sleep(2)

    def quiet(self, seconds: float) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("deadline", [1, 6, 100])
def test_whoever_waits_says_so_and_leaves_nothing_behind(deadline: float) -> None:
    """Cut off while it waits for money, while it waits for its slot, or not at all."""

    async def steps(budget: Budget, clock: VirtualClock) -> tuple[list[Any], Spent]:
        slots = Slots(clock)
        held = await budget.reserve(0, 90, 0.0)

        async def other() -> None:
            got: Reserved | None = None
            at_work(slots)
            with clock.timeout(deadline):
                got = await budget.reserve(1, 20, 0.0)
            if got is not None:
                assert budget.reserved == Spent(20)
                budget.settle(got, Spent())
            clock.end()

        async with anyio.create_task_group() as tasks:
            clock.begin()
            tasks.start_soon(other)
            await clock.sleep(5)
            budget.settle(held, Spent())
            clock.end()
        return slots.waits, budget.reserved

    said = ("budget", "requests in flight may leave room")
    assert spending(Ceiling(tokens=100), steps) == ([said], Spent())


def test_a_slice_without_a_ceiling_of_its_own_has_the_one_around_it() -> None:
    budget = Budget(Ceiling(tokens=100), VirtualClock())
    budget.slices.open(1, "those below", None, within=None, agents=2)
    budget.slices.open(2, "inner", Ceiling(tokens=40), within=1)
    budget.slices.open(3, "innermost", None, within=2)
    budget.raise_to(Ceiling(tokens=500))
    assert [limit.tokens for limit in budget.allowances(3).values()] == [500, 500, 40, 40]
