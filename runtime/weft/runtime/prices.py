"""What tokens cost at list price. "No price" is a state of its own: such a model cannot be held by a dollar budget."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from genai_prices.types import AbstractUsage

__all__ = ["OFFLINE", "Price", "price_of"]

OFFLINE = "offline"
"""The model that answers on this machine; it costs nothing and counts no tokens."""


class Price(Protocol):
    """What one request costs in US dollars, by what it used."""

    def __call__(self, usage: AbstractUsage) -> float:
        """Return the list price of this usage, steps by prompt size and cached tokens included."""


@cache
def price_of(model: str) -> Price | None:
    """Return the list price of a model named as `provider:model`, or `None` when nobody knows one.

    Prices come from the `genai-prices` package, whose data is part of it.
    """
    if model == OFFLINE:
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
