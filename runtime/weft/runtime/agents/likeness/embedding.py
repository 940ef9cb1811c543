"""Texts as vectors of a model of embeddings: asked for in batches, paid from the budget of the run as agents are.

Which vectors are alike is found in `vectors`. Limits of the provider are not learned, as they are for agents: one batch
is sent after the other, and again after faults that pass.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from weft.primitives.lost import Spent
from weft.runtime.agents.providers import load_embedding_model
from weft.runtime.agents.responses import explained, never_ran
from weft.runtime.agents.retry import backoff
from weft.runtime.clock import Clock
from weft.runtime.money.budget import Budget
from weft.runtime.money.prices import price_of
from weft.runtime.project.config import Config
from weft.runtime.request import AgentError

if TYPE_CHECKING:
    from pydantic_ai.embeddings import EmbeddingModel

__all__ = ["Embeddings"]

MOST_IN_BATCH, MOST_BYTES = 256, 200_000
"""How many texts, of how many bytes together, go into one request; a token stands for at least one byte."""

LONGEST = 60.0
"""Seconds that one request may take."""

MOST_ATTEMPTS = 4


class Embeddings:
    """Asks one model for the vectors of texts."""

    def __init__(self, name: str, budget: Budget, clock: Clock, config: Config) -> None:
        """Make the model ready.

        Raises:
            ProviderError: it cannot be asked.
        """
        self.name = name
        self._model: EmbeddingModel = load_embedding_model(name)
        self._price = price_of(name, config)
        self._budget = budget
        self._clock = clock

    async def close(self) -> None:
        """Close the connections to the model."""
        close = getattr(getattr(self._model, "_client", None), "close", None)
        if close is not None:
            await close()

    async def of(self, texts: Sequence[str], call: int) -> list[Sequence[float]]:
        """Return the vector of each text.

        Args:
            texts: What is embedded.
            call: The number of the call on whose account it is.

        Raises:
            AgentError: the model fails.
            Pause: the ceiling does not hold it, or the provider refuses us.
        """
        found: list[Sequence[float]] = []
        for batch in _batches(texts):
            found += await self._embedded(batch, call)
        return found

    async def _embedded(self, batch: list[str], call: int) -> Sequence[Sequence[float]]:
        jitter = random.Random(call)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            try:
                return await self._sent(batch, call)
            except AgentError as failure:
                if not failure.passing or attempt == MOST_ATTEMPTS:
                    raise
                await self._clock.sleep(failure.wait or backoff(attempt, jitter))
        raise AssertionError("the last attempt returns or raises")

    async def _sent(self, batch: list[str], call: int) -> Sequence[Sequence[float]]:
        """Send one request, and settle what it has cost: the most it can have, where nobody says."""
        from pydantic_ai.exceptions import ModelAPIError

        most = sum(len(text.encode("utf-8", "replace")) + 1 for text in batch)
        if self._price is None:
            self._budget.refuse_unpriced(self.name, call)
        dollars = self._price.most(most, 0) if self._price else 0.0
        reserved = await self._budget.reserve(call, most, dollars)
        spent = Spent(most, 0, dollars)
        try:
            with self._clock.timeout(LONGEST):
                result = await self._model.embed(batch, input_type="document")
                used = min(result.usage.input_tokens or most, most)
                spent = Spent(used, 0, self._price.most(used, 0) if self._price else 0.0)
                if len(result.embeddings) != len(batch):
                    raise AgentError("provider", f"{self.name} gave {len(result.embeddings)} vectors for {len(batch)}")
                return result.embeddings
        except ModelAPIError as error:
            spent = Spent() if never_ran(error) else spent
            raise explained(error, self._model.base_url) from error
        finally:
            self._budget.settle(reserved, spent)
        raise AgentError("timeout", f"{self.name} did not answer within {LONGEST:g} s", passing=True)


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        more = len(text.encode("utf-8", "replace"))
        if batch and (len(batch) == MOST_IN_BATCH or size + more > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += more
    if batch:
        yield batch
