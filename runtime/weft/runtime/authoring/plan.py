"""What a run would do and cost, before anything is spent: lint, proved bound, rehearsal, forecast, permissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from weft.linter import Report, lint
from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.authoring.approval import Terms, terms_of
from weft.runtime.authoring.reviewing import Fault
from weft.runtime.authoring.wants import Wants, wants_of
from weft.runtime.ceiling import check_hold
from weft.runtime.errors import Refused
from weft.runtime.forecasting.cells import calls_of
from weft.runtime.forecasting.cold import Cold, Use
from weft.runtime.forecasting.forecast import Forecast
from weft.runtime.forecasting.material import Material
from weft.runtime.forecasting.planned import forecast_plan
from weft.runtime.forecasting.savings import Saving, at_hand, savings
from weft.runtime.held import Held, limited
from weft.runtime.journal.events import AgentCalled
from weft.runtime.money.beyond import Standing
from weft.runtime.money.keeper import standing
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness, ceilings_of, check_args
from weft.runtime.project.linted import LintedHarnesses
from weft.runtime.project.profiles import check_profiles, role_of
from weft.runtime.project.programs import answerers
from weft.runtime.rehearsal.rehearse import rehearse
from weft.runtime.rehearsal.report import Rehearsal
from weft.runtime.settings import OFFLINE, Settings, is_local
from weft.runtime.tools.added import registry_of
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.listing import granted_sources
from weft.runtime.tools.registry import Source
from weft.runtime.worktrees.base import Pinned, pin

__all__ = ["Plan", "make_plan", "rehearsed_faults"]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a person should know before saying yes."""

    harness: Harness
    args: Any
    report: Report
    rehearsal: Rehearsal | None
    """`None` where the linter found errors: such a harness is not executed, not even in rehearsal."""
    forecast: Forecast | None
    settings: Settings
    """As they hold for this harness."""
    path: Path | None = None
    """Where the harness is."""
    held: Mapping[str, Held] = field(default_factory=dict)
    """Of each limit that the harness sets itself, what either side says; `settings` has what holds of it."""
    written: Spent | None = None
    """What it has cost already to write the harness, which counts against the same ceiling."""
    savings: tuple[Saving, ...] = ()
    """What phases would cost less on cheaper models."""
    opening: Use | None = None
    """What its budget must hold before the first request is sent; `None` where nobody knows, or nothing is paid for."""
    ceilings: Sequence[Standing] = ()
    """How those over many runs stand."""
    worktrees: Pinned | None = None
    """Where worktrees of its agents would begin, or why they could not; `None` where none has one."""
    terms: Terms | None = None
    """What a yes to it would bind; `None` where the linter found errors."""
    sources: Sequence[Source] = ()
    """Where those tools come from that the project adds, and that are granted."""
    wants: Wants = field(default_factory=Wants)
    """What it wants and cannot have as things are."""

    @property
    def free(self) -> bool:
        """Whether nothing can be spent: agents are scripted, or answered on this machine."""
        if self.settings.command is not None:
            return False
        return self.settings.stub is not None or (self.forecast is not None and self.forecast.free)

    @property
    def too_little(self) -> bool:
        """Whether the budget does not hold the first request, so that the run comes to nothing."""
        if self.opening is None:
            return False
        need, ceiling, spent = self.opening, self.settings.ceiling, self.written or NOTHING_SPENT
        lacks_usd = ceiling.usd is not None and (need.usd or 0.0) > ceiling.usd - spent.usd
        return lacks_usd or (ceiling.tokens is not None and need.input + need.output > ceiling.tokens - spent.tokens)

    @property
    def bound(self) -> int | str:
        """The most agents it can start with these arguments: a number, or `unbounded`."""
        return self.report.bound.evaluate(self.args)


