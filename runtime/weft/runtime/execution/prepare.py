"""What an execution needs from outside, made ready before anything is written: a clock, money, agents, a child."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from weft.primitives.lost import Spent
from weft.runtime.agents.adapters.route import Routed
from weft.runtime.agents.likeness.answering import Clusters
from weft.runtime.change import Base
from weft.runtime.clock import Clock, RealClock, VirtualClock
from weft.runtime.errors import ProviderError, Refused
from weft.runtime.execution.execute import Means
from weft.runtime.execution.interrupts import listening
from weft.runtime.held import Held
from weft.runtime.helping import Helper, away, nobody
from weft.runtime.journal import Past
from weft.runtime.money.budget import Budget
from weft.runtime.money.keeper import treasury_of
from weft.runtime.money.prices import price_of, set_price
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness
from weft.runtime.project.programs import program_of
from weft.runtime.request import Agents
from weft.runtime.scheduling.slots import Caps, Room
from weft.runtime.settings import OFFLINE, Settings, is_local
from weft.runtime.tools.added import registry_of
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.functions import as_tools
from weft.runtime.tools.lookup import HarnessTools
from weft.runtime.tools.registry import Registry
from weft.runtime.tools.tool import Tool
from weft.runtime.worktrees.base import Pinned, pin
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import Limits

__all__ = [
    "caps_of",
    "check_price",
    "exactly",
    "host_tools",
    "pinned_for",
    "prepared",
    "with_tools",
]


async def exactly(settings: Settings, config: Config) -> Settings:
    """Return them with the exact name of their model, by which a resume will find the same one.

    Raises:
        ProviderError: it is one of this machine, and is not there; nor is another one configured in its place.
    """
    if settings.stub is not None or settings.command is not None or not is_local(settings.model):
        return settings
    from weft.runtime.agents.local import exact_model

    try:
        return replace(settings, model=await exact_model(settings.model))
    except ProviderError:
        if config.model(settings.model).fallback:
            return settings
        raise


def with_tools(
    given: Iterable[Tool | Callable[..., Any]], settings: Settings, config: Config, project: Project
) -> tuple[Registry, Settings]:
    """Return all tools that there are, and the settings in which those that a program gives are granted.

    Raises:
        UsageError: two of them go by one name, or one cannot be a tool.
    """
    tools = as_tools(given)
    allowed = Allowed(settings.allow)
    granted = (tool.name for tool in tools if not allowed.has(tool))
    registry = registry_of(config, project.root.parent, tools)
    return registry, replace(settings, allow=(*settings.allow, *granted))


async def pinned_for(
    harness: Harness, settings: Settings, project: Project, agents: Agents | None, base: Base | None = None
) -> Pinned | None:
    """Return where worktrees of the agents of a harness begin; `None` where agents are scripted, who have none.

    Args:
        harness: Whose agents.
        settings: What they may read, and who they are.
        project: Where saved harnesses are. Agents of a program's own are in its folder where they are given no other.
        agents: Who answers in place of the settings' model or script.
        base: Where they began before.

    Raises:
        Refused: they are to have some, and cannot.
    """
    if agents is None and settings.stub is not None:
        return None
    folders = settings.folders or (() if agents is None else (project.root.parent,))
    if base is not None:
        return Pinned(base, folders)
    return await pin(harness.source, project.find_source, folders, dirty=settings.dirty, where=harness.filename)


@asynccontextmanager
async def prepared(
    settings: Settings,
    config: Config,
    spent: Spent,
    past: Past,
    agents: Agents | None,
    interruptible: bool,
    asks: bool = True,
    people: Helper = away,
    tools: Registry | None = None,
) -> AsyncIterator[Means]:
    """Make ready what an execution needs; what is wrong with a model, a key, a folder or the sandbox shows here.

    Args:
        settings: Limits, model, folders; resolved.
        config: What the project says of models and profiles.
        spent: What was spent before.
        past: What earlier executions have left.
        agents: Who answers agents, in place of the settings' model or script; or some of them.
        interruptible: Whether signals are heeded.
        asks: Whether agents will be asked; where not, their model is made ready by the first that is all the same.
        tools: What there is for agents and the harness to call, besides what Weft brings; ended with the execution.
        people: Who answers questions in this process. A virtual clock waits for nobody, so none of them is there.

    Raises:
        RuntimeFailure: something is not there, and nothing was written.
    """
    clock: Clock = VirtualClock() if settings.virtual_time else RealClock()
    budget = Budget(
        settings.ceiling,
        clock,
        spent,
        hold=settings.hold,
        on_budget=settings.on_budget,
        before=past.paid,
        unsettled=past.unsettled,
    )
    simulated = settings.stub is not None or settings.virtual_time
    others = agents is not None or settings.command is not None
    treasury = None if simulated else treasury_of(config, clock, others=others)
    folders = Folders(settings.folders)
    routed = agents if isinstance(agents, Routed) and agents.open else None
    tools = tools or Registry()
    asked = _answering(settings, config, budget, clock, past.local, asks, folders, tools)
    people = nobody if settings.virtual_time else people
    with listening() if interruptible else nullcontext() as interrupts:
        async with (
            open_sandbox(Limits()) as child,  # first, because it takes a while to get ready, beside all that follows
            nullcontext(_Answering(agents)) if agents and not routed else asked as answering,
            _clustering(settings, config, budget, clock) as clusters,
            aclosing(tools),
        ):
            yield Means(
                agents=routed.filled(answering.agents) if routed else answering.agents,
                budget=budget,
                clock=clock,
                caps=replace(caps_of(settings, config, answering.room), widened=answering.widened),
                helpers=(*answering.helpers, *host_tools(folders, clusters, tools, Allowed(settings.allow)), people),
                people=people,
                child=child,
                treasury=treasury,
                interrupts=interrupts,
            )


@asynccontextmanager
async def _clustering(settings: Settings, config: Config, budget: Budget, clock: Clock) -> AsyncIterator[Clusters]:
    """Make ready what tells which texts say the same: no model, where agents are not answered by one."""
    if config.embeddings is None or settings.stub is not None or settings.model == OFFLINE:
        yield Clusters()
        return
    from weft.runtime.agents.likeness.embedding import Embeddings

    embeddings = Embeddings(config.embeddings.model, budget, clock, config)
    try:
        yield Clusters(embeddings)
    finally:
        await embeddings.close()


def host_tools(
    folders: Folders,
    clusters: Clusters | None = None,
    tools: Registry | None = None,
    allowed: Allowed | None = None,
) -> tuple[Helper, ...]:
    """Return who answers the tool calls of a harness, which may see into these folders, and call what is granted."""
    return clusters or Clusters(), HarnessTools(folders, tools or Registry(), allowed or Allowed())


def caps_of(settings: Settings, config: Config | None = None, room: Room | None = None) -> Caps:
    """Return how many agents may be at work, and be started."""
    config, settings = config or Config(), settings.resolved()
    assert settings.concurrency is not None
    return Caps(
        concurrency=settings.concurrency,
        max_agents=settings.max_agents,
        models={name: model.concurrency for name, model in config.models.items() if model.concurrency},
        profiles=config.named.concurrency,
        room=room,
    )


def check_price(settings: Settings, config: Config, held: Mapping[str, Held] | None = None) -> None:
    """Check that a dollar ceiling can hold the model.

    Args:
        settings: With the ceiling and the model.
        config: What is said of models.
        held: Tells whether the ceiling is that of the harness.

    Raises:
        Refused: the model has no price.
    """
    # A program says what it has cost, and is asked no more once that has reached the ceiling.
    if settings.command is None and settings.budget_usd is not None and price_of(settings.model, config) is None:
        instead = "tokens in place of usd in BUDGET of the harness"
        raise Refused(
            f"model {settings.model!r} has no price, so a dollar budget cannot hold it",
            meaning="nothing was started",
            fix=f"{instead if 'budget_usd' in (held or {}) else '--budget-tokens N instead of --budget'}, "
            f"or {set_price(settings.model)}",
        )


class _Answering(NamedTuple):
    """Whoever answers agents."""

    agents: Agents
    room: Room | None = None
    """Knows when their provider takes no more of them."""
    widened: Callable[[str, int], None] | None = None
    """Told how many requests of a model may be under way, where that is changed."""
    helpers: tuple[Helper, ...] = ()
    """Those of them who answer calls of the host too, in place of the host."""


@asynccontextmanager
async def _answering(
    settings: Settings,
    config: Config,
    budget: Budget,
    clock: Clock,
    asked_before: str | None,
    asks: bool,
    folders: Folders,
    tools: Registry,
) -> AsyncIterator[_Answering]:
    """Make ready whoever answers agents."""
    if settings.stub is not None:
        from weft.runtime.agents.stub import StubAgents, read_script

        stub = StubAgents(read_script(settings.stub), budget=budget, clock=clock, config=config)
        yield _Answering(stub, helpers=(stub.help,))
        return
    program = program_of(settings, config.agents)
    if program is not None:
        from weft.runtime.agents.adapters.command import CommandAgents

        folder = settings.folders[0] if settings.folders else Path()
        yield _Answering(CommandAgents(program.command, format=program.format, folder=folder, acts=program.acts))
        return
    from weft.runtime.agents.models import ModelAgents

    local = settings.model if is_local(settings.model) else asked_before
    async with ModelAgents(
        folders,
        budget=budget,
        clock=clock,
        config=config,
        stall=settings.stall,
        local=local,
        tools=tools,
        allowed=Allowed(settings.allow),
    ) as agents:
        if asks:
            await agents.load(settings.model)
        yield _Answering(agents, agents.room, agents.widen)
