"""Executing a harness once: start the sandbox, let agents be asked, let a person interrupt, tell how it ended.

The folder, the journal and the result of the run around it are made in `run`.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weft.primitives.lost import Spent
from weft.runtime.clock import Clock
from weft.runtime.execution.allowances import Told
from weft.runtime.execution.below import Below
from weft.runtime.execution.host import Host
from weft.runtime.execution.interrupts import ending_in_time, heeding
from weft.runtime.execution.phases import Phases
from weft.runtime.execution.record import AgentsRecord, HostRecord
from weft.runtime.execution.reuse import Reuse
from weft.runtime.execution.saved import SavedHarnesses
from weft.runtime.execution.turns import outcome
from weft.runtime.helping import Helper, nobody
from weft.runtime.journal import MemoryJournal, Past, Recorder
from weft.runtime.journal.events import AgentCalled, Problem, RunEnded, RunStarted, Steered, Verb
from weft.runtime.money.budget import Budget
from weft.runtime.money.treasury import Treasury
from weft.runtime.pause import Pause, Stop
from weft.runtime.profile import Casting, uncast
from weft.runtime.project.harness import Harness
from weft.runtime.request import AgentRequest, Agents
from weft.runtime.scheduling.admission import Admission, proved
from weft.runtime.scheduling.desk import Desk
from weft.runtime.scheduling.results import Results
from weft.runtime.scheduling.scheduler import Scheduler
from weft.runtime.scheduling.slots import Caps
from weft.runtime.scheduling.widths import Gate
from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.validating import UnusableSchema
from weft.runtime.tools.spawning import spawning
from weft.sandbox.errors import SandboxError
from weft.sandbox.process import compiled
from weft.sandbox.protocol import Child, Failed, Finished, Observation, Start

if TYPE_CHECKING:
    from weft.linter import Bound

__all__ = ["Execution", "Means", "Steer", "broken_off", "execute"]

Steer = Callable[[Scheduler, Desk], AbstractAsyncContextManager[None]]
"""Lets people reach the scheduler, and the desk with its questions, from elsewhere while the block lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """With what a harness is executed."""

    agents: Agents
    budget: Budget
    clock: Clock
    caps: Caps
    helpers: tuple[Helper, ...] = ()
    """Who answers calls of the host, in the order in which they are asked."""
    people: Helper = nobody
    """Who of them is asked where a run goes beyond what was approved."""
    child: Child | None = None
    """Where the harness runs; it opens one of its own without."""
    treasury: Treasury | None = None
    """Where it stands beside what all other runs spend; without one nothing is really paid for."""
    interrupts: AsyncIterator[signal.Signals] | None = None
    """Signals that ask it to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """All that one execution of a harness takes; a run, a resume, a rehearsal and the plan of a resume each fill it."""

    harness: Harness
    started: RunStarted
    """How it begins: arguments, time, settings."""
    means: Means
    find_harness: Callable[[str], Harness | None]
    """Finds saved harnesses."""
    past: Past = field(default_factory=Past)
    """What earlier executions have left: its answers are used again instead of asking."""
    recorder: Recorder = field(default_factory=MemoryJournal)
    bound: Bound | None = None
    """What the linter knows of the harness; with it one sees earlier that a fan-out cannot fit."""
    approved: dict[str, int] | None = None
    """How wide fan-outs, and the run in all, may be before somebody is asked; without it as wide as they come."""
    cast: Casting = uncast
    """Tells by which profile an agent goes."""
    steer: Steer | None = None
    observed: Callable[[Observation], None] | None = None
    """Told what the harness has done, where it came to a last word. Watching costs it much speed."""
    repeated: bool = False
    """Whether the same is executed again and again, as in a rehearsal: it is compiled once for all."""


async def execute(execution: Execution) -> RunEnded:
    """Execute a harness, and tell how it ended."""
    harness, means = execution.harness, execution.means
    began = means.clock.now()
    async with asyncio.TaskGroup() as tasks:
        told = Told(means.budget, execution.past.first_spent)
        scheduler, desk, host, below = _assembled(execution, tasks, told)
        start = Start(
            source=harness.source,
            filename=Path(harness.filename).name,
            args=harness.arguments(execution.started.args, execution.started.language),
            now=execution.started.now,
            allowance=told.within()["allowance"],
            language=execution.started.language,
            tools=execution.started.tools,
            observed=execution.observed is not None,
        )
        if execution.repeated:
            start = await compiled(start)
        below.start = start
        with scheduler.abandoning(), spawning(below):
            async with (
                heeding(means.interrupts, scheduler, execution.recorder),
                ending_in_time(execution.started.settings.deadline, scheduler, means.clock),
                execution.steer(scheduler, desk) if execution.steer else nullcontext(),
            ):
                last = await outcome(start, host, means.child, scheduler.cut)
        if execution.observed is not None and isinstance(last, Finished | Failed) and last.observation is not None:
            execution.observed(last.observation)
        pause = scheduler.paused
        scheduler.end(Pause("user", "the run is over"))
    return await _ending(last, harness, pause, means.budget, means.clock.now() - began)


def _assembled(execution: Execution, tasks: asyncio.TaskGroup, told: Told) -> tuple[Scheduler, Desk, Host, Below]:
    """Put together what answers the child, and what answers agents that have others answer."""
    means, past, recorder = execution.means, execution.past, execution.recorder
    admission = Admission(means.budget, past, execution.bound, execution.started.args)
    scheduler = _scheduler(execution, tasks, told, admission)
    desk = Desk(means.helpers, tasks, scheduler, HostRecord(recorder, told), means.clock, execution.started.run)
    gate = _gate(execution, tasks, scheduler)

    def hosting(results: Results, phases: Phases, chain: tuple[str, ...]) -> Host:
        return Host(
            execution.started.settings,
            recorder,
            scheduler,
            desk,
            admission=admission,
            gate=gate,
            budget=means.budget,
            told=told,
            reuse=Reuse(past, recorder, told),
            saved=_saved(execution, told, holds=results is scheduler.results),
            results=results,
            phases=phases,
            may_ask=below.called,
            chain=chain,
            cast=execution.cast,
        )

    bounded = proved(execution.bound, execution.started.args) is not None
    below = Below(hosting, scheduler, means.budget, told, past, means.clock, bounded=bounded)
    return scheduler, desk, hosting(scheduler.results, Phases(), ()), below


def _scheduler(execution: Execution, tasks: asyncio.TaskGroup, told: Told, admission: Admission) -> Scheduler:
    means, past = execution.means, execution.past

    def asked(called: AgentCalled) -> AgentRequest:
        identity = f"{execution.started.run}:{past.identity(called)}"
        return replace(called.request, identity=identity, acted=past.acted(called))

    return Scheduler(
        means.agents,
        tasks,
        AgentsRecord(execution.recorder, means.budget, told, admission),
        budget=means.budget,
        clock=means.clock,
        caps=means.caps,
        asked=asked,
        started=past.agents_started,
    )


def _gate(execution: Execution, tasks: asyncio.TaskGroup, scheduler: Scheduler) -> Gate | None:
    if execution.approved is None:
        return None
    means, told_of = execution.means, partial(_steered, execution.recorder)
    return Gate(execution.approved, means.people, tasks, scheduler, means.clock, told_of)


def _saved(execution: Execution, told: Told, *, holds: bool) -> SavedHarnesses:
    started = execution.started
    return SavedHarnesses(
        started.name,  # not that of an edited one: it is told to the harness where it is refused
        execution.find_harness,
        started.settings.max_depth,
        language=started.language,
        past=execution.past,
        budget=execution.means.budget,
        recorder=execution.recorder,
        told=told,
        holds=holds,
    )


def _steered(recorder: Recorder, waits: bool, why: str, by: str) -> None:
    """Record that the run waits for a yes, or that it has one."""
    states = ("running", "paused") if waits else ("paused", "running")
    verb: Verb = "pause" if waits else "continue"
    recorder.add(Steered(verb=verb, detail=why, changed={"state": states}, by=by))
    if not waits:
        recorder.commit()


async def _ending(
    last: Finished | Failed | SandboxError | None, harness: Harness, pause: Pause | None, budget: Budget, wall_s: float
) -> RunEnded:
    if pause is not None and (last is None or pause.reason == "retry"):  # what it came to without the lost is no matter
        return broken_off(pause, budget.spent, wall_s)
    if isinstance(last, Finished):
        problem = await _misfit(last.value, harness)
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


async def _misfit(result: Any, harness: Harness) -> str | None:
    if harness.result_schema is None:
        return None
    try:
        return await misfit(result, harness.result_schema)
    except UnusableSchema as unusable:
        return str(unusable)


def broken_off(pause: Pause, spent: Spent, wall_s: float) -> RunEnded:
    """Return how a run ends before its harness does, with everything kept."""
    problem = Problem(type=pause.reason, message=pause.message)
    if isinstance(pause, Stop):
        return RunEnded(outcome="error", problem=problem, spent=spent, wall_s=wall_s)
    return RunEnded(outcome="paused", pause=pause.reason, problem=problem, spent=spent, wall_s=wall_s)
