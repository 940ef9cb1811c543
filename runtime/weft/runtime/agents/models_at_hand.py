"""Which models a harness can name, with what they cost, so that whoever writes one can choose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, get_args

from pydantic_ai.models import KnownModelName

from weft.runtime.agents.providers import load_model
from weft.runtime.errors import ProviderError
from weft.runtime.money.prices import price_of
from weft.runtime.project.config import Config
from weft.runtime.settings import LOCAL, OFFLINE, is_local

__all__ = ["MOST_MODELS", "ModelAtHand", "models_at_hand"]

MOST_MODELS = 12
"""How many are told, the run's own included."""

SAMPLE = 1_000
"""Tokens by which a price is told: prices of long prompts may be others."""


class ModelAtHand(NamedTuple):
    """A model that can be asked here."""

    name: str
    price: tuple[float, float] | None
    """US dollars for a million tokens, in and out; `None` where nobody knows them."""


def models_at_hand(model: str, config: Config) -> list[ModelAtHand]:
    """Return the model of the run, and others that it can ask, the cheapest first.

    These are the ones that the project names and that there are credentials for, and those of the run's own provider
    whose price is known.
    """
    others = {*_configured(config), *(name for name in _of_provider(model) if _price(name, config))} - {model}
    told = sorted((ModelAtHand(name, _price(name, config)) for name in others), key=_cheapest_first)
    return [ModelAtHand(model, _price(model, config)), *told[: MOST_MODELS - 1]]


def _cheapest_first(one: ModelAtHand) -> tuple[bool, float, str]:
    return one.price is None, sum(one.price or ()), one.name


def _configured(config: Config) -> Iterator[str]:
    named = dict.fromkeys([*config.models, *(name for known in config.models.values() for name in known.fallback)])
    return (name for name in named if name not in (LOCAL, OFFLINE) and _can_be_asked(name))


def _can_be_asked(name: str) -> bool:
    if is_local(name):
        return True
    try:
        load_model(name)
    except ProviderError:  # which is said to who asks for it
        return False
    return True


def _of_provider(model: str) -> Iterator[str]:
    provider, colon, _ = model.partition(":")
    known: tuple[str, ...] = get_args(KnownModelName.__value__)
    return (name for name in known if colon and name.partition(":")[0] == provider)


def _price(name: str, config: Config) -> tuple[float, float] | None:
    from genai_prices import Usage

    price = price_of(name, config)
    if price is None:
        return None
    in_, out = (price(usage) for usage in (Usage(input_tokens=SAMPLE), Usage(output_tokens=SAMPLE)))
    return round(in_ * 1_000_000 / SAMPLE, 6), round(out * 1_000_000 / SAMPLE, 6)
