"""What is said to a model and what it says back, taken by itself: how large, whether whole, and what an error means.

When and for how much money something is sent is `meter`.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelTimeoutError,
)
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    RetryFeedbackPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.usage import RequestUsage

from weft.runtime.border import clean
from weft.runtime.errors import single
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError

if TYPE_CHECKING:
    from weft.primitives.lost import Cause

__all__ = [
    "UNFORMED",
    "asks_again",
    "beyond",
    "count_from_the_beginning",
    "covers",
    "ended",
    "explained",
    "never_ran",
    "passing",
    "plausible",
    "request_size",
    "streamed_size",
    "whole",
]

UNFORMED = (AttributeError, TypeError, LookupError, ValueError, ArithmeticError, RecursionError)
"""What a client raises that takes an answer apart which is not in the form that it expects."""

MOST_TOKENS = 10**9
"""What no request can have used: hundreds of times what the largest contexts hold."""

MOST_OF_A_TOKEN = 256
"""Bytes that no token stands for more of: the longest there are stand for 128 spaces."""

MOST_CAUSES = 12
"""How far down an error is looked into for what it came from."""


def asks_again(messages: list[ModelMessage], parameters: ModelRequestParameters) -> bool:
    """Whether the request tells the model that its last answer did not fit."""
    answers = {tool.name for tool in parameters.output_tools}
    last = messages[-1]
    return isinstance(last, ModelRequest) and any(
        isinstance(part, RetryFeedbackPart)
        or (isinstance(part, UserPromptPart) and len(messages) > 1)
        or (isinstance(part, ToolReturnPart) and part.outcome == "retried" and part.tool_name in answers)
        for part in last.parts
    )


def whole(response: ModelResponse, limit: int) -> ModelResponse:
    """Return a response that was not cut or withheld, as text that can be sent back and recorded.

    Raises:
        AgentError: the model declined to answer, or was cut.
    """
    partial = "".join(_said_so_far(response)) or None
    details = response.provider_details or {}
    if response.finish_reason == "content_filter":
        why = f": {details['refusal']}" if details.get("refusal") else ""
        raise AgentError("refused", f"the model declined to answer{why}", partial=partial)
    if details.get("finish_reason") == "model_context_window_exceeded":
        raise AgentError("overflow", "the answer did not fit the model's context any more", partial=partial)
    if response.finish_reason == "length":
        what = "the structured answer" if response.tool_calls else "the answer"
        raise AgentError(
            "truncated",
            f"{what} was cut at {limit:,} tokens, thinking included; raise agent(max_tokens=…) or ask for less",
            partial=partial,
        )
    return dataclasses.replace(response, parts=[_clean_part(part) for part in response.parts])


def ended(response: ModelResponse, *, end_heard: bool) -> bool:
    """Whether a streamed response has come to its end.

    Args:
        response: What has come; where nobody has said why it ended, its client may take it to have ended by itself.
        end_heard: Whether the stream has said that it is whole.
    """
    said = (response.provider_details or {}).get("finish_reason") or response.finish_reason == "content_filter"
    return response.finish_reason is not None and (bool(said) or end_heard)


def _said_so_far(response: ModelResponse) -> Iterator[str]:
    for part in response.parts:
        if part.part_kind == "text":
            yield part.content
        elif part.part_kind == "tool-call":
            yield part.args_as_json_str()


def _clean_part(part: Any) -> Any:
    """Return a part of a response without what could not be sent back or recorded."""
    fields = {name: getattr(part, name) for name in ("content", "args", "signature") if hasattr(part, name)}
    changed = {name: cleaned for name, value in fields.items() if (cleaned := clean(value)) != value}
    if changed and "signature" in fields:
        changed["signature"] = None  # it was for the text as it was
    return dataclasses.replace(part, **changed) if changed else part


def request_size(messages: list[ModelMessage], parameters: ModelRequestParameters) -> int:
    """Return how many bytes of text a request holds."""
    tools = [*parameters.function_tools, *parameters.output_tools]
    tool_bytes = sum(len(str(tool.parameters_json_schema)) + len(tool.description or "") for tool in tools)
    form = parameters.output_object
    form_bytes = 0 if form is None else len(str(form.json_schema))
    return len(ModelMessagesTypeAdapter.dump_json(messages)) + tool_bytes + form_bytes


def streamed_size(response: ModelResponse) -> int:
    """Return how many bytes of an answer have come, thoughts that are shown included: at least one for each token."""
    thought = (part.content for part in response.parts if part.part_kind == "thinking")
    return sum(len(text.encode("utf-8", "replace")) for text in (*_said_so_far(response), *thought))


MOST_TOLD = 10**15
"""Tokens of a claim that are kept on record."""


def plausible(usage: RequestUsage) -> bool:
    """Whether one request can have used this; where it cannot, the provider is taken to have said nothing."""
    cached = (usage.cache_read_tokens, usage.cache_write_tokens)
    counts = (usage.input_tokens, usage.output_tokens, *cached)
    if not all(type(count) is int and 0 <= count <= MOST_TOKENS for count in counts):
        return False
    return usage.input_tokens >= max(1, sum(cached))


def beyond(usage: RequestUsage, most: int) -> int:
    """Return how many tokens a provider says a request has used beyond the most that it can have; as far as it can."""
    counts = (usage.input_tokens, usage.output_tokens)
    told = sum(min(count, MOST_TOLD) for count in counts if type(count) is int and count > 0)
    return max(0, told - most)


def covers(usage: RequestUsage, response: ModelResponse) -> bool:
    """Whether so much output can be what was said: no token stands for that many bytes."""
    least = 1 if response.parts else 0
    return usage.output_tokens >= max(least, streamed_size(response) // MOST_OF_A_TOKEN)


def count_from_the_beginning(stream: StreamedResponse) -> None:
    """Let what a stream has used be what its provider has said last of it.

    Whoever says it more than once says it of all until then; the client would add that up.
    """
    add = stream._add_usage

    def latest(usage: RequestUsage, *, reported: bool, cumulative: bool = False) -> None:
        if reported:
            add(usage, reported=reported, cumulative=True)

    stream._add_usage = latest  # type: ignore[method-assign]


def never_ran(error: ModelAPIError) -> bool:
    """Whether the provider certainly did no work: it answered with an error, or was never reached."""
    if isinstance(error, ModelConnectionError):
        return error.phase in ("pool", "connect")
    return isinstance(error, ModelHTTPError) and not error.in_stream


def passing(error: ModelAPIError) -> bool:
    """Whether the same request may succeed later."""
    if isinstance(error, ModelHTTPError) and not isinstance(error, ModelQuotaExceededError):
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    return not isinstance(error, (ModelRequestRejectedError, ModelQuotaExceededError))


def explained(error: ModelAPIError, address: str | None) -> AgentError | Pause:
    """Return what an error of a provider means: the failure of one request, or a pause where none will succeed.

    Args:
        error: What its client has raised.
        address: Where the provider is asked.
    """
    said = f"{error.model_name}: {_said(error)}"
    if isinstance(error, ModelAuthenticationError):
        forbidden = isinstance(error, ModelHTTPError) and error.status_code == HTTPStatus.FORBIDDEN
        refused = "does not allow this" if forbidden else "does not accept the key"
        return Pause("provider", f"{_host(address)} {refused}: {_without_key(_said(error))}")
    if isinstance(error, ModelNotFoundError):
        asked = "are the name of the model and the address right?"
        return Pause("provider", f"{_host(address)} does not know {said}; {asked}")
    if isinstance(error, ModelQuotaExceededError):
        return Pause("provider", f"{_host(address)} says of {said}")
    cause: Cause = "provider"
    if isinstance(error, ModelContextWindowExceededError):
        cause = "overflow"
    elif isinstance(error, ModelRateLimitError):
        cause = "rate_limit"
    elif isinstance(error, ModelTimeoutError):
        cause = "timeout"
    if isinstance(error, ModelConnectionError) and never_ran(error):
        said = f"{_host(address)} cannot be reached: {_reason(error)}"
    return AgentError(cause, said, passing=passing(error), wait=error.retry_after)


def _host(address: str | None) -> str:
    """Return host and port of an address, which may hold a password besides."""
    parts = urlsplit(address or "")
    return f"{parts.hostname}{f':{parts.port}' if parts.port else ''}" if parts.hostname else "the provider"


def _reason(error: BaseException) -> str:
    """Return why a connection failed, as the system says it, else as the client does."""
    cause: BaseException | None = error
    for _ in range(MOST_CAUSES):  # what an error came from may lead back to it
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)
        if cause is None:
            break
        cause = cause.__cause__ or cause.__context__
        cause = cause and single(cause)
    return str(clean(str(error)))[:300]


def _without_key(said: str) -> str:
    """Return what a provider says of a key without the parts of it that it shows."""
    return re.sub(r"\S*(?:\*{2,}|…|\.{3})\S+", "***", said)


def _said(error: ModelAPIError) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    detail = body.get("error", body)
    said = detail.get("message") if isinstance(detail, dict) else None
    if not isinstance(error, ModelHTTPError):
        return str(clean(said or error.message))[:500]
    return str(clean(f"status {error.status_code}: {said or _plain_body(error)}"))[:500]


def _plain_body(error: ModelHTTPError) -> str:
    """Return what an error says that is not in the form of any API: its text, or what its status means."""
    text = " ".join(error.body.split()) if isinstance(error.body, str) else ""
    if text and not text.startswith("<"):  # else it is a page, of whatever stands between us and the provider
        return text
    try:
        return HTTPStatus(error.status_code).phrase
    except ValueError:
        return "it does not say why"
