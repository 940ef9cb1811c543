"""The forecast of a plan: what was rehearsed, weighed by what the files, the prices and the earlier runs say."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

from weft.runtime.forecasting.cells import Call, with_below
from weft.runtime.forecasting.cold import Cold
from weft.runtime.forecasting.forecast import Forecast, forecast, scenario_of, scenarios_of
from weft.runtime.forecasting.history import alike, read_history
from weft.runtime.forecasting.learned import Learned
from weft.runtime.forecasting.material import Material
from weft.runtime.tools.folders import Folders

if TYPE_CHECKING:
    from weft.runtime.project.config import Config
    from weft.runtime.project.folders import Project
    from weft.runtime.settings import Settings

__all__ = ["forecast_plan"]

BELOW = (0.5, 1.0, 0.0)
"""How many of the agents that one may have below it there are, as a fraction, in one rehearsed run after another."""


def forecast_plan(
    rehearsed: Sequence[Sequence[Call]],
    *,
    harness: str,
    bound: int | str | None,
    args: Any,
    settings: Settings,
    config: Config,
    project: Project,
) -> Forecast | None:
    """Forecast a run of a harness; `None` where no rehearsal says anything.

    Args:
        rehearsed: The agents of each rehearsed run, see `calls_of`; runs that say nothing of how many there will be,
            such as those that broke, are left out.
        harness: Its name.
        bound: The most agents that it can start with these arguments; where none is proved, a text or nothing.
        args: Its arguments.
        settings: As they hold for it, resolved.
        config: Prices and limits.
        project: Where earlier runs are.
    """
    cold = Cold(Material(Folders(settings.folders)), config)
    history = read_history(project, config)
    at_once = settings.resolved().concurrency or 1
    ways = [
        scenario_of(with_below(calls, part), harness, cold, at_once=at_once, config=config)
        for calls, part in zip(rehearsed, cycle(BELOW))
    ]
    same = alike(harness, bound if isinstance(bound, int) else None, args)
    scenarios, widths = scenarios_of(ways, history, same, cold)
    return forecast(scenarios, Learned(history, cold), widths=widths) if rehearsed else None
