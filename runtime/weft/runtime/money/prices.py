"""What tokens cost: the configured price, else the list price; on this machine, nothing.

"No price" is a state of its own: such a model cannot be held by a dollar budget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from weft.runtime.settings import OFFLINE, is_local

if TYPE_CHECKING:
    from genai_prices import Usage
    from genai_prices.types import AbstractUsage

    from weft.runtime.project.config import Config, Rate

__all__ = ["MILLION", "Price", "is_free", "price_of", "set_price"]

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """What one request to one model costs, in US dollars, by what it used."""

    listed: Callable[[AbstractUsage], float] | None
    """Steps by prompt size and cached tokens included."""
    rate: Rate | None = None
    """In place of it, for what is not cached."""

    def __call__(self, usage: AbstractUsage) -> float:
        """Return the price of this usage."""
        if self.rate is None:
            assert self.listed is not None
            return self.listed(usage)
        from genai_prices import Usage

        used = Usage.from_raw(usage)
        reads, writes = int(used.cache_read_tokens), int(used.cache_write_tokens)
        plain = int(used.input_tokens) - reads - writes
        dollars = (plain * self.rate.input + int(used.output_tokens) * self.rate.output) / MILLION
        return dollars + (self._cached(self.rate, used) if reads or writes else 0.0)

    def _cached(self, rate: Rate, used: Usage) -> float:
        reads, writes = int(used.cache_read_tokens), int(used.cache_write_tokens)
        if self.listed is None:
            return (reads + writes) * rate.input / MILLION
        from genai_prices import Usage

        kept = {"cache_write_tokens": writes, "cache_write_1h_tokens": int(used.cache_write_1h_tokens)}
        return self.listed(Usage(input_tokens=reads + writes, cache_read_tokens=reads, **kept))

    def most(self, input_tokens: int, output_tokens: int) -> float:
        """Return the most that so many tokens can cost: writing input to a cache is dearer than reading it."""
        from genai_prices import Usage

        plain = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
        written = Usage(input_tokens=input_tokens, cache_write_tokens=input_tokens, output_tokens=output_tokens)
        return max(self(plain), self(written))


def price_of(model: str, config: Config | None = None) -> Price | None:
    """Return the price of a model named as `provider:model`, or `None` when nobody knows one.

    List prices come from the `genai-prices` package, whose data is part of it.
    """
    listed = _list_price(model)
    rate = None if config is None else config.model(model).price
    return None if listed is None and rate is None else Price(listed, rate)


def is_free(model: str, config: Config | None = None) -> bool:
    """Whether a model is known to cost nothing."""
    price = price_of(model, config)
    return price is not None and price.most(MILLION, MILLION) == 0


def set_price(model: str) -> str:
    """Return what a person can do about a model without a price."""
    return f"set one in weft.toml: [models.{model!r}] price = {{ input = …, output = … }} (dollars per million tokens)"


@cache
def _list_price(model: str) -> Callable[[AbstractUsage], float] | None:
    if model == OFFLINE or is_local(model):  # it costs nobody anything
        return lambda usage: 0.0
    from genai_prices import Usage, calc_price

    provider, _, name = model.partition(":")

    def price(usage: AbstractUsage) -> float:
        return float(calc_price(usage, name, provider_id=provider).total_price)

    try:
        price(Usage(input_tokens=1, output_tokens=1))
    except (LookupError, ValueError):
        return None
    return price
