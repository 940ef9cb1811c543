"""Agents that are language models: one pydantic-ai agent per call, behind a `Meter`, with the run's file tools."""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial, wraps
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, Self

import anyio.to_thread
from pydantic_ai import Agent, ModelRetry, StructuredDict, ToolOutput, UsageLimits, capture_run_messages
from pydantic_ai.exceptions import (
    AgentRunError,
    UserError,
)
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import Model, infer_model
from pydantic_ai.providers import Provider, infer_provider, infer_provider_class
from pydantic_ai.settings import ModelSettings

from weft.runtime.agents.limiter import Limit, hear, limits_for
from weft.runtime.agents.meter import STALL, Meter, Metering
from weft.runtime.agents.tools import TOOLS, Folders, OpenFiles, ToolRefused
from weft.runtime.agents.transcript import transcript, understood_in
from weft.runtime.border import clean, masked
from weft.runtime.clock import Clock
from weft.runtime.errors import ProviderError, UsageError
from weft.runtime.money.budget import Budget
from weft.runtime.money.prices import price_of
from weft.runtime.pause import Pause
from weft.runtime.project.config import Config
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.schemas import misfit
from weft.runtime.settings import OFFLINE

if TYPE_CHECKING:
    from anthropic import DefaultAsyncHttpxClient

__all__ = ["ModelAgents", "load_model"]

# pydantic-ai greets a terminal with a page about itself, in the middle of our progress.
os.environ.setdefault("PYDANTIC_AI_NO_BANNER", "1")

LOG = logging.getLogger(__name__)

Role = Literal["agent", "author"]

LONGEST_REQUEST = 3600.0
"""Seconds after which a request of an agent without a deadline is given up."""

PATIENCE = 60.0
"""Seconds that a request is kept waiting by a limit before a model that is configured as fallback is asked."""

FALLBACK_CAUSES = ("provider", "rate_limit", "timeout")
"""Losses for which another model may make up."""

MAX_PARTIAL = 2_000
"""Characters of an answer that never fitted that are kept."""

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
    if name == "anthropic":
        provider: Provider[Any] = _anthropic()
    elif "http_client" in inspect.signature(infer_provider_class(name)).parameters:
        provider = infer_provider_class(name)(http_client=_http_client())  # type: ignore[call-arg]
    else:  # what such a provider says of its limits is not heard
        provider = infer_provider(name)
    # A client that repeats requests by itself would spend what nobody reserved; `Meter` repeats them.
    if hasattr(provider.client, "max_retries"):
        provider.client.max_retries = 0
    return provider


