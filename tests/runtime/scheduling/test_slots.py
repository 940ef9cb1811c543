"""Slots: how many agents are at work, what becomes of those that wait, are stopped, cancelled or out of time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import examples

from weft.runtime.agents.answer import Answer
from weft.runtime.agents.limiter import Limit
from weft.runtime.ceiling import Ceiling
from weft.runtime.clock import VirtualClock
from weft.runtime.journal.events import AgentCalled
from weft.runtime.money.budget import Budget
from weft.runtime.project.config import ModelConfig
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.scheduling.scheduler import Scheduler
from weft.runtime.scheduling.slots import Caps
from weft.runtime.trail import Trail
from weft.runtime.working import WaitsFor, waiting
from weft.sandbox.protocol import Result

GROUPS = [("a", None), ("a", "critic"), ("b", None)]


@dataclass(frozen=True)
class Plan:
    """What one agent does: works, waits for its provider, works again."""

    group: tuple[str, str | None] = ("a", None)
    works: tuple[int, ...] = (1,)
    """Seconds at work; between two of them it waits."""
    waits: int = 0
    """Seconds it waits each time."""
    timeout: float | None = None
    cancelled_at: int | None = None


@dataclass
class World:
    """Runs plans, and writes down what happens to them."""

    plans: list[Plan]
    caps: Caps
    clock: VirtualClock = field(default_factory=VirtualClock)
    at_work: set[int] = field(default_factory=set)
    log: list[tuple[float, str, int]] = field(default_factory=list)
    ended: dict[int, str] = field(default_factory=dict)
    later: list[tuple[int, Callable[[], object]]] = field(default_factory=list)
    """What is done at which second."""
    scheduler: Scheduler = field(init=False)

    async def agents(self, request: AgentRequest) -> AgentReply:
        plan, number = self.plans[request.id], request.id
        for turn, seconds in enumerate(plan.works):
            if turn:
                async with waiting("limit", "rate limit"):
                    await self.clock.sleep(plan.waits)
            self.at_work.add(number)
            self.check()
            try:
                await self.clock.sleep(seconds)
            finally:
                self.at_work.discard(number)
        return AgentReply(value="done")

    def check(self) -> None:
        assert len(self.at_work) <= self.caps.concurrency
        for part, caps in enumerate((self.caps.models, self.caps.profiles)):
            for name, most in caps.items():
                assert sum(self.plans[number].group[part] == name for number in self.at_work) <= most

    def agents_start(self, calls: list[AgentCalled]) -> None:
        self.log += [(self.clock.now(), "start", called.id) for called in calls]

    def agent_ended(self, request: AgentRequest, answered: Answer, _trail: Trail) -> Result:
        assert request.id not in self.ended
        self.ended[request.id] = answered.lost.cause if answered.lost else "done"
        self.log.append((self.clock.now(), self.ended[request.id], request.id))
        return Result(id=request.id, value=answered.value, lost=answered.lost)

    def agent_cancelled(self, request: AgentRequest, _trail: Trail) -> None:
        assert request.id not in self.ended
        self.ended[request.id] = "cancelled"

    def agent_waits(self, request: AgentRequest, reason: WaitsFor, detail: str, seconds: float | None) -> None:
        self.log.append((self.clock.now(), "waits", request.id))

    def agent_goes_on(self, request: AgentRequest) -> None:
        self.log.append((self.clock.now(), "goes_on", request.id))

    def agent_quiet(self, request: AgentRequest, seconds: float) -> None:
        pass

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            budget = Budget(Ceiling(), self.clock)
            self.scheduler = Scheduler(self.agents, tasks, self, budget=budget, clock=self.clock, caps=self.caps)
            for number, plan in enumerate(self.plans):
                self.scheduler.submit(call(number, plan))
                if plan.cancelled_at is not None:
                    self.later.append((plan.cancelled_at, partial(self.scheduler.cancel, number)))
            for moment in self.later:
                self.clock.begin()
                tasks.create_task(self.act(*moment))
            self.scheduler.fill()
            while await self.scheduler.wait(self.scheduler.results):
                self.scheduler.fill()
            self.clock.end()

    async def act(self, at: int, what: Callable[[], object]) -> None:
        await self.clock.sleep(at)
        what()
        self.clock.end()


def call(number: int, plan: Plan) -> AgentCalled:
    model, profile = plan.group
    request = AgentRequest(
        id=number, prompt="x", model=model, profile=profile, tools=(), timeout=plan.timeout, retries=0
    )
    return AgentCalled(path="", line=1, key="k", request=request)


def ran(plans: list[Plan], **caps: object) -> World:
    world = World(plans, Caps(**{"concurrency": 2, "max_agents": 1000, **caps}))  # type: ignore[arg-type]
    anyio.run(world.run)
    return world


def began(world: World) -> dict[int, float]:
    return {number: at for at, kind, number in world.log if kind == "start"}


PLANS = st.builds(
    Plan,
    group=st.sampled_from(GROUPS),
    works=st.lists(st.integers(0, 5), min_size=1, max_size=3).map(tuple),
    waits=st.integers(0, 9),
    timeout=st.none() | st.integers(1, 12).map(float),
    cancelled_at=st.none() | st.integers(0, 12),
)


@pytest.mark.slow
@settings(max_examples=examples(80, of=300))
@given(st.lists(PLANS, max_size=12), st.integers(1, 4), st.none() | st.integers(1, 3), st.none() | st.integers(1, 2))
def test_every_agent_ends_once_and_no_slot_is_lost(
    plans: list[Plan], concurrency: int, of_model: int | None, of_profile: int | None
) -> None:
    """Whatever waits, runs out of time or is cancelled in between; `check` sees to the caps at every step."""
    caps = Caps(
        concurrency=concurrency,
        max_agents=1000,
        models={} if of_model is None else {"a": of_model},
        profiles={} if of_profile is None else {"critic": of_profile},
    )
    world = World(plans, caps)
    anyio.run(world.run)
    assert set(world.ended) == set(range(len(plans)))
    scheduler = world.scheduler
    assert (scheduler.running, scheduler.queued, scheduler._slots.idle) == (0, 0, True)
    for number, plan in enumerate(plans):
        if plan.cancelled_at is None and (plan.timeout is None or sum(plan.works) < plan.timeout):
            assert world.ended[number] == "done"
        elif plan.cancelled_at is None:
            assert world.ended[number] in ("timeout", "done")  # at the last moment either


def test_who_waits_gives_its_slot_to_another_model() -> None:
    """The provider of `a` is closed for 100 s; `b` is served meanwhile, and no further agent of `a` is started."""
    world = ran([Plan(works=(1, 1), waits=100), Plan(), Plan(("b", None)), Plan(("b", None))], concurrency=1)
    assert began(world) == {0: 0.0, 2: 1.0, 3: 2.0, 1: 101.0} or began(world) == {0: 0.0, 2: 1.0, 3: 2.0, 1: 102.0}
    assert set(world.ended.values()) == {"done"}


def test_who_waited_goes_on_before_who_has_not_started() -> None:
    world = ran([Plan(works=(1, 1), waits=2), *[Plan(("b", None), works=(3,))] * 3], concurrency=1)
    assert [(at, number) for at, kind, number in world.log if kind in ("start", "goes_on")] == [
        *((0.0, 0), (1.0, 1), (4.0, 0), (5.0, 2), (8.0, 3))
    ]


def test_waiting_does_not_count_against_the_time_of_an_agent() -> None:
    assert ran([Plan(works=(2, 2), waits=1000, timeout=5.0)]).ended == {0: "done"}
    assert ran([Plan(works=(2, 4), waits=1000, timeout=5.0)]).ended == {0: "timeout"}


def test_those_held_back_by_one_that_waits_start_as_soon_as_it_goes_on() -> None:
    world = ran([Plan(works=(1, 100), waits=10), Plan(works=(2,)), Plan()])
    assert began(world) == {0: 0.0, 1: 0.0, 2: 11.0}


class Impatient(World):
    """The first has the only permit for 100 s; the second is kept waiting for 10 s of them, then works without."""

    async def agents(self, request: AgentRequest) -> AgentReply:
        if request.id == 0:
            self.limit = Limit("a", self.clock, ModelConfig(concurrency=1))
            await self.limit.enter(self.limit.ticket("0"), self.limit.demand(1, 1))
        elif request.id == 1:
            with pytest.raises(AgentError, match="takes no more requests"):
                await self.limit.enter(self.limit.ticket("1"), self.limit.demand(1, 1), patience=10.0)
        return await super().agents(request)


def test_who_loses_patience_has_its_slot_and_its_deadline_again() -> None:
    plans = [Plan(works=(100,)), Plan(works=(50,), timeout=20.0), Plan(("b", None), works=(30,))]
    world = Impatient(plans, Caps(concurrency=2, max_agents=1000))
    anyio.run(world.run)
    assert [entry for entry in world.log if entry[2] == 1] == [
        *((0.0, "start", 1), (0.0, "waits", 1), (30.0, "goes_on", 1), (50.0, "timeout", 1))
    ]


@pytest.mark.parametrize(
    ("caps", "first"),
    [
        ({"models": {"a": 1}}, [0, 2]),
        ({"profiles": {"critic": 1}}, [0, 1, 2]),
        ({"room": lambda model: model == "b"}, [2]),
    ],
)
def test_narrower_caps_of_models_and_profiles(caps: dict[str, object], first: list[int]) -> None:
    """Who is kept back by a cap of its own does not keep others back."""
    plans = [Plan(("a", "critic")), Plan(("a", None)), Plan(("b", None))]
    world = World(plans, Caps(concurrency=9, max_agents=9, **caps))  # type: ignore[arg-type]
    anyio.run(world.run)
    assert [number for number, at in began(world).items() if at == 0.0] == first


@pytest.mark.parametrize("caps", [{"models": {"a": 1}}, {"profiles": {"critic": 1}}])
def test_who_waited_goes_on_only_below_the_caps_of_its_own(caps: dict[str, object]) -> None:
    """Another has its place in the meantime, since the provider has room for it; a third is in nobody's way."""
    plans = [Plan(("a", "critic"), works=(1, 1), waits=2), Plan(("a", "critic"), works=(5,)), Plan(("b", None))]
    world = ran(plans, room=lambda _model: True, **caps)
    assert [(at, number) for at, kind, number in world.log if kind == "goes_on"] == [(6.0, 0)]


