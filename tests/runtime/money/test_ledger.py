"""Reservations on record: however often a run is killed and resumed, no more is served than its ceiling."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from weft.primitives.calls import Allowance
from weft.primitives.lost import Spent
from weft.runtime.ceiling import Ceiling, Share
from weft.runtime.clock import Clock, RealClock, VirtualClock
from weft.runtime.errors import JournalError
from weft.runtime.journal import Past, RunState, fold
from weft.runtime.journal.events import (
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    Event,
    MoneyMoved,
    RunStarted,
    WorkflowCalled,
    WorkflowLoaded,
)
from weft.runtime.money.budget import Budget
from weft.runtime.money.ledger import Ledger
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError, AgentRequest
from weft.runtime.settings import Settings

CALL = 1000
"""The number of the call of a saved harness, which has a slice of the budget."""
SLICED, CRITICAL = {1, 2}, {3}
"""Agents that draw on the slice, and on the share that is held back."""


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Disk:
    """A record of which only what was committed is left after a kill; `fuse` counts the commits until there is one."""

    durable: list[Event] = field(default_factory=list)
    pending: list[Event] = field(default_factory=list)
    fuse: int = 10**9
    torn: bool = False
    """Whether the last commit is lost with the process."""
    commits: int = 0

    def add(self, event: Event) -> None:
        self.pending.append(event)

    def commit(self) -> None:
        self.commits += 1
        self.fuse -= 1
        if self.fuse > 0 or not self.torn:
            self.durable += self.pending
        self.pending = []
        if self.fuse <= 0:
            raise Killed


def request(number: int) -> AgentRequest:
    given: dict[str, Any] = dict.fromkeys(AgentRequest.__dataclass_fields__)
    given |= {"id": number, "prompt": str(number), "model": "m", "tools": (), "retries": 0, "on_interrupt": "rerun"}
    given |= {"critical": number in CRITICAL, "attempt": 1, "identity": "", "acted": ()}
    return AgentRequest(**given)


@dataclass
class Provider:
    """Counts the most that it may have to be paid for: what was settled as that, all else as it was reserved."""

    served: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def total(self, agents: set[int] | None = None) -> int:
        return sum(tokens for agent, tokens in self.served.items() if agents is None or agent in agents)


@dataclass(frozen=True)
class Step:
    """Some agents ask at the same time, each for so many tokens; then a part of all that is in flight is settled."""

    asks: list[tuple[int, int]]
    settles: float
    used: float
    ends: list[int]


STEPS = st.builds(
    Step,
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 400)), max_size=6),
    st.floats(0, 1),
    st.floats(0.5, 1),
    st.lists(st.integers(0, 5), max_size=2),
)


@dataclass(frozen=True)
class Life:
    """One execution: its ceiling, what it does, and after how many commits it is killed."""

    ceiling: int
    steps: list[Step]
    fuse: int
    torn: bool


LIVES = st.lists(
    st.builds(Life, st.integers(200, 1500), st.lists(STEPS, min_size=1, max_size=4), st.integers(2, 12), st.booleans()),
    min_size=2,
    max_size=5,
)


async def live(life: Life, disk: Disk, provider: Provider) -> None:
    """Spend as a run does that begins over a record, until it is killed or has nothing left to do."""
    state, past, clock = (
        fold(disk.durable and [(0.0, event) for event in disk.durable]),
        Past(disk.durable),
        RealClock(),
    )
    state.write_off()
    assert provider.total() <= state.spent.tokens, "something was served that the record does not count"
    budget = Budget(
        Ceiling(tokens=life.ceiling),
        clock,
        state.spent,
        hold={"critical": Share(10, percent=True)},
        before=past.paid,
        unsettled=past.unsettled,
    )
    assert past.unsettled == state.unsettled
    ledger = Ledger(disk, clock)
    budget.keep_in(ledger)
    disk.fuse, disk.torn = life.fuse, life.torn
    disk.add(
        RunStarted(run="r", name="n", task="", digest="", args=None, now="", settings=Settings(), spent=state.spent)
    )
    called = WorkflowCalled(id=CALL, path="w", line=1, name="inner", args=None, budget=0.5)
    known = past.workflow(called)
    most = known.event.slices[-1].tokens if known.event else life.ceiling // 8
    budget.slices.open(CALL, "inner", Ceiling(tokens=most), within=None, spent=known.spent, unsettled=known.unsettled)
    allowance = Allowance(tokens=life.ceiling, spent=state.spent)
    disk.add(called)
    disk.add(
        WorkflowLoaded(
            id=CALL, source="x", args=None, refused=None, allowance=allowance, slices=(Allowance(tokens=most),)
        )
    )
    for number in range(6):
        slice_ = CALL if number in SLICED else None
        budget.enrol(request(number), slice_)
        disk.add(AgentCalled(path="", line=1, key=f"2:{number}", request=request(number), slice=slice_))
    disk.commit()
    in_flight: list[Any] = []
    ended: set[int] = set()

    async def ask(agent: int, tokens: int) -> None:
        try:
            reserved = await budget.reserve(agent, tokens, 0.0)
        except (Pause, AgentError):
            return
        provider.served[agent] += tokens  # it leaves now
        in_flight.append(reserved)

    for step in life.steps:
        async with anyio.create_task_group() as tasks:
            tasks.cancel_scope.deadline = anyio.current_time() + 0.05  # some wait for room that nobody leaves
            for agent, tokens in step.asks:
                if agent not in ended and budget.fits(agent, tokens, 0.0):
                    tasks.start_soon(ask, agent, tokens)
        assert provider.total() <= max(life.ceiling, state.spent.tokens)
        assert provider.total(SLICED) <= max(most, known.spent.tokens)
        for reserved in in_flight[: round(len(in_flight) * step.settles)]:
            in_flight.remove(reserved)
            used = round(reserved.tokens * step.used)
            provider.served[reserved.agent] -= reserved.tokens - used
            budget.settle(reserved, Spent(used))
        for agent in step.ends:
            if agent not in ended and not any(reserved.agent == agent for reserved in in_flight):
                ended.add(agent)
                spent = budget.account(agent)
                disk.add(
                    AgentFinished(id=agent, value="x", spent=spent)
                    if agent % 2
                    else AgentCancelled(id=agent, spent=spent)
                )
        if step.ends:
            disk.commit()
    disk.pending = []  # killed


@settings(max_examples=40)
@given(LIVES)
@example([Life(800, [Step([(1, 80)], 0.0, 1.0, [])], 9, torn=False)] * 3)
@example(
    [Life(800, [Step([(2, 60), (3, 70)], 1.0, 0.5, []), Step([(2, 60), (4, 600)], 0.0, 1.0, [])], 9, torn=True)] * 3
)
def test_what_was_served_at_most_never_passes_the_ceiling(lives: list[Life]) -> None:
    disk, provider = Disk(), Provider()
    for life in lives:
        try:
            anyio.run(live, life, disk, provider)
        except* Killed:
            disk.pending = []


def spend(work: Any, disk: Any) -> Any:
    async def go() -> Any:
        clock: Clock = VirtualClock()
        budget = Budget(Ceiling(tokens=10**6), clock)
        budget.keep_in(Ledger(disk, clock))
        return await work(budget)

    return anyio.run(go)


def test_a_hundred_reservations_of_one_moment_are_one_commit_and_are_durable_before_they_are_granted() -> None:
    disk = Disk()

    async def all_at_once(budget: Budget) -> None:
        async def ask(agent: int) -> None:
            await budget.reserve(agent, 10, 0.0)
            (moved,) = disk.durable
            assert isinstance(moved, MoneyMoved) and len(moved.reserved) == 100

        async with anyio.create_task_group() as tasks:
            for agent in range(100):
                tasks.start_soon(ask, agent)

    spend(all_at_once, disk)
    assert disk.commits == 1


def test_virtual_time_goes_on_for_all_that_were_recorded_together() -> None:
    async def sleep_after(budget: Budget, clock: Clock) -> float:
        async def ask(agent: int) -> None:
            await budget.reserve(agent, 10, 0.0)
            await clock.sleep(agent)
            clock.end()

        async with anyio.create_task_group() as tasks:
            for agent in range(1, 6):
                clock.begin()
                tasks.start_soon(ask, agent)
            clock.end()  # the driver waits from here on
        return clock.now()

    async def go() -> float:
        clock = VirtualClock()
        budget = Budget(Ceiling(tokens=10**6), clock)
        budget.keep_in(Ledger(Disk(), clock))
        with anyio.fail_after(10):  # else it would be for ever
            return await sleep_after(budget, clock)

    assert anyio.run(go) == 5.0


def test_what_costs_nothing_is_not_recorded() -> None:
    disk = Disk()

    async def ask(budget: Budget) -> None:
        budget.settle(await budget.reserve(0, 0, 0.0), Spent())

    spend(ask, disk)
    assert (disk.commits, disk.pending, disk.durable) == (0, [], [])


def test_a_reservation_that_cannot_be_recorded_is_none() -> None:
    class Full(Disk):
        def commit(self) -> None:
            raise JournalError("the disk is full", where="run.db")

    async def two(budget: Budget) -> None:
        async def ask(agent: int) -> None:
            with pytest.raises(Pause, match="the disk is full") as paused:
                await budget.reserve(agent, 10, 0.0)
            assert paused.value.reason == "journal"

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, 0)
            tasks.start_soon(ask, 1)
        assert (budget.reserved, budget.spent) == (Spent(), Spent())

    spend(two, Full())


def test_who_is_cancelled_while_it_is_recorded_holds_nothing_and_keeps_nobody_waiting() -> None:
    disk = Disk()

    async def cancelled(budget: Budget) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(budget.reserve, 1, 20, 0.0)
            with anyio.CancelScope() as scope:
                scope.cancel()
                await budget.reserve(0, 10, 0.0)
        assert budget.reserved == Spent(20)

    spend(cancelled, disk)


def test_where_only_what_nobody_settled_is_in_the_way_that_is_said() -> None:
    state = RunState()
    disk = [
        RunStarted(run="r", name="n", task="", digest="", args=None, now="", settings=Settings()),
        AgentCalled(path="", line=1, key="2:0", request=request(0)),
        MoneyMoved(reserved=((1, 0, 600, 0.0), (2, 0, 300, 0.0))),  # type: ignore[arg-type]
    ]
    for event in disk:
        state.apply(0.0, _read_back(event))
    state.write_off()
    assert (state.unsettled.requests, state.spent) == (2, Spent(900))

    async def ask() -> None:
        budget = Budget(Ceiling(tokens=1000), RealClock(), state.spent, unsettled=state.unsettled)
        with pytest.raises(Pause, match="900 tokens of what counts as spent is the most that 2 requests in flight"):
            await budget.reserve(1, 200, 0.0)
        with pytest.raises(Pause) as beyond:
            await budget.reserve(1, 2000, 0.0)
        assert "in flight" not in beyond.value.message

    anyio.run(ask)


def _read_back(event: Event) -> Event:
    from pathlib import Path

    from weft.runtime.journal.codec import decoded, encoded

    (seq, *row), _ = encoded(0.0, event, 1, 0)
    return decoded(Path("run.db"), seq, row, {}, 0)
