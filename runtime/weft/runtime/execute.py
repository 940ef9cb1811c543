"""Executing a harness once: start the sandbox, let agents be asked, let a person interrupt, tell how it ended.

The folder, the journal and the result of the run around it are made in `run`.
"""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio

from weft.primitives.lost import Spent
from weft.runtime.admission import Admission
from weft.runtime.agents.answer import misfit
from weft.runtime.agents.request import Agents
from weft.runtime.budget import Budget
from weft.runtime.clock import Clock
from weft.runtime.harness import Harness
from weft.runtime.host import Host
from weft.runtime.journal import Past, Recorder
from weft.runtime.journal.events import AgentCalled, Interrupted, Problem, RunEnded, Settings
from weft.runtime.pause import Pause, Stop
from weft.runtime.scheduler import Observer, Scheduler
from weft.runtime.slots import Caps
from weft.runtime.turns import outcome
from weft.sandbox.errors import SandboxError
from weft.sandbox.protocol import Child, Failed, Finished, Start

if TYPE_CHECKING:
    from weft.linter import Bound

__all__ = ["Steer", "broken_off", "execute", "listening"]

Steer = Callable[[Scheduler], AbstractAsyncContextManager[None]]
"""Lets people reach the scheduler from elsewhere while the block lasts."""


async def execute(
    harness: Harness,
    args: Any,
    *,
    now: str,
    settings: Settings,
    agents: Agents,
    budget: Budget,
    clock: Clock,
    recorder: Recorder,
    find_harness: Callable[[str], Harness | None],
    run: str = "",
    caps: Caps | None = None,
    past: Past | None = None,
    sandbox: Child | None = None,
    interrupts: AsyncIterator[signal.Signals] | None = None,
    bound: Bound | None = None,
    steer: Steer | None = None,
) -> RunEnded:
    """Execute a harness with agents that are really asked, and tell how it ended.

    Answers of earlier executions in `past` are used again instead of asking. Without a sandbox it opens one of its own.
    With what the linter knows in `bound` it sees earlier that a fan-out cannot fit.
    """
    past = past or Past()
    most = caps or Caps(concurrency=settings.concurrency, max_agents=settings.max_agents)
    started = clock.now()
    async with anyio.create_task_group() as tasks:

        def identity(called: AgentCalled) -> str:
            # An agent that was lost is asked anew; one that was interrupted may find its answer at the provider.
            return f"{run}:{called.path}:{called.key}:{called.occurrence}:{past.losses(called)}"

        def schedule(observer: Observer) -> Scheduler:
            return Scheduler(
                agents,
                tasks,
                observer,
                budget=budget,
                clock=clock,
                caps=most,
                identity=identity,
                started=past.agents_started,
            )

        admission = Admission(budget, past, bound, args)
        host = Host(recorder, schedule, budget, settings, find_harness, harness.name, past, admission)
        scheduler, allowance = host.scheduler, host.allowances()["allowance"]
        start = Start(source=harness.source, filename=harness.filename, args=args, now=now, allowance=allowance)
        async with (
            _heeding(interrupts, scheduler, recorder),
            _ending_in_time(settings.deadline, scheduler, clock),
            steer(scheduler) if steer else nullcontext(),
        ):
            last = await outcome(start, host, sandbox)
        pause = scheduler.paused
        scheduler.pause("user", "the run is over")
        scheduler.cancel_all()
    return _ending(last, harness, pause, budget, clock.now() - started)


def _ending(
    last: Finished | Failed | SandboxError | None, harness: Harness, pause: Pause | None, budget: Budget, wall_s: float
) -> RunEnded:
    if pause is not None and (last is None or pause.reason == "retry"):  # what it came to without the lost is no matter
        return broken_off(pause, budget.spent, wall_s)
    if isinstance(last, Finished):
        problem = misfit(last.value, harness.result_schema) if harness.result_schema is not None else None
        if problem is None:
            return RunEnded(outcome="completed", result=last.value, spent=budget.spent, wall_s=wall_s)
        fault = Problem(type="result", message=f"the result does not fit RESULT: {problem}")
        # What was paid for is kept, fitting or not.
        return RunEnded(outcome="error", result=last.value, problem=fault, spent=budget.spent, wall_s=wall_s)
    assert last is not None
    if isinstance(last, Failed):
        fault = Problem(type=last.kind, message=last.message, line=last.line, trace=last.trace)
    else:
        fault = Problem(type="sandbox", message=last.what, line=last.line)
    code = tuple(harness.source.split("\n")[max(fault.line - 2, 0) : fault.line]) if fault.line else ()
    return RunEnded(outcome="error", problem=replace(fault, code=code), spent=budget.spent, wall_s=wall_s)


def broken_off(pause: Pause, spent: Spent, wall_s: float) -> RunEnded:
    """Return how a run ends before its harness does, with everything kept."""
    problem = Problem(type=pause.reason, message=pause.message)
    if isinstance(pause, Stop):
        return RunEnded(outcome="error", problem=problem, spent=spent, wall_s=wall_s)
    return RunEnded(outcome="paused", pause=pause.reason, problem=problem, spent=spent, wall_s=wall_s)


@contextmanager
def listening() -> Iterator[AsyncIterator[signal.Signals]]:
    """Receive the signals that ask a run to stop, from before it has a folder until its result is written."""
    wanted = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` asks to go on without a terminal
        wanted.append(signal.SIGHUP)
    with anyio.open_signal_receiver(*wanted) as signals:
        yield signals


@asynccontextmanager
async def _heeding(
    interrupts: AsyncIterator[signal.Signals] | None, scheduler: Scheduler, recorder: Recorder
) -> AsyncIterator[None]:
    """Let a person stop the run in three steps; see `run`."""

    async def heed(signals: AsyncIterator[signal.Signals]) -> None:
        times = 0
        async for _ in signals:
            times += 1
            if times == 1:
                scheduler.pause("user", "interrupted; agents at work could finish")
                tell(f"no more agents start; waiting for the {scheduler.running} at work (again: end them)")
            elif times == 2:
                working = scheduler.running
                scheduler.paused = Pause("user", f"interrupted; {working} agents at work were ended")
                scheduler.cancel_all()
                tell(f"ending {working} agents (again: quit at once)")
            else:
                raise KeyboardInterrupt

    def tell(message: str) -> None:
        recorder.add(Interrupted(message=message))
        recorder.commit()

    async with anyio.create_task_group() as tasks:
        if interrupts is not None:
            tasks.start_soon(heed, interrupts)
        yield
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def _ending_in_time(seconds: float | None, scheduler: Scheduler, clock: Clock) -> AsyncIterator[None]:
    """End the agents and pause the run when the block takes longer."""

    if seconds is None:
        yield
        return

    async def end() -> None:
        try:
            await clock.sleep(seconds)
            scheduler.pause("deadline", f"it has taken {seconds:g} s, as long as it may; agents at work were ended")
            scheduler.cancel_all()
        finally:
            clock.end()

    async with anyio.create_task_group() as tasks:
        clock.begin()
        tasks.start_soon(end)
        yield
        tasks.cancel_scope.cancel()
