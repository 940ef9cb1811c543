"""The clocks. On the virtual one hours pass in no time, in the order in which they would have passed."""

from __future__ import annotations

import asyncio

import anyio
from hypothesis import given
from hypothesis import strategies as st

from weft.runtime.clock import RealClock, VirtualClock


def test_sleepers_wake_in_order_of_their_time() -> None:
    woken: list[tuple[float, str]] = []

    async def main() -> None:
        clock = VirtualClock()

        async def sleeper(name: str, seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append((clock.now(), name))
            clock.end()

        async with anyio.create_task_group() as tasks:
            for name, seconds in (("slow", 7200.0), ("fast", 1.0), ("also fast", 1.0)):
                clock.begin()
                tasks.start_soon(sleeper, name, seconds)
            clock.end()  # the driver has nothing more to do

    anyio.run(main)
    assert woken == [(1.0, "fast"), (1.0, "also fast"), (7200.0, "slow")]


def test_a_timeout_cuts_a_longer_sleep_and_leaves_a_shorter_one() -> None:
    async def main() -> list[tuple[bool, float]]:
        clock, ended = VirtualClock(), []

        async def work(seconds: float) -> None:
            with clock.timeout(10) as scope:
                await clock.sleep(seconds)
            ended.append((scope.cancelled_caught, clock.now()))
            clock.end()

        async with anyio.create_task_group() as tasks:
            for seconds in (3.0, 3600.0):
                clock.begin()
                tasks.start_soon(work, seconds)
            clock.end()
        return ended

    assert anyio.run(main) == [(False, 3.0), (True, 10.0)]


@given(st.lists(st.lists(st.floats(0, 100), max_size=4), min_size=1, max_size=6))
def test_each_task_ends_at_the_sum_of_its_sleeps(plans: list[list[float]]) -> None:
    async def main() -> dict[int, float]:
        clock, ended = VirtualClock(), {}

        async def work(number: int, plan: list[float]) -> None:
            for seconds in plan:
                await clock.sleep(seconds)
            ended[number] = clock.now()
            clock.end()

        async with anyio.create_task_group() as tasks:
            for number, plan in enumerate(plans):
                clock.begin()
                tasks.start_soon(work, number, plan)
            clock.end()
        return ended

    ended = anyio.run(main)
    for number, plan in enumerate(plans):
        expected = 0.0
        for seconds in plan:
            expected += seconds
        assert ended[number] == expected


def test_whoever_is_woken_counts_as_at_work_before_it_runs() -> None:
    """Otherwise the clock would jump ahead while somebody is about to start something shorter."""

    async def main() -> list[str]:
        clock, order = VirtualClock(), []
        event = anyio.Event()

        async def waiter() -> None:
            await clock.wait(event)
            await clock.sleep(1)
            order.append("short")
            clock.end()

        async def waker() -> None:
            await clock.sleep(5)
            clock.wake(event)
            await clock.sleep(3600)
            order.append("long")
            clock.end()

        async with anyio.create_task_group() as tasks:
            for task in (waiter, waker):
                clock.begin()
                tasks.start_soon(task)
            clock.end()
        return order

    assert anyio.run(main) == ["short", "long"]


class Told:
    """Notes when it is told to end."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name = name
        self.log = log

    def cancel(self) -> None:
        """Note it."""
        self.log.append(self.name)


def test_what_expires_is_cancelled_once_in_the_order_of_what_was_said_last() -> None:
    """One deadline is put off, one brought forward, one given up; one is set when the alarm has rung already."""
    log: list[str] = []

    async def main() -> None:
        clock = RealClock()
        early, late, never, next_ = (Told(name, log) for name in ("early", "late", "never", "next"))
        clock.expire(late, 0.01)
        clock.expire(never, 0.02)
        clock.expire(early, 1000.0)
        clock.expire(late, 0.06)
        clock.expire(early, 0.03)
        clock.expire(never, None)
        await clock.sleep(0.2)
        clock.expire(next_, 0.01)
        clock.expire(never, None)  # nothing was said of it
        await clock.sleep(0.1)

    asyncio.run(main())
    assert log == ["early", "late", "next"]
