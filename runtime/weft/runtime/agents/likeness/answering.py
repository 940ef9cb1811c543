"""`Clusters` answers `semantic_dedup`: it has the texts put together in a process that can be ended."""

from __future__ import annotations

from weft.primitives.calls import ToolCall
from weft.runtime.agents.likeness.clusters import MEASURE, cluster_texts
from weft.runtime.helping import HostReply, HostRequest
from weft.runtime.request import AgentError
from weft.runtime.schemas.worker import TooHard, worked_out

__all__ = ["Clusters"]


class Clusters:
    """Answers the calls of `cluster_texts`; implements `Helper`."""

    async def __call__(self, request: HostRequest) -> HostReply | None:
        """Answer a call.

        Raises:
            AgentError: it cannot be found out.
        """
        call = request.call
        if not isinstance(call, ToolCall) or call.name != "cluster_texts":
            return None
        texts, threshold = call.arguments["texts"], call.arguments["threshold"]
        if not all(isinstance(text, str) for text in texts):
            raise AgentError("refused", "cluster_texts compares texts, and was given something else")
        try:
            found = await worked_out(cluster_texts, texts, threshold)
        except TooHard as error:
            raise AgentError("timeout", f"which of {len(texts):,} texts say the same: {error}") from None
        return HostReply(value={"clusters": found, "measure": MEASURE}, by="tool")
