"""Which phase would cost how much less on a cheaper model, at list prices and with as many tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weft.runtime.forecasting.cold import Cold
from weft.runtime.forecasting.forecast import Forecast, Part
from weft.runtime.forecasting.material import Material
from weft.runtime.money.prices import price_of
from weft.runtime.settings import OFFLINE, is_local

if TYPE_CHECKING:
    from weft.runtime.project.config import Config

__all__ = ["Saving", "at_hand", "savings"]

LEAST = 0.01
"""Dollars that are worth saying."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What one phase costs, and would cost on another model."""

    phase: str | None
    model: str
    instead: str
    usd: float
    """What it likely costs."""
    saved: float
    """How much less that would be."""


def savings(forecast: Forecast, models: Iterable[str], config: Config | None = None) -> tuple[Saving, ...]:
    """Return what each phase would save on the cheapest of some models, the most first.

    Nothing is said of whether that model would do. It is taken to use as many tokens.
    """
    cold = Cold(Material(), config)
    found = [best for part in forecast.parts if (best := _best(part, models, cold)) is not None]
    return tuple(sorted(found, key=lambda saving: -saving.saved))


def _best(part: Part, models: Iterable[str], cold: Cold) -> Saving | None:
    listed = cold.usd(part.model, part.input, part.output, part.turns) if part.turns else None
    if not part.usd or not listed:
        return None
    best: Saving | None = None
    for model in models:
        other = cold.usd(model, part.input, part.output, part.turns)
        saved = part.usd * (1 - other / listed) if other is not None and model != part.model else 0.0
        if saved >= LEAST and (best is None or saved > best.saved):
            best = Saving(part.phase, part.model, model, part.usd, saved)
    return best


def at_hand(model: str, config: Config | None = None) -> tuple[str, ...]:
    """Return models to compare one with: those that the project speaks of, and those of its own family.

    Of one family are models of a provider whose names have the same numbers, as `claude-opus-5-5` and
    `claude-haiku-5-5`.
    """
    configured = [] if config is None else [name for name in config.models if price_of(name, config) is not None]
    return tuple(dict.fromkeys([*configured, *_family(model)]))


def _family(model: str) -> list[str]:
    if model == OFFLINE or is_local(model):
        return []
    from genai_prices.data_snapshot import get_snapshot

    provider, _, name = model.partition(":")
    listed = next((known.models for known in get_snapshot().providers if known.id == provider), [])
    numbers = _numbers(name)
    return [f"{provider}:{other.id}" for other in listed if numbers and _numbers(other.id) == numbers]


def _numbers(name: str) -> list[str]:
    return re.findall(r"\d+", name)
