"""Every error the host reports to a person, each with the exit code of the command that meets it; and those codes.

WeftError (weft.primitives.errors)
└── RuntimeFailure           exit 1
    ├── UsageError           exit 2   the command or configuration cannot mean anything
    ├── Refused              exit 3   the run was not started: lint, arguments, budget or approval forbid it; or one
    │   │                             that goes on cannot do what it is told
    │   ├── RunLocked                       another process executes the run
    │   └── Unapproved                      nobody has said yes to it
    ├── ProviderError        exit 6   no credentials, or a provider or model that cannot be reached
    ├── Diverged             exit 7   a replay did something else than the record
    ├── JournalError         exit 1   a run's record cannot be written or read
    └── NotFound             exit 2   no run, harness or agent of that name
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, ClassVar

from weft.primitives.errors import WeftError
from weft.primitives.lost import Spent

__all__ = [
    "Diverged",
    "ExitCode",
    "JournalError",
    "NotFound",
    "ProviderError",
    "Refused",
    "RunLocked",
    "RuntimeFailure",
    "Unapproved",
    "UsageError",
    "error_object",
    "single",
]


class ExitCode(IntEnum):
    """How a command ends, as scripts see it."""

    CLEAN = 0
    ERROR = 1
    USAGE = 2
    REFUSED = 3
    DEGRADED = 4
    PAUSED = 5
    PROVIDER = 6
    DIVERGED = 7
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    """As a program that SIGPIPE ends."""


class RuntimeFailure(WeftError):
    """Something went wrong on the host; the base of all errors that end a command."""

    exit_code: ClassVar[ExitCode] = ExitCode.ERROR
    spent = Spent()
    """What had been spent by then."""


class UsageError(RuntimeFailure):
    """The command line or the configuration cannot mean anything."""

    exit_code = ExitCode.USAGE


class NotFound(UsageError):
    """No run, harness or agent goes by that name."""


class Refused(RuntimeFailure):
    """The run was not started, and nothing was spent or written; or a command to it was not carried out."""

    exit_code = ExitCode.REFUSED


class RunLocked(Refused):
    """Another process executes the run."""


class Unapproved(Refused):
    """Nobody has said yes to what is to be executed."""


class ProviderError(RuntimeFailure):
    """A model cannot be used: no credentials, no such model, or no way to reach its provider."""

    exit_code = ExitCode.PROVIDER


class Diverged(RuntimeFailure):
    """A replay made another call than the record shows; both are in the message."""

    exit_code = ExitCode.DIVERGED


class JournalError(RuntimeFailure):
    """The record of a run cannot be written, read or trusted."""


def error_object(error: WeftError) -> dict[str, Any]:
    """Return an error as JSON data."""
    return {
        "type": type(error).__name__,
        "message": error.what,
        "where": error.where,
        "meaning": error.meaning,
        "fix": error.fix,
    }


def single(error: BaseException) -> BaseException:
    """Return the error inside the groups that task groups put around it; the group, if it holds several kinds."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    inner = [single(part) for part in error.exceptions]
    return inner[0] if len({type(part) for part in inner}) == 1 else error
