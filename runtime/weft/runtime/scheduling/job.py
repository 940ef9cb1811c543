"""One agent at work, to the scheduler that started it, and what the code behind it tells meanwhile: see `working`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from weft.primitives.lost import Spent
from weft.runtime.journal.events import AgentCalled
from weft.runtime.money.budget import Budget
from weft.runtime.scheduling.observer import Observer
from weft.runtime.scheduling.slots import Slot
from weft.runtime.trail import MOST_STEPS, Read, Request, Trail
from weft.runtime.working import Act, SoFar, WaitsFor

__all__ = ["Job"]

LAST_WORDS = 1.0
"""Seconds, of real time, after which an agent that was told to end and has not is told again."""


class Employer(Protocol):
    """The scheduler, as far as an agent at work reaches it."""

    observer: Observer
    budget: Budget
    abandoned: bool

    def now(self) -> float:
        """Return the time on the run's clock."""

    def waiting(
        self, job: Job, reason: WaitsFor, detail: str, seconds: float | None
    ) -> AbstractAsyncContextManager[None]:
        """Let an agent wait in the block, without its slot."""


@dataclass(slots=True, eq=False)
class Job:
    """An agent at work; implements `Working`."""

    called: AgentCalled
    slot: Slot
    scheduler: Employer
    task: asyncio.Task[None] | None = None
    """Its work, once that has begun."""
    due: float | None = None
    """When its time is over, by the clock."""
    wanted: bool = True
    """Whether somebody still waits for the agent."""
    stopped: str | None = None
    """Why it is lost, where a person has stopped it."""
    ending: bool = False
    """Whether it was told to end, not by the clock."""
    cancelled: bool = False
    """Whether it was told to end, by whomever."""
    waits: WaitsFor | None = None
    """What it waits for."""
    acted_so_far: int = 0
    """How many times it has acted on the world."""
    so_far: Callable[[], SoFar] = SoFar
    """Tells what it has said and touched."""
    _requests: list[Request] = field(default_factory=list)
    _reads: list[Read] = field(default_factory=list)

    def cancel(self) -> None:
        """End its work, or what would have begun. It may still clean up; code that does not end is told again."""
        self.cancelled = True
        if self.task is not None and not self.task.done():
            loop = self.task.get_loop()
            loop.call_soon(self.task.cancel)  # not at once: an answer that has come by now is taken
            loop.call_later(LAST_WORDS, self.cancel)

    @property
    def ends(self) -> bool:
        """Whether it was told to end, or the run ends by an error."""
        return self.cancelled or self.scheduler.abandoned

    def waiting(self, reason: WaitsFor, detail: str, seconds: float | None) -> AbstractAsyncContextManager[None]:
        """Let it wait in the block, without its slot."""
        return self.scheduler.waiting(self, reason, detail, seconds)

    def asks_again(self, detail: str, seconds: float) -> None:
        """A request of it failed in passing, and is sent again."""
        self.scheduler.observer.agent_asks_again(self.called.request, detail, seconds)

    def quiet(self, seconds: float) -> None:
        """Nothing has been heard of its model for so long."""
        self.scheduler.observer.agent_quiet(self.called.request, seconds)

    def acts(self, act: Act) -> int:
        """It is about to act; return the number under which that is on record."""
        self.acted_so_far += 1
        self.scheduler.observer.agent_acts(self.called.request, self.acted_so_far, act)
        return self.acted_so_far

    def acted(self, number: int, failed: str | None) -> None:
        """What it did is done, or has failed for this reason."""
        self.scheduler.observer.agent_acted(self.called.request, number, failed)

    def now(self) -> float:
        """Return the time on the run's clock."""
        return self.scheduler.now()

    def did(self, step: Request | Read) -> None:
        """It has done this."""
        steps: list[Any] = self._requests if isinstance(step, Request) else self._reads
        if len(steps) < MOST_STEPS:
            steps.append(step)

    @property
    def trail(self) -> Trail:
        """What it has done with times."""
        return Trail(tuple(self._requests), tuple(self._reads))

    def keeping(self, so_far: Callable[[], SoFar]) -> None:
        """Say how to learn what it has said and touched so far."""
        self.so_far = so_far

    def paid(self, spent: Spent) -> None:
        """Count what it has cost that was not reserved."""
        self.scheduler.budget.charge(self.called.id, spent)
