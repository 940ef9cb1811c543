"""`Clusters` answers `semantic_dedup`: it has the texts put together in a process that can be ended."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from weft.primitives.calls import ToolCall
from weft.runtime.helping import HostReply, HostRequest
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError
from weft.runtime.schemas.worker import TooHard, worked_out

if TYPE_CHECKING:
    from weft.runtime.agents.likeness.embedding import Embeddings

__all__ = ["Clusters"]

LOG = logging.getLogger(__name__)

MEASURE = "lexical"
"""What the measure by words is called where a result says by which it was made."""

MOST_EMBEDDED = 20_000
"""How many texts a model of embeddings is asked for; more are compared by their words."""


class Clusters:
    """Answers the calls of `cluster_texts`; implements `Helper`."""

    def __init__(self, embeddings: Embeddings | None = None) -> None:
        """Prepare to answer, by a model of embeddings if there is one, else by the words of the texts."""
        self._embeddings = embeddings

    async def __call__(self, request: HostRequest) -> HostReply | None:
        """Answer a call. Where the model of embeddings fails, it is by their words, and the measure says why.

        Raises:
            AgentError: it cannot be found out.
        """
        call = request.call
        if not isinstance(call, ToolCall) or call.name != "cluster_texts":
            return None
        texts, threshold = call.arguments["texts"], call.arguments["threshold"]
        if not all(isinstance(text, str) for text in texts) or not 0 < threshold <= 1:
            raise AgentError("refused", "cluster_texts compares texts by a threshold above 0 and at most 1")
        measure = MEASURE
        if self._embeddings is not None and len(texts) <= MOST_EMBEDDED:
            try:
                return await self._by_vectors(self._embeddings, texts, threshold, request.id)
            except (AgentError, Pause, TooHard) as failure:
                LOG.warning(
                    "%s was not asked how alike texts are, so their words are: %s", self._embeddings.name, failure
                )
                why = str(failure).partition(";")[0]
                measure = f"{MEASURE}, because {self._embeddings.name} failed: {why}"
        return _reply(await _found(texts, threshold), measure)

    async def _by_vectors(self, embeddings: Embeddings, texts: list[str], threshold: float, call: int) -> HostReply:
        from weft.runtime.agents.likeness.vectors import cluster_vectors, packed

        places: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            places.setdefault(text, []).append(place)
        different = list(places)
        vectors = packed(await embeddings.of(different, call))
        found = await worked_out(cluster_vectors, different, vectors, threshold)
        same = list(places.values())
        return _reply([_flat([same[number] for number in cluster]) for cluster in found], embeddings.name)


async def _found(texts: list[str], threshold: float) -> list[list[int]]:
    from weft.runtime.agents.likeness.clusters import cluster_texts

    try:
        found: list[list[int]] = await worked_out(cluster_texts, texts, threshold)
    except TooHard as error:
        raise AgentError("timeout", f"which of {len(texts):,} texts say the same: {error}") from None
    return found


def _flat(cluster: list[list[int]]) -> list[int]:
    return [place for places in cluster for place in places]


def _reply(clusters: list[list[int]], measure: str) -> HostReply:
    value: dict[str, Any] = {"clusters": clusters, "measure": measure}
    return HostReply(value=value, by="tool")
