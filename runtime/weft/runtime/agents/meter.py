"""The only place where a request to a model leaves: reserve, send, settle, and send again after a passing fault.

The clients of the providers do not repeat requests by themselves, so this is also the only place that does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

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
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from weft.primitives.lost import Spent
from weft.runtime.agents.border import clean
from weft.runtime.agents.output import output_settings
from weft.runtime.agents.request import AgentError, AgentRequest
from weft.runtime.agents.retry import trying
from weft.runtime.budget import Budget, Reservation
from weft.runtime.clock import Clock
from weft.runtime.pause import Pause
from weft.runtime.prices import OFFLINE, price_of

if TYPE_CHECKING:
    from weft.primitives.lost import Cause

__all__ = ["MAX_TURNS", "Meter"]

MAX_TURNS = 50
"""How many requests one agent may make, those that are sent again after a passing fault not counted."""

OVERHEAD_TOKENS = 1_024
"""What a provider adds to a request by itself: its own words about tools, and the like."""


class Meter(WrapperModel):
    """Stands before the model of one agent and answers for every token it uses."""

    def __init__(self, model: Model, request: AgentRequest, *, budget: Budget, clock: Clock) -> None:
        super().__init__(model)
        self._request = request
        self._budget = budget
        self._clock = clock
        self._price = price_of(request.model)
        self._free = request.model == OFFLINE
        self._put_out = 0
        self._turns = 0
        self.suspended = False
        """Whether the model's last word was that it has not finished its turn."""

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Send one request of the agent, again after passing faults.

        Raises:
            AgentError: the agent is lost, with a typed cause.
            Pause: the request does not fit under the ceiling, or the provider refuses us.
        """
        self._turns += 1
        if self._turns > MAX_TURNS:
            raise AgentError("stopped", f"the agent did not come to an end in {MAX_TURNS} requests")
        output = output_settings(self.profile, self._request.effort, self._output_left())
        settings: ModelSettings = {**(model_settings or {}), **output}
        asked_again = _asks_again(messages, model_request_parameters)

        async def once(attempt: int, failed: AgentError | None) -> ModelResponse:
            if asked_again or attempt > 1:  # the first attempt of all is counted where the agent is called
                self._budget.count_attempt(self._request.id)
            return await self._send(messages, settings, model_request_parameters)

        response = await trying(self._request, self._clock, once)
        self.suspended = response.state == "suspended"
        return _whole(response, output["max_tokens"])

    async def _send(
        self, messages: list[ModelMessage], settings: ModelSettings, parameters: ModelRequestParameters
    ) -> ModelResponse:
        held = await self._reserve(messages, settings, parameters)
        # Until proven otherwise a request that was cut off has cost all it could.
        spent = Spent(held.tokens, 0, held.usd)
        try:
            response = await self.wrapped.request(messages, settings, parameters)
            spent = self._cost(response.usage) if response.usage.has_values() else spent
        except ModelAPIError as error:
            if _never_ran(error):
                spent = Spent()
            raise _explained(error) from error
        finally:
            self._budget.settle(held, Spent() if self._free else spent)
        self._put_out += response.usage.output_tokens
        return response

    async def _reserve(
        self, messages: list[ModelMessage], settings: ModelSettings, parameters: ModelRequestParameters
    ) -> Reservation:
        if self._free:
            return await self._budget.reserve(self._request.id, 0, 0.0)
        if self._price is None:
            self._budget.refuse_unpriced(self._request.model, self._request.id)
        output = settings["max_tokens"]
        most = _most_input_tokens(messages, parameters)
        if not self._budget.fits(self._request.id, most + output, self._dollars(most, output)):
            most = await self._counted(messages, settings, parameters, most)
        return await self._budget.reserve(self._request.id, most + output, self._dollars(most, output))

    async def _counted(
        self, messages: list[ModelMessage], settings: ModelSettings, parameters: ModelRequestParameters, most: int
    ) -> int:
        """Ask the provider to count, which is slower and closer than the bound that needs no question.

        Raises:
            AgentError: counting failed in passing; the bound would stop a run that has money left.
        """
        try:
            usage = await self.wrapped.count_tokens(messages, settings, parameters)
        except NotImplementedError:
            return most
        except ModelAPIError as error:
            if _passing(error):
                raise _explained(error) from error
            return most
        return min(most, usage.input_tokens + OVERHEAD_TOKENS)

    def _output_left(self) -> int | None:
        if self._request.max_tokens is None:
            return None
        left = self._request.max_tokens - self._put_out
        if left < 1:
            raise AgentError("truncated", f"the agent has put out the {self._request.max_tokens} tokens it may")
        return left

    def _dollars(self, input_tokens: int, output_tokens: int) -> float:
        return self._cost(RequestUsage(input_tokens=input_tokens, output_tokens=output_tokens)).usd

    def _cost(self, usage: RequestUsage) -> Spent:
        # Without a price there is no ceiling in dollars either: see `Budget.refuse_unpriced`.
        usd = 0.0 if self._price is None else self._price(usage)
        return Spent(usage.input_tokens, usage.output_tokens, usd)


def _asks_again(messages: list[ModelMessage], parameters: ModelRequestParameters) -> bool:
    """Whether the request tells the model that its last answer did not fit."""
    answers = {tool.name for tool in parameters.output_tools}
    last = messages[-1]
    return isinstance(last, ModelRequest) and any(
        isinstance(part, RetryFeedbackPart)
        or (isinstance(part, ToolReturnPart) and part.outcome == "retried" and part.tool_name in answers)
        for part in last.parts
    )


def _whole(response: ModelResponse, limit: int) -> ModelResponse:
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


def _most_input_tokens(messages: list[ModelMessage], parameters: ModelRequestParameters) -> int:
    """Return a bound that needs no tokenizer: a token of text stands for at least one byte."""
    tools = [*parameters.function_tools, *parameters.output_tools]
    tool_bytes = sum(len(str(tool.parameters_json_schema)) + len(tool.description or "") for tool in tools)
    return len(ModelMessagesTypeAdapter.dump_json(messages)) + tool_bytes + OVERHEAD_TOKENS


def _never_ran(error: ModelAPIError) -> bool:
    """Whether the provider certainly did no work: it answered with an error, or was never reached."""
    if isinstance(error, ModelConnectionError):
        return error.phase in ("pool", "connect")
    return isinstance(error, ModelHTTPError) and not error.in_stream


def _passing(error: ModelAPIError) -> bool:
    """Whether the same request may succeed later."""
    return not isinstance(error, (ModelRequestRejectedError, ModelQuotaExceededError))


def _explained(error: ModelAPIError) -> AgentError | Pause:
    said = f"{error.model_name}: {_said(error)}"
    if isinstance(error, (ModelAuthenticationError, ModelNotFoundError, ModelQuotaExceededError)):
        return Pause("provider", said)
    cause: Cause = "provider"
    if isinstance(error, ModelContextWindowExceededError):
        cause = "overflow"
    elif isinstance(error, ModelRateLimitError):
        cause = "rate_limit"
    elif isinstance(error, ModelTimeoutError):
        cause = "timeout"
    return AgentError(cause, said, passing=_passing(error), wait=error.retry_after)


def _said(error: ModelAPIError) -> str:
    status = f"status {error.status_code}: " if isinstance(error, ModelHTTPError) else ""
    body = error.body if isinstance(error.body, dict) else {}
    detail = body.get("error", body)
    said = detail.get("message") if isinstance(detail, dict) else None
    return str(clean(status + str(said or error.message)))[:500]