def _anthropic() -> Provider[Any]:
    """Return Anthropic's provider; unlike pydantic-ai's own it also takes a bearer token from the environment."""
    if not (os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN")):
        raise UserError("looked for ANTHROPIC_API_KEY and ANTHROPIC_AUTH_TOKEN in the environment")
    from anthropic import AsyncAnthropic
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = _http_client()
    return AnthropicProvider(anthropic_client=AsyncAnthropic(http_client=client, timeout=client.timeout))


def _http_client() -> DefaultAsyncHttpxClient:
    """Return a client that lets each response be heard by the limit of its request."""
    from anthropic import DefaultAsyncHttpxClient, Timeout

    async def heard(response: Any) -> None:
        hear(response.headers)

    # The deadline that counts is the agent's own. The client's, of ten minutes, would cut a model that thinks hard.
    timeout = Timeout(LONGEST_REQUEST, connect=5.0)
    return DefaultAsyncHttpxClient(timeout=timeout, event_hooks={"response": [heard]})


def _account(model: Model) -> str:
    """Return what tells two credentials apart, without being one."""
    client = getattr(model.provider, "client", None)
    secrets = [str(getattr(client, name, None)) for name in ("api_key", "auth_token")]
    return hashlib.sha256("\n".join([str(model.base_url), *secrets]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A model that is ready to be asked."""

    model: Model
    limit: Limit | None


class ModelAgents:
    """Answers agent calls with models; keeps one client per model for the run."""

    def __init__(
        self,
        folders: Folders,
        *,
        budget: Budget,
        clock: Clock,
        config: Config | None = None,
        stall: float = STALL,
        role: Role = "agent",
        instructions: str | None = None,
    ) -> None:
        """Prepare to answer; an author is an agent with other instructions.

        Args:
            folders: What agents may read.
            budget: What they spend from.
            clock: What they wait by.
            config: Limits, prices and fallbacks of models.
            stall: Seconds without a sign of life from a model after which its turn is cut, and tried again.
            role: See `load_model`.
            instructions: What every agent is told first.
        """
        self._role: Role = role
        self._folders = folders
        self._budget = budget
        self._clock = clock
        self._config = config or Config()
        self._stall = stall
        self._limits = limits_for(clock)
        self._loaded: dict[str, _Loaded] = {}
        self._instructions = instructions or files(__package__).joinpath("instructions.md").read_text("utf-8")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections to every model that was used."""
        for loaded in self._loaded.values():
            close = getattr(getattr(loaded.model.provider, "client", None), "close", None)
            if close is not None:
                await close()

    def load(self, name: str) -> None:
        """Make a model ready, so that what is wrong with it shows before anything is spent.

        Where it cannot be used, one of its fallbacks will do.

        Raises:
            UsageError, ProviderError: as `load_model`.
        """
        failed: UsageError | ProviderError | None = None
        for candidate in self._candidates(name):
            try:
                self._load(candidate)
            except (UsageError, ProviderError) as error:
                failed = failed or error
            else:
                return
        assert failed is not None
        raise failed

    def room(self, model: str) -> bool:
        """Whether one more agent of a model would be asked soon: none waits for its provider, and more are taken."""
        loaded = self._loaded.get(model)
        return loaded is None or loaded.limit is None or loaded.limit.room()

    def _candidates(self, name: str) -> tuple[str, ...]:
        return (name, *self._config.model(name).fallback)

    def _load(self, name: str) -> _Loaded:
        if name not in self._loaded:
            model = load_model(name, self._role)
            limit = None if name == OFFLINE else self._limits.of(name, _account(model), self._config.model(name))
            self._loaded[name] = _Loaded(model, limit)
        return self._loaded[name]

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer one attempt, by a fallback where the provider of the model fails.

        Raises:
            AgentError: the agent is lost, with a typed cause.
            Pause: the budget does not hold the next request, or the provider refuses us.
        """
        _refuse_unsupported(request, self._config)
        *others, last = self._candidates(request.model)
        for name in others:
            try:
                return await self._answered(request, name, PATIENCE)
            except (AgentError, Pause) as failure:
                if not _fallible(failure):
                    raise
                LOG.warning("%s failed, so its fallback is asked: %s", name, failure)
        return await self._answered(request, last, None)

    async def _answered(self, request: AgentRequest, name: str, patience: float | None) -> AgentReply:
        """Have one model answer."""
        opened = OpenFiles(self._folders)
        meter = self._meter(replace(request, model=name), patience)
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
            finally:
                opened.end()
        return AgentReply(
            value=_unwrapped(result.output, request.schema),
            touched=tuple(opened.touched),
            transcript=tuple(transcript(result.all_messages())),
            answered_by=None if name == request.model else name,
            understood=understood_in(result.all_messages()),
        )

    def _meter(self, request: AgentRequest, patience: float | None) -> Meter:
        try:
            loaded = self._load(request.model)
        except (UsageError, ProviderError) as error:
            raise AgentError("provider", error.what) from error
        metering = Metering(
            budget=self._budget,
            clock=self._clock,
            limit=loaded.limit,
            price=price_of(request.model, self._config),
            stall=self._stall,
            patience=patience,
        )
        return Meter(loaded.model, request, metering)

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


def _fallible(failure: AgentError | Pause) -> bool:
    """Whether another model may answer where one failed."""
    if isinstance(failure, Pause):
        return failure.reason == "provider"
    return failure.cause in FALLBACK_CAUSES


def _failure(error: AgentRunError, request: AgentRequest, meter: Meter, messages: list[ModelMessage]) -> AgentError:
    """Return what an agent's failure means for the run."""
    if meter.suspended:
        return AgentError("stopped", "the model put off the end of its turn again and again, and never came to it")
    said = [entry for entry in transcript(messages) if entry["part"] in ("text", "tool-call")]
    partial = _raw(said[-1])[:MAX_PARTIAL] if said else None
    if "maximum output retries" in error.message:
        return AgentError("invalid", f"no answer fitted in {request.retries + 1} attempts", partial=partial)
    return AgentError("invalid", f"the model did something else than asked: {error.message[:500]}", partial=partial)


def _raw(entry: dict[str, Any]) -> str:
    """Return what a model said as it said it."""
    said = entry.get("content", entry.get("args", ""))
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)


def _refuse_unsupported(request: AgentRequest, config: Config) -> None:
    if request.isolation is not None:
        wanted = f"agent(isolation={request.isolation!r})"
        raise AgentError("crashed", f"{wanted} is not supported by this version; leave it out")
    if request.profile is not None and request.profile not in config.profiles:
        known = ", ".join(config.profiles) or "none"
        raise AgentError("crashed", f"there is no profile {request.profile!r} in weft.toml; there are {known}")
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


def _told(tool: Callable[..., str]) -> Callable[..., Awaitable[str]]:
    """Tell the agent what a tool found, without secrets, or why it refused, as the tool's answer.

    It runs in a thread. An agent that is cancelled does not wait for it; `OpenFiles.end` lets it come to an end.
    """

    @wraps(tool)
    async def telling(*args: Any, **kwargs: Any) -> str:
        try:
            found = await anyio.to_thread.run_sync(partial(tool, *args, **kwargs), abandon_on_cancel=True)
        except ToolRefused as refusal:
            return masked(f"refused: {refusal}")
        return masked(found)

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
