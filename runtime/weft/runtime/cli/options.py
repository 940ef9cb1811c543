"""The options that commands which run agents have in common: read off `Settings`, and read back into them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from weft.runtime.settings import COMMAND, DEFAULT_MODEL, FLAGS, MODELS, OFFLINE, STUB, Flag, Settings

if TYPE_CHECKING:
    from weft.runtime.project.config import Config

__all__ = ["default_model", "json_option", "option_words", "progress_option", "read_settings", "run_options"]

Command = TypeVar("Command", bound=Callable[..., None])

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, on stdout."
)

progress_option = click.option(
    "--progress",
    type=click.Choice(["auto", "lines", "json"]),
    default="auto",
    help="How the run is shown while it goes on: lines also on a terminal, or all its events as JSON on stdout.",
)


class _Value(click.ParamType[Any]):
    """Reads the text of an option as its setting says."""

    def __init__(self, flag: Flag) -> None:
        self.name = flag.key
        self._flag = flag

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._flag.read(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


def run_options(command: Command) -> Command:
    """Give a command the options that say who answers agents, and within which limits."""
    for name, flag in reversed(FLAGS.items()):
        if flag.metavar is None:
            option = click.option(f"{flag.name}/{flag.off}", name, default=None, help=flag.help)
        else:
            option = click.option(
                flag.name,
                name,
                type=_Value(flag),
                multiple=flag.gather is not None,
                metavar=flag.metavar,
                help=flag.help,
            )
        command = option(command)
    return command


def read_settings(given: dict[str, Any], before: Settings | None = None) -> tuple[Settings, Config]:
    """Return what the options say, and what the project says of its models.

    What the options leave open is as the project says; for a run that goes on, it is as it was `before`.

    Raises:
        UsageError, Refused: they contradict each other, or the project's configuration means nothing.
    """
    from weft.runtime.errors import UsageError
    from weft.runtime.project.config import read_config
    from weft.runtime.project.programs import program_of

    config = read_config(Path.cwd())
    stated = {name: _value(FLAGS[name], value) for name, value in given.items() if name in FLAGS and _says(value)}
    if before is None:
        stated = {**config.run, **stated}
    settings = replace(before or Settings(folders=(Path(),)), **stated)
    if before is None and "model" not in stated:
        settings = replace(settings, model=default_model() if settings.stub is None else DEFAULT_MODEL)
    program_of(settings, config.agents)
    known = settings.agents == MODELS or settings.agents.startswith((STUB, COMMAND))
    if "agents" in stated and not known:
        raise UsageError(
            f"--agents takes stub:FILE.json or command:NAME, got {settings.agents!r}",
            meaning="nothing was started",
            fix=f"--agents {MODELS} asks a model, as without it; --agents stub:FILE.json names a script, "
            "and --agents command:claude a program",
        )
    if settings.virtual_time and settings.stub is None:
        raise UsageError(
            "--virtual-time needs simulated agents: real ones take real time",
            meaning="nothing was started",
            fix="--agents stub:FILE.json --virtual-time; where weft.toml has it, --no-virtual-time undoes it",
        )
    return settings, config


def _says(value: Any) -> bool:
    """Whether an option was given: what is left out is `None`, or of what may be repeated nothing."""
    return value is not None and value != ()


def _value(flag: Flag, value: Any) -> Any:
    return value if flag.gather is None else flag.gather(value)


def option_words(given: dict[str, Any]) -> list[str]:
    """Return the options that were given, as words of a command."""
    return [word for name, flag in FLAGS.items() for word in flag.words(given[name])]


def default_model() -> str:
    """Return the model where none is named."""
    keyed = os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN")
    return DEFAULT_MODEL if keyed else OFFLINE
