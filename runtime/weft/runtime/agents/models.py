"""Agents that are language models: one pydantic-ai agent per call, behind a `Meter`, with a `Toolbox`."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Self

import anyio
from pydantic_ai import Agent, NativeOutput, UsageLimits, capture_run_messages
from pydantic_ai.exceptions import AgentRunError, ModelRequestRejectedError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model
from pydantic_ai.tools import Tool as KnownTool

from weft.runtime.agents.limiter import Limit, limits_for
from weft.runtime.agents.local import exact_model
from weft.runtime.agents.meter import STALL, Meter, Metering
from weft.runtime.agents.native import Unheeded, native
from weft.runtime.agents.prompting import caches, first_message, keeps, settings_of
from weft.runtime.agents.providers import Role, account, load_model
from weft.runtime.agents.reach import Reach
from weft.runtime.agents.shape import output_type, unwrapped, why_unfit
from weft.runtime.agents.taking import Taking
from weft.runtime.agents.transcript import Talk, so_far, transcript, understood_in
from weft.runtime.agents.warming import Warming
from weft.runtime.clock import Clock
from weft.runtime.errors import ProviderError, UsageError
from weft.runtime.money.budget import Budget
from weft.runtime.money.prices import price_of
from weft.runtime.pause import Pause
from weft.runtime.plain import plain
from weft.runtime.project.config import Config
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.settings import LOCAL, OFFLINE, is_local
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.registry import NotAllowed, Registry, Unavailable, UnknownTool
from weft.runtime.tools.tool import Calling, Tool
from weft.runtime.tools.toolbox import Toolbox
from weft.runtime.working import SoFar, keeping

__all__ = ["ModelAgents"]

LOG = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that a request is kept waiting by a limit before a model that is configured as fallback is asked."""

FALLBACK_CAUSES = ("provider", "rate_limit", "timeout")
"""Losses for which another model may make up."""

EXCERPT, MOST_PROBLEM = 80, 200
"""Characters that are shown of an answer that did not fit, and of what was wrong with it."""

MAX_PARTIAL = 2_000
"""Characters of an answer that never fitted that are kept."""


