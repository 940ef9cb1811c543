"""When requests leave: what headers say, buckets, the window of concurrency, the line before them. In virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import examples

from weft.runtime.agents.limiter import HOPELESS_AFTER, Limit, Permit, SharedLimits, limits_for
from weft.runtime.agents.rates import Bucket, Told, Window, told_by
from weft.runtime.clock import RealClock, VirtualClock
from weft.runtime.pause import Pause
from weft.runtime.project.config import ModelConfig
from weft.runtime.request import AgentError


class TestHeaders:
    def test_those_of_anthropic(self) -> None:
        told = told_by(
            {
                "date": "Tue, 10 Mar 2026 12:00:00 GMT",
                "anthropic-ratelimit-requests-limit": "50",
                "anthropic-ratelimit-requests-remaining": "49",
                "anthropic-ratelimit-requests-reset": "2026-03-10T12:00:01Z",
                "anthropic-ratelimit-input-tokens-limit": "30000",
                "anthropic-ratelimit-input-tokens-remaining": "0",
                "anthropic-ratelimit-input-tokens-reset": "2026-03-10T12:01:00+00:00",
            }
        )
        assert told == {"requests": Told(50, 49, 1.0), "input_tokens": Told(30_000, 0, 60.0)}

    @pytest.mark.parametrize(
        ("reset", "seconds"),
        [("1s", 1.0), ("6m0s", 360.0), ("20ms", 0.02), ("1h2m3.5s", 3723.5), ("7", 7.0), ("soon", None), ("", None)],
    )
    def test_those_of_openai(self, reset: str, seconds: float | None) -> None:
        headers = {"limit-tokens": "100", "remaining-tokens": "40", "reset-tokens": reset}
        told = told_by({f"x-ratelimit-{name}": value for name, value in headers.items()})
        assert told == {"tokens": Told(100, 40, seconds)}

    @given(st.dictionaries(st.sampled_from(["limit", "remaining", "reset"]), st.text(max_size=8)))
    def test_nonsense_is_not_said(self, fields: dict[str, str]) -> None:
        told_by({f"anthropic-ratelimit-requests-{name}": value for name, value in fields.items()})


class TestBucket:
    @given(st.integers(1, 1000), st.lists(st.tuples(st.floats(0, 100), st.floats(0.01, 30)), max_size=60))
    def test_no_time_sees_more_than_it_allows(self, limit: int, tries: list[tuple[float, float]]) -> None:
        bucket, now = Bucket(limit), 0.0
        taken: list[tuple[float, float]] = []
        for amount, pause in tries:
            now += pause
            if not bucket.wait(amount, now):
                bucket.take(amount, now)
                taken.append((now, amount))
        for first in range(len(taken)):
            total = 0.0
            for at, amount in taken[first:]:
                total += amount
                if max(size for _, size in taken[first:]) <= limit:
                    assert total <= limit + (at - taken[first][0]) * limit / 60 + 1e-3

    @given(st.integers(1, 1000), st.floats(0.01, 5000), st.floats(0, 1000))
    def test_the_wait_is_as_long_as_it_says(self, limit: int, amount: float, used: float) -> None:
        bucket = Bucket(limit)
        bucket.take(used, 0.0)
        wait = bucket.wait(amount, 0.0)
        assert bucket.wait(amount, wait) == 0.0
        assert wait < 0.01 or bucket.wait(amount, wait * 0.9) > 0.0

    def test_the_word_of_the_provider_replaces_the_own_count(self) -> None:
        bucket = Bucket(None)
        assert bucket.wait(1e9, 0.0) == 0.0
        assert bucket.learn(Told(60, 10), pending=4, now=0.0)
        assert (bucket.level(0.0), bucket.level(30.0), bucket.level(999.0)) == (6, 36, 60)

    def test_where_less_is_configured_both_hold(self) -> None:
        bucket = Bucket(30)
        assert not bucket.learn(Told(60, 50), pending=0, now=0.0)
        assert (bucket.limit, bucket.level(0.0)) == (30, 30)
        bucket.learn(Told(60, 3), pending=0, now=0.0)
        assert bucket.level(0.0) == 3

    def test_a_limit_for_a_day_refills_over_a_day(self) -> None:
        bucket = Bucket(None)
        bucket.learn(Told(14_400, 0, full_in=86_400), pending=0, now=0.0)
        assert bucket.wait(1, 0.0) == pytest.approx(6.0)


class TestWindow:
    def test_it_starts_fast_and_grows_slowly_after_a_refusal(self) -> None:
        window = Window(None)
        for _ in range(28):
            window.took(saturated=True)
        assert window.size == 32
        window.refused(40, last=60)
        after = window.size
        assert 16 <= after < 32
        for _ in range(after):
            window.took(saturated=True)
        assert window.size == after + 1 or window.size == after

    def test_it_does_not_grow_while_it_is_not_used(self) -> None:
        window = Window(None)
        for _ in range(100):
            window.took(saturated=False)
        assert window.size == 4

    def test_what_was_in_flight_together_shrinks_it_once(self) -> None:
        window = Window(None)
        for _ in range(60):
            window.took(saturated=True)
        window.refused(100, last=164)
        once = window.size
        for number in range(101, 165):
            window.refused(number, last=164)
        assert window.size == once
        window.refused(165, last=165)
        assert window.size < once

    @given(st.none() | st.integers(1, 50), st.lists(st.booleans(), max_size=300))
    def test_it_stays_between_one_and_the_most(self, most: int | None, taken: list[bool]) -> None:
        window = Window(most)
        for number, took in enumerate(taken, start=1):
            if took:
                window.took(saturated=True)
            else:
                window.refused(number, last=number)
            assert 1 <= window.size <= (most or 10_000)


# ------------------------------------------------------------------------------------------------ the line


@dataclass
class Plan:
    """What one request does."""

    after: float = 0.0
    seconds: float = 1.0
    size: int = 400
    output: int = 50
    refused: tuple[float | None, ...] = ()
    """How often at first, and for how long it says."""
    cancelled_after: float | None = None


@dataclass
class World:
    """A limit, and what has come of requests to it."""

    limit: Limit
    clock: VirtualClock
    sent: list[tuple[float, int]] = field(default_factory=list)
    """When which request left."""
    served: list[int] = field(default_factory=list)
    most: int = 0
    """That were ever in flight together."""

    async def request(self, number: int, plan: Plan) -> None:
        ticket = self.limit.ticket(str(number))
        refusals = list(plan.refused)
        with anyio.CancelScope() as scope:
            self.clock.expire(scope, plan.cancelled_after)
            while number not in self.served:
                permit = await self.limit.enter(ticket, self.limit.demand(plan.size, plan.output))
                await self.send(number, plan, permit, refusals)
        self.clock.expire(scope, None)

    async def send(self, number: int, plan: Plan, permit: Permit, refusals: list[float | None]) -> None:
        self.sent.append((self.clock.now(), number))
        self.most = max(self.most, self.limit.in_flight)
        assert self.limit.in_flight <= self.limit.window.size
        try:
            await self.clock.sleep(plan.seconds)
            if refusals:
                permit.refuse(refusals.pop(0), limited=True)
            else:
                permit.settle(plan.size // 4, plan.output)
                self.served.append(number)
        finally:
            permit.leave()


def play(config: ModelConfig, plans: list[Plan]) -> World:
    """Let requests come and go until all have ended."""

    async def go() -> World:
        clock = VirtualClock()
        world = World(Limit("test:model", clock, config), clock)
        left, over = len(plans), anyio.Event()

        async def one(number: int, plan: Plan) -> None:
            nonlocal left
            try:
                await clock.sleep(plan.after)
                await world.request(number, plan)
            finally:
                left -= 1
                if not left:
                    clock.wake(over)
                clock.end()

        async with anyio.create_task_group() as tasks:
            for number, plan in enumerate(plans):
                clock.begin()
                tasks.start_soon(one, number, plan)
            if plans:
                await clock.wait(over)
        return world

    return anyio.run(go)


PLANS = st.lists(
    st.builds(
        Plan,
        after=st.floats(0, 20),
        seconds=st.floats(0.01, 5),
        size=st.integers(4, 4000),
        output=st.integers(1, 300),
        refused=st.lists(st.none() | st.floats(0.1, 30), max_size=3).map(tuple),
        cancelled_after=st.none() | st.floats(0, 60),
    ),
    max_size=25,
)
CONFIGS = st.builds(
    ModelConfig,
    concurrency=st.none() | st.integers(1, 6),
    requests_per_minute=st.none() | st.integers(5, 60),
    input_tokens_per_minute=st.none() | st.integers(500, 5_000),
    output_tokens_per_minute=st.none() | st.integers(500, 5_000),
)


class TestLine:
    @settings(max_examples=examples(50, of=150))
    @given(CONFIGS, PLANS)
    def test_all_are_served_within_the_limits_and_nothing_is_left(self, config: ModelConfig, plans: list[Plan]) -> None:
        world = play(config, plans)
        expected = {number for number, plan in enumerate(plans) if plan.cancelled_after is None}
        assert expected <= set(world.served)
        assert (world.limit.in_flight, world.limit.waiting) == (0, 0)
        assert world.most <= (config.concurrency or 10_000)
        most = config.requests_per_minute
        if most is not None and not any(plan.refused for plan in plans):
            for index in range(len(world.sent)):
                for later in range(index, len(world.sent)):
                    seconds = world.sent[later][0] - world.sent[index][0]
                    assert later - index + 1 <= most + seconds * most / 60 + 1e-3

    def test_first_come_first_served(self) -> None:
        world = play(ModelConfig(concurrency=2, requests_per_minute=30), [Plan(after=n / 10) for n in range(40)])
        assert [number for _, number in world.sent] == list(range(40))

    def test_who_was_refused_comes_before_those_who_came_later(self) -> None:
        plans = [Plan(refused=(None,)), *[Plan(after=0.1, seconds=3.0)] * 8]
        world = play(ModelConfig(concurrency=1), plans)
        assert [number for _, number in world.sent[:3]] == [0, 1, 0]

    def test_large_requests_are_not_starved_by_small_ones(self) -> None:
        plans = [Plan(size=80_000), *[Plan(after=0.1 + n / 50, size=400) for n in range(200)]]
        world = play(ModelConfig(input_tokens_per_minute=10_000), [Plan(size=39_000), *plans])
        assert [number for _, number in world.sent].index(1) == 1

    def test_a_limit_without_a_number_that_refuses_everybody_holds_everybody(self) -> None:
        plans = [Plan(refused=(30.0,), seconds=0.1), *[Plan(after=1.0)] * 5]
        world = play(ModelConfig(), plans)
        assert all(at >= 30.0 for at, _ in world.sent[1:])

    def test_full_jitter_differs_between_requests_and_not_between_runs(self) -> None:
        plans = [Plan(refused=(None,) * 3, seconds=0.01) for _ in range(4)]
        times = [at for at, _ in play(ModelConfig(), plans).sent]
        assert times == [at for at, _ in play(ModelConfig(), plans).sent]
        assert len(set(times[4:])) == len(times[4:])


class TestProvider:
    """What a provider says is taken at its word."""

    def entered(self, body: Callable[[Limit, VirtualClock], Awaitable[None]], **config: int) -> None:
        async def go() -> None:
            clock = VirtualClock()
            await body(Limit("test:model", clock, ModelConfig(**config)), clock)

        anyio.run(go)

    def test_what_remains_there_less_what_is_on_its_way(self) -> None:
        async def body(limit: Limit, clock: VirtualClock) -> None:
            demand = limit.demand(400, 50)
            first = await limit.enter(limit.ticket("a"), demand)
            await limit.enter(limit.ticket("b"), demand)
            told = {"anthropic-ratelimit-requests-limit": "60", "anthropic-ratelimit-requests-remaining": "2"}
            limit.heard(first, told)
            assert limit.buckets["requests"].level(clock.now()) == 1  # the second has not been counted there
            await limit.enter(limit.ticket("c"), demand)
            begun = clock.now()
            first.leave()
            await limit.enter(limit.ticket("d"), demand)
            assert clock.now() - begun == pytest.approx(1.0)

        self.entered(body)

    def test_old_news_are_no_news(self) -> None:
        async def body(limit: Limit, clock: VirtualClock) -> None:
            first = await limit.enter(limit.ticket("a"), limit.demand(400, 50))
            second = await limit.enter(limit.ticket("b"), limit.demand(400, 50))
            limit.heard(second, {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0"})
            limit.heard(first, {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59"})
            assert limit.buckets["requests"].level(clock.now()) <= 0

        self.entered(body)

    def test_estimates_follow_what_is_used(self) -> None:
        async def body(limit: Limit, clock: VirtualClock) -> None:
            for _ in range(200):
                permit = await limit.enter(limit.ticket("a"), limit.demand(1000, 8192))
                permit.settle(100, 30)
                permit.leave()
            amounts = limit.demand(1000, 8192).amounts
            assert amounts["input_tokens"] == pytest.approx(100, rel=0.02)
            assert amounts["output_tokens"] == pytest.approx(30, rel=0.02)

        self.entered(body)

    def test_whoever_wakes_a_rounding_error_early_goes(self) -> None:
        async def body(limit: Limit, clock: VirtualClock) -> None:
            await clock.sleep(8.9)
            ticket = limit.ticket("a")
            ticket.not_before = 30.3
            await limit.enter(ticket, limit.demand(400, 50))
            assert clock.now() < ticket.not_before

        self.entered(body)

    def test_an_hour_of_refusals_without_a_time_is_enough(self) -> None:
        async def body(limit: Limit, clock: VirtualClock) -> None:
            ticket = limit.ticket("a")
            with pytest.raises(Pause, match="has taken no request for") as pause:
                while True:
                    permit = await limit.enter(ticket, limit.demand(400, 50))
                    try:
                        permit.refuse(None, limited=False)
                    finally:
                        permit.leave()
            assert pause.value.reason == "provider"
            assert HOPELESS_AFTER <= clock.now() < HOPELESS_AFTER + 120
            assert limit.in_flight == 0

        self.entered(body)

    @pytest.mark.parametrize("named", [120.0, None])
    def test_who_has_little_patience_is_told(self, named: float | None) -> None:
        async def body(limit: Limit, clock: VirtualClock) -> None:
            ticket = limit.ticket("a")
            with pytest.raises(AgentError, match="takes no more requests") as lost:
                while True:
                    permit = await limit.enter(ticket, limit.demand(400, 50), patience=60.0)
                    permit.refuse(named, limited=True)
                    permit.leave()
            assert (lost.value.cause, limit.in_flight, limit.waiting) == ("rate_limit", 0, 0)
            assert clock.now() <= 60.0

        self.entered(body)

    def test_room_is_where_nobody_waits_and_the_window_is_open(self) -> None:
        async def body(limit: Limit, clock: VirtualClock) -> None:
            assert limit.room()
            permit = await limit.enter(limit.ticket("a"), limit.demand(400, 50))
            assert not limit.room()
            permit.leave()
            assert limit.room()

        self.entered(body, concurrency=1)


def test_runs_of_one_loop_share_limits_and_virtual_time_does_not() -> None:
    async def go() -> tuple[SharedLimits, SharedLimits, SharedLimits]:
        return limits_for(RealClock()), limits_for(RealClock()), limits_for(VirtualClock())

    one, same, own = anyio.run(go)
    assert one is same and own is not one
    config = ModelConfig()
    assert one.of("m", "a", config) is same.of("m", "a", config)
    assert one.of("m", "a", config) is not one.of("m", "b", config)
    assert anyio.run(go)[0] is not one


class TestReasons:
    """What an agent is said to wait for is what it waits for."""

    async def reasons(self, limit: Limit, requests: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        said: list[str] = []

        @asynccontextmanager
        async def told(reason: str, detail: str, seconds: float | None) -> AsyncIterator[None]:
            said.append(detail)
            yield

        monkeypatch.setattr("weft.runtime.agents.limiter.waiting", told)
        async with anyio.create_task_group() as tasks:
            for number in range(requests):
                tasks.start_soon(limit.enter, limit.ticket(str(number)), limit.demand(100, 100))
            await anyio.sleep(0.01)
            tasks.cancel_scope.cancel()
        return said

    @pytest.mark.parametrize(
        ("config", "said"),
        [
            (ModelConfig(), "a:b is asked 4 requests at a time for now, one more with each that is answered"),
            (ModelConfig(concurrency=2), "a:b is asked 2 requests at a time, as configured"),
            (ModelConfig(requests_per_minute=1), "rate limit of a:b"),
        ],
    )
    def test_a_limit_is_named_only_where_it_is_the_cause(
        self, config: ModelConfig, said: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = anyio.run(lambda: self.reasons(Limit("a:b", RealClock(), config), 6, monkeypatch))
        assert set(found) == {said}

    def test_a_window_that_was_shrunk_says_so(self) -> None:
        window = Window(None)
        window.refused(1, 1)
        assert "growing again slowly" in window.why
