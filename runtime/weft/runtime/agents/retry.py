"""Trying again what failed in passing: how often, for how long, and with which pauses.

A provider that refuses for the moment is no failure; see `limiter`.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from weft.runtime.clock import Clock
from weft.runtime.request import AgentError, AgentRequest

if TYPE_CHECKING:
    from tenacity import RetryCallState

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
    """
    trial = _Trial(request, clock)

    async def attempt() -> T:
        trial.attempt += 1
        try:
            return await once(trial.attempt, trial.failed)
        except AgentError as failure:
            trial.note(failure)
            raise

    try:
        return await attempt()  # nearly always enough, and much cheaper by itself
    except AgentError as failure:
        if not failure.passing:
            raise
    try:
        return await _again(trial, attempt)
    except AgentError as failure:
        raise (failure.final() if failure.passing else failure) from failure.__cause__


async def _again(trial: _Trial, attempt: Callable[[], Awaitable[T]]) -> T:
    """Go on after a first attempt that failed in passing."""
    from tenacity import AsyncRetrying, retry_if_exception

    first = trial.failed

    async def one() -> T:
        nonlocal first
        if first is not None:
            failed, first = first, None
            raise failed
        return await attempt()

    retrying = AsyncRetrying(
        retry=retry_if_exception(_passing), wait=trial.wait, stop=trial.stop, sleep=trial.sleep, reraise=True
    )
    return await retrying(one)


def _passing(error: BaseException) -> bool:
    return isinstance(error, AgentError) and error.passing


class _Trial:
    """What has been tried so far, and what follows from it."""

    def __init__(self, request: AgentRequest, clock: Clock) -> None:
        self.attempt = 0
        self.failed: AgentError | None = None
        self._request = request
        self._clock = clock
        self._begun = clock.now()
        self._misfits = 0
        self._faults = 0
        """In a row."""
        self._jitter: random.Random | None = None

    def note(self, failure: AgentError) -> None:
        """Count a failure."""
        self.failed = failure
        if failure.cause == "invalid":
            self._misfits, self._faults = self._misfits + 1, 0
        else:
            self._faults += 1

    def stop(self, _state: RetryCallState) -> bool:
        """Whether the last failure is final."""
        if not self._faults:
            return self._misfits > self._request.retries
        return self._faults >= MOST_FAULTS or self._clock.now() - self._begun >= LONGEST_TRIAL

    def wait(self, _state: RetryCallState) -> float:
        """Return the seconds until the next attempt: what the provider asked for, where that means anything."""
        assert self.failed is not None
        if not self._faults:
            return 0.0
        asked = self.failed.wait
        if asked is not None and asked >= 0:
            return min(asked, LONGEST_WAIT)
        self._jitter = self._jitter or random.Random(self._request.seed())
        return backoff(self._faults, self._jitter)

    async def sleep(self, seconds: float) -> None:
        """Wait on the run's clock."""
        if seconds:
            await self._clock.sleep(seconds)