OWN_TREE = (
    "The files that you see are in a git worktree of your own. Change them in place and do not commit: what you leave "
    "changed is taken from there."
)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A model that is ready to be asked."""

    name: str
    """Its exact name."""
    model: Model
    limit: Limit | None
    reach: Reach
    warming: Warming | None
    """`None` for one on this machine."""


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
        local: str | None = None,
        tools: Registry | None = None,
        allowed: Allowed | None = None,
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
            local: The exact name of the model that `local` means; without it, the first there is.
            tools: What there is for agents to do; without it, what Weft brings.
            allowed: What of that is granted; without it, reading.
        """
        self._tools = tools or Registry()
        self._allowed = allowed or Allowed()
        self._role: Role = role
        self._folders = folders
        self._budget = budget
        self._clock = clock
        self._config = config or Config()
        self._stall = stall
        self._limits = limits_for(clock)
        self._local = local
        self._loaded: dict[str, _Loaded] = {}
        self._told: dict[str, int] = {}
        """How many requests may be under way to a model, where a person has said so on the way."""
        self._formless: set[str] = set()
        """Models whose provider has refused a schema that it was to keep answers to: they are asked through a tool."""
        self._loading = anyio.Lock()
        self._instructions = instructions or files(__package__).joinpath("instructions.md").read_text("utf-8")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections to every model that was used."""
        for loaded in {loaded.name: loaded for loaded in self._loaded.values()}.values():
            close = getattr(getattr(loaded.model.provider, "client", None), "close", None)
            if close is not None:
                await close()

    async def load(self, name: str) -> None:
        """Make a model ready, so that what is wrong with it shows before anything is spent.

        Where it cannot be used, one of its fallbacks will do.

        Raises:
            UsageError, ProviderError: as `load_model`.
        """
        failed: UsageError | ProviderError | None = None
        for candidate in self._candidates(name):
            try:
                await self._load(candidate)
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

    def widen(self, model: str, most: int) -> None:
        """Let so many requests to a model be under way, in place of what is configured."""
        self._told[model] = most
        loaded = self._loaded.get(model)
        if loaded is not None and loaded.limit is not None:
            loaded.limit.widen(most)

    def _candidates(self, name: str, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
        return tuple(dict.fromkeys((name, *otherwise, *self._config.model(name).fallback)))

    async def _load(self, name: str) -> _Loaded:
        async with self._loading:
            if name not in self._loaded:
                exact = await exact_model(self._local if name == LOCAL and self._local else name)
                if exact not in self._loaded:
                    model = load_model(exact, self._role)
                    limit = self._limit(exact, model)
                    near = limit is None or is_local(exact)
                    warming = None if near else Warming(self._clock, tells=keeps(model))
                    self._loaded[exact] = _Loaded(exact, model, limit, Reach(self._clock), warming)
                self._loaded[name] = self._loaded[exact]
            return self._loaded[name]

    def _limit(self, name: str, model: Model) -> Limit | None:
        if name == OFFLINE:
            return None
        limit = self._limits.of(name, account(model), self._config.model(name))
        if name in self._told:
            limit.widen(self._told[name])
        return limit

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer one attempt, by a fallback where the provider of the model fails.

        Raises:
            AgentError: the agent is lost, with a typed cause.
            Pause: the budget does not hold the next request, or the provider refuses us.
        """
        toolbox = await self._toolbox(request)
        talks: list[Talk] = []
        keeping(lambda: SoFar(so_far(talks), _touched(request, toolbox)))
        *others, last = self._candidates(request.model, () if request.role is None else request.role.otherwise)
        for name in others:
            try:
                return await self._answered(request, name, toolbox, talks, PATIENCE)
            except (AgentError, Pause) as failure:
                if not _fallible(failure):
                    raise
                LOG.warning("%s failed, so its fallback is asked: %s", name, failure)
        return await self._answered(request, last, toolbox, talks, None)

    async def _toolbox(self, request: AgentRequest) -> Toolbox:
        """Return the tools of an agent.

        Raises:
            AgentError: it asks for something that there is not, or that nobody has granted.
        """
        _refuse_unsupported(request, self._config)
        try:
            given = [await self._tools.given(name, self._allowed) for name in request.tools]
        except (UnknownTool, Unavailable) as error:
            raise AgentError("crashed", str(error)) from None
        except NotAllowed as error:
            raise AgentError("stopped", str(error)) from None
        tools = {tool.name: tool for some in given for tool in some}
        shown: dict[str, str] = {}
        for tool in tools.values():
            if shown.setdefault(tool.shown, tool.name) != tool.name:
                both = f"{shown[tool.shown]!r} and {tool.name!r}"
                raise AgentError("crashed", f"the tools {both} have the same name for a model, so it can have one only")
        folders = self._folders if request.folders is None else Folders(request.folders)
        return Toolbox(tools.values(), self._allowed, Calling(request=request, folders=folders))

    async def _answered(
        self, request: AgentRequest, name: str, toolbox: Toolbox, talks: list[Talk], patience: float | None
    ) -> AgentReply:
        """Have one model answer."""
        try:
            loaded = await self._load(name)
        except (UsageError, ProviderError) as error:
            # As for every other agent that names it.
            raise Pause("provider", f"{error.what}; {error.fix}" if error.fix else error.what) from error
        self._budget.asks(request.id, loaded.name)
        try:
            return await self._asked(request, loaded, toolbox, talks, patience)
        except Unheeded:
            self._budget.count_attempt(request.id)
        self._formless.add(loaded.name)
        try:
            return await self._asked(request, loaded, toolbox, talks, patience)
        except AgentError as failure:
            if isinstance(failure.__cause__, ModelRequestRejectedError):
                self._formless.discard(loaded.name)  # so that was not the reason
            raise

    async def _asked(
        self, request: AgentRequest, loaded: _Loaded, toolbox: Toolbox, talks: list[Talk], patience: float | None
    ) -> AgentReply:
        """Ask one model.

        Raises:
            Unheeded: its provider does not take the schema that it was to keep the answer to.
        """
        meter, taking = self._meter(replace(request, model=loaded.name), loaded, patience), Taking(request)
        in_text = is_local(loaded.name)
        form = self._form(request, loaded, in_text=in_text)
        agent = self._build(request, meter, toolbox, form, taking)
        with capture_run_messages() as messages:
            talks.append(Talk(loaded.name, messages, lambda: meter.broken))
            try:
                result = await agent.run(
                    first_message(request, in_text=in_text and not request.tools, cached=caches(loaded.model)),
                    model_settings=settings_of(request),
                    usage_limits=UsageLimits(request_limit=None),  # the meter counts every request, these do not
                )
            except AgentRunError as error:
                raise _failure(error, request, meter, messages) from error
            except AgentError as failure:
                refused = isinstance(failure.__cause__, ModelRequestRejectedError) and meter.turns == 1
                if refused and isinstance(form, NativeOutput):
                    raise Unheeded from failure
                raise
        said = result.all_messages()
        return AgentReply(
            value=unwrapped(result.output, request.schema),
            touched=_touched(request, toolbox),
            transcript=(*transcript(said), *({"part": "repair", "content": what} for what in taking.mended)),
            answered_by=None if loaded.name == request.model else loaded.name,
            understood=understood_in(said),
        )

    def _form(self, request: AgentRequest, loaded: _Loaded, *, in_text: bool) -> Any:
        """Return in which form a model is to answer."""

        def kept(schema: dict[str, Any]) -> bool:
            return loaded.name not in self._formless and native(loaded.model, schema)

        return output_type(request.schema, in_text=in_text, tools=bool(request.tools), native=kept)

    def _meter(self, request: AgentRequest, loaded: _Loaded, patience: float | None) -> Meter:
        metering = Metering(
            budget=self._budget,
            clock=self._clock,
            limit=loaded.limit,
            price=price_of(loaded.name, self._config),
            reach=loaded.reach,
            warming=loaded.warming,
            stall=self._stall,
            patience=patience,
        )
        return Meter(loaded.model, request, metering)

    def _build(
        self, request: AgentRequest, meter: Meter, toolbox: Toolbox, form: Any, taking: Taking
    ) -> Agent[object, Any]:
        tree = [OWN_TREE] if request.folders is not None else []
        agent: Agent[object, Any] = Agent(
            meter,
            output_type=form,
            instructions=[*filter(None, (self._instructions, request.instructions)), *tree],
            tools=[_as_known(tool, function) for tool, function in toolbox.functions()],
            retries=request.retries,
        )
        agent.output_validator(taking.fits)
        return agent


