"""What one agent will use, from its call alone: what it is told, what it will likely read, what it will answer.

A conversation is sent whole with each turn, so what an agent reads early is paid for in every turn after. The figures
that stand here for habits of models are a beginning; what is learned from journals takes them from there.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from weft.primitives.lost import Spent
from weft.runtime.agents.output import MAX_OUTPUT_TOKENS, OVERHEAD_TOKENS, THINKING_TOKENS
from weft.runtime.forecasting.answers import answer_tokens
from weft.runtime.forecasting.counting import tokens_in
from weft.runtime.forecasting.material import Material
from weft.runtime.money.prices import price_of
from weft.runtime.request import AgentRequest
from weft.runtime.settings import OFFLINE, is_local
from weft.runtime.tools.built_in import BUILT_IN

if TYPE_CHECKING:
    from weft.runtime.project.config import Config

__all__ = ["Cold", "Use"]

MOST_READ = 12
"""How many of the files that its prompt names an agent will read at most."""

READ_UNNAMED = 3
"""How many files it will read where the prompt names none."""

AT_ONCE = 2
"""How many calls of tools models make in one turn."""

FOUND = 800.0
"""What a search shows, in tokens."""

TOOLS_OVERHEAD, TOOL_OVERHEAD = 300.0, 60.0
"""What providers say to a model about tools at all, and about each."""

CALLING = 90.0
"""What a model puts out to call a tool, with what it says about it."""

THOUGHT_SHARE, THOUGHT_UNASKED = 0.2, 250.0
"""How much of what an agent may think it does think; and how many tokens one thinks that does so without being told."""

FIRST_TOKEN, READING = 1.5, 1 / 5_000
"""Seconds until a model begins to answer, and for each token of what it is sent."""

SLOW, FAST, OF_ONE_DOLLAR, STEEPNESS = 25.0, 200.0, 180.0, 0.35
"""Tokens a second that models put out: fewer, the dearer they are. The last two: those of one whose output costs a
dollar for a million tokens, and the power with which that falls."""


@dataclass(frozen=True, slots=True)
class Use:
    """What an agent uses, in all of its turns."""

    input: float = 0.0
    """Tokens that are sent to its model; those of a turn before are sent again."""
    output: float = 0.0
    """Tokens that it puts out, thinking included."""
    turns: float = 1.0
    seconds: float = 0.0
    usd: float | None = 0.0
    """At list price and without a cache; `None` where the model has none."""

    @property
    def spent(self) -> Spent:
        """Return it in whole tokens, as what an agent has cost that used just this."""
        return Spent(round(self.input), round(self.output), self.usd or 0.0)


class Cold:
    """Says what agents will use, as long as nothing is known of others like them."""

    def __init__(self, material: Material, config: Config | None = None) -> None:
        self._material = material
        self._config = config

    def use(self, request: AgentRequest) -> Use:
        """Return what an agent will use."""
        if request.model == OFFLINE:
            return Use(seconds=0.05)
        beginning = _beginning(request)
        read = self._read(request, _context(request))
        answer = answer_tokens(request.schema)
        sent = beginning
        output = answer + _thought(request)
        total = beginning
        for batch in read:
            output += CALLING * min(AT_ONCE, len(batch))
            sent += sum(batch) + CALLING * len(batch)
            total += sent
        return self.priced(request.model, total, self._within(request, output), 1.0 + len(read))

    def opening(self, request: AgentRequest) -> Use:
        """Return what a budget must hold before the first request of an agent is sent, as the meter reserves it."""
        read, output = _beginning(request) + OVERHEAD_TOKENS, self._within(request, math.inf)
        price = price_of(request.model, self._config)
        return Use(read, output, usd=None if price is None else price.most(round(read), round(output)))

    def priced(self, model: str, input_tokens: float, output_tokens: float, turns: float) -> Use:
        """Return such a use with what it costs and how long it takes."""
        per_second = self._speed(model)
        seconds = turns * FIRST_TOKEN + input_tokens * READING + output_tokens / per_second
        return Use(input_tokens, output_tokens, turns, seconds, self.usd(model, input_tokens, output_tokens, turns))

    def usd(self, model: str, input_tokens: float, output_tokens: float, turns: float) -> float | None:
        """Return what so much costs at list price, by the turn, since some prices rise with what is sent at once."""
        price = price_of(model, self._config)
        if price is None:
            return None
        turns = max(1.0, turns)
        return cost(price, round(input_tokens / turns), round(output_tokens / turns)) * turns

    def _within(self, request: AgentRequest, output: float) -> float:
        most = MAX_OUTPUT_TOKENS + _may_think(request)
        return min(output, most, request.max_tokens or most)

    def _read(self, request: AgentRequest, context: str | None) -> list[list[float]]:
        """Return what an agent will read in each turn but its last."""
        if not request.tools or not self._material.files:
            return []
        if "read_file" not in request.tools:
            return [[FOUND]]
        named = self._material.named_in(request.prompt if context is None else f"{request.prompt}\n{context}")
        if named:
            weights = [self._material.weight(path) for path in named[:MOST_READ]]
            return [weights[at : at + AT_ONCE] for at in range(0, len(weights), AT_ONCE)]
        some = [self._material.usual] * min(READ_UNNAMED, self._material.files)
        return [[min(FOUND, self._material.listing + FOUND / 2)], some[:AT_ONCE], *([some[AT_ONCE:]] * (len(some) > 2))]

    def _speed(self, model: str) -> float:
        """Return how many tokens a second a model puts out."""
        price = None if is_local(model) else price_of(model, self._config)
        million = 0.0 if price is None else cost(price, 0, 1_000_000)
        return min(FAST, max(SLOW, OF_ONE_DOLLAR / million**STEEPNESS)) if million else SLOW


def cost(price: Any, input_tokens: int, output_tokens: int) -> float:
    """Return what so many tokens cost, none of them cached."""
    from genai_prices import Usage

    return float(price(Usage(input_tokens=input_tokens, output_tokens=output_tokens)))


def _context(request: AgentRequest) -> str | None:
    context = request.context
    return context if isinstance(context, str) or context is None else json.dumps(context, indent=1)


def _beginning(request: AgentRequest) -> float:
    """Return the tokens of what an agent is told at first."""
    told = sum(map(tokens_in, (request.prompt, _context(request) or "", request.instructions or "")))
    return told + _instructions() + _tools(request.tools) + _schema(request.schema)


def _may_think(request: AgentRequest) -> float:
    return 0.0 if request.effort is None else float(THINKING_TOKENS[request.effort])


def _thought(request: AgentRequest) -> float:
    if request.effort is not None:
        return THINKING_TOKENS[request.effort] * THOUGHT_SHARE
    return THOUGHT_UNASKED if _thinks(request.model) else 0.0


@cache
def _thinks(model: str) -> bool:
    """Whether a model thinks without being told to, as pydantic-ai knows it."""
    provider, _, name = model.partition(":")
    if not provider.isidentifier():
        return False
    try:
        module = import_module(f"pydantic_ai.profiles.{provider}")
    except ImportError:
        return False
    profile = getattr(module, f"{provider}_model_profile", lambda _: None)(name) or {}
    return bool(profile.get("thinking_always_enabled") or profile.get("thinking_enabled_by_default"))


@cache
def _instructions() -> float:
    return tokens_in(files("weft.runtime.agents").joinpath("instructions.md").read_text("utf-8"))


def _tools(names: tuple[str, ...]) -> float:
    return sum(map(_tool, names), TOOLS_OVERHEAD if names else 0.0)


@cache
def _tool(name: str) -> float:
    told = next((tool.description + json.dumps(tool.parameters) for tool in BUILT_IN if tool.name == name), "")
    return tokens_in(told) + TOOL_OVERHEAD


def _schema(schema: dict[str, Any] | None) -> float:
    return 0.0 if schema is None else tokens_in(json.dumps(schema)) + TOOL_OVERHEAD
