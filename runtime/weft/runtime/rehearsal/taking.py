"""What agents take in a rehearsal, in time and money: as much as a forecast without any history says."""

from __future__ import annotations

import json
import math

from weft.primitives.lost import Spent
from weft.runtime.agents.output import MAX_OUTPUT_TOKENS, THINKING_TOKENS
from weft.runtime.forecasting.chains import UNEQUAL
from weft.runtime.forecasting.cold import Cold, Use
from weft.runtime.forecasting.ranges import NORMAL
from weft.runtime.request import AgentRequest

__all__ = ["LIMITED", "Expected", "in_time", "taken"]

ALIKE = 256
"""Letters by which the prompts of two agents may differ that are taken to use the same."""

IN_TIME = 0.9
"""Which part of its time limit an agent takes at most that is not to be lost."""

LIMITED = 45.0
"""Seconds that an agent waits where its provider takes no more requests for the moment."""


class Expected:
    """Says what agents use, of those that are alike the same; how long each takes differs as it does among them."""

    def __init__(self, cold: Cold) -> None:
        self._cold = cold
        self._known: dict[tuple[object, ...], Use] = {}

    def use(self, request: AgentRequest) -> Use:
        """Return what an agent is expected to use."""
        context = "" if request.context is None else json.dumps(request.context)
        size = (len(request.prompt) // ALIKE, len(context) // ALIKE)
        who = (request.model, request.profile, request.effort, request.tools, request.max_tokens)
        alike = (*who, *size, json.dumps(request.schema, sort_keys=True))
        if alike not in self._known:
            self._known[alike] = self._cold.use(request)
        return self._known[alike]

    def most(self, request: AgentRequest, use: Use) -> Spent:
        """Return what is set aside for an agent: what is sent to it, and the most that it may put out."""
        thinking = 0 if request.effort is None else THINKING_TOKENS[request.effort]
        output = max(use.output, request.max_tokens or MAX_OUTPUT_TOKENS + thinking)
        usd = self._cold.usd(request.model, use.input, output, use.turns)
        free = use.input == use.output == 0
        return Spent() if free else Spent(round(use.input), round(output), usd or 0.0)


def taken(request: AgentRequest, use: Use, chance: float) -> float:
    """Return how many seconds an agent takes, by a chance between 0 and 1, but no more than it may."""
    unequal = math.exp(UNEQUAL * NORMAL.inv_cdf(min(0.999, max(0.001, chance))) - UNEQUAL**2 / 2)
    return in_time(request, use.seconds * unequal)


def in_time(request: AgentRequest, seconds: float) -> float:
    """Return so many seconds, or as many as an agent may take and still answer in time."""
    return seconds if request.timeout is None else min(seconds, IN_TIME * request.timeout)
