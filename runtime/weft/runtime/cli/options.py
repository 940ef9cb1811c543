"""The options that commands which run agents have in common, and what they mean."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from weft.primitives.language import MAX_AGENTS

if TYPE_CHECKING:
    from weft.runtime.execution.run import Options
    from weft.runtime.journal.events import Settings

__all__ = ["default_model", "json_option", "read_options", "run_options"]

DEFAULT_MODEL = "anthropic:claude-sonnet-5-5"
"""The model where there is a key for it and no other is named; also the one whose price stub agents are given."""

Command = TypeVar("Command", bound=Callable[..., None])


def _finite(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not an amount of money.")
    return value


class _Duration(click.ParamType[float]):
    """Seconds, or a number with `s`, `m` or `h` behind it."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", value)
        if found is None or not float(found[1]):
            self.fail(f"{value!r} is no time above zero, such as 90, 90s, 30m or 2h.", param, ctx)
        return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, on stdout."
)

OPTIONS = (
    click.option(
        "--dir",
        "folders",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="What agents may read; repeatable. Without it, the working directory.",
    ),
    click.option(
        "--model", metavar="M", help=f"For author and agents. Without it, {DEFAULT_MODEL} with a key, else offline."
    ),
    click.option("--agents", metavar="stub:FILE", help="Answer agents from a script instead of a model."),
    click.option(
        "--budget",
        type=click.FloatRange(min=0, min_open=True),
        callback=_finite,
        metavar="USD",
        help="Ceiling in dollars, at list price; none without it.",
    ),
    click.option(
        "--budget-tokens",
        type=click.IntRange(min=1),
        metavar="N",
        help="Ceiling in tokens, input and output together; none without it.",
    ),
    click.option(
        "--hold",
        multiple=True,
        metavar="PHASE=SHARE",
        help="Keep 10%, or an amount in the unit of the ceiling, for the agents of a phase, or for `critical` ones; "
        "repeatable.",
    ),
    click.option(
        "--on-budget",
        type=click.Choice(["pause", "finish", "stop"]),
        help="At the ceiling: pause, as without it; finish, and lose what does not fit; or stop, as an error.",
    ),
    click.option(
        "--max-agents",
        type=click.IntRange(min=1),
        metavar="N",
        help=f"Most agents the run may start; {MAX_AGENTS:,} without it.",
    ),
    click.option(
        "--concurrency",
        type=click.IntRange(min=1),
        metavar="N",
        help="Most agents at work at the same time; without it 64 with a provider's model, 16 else.",
    ),
    click.option(
        "--max-depth",
        type=click.IntRange(min=1),
        metavar="N",
        help="How deep saved harnesses may call saved harnesses; 3 without it.",
    ),
    click.option(
        "--deadline",
        type=_Duration(),
        metavar="TIME",
        help="Longest one execution may take, as in 30m; then the run is paused. A resume begins anew.",
    ),
    click.option(
        "--timeout",
        type=_Duration(),
        metavar="TIME",
        help="For agents that name none; without it 30m, and any time for stub agents.",
    ),
    click.option(
        "--stall",
        type=_Duration(),
        metavar="TIME",
        help="Silence of a model after which a request is given up and sent again; 5m without it.",
    ),
    click.option("--virtual-time", is_flag=True, help="Let the latency of stub agents pass in no time."),
)


def run_options(command: Command) -> Command:
    """Give a command the options that say who answers agents, and within which limits."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def read_options(given: dict[str, Any], before: Settings | None = None) -> Options:
    """Return what the options say; what they leave open is as it was before, for a run that goes on.

    Raises:
        UsageError: they contradict each other, or the project's configuration means nothing.
    """
    from weft.runtime.ceiling import Ceiling, read_hold
    from weft.runtime.execution.run import Options
    from weft.runtime.project.config import read_config

    if before is not None:
        given = {**_as_given(before), **{name: value for name, value in given.items() if value}}
    stub = _stub(given)
    default = DEFAULT_MODEL if stub is not None else default_model()
    options = Options(
        model=default if given["model"] is None else given["model"],
        stub=stub,
        folders=given["folders"] or (Path(),),
        ceiling=Ceiling(tokens=given["budget_tokens"], usd=given["budget"]),
        hold=read_hold(given["hold"]),
        on_budget=given["on_budget"] or "pause",
        max_agents=given["max_agents"] or MAX_AGENTS,
        concurrency=given["concurrency"],
        virtual_time=given["virtual_time"],
        config=read_config(Path.cwd()),
        **{name: given[name] for name in ("max_depth", "deadline", "timeout", "stall") if given[name] is not None},
    )
    if before is None:
        return options
    return replace(options, retries=before.retries, tools=before.tools)


def _as_given(settings: Settings) -> dict[str, Any]:
    """Return the options that lead to these settings."""
    return {
        "model": settings.model,
        "agents": None if settings.agents == "models" else f"stub:{settings.agents}",
        "folders": tuple(Path(folder) for folder in settings.folders),
        "budget": settings.budget_usd,
        "budget_tokens": settings.budget_tokens,
        "hold": tuple(f"{name}={share}" for name, share in settings.hold.items()),
        "on_budget": settings.on_budget,
        "max_agents": settings.max_agents,
        "concurrency": settings.concurrency,
        "max_depth": settings.max_depth,
        "deadline": settings.deadline,
        "timeout": settings.timeout,
        "stall": settings.stall,
        "virtual_time": settings.virtual_time,
    }


def _stub(given: dict[str, Any]) -> Path | None:
    """Return the script that answers agents, if one does."""
    from weft.runtime.errors import UsageError

    agents: str | None = given["agents"]
    if agents is not None and not agents.startswith("stub:"):
        raise UsageError(
            f"--agents takes stub:FILE.json, got {agents!r}",
            meaning="nothing was started",
            fix="leave --agents out to ask a model, or name a script: --agents stub:FILE.json",
        )
    if given["virtual_time"] and agents is None:
        raise UsageError(
            "--virtual-time needs simulated agents: real ones take real time",
            meaning="nothing was started",
            fix="--agents stub:FILE.json --virtual-time",
        )
    return None if agents is None else Path(agents.removeprefix("stub:"))


def default_model() -> str:
    """Return the model where none is named."""
    from weft.runtime.money.prices import OFFLINE

    keyed = os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN")
    return DEFAULT_MODEL if keyed else OFFLINE
