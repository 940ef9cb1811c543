"""The options that commands which run agents have in common, and what they mean."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from weft.runtime.journal.events import Settings
    from weft.runtime.run import Options

__all__ = ["default_model", "json_option", "read_options", "run_options"]

DEFAULT_MODEL = "anthropic:claude-sonnet-5-5"
"""The model where there is a key for it and no other is named; also the one whose price stub agents are given."""

Command = TypeVar("Command", bound=Callable[..., None])

MAX_AGENTS = 1000
CONCURRENCY = 16


def _finite(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not an amount of money.")
    return value


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
        help="Ceiling at list price.",
    ),
    click.option(
        "--budget-tokens", type=click.IntRange(min=1), metavar="N", help="Ceiling, input and output together."
    ),
    click.option(
        "--hold",
        multiple=True,
        metavar="PHASE=SHARE",
        help="Keep 10%, or an amount, of the ceiling for the agents of a phase, or for `critical` ones; repeatable.",
    ),
    click.option(
        "--on-budget",
        type=click.Choice(["pause", "finish", "stop"]),
        help="What happens at the ceiling: pause, as without it; finish with what is held back; or stop at once.",
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
        help=f"Most agents at work at the same time; {CONCURRENCY} without it.",
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
        UsageError: they contradict each other.
    """
    from weft.runtime.ceiling import Ceiling, read_hold
    from weft.runtime.run import Options

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
        concurrency=given["concurrency"] or CONCURRENCY,
        virtual_time=given["virtual_time"],
    )
    if before is None:
        return options
    return replace(options, timeout=before.timeout or options.timeout, retries=before.retries, tools=before.tools)


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
    from weft.runtime.prices import OFFLINE

    keyed = os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN")
    return DEFAULT_MODEL if keyed else OFFLINE
