"""What a single agent may cost that a run still asks: from what like agents of the run have cost, else as counted."""

from __future__ import annotations

from weft.runtime.forecasting.cold import Cold
from weft.runtime.journal.past import Past
from weft.runtime.request import AgentRequest

__all__ = ["Costs"]


class Costs:
    """Guesses what an agent costs from those of the same phase, else from all of the run, else from its call."""

    def __init__(self, past: Past, cold: Cold) -> None:
        self._cold = cold
        self._of: dict[tuple[str, str | None], list[float]] = {}
        for request, answer in past.finished:
            for group in ((request.model, request.phase), (request.model, None)):
                self._of.setdefault(group, []).append(answer.spent.usd)

    def of(self, request: AgentRequest) -> tuple[float, float] | None:
        """Return the least and the most it may cost, at list price; `None` where its model has none."""
        known = self._of.get((request.model, request.phase)) or self._of.get((request.model, None))
        if known:
            return min(known), max(known)
        cost = self._cold.use(request).usd
        return None if cost is None else (cost, cost)
