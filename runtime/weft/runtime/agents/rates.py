"""The arithmetic of limits: what the headers of a provider say, token buckets, and a window of concurrency.

Nothing here waits, and nothing knows what a request is; see `limiter`.
Sources: token buckets that refill continuously, as providers describe theirs (docs.anthropic.com/en/api/rate-limits);
concurrency by slow start and additive increase (RFC 5681), decreased by the share of requests that are refused
(RFC 8257: a few refusals among many cost little, a wall of them halves it).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Literal, get_args

__all__ = ["KINDS", "LONGEST_TOLD", "Bucket", "Kind", "Told", "Window", "told_by"]

FIRST_WINDOW = 4
"""Requests at the same time before anything is known of the provider."""

LONGEST_TOLD = 86_400.0
"""Seconds; a provider that names a time beyond that is taken to have named none."""

GAIN = 1 / 16
"""Weight of the newest request in the share of refused ones; `g` in RFC 8257."""

Kind = Literal["requests", "tokens", "input_tokens", "output_tokens"]
"""What providers count; `tokens` is input and output together."""

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Told:
    """What a response says of one limit."""

    limit: float
    remaining: float
    full_in: float | None = None
    """Seconds until nothing of the limit will be used, where it says so."""


def told_by(headers: Mapping[str, str]) -> dict[Kind, Told]:
    """Read what the headers of a response say of limits, in the spelling of Anthropic or of OpenAI.

    Args:
        headers: Those of any response, with names in lower case; what cannot be read is taken as not said.
    """
    told: dict[Kind, Told] = {}
    for kind in KINDS:
        name = kind.replace("_", "-")
        for pattern in (f"anthropic-ratelimit-{name}-{{}}", f"x-ratelimit-{{}}-{name}"):
            limit, remaining = (_number(headers.get(pattern.format(field))) for field in ("limit", "remaining"))
            if limit and remaining is not None:
                reset = headers.get(pattern.format("reset"), "")
                seconds = _seconds(reset, headers.get("date"))
                told[kind] = Told(limit, remaining, seconds if seconds is None or seconds <= LONGEST_TOLD else None)
    return told


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < math.inf else None


def _seconds(reset: str, date: str | None) -> float | None:
    """Return the seconds until a reset: a time of day, a duration such as `6m0s` or `20ms`, or seconds."""
    if (plain := _number(reset)) is not None:
        return plain
    parts = re.findall(r"([\d.]+)(ms|[dhms])", reset)
    if parts and "".join(number + unit for number, unit in parts) == reset:
        units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
        return sum((_number(number) or 0) * units[unit] for number, unit in parts)
    try:  # by the provider's clock alone: ours may be wrong
        return max(0.0, (datetime.fromisoformat(reset) - parsedate_to_datetime(date or "")).total_seconds())
    except (ValueError, TypeError):
        return None


class Bucket:
    """Something of which there is so much for each minute. Refills continuously, and holds a minute's worth at most."""

    def __init__(self, per_minute: float | None) -> None:
        """Fill the bucket; without a number it is bottomless until a provider names one."""
        self._configured = per_minute
        self.limit = per_minute
        """What it holds when full."""
        self._rate = (per_minute or 0.0) / 60
        self._level = per_minute or 0.0
        self._at = 0.0

    def level(self, now: float) -> float:
        """Return what there is; less than nothing after a request that took more than expected."""
        if self.limit is None:
            return math.inf
        return min(self.limit, self._level + (now - self._at) * self._rate)

    def wait(self, amount: float, now: float) -> float:
        """Return the seconds until so much can be taken; what never fits may be taken when the bucket is full."""
        if self.limit is None:
            return 0.0
        missing = min(amount, self.limit) - self.level(now)
        return 0.0 if missing < 1e-6 else missing / self._rate

    def take(self, amount: float, now: float) -> None:
        """Take so much, or put it back if it is negative."""
        if self.limit is not None:
            self._level, self._at = self.level(now) - amount, now

    def learn(self, told: Told, pending: float, now: float) -> bool:
        """Correct the level by what a provider says, less what is on its way there.

        Returns:
            Whether the provider's word replaces our own count; where less is configured, both hold.
        """
        ours = self._configured is not None and self._configured < told.limit
        level = told.remaining - pending
        self._level, self._at = min(self.level(now), level) if ours else min(told.limit, level), now
        if not ours:
            self.limit, self._rate = told.limit, told.limit / 60
            if told.full_in is not None and told.full_in > 60 and told.limit > told.remaining:
                self._rate = (told.limit - told.remaining) / told.full_in  # it counts for longer than a minute
        return not ours


class Window:
    """How many requests may be in flight: finds its own level, never below one."""

    def __init__(self, most: int | None) -> None:
        self._most = math.inf if most is None else most
        self._size = min(float(FIRST_WINDOW), self._most)
        self._starting = True
        self._share = 1.0
        """Of requests that were refused lately; as much as can be until some were taken."""
        self._decreased_at = 0

    @property
    def size(self) -> int:
        """Return how many requests may be in flight."""
        return int(self._size)

    @property
    def why(self) -> str:
        """Say why there may not be more in flight."""
        requests = f"{self.size} request{'s' * (self.size != 1)} at a time"
        if self._size >= self._most:
            return f"{requests}, as configured"
        grows = "one more with each that is answered" if self._starting else "growing again slowly, as it refused some"
        return f"{requests} for now, {grows}"

    def hold(self, most: int) -> None:
        """Let so many be the most from here on; it is found out again how many of them are taken."""
        self._most = most
        self._size = min(max(self._size, min(FIRST_WINDOW, most)), most)
        self._starting = True

    def took(self, *, saturated: bool) -> None:
        """Grow, where a request was answered while the window was full."""
        self._share *= 1 - GAIN
        if saturated:
            self._size = min(self._most, self._size + (1 if self._starting else 1 / self._size))

    def refused(self, number: int, last: int) -> None:
        """Shrink, once for all the requests that were in flight together.

        Args:
            number: Of the request that was refused, in the order of sending.
            last: Number of the latest request that was sent.
        """
        self._share += GAIN * (1 - self._share)
        if number > self._decreased_at:
            self._size = max(1.0, self._size * (1 - self._share / 2))
            self._starting, self._decreased_at = False, last