async def make_plan(
    harness: Harness,
    args: Any,
    settings: Settings,
    config: Config,
    project: Project,
    path: Path | None = None,
    *,
    written: Spent | None = None,
) -> Plan:
    """Check, bound, rehearse and price a harness. Starts no agent and spends nothing.

    `written` is what it has cost to write it.

    Raises:
        Refused: the arguments do not fit, a profile is not there, or more is held back than there is.
    """
    check_args(harness, args)
    if settings.stub is None:
        check_profiles(harness, config.named)
    report = lint(
        harness.source,
        filename=harness.filename,
        workflows=project.find_source,
        max_agents=settings.max_agents,
        tools=config.adds,
        profiles=partial(role_of, config.named),
    )
    plan = Plan(harness, args, report, None, None, settings, path, written=written)
    return plan if report.errors else await _rehearsed(plan, config, project)


async def _rehearsed(plan: Plan, config: Config, project: Project) -> Plan:
    """Return a plan in which the linter found no errors, with what a rehearsal tells.

    Raises:
        Refused: more is held back than there is, or a yes could not be bound.
    """
    harness, args, bound = plan.harness, plan.args, plan.bound
    settings, held = limited(plan.settings, ceilings_of(harness))
    check_hold(settings.ceiling, settings.hold)
    find = LintedHarnesses(project, settings.max_agents)
    rehearsal = await rehearse(harness, args, settings.resolved(), find, config=config)
    expected = forecast_plan(
        [calls_of(played.events) for played in rehearsal.usual],
        harness=harness.name,
        bound=bound,
        args=args,
        settings=settings,
        config=config,
        project=project,
    )
    registry = registry_of(config, project.root.parent)
    granted = granted_sources(registry, Allowed(settings.allow))
    sources: Sequence[Source] = (*granted, *answerers(settings, config.agents))
    return replace(
        plan,
        rehearsal=rehearsal,
        forecast=expected,
        settings=settings,
        held=held,
        savings=() if expected is None else savings(expected, at_hand(settings.model, config), config),
        terms=terms_of(harness, args, settings, project, bound, rehearsal.usual, sources, config),
        worktrees=await _worktrees(harness, settings, project, rehearsal),
        opening=_opening(settings, config, rehearsal),
        ceilings=() if settings.stub is not None else standing(config, project.root.parent),
        sources=sources,
        wants=wants_of(harness, settings, config, registry, project, rehearsal.played),
    )


def _opening(settings: Settings, config: Config, rehearsal: Rehearsal) -> Use | None:
    """Return the least that must be there before any request is sent, by who was asked first in rehearsal."""
    if settings.stub is not None or settings.command is not None:
        return None
    asked = (
        next((event.request for event in played.events if isinstance(event, AgentCalled)), None)
        for played in rehearsal.usual
    )
    first = [request for request in asked if request and not (request.model == OFFLINE or is_local(request.model))]
    cold = Cold(Material(Folders(())), config)
    return min((cold.opening(request) for request in first), key=lambda use: (use.usd or 0.0, use.input), default=None)


async def _worktrees(harness: Harness, settings: Settings, project: Project, rehearsal: Rehearsal) -> Pinned | None:
    """Return where worktrees would begin that agents had in rehearsal."""
    events = (event for played in rehearsal.usual for event in played.events)
    if settings.stub is not None or not any(isinstance(e, AgentCalled) and e.request.isolation for e in events):
        return None
    try:
        return await pin(
            harness.source, project.find_source, settings.folders, dirty=settings.dirty, where=harness.filename
        )
    except Refused as refused:
        return Pinned(why_not=f"{refused.what} ({refused.where}); {refused.fix}")


async def rehearsed_faults(
    harness: Harness, args: Any, settings: Settings, project: Project, config: Config
) -> list[Fault]:
    """Return what goes wrong with a harness in rehearsal, for its author to mend.

    Raises:
        Refused: its `BUDGET` cannot be held.
    """
    holding, _ = limited(settings, ceilings_of(harness))
    find = LintedHarnesses(project, settings.max_agents)
    rehearsal = await rehearse(harness, args, holding.resolved(), find, config=config)
    crashes = [Fault(crash.problem.message, crash.problem.line, crash.case) for crash in rehearsal.crashes]
    confused = [Fault(one.what, one.line, f"{one.one}; then {one.other}") for one in rehearsal.confused]
    endless = [Fault("it comes to no end: the backstop or the clock ends it")] if rehearsal.unending else []
    return [*crashes, *endless, *confused]
