"""How much one request may put out, thinking included: what is sent to the model, and what is reserved for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from weft.primitives.calls import Effort

if TYPE_CHECKING:
    from pydantic_ai.settings import ModelSettings

__all__ = ["MAX_OUTPUT_TOKENS", "OVERHEAD_TOKENS", "THINKING_TOKENS", "most_unseen", "output_settings"]

MAX_OUTPUT_TOKENS = 8_192
"""What an answer may take, where the agent's own ceiling is not lower."""

OVERHEAD_TOKENS = 1_024
"""What a provider adds to a request by itself: its own words about tools, and the like."""

THINKING_TOKENS: dict[Effort, int] = {
    "minimal": 1_024,
    "low": 2_048,
    "medium": 8_192,
    "high": 16_384,
    "xhigh": 32_768,
    "max": 32_768,
}
"""What an agent may think in one request besides, by its effort."""

LEAST_THINKING = 1_024
"""Providers refuse a smaller budget for thinking."""


def output_settings(profile: Mapping[str, object], effort: Effort | None, left: int | None) -> ModelSettings:
    """Return the output ceiling of one request, and how much of it is for thinking.

    Thinking counts as output everywhere, so the ceiling holds both. Some models want a number for the thinking that is
    below the ceiling, and answer an error otherwise; the others divide the ceiling themselves.

    Args:
        profile: What pydantic-ai knows of the model.
        effort: How hard the agent is to think.
        left: The most it may still put out; `None` for no limit of its own.
    """
    from pydantic_ai.settings import ModelSettings

    thinking = 0 if effort is None else THINKING_TOKENS[effort]
    most = MAX_OUTPUT_TOKENS + thinking
    limit = profile.get("anthropic_max_output_tokens")
    if isinstance(limit, int):
        most = min(most, limit)
    if left is not None:
        most = min(most, left)
    if not thinking or profile.get("anthropic_supports_adaptive_thinking") is not False:
        return ModelSettings(max_tokens=most)
    # Under a low ceiling half of it is kept for the answer.
    budget = min(thinking, most - min(MAX_OUTPUT_TOKENS, most // 2))
    if budget < LEAST_THINKING:
        return ModelSettings(max_tokens=most, thinking=False)
    from pydantic_ai.models.anthropic import AnthropicModelSettings

    return AnthropicModelSettings(max_tokens=most, anthropic_thinking={"type": "enabled", "budget_tokens": budget})


def most_unseen(profile: Mapping[str, object], effort: Effort | None, most: int) -> int:
    """Return how many tokens a model may have put out that are not seen in what it said: what it thought.

    Args:
        profile: What pydantic-ai knows of the model.
        effort: How hard the agent was to think.
        most: The output ceiling of the request.
    """
    if effort is not None:
        return THINKING_TOKENS[effort]
    thinks = profile.get("thinking_always_enabled") or profile.get("thinking_enabled_by_default")
    return most if thinks else 0
