"""By which profile an agent goes: the one that it asks for, or of a pool the cheapest that fits.

A member of a pool fits where its model can be asked here, the call goes into its context window and into what it takes
in a minute, and it can use tools where there are any, or a schema. Of those that fit the cheapest goes, as its list
price says; where the call asks for an effort of `high` or more, the dearest, which is the strongest that a person has
put there. Of equals the first goes. The same call, configuration and credentials always come to the same.

The others that fit and say the same are asked in turn where the provider of its model fails, or takes no more for long.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module

from weft.primitives.calls import AgentCall
from weft.runtime.agents.output import MAX_OUTPUT_TOKENS, THINKING_TOKENS
from weft.runtime.money.prices import price_of
from weft.runtime.profile import Profile
from weft.runtime.project.config import Config
from weft.runtime.project.profiles import ALIASES
from weft.runtime.settings import DEFAULT_MODEL, OFFLINE, Settings, is_local

__all__ = ["Cast"]

DEEP = ("high", "xhigh", "max")
"""Efforts of agents that want the strongest."""

CHARACTERS = 3
"""Of a token, so that its number is rather too high."""

SHARE_IN, SHARE_OUT = 4_000, 1_000
"""Tokens of the request by which models are compared: agents are sent more than they put out."""


class Cast:
    """Tells by which profile each agent of a run goes; implements `Casting`."""

    def __init__(self, config: Config, settings: Settings) -> None:
        """Look for profiles in what a project says.

        Args:
            config: Its profiles, pools, prices and limits.
            settings: With the model that is asked where a profile names none, and who answers.
        """
        self._config = config
        self._settings = settings
        self._askable: dict[str, bool] = {}
        self._prices: dict[str, float | None] = {}

    def __call__(self, call: AgentCall) -> Profile | None:
        """Return what an agent goes by; nothing where it asks for no profile, or one that there is not."""
        if call.profile is None:
            return None
        profiles = [self._exact(profile) for profile in self._config.named.of(call.profile)]
        return self._chosen(call, profiles) if len(profiles) > 1 else next(iter(profiles), None)

    def models(self, name: str) -> list[str]:
        """Return the models of which one is asked by who goes by a profile."""
        return [self._exact(profile).model or self._settings.model for profile in self._config.named.of(name)]

    def still(self, name: str, role: Profile) -> bool:
        """Whether who asks for a profile may still go by what that said before."""
        return replace(role, otherwise=()) in [self._exact(profile) for profile in self._config.named.of(name)]

    def _exact(self, profile: Profile) -> Profile:
        """Return a profile with the full name of its model, where that is the name of a family."""
        if profile.model not in ALIASES:
            return profile
        return replace(profile, model=exact_family(profile.model, self._settings.model))

    def _chosen(self, call: AgentCall, profiles: Sequence[Profile]) -> Profile:
        fitting = [profile for profile in profiles if self._fits(call, profile)] or [*profiles]
        first, *others = sorted(fitting, key=lambda profile: self._rank(call, profile))
        if call.model is not None:
            return first
        return replace(first, otherwise=tuple(one.model for one in others if one.model and _alike(one, first)))

    def _rank(self, call: AgentCall, profile: Profile) -> tuple[bool, float]:
        """Return by what members of a pool stand in order; what has no price may be anything, and so stands last."""
        price = self._price(self._model(call, profile))
        return price is None, (price or 0.0) * (-1 if call.effort in DEEP else 1)

    def _model(self, call: AgentCall, profile: Profile) -> str:
        return call.model or profile.model or self._settings.model

    def _price(self, model: str) -> float | None:
        if model not in self._prices:
            from genai_prices import Usage

            price = price_of(model, self._config)
            usage = Usage(input_tokens=SHARE_IN, output_tokens=SHARE_OUT)
            self._prices[model] = None if price is None else price(usage)
        return self._prices[model]

    def _fits(self, call: AgentCall, profile: Profile) -> bool:
        model = self._model(call, profile)
        if not self._can_be_asked(model):
            return False
        effort = call.effort or profile.effort
        thought = 0 if effort is None else THINKING_TOKENS[effort]
        told = len(call.prompt) + len(profile.instructions or "") + len(json.dumps([call.context, call.schema]))
        sent, put_out = told // CHARACTERS, call.max_tokens or profile.max_tokens or MAX_OUTPUT_TOKENS + thought
        window, a_minute = window_of(model), self._config.model(model).input_tokens_per_minute
        tools = profile.tools if call.tools is None else call.tools
        needs_tools = bool(self._settings.tools if tools is None else tools) or call.schema is not None
        return (
            (window is None or sent + put_out <= window)
            and (a_minute is None or sent <= a_minute)
            and (not needs_tools or takes_tools(model))
        )

    def _can_be_asked(self, model: str) -> bool:
        if self._settings.stub is not None:
            return True
        if model not in self._askable:
            self._askable[model] = can_be_asked(model)
        return self._askable[model]


def _alike(one: Profile, other: Profile) -> bool:
    """Whether two profiles say the same, of other models."""
    return replace(one, name="", model=None) == replace(other, name="", model=None)


def exact_family(family: str, model: str) -> str:
    """Return the model that the name of a family of Anthropic's stands for in a run.

    Where the run's own model is of that family, it is that; where it is of nobody like that, other names mean nothing,
    and it is asked too.
    """
    if not model.startswith("anthropic:") or family in model:
        return model
    generation = next(name for name in ALIASES if name in DEFAULT_MODEL)
    return DEFAULT_MODEL.replace(generation, family)


@cache
def window_of(model: str) -> int | None:
    """Return how many tokens a request to a model may have with its answer; `None` where nobody knows."""
    from genai_prices.data_snapshot import get_snapshot

    provider, _, name = model.partition(":")
    try:
        _, found = get_snapshot().find_provider_model(name, None, provider, None)
    except LookupError:
        return None
    return found.context_window


@cache
def takes_tools(model: str) -> bool:
    """Whether a model can call tools, as pydantic-ai knows it; of one that it does not know, it is taken to be so."""
    provider, _, name = model.partition(":")
    if model == OFFLINE or is_local(model) or not provider.isidentifier():
        return True
    try:
        module = import_module(f"pydantic_ai.profiles.{provider}")
    except ImportError:
        return True
    known = getattr(module, f"{provider}_model_profile", lambda _: None)(name) or {}
    return known.get("supports_tools") is not False


def can_be_asked(model: str) -> bool:
    """Whether there are a client and credentials for a model."""
    from weft.runtime.agents.providers import load_model
    from weft.runtime.errors import ProviderError

    if model == OFFLINE or is_local(model):  # what is wrong with a server shows when it is asked
        return True
    try:
        load_model(model)
    except ProviderError:
        return False
    return True
