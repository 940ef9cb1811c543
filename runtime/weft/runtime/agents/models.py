"""Agents that are language models: one pydantic-ai agent per call, behind a `Meter`, with the run's file tools."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import wraps
from importlib.resources import files
from typing import Any, Literal, Self

from pydantic_ai import Agent, ModelRetry, StructuredDict, ToolOutput, UsageLimits, capture_run_messages
from pydantic_ai.exceptions import (
    AgentRunError,
    UserError,
)
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import Model, infer_model
from pydantic_ai.providers import Provider, infer_provider
from pydantic_ai.settings import ModelSettings

from weft.runtime.agents.answer import misfit
from weft.runtime.agents.border import clean, masked
from weft.runtime.agents.meter import Meter
from weft.runtime.agents.request import AgentError, AgentReply, AgentRequest
from weft.runtime.agents.tools import TOOLS, Folders, OpenFiles, ToolRefused
from weft.runtime.budget import Budget
from weft.runtime.clock import Clock
from weft.runtime.errors import ProviderError, UsageError
from weft.runtime.prices import OFFLINE

__all__ = ["ModelAgents", "load_model"]

# pydantic-ai greets a terminal with a page about itself, in the middle of our progress.
os.environ.setdefault("PYDANTIC_AI_NO_BANNER", "1")

Role = Literal["agent", "author"]

LONGEST_REQUEST = 3600.0
"""Seconds after which a request of an agent without a deadline is given up."""

ANSWER = "answer"
"""The property an answer travels in when its schema is not that of an object."""


def load_model(name: str, role: Role = "agent") -> Model:
    """Return the model of that name; `role` is `agent` or `author`, which differ for the offline model only.

    Raises:
        UsageError: no provider goes by that name, or its client is not installed.
        ProviderError: there are no credentials for it.
    """
    if name == OFFLINE:
        from weft.runtime.agents.offline import offline_model

        return offline_model(role)
    try:
        return infer_model(name, provider_factory=_provider)
    except ImportError as error:
        raise UsageError(f"the client for {name!r} is not installed: {clean(str(error))}") from None
    except (UserError, ValueError) as error:
        raise _unusable(name, str(error)) from None


def _unusable(name: str, problem: str) -> UsageError | ProviderError:
    problem = clean(problem)
    if "API_KEY" in problem or "api_key" in problem:
        provider = name.partition(":")[0]
        return ProviderError(
            f"no credentials for provider {provider!r}",
            where=problem,
            meaning="no model can be called, so nothing was started",
            fix=f"export {provider.upper()}_API_KEY=…      or leave --model out to answer offline from your own files",
        )
    return UsageError(
        f"there is no model {name!r}: {problem}",
        meaning="nothing was started",
        fix="--model provider:model, as in anthropic:claude-sonnet-5-5, or --model offline",
    )


def _provider(name: str) -> Provider[Any]:
    provider = _anthropic() if name == "anthropic" else infer_provider(name)
    # A client that repeats requests by itself would spend what nobody reserved; `Meter` repeats them.
    if hasattr(provider.client, "max_retries"):
        provider.client.max_retries = 0
    return provider


def _anthropic() -> Provider[Any]:
    """Return Anthropic's provider; unlike pydantic-ai's own it also takes a bearer token from the environment."""
    if not (os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN")):
        raise UserError("looked for ANTHROPIC_API_KEY and ANTHROPIC_AUTH_TOKEN in the environment")
    from anthropic import AsyncAnthropic, Timeout
    from pydantic_ai.providers.anthropic import AnthropicProvider

    # The deadline that counts is the agent's own. The client's, of ten minutes, would cut a model that thinks hard.
    return AnthropicProvider(anthropic_client=AsyncAnthropic(timeout=Timeout(LONGEST_REQUEST, connect=5.0)))


class ModelAgents:
    """Answers agent calls with models; keeps one client per model for the run."""

    def __init__(
        self, folders: Folders, *, budget: Budget, clock: Clock, role: Role = "agent", instructions: str | None = None
    ) -> None:
        """Prepare to answer; an author is an agent with other instructions."""
        self._role: Role = role
        self._folders = folders
        self._budget = budget
        self._clock = clock
        self._models: dict[str, Model] = {}
        self._instructions = instructions or files("weft.runtime").joinpath("prompts/agent.md").read_text("utf-8")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections to every model that was used."""
        for model in self._models.values():
            close = getattr(getattr(model.provider, "client", None), "close", None)
            if close is not None:
                await close()

    def load(self, name: str) -> Model:
        """Make a model ready, so that what is wrong with it shows before anything is spent.

        Raises:
            UsageError, ProviderError: as `load_model`.
        """
        if name not in self._models:
            self._models[name] = load_model(name, self._role)
        return self._models[name]

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer one attempt.

        Raises:
            AgentError: the agent is lost, with a typed cause.
            Pause: the budget does not hold the next request, or the provider refuses us.
        """
        _refuse_unsupported(request)
        opened = OpenFiles(self._folders)
        meter = self._meter(request)
        agent = self._build(request, meter, opened)
        with capture_run_messages() as messages:
            try:
                result = await agent.run(
                    _prompt(request),
                    model_settings=_settings(request),
                    usage_limits=UsageLimits(request_limit=None),  # the meter counts every request, these do not
                )
            except AgentRunError as error:
                raise _failure(error, request, meter, messages) from error
        return AgentReply(
            value=_unwrapped(result.output, request.schema),
            touched=tuple(opened.touched),
            transcript=tuple(_transcript(result.all_messages())),
        )

    def _meter(self, request: AgentRequest) -> Meter:
        try:
            model = self.load(request.model)
        except (UsageError, ProviderError) as error:
            raise AgentError("provider", error.what) from error
        return Meter(model, request, budget=self._budget, clock=self._clock)

    def _build(self, request: AgentRequest, meter: Meter, opened: OpenFiles) -> Agent[object, Any]:
        agent: Agent[object, Any] = Agent(
            meter,
            output_type=_output_type(request.schema),
            instructions=self._instructions,
            tools=[_told(getattr(opened, name)) for name in request.tools],
            retries=request.retries,
        )

        @agent.output_validator
        def fits(output: Any) -> Any:
            problem = misfit(_unwrapped(output, request.schema), request.schema)
            if problem is not None:
                raise ModelRetry(f"The answer does not fit. {problem}. Answer again, with all of it.")
            return output

        return agent


def _failure(error: AgentRunError, request: AgentRequest, meter: Meter, messages: list[ModelMessage]) -> AgentError:
    """Return what an agent's failure means for the run."""
    if meter.suspended:
        return AgentError("stopped", "the model put off the end of its turn again and again, and never came to it")
    said = [entry for entry in _transcript(messages) if entry["part"] in ("text", "tool-call")]
    partial = json.dumps(said[-1], ensure_ascii=False)[:2000] if said else None
    if "maximum output retries" in error.message:
        return AgentError("invalid", f"no answer fitted in {request.retries + 1} attempts", partial=partial)
    return AgentError("invalid", f"the model did something else than asked: {error.message[:500]}", partial=partial)


