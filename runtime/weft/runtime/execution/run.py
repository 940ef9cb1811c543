"""A run from beginning to end: check what can be checked, make the folder, execute; and how to go on with one.

run, resume     here
recording       the journal and the result around an execution
execute         start the sandbox, let agents be asked, tell how it ended
steering        what people tell it meanwhile; `control` is how that gets here
turns           the child calls, the host answers
host            what a call means where agents are really asked; `replay` is the other host
"""

from __future__ import annotations

import os
import resource
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weft.primitives.calls import OnInterrupt
from weft.primitives.language import MAX_AGENTS, MAX_WORKFLOW_DEPTH
from weft.primitives.lost import Spent
from weft.runtime.agents.tools import TOOLS, Folders
from weft.runtime.ceiling import Ceiling, OnBudget, Share, check_hold
from weft.runtime.clock import Clock, RealClock, VirtualClock
from weft.runtime.errors import Refused
from weft.runtime.execution.execute import execute, listening
from weft.runtime.execution.recording import leave_result, recording
from weft.runtime.journal import Past, RunState, Watcher, fold, read_journal
from weft.runtime.journal.events import RunStarted, Settings
from weft.runtime.money.budget import Budget
from weft.runtime.money.prices import OFFLINE, price_of, set_price
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.project.harness import Harness, check_args, parse_harness, read_harness
from weft.runtime.request import Agents
from weft.runtime.scheduling.admission import proved
from weft.runtime.scheduling.scheduler import Scheduler
from weft.runtime.scheduling.slots import Caps, Room
from weft.runtime.steering.apply import Steering
from weft.runtime.steering.socket import serving
from weft.sandbox.process import Sandbox, open_sandbox
from weft.sandbox.protocol import Limits

if TYPE_CHECKING:
    from weft.linter import Bound

TIMEOUT = 1800.0
"""Seconds."""

