"""Agents that have others answer: each such call is a part of the run beside its harness, with a host of its own.

What stands below agent 17 has call paths that go on with `/a17.0`, `/a17.1` …, and numbers from `FIRST` on. All of it
is on record as what the harness asks is; a resume that asks the agent again uses those answers again. A replay passes
it over: what the agent answered is on record. While it waits, the agent has no slot, and its deadline stands still.
Where the run is paused before all that it waits for has begun, it is ended, and asked again when the run goes on.

What agents see of this are the tools of `tools.spawning`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import anyio

from weft.primitives.calls import AgentCall
from weft.primitives.lost import Lost
from weft.runtime.ceiling import Ceiling
from weft.runtime.clock import Clock
from weft.runtime.execution.allowances import Told, fraction
from weft.runtime.execution.host import Host
from weft.runtime.execution.phases import Phases
from weft.runtime.execution.turns import outcome
from weft.runtime.execution.within import Within
from weft.runtime.journal import Past
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import AgentCalled
from weft.runtime.journal.loads import Drawn
from weft.runtime.money.budget import Budget
from weft.runtime.scheduling.results import Results
from weft.runtime.scheduling.scheduler import Scheduler
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.working import waiting
from weft.sandbox.protocol import CallAgent, Failed, Finished, Limits, Result, Start

__all__ = ["FIRST", "MAX_DEPTH", "Below"]

FIRST = 10 * Limits().calls
"""The number of the first call that an agent makes; a harness comes to none so high."""

MAX_DEPTH = 3
"""How many agents may stand above another."""

AT_ONCE = 8
"""How many saved harnesses may be executed for agents at the same time, at each depth: each is a process."""

CALLER = """from weft.primitives import WorkflowRefused, workflow


async def main(args):
    try:
        return {"value": await workflow(args["name"], args["args"])}
    except WorkflowRefused as refused:
        return {"refused": str(refused)}