def _touched(request: AgentRequest, toolbox: Toolbox) -> tuple[str, ...] | None:
    return tuple(toolbox.calling.touched) if request.tools else None


def _fallible(failure: AgentError | Pause) -> bool:
    """Whether another model may answer where one failed."""
    if isinstance(failure, Pause):
        return failure.reason == "provider"
    return failure.cause in FALLBACK_CAUSES


def _failure(error: AgentRunError, request: AgentRequest, meter: Meter, messages: list[ModelMessage]) -> AgentError:
    """Return what an agent's failure means for the run."""
    if meter.suspended:
        return AgentError("stopped", "the model put off the end of its turn again and again, and never came to it")
    partial = _said_last(messages)
    if "maximum output retries" in error.message:
        return AgentError("invalid", _unfit(error, messages), partial=partial)
    did = str(error.__cause__ or error.message)[:500]
    return AgentError("invalid", f"the model did something else than asked: {did}", partial=partial)


def _unfit(error: AgentRunError, messages: list[ModelMessage]) -> str:
    """Return what was wrong with the last answer, how that began, and what may help."""
    responses = [message for message in messages if isinstance(message, ModelResponse)]
    excerpt = plain(" ".join((_said_last(responses[-1:]) or "").split()))
    if not excerpt:
        return "the last answer was empty; another model may do better"
    problem = why_unfit(error) or "it was written as text where the tool for answers was to be called"
    problem = problem if len(problem) <= MOST_PROBLEM else problem[: MOST_PROBLEM - 1] + "…"
    shown = excerpt if len(excerpt) <= EXCERPT else excerpt[: EXCERPT - 1] + "…"
    return (
        f"the last answer does not fit: {problem[:1].lower()}{problem[1:]}; "
        f"it was “{shown}”; another model may do better, or a simpler schema"
    )


def _said_last(messages: Sequence[ModelMessage]) -> str | None:
    """Return what the model said last, as far as it is kept."""
    said = [entry for entry in transcript(messages) if entry["part"] in ("text", "tool-call")]
    return _raw(said[-1])[:MAX_PARTIAL] if said else None


def _raw(entry: dict[str, Any]) -> str:
    """Return what a model said as it said it."""
    said = entry.get("content", entry.get("args", ""))
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)


def _refuse_unsupported(request: AgentRequest, config: Config) -> None:
    if request.isolation is not None and request.folders is None:
        wanted = f"agent(isolation={request.isolation!r})"
        raise AgentError("crashed", f"{wanted}: nobody has made a worktree for it; leave it out")
    problem = None if request.profile is None or request.role is not None else config.named.problem(request.profile)
    if problem is not None:
        raise AgentError("crashed", problem)


def _as_known(tool: Tool, function: Callable[..., Awaitable[str]]) -> KnownTool[object]:
    """Return a tool as pydantic-ai knows it."""
    return KnownTool.from_schema(function, tool.shown, tool.description, dict(tool.parameters))
