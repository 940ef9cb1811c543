"""The options that commands which run agents have in common, and what they mean."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from weft.runtime.run import Options

__all__ = ["DEFAULTS", "default_model", "read_options", "shared_options"]

DEFAULT_MODEL = "anthropic:claude-sonnet-5-5"
"""The model where there is a key for it and no other is named; also the one whose price stub agents are given."""

Command = TypeVar("Command", bound=Callable[..., None])

DEFAULTS = {"max_agents": 1000, "concurrency": 16}


def _finite(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not an amount of money.")
    return value


SHARED = (
    click.option("--args", "arguments", metavar="JSON|@FILE", help="Arguments of the harness."),
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
        "--max-agents",
        type=click.IntRange(min=1),
        default=DEFAULTS["max_agents"],
        show_default=True,
        metavar="N",
        help="Most agents the run may start.",
    ),
    click.option(
        "--concurrency",
        type=click.IntRange(min=1),
        default=DEFAULTS["concurrency"],
        show_default=True,
        metavar="N",
        help="Most agents at work at the same time.",
    ),
    click.option("--virtual-time", is_flag=True, help="Let the latency of stub agents pass in no time."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, on stdout."),
)


def shared_options(command: Command) -> Command:
    """Give a command the options that `plan` and `run` have in common."""
    for option in reversed(SHARED):
        command = option(command)
    return command


def read_options(given: dict[str, Any]) -> Options:
    """Return what the options say.

    Raises:
        UsageError: they contradict each other.
    """
    from weft.runtime.budget import Ceiling
    from weft.runtime.errors import UsageError
    from weft.runtime.run import Options

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
    default = DEFAULT_MODEL if agents is not None else default_model()
    return Options(
        model=default if given["model"] is None else given["model"],
        stub=None if agents is None else Path(agents.removeprefix("stub:")),
        folders=given["folders"] or (Path(),),
        ceiling=Ceiling(tokens=given["budget_tokens"], usd=given["budget"]),
        max_agents=given["max_agents"],
        concurrency=given["concurrency"],
        virtual_time=given["virtual_time"],
    )


def default_model() -> str:
    """Return the model where none is named."""
    from weft.runtime.prices import OFFLINE

    keyed = os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN")
    return DEFAULT_MODEL if keyed else OFFLINE
