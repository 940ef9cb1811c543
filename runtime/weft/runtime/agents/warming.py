"""Letting the first of many siblings go ahead: what they all begin with is in the provider's cache when they follow.

Where what is kept ends is said in `prompting`; that a response has begun is heard by `hearing`.
Source: a cache entry can be read from when the first response begins (platform.claude.com, "Prompt caching").
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import anyio
from pydantic_ai.messages import ModelMessage, ModelRequest
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.usage import RequestUsage

from weft.runtime.clock import Clock

__all__ = ["LONGEST_LEAD", "Lead", "Prefix", "Warming", "prefix_of"]

LONGEST_LEAD = 5.0
"""Seconds that siblings are kept back for the first of them."""

LEAST_KEPT = 4 * 1_024
"""Bytes below which nothing is kept: providers keep no fewer than some 1,024 tokens."""

KEPT_FOR = 240.0
"""Seconds since it was last used for which a beginning is taken to be kept; providers promise some more."""

MOST_MISSES = 8
"""Siblings in a row that find nothing kept, after which a provider that does not tell what it keeps keeps nothing."""

MOST_KNOWN = 1_000
"""How many beginnings are remembered."""


class Prefix(NamedTuple):
    """What a request begins with that may be kept."""

    name: str
    """The same for the same beginning."""
    size: int
    """In bytes."""


def prefix_of(messages: Sequence[ModelMessage], parameters: ModelRequestParameters, shared: str) -> Prefix:
    """Return what the first request of an agent begins with: what there is to call, instructions, shared context."""
    tools = (*parameters.function_tools, *parameters.output_tools)
    texts = [f"{tool.name} {tool.description} {tool.parameters_json_schema}" for tool in tools]
    texts += [] if parameters.output_object is None else [str(parameters.output_object.json_schema)]
    texts += [message.instructions or "" for message in messages[:1] if isinstance(message, ModelRequest)]
    data = [text.encode("utf-8", "replace") for text in (*texts, shared)]
    digest = hashlib.sha256(b"".join(len(text).to_bytes(8, "big") + text for text in data))
    return Prefix(digest.hexdigest(), sum(map(len, data)))


@dataclass(slots=True)
class _Known:
    """What is known of one beginning."""

    used_at: float
    warm: bool = False
    """Whether a response to it has begun."""
    waiting: list[anyio.Event] = field(default_factory=list)


class Lead:
    """The first request with its beginning: those that follow are told when it has come far enough, or has ended."""

    def __init__(self, warming: Warming, prefix: Prefix) -> None:
        self._warming = warming
        self._prefix = prefix

    def began(self) -> None:
        """Say that the response has begun."""
        self._warming.warmed(self._prefix)

    def used(self, usage: RequestUsage) -> None:
        """Say what the request used, which tells whether anything was kept where the provider tells that."""
        if self._warming.tells and not usage.cache_read_tokens and not usage.cache_write_tokens:
            self._warming.not_kept(self._prefix)

    def over(self) -> None:
        """Say that it has ended, however it did."""
        self._warming.let_go(self._prefix)


class Warming:
    """Which beginnings a model keeps by now."""

    def __init__(self, clock: Clock, *, tells: bool = True) -> None:
        """Begin to learn.

        Args:
            clock: What to wait by.
            tells: Whether the provider tells what it keeps; else only what it has read of that shows it.
        """
        self.tells = tells
        self._misses = 0
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._not_kept: float = LEAST_KEPT - 1
        """The longest beginning that the model was seen not to keep."""

    async def lead(self, prefix: Prefix) -> Lead | None:
        """Return the lead to the first request with a beginning; others are kept back until it is warm, or too long."""
        if prefix.size <= self._not_kept:
            return None
        now = self._clock.now()
        known = self._known.get(prefix.name)
        if known is None or (known.warm and now - known.used_at > KEPT_FOR):
            self._remember(prefix, now)
            return Lead(self, prefix)
        known.used_at = now
        if not known.warm:
            news = anyio.Event()
            known.waiting.append(news)
            with self._clock.timeout(LONGEST_LEAD):
                await self._clock.wait(news)
        return None

    def _remember(self, prefix: Prefix, now: float) -> None:
        if len(self._known) >= MOST_KNOWN:
            del self._known[next(name for name, known in self._known.items())]
        self._known[prefix.name] = _Known(now)

    def warmed(self, prefix: Prefix) -> None:
        """Let those follow that have the same beginning, for it can be read."""
        known = self._known.get(prefix.name)
        if known is not None and not known.warm:
            known.warm = True
            self._free(known)

    def not_kept(self, prefix: Prefix) -> None:
        """Note that a beginning of this length is not kept, so nobody need be kept back for one."""
        self._not_kept = max(self._not_kept, prefix.size)

    def followed(self, prefix: Prefix, usage: RequestUsage) -> None:
        """Take note of what a sibling used that went after the first, and what of it was read from what was kept."""
        if self.tells or prefix.size <= self._not_kept:
            return
        self._misses = 0 if usage.cache_read_tokens else self._misses + 1
        if self._misses >= MOST_MISSES:
            self._not_kept = math.inf

    def let_go(self, prefix: Prefix) -> None:
        """Keep nobody back any more; where the beginning is not warm, the next request leads."""
        known = self._known.get(prefix.name)
        if known is not None and not known.warm:
            del self._known[prefix.name]
            self._free(known)

    def _free(self, known: _Known) -> None:
        waiting, known.waiting = known.waiting, []
        for news in waiting:
            self._clock.wake(news)