def test_a_person_stops_one_agent_wherever_it_is() -> None:
    world = World([Plan(works=(9,)), Plan(works=(9,)), Plan()], Caps(concurrency=1, max_agents=9))
    said = []
    world.later = [(1, lambda n=number: said.append(world.scheduler.stop(n, "by hand"))) for number in (7, 1, 0)]  # type: ignore[misc]
    anyio.run(world.run)
    assert said == [False, True, True]
    assert world.ended == {0: "stopped", 1: "stopped", 2: "done"}
    assert world.clock.now() == 2.0


def held(world: World, then: Callable[[], None]) -> None:
    """Run, holding the run in its first second; do something once nothing moves any more, however long that takes."""
    world.later = [(1, lambda: world.scheduler.suspend("by hand"))]

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.run)
            await anyio.wait_all_tasks_blocked()
            then()

    anyio.run(main)


def test_while_a_run_is_held_nothing_starts_and_what_runs_goes_on() -> None:
    world = World([Plan(works=(3,)), Plan(), Plan()], Caps(concurrency=1, max_agents=9))

    def go_on() -> None:
        assert (world.ended, world.scheduler.queued) == ({0: "done"}, 2)
        world.scheduler.go_on()

    held(world, go_on)
    assert began(world) == {0: 0.0, 1: 3.0, 2: 4.0}  # virtual time stood still


def test_a_run_that_is_held_can_still_be_paused() -> None:
    world = World([Plan(works=(3,)), Plan()], Caps(concurrency=1, max_agents=9))
    held(world, lambda: world.scheduler.pause("user", "enough"))
    assert (world.ended, world.scheduler.queued) == ({0: "done"}, 1)
