"""How a command that has executed a harness ends: what it prints, and its exit code."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from weft.primitives.errors import WeftError
from weft.runtime.cli.output import print_json, print_record, show
from weft.runtime.errors import ExitCode, Refused, RuntimeFailure, UsageError

if TYPE_CHECKING:
    from weft.runtime.journal import RunState

__all__ = ["end", "printer", "unstarted"]


def end(state: RunState, folder: Path, printed: Callable[[Any], None] | None) -> NoReturn:
    """Print the result of a run, as data where something prints that, and leave with the run's exit code."""
    if printed is not None:
        from weft.runtime.execution.result import result_object

        printed(result_object(state))
    else:
        from weft.runtime.views.text import result_page

        show(result_page(state, os.path.relpath(folder)))
    raise SystemExit(_exit_code(state))


def _exit_code(state: RunState) -> ExitCode:
    if state.outcome == "completed":
        return ExitCode.CLEAN if state.health == "clean" else ExitCode.DEGRADED
    reason = state.ended.pause if state.ended else None
    if reason is None:
        return ExitCode.ERROR
    return {"user": ExitCode.INTERRUPTED, "provider": ExitCode.PROVIDER}.get(reason, ExitCode.PAUSED)


def printer(as_json: bool, progress: str) -> Callable[[Any], None] | None:
    """Return what prints a result as data; `None` where it is for people.

    Raises:
        UsageError: two different things are to be printed.
    """
    if as_json and progress == "json":
        raise UsageError(
            "--json prints one object, and --progress json all events",
            meaning="nothing was started",
            fix="leave one out; the last line of --progress json has the result, too",
        )
    return print_record if progress == "json" else print_json if as_json else None


def unstarted(error: WeftError) -> dict[str, Any]:
    """Return the result of a run that could not start."""
    from weft.runtime.execution.result import result_object
    from weft.runtime.journal.fold import RunState

    outcome = "refused" if isinstance(error, Refused) else "error"
    state = RunState(spent=error.spent) if isinstance(error, RuntimeFailure) else RunState()
    return {**result_object(state), "outcome": outcome, "health": "degraded"}