__all__ = ["Options", "Run", "check_resumable", "most_at_work", "recorded_harness", "resume", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person may decide about a run.

    Raises:
        UsageError, Refused: what is to be held back is not there.
    """

    model: str = OFFLINE
    """For every agent that names none."""
    stub: Path | None = None
    """Answer agents from this script instead of a model."""
    folders: tuple[Path, ...] = ()
    """What agents may read."""
    ceiling: Ceiling = field(default_factory=Ceiling)
    hold: Mapping[str, Share] = field(default_factory=dict)
    """Shares of the ceiling that are kept for the agents of a phase, or, as `critical`, for those that are critical."""
    on_budget: OnBudget = "pause"
    """What happens when an agent does not fit under the ceiling."""
    max_agents: int = MAX_AGENTS
    concurrency: int | None = None
    """Most agents at work at the same time; without it what the tightest limit allows, see `most_at_work`."""
    timeout: float | None = None
    """Seconds for each agent that names none; without it `TIMEOUT`, and any time for scripted agents."""
    deadline: float | None = None
    """Seconds for one execution; then agents at work are ended, and the run is paused."""
    stall: float = 300.0
    """Seconds without a sign of life from a model after which a request is given up, and sent again."""
    max_depth: int = MAX_WORKFLOW_DEPTH
    """How deep saved harnesses may call saved harnesses."""
    retries: int = 2
    tools: tuple[str, ...] | None = None
    """For every agent that names none; all there are without it."""
    config: Config = field(default_factory=Config)
    """What the project says of its models and profiles."""
    virtual_time: bool = False
    """Let simulated latency pass on a virtual clock; for stub agents only."""

    def __post_init__(self) -> None:
        check_hold(self.ceiling, self.hold)

    def settings(self) -> Settings:
        """Return them as the journal keeps them."""
        return Settings(
            model=self.model,
            agents="models" if self.stub is None else str(self.stub),
            folders=tuple(str(folder) for folder in self.folders),
            max_agents=self.max_agents,
            concurrency=self.concurrency or most_at_work(self),
            timeout=self.timeout or (TIMEOUT if self.stub is None else None),
            deadline=self.deadline,
            stall=self.stall,
            max_depth=self.max_depth,
            retries=self.retries,
            tools=TOOLS if self.tools is None else self.tools,
            budget_tokens=self.ceiling.tokens,
            budget_usd=self.ceiling.usd,
            hold=dict(self.hold),
            on_budget=self.on_budget,
            virtual_time=self.virtual_time,
        )


def most_at_work(options: Options) -> int:
    """Return how many agents may be at work where nobody says.

    A provider's limits are learned and kept below this by `agents.limiter`; each agent at work takes up to two
    descriptors. Agents on this machine share its processor, so more of them would not be faster.
    """
    if options.stub is not None or options.model == OFFLINE:
        return 16
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, min(64, (descriptors - 64) // 2))


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has ended: where it is and what became of it."""

    folder: RunFolder
    # Not in its repr: asyncio writes that of what the main task returns, and throws it away, in every run.
    state: RunState = field(repr=False)


# ------------------------------------------------------------------------------------------------ run


async def run(
    harness: Harness,
    args: Any,
    options: Options,
    project: Project,
    *,
    agents: Agents | None = None,
    spent: Spent | None = None,
    task: str | None = None,
    bound: Bound | None = None,
    watchers: tuple[Watcher, ...] = (),
    interruptible: bool = False,
) -> Run:
    """Run a harness.

    Args:
        harness: What to run.
        args: Its arguments, as JSON data.
        options: Limits, model, folders.
        project: Where the run's folder goes.
        agents: Who answers agents, in place of the options' model or stub.
        spent: What was spent before, on writing the harness; counts against the ceiling.
        task: The task in a person's words, where the harness was written for one.
        bound: What the linter proved; a fan-out that surely starts more pauses the run before it begins.
        watchers: Told every event once it is durable.
        interruptible: Pause on the first SIGINT or SIGTERM, stop agents on the second, quit on the third.

    Raises:
        RuntimeFailure: the run could not be started, and nothing was written; or its journal cannot be.
    """
    check_args(harness, args)
    _check_price(options)
    async with _prepared(options, spent or Spent(), Past(), agents, interruptible) as ready:
        now = datetime.now(UTC).astimezone()
        folder = project.new_run(now)
        started = RunStarted(
            run=folder.id,
            name=harness.name,
            task=task or harness.task,
            digest=harness.digest,
            args=args,
            now=now.isoformat(timespec="seconds"),
            settings=options.settings(),
            spent=spent or Spent(),
            source=harness.source,
            owner=_owner(now),
            bound=proved(bound, args),
        )
        with folder.held():
            return await _carry_out(harness, started, ready, project, folder, Past(), RunState(), bound, watchers)


async def resume(
    folder: RunFolder,
    options: Options,
    project: Project,
    *,
    harness: Harness | None = None,
    asked: OnInterrupt = "ask",
    bound: Bound | None = None,
    agents: Agents | None = None,
    watchers: tuple[Watcher, ...] = (),
    interruptible: bool = False,
) -> Run:
    """Go on with a run: execute its harness again, with every answer that it has already paid for.

    An agent that was lost, or whose call is another one now, is asked again; nothing else is. What was spent before
    counts against the ceiling.

    Args:
        folder: The run's.
        options: Limits, model, folders for what is left to do.
        project: Where saved harnesses are.
        harness: An edited harness to go on with; the run's own without one.
        asked: What to do with agents that had started, and say `on_interrupt="ask"`.
        bound: As for `run`; without one, what was proved at first no longer holds the run.
        agents: Who answers agents, in place of the options' model or stub.
        watchers: Told every new event once it is durable.
        interruptible: As for `run`.

    Raises:
        RunHeld: another process executes the run.
        Refused: there is nothing left to do, or the arguments do not fit an edited harness.
        JournalError: the journal cannot be read or written.
    """
    with folder.held():
        events = read_journal(folder.journal)
        state = fold(events)
        assert state.started is not None
        harness = harness or recorded_harness(folder, state.started)
        edited = harness.digest != state.started.digest
        check_resumable(folder, state, edited=edited)
        check_args(harness, state.started.args)
        _check_price(options)
        started = replace(
            state.started,
            digest=harness.digest,
            source=harness.source,
            settings=options.settings(),
            spent=state.spent,
            owner=_owner(datetime.now(UTC).astimezone()),
            bound=proved(bound, state.started.args),
        )
        past = Past((event for _, event in events), edited=edited, asked=asked)
        async with _prepared(options, state.spent, past, agents, interruptible) as ready:
            return await _carry_out(harness, started, ready, project, folder, past, state, bound, watchers)


def check_resumable(folder: RunFolder, state: RunState, *, edited: bool) -> None:
    """Check that there is something left to do. Where there is not, the result is written again.

    Raises:
        Refused: the run has completed and lost nothing.
    """
    if state.outcome == "completed" and state.health == "clean" and not edited:
        leave_result(folder, state)  # whoever executed it may have been killed between its last event and its result
        raise Refused(
            "there is nothing left to do: the run has completed, and lost nothing",
            where=str(folder.result),
            meaning="nothing was started",
            fix="--script EDITED.py goes on with another harness; weft replay executes it again without spending",
        )


@dataclass(frozen=True, slots=True)
class _Ready:
    """What an execution needs from outside, once it is known to be there."""

    clock: Clock
    budget: Budget
    agents: Agents
    caps: Caps
    sandbox: Sandbox
    interrupts: AsyncIterator[signal.Signals] | None


@asynccontextmanager
async def _prepared(
    options: Options, spent: Spent, past: Past, agents: Agents | None, interruptible: bool
) -> AsyncIterator[_Ready]:
    clock: Clock = VirtualClock() if options.virtual_time else RealClock()
    budget = Budget(options.ceiling, clock, spent, hold=options.hold, on_budget=options.on_budget, before=past.paid)
    with listening() if interruptible else nullcontext() as interrupts:
        async with (
            open_sandbox(Limits()) as sandbox,  # first, because it takes a while to get ready, beside all that follows
            nullcontext((agents, None)) if agents else _answering(options, budget, clock) as (answering, room),
        ):
            yield _Ready(clock, budget, answering, _caps(options, room), sandbox, interrupts)


def _caps(options: Options, room: Room | None) -> Caps:
    """Return how many agents may be at work."""
    config = options.config
    return Caps(
        concurrency=options.concurrency or most_at_work(options),
        max_agents=options.max_agents,
        models={name: model.concurrency for name, model in config.models.items() if model.concurrency},
        profiles={name: profile.concurrency for name, profile in config.profiles.items() if profile.concurrency},
        room=room,
    )


async def _carry_out(
    harness: Harness,
    started: RunStarted,
    ready: _Ready,
    project: Project,
    folder: RunFolder,
    past: Past,
    state: RunState,
    bound: Bound | None,
    watchers: tuple[Watcher, ...],
) -> Run:
    """Execute, and keep a record of it; execute again, whenever somebody asks for a retry."""

    def steer(scheduler: Scheduler) -> AbstractAsyncContextManager[None]:
        return serving(folder, Steering(folder.id, state, scheduler, ready.budget, journal).apply)

    with recording(folder, started, ready.clock, state, watchers) as journal:
        carry_out = partial(
            execute,
            harness,
            started.args,
            now=started.now,
            agents=ready.agents,
            budget=ready.budget,
            clock=ready.clock,
            recorder=journal,
            find_harness=project.find_harness,
            run=started.run,
            caps=ready.caps,
            interrupts=ready.interrupts,
            bound=bound,
            steer=steer,
        )
        ended = await carry_out(settings=started.settings, past=past, sandbox=ready.sandbox)
        while ended.pause == "retry":
            journal.add(ended)
            journal.commit()
            started, past = _once_more(folder, state, past)
            ready.budget.forget_agents()
            journal.add(started)
            ended = await carry_out(settings=started.settings, past=past)
        journal.add(ended)
    return Run(folder, state)


def _once_more(folder: RunFolder, state: RunState, past: Past) -> tuple[RunStarted, Past]:
    """Return how another execution in the same process begins, and what the ones before have left to it."""
    assert state.started is not None
    events = (event for _, event in read_journal(folder.journal))
    return replace(state.started, spent=state.spent), Past(events, asked=past.asked)


def recorded_harness(folder: RunFolder, started: RunStarted) -> Harness:
    """Return the harness as it was executed last, by the name it had then.

    Raises:
        NotFound: it is neither in the journal nor in the folder.
    """
    if not started.source:  # as in journals of version 1
        return replace(read_harness(folder.harness), name=started.name)
    return parse_harness(started.source, name=started.name, filename=folder.harness.name)


def _owner(now: datetime) -> str:
    return f"process {os.getpid()} on {socket.gethostname()} since {now.isoformat(timespec='seconds')}"


def _check_price(options: Options) -> None:
    if options.ceiling.usd is not None and price_of(options.model, options.config) is None:
        raise Refused(
            f"model {options.model!r} has no price, so a dollar budget cannot hold it",
            meaning="nothing was started",
            fix=f"--budget-tokens N instead of --budget, or {set_price(options.model)}",
        )


@asynccontextmanager
async def _answering(options: Options, budget: Budget, clock: Clock) -> AsyncIterator[tuple[Agents, Room | None]]:
    """Make ready whoever answers agents, and knows when a provider takes no more of them.

    What is wrong with a model, a key or a folder shows here.
    """
    folders = Folders(options.folders)
    if options.stub is not None:
        from weft.runtime.agents.stub import StubAgents, read_script

        yield StubAgents(read_script(options.stub), budget=budget, clock=clock, config=options.config), None
        return
    from weft.runtime.agents.models import ModelAgents

    async with ModelAgents(folders, budget=budget, clock=clock, config=options.config, stall=options.stall) as agents:
        agents.load(options.model)
        yield agents, agents.room
