"""What a run would do and cost, before anything is spent: lint, proved bound, rehearsal, forecast, permissions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weft.linter import Report, lint
from weft.runtime.execution.rehearsal import Rehearsal, rehearse
from weft.runtime.money.expected import expected_cost
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness, check_args
from weft.runtime.project.linted import LintedHarnesses
from weft.runtime.settings import Settings

__all__ = ["Forecast", "Plan", "make_plan"]


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
    path: Path | None = None
    """Where the harness is."""

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
        Refused: the arguments do not fit.
    """
    check_args(harness, args)
    report = lint(
        harness.source, filename=harness.filename, workflows=project.find_source, max_agents=settings.max_agents
    )
    if report.errors:
        return Plan(harness, args, report, None, None, settings, path)
    rehearsal = await rehearse(harness, args, settings.resolved(), LintedHarnesses(project, settings.max_agents))
    return Plan(harness, args, report, rehearsal, _forecast(rehearsal, config), settings, path)


def _forecast(rehearsal: Rehearsal, config: Config) -> Forecast:
    costs = [expected_cost(scene.models, config) for scene in rehearsal.scenes if not scene.crashed]
    known = [cost for cost in costs if cost is not None]
    usd = (min(known), max(known)) if known and len(known) == len(costs) else None
    return Forecast(rehearsal.agents, usd)