"""
"""The harness that is executed where an agent wants a saved one."""

Hosting = Callable[[Results, Phases, tuple[str, ...]], Host]
"""Makes a host whose results are gathered there, that begins in these phases, below these saved harnesses."""


@dataclass(slots=True, eq=False)
class _Asker:
    """An agent that may have others answer."""

    called: AgentCalled
    chain: tuple[str, ...]
    """The saved harnesses around it."""
    asked: int = 0
    """How often it has asked for something."""
    waits: int = 0
    """For how much of that it waits."""
    stuck: int = 0
    """How much of that will never come in this execution."""
    slice: int | None = None
    """What those below it draw on."""
    slot: AsyncExitStack | None = None
    """Gives it its slot back."""
    turning: anyio.Lock = field(default_factory=anyio.Lock)
    """Held while it gives its slot back, or waits for one."""


class Below:
    """All that stands below agents in one execution; implements `Spawner`."""

    def __init__(
        self,
        hosting: Hosting,
        scheduler: Scheduler,
        budget: Budget,
        told: Told,
        past: Past,
        clock: Clock,
        *,
        bounded: bool,
    ) -> None:
        """Prepare to let agents have others answer.

        Args:
            hosting: Makes the host of each call.
            scheduler: Runs all agents.
            budget: Gives slices.
            told: Knows what harnesses are told of the budget.
            past: Knows what was drawn on the slices of agents in earlier executions.
            clock: What all wait by.
            bounded: Whether it was proved how many agents there can be: only those that agents may have by their calls.
        """
        self._hosting = hosting
        self._scheduler = scheduler
        self._budget = budget
        self._told = told
        self._past = past
        self._clock = clock
        self._bounded = bounded
        self._askers: dict[int, _Asker] = {}
        self._next = FIRST
        self._places: defaultdict[int, anyio.Semaphore] = defaultdict(lambda: anyio.Semaphore(AT_ONCE))
        self.start: Start | None = None
        """How the run's harness begins: saved ones begin with the same clock and tools."""

    def called(self, called: AgentCalled, chain: tuple[str, ...]) -> None:
        """Take note of an agent that has the tools to have others answer."""
        self._askers[called.id] = _Asker(called, chain)

    async def spawn(self, asker: int, call: AgentCall) -> Result:
        """Ask an agent for another; see `Spawner`."""
        async with self._asking(asker) as (above, path, host):
            number = self._numbers(1)
            host.called(CallAgent(id=number, path=path, line=above.called.line, agent=call, slice=above.slice))
            with _cancelling(host, [number]):
                results = await host.results()
                return results[0] if results else await self._never(above)

    async def run(self, asker: int, name: str, args: Any) -> Result:
        """Execute a saved harness for an agent; see `Spawner`."""
        async with self._asking(asker) as (above, path, host):
            first = self._numbers(Limits().calls)
            around = self._told.within(above.slice)
            within = Within(host, first, path, above.called.line, above.slice, len(around["slices"]), above.chain)
            assert self.start is not None
            start = replace(
                self.start,
                source=CALLER,
                filename="<an agent>",
                args={"name": name, "args": args},
                allowance=[around["allowance"], *around["slices"]][-1],
                observed=False,
                code=None,
            )
            with _cancelling(host, within.open):
                async with self._places[len(askers(path))]:  # given back by those that come to nothing any more
                    paused = self._scheduler.paused is not None
                    last = None if paused else await outcome(start, within, cut=self._scheduler.cut)
            match last:
                case Finished(value=said):
                    if "refused" in said:
                        why = f"{said['refused']}; call it as it wants to be called, name another, or do it yourself"
                        raise ToolRefused(why)
                    return Result(id=first, value=said["value"], touched=tuple(within.touched))
                case None:
                    return await self._never(above)
                case Failed():
                    why = last.message
                case _:
                    why = last.what
            return Result(id=first, lost=Lost(cause="crashed", message=why), touched=tuple(within.touched))

    def _numbers(self, count: int) -> int:
        self._next += count
        return self._next - count

    # ------------------------------------------------------------------------------------------ one call

    @asynccontextmanager
    async def _asking(self, asker: int) -> AsyncIterator[tuple[_Asker, str, Host]]:
        """Let an agent wait in the block for what it asks there.

        Raises:
            ToolRefused: it may have no further agents.
        """
        above = self._askers.get(asker)
        if above is None:
            raise ToolRefused("the run does not know this agent as one that may ask others")
        self._check(above)
        path = f"{above.called.path}/a{asker}.{above.asked}"
        above.asked += 1
        async with self._without_slot(above):
            self._check(above)  # others that were asked for in the same turn may have come before
            with self._scheduler.gathering() as results:
                phases = Phases(above.called.request.phase)
                yield above, path, self._hosting(results, phases, above.chain)

    def _check(self, above: _Asker) -> None:
        """Refuse further agents to one that may have none; open its slice of the budget, where that is to be."""
        request = above.called.request
        depth = len(askers(above.called.path)) + 1
        if depth > MAX_DEPTH:
            raise ToolRefused(f"{MAX_DEPTH} agents stand above you and may not be more: answer yourself")
        if depth == 1 and request.spawns is None and self._bounded:
            raise ToolRefused("the plan has no agents below you (the call says no `spawns`): answer yourself")
        if above.slice is None:
            above.slice = self._slice(above.called)
        full = self._budget.slices.full(above.slice)
        if full is not None:
            raise ToolRefused(f"{full}: answer by what you have")

    def _slice(self, called: AgentCalled) -> int | None:
        request = called.request
        if request.spawns is None and request.budget is None:
            return called.slice
        drawn = self._past.drawn(called)
        self._budget.slices.open(
            called.id,
            f"agent {request.name!r}",
            self._ceiling(called, drawn),
            within=called.slice,
            spent=drawn.spent,
            unsettled=drawn.unsettled,
            agents=request.spawns,
        )
        return called.id

    def _ceiling(self, called: AgentCalled, drawn: Drawn) -> Ceiling | None:
        """Return what those below an agent may use; of one that is asked again, what they might at first."""
        if called.request.budget is None:
            return None
        if drawn.limit is not None:
            return Ceiling(drawn.limit.tokens, drawn.limit.usd)
        around = self._told.within(called.slice)
        return fraction(called.request.budget, [around["allowance"], *around["slices"]][-1])

    @asynccontextmanager
    async def _without_slot(self, above: _Asker) -> AsyncIterator[None]:
        """Let an agent wait without its slot; it has one again once it waits for nothing more."""
        async with above.turning:
            above.waits += 1
            self._clock.begin()
            if above.slot is None:
                self._clock.end()  # it waits from here on, and each of its calls counts by itself
                above.slot = AsyncExitStack()
                await above.slot.enter_async_context(waiting("agents", "the agents that it has asked"))
        try:
            yield
        except anyio.get_cancelled_exc_class() as ended:
            above.waits -= 1
            if not above.waits and above.slot is not None:
                slot, above.slot = above.slot, None
                await slot.__aexit__(type(ended), ended, ended.__traceback__)  # it ends without a slot
            raise
        except BaseException:
            await self._goes_on(above)
            raise
        else:
            await self._goes_on(above)

    async def _goes_on(self, above: _Asker) -> None:
        """Take note that an agent waits for one thing less."""
        above.waits -= 1
        if above.waits:
            self._clock.end()
            self._end_if_stuck(above)
            return
        async with above.turning:
            if above.waits or above.slot is None:  # it has asked for more meanwhile
                self._clock.end()
                return
            slot, above.slot = above.slot, None
            await slot.aclose()

    async def _never(self, above: _Asker) -> Result:
        """Wait for the end of an agent that waits for what does not come before the run goes on."""
        above.stuck += 1
        self._end_if_stuck(above)
        await anyio.sleep_forever()
        raise AssertionError

    def _end_if_stuck(self, above: _Asker) -> None:
        if above.stuck and above.stuck == above.waits:
            self._scheduler.cancel(above.called.id)


@contextmanager
def _cancelling(host: Host, numbers: Collection[int]) -> Iterator[None]:
    """Stop whoever still answers these calls when the block ends."""
    try:
        yield
    finally:
        for number in list(numbers):
            host.cancelled(number)
