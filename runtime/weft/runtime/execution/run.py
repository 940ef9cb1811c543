"""A run from beginning to end: check what can be checked, make the folder, execute, leave a result.

run         here; going on with a run that has ended is `resume`
prepare     a clock, money, agents, a child, before anything is written
recording   the journal and the result around an execution
execute     start the child, let agents be asked, tell how it ended
interrupts  signals and the deadline; commands from other terminals are the room `steering`
turns       the child calls, the host answers
host        what a call means where agents are really asked; `replay` is the other host
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from weft.primitives.limits import LANGUAGE
from weft.primitives.lost import Spent
from weft.runtime.agents.cast import Cast
from weft.runtime.ceiling import check_hold
from weft.runtime.execution.execute import Execution, Means, execute
from weft.runtime.execution.prepare import check_price, exactly, pinned_for, prepared, with_tools
from weft.runtime.execution.recording import recording
from weft.runtime.execution.wants import check_meant, check_wants, together
from weft.runtime.held import Held, limited
from weft.runtime.helping import Helper, away
from weft.runtime.journal import Past, RunState, Watcher
from weft.runtime.journal.events import AgentFinished, RunStarted
from weft.runtime.money.keeper import spending
from weft.runtime.money.ledger import Ledger
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.project.harness import Harness, ceilings_of, check_args
from weft.runtime.project.phases import check_phases
from weft.runtime.request import Agents
from weft.runtime.scheduling.admission import proved
from weft.runtime.scheduling.desk import Desk
from weft.runtime.scheduling.scheduler import Scheduler
from weft.runtime.scheduling.widths import Widths
from weft.runtime.settings import Settings
from weft.runtime.steering.apply import Steering
from weft.runtime.steering.socket import serving
from weft.runtime.tools.facts import Facts, keeping
from weft.runtime.tools.tool import Tool
from weft.runtime.worktrees.base import Pinned
from weft.runtime.worktrees.leftovers import sweep
from weft.runtime.worktrees.trees import isolating

if TYPE_CHECKING:
    from weft.linter import Bound

__all__ = ["Run", "carry_out", "owner", "run"]


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has ended: where it is and what became of it."""

    folder: RunFolder
    # Not in its repr: asyncio writes that of what the main task returns, and throws it away, in every run.
    state: RunState = field(repr=False)

    @property
    def result(self) -> Any:
        """Return what the harness returned; `None` where it did not come to that."""
        return None if self.state.ended is None else self.state.ended.result

    def _repr_html_(self) -> str:
        """Return it as HTML, for a notebook."""
        from weft.runtime.execution.card import card

        return card(self.state)


async def run(
    harness: Harness,
    args: Any,
    settings: Settings,
    project: Project,
    *,
    config: Config | None = None,
    agents: Agents | None = None,
    people: Helper = away,
    spent: Spent | None = None,
    task: str | None = None,
    bound: Bound | None = None,
    approved: Widths | None = None,
    find_harness: Callable[[str], Harness | None] | None = None,
    past: Past | None = None,
    watchers: tuple[Watcher, ...] = (),
    interruptible: bool = False,
    tools: Iterable[Tool | Callable[..., Any]] = (),
) -> Run:
    """Run a harness.

    Args:
        harness: What to run.
        args: Its arguments, as JSON data.
        settings: Limits, model, folders. Of a limit that the harness sets too, with `BUDGET`, the lower one holds.
        project: Where the run's folder goes.
        config: What is said of models and profiles.
        agents: Who answers agents, in place of the settings' model or script.
        people: Who answers questions in this process; else they are open to `weft answer` alone.
        spent: What was spent before, on writing the harness; counts against the ceiling.
        task: The task in a person's words, where the harness was written for one.
        bound: What the linter proved; a fan-out that surely starts more pauses the run before it begins.
        approved: How wide fan-outs may be before `people` are asked, by their places, and how many agents there may be
            `IN_ALL`; without it as many as come.
        find_harness: Finds saved harnesses, in place of the project.
        past: What is on record of another run; what that has been answered is not asked again.
        watchers: Told every event once it is durable.
        interruptible: Pause on the first SIGINT or SIGTERM, stop agents on the second, quit on the third.
        tools: What agents and the harness may call besides what Weft and the project have: functions, or tools. To
            hand them over here grants them, where the settings do not say more narrowly what of them is.

    Raises:
        RuntimeFailure: the run could not be started, and nothing was written; or its journal cannot be.
    """
    check_args(harness, args)
    config, spent = config or Config(), spent or Spent()
    registry, settings = with_tools(tools, settings, config, project)
    settings, held = _held(harness, settings, config, project)
    if agents is None:
        settings = await exactly(settings, config)
    check_meant(settings, registry)
    asked = agents is None and settings.stub is None
    models = settings.command is None
    check_wants(together(harness, project), settings, config, registry, agents=asked, models=models)
    pinned = await pinned_for(harness, settings, project, agents)
    async with prepared(settings, config, spent, Past(), agents, interruptible, people=people, tools=registry) as means:
        now = datetime.now(UTC).astimezone()
        folder = project.new_run(now)
        started = replace(
            _started(harness, args, settings, now, folder.id),
            spent=spent,
            bound=proved(bound, args),
            held=held,
            task=task or harness.task,
            approved=approved,
            tools=registry.added,
            base=None if pinned is None else pinned.base,
        )
        execution = Execution(
            harness=harness,
            started=started,
            means=means,
            find_harness=find_harness or project.find_harness,
            past=past or Past(),
            bound=bound,
            approved=None if approved is None else dict(approved),
            cast=Cast(config, settings),
        )
        with folder.locked():
            return await carry_out(execution, folder, RunState(), watchers, pinned)


