"""Trying again what failed in passing: how often, for how long, and with which pauses.

A provider that refuses for the moment is no failure; see `limiter`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from weft.runtime.clock import Clock
from weft.runtime.request import AgentError, AgentRequest
from weft.runtime.working import asks_again, told_to_end

__all__ = ["MOST_FAULTS", "backoff", "trying"]

MOST_FAULTS = 8
"""Passing faults in a row of which the last is a loss."""

LONGEST_TRIAL = 1800.0
"""Seconds after which a passing fault is a loss, however few there were."""

FIRST_WAIT = 1.0
"""Most seconds before the second attempt; doubles from there."""

LONGEST_WAIT = 60.0

T = TypeVar("T")


def backoff(failures: int, jitter: random.Random) -> float:
    """Return the seconds to wait after so many failures: exponential, with full jitter.

    Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    return jitter.uniform(0.0, min(FIRST_WAIT * 2 ** min(failures - 1, 10), LONGEST_WAIT))


async def trying(request: AgentRequest, clock: Clock, once: Callable[[int, AgentError | None], Awaitable[T]]) -> T:
    """Do something `once`, and again after failures that may pass.

    An answer that does not fit is asked for again at once, at most `request.retries` times. Everything else that passes
    is tried again after a while, at most `MOST_FAULTS` times in a row.

    Args:
        request: The agent it is done for.
        clock: What to wait by.
        once: Gets the number of the attempt, from 1, and why the one before failed.

    Raises:
        AgentError: the last failure, no longer `passing`: nobody tries again what was tried here.
        CancelledError: it failed since it was told to end, and said something else.
    """
    failed: AgentError | None = None
    attempt = misfits = faults = 0
    jitter: random.Random | None = None
    begun = clock.now()
    while True:
        attempt += 1
        try:
            return await once(attempt, failed)
        except AgentError as failure:
            if not failure.passing:
                raise
            if told_to_end():
                raise asyncio.CancelledError from failure
            failed = failure
        if failed.cause == "invalid":
            misfits, faults = misfits + 1, 0
            if misfits > request.retries:
                break
        else:
            faults += 1  # in a row
            if faults >= MOST_FAULTS or clock.now() - begun >= LONGEST_TRIAL:
                break
            jitter = jitter or random.Random(request.seed())
            pause = _pause(failed, faults, jitter)
            asks_again(failed.message, pause)
            await clock.sleep(pause)
    raise failed.final() from failed.__cause__


def _pause(failed: AgentError, faults: int, jitter: random.Random) -> float:
    """Return the seconds until the next attempt: what the provider asked for, where that means anything."""
    if failed.wait is not None and failed.wait >= 0:
        return min(failed.wait, LONGEST_WAIT)
    return backoff(faults, jitter)
