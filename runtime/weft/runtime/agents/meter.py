"""The only place where a request to a model leaves: reserve, send, settle, and try again after a passing fault."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

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
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from weft.primitives.lost import Spent
from weft.runtime.agents.request import AgentError, AgentRequest
from weft.runtime.budget import Budget, Reservation
from weft.runtime.clock import Clock
from weft.runtime.pause import Pause
from weft.runtime.prices import OFFLINE, price_of

if TYPE_CHECKING:
    from weft.primitives.lost import Cause

__all__ = ["MAX_OUTPUT_TOKENS", "Meter"]

MAX_OUTPUT_TOKENS = 8_192
"""What one request may put out, where the agent's own ceiling is not lower."""

OVERHEAD_TOKENS = 1_024
"""What a provider adds to a request by itself: its own words about tools, and the like."""

FIRST_WAIT = 1.0
"""Seconds before a second attempt; doubles from there, with jitter, unless the provider says how long."""

LONGEST_WAIT = 60.0


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
        self._jitter = random.Random(request.key())

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
        settings: ModelSettings = {**(model_settings or {}), "max_tokens": self._output_left()}
        for attempt in range(1, self._request.retries + 2):
            try:
                response = await self._send(messages, settings, model_request_parameters)
            except ModelAPIError as error:
                wait = self._wait(error, attempt)
                if wait is None:
                    raise _explained(error) from error
                await self._clock.sleep(wait)
            else:
                return self._whole(response)
        raise AssertionError("the last attempt returns or raises")

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
            raise
        finally:
            self._budget.settle(held, Spent() if self._free else spent)
        self._put_out += response.usage.output_tokens
        return response

    async def _reserve(
        self, messages: list[ModelMessage], settings: ModelSettings, parameters: ModelRequestParameters
    ) -> Reservation:
        if self._free:
            return await self._budget.reserve(self._request.id, 0, 0.0)
        output = settings.get("max_tokens") or MAX_OUTPUT_TOKENS
        most = _most_input_tokens(messages, parameters)
        if not self._budget.fits(most + output, self._dollars(most, output)):
            most = await self._counted(messages, settings, parameters, most)
        return await self._budget.reserve(self._request.id, most + output, self._dollars(most, output))

    async def _counted(
        self, messages: list[ModelMessage], settings: ModelSettings, parameters: ModelRequestParameters, most: int
    ) -> int:
        """Ask the provider to count, which is slower and closer than the bound that needs no question."""
        try:
            usage = await self.wrapped.count_tokens(messages, settings, parameters)
        except (NotImplementedError, ModelAPIError):
            return most
        return min(most, usage.input_tokens + OVERHEAD_TOKENS)

    def _output_left(self) -> int:
        if self._request.max_tokens is None:
            return MAX_OUTPUT_TOKENS
        left = self._request.max_tokens - self._put_out
        if left < 1:
            raise AgentError("truncated", f"the agent has put out the {self._request.max_tokens} tokens it may")
        return min(left, MAX_OUTPUT_TOKENS)

    def _dollars(self, input_tokens: int, output_tokens: int) -> float:
        if self._price is None:
            return 0.0  # a dollar ceiling is refused for such a model before the run starts
        return self._price(RequestUsage(input_tokens=input_tokens, output_tokens=output_tokens))

    def _cost(self, usage: RequestUsage) -> Spent:
        usd = 0.0 if self._price is None else self._price(usage)
        return Spent(usage.input_tokens, usage.output_tokens, usd)

    def _whole(self, response: ModelResponse) -> ModelResponse:
        if response.finish_reason == "length":
            limit = self._output_left() if self._request.max_tokens is None else self._request.max_tokens
            raise AgentError("truncated", f"the answer was cut at {limit} tokens", partial=response.text)
        return response

    def _wait(self, error: ModelAPIError, attempt: int) -> float | None:
        """Return how long to wait before another attempt, or `None` when there is to be none."""
        if isinstance(error, (ModelRequestRejectedError, ModelQuotaExceededError)) or attempt > self._request.retries:
            return None
        if error.retry_after is not None:
            return min(error.retry_after, LONGEST_WAIT)
        return float(min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT) * self._jitter.uniform(0.5, 1.0))


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


def _explained(error: ModelAPIError) -> AgentError | Pause:
    if isinstance(error, (ModelAuthenticationError, ModelNotFoundError, ModelQuotaExceededError)):
        return Pause("provider", f"{error.model_name}: {_said(error)}")
    cause: Cause = "provider"
    if isinstance(error, ModelContextWindowExceededError):
        cause = "overflow"
    elif isinstance(error, ModelRateLimitError):
        cause = "rate_limit"
    elif isinstance(error, ModelTimeoutError):
        cause = "timeout"
    return AgentError(cause, f"{error.model_name}: {_said(error)}")


def _said(error: ModelAPIError) -> str:
    status = f"status {error.status_code}: " if isinstance(error, ModelHTTPError) else ""
    body = error.body if isinstance(error.body, dict) else {}
    detail = body.get("error", body)
    said = detail.get("message") if isinstance(detail, dict) else None
    return status + str(said or error.message)[:500]
