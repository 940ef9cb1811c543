"""The one loop that tries again what failed in passing, and how long it waits before."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from weft.runtime.agents.request import AgentError, AgentRequest
from weft.runtime.clock import Clock

__all__ = ["trying"]

FIRST_WAIT = 1.0
"""Seconds before the second attempt; doubles from there, with jitter, unless the provider says how long."""

LONGEST_WAIT = 60.0

T = TypeVar("T")


async def trying(request: AgentRequest, clock: Clock, once: Callable[[int, AgentError | None], Awaitable[T]]) -> T:
    """Do something `once`, and again after failures that may pass, at most `request.retries` times.

    Args:
        request: The agent it is done for.
        clock: What to wait by.
        once: Gets the number of the attempt, from 1, and why the one before failed.

    Raises:
        AgentError: the last failure, no longer `passing`: nobody tries again what was tried here.
    """
    jitter: random.Random | None = None
    attempt, failed = 1, None
    while True:
        try:
            return await once(attempt, failed)
        except AgentError as failure:
            if not failure.passing:
                raise
            if attempt > request.retries:
                raise failure.final() from failure
            failed = failure
        if failed.cause != "invalid":
            jitter = jitter or random.Random(request.key())  # differs between agents and is the same in every run
            await clock.sleep(_wait(failed.wait, attempt, jitter))
        attempt += 1


def _wait(asked: float | None, attempt: int, jitter: random.Random) -> float:
    """Return the seconds to wait: what the provider asked for, where that means anything."""
    if asked is not None and asked >= 0:
        return min(asked, LONGEST_WAIT)
    return float(min(FIRST_WAIT * 2 ** min(attempt - 1, 10), LONGEST_WAIT) * jitter.uniform(0.5, 1.0))
