"""What a run would do and cost, before anything is spent: lint, proved bound, rehearsal, forecast, permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weft.linter import Report, lint
from weft.runtime.authoring.reviewing import Fault
from weft.runtime.ceiling import check_hold
from weft.runtime.execution.rehearsal import Rehearsal, rehearse
from weft.runtime.held import Held, limited
from weft.runtime.money.expected import expected_cost
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness, ceilings_of, check_args
from weft.runtime.project.linted import LintedHarnesses
from weft.runtime.settings import Settings

__all__ = ["Forecast", "Plan", "make_plan", "rehearsed_faults"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run is expected to take. A guess, unlike the bound."""

    agents: tuple[int, int]
    """Fewest and most in rehearsal."""
    usd: tuple[float, float] | None
    """At list price, or `None` where a model has none."""


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

    @property
    def free(self) -> bool:
        """Whether nothing can be spent: agents are scripted, or answered on this machine."""
        return self.settings.stub is not None or (self.forecast is not None and self.forecast.usd == (0.0, 0.0))

    @property
    def bound(self) -> int | str:
        """The most agents it can start with these arguments: a number, or `unbounded`."""
        return self.report.bound.evaluate(self.args)


async def make_plan(
    harness: Harness, args: Any, settings: Settings, config: Config, project: Project, path: Path | None = None
) -> Plan:
    """Check, bound, rehearse and price a harness. Starts no agent and spends nothing.

    Raises:
        Refused: the arguments do not fit, or more is held back than there is.
    """
    check_args(harness, args)
    report = lint(
        harness.source, filename=harness.filename, workflows=project.find_source, max_agents=settings.max_agents
    )
    if report.errors:
        return Plan(harness, args, report, None, None, settings, path)
    holding, held = limited(settings, ceilings_of(harness))
    check_hold(holding.ceiling, holding.hold)
    rehearsal = await rehearse(harness, args, holding.resolved(), LintedHarnesses(project, settings.max_agents))
    return Plan(harness, args, report, rehearsal, _forecast(rehearsal, config), holding, path, held)


def _forecast(rehearsal: Rehearsal, config: Config) -> Forecast:
    costs = [expected_cost(scene.models, config) for scene in rehearsal.usual]
    known = [cost for cost in costs if cost is not None]
    usd = (min(known), max(known)) if known and len(known) == len(costs) else None
    return Forecast(rehearsal.agents, usd)


async def rehearsed_faults(harness: Harness, args: Any, settings: Settings, project: Project) -> list[Fault]:
    """Return what goes wrong with a harness in rehearsal, for its author to mend.

    Raises:
        Refused: its `BUDGET` cannot be held.
    """
    holding, _ = limited(settings, ceilings_of(harness))
    rehearsal = await rehearse(harness, args, holding.resolved(), LintedHarnesses(project, settings.max_agents))
    first: dict[tuple[str, int | None], Fault] = {}
    for scene in rehearsal.crashes:
        assert scene.problem is not None  # it has crashed
        message, at = scene.problem.message, scene.problem.line
        first.setdefault((message, at), Fault(message, at, scene.name))
    return [*first.values()]
