"""A run from beginning to end, in the order in which it happens.

    run      check what can be checked · make the folder · execute · write the result
    execute  start the sandbox · drive the harness · end what still runs
    drive    take turns with the child: it calls, the host answers

What the host answers is in `host` where agents are really started, and in `replay` where a journal is replayed.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import anyio

from weft.primitives.lost import Spent
from weft.runtime.agents.answer import misfit
from weft.runtime.agents.request import AgentRequest, Agents
from weft.runtime.agents.tools import TOOLS, Folders
from weft.runtime.budget import Budget, Ceiling
from weft.runtime.clock import Clock, RealClock, VirtualClock
from weft.runtime.errors import JournalError, Refused, single
from weft.runtime.files import write_atomically
from weft.runtime.harness import Harness, check_args
from weft.runtime.host import Host
from weft.runtime.journal import Journal, Recorder, RunState, Watcher
from weft.runtime.journal.events import (
    AgentCancelled,
    AgentStarted,
    Event,
    Interrupted,
    Problem,
    RunEnded,
    RunStarted,
    Settings,
)
from weft.runtime.pause import Pause
from weft.runtime.prices import OFFLINE, price_of
from weft.runtime.scheduler import Scheduler
from weft.runtime.store import Project, RunFolder
from weft.runtime.views.result import report, result_object
from weft.sandbox.errors import SandboxError
from weft.sandbox.process import Sandbox, open_sandbox
from weft.sandbox.protocol import (
    CallAgent,
    CallWorkflow,
    Cancel,
    Failed,
    Finished,
    Limits,
    Ready,
    Result,
    Say,
    Start,
    Wall,
)

__all__ = ["Options", "Run", "Turns", "drive", "execute", "outcome", "run"]

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person may decide about a run."""

    model: str = OFFLINE
    """For every agent that names none."""
    stub: Path | None = None
    """Answer agents from this script instead of a model."""
    folders: tuple[Path, ...] = ()
    """What agents may read."""
    ceiling: Ceiling = field(default_factory=Ceiling)
    max_agents: int = 1000
    concurrency: int = 16
    timeout: float = 1800.0
    """Seconds for each agent that names no timeout of its own; scripted agents are given all the time they claim."""
    retries: int = 2
    virtual_time: bool = False
    """Let simulated latency pass on a virtual clock; for stub agents only."""

    def settings(self) -> Settings:
        """Return them as the journal keeps them."""
        return Settings(
            model=self.model,
            agents="models" if self.stub is None else str(self.stub),
            folders=tuple(str(folder) for folder in self.folders),
            max_agents=self.max_agents,
            concurrency=self.concurrency,
            timeout=self.timeout if self.stub is None else None,
            retries=self.retries,
            tools=TOOLS,
            budget_tokens=self.ceiling.tokens,
            budget_usd=self.ceiling.usd,
            virtual_time=self.virtual_time,
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has ended: where it is and what became of it."""

    folder: RunFolder
    state: RunState


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
        watchers: Told every event once it is durable.
        interruptible: Pause on the first SIGINT or SIGTERM, stop agents on the second, quit on the third.

    Raises:
        RuntimeFailure: the run could not be started, and nothing was written; or its journal cannot be.
    """
    check_args(harness, args)
    _check_price(options)
    clock: Clock = VirtualClock() if options.virtual_time else RealClock()
    budget = Budget(options.ceiling, clock, spent)
    with _interrupts() if interruptible else nullcontext() as interrupts:
        async with (
            open_sandbox(Limits()) as sandbox,  # first, because it takes a while to get ready, beside all that follows
            nullcontext(agents) if agents else _answering(options, budget, clock) as ready,
        ):
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
                spent=budget.spent,
            )
            state = RunState()
            with _recording(folder, harness, started, clock, state, watchers) as journal:
                journal.add(
                    await execute(
                        harness,
                        args,
                        now=started.now,
                        settings=started.settings,
                        agents=ready,
                        budget=budget,
                        clock=clock,
                        recorder=journal,
                        find_harness=project.find_harness,
                        sandbox=sandbox,
                        interrupts=interrupts,
                    )
                )
    return Run(folder, state)


@contextmanager
def _recording(
    folder: RunFolder, harness: Harness, started: RunStarted, clock: Clock, state: RunState, watchers: Iterable[Watcher]
) -> Iterator[Journal]:
    """Begin the record of a run, and leave its result behind whatever happens in between.

    A journal that can no longer be written pauses the run: nothing that is not on record may be paid for.

    Raises:
        JournalError: the record cannot be begun; the folder is gone again.
    """
    try:
        write_atomically(folder.harness, harness.source)
        journal = Journal(folder.journal, clock, (state.apply, *map(_detachable, watchers)))
        journal.add(started)
        journal.commit()
    except BaseException:
        folder.remove()
        raise
    with closing(journal):
        try:
            yield journal
            journal.commit()
        except BaseException as error:
            cause = single(error)
            _end_early(cause, journal, clock, state)
            if not isinstance(cause, JournalError):
                raise
        finally:
            _leave_result(folder, state)


def _leave_result(folder: RunFolder, state: RunState) -> None:
    try:
        write_atomically(folder.result, result_object(state))
        write_atomically(folder.report, report(state))
    except OSError as error:
        LOG.warning("the result cannot be written, so it is only shown: %s: %s", folder.result, error.strerror)