def _held(
    harness: Harness, settings: Settings, config: Config, project: Project
) -> tuple[Settings, Mapping[str, Held]]:
    """Return the settings with what the harness limits itself to, and that; refuse what cannot be held."""
    settings, held = limited(settings.resolved(), ceilings_of(harness, LANGUAGE))
    check_hold(settings.ceiling, settings.hold)
    if settings.hold != config.run.get("hold"):  # what a project holds back is for all of its harnesses
        check_phases(harness.source, settings.hold, project.find_source)
    check_price(settings, config, held)
    return settings, held


def _started(harness: Harness, args: Any, settings: Settings, now: datetime, name: str) -> RunStarted:
    return RunStarted(
        run=name,
        name=harness.name,
        task=harness.task,
        digest=harness.digest,
        args=args,
        now=now.isoformat(timespec="seconds"),
        settings=settings,
        source=harness.source,
        file=harness.filename,
        owner=owner(now),
        language=LANGUAGE,
    )


async def carry_out(
    execution: Execution,
    folder: RunFolder,
    state: RunState,
    watchers: tuple[Watcher, ...],
    pinned: Pinned | None,
) -> Run:
    """Execute, with worktrees for agents that are to have them; take away what killed runs have left of theirs.

    Args:
        execution: What is executed; its journal and its socket are made here.
        folder: The run's, locked by this process.
        state: What earlier executions have come to; grows with each event.
        watchers: Told every event once it is durable.
        pinned: Where worktrees begin; `None` where agents are not really asked.
    """
    await anyio.to_thread.run_sync(sweep, folder.trees.parent, folder.id)
    async with _attended(execution.means, folder, state, execution.started.spent):
        if pinned is None:
            return await _recorded(execution, folder, state, watchers)
        asked = execution.means.agents
        async with isolating(asked, pinned, folder.trees, partial(_branches, folder)) as agents:
            means = replace(execution.means, agents=agents)
            return await _recorded(replace(execution, means=means), folder, state, watchers)


def _branches(folder: RunFolder) -> set[str]:
    """Return the branches that the journal of a run has."""
    events = (event for _, event in folder.events())
    return {event.kept.branch for event in events if isinstance(event, AgentFinished) and event.kept is not None}


async def _recorded(execution: Execution, folder: RunFolder, state: RunState, watchers: tuple[Watcher, ...]) -> Run:
    """Execute, and keep a record of it; execute again, whenever somebody asks for a retry."""
    means, past = execution.means, execution.past

    def steer(scheduler: Scheduler, desk: Desk) -> AbstractAsyncContextManager[None]:
        return serving(folder, Steering(folder.id, state, scheduler, desk, means.budget, journal).apply)

    with (
        recording(folder, execution.started, means.clock, state, means.budget, watchers) as journal,
        keeping(Facts(state.facts, journal.add, state.remembered)),
    ):
        ledger = Ledger(journal, means.clock)
        means.budget.keep_in(ledger)
        execution = replace(execution, means=_as_told(means, state), recorder=journal, steer=steer)
        ended = await execute(execution)
        ledger.hand_over()
        while ended.pause == "retry":
            journal.add(ended)
            journal.commit()
            means.budget.forget_agents()
            assert state.started is not None
            started = replace(state.started, spent=state.spent, again="missing")
            past = Past((event for _, event in folder.events()), asked=past.asked, saved=past.saved)
            journal.add(started)
            execution = replace(
                execution, started=started, past=past, means=replace(_as_told(means, state), child=None)
            )
            ended = await execute(execution)
            ledger.hand_over()
        journal.add(ended)
    return Run(folder, state)


def _as_told(means: Means, state: RunState) -> Means:
    """Return them with the limits that people have told the run on the way."""
    assert state.started is not None
    concurrency = state.started.settings.concurrency or means.caps.concurrency
    return replace(means, caps=means.caps.told({**state.limits, "concurrency": concurrency}))


@asynccontextmanager
async def _attended(means: Means, folder: RunFolder, state: RunState, spent: Spent) -> AsyncIterator[None]:
    """Let the run stand in the ledger of the user, while the block lasts.

    Raises:
        LedgerFailure: it cannot, and there are ceilings over all runs; nothing has changed.
    """
    if means.treasury is None:
        yield
        return
    new = state.started is None
    async with AsyncExitStack() as stack:
        try:
            at = spending(means.budget, means.treasury, folder.path.parents[2], folder.id, spent, resumed=not new)
            await stack.enter_async_context(at)
        except BaseException:
            if new:
                folder.remove()
            raise
        yield


def owner(now: datetime) -> str:
    """Return how the journal calls the process that executes a run."""
    return f"process {os.getpid()} on {socket.gethostname()} since {now.isoformat(timespec='seconds')}"
