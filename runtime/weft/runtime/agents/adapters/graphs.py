"""Graphs and other runnables of LangGraph and LangChain as agents. A harness as a node of one is `execution.node`.

Nothing of theirs is imported here: a runnable is whatever has an `ainvoke`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.agents.adapters.asking import in_words, meant
from weft.runtime.money.prices import Price, price_of
from weft.runtime.request import AgentError, AgentReply, AgentRequest, Agents

__all__ = ["Runnable", "from_langgraph"]


class Runnable(Protocol):
    """What is asked of a graph."""

    async def ainvoke(self, input: Any, config: Any = None, /) -> Any:
        """Return what it comes to."""


def from_langgraph(
    graph: Any,
    *,
    given: Callable[[AgentRequest], Any] | None = None,
    answer: Callable[[Any], Any] | None = None,
    model: str | None = None,
    config: Mapping[str, Any] | None = None,
) -> Agents:
    """Make agents of a compiled graph, or of any runnable.

    Args:
        graph: What is asked, once for each attempt.
        given: Makes its input of a call; without it `{"messages": [("user", …)]}`, with all that the agent is to know.
        answer: Takes the answer out of what it comes to; without it the `structured_response`, else the last of the
            `messages`, else all of it. Of a text the JSON is taken that fits the schema of the call.
        model: Whose list price counts for the tokens that its messages tell, as `provider:model`. Without it these
            count as tokens alone.
        config: Handed to it; the thread is that of the call, so that one that keeps checkpoints begins anew each time.

    Raises:
        ValueError: nobody knows the price of the model.
    """
    price = None if model is None else price_of(model)
    if model is not None and price is None:
        raise ValueError(f"nobody knows the price of {model!r}; leave it out, and tokens are counted alone")

    async def answered(request: AgentRequest) -> AgentReply:
        value = {"messages": [("user", in_words(request))]} if given is None else given(request)
        came = await _invoked(graph, value, _config(config, request))
        spent = _spent(came, price)
        waits = came.get("__interrupt__") if isinstance(came, Mapping) else None
        if waits:
            raise AgentError("stopped", f"the graph waits for a person: {str(waits)[:500]}", spent=spent)
        said = _answer(came) if answer is None else answer(came)
        text = isinstance(said, str) and request.schema is not None
        return AgentReply(
            value=await meant(said, request.schema) if text else said, spent=spent, transcript=tuple(_transcript(came))
        )

    return answered


async def _invoked(graph: Any, value: Any, config: dict[str, Any]) -> Any:
    """Return what a graph comes to.

    Raises:
        AgentError: it did not come to an end, or its provider has failed.
    """
    try:
        return await graph.ainvoke(value, config)
    except RecursionError as error:  # GraphRecursionError is one
        raise AgentError("stopped", f"the graph did not come to an end: {error}") from error
    except Exception as error:
        status = getattr(error, "status_code", None)  # as the clients of all providers say it
        if not isinstance(status, int):
            raise
        passing = status == 429 or status >= 500
        raise AgentError("rate_limit" if status == 429 else "provider", str(error), passing=passing) from error


def _config(given: Mapping[str, Any] | None, request: AgentRequest) -> dict[str, Any]:
    config = dict(given or {})
    thread = {"thread_id": f"{request.identity or request.id}:{request.attempt}"}
    return {**config, "configurable": {**thread, **config.get("configurable", {})}}


def _messages(came: Any) -> Sequence[Any]:
    messages = came.get("messages") if isinstance(came, Mapping) else [came]
    return messages if isinstance(messages, list | tuple) else ()


def _answer(came: Any) -> Any:
    """Return the answer in what a graph came to.

    Raises:
        AgentError: the last that was said in it is what it was asked.
    """
    if isinstance(came, Mapping):
        structured = came.get("structured_response")
        if structured is not None:
            return structured.model_dump(mode="json") if hasattr(structured, "model_dump") else structured
        if not _messages(came):
            return dict(came)
    last = _messages(came)[-1]
    if getattr(last, "type", None) == "human":
        raise AgentError("stopped", "the graph ended before anybody in it answered")
    return _text(last) if hasattr(last, "content") else last


def _text(message: Any) -> Any:
    """Return the text of a message, whose content may be one or parts that have some."""
    content = message.content
    if not isinstance(content, list):
        return content
    texts = (part if isinstance(part, str) else part.get("text", "") for part in content)
    return "".join(text for text in texts if isinstance(text, str))


def _transcript(came: Any) -> list[dict[str, Any]]:
    return [
        {"part": str(getattr(message, "type", "message")), "content": str(_text(message))}
        for message in _messages(came)
        if hasattr(message, "content")
    ]


def _spent(came: Any, price: Price | None) -> Spent:
    """Return what the messages of a graph tell of their cost."""
    total = NOTHING_SPENT
    for message in _messages(came):
        usage = getattr(message, "usage_metadata", None)
        if isinstance(usage, Mapping):
            kept = usage.get("input_token_details") or {}
            total += _priced(
                int(usage.get("input_tokens") or 0),
                int(usage.get("output_tokens") or 0),
                int(kept.get("cache_read") or 0),
                int(kept.get("cache_creation") or 0),
                price,
            )
    return total


def _priced(sent: int, put_out: int, reads: int, writes: int, price: Price | None) -> Spent:
    if price is None:
        return Spent(sent, put_out, 0.0, reads, writes)
    from genai_prices import Usage

    usage = Usage(input_tokens=sent, output_tokens=put_out, cache_read_tokens=reads, cache_write_tokens=writes)
    return Spent(sent, put_out, price(usage), reads, writes)
