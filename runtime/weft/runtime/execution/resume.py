"""Going on with a run: lock it, read it, check what is to be done, execute its harness again over its answers.

with resumable(folder) as found:                    # once; nobody else can touch the run meanwhile
    resumption = found.resumption(settings)         # or refuse
    plan = await plan_resume(resumption, …)         # if somebody wants to see the bill first
    await go_on(resumption, …)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from weft.primitives.calls import OnInterrupt
from weft.runtime.agents.cast import Cast
from weft.runtime.ceiling import check_hold
from weft.runtime.errors import Refused
from weft.runtime.execution.execute import Execution
from weft.runtime.execution.prepare import check_price, exactly, pinned_for, prepared, with_tools
from weft.runtime.execution.recording import leave_result
from weft.runtime.execution.run import Run, carry_out, owner
from weft.runtime.execution.wants import check_wants, together
from weft.runtime.held import Held, limited, loosened
from weft.runtime.helping import Helper, away
from weft.runtime.journal import Past, RunState, Watcher, fold
from weft.runtime.journal.events import Again, Event, RunStarted, WorkflowLoaded
from weft.runtime.journal.past import Saved
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.project.harness import Harness, ceilings_of, check_args, parse_harness, read_harness
from weft.runtime.request import Agents
from weft.runtime.scheduling.admission import proved
from weft.runtime.scheduling.widths import Widths, widened
from weft.runtime.settings import Settings
from weft.runtime.tools.tool import Tool

if TYPE_CHECKING:
    from weft.linter import Bound

__all__ = ["Resumable", "Resumption", "go_on", "recorded_harness", "resumable", "resume"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumable:
    """A run that this process has locked and read."""

    folder: RunFolder
    events: list[Event]
    state: RunState
    started: RunStarted
    """How its latest execution began."""

    @property
    def settings(self) -> Settings:
        """Return what a person had decided, whatever of it the harness has lowered."""
        return loosened(self.started.settings, self.started.held)

    def resumption(
        self,
        settings: Settings,
        config: Config | None = None,
        *,
        harness: Harness | None = None,
        asked: OnInterrupt = "ask",
        saved: Saved = "recorded",
        again: Again = "missing",
    ) -> Resumption:
        """Decide how to go on.

        Args:
            settings: Limits, model, folders for what is left to do.
            config: What is said of models and profiles.
            harness: An edited harness to go on with; the run's own without one.
            asked: What to do with agents that had started, and say `on_interrupt="ask"`.
            saved: As what saved harnesses are executed that were loaded before.
            again: Whether another model than before is asked what others have answered.

        Raises:
            Refused: there is nothing left to do, the arguments do not fit an edited harness, or the model has no price.
            UsageError: the settings contradict each other.
        """
        harness = harness or recorded_harness(self.folder, self.started)
        edited = harness.digest != self.started.digest
        config = config or Config()
        wanted = edited or saved == "now" or again == "all" or self._recast(Cast(config, settings))
        if self.state.outcome == "completed" and self.state.health == "clean" and not wanted:
            # Whoever executed it may have been killed between its last event and its result.
            leave_result(self.folder, self.state)
            raise self.nothing_left("lost nothing")
        check_args(harness, self.started.args)
        settings, held = limited(settings.resolved(), ceilings_of(harness, self.started.language))
        check_hold(settings.ceiling, settings.hold)
        check_price(settings, config, held)
        return Resumption(
            of=self,
            harness=harness,
            settings=settings,
            held=held,
            config=config,
            asked=asked,
            saved=saved,
            again=again,
        )

    def _recast(self, cast: Cast) -> bool:
        """Whether a profile says something else now than agents of the run went by."""
        roles = {(one.called.request.profile, one.called.request.role) for one in self.state.agents.values()}
        return any(name and role and not cast.still(name, role) for name, role in roles)

    def nothing_left(self, why: str) -> Refused:
        """Return the refusal to go on with a run that has completed: why that is all, and what else may be done."""
        loads = any(isinstance(event, WorkflowLoaded) for event in self.events)
        saved = "--saved now executes saved harnesses as they are now; " if loads else ""
        return Refused(
            f"there is nothing left to do: the run has completed, and {why}",
            where=str(self.folder.result),
            meaning="nothing was started",
            fix=f"--model NAME --again all asks another model; {saved}--script EDITED.py goes on with another harness; "
            "weft replay executes it again without spending",
        )

    async def exactly(self, settings: Settings, config: Config) -> Settings:
        """Return settings with the exact name of their model, as `exactly` does; what is on record stays as it is.

        Raises:
            ProviderError: another model is named, of this machine, and is not there.
        """
        return settings if settings.model == self.started.settings.model else await exactly(settings, config)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """How a run is gone on with, once nothing speaks against it."""

    of: Resumable
    harness: Harness
    settings: Settings
    """Resolved, and lowered to what the harness sets itself."""
    held: Mapping[str, Held]
    """What either side says of those limits."""
    config: Config
    asked: OnInterrupt
    saved: Saved = "recorded"
    again: Again = "missing"

    @property
    def edited(self) -> bool:
        """Whether the harness is another one than was executed last."""
        return self.harness.digest != self.of.started.digest

    @property
    def approved(self) -> Widths | None:
        """How wide it may become: as it was approved, and as wide as it was about to become, since it is gone on with.

        Not for an edited harness, nor where somebody says how many agents there may be.
        """
        before = self.of.started
        if before.approved is None or self.edited or self.settings.max_agents != before.settings.max_agents:
            return None
        return widened(before.approved, self.of.events)

    def past(self, asked: OnInterrupt | None = None) -> Past:
        """Return what the executions so far have left, for one execution to use up."""
        return Past(
            self.of.events,
            asked=asked or self.asked,
            saved=self.saved,
            digest=self.harness.digest,
            model=self.settings.model,
            again=self.again,
        )


@contextmanager
def resumable(folder: RunFolder) -> Iterator[Resumable]:
    """Lock a run for this process, and read it.

    Raises:
        RunLocked: another process executes the run.
        JournalError: the journal cannot be read.
    """
    with folder.locked():
        events = folder.events()
        state = fold(events)
        assert state.started is not None
        state.write_off()  # whoever had it locked is gone
        yield Resumable(folder=folder, events=[event for _, event in events], state=state, started=state.started)


async def resume(
    folder: RunFolder,
    settings: Settings,
    project: Project,
    *,
    harness: Harness | None = None,
    asked: OnInterrupt = "ask",
    saved: Saved = "recorded",
    again: Again = "missing",
    config: Config | None = None,
    bound: Bound | None = None,
    agents: Agents | None = None,
    people: Helper = away,
    watchers: tuple[Watcher, ...] = (),
    interruptible: bool = False,
    tools: Iterable[Tool | Callable[..., Any]] = (),
) -> Run:
    """Go on with a run: execute its harness again, with every answer that it has already paid for.

    An agent that was lost, or whose call is another one now, is asked again; nothing else is. What was spent before
    counts against the ceiling.

    Args:
        folder: The run's.
        settings: Limits, model, folders for what is left to do.
        project: Where saved harnesses are.
        harness: An edited harness to go on with; the run's own without one.
        asked: What to do with agents that had started, and say `on_interrupt="ask"`.
        saved: As what saved harnesses are executed that were loaded before: what they were then, or what they are now.
        again: Whom another model than before is asked: all, or those alone that have no answer.
        config: What is said of models and profiles.
        bound: As for `run`; without one, what was proved at first no longer holds the run.
        agents: Who answers agents, in place of the settings' model or script.
        people: As for `run`.
        watchers: Told every new event once it is durable.
        interruptible: As for `run`.
        tools: As for `run`: to be given again.

    Raises:
        RunLocked: another process executes the run.
        Refused: there is nothing left to do, or the arguments do not fit an edited harness.
        JournalError: the journal cannot be read or written.
    """
    with resumable(folder) as found:
        return await go_on(
            found.resumption(settings, config, harness=harness, asked=asked, saved=saved, again=again),
            project,
            bound=bound,
            agents=agents,
            people=people,
            watchers=watchers,
            interruptible=interruptible,
            tools=tools,
        )


async def go_on(
    resumption: Resumption,
    project: Project,
    *,
    bound: Bound | None = None,
    find_harness: Callable[[str], Harness | None] | None = None,
    agents: Agents | None = None,
    people: Helper = away,
    watchers: tuple[Watcher, ...] = (),
    interruptible: bool = False,
    asks: bool = True,
    tools: Iterable[Tool | Callable[..., Any]] = (),
) -> Run:
    """Do what was decided; see `resume`.

    Args:
        resumption: What was decided.
        project: As for `resume`, like all others that are not named here.
        asks: Whether agents will be asked, so that their model has to be there.
    """
    found, harness, settings = resumption.of, resumption.harness, resumption.settings
    approved = resumption.approved
    registry, settings = with_tools(tools, settings, resumption.config, project)
    if agents is None:
        settings = await found.exactly(settings, resumption.config)
    asked = agents is None and settings.stub is None
    check_wants(together(harness, project), settings, resumption.config, registry, agents=asked, models=False)
    started = replace(
        found.started,
        digest=harness.digest,
        source=harness.source,
        file=harness.filename,
        settings=settings,
        spent=found.state.spent,
        owner=owner(datetime.now(UTC).astimezone()),
        bound=proved(bound, found.started.args),
        again=resumption.again,
        held=resumption.held,
        approved=approved,
        tools=registry.added,
    )
    past = resumption.past()
    pinned = await pinned_for(harness, settings, project, agents, started.base)
    started = replace(started, base=started.base if pinned is None else pinned.base)
    async with prepared(
        settings, resumption.config, found.state.spent, past, agents, interruptible, asks, people, registry
    ) as means:
        execution = Execution(
            harness=harness,
            started=started,
            means=means,
            find_harness=find_harness or project.find_harness,
            past=past,
            bound=bound,
            approved=None if approved is None else dict(approved),
            cast=Cast(resumption.config, settings),
        )
        return await carry_out(execution, found.folder, found.state, watchers, pinned)


def recorded_harness(folder: RunFolder, started: RunStarted) -> Harness:
    """Return the harness as it was executed last, by the name it had then.

    Raises:
        NotFound: it is neither in the journal nor in the folder.
    """
    if not started.source:  # as in journals of version 1
        return replace(read_harness(folder.harness), name=started.name)
    return parse_harness(started.source, name=started.name, filename=started.file or folder.harness.name)
