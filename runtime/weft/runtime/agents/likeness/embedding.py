"""Texts as vectors of a model of embeddings: asked for in batches, paid from the budget of the run as agents are.

Which vectors are alike is found in `vectors`. One batch is sent after the other, within the limits of its provider, and
again after faults that pass.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from weft.primitives.lost import Spent
from weft.runtime.agents.limiter import limits_for, sending
from weft.runtime.agents.providers import account, load_embedding_model
from weft.runtime.agents.responses import UNFORMED, explained, never_ran
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
        self._config = config.model(name)
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
        return [*_checked(self.name, found, len(texts))]

    async def _embedded(self, batch: list[str], call: int) -> Sequence[Sequence[float]]:
        jitter = random.Random(call)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            try:
                return await self._when_taken(batch, call)
            except AgentError as failure:
                if not failure.passing or attempt == MOST_ATTEMPTS:
                    raise
                await self._clock.sleep(failure.wait or backoff(attempt, jitter))
        raise AssertionError("the last attempt returns or raises")

    async def _when_taken(self, batch: list[str], call: int) -> Sequence[Sequence[float]]:
        """Send one request when the limits of the provider let it, and again while it is not taken."""
        limit = limits_for(self._clock).of(self.name, account(self._model), self._config)
        ticket, demand = limit.ticket(str(call)), limit.demand(_most_tokens(batch), 0)
        while True:
            permit = await limit.enter(ticket, demand)
            try:
                with sending(permit):
                    vectors, used = await self._sent(batch, call)
                permit.settle(used, 0)
                return vectors
            except _NotTaken as refusal:
                permit.refuse(refusal.wait, limited=refusal.limited, said=str(refusal))
            finally:
                permit.leave()

    async def _sent(self, batch: list[str], call: int) -> tuple[Sequence[Sequence[float]], int]:
        """Send one request, and settle what it has cost: the most it can have, where nobody says.

        Raises:
            _NotTaken: the provider does not take it for the moment, and has done nothing for it.
            AgentError, Pause: it failed.
        """
        from pydantic_ai.exceptions import ModelAPIError, ModelOverloadedError, ModelRateLimitError

        most = _most_tokens(batch)
        if self._price is None:
            self._budget.refuse_unpriced(self.name, call)
        dollars = self._price.most(most, 0) if self._price else 0.0
        self._budget.asks(call, self.name)
        reserved = await self._budget.reserve(call, most, dollars)
        spent = Spent(most, 0, dollars)
        try:
            with self._clock.timeout(LONGEST):
                result = await self._model.embed(batch, input_type="document")
                told = result.usage.input_tokens
                used = told if type(told) is int and 0 < told <= most else most
                spent = Spent(used, 0, self._price.most(used, 0) if self._price else 0.0)
                return _checked(self.name, result.embeddings, len(batch)), used
        except UNFORMED as error:
            said = f"{self.name}: the answer is not in the form of its protocol"
            raise AgentError("provider", said, passing=True) from error
        except ModelAPIError as error:
            meant = explained(error, self._model.base_url)
            if never_ran(error):
                spent = Spent()
                if isinstance(error, (ModelRateLimitError, ModelOverloadedError)):
                    limited = isinstance(error, ModelRateLimitError)
                    raise _NotTaken(meant.message, error.retry_after, limited=limited) from error
            raise meant from error
        finally:
            self._budget.settle(reserved, spent)
        raise AgentError("timeout", f"{self.name} did not answer within {LONGEST:g} s", passing=True)


def _checked(name: str, vectors: Sequence[Sequence[float]], texts: int) -> Sequence[Sequence[float]]:
    """Return vectors that are some: one for each text, of one size, of finite numbers.

    Raises:
        AgentError: they are not.
    """
    if len(vectors) != texts:
        raise AgentError("provider", f"{name} gave {len(vectors)} vectors for {texts}")
    size = len(vectors[0]) if vectors else 1
    if not size or not all(len(vector) == size and all(map(math.isfinite, vector)) for vector in vectors):
        raise AgentError("provider", f"{name} gave vectors that are not of one size, or not of finite numbers")
    return vectors


class _NotTaken(Exception):
    """The provider does not take a request for the moment."""

    def __init__(self, said: str, wait: float | None, *, limited: bool) -> None:
        super().__init__(said)
        self.wait = wait
        self.limited = limited


def _most_tokens(texts: Sequence[str]) -> int:
    """Return the most tokens that texts can be."""
    return sum(len(text.encode("utf-8", "replace")) + 1 for text in texts)


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