def _end_early(cause: BaseException, journal: Journal, clock: Clock, state: RunState) -> None:
    """Let a run end that could not say so itself: in the journal if that still works, else in its result alone."""
    if isinstance(cause, JournalError):
        ended = _paused(Pause("journal", f"{cause.what} ({cause.where})"), state.spent, clock.now())
    elif isinstance(cause, Exception):
        problem = Problem(type="internal", message=f"{type(cause).__name__}: {cause}")
        ended = RunEnded(outcome="error", problem=problem, spent=state.spent, wall_s=clock.now())
    else:
        ended = _paused(Pause("user", "quit at once; agents at work got no answer"), state.spent, clock.now())
    journal.add(ended)
    try:
        journal.commit()
    except JournalError:
        for at, event in journal.pending:
            state.apply(at, event)


def _detachable(watcher: Watcher) -> Watcher:
    """Let a watcher that fails watch no more: nobody who looks on may harm the run."""
    failed = False

    def watch(at: float, event: Event) -> None:
        nonlocal failed
        if failed:
            return
        try:
            watcher(at, event)
        except Exception:
            failed = True
            LOG.warning("the run goes on unwatched: its watcher failed", exc_info=True)

    return watch


def _check_price(options: Options) -> None:
    if options.ceiling.usd is not None and price_of(options.model) is None:
        raise Refused(
            f"model {options.model!r} has no price, so a dollar budget cannot hold it",
            meaning="nothing was started",
            fix="--budget-tokens N instead of --budget, or a model with a list price",
        )


@asynccontextmanager
async def _answering(options: Options, budget: Budget, clock: Clock) -> AsyncIterator[Agents]:
    """Make ready whoever answers agents; what is wrong with a model, a key or a folder shows here."""
    folders = Folders(options.folders)
    if options.stub is not None:
        from weft.runtime.agents.stub import StubAgents, read_script

        yield StubAgents(read_script(options.stub), budget=budget, clock=clock)
        return
    from weft.runtime.agents.models import ModelAgents

    async with ModelAgents(folders, budget=budget, clock=clock) as agents:
        agents.load(options.model)
        yield agents


# ------------------------------------------------------------------------------------------------ execute


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
    sandbox: Sandbox | None = None,
    interrupts: AsyncIterator[signal.Signals] | None = None,
) -> RunEnded:
    """Execute a harness with agents that are really asked, in a sandbox of its own, and tell how it ended."""

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
            on_start=begin,
            on_cancel=lambda request: recorder.add(AgentCancelled(id=request.id, spent=budget.account(request.id))),
        )
        host = Host(recorder, scheduler, budget, settings, find_harness, harness.name)
        start = Start(
            source=harness.source, filename=harness.filename, args=args, now=now, allowance=budget.allowance()
        )
        async with _heeding(interrupts, scheduler, recorder):
            last = await outcome(start, host, sandbox)
        scheduler.pause("user", "the run is over")
        scheduler.cancel_all()
    return _ending(last, harness, scheduler, budget, clock.now() - started)


async def outcome(start: Start, host: Turns, sandbox: Sandbox | None = None) -> Finished | Failed | SandboxError | None:
    """Return how a harness ended in a sandbox of its own; `None` where it still waits and nothing more comes."""
    try:
        async with nullcontext(sandbox) if sandbox else open_sandbox(Limits()) as child:
            return await drive(child, start, host)
    except SandboxError as error:
        return error


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
        return _paused(scheduler.paused, budget.spent, wall_s)
    code = tuple(harness.source.split("\n")[max(fault.line - 2, 0) : fault.line]) if fault.line else ()
    return RunEnded(outcome="error", problem=replace(fault, code=code), spent=budget.spent, wall_s=wall_s)


def _paused(pause: Pause, spent: Spent, wall_s: float) -> RunEnded:
    problem = Problem(type=pause.reason, message=pause.message)
    return RunEnded(outcome="paused", pause=pause.reason, problem=problem, spent=spent, wall_s=wall_s)


@contextmanager
def _interrupts() -> Iterator[AsyncIterator[signal.Signals]]:
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


# ------------------------------------------------------------------------------------------------ drive


class Turns(Protocol):
    """What the driver asks of whoever answers the child."""

    def ready(self, walls: tuple[Wall, ...]) -> None:
        """The child waits for its harness, confined by these walls."""

    def called(self, call: CallAgent | CallWorkflow) -> None:
        """The harness reached an agent or a saved harness."""

    def cancelled(self, number: int) -> None:
        """Nobody waits for that call any more."""

    def said(self, say: Say) -> None:
        """The harness said something."""

    async def results(self) -> list[Result]:
        """Return what to hand over next; nothing when there is nothing more to come."""


async def drive(sandbox: Sandbox, start: Start, host: Turns) -> Finished | Failed | None:
    """Take turns with the child until it says its last word, or the host has nothing more to give (`None`).

    Raises:
        SandboxError: the child is gone.
    """
    messages = sandbox.start(start)
    while True:
        async for message in messages:
            match message:
                case Ready(walls=walls):
                    host.ready(walls)
                case CallAgent() | CallWorkflow():
                    host.called(message)
                case Cancel(id=number):
                    host.cancelled(number)
                case Say():
                    host.said(message)
                case Finished() | Failed():
                    return message
                case _:
                    pass
        results = await sandbox.while_it_waits(host.results)
        if not results:
            return None
        messages = sandbox.deliver(results)
