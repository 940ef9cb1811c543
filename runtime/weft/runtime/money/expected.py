"""What an agent is expected to cost before it is asked: from what like agents have cost, else from an assumption."""

from __future__ import annotations

from weft.runtime.journal.past import Past
from weft.runtime.money.prices import price_of
from weft.runtime.project.config import Config
from weft.runtime.request import AgentRequest

__all__ = ["Costs", "expected_cost"]

ASSUMED_INPUT = 8_000
ASSUMED_OUTPUT = 900
"""What one agent is assumed to use, in tokens, while there is no history to learn from."""


def expected_cost(models: tuple[str, ...], config: Config) -> float | None:
    """Return what one agent of each of these models may cost; `None` where one has no price."""
    from genai_prices import Usage

    usage = Usage(input_tokens=ASSUMED_INPUT, output_tokens=ASSUMED_OUTPUT)
    total = 0.0
    for model in models:
        price = price_of(model, config)
        if price is None:
            return None
        total += price(usage)
    return total


class Costs:
    """Guesses what an agent costs from those of the same phase, else from all of the run."""

    def __init__(self, past: Past, config: Config) -> None:
        self._config = config
        self._of: dict[tuple[str, str | None], list[float]] = {}
        for request, answer in past.finished:
            for group in ((request.model, request.phase), (request.model, None)):
                self._of.setdefault(group, []).append(answer.spent.usd)

    def of(self, request: AgentRequest) -> tuple[float, float] | None:
        """Return the least and the most it may cost, at list price."""
        known = self._of.get((request.model, request.phase)) or self._of.get((request.model, None))
        if known:
            return min(known), max(known)
        cost = expected_cost((request.model,), self._config)
        return None if cost is None else (cost, cost)
