"""What an execution needs from outside, made ready before anything is written: a clock, money, agents, a child."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from weft.primitives.lost import Spent
from weft.runtime.agents.tools import Folders
from weft.runtime.clock import Clock, RealClock, VirtualClock
from weft.runtime.errors import Refused
from weft.runtime.execution.execute import Means
from weft.runtime.execution.interrupts import listening
from weft.runtime.journal import Past
from weft.runtime.money.budget import Budget
from weft.runtime.money.prices import price_of, set_price
from weft.runtime.project.config import Config
from weft.runtime.request import Agents
from weft.runtime.scheduling.slots import Caps, Room
from weft.runtime.settings import Settings
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import Limits

__all__ = ["caps_of", "check_price", "prepared"]


@asynccontextmanager
async def prepared(
    settings: Settings, config: Config, spent: Spent, past: Past, agents: Agents | None, interruptible: bool
) -> AsyncIterator[Means]:
    """Make ready what an execution needs; what is wrong with a model, a key, a folder or the sandbox shows here.

    Args:
        settings: Limits, model, folders; resolved.
        config: What the project says of models and profiles.
        spent: What was spent before.
        past: What earlier executions have left.
        agents: Who answers agents, in place of the settings' model or script.
        interruptible: Whether signals are heeded.

    Raises:
        RuntimeFailure: something is not there, and nothing was written.
    """
    clock: Clock = VirtualClock() if settings.virtual_time else RealClock()
    budget = Budget(settings.ceiling, clock, spent, hold=settings.hold, on_budget=settings.on_budget, before=past.paid)
    with listening() if interruptible else nullcontext() as interrupts:
        async with (
            open_sandbox(Limits()) as child,  # first, because it takes a while to get ready, beside all that follows
            nullcontext((agents, None)) if agents else _answering(settings, config, budget, clock) as (answering, room),
        ):
            yield Means(
                agents=answering,
                budget=budget,
                clock=clock,
                caps=caps_of(settings, config, room),
                child=child,
                interrupts=interrupts,
            )


def caps_of(settings: Settings, config: Config | None = None, room: Room | None = None) -> Caps:
    """Return how many agents may be at work, and be started."""
    config, settings = config or Config(), settings.resolved()
    assert settings.concurrency is not None
    return Caps(
        concurrency=settings.concurrency,
        max_agents=settings.max_agents,
        models={name: model.concurrency for name, model in config.models.items() if model.concurrency},
        profiles={name: profile.concurrency for name, profile in config.profiles.items() if profile.concurrency},
        room=room,
    )


def check_price(settings: Settings, config: Config) -> None:
    """Check that a dollar ceiling can hold the model.

    Raises:
        Refused: the model has no price.
    """
    if settings.budget_usd is not None and price_of(settings.model, config) is None:
        raise Refused(
            f"model {settings.model!r} has no price, so a dollar budget cannot hold it",
            meaning="nothing was started",
            fix=f"--budget-tokens N instead of --budget, or {set_price(settings.model)}",
        )


@asynccontextmanager
async def _answering(
    settings: Settings, config: Config, budget: Budget, clock: Clock
) -> AsyncIterator[tuple[Agents, Room | None]]:
    """Make ready whoever answers agents, and knows when a provider takes no more of them."""
    folders = Folders(settings.folders)
    if settings.stub is not None:
        from weft.runtime.agents.stub import StubAgents, read_script

        yield StubAgents(read_script(settings.stub), budget=budget, clock=clock, config=config), None
        return
    from weft.runtime.agents.models import ModelAgents

    async with ModelAgents(folders, budget=budget, clock=clock, config=config, stall=settings.stall) as agents:
        agents.load(settings.model)
        yield agents, agents.room
