"""The signals that stop a run without losing anything: at a pause no more begins, at a cut all that goes on ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import anyio

__all__ = ["Cut", "Pause", "PauseReason", "Stop"]

PauseReason = Literal[
    "budget",  # the next request does not fit under the ceiling
    "agents",  # the run has started as many agents as it may
    "deadline",  # the execution has taken as long as it may
    "width",  # a fan-out surely needs more agents than the run may start, or than were proved for it
    "approval",  # more than was approved, and nobody has let it go on
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


class Cut:
    """Whether an execution, or a part of it, is to end now, whatever it waits for; seen by whoever waits there."""

    def __init__(self) -> None:
        self.made = False
        """Whether it is to end now."""
        self._scopes: list[anyio.CancelScope] = []

    def make(self) -> None:
        """End the execution: what waits for the harness waits no more, and is not to begin again."""
        self.made = True
        for scope in self._scopes:
            scope.cancel()

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Let the block wait, for the harness or others; it is left where the execution is to end now."""
        with anyio.CancelScope() as scope:
            self._scopes.append(scope)
            if self.made:
                scope.cancel()
            try:
                yield
            finally:
                self._scopes.remove(scope)
