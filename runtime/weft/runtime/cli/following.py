"""Commands that are told to a person as the next ones: ready for a shell, under the same options."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from weft.runtime.cli.arguments import as_options
from weft.runtime.cli.options import option_words
from weft.runtime.cli.targets import Target

__all__ = ["keep_command", "plan_command", "run_command"]

LONGEST = 200
"""How many letters the arguments of a harness may have as options; longer ones are named by the file they are in."""


def run_command(named: Target, given: dict[str, Any], saved: str | None = None, grants: Iterable[str] = ()) -> str:
    """Return the command that runs a planned harness, by the name under which it was saved if it was.

    `grants` are granted besides what is.
    """
    return shlex.join(["weft", "run", *_words(named, _granting(given, grants), saved)])


def plan_command(named: Target, given: dict[str, Any], saved: str | None = None, grants: Iterable[str] = ()) -> str:
    """Return the command that plans a harness again, as for `run_command`."""
    return shlex.join(["weft", "plan", *_words(named, _granting(given, grants), saved)])


def keep_command(named: Target, given: dict[str, Any]) -> str:
    """Return the command that saves a planned harness under a name."""
    return shlex.join(["weft", "plan", *_words(named, given, None), "--save", "NAME"])


def _granting(given: dict[str, Any], grants: Iterable[str]) -> dict[str, Any]:
    return {**given, "allow": (*(given["allow"] or ()), *grants)}


def _words(named: Target, given: dict[str, Any], saved: str | None) -> list[str]:
    what = saved or (named.harness.name if named.path is None else os.path.relpath(named.path))
    return [what, *_arguments(named, given), *option_words(given)]


def _arguments(named: Target, given: dict[str, Any]) -> list[str]:
    """Return the arguments as they were given, or as the author of the harness chose them."""
    if named.task is None or named.path is None or given["arguments"] is not None:
        stated = [] if given["arguments"] is None else ["--args", given["arguments"]]
        return [*stated, *given["words"]]
    options = as_options(named.args, named.harness.args_schema)
    if options is not None and len(" ".join(options)) <= LONGEST:
        return options
    return ["--args", f"@{os.path.relpath(_beside(named.path))}"]


def _beside(harness: Path) -> Path:
    """Return where the arguments of a harness are that waits in the folder of plans."""
    return harness.with_suffix(".json")
