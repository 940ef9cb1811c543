"""Executing a harness once: start the sandbox, let agents be asked, let a person interrupt, tell how it ended.

The folder, the journal and the result of the run around it are made in `run`.
"""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import anyio

from weft.primitives.lost import Spent
from weft.runtime.agents.answer import misfit
from weft.runtime.agents.request import AgentRequest, Agents
from weft.runtime.budget import Budget
from weft.runtime.clock import Clock
from weft.runtime.harness import Harness
from weft.runtime.host import Host
from weft.runtime.journal import Past, Recorder
from weft.runtime.journal.events import AgentCancelled, AgentStarted, Interrupted, Problem, RunEnded, Settings
from weft.runtime.pause import Pause, Stop
from weft.runtime.scheduler import Scheduler
from weft.runtime.turns import outcome
from weft.sandbox.errors import SandboxError
from weft.sandbox.process import Sandbox
from weft.sandbox.protocol import Failed, Finished, Start

__all__ = ["execute", "listening", "paused"]


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
    past: Past | None = None,
    sandbox: Sandbox | None = None,
    interrupts: AsyncIterator[signal.Signals] | None = None,
) -> RunEnded:
    """Execute a harness with agents that are really asked, and tell how it ended.

    Answers of earlier executions in `past` are used again instead of asking. Without a sandbox it opens one of its own.
    """
    past = past or Past()

    def begin(requests: list[AgentRequest]) -> None:
        for request in requests:
            recorder.add(AgentStarted(id=request.id))
        recorder.commit()

    started = clock.now()
    async with anyio.create_task_group() as tasks:
        scheduler = Scheduler(
            agents,
            tasks,
            budget=budget,
            clock=clock,
            concurrency=settings.concurrency,
            max_agents=settings.max_agents,
            started=past.agents_started,
            on_start=begin,
            on_answer=lambda request, answer: host.completed(request, answer),  # noqa: PLW0108 - it is made below
            on_cancel=lambda request: recorder.add(AgentCancelled(id=request.id, spent=budget.account(request.id))),
        )
        host = Host(recorder, scheduler, budget, settings, find_harness, harness.name, past)
        start = Start(
            source=harness.source,
            filename=harness.filename,
            args=args,
            now=now,
            allowance=host.allowances()["allowance"],
        )
        async with _heeding(interrupts, scheduler, recorder):
            last = await outcome(start, host, sandbox)
        scheduler.pause("user", "the run is over")
        scheduler.cancel_all()
    return _ending(last, harness, scheduler, budget, clock.now() - started)


def _ending(
    last: Finished | Failed | SandboxError | None, harness: Harness, scheduler: Scheduler, budget: Budget, wall_s: float
) -> RunEnded:
    if isinstance(last, Finished):
        problem = misfit(last.value, harness.result_schema) if harness.result_schema is not None else None
        if problem is None:
            return RunEnded(outcome="completed", result=last.value, spent=budget.spent, wall_s=wall_s)
        fault = Problem(type="result", message=f"the result does not fit RESULT: {problem}")
        # What was paid for is kept, fitting or not.
        return RunEnded(outcome="error", result=last.value, problem=fault, spent=budget.spent, wall_s=wall_s)
    if isinstance(last, Failed):
        fault = Problem(type=last.kind, message=last.message, line=last.line, trace=last.trace)
    elif isinstance(last, SandboxError):
        fault = Problem(type="sandbox", message=last.what, line=last.line)
    else:
        assert scheduler.paused is not None
        ended = paused(scheduler.paused, budget.spent, wall_s)
        return replace(ended, outcome="error", pause=None) if isinstance(scheduler.paused, Stop) else ended
    code = tuple(harness.source.split("\n")[max(fault.line - 2, 0) : fault.line]) if fault.line else ()
    return RunEnded(outcome="error", problem=replace(fault, code=code), spent=budget.spent, wall_s=wall_s)


def paused(pause: Pause, spent: Spent, wall_s: float) -> RunEnded:
    """Return how a run ends that was stopped with everything kept."""
    problem = Problem(type=pause.reason, message=pause.message)
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
            working = scheduler.running
            if times == 1:
                scheduler.pause("user", "interrupted; agents at work could finish")
                tell(f"no more agents start; waiting for the {working} at work (again: end them)")
            elif times == 2:
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
