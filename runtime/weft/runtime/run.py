"""A run from beginning to end, in the order in which it happens.

    run      check what can be checked · make the folder · execute · write the result
    execute  start the sandbox · drive the harness · end what still runs
    drive    take turns with the child: it calls, the host answers
    Host     what a call, a note and a turn mean when agents are really started

Replaying a journal takes the same turns with another host; see `replay`.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import anyio

from weft.primitives.calls import Allowance
from weft.primitives.language import MAX_WORKFLOW_DEPTH
from weft.primitives.lost import Lost, Spent
from weft.runtime.agents.answer import Answer, misfit
from weft.runtime.agents.request import AgentRequest, Agents
from weft.runtime.agents.tools import TOOLS, Folders
from weft.runtime.budget import Budget, Ceiling
from weft.runtime.clock import Clock, RealClock, VirtualClock
from weft.runtime.errors import Refused
from weft.runtime.files import write_atomically
from weft.runtime.harness import Harness, check_args
from weft.runtime.journal import Journal, Recorder, RunState
from weft.runtime.journal.events import (
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentLost,
    AgentStarted,
    BranchRaised,
    Event,
    FindingReported,
    Interrupted,
    Logged,
    PhaseBegan,
    Problem,
    RunEnded,
    RunStarted,
    SandboxReady,
    Settings,
    WorkflowCalled,
    WorkflowLoaded,
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

__all__ = ["Options", "Run", "Turns", "drive", "execute", "loaded", "run"]

Watcher = Callable[[float, Event], None]


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
    settings = options.settings()
    async with (
        open_sandbox(Limits()) as sandbox,  # first, because it takes a while to get ready, beside all that follows
        nullcontext(agents) if agents else _answering(options, budget, clock) as answering,
    ):
        now = datetime.now(UTC).astimezone()
        folder = project.new_run(now)
        write_atomically(folder.harness, harness.source)
        started = RunStarted(
            run=folder.id,
            name=harness.name,
            task=task or harness.task,
            digest=harness.digest,
            args=args,
            now=now.isoformat(timespec="seconds"),
            settings=settings,
            spent=budget.spent,
        )
        state = RunState()
        with closing(Journal(folder.journal, clock, (state.apply, *watchers))) as journal:
            journal.add(started)
            ended = await execute(
                harness,
                args,
                now=started.now,
                settings=settings,
                agents=answering,
                budget=budget,
                clock=clock,
                recorder=journal,
                find_harness=project.find_harness,
                sandbox=sandbox,
                interruptible=interruptible,
            )
            journal.add(ended)
            journal.commit()
    write_atomically(folder.result, result_object(state))
    write_atomically(folder.report, report(state))
    return Run(folder, state)


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
    interruptible: bool = False,
) -> RunEnded:
    """Execute a harness with agents that are really asked, in a sandbox of its own, and tell how it ended."""
    started = clock.now()
    async with anyio.create_task_group() as tasks:
        scheduler = Scheduler(
            agents,
            tasks,
            budget=budget,
            clock=clock,
            concurrency=settings.concurrency,
            max_agents=settings.max_agents,
            on_start=lambda request: recorder.add(AgentStarted(id=request.id)),
            on_cancel=lambda request: recorder.add(AgentCancelled(id=request.id, spent=budget.account(request.id))),
        )
        host = Host(recorder, scheduler, budget, settings, find_harness)
        start = Start(
            source=harness.source, filename=harness.filename, args=args, now=now, allowance=budget.allowance()
        )
        async with _interrupts(scheduler, recorder, interruptible):
            last = await _outcome(start, host, sandbox)
        scheduler.pause("user", "the run is over")
        scheduler.cancel_all()
    return _ending(last, harness, scheduler, budget, clock.now() - started)


async def _outcome(start: Start, host: Turns, sandbox: Sandbox | None) -> Finished | Failed | SandboxError | None:
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
    elif isinstance(last, Failed):
        fault = Problem(type=last.kind, message=last.message, line=last.line, trace=last.trace)
    elif isinstance(last, SandboxError):
        fault = Problem(type="sandbox", message=last.what, line=last.line)
    else:
        assert scheduler.paused is not None
        fault = Problem(type=scheduler.paused.reason, message=scheduler.paused.message)
        return RunEnded(
            outcome="paused", pause=scheduler.paused.reason, problem=fault, spent=budget.spent, wall_s=wall_s
        )
    code = tuple(harness.source.split("\n")[max(fault.line - 2, 0) : fault.line]) if fault.line else ()
    return RunEnded(outcome="error", problem=replace(fault, code=code), spent=budget.spent, wall_s=wall_s)


@asynccontextmanager
async def _interrupts(scheduler: Scheduler, recorder: Recorder, wanted: bool) -> AsyncIterator[None]:
    """Let a person stop the run in three steps; see `run`."""
    if not wanted:
        yield
        return

    async def listen() -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
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
        tasks.start_soon(listen)
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
        results = await host.results()
        if not results:
            return None
        messages = sandbox.deliver(results)


# ------------------------------------------------------------------------------------------------ Host


class Host:
    """Answers the child with real agents; implements `Turns`. Everything is durable before it has an effect."""

    def __init__(
        self,
        recorder: Recorder,
        scheduler: Scheduler,
        budget: Budget,
        settings: Settings,
        find_harness: Callable[[str], Harness | None],
    ) -> None:
        self._recorder = recorder
        self._scheduler = scheduler
        self._budget = budget
        self._settings = settings
        self._find_harness = find_harness
        self._phase: str | None = None
        self._occurrences: Counter[tuple[str, str]] = Counter()
        self._workflows: list[CallWorkflow] = []

    def ready(self, walls: tuple[Wall, ...]) -> None:
        """Record what confines the harness."""
        self._recorder.add(SandboxReady(walls=walls))

    def called(self, call: CallAgent | CallWorkflow) -> None:
        """Record a call and queue it."""
        if isinstance(call, CallWorkflow):
            self._recorder.add(
                WorkflowCalled(id=call.id, path=call.path, line=call.line, name=call.name, args=call.args)
            )
            self._workflows.append(call)
            return
        request = AgentRequest.resolve(
            call.id,
            call.agent,
            phase=self._phase,
            model=self._settings.model,
            tools=TOOLS,
            timeout=self._settings.timeout,
            retries=self._settings.retries,
        )
        key = request.key()
        occurrence = self._occurrences[key, call.path]
        self._occurrences[key, call.path] += 1
        self._recorder.add(AgentCalled(path=call.path, line=call.line, key=key, occurrence=occurrence, request=request))
        self._scheduler.submit(request)

    def cancelled(self, number: int) -> None:
        """Stop the agent of a call."""
        self._scheduler.cancel(number)

    def said(self, say: Say) -> None:
        """Record a note."""
        match say.kind:
            case "phase":
                self._phase = say.data
                self._recorder.add(PhaseBegan(title=say.data))
            case "log":
                self._recorder.add(Logged(message=say.data))
            case "finding":
                self._recorder.add(FindingReported(data=say.data))
            case "raised":
                index, message = say.data["index"], say.data["message"]
                self._recorder.add(BranchRaised(path=say.path, index=index, message=message, line=say.line))

    async def results(self) -> list[Result]:
        """Start what may start, wait for answers, and return them once they are durable."""
        self._scheduler.fill()  # they begin at the next wait: not before they are durable
        self._recorder.commit()
        if self._workflows:
            results = [self._load(call) for call in self._workflows]
            self._workflows = []
        else:
            results = [self._completed(request, answer) for request, answer in await self._scheduler.answers()]
        self._recorder.commit()
        return results

    def _completed(self, request: AgentRequest, answer: Answer) -> Result:
        allowance = self._budget.allowance()
        if answer.lost is not None:
            self._recorder.add(AgentLost(id=request.id, lost=answer.lost, allowance=allowance))
        else:
            self._recorder.add(
                AgentFinished(
                    id=request.id,
                    value=answer.value,
                    attempts=answer.attempts,
                    spent=self._budget.account(request.id),
                    touched=answer.touched,
                    transcript=answer.transcript,
                    allowance=allowance,
                )
            )
        return Result(id=request.id, value=answer.value, lost=answer.lost, touched=answer.touched, allowance=allowance)

    def _load(self, call: CallWorkflow) -> Result:
        source, args, refused = None, {} if call.args is None else call.args, None
        try:
            source = self._find(call, args).source
        except Refused as error:
            refused = " ".join(part for part in (error.what, error.where) if part)
        allowance = self._budget.allowance()
        self._recorder.add(WorkflowLoaded(id=call.id, source=source, args=args, refused=refused, allowance=allowance))
        return loaded(call.id, source, args, refused, allowance)

    def _find(self, call: CallWorkflow, args: Any) -> Harness:
        if call.name in call.chain:
            raise Refused(f"saved harness {call.name!r} would call itself: {' → '.join([*call.chain, call.name])}")
        if len(call.chain) >= MAX_WORKFLOW_DEPTH:
            raise Refused(f"saved harness {call.name!r} would run deeper than {MAX_WORKFLOW_DEPTH} levels")
        harness = self._find_harness(call.name)
        if harness is None:
            raise Refused(f"there is no saved harness {call.name!r}")
        check_args(harness, args)
        return harness


def loaded(number: int, source: str | None, args: Any, refused: str | None, allowance: Allowance) -> Result:
    """Return the answer to a call of a saved harness: its source, or why there is none."""
    if refused is not None:
        return Result(id=number, lost=Lost(cause="crashed", message=refused), allowance=allowance)
    return Result(id=number, value={"source": source, "args": args}, allowance=allowance)
