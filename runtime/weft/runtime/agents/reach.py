"""Whether a run goes on asking a provider: what it has answered so far, and when nobody else is to be lost to it.

How often one request is tried is `retry`; what one error means is `responses`.
"""

from __future__ import annotations

from collections import defaultdict

from pydantic_ai.exceptions import ModelAPIError, ModelConnectionError, ModelHTTPError

from weft.runtime.agents.responses import never_ran
from weft.runtime.clock import Clock
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError

__all__ = ["Reach"]

FIRST_TRIES = 3
"""Attempts to reach a provider that has never answered; one that has is given every attempt."""

ALIKE = 3
"""Agents lost in the same way to a model that has never answered, after which it is given up."""

GIVEN_UP = 15.0
"""Seconds for which nobody asks a model that was given up; where there is a fallback, it is tried again then."""


class Reach:
    """What the agents of a run have met at one model."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answered = False
        self._lost: dict[tuple[type, int | None], set[int]] = defaultdict(set)
        self._given_up: tuple[float, str] | None = None
        self._untold = False

    def check(self) -> None:
        """Let a request pass, or not where others have just found that it is no use.

        Raises:
            Pause: the model was given up.
        """
        if self._given_up is not None:
            until, why = self._given_up
            if self._clock.now() < until:
                raise Pause("provider", why)
            self._given_up = None

    def answered(self) -> None:
        """Note that the model has answered."""
        self._answered = True
        self._lost.clear()

    def first_untold(self) -> bool:
        """Note that an answer did not say what it used, and return whether that has not happened before."""
        first, self._untold = not self._untold, True
        return first

    def paused(self, pause: Pause) -> None:
        """Note that a request has paused the run."""
        if pause.reason == "provider":
            self._give_up(pause.message)

    def failed(self, failure: AgentError, attempt: int) -> AgentError | Pause:
        """Return what the failure of one attempt is to the run: that, or a pause because nobody is reached there."""
        if not self._answered and attempt >= FIRST_TRIES and _unreached(failure):
            return self._give_up(failure.message)
        return failure

    def lost(self, failure: AgentError, agent: int) -> AgentError | Pause:
        """Return what the last failure of an agent is to the run: its loss, or a pause because others would follow."""
        if _unreached(failure):
            return self._give_up(failure.message)
        cause = failure.__cause__
        if not self._answered and failure.cause == "provider" and isinstance(cause, ModelAPIError):
            alike = self._lost[type(cause), cause.status_code if isinstance(cause, ModelHTTPError) else None]
            alike.add(agent)
            if len(alike) >= ALIKE:
                return self._give_up(f"{failure.message} (so for {len(alike)} agents, and nobody got an answer)")
        return failure

    def _give_up(self, why: str) -> Pause:
        if self._given_up is None:
            self._given_up = self._clock.now() + GIVEN_UP, why
        return Pause("provider", why)


def _unreached(failure: AgentError) -> bool:
    cause = failure.__cause__
    return isinstance(cause, ModelConnectionError) and never_ran(cause)