def _refuse_unsupported(request: AgentRequest) -> None:
    for option, value in (("isolation", request.isolation), ("profile", request.profile)):
        if value is not None:
            raise AgentError("crashed", f"agent({option}={value!r}) is not supported by this version; leave it out")
    unknown = [name for name in request.tools if name not in TOOLS]
    if unknown:
        raise AgentError("crashed", f"there is no tool {unknown[0]!r}; there are {', '.join(TOOLS)}")


def _prompt(request: AgentRequest) -> str:
    parts = [request.prompt]
    if request.context is not None:
        shown = request.context if isinstance(request.context, str) else json.dumps(request.context, indent=1)
        parts.append(f"<context>\n{shown}\n</context>")
    if request.complaint is not None:
        parts.append(f"Your last answer did not fit: {request.complaint}. Answer again.")
    return "\n\n".join(parts)


def _settings(request: AgentRequest) -> ModelSettings:
    if request.effort is None:
        return {}
    return {"thinking": request.effort}


def _told(tool: Callable[..., str]) -> Callable[..., str]:
    """Tell the agent what a tool found, without secrets, or why it refused, as the tool's answer."""

    @wraps(tool)
    def telling(*args: Any, **kwargs: Any) -> str:
        try:
            return masked(tool(*args, **kwargs))
        except ToolRefused as refusal:
            return masked(f"refused: {refusal}")

    return telling


def _output_type(schema: dict[str, Any] | None) -> Any:
    if schema is None:
        return str
    # Through a tool, which every server that speaks the protocol honours, and which leaves the schema as it is.
    return ToolOutput(StructuredDict(_wrapped(schema), name=ANSWER), name=ANSWER)


def _wrapped(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") == "object":
        return schema
    definitions = {key: value for key, value in schema.items() if key in ("$defs", "definitions")}
    return {"type": "object", "properties": {ANSWER: schema}, "required": [ANSWER], **definitions}


def _unwrapped(output: Any, schema: dict[str, Any] | None) -> Any:
    if schema is None or schema.get("type") == "object" or not isinstance(output, dict):
        return output
    return output.get(ANSWER)


def _transcript(messages: list[ModelMessage]) -> list[dict[str, Any]]:
    """Return who said what, without the bookkeeping of the library."""
    said: list[dict[str, Any]] = []
    for message in messages:
        for part in message.parts:
            entry: dict[str, Any] = {"part": part.part_kind}
            for field in ("tool_name", "args", "content"):
                value = getattr(part, field, None)
                if value is not None:
                    entry[field] = value if isinstance(value, (str, dict, list)) else str(value)
            said.append(entry)
    return said
