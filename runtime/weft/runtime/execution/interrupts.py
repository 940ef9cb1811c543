"""How a person or a clock ends an execution: signals in three steps, and the deadline."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
from anyio.abc import TaskGroup

from weft.runtime.clock import Clock
from weft.runtime.errors import single
from weft.runtime.journal import Recorder
from weft.runtime.journal.events import Interrupted
from weft.runtime.pause import Pause
from weft.runtime.scheduling.scheduler import Scheduler

__all__ = ["ending_in_time", "heeding", "listening"]

PATIENCE = 5.0
"""Seconds, of real time, that a harness may go on for after an interrupt while no agent is at work."""


@contextmanager
def listening() -> Iterator[AsyncIterator[signal.Signals]]:
    """Receive the signals that ask a run to stop, from before it has a folder until its result is written."""
    wanted = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` asks to go on without a terminal
        wanted.append(signal.SIGHUP)
    with anyio.open_signal_receiver(*wanted) as signals:
        yield signals


@asynccontextmanager
async def heeding(
    interrupts: AsyncIterator[signal.Signals] | None, scheduler: Scheduler, recorder: Recorder
) -> AsyncIterator[None]:
    """Let a person stop the run in three steps; see `run`. The third ends the event loop."""

    async def heed(signals: AsyncIterator[signal.Signals], tasks: TaskGroup) -> None:
        times = 0
        async for _ in signals:
            times += 1
            if times == 1:
                scheduler.pause("user", "interrupted; agents at work could finish")
                tasks.start_soon(_ending_idle, scheduler)
                tell(
                    f"no more agents start; waiting for the {scheduler.running} at work (again: end them)"
                    if scheduler.running
                    else "no agent is at work, and none starts; the harness has some seconds to finish (again: end it)"
                )
            elif times == 2:
                working = scheduler.running
                scheduler.end(Pause("user", f"interrupted; {working} agents at work were ended"))
                tell(f"ending {working} agents (again: quit at once)")
            else:
                with scheduler.abandoning():
                    raise KeyboardInterrupt

    def tell(message: str) -> None:
        recorder.add(Interrupted(message=message))
        recorder.commit()

    try:
        async with anyio.create_task_group() as tasks:
            if interrupts is not None:
                tasks.start_soon(heed, interrupts, tasks)
            yield
            tasks.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        if isinstance(single(group), KeyboardInterrupt):  # it has left the event loop by itself, which ends this task
            raise asyncio.CancelledError from None
        raise


async def _ending_idle(scheduler: Scheduler) -> None:
    """End a paused execution whose harness goes on although no agent is at work, and nothing begins."""
    idle = False
    while not (idle and scheduler.running == 0):
        idle = scheduler.running == 0
        await anyio.sleep(PATIENCE)
    assert scheduler.paused is not None
    scheduler.end(scheduler.paused)


@asynccontextmanager
async def ending_in_time(seconds: float | None, scheduler: Scheduler, clock: Clock) -> AsyncIterator[None]:
    """End the agents and pause the run when the block takes longer."""

    if seconds is None:
        yield
        return

    async def end() -> None:
        try:
            await clock.sleep(seconds)
            over = Pause("deadline", f"it has taken {seconds:g} s, as long as it may; agents at work were ended")
            scheduler.end(scheduler.ending or over)
        finally:
            clock.end()

    async with anyio.create_task_group() as tasks:
        clock.begin()
        tasks.start_soon(end)
        yield
        tasks.cancel_scope.cancel()
