"""Every error a harness can meet. The errors of the host live in `weft.runtime.errors`.

WeftError
├── OutsideRun         a primitive was called where no run is going on
├── AgentFailed        an agent that the harness cannot do without was lost
├── WorkflowRefused    a saved harness cannot be started from here, or returned what its RESULT forbids
├── RoundNotReported   a loop helper was not told what the round found
└── NotJson            a value that must be JSON data is not
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weft.primitives.lost import Lost

__all__ = [
    "AgentFailed",
    "NotJson",
    "OutsideRun",
    "RoundNotReported",
    "WeftError",
    "WorkflowRefused",
    "agent_failed",
    "described",
    "is_on_record",
]

MOST_SAID = 10_000
"""Characters of what an error says that are passed on."""


class WeftError(Exception):
    """Something a person can act on: what happened, where, what it means for the run, what to do.

    Only `what` is required; a part that would say nothing is left out.
    """

    def __init__(
        self, what: str, *, where: str | None = None, meaning: str | None = None, fix: str | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.meaning = meaning
        self.fix = fix


class OutsideRun(WeftError, RuntimeError):
    """A primitive was called where no run is going on, for example by `python harness.py`."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} works only inside a run: there is no scheduler here to start agents. "
            "Run the file with `weft run FILE.py`, or check it with `weft check FILE.py`."
        )


class AgentFailed(WeftError):
    """An agent with `critical=True`, or a branch under `fail_fast=True`, was lost for good.

    Other lost agents are `None` in the harness and raise nothing. `lost` holds the cause.
    """

    def __init__(self, message: str, lost: Lost) -> None:
        super().__init__(message)
        self.lost = lost
        self._on_record = False


class WorkflowRefused(WeftError):
    """A saved harness is no use here: unknown name, a cycle, too deep, or arguments or a result that do not fit."""


class RoundNotReported(WeftError):
    """A round of `until_dry` or `until_target` ended without a call of `round.found(items)`."""


class NotJson(WeftError, TypeError):
    """A value that must be JSON data is something else; `path` says where in the value, as in `$.rows[3].when`."""

    def __init__(self, problem: str, path: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.problem = problem
        self.path = path


def agent_failed(message: str, lost: Lost) -> AgentFailed:
    """Return the error for an agent that was really lost, as the host has on record."""
    error = AgentFailed(message, lost)
    error._on_record = True
    return error


def is_on_record(error: Exception) -> bool:
    """Tell whether the host knows of the loss that an error is about; a harness can raise `AgentFailed` for any."""
    return type(error) is AgentFailed and error._on_record


_name_of = type.__dict__["__name__"].__get__
"""What a class is really called; a class of its class could say something else."""


def described(error: BaseException) -> str:
    """Return an error as `Type: text`, whatever its own code makes of being asked: the text may fail, or be huge."""
    name: str = _name_of(type(error))
    try:
        # Exactly a text: the methods of a class of somebody's own could say something else each time.
        text = str.__str__(str(error))[:MOST_SAID].encode("utf-8", "replace").decode()
    except Exception:  # noqa: BLE001 - whatever it is, it says nothing of the error that is described
        text = "(its text cannot be shown)"
    return f"{name}: {text}" if text else name
