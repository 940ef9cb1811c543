"""The signal that stops a run without losing anything: no further agents start, those at work finish, all is kept."""

from __future__ import annotations

from typing import Literal

__all__ = ["Pause", "PauseReason", "Stop"]

PauseReason = Literal[
    "budget",  # the next request does not fit under the ceiling
    "agents",  # the run has started as many agents as it may
    "deadline",  # the execution has taken as long as it may
    "width",  # a fan-out surely needs more agents than the run may start, or than were proved for it
    "price",  # at what agents have cost so far, a fan-out would cost more than is left
    "provider",  # the provider refuses our credentials, our account or the model
    "journal",  # what happens can no longer be recorded
    "decision",  # an agent may have had effects outside before, and nobody said whether to ask it again
    "user",  # a person asked for it
    "command",  # `weft pause --now` asked for it
    "retry",  # `weft retry` asked for it: the harness is executed again at once
]


class Pause(BaseException):
    """Stop the run here. Not an `Exception`: nothing on the way may take it for the failure of one agent."""

    def __init__(self, reason: PauseReason, message: str) -> None:
        super().__init__(message)
        self.reason: PauseReason = reason
        self.message = message


class Stop(Pause):
    """End the run here as one that failed, and agents at work with it. What was finished is kept all the same."""
