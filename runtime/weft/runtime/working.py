"""What the code behind an agent tells the scheduler while it works: that it waits for something, asks again, hears
nothing, reads, acts on the world, what was said so far, and what was paid where no reply can say so.

Whoever answers agents need not know the scheduler: these functions reach whichever one started the agent, and do
nothing where none did.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, Literal, NamedTuple, Protocol

from weft.primitives.lost import Spent
from weft.primitives.tools import Acts
from weft.runtime.trail import Read, Request

__all__ = [
    "Act",
    "SoFar",
    "WaitsFor",
    "Working",
    "acting",
    "asks_again",
    "at_work",
    "did",
    "keeping",
    "paid",
    "quiet",
    "reading",
    "told_to_end",
    "waiting",
]

WaitsFor = Literal[
    "limit",  # the provider takes no more requests for the moment
    "budget",  # requests in flight may leave room under the ceiling
    "agents",  # those that it has asked itself are at work
]


class Act(NamedTuple):
    """One call of a tool that does more than read."""

    tool: str
    subject: str
    """What it is about: a path, a command, an address."""
    acts: Acts
    key: str
    """The same for the same call made again by a resumed run, and for no other."""
    costs: bool = False
    """Whether it is paid for by itself: what, the agent says once it is over."""


class SoFar(NamedTuple):
    """What an agent has said and touched by now, as in `AgentReply`."""

    transcript: tuple[dict[str, Any], ...] = ()
    touched: tuple[str, ...] | None = None


class Working(Protocol):
    """The scheduler's side of one agent at work."""

    def waiting(self, reason: WaitsFor, detail: str, seconds: float | None) -> AbstractAsyncContextManager[None]:
        """While the block lasts the agent holds no slot, and its deadline stands still."""

    def asks_again(self, detail: str, seconds: float) -> None:
        """A request failed in passing, and is sent again after so long; the agent keeps slot and deadline."""

    def quiet(self, seconds: float) -> None:
        """Nothing has been heard of the agent's model for so long."""

    def acts(self, act: Act) -> int:
        """The agent is about to act; once this returns that is on record, under the number returned."""

    def acted(self, number: int, failed: str | None) -> None:
        """What it did is done, or has failed for this reason."""

    def now(self) -> float:
        """Return the time on the run's clock."""

    def did(self, step: Request | Read) -> None:
        """The agent has done this, which changes nothing."""

    def keeping(self, so_far: Callable[[], SoFar]) -> None:
        """From here on, this tells what it has said and touched; it is asked where the agent is lost."""

    def paid(self, spent: Spent) -> None:
        """The agent has cost this besides what its replies say."""

    @property
    def ends(self) -> bool:
        """Whether the agent was told to end, or the run ends by an error."""


_working: ContextVar[Working | None] = ContextVar("working", default=None)


def at_work(working: Working) -> None:
    """Let what this task calls from here on reach this scheduler."""
    _working.set(working)


def waiting(reason: WaitsFor, detail: str, seconds: float | None = None) -> AbstractAsyncContextManager[None]:
    """Wait in the block for something that is not the agent's to hurry: it gives its slot back, its deadline stops.

    Args:
        reason: What kind of thing it is.
        detail: The same for a person, as in `rate limit of anthropic`.
        seconds: How long it will take, where that is known.
    """
    working = _working.get()
    return nullcontext() if working is None else working.waiting(reason, detail, seconds)


def asks_again(detail: str, seconds: float) -> None:
    """Say that something failed in passing, how, and in how many seconds it is tried again."""
    working = _working.get()
    if working is not None:
        working.asks_again(detail, seconds)


def quiet(seconds: float) -> None:
    """Say that nothing has been heard of the agent's model for so long."""
    working = _working.get()
    if working is not None:
        working.quiet(seconds)


def keeping(so_far: Callable[[], SoFar]) -> None:
    """Hand over how to find out what the agent has said and touched, in place of what was handed over before.

    It is kept with the loss where the agent is lost, also where that is because its time is over.
    """
    working = _working.get()
    if working is not None:
        working.keeping(so_far)


def paid(spent: Spent) -> None:
    """Say what the agent has cost, where it is being ended and has no reply or failure to say it by."""
    working = _working.get()
    if working is not None:
        working.paid(spent)


@asynccontextmanager
async def acting(act: Act) -> AsyncIterator[None]:
    """Act in the block, which begins once that is on record.

    Where the block is left because the agent is ended, nothing more is recorded: nobody knows how far it came.
    """
    working = _working.get()
    number = 0 if working is None else working.acts(act)
    try:
        yield
    except Exception as error:
        if working is not None:
            working.acted(number, str(error) or type(error).__name__)
        raise
    if working is not None:
        working.acted(number, None)


def did(request: Request) -> None:
    """Say that a request to a model has come back, or failed."""
    working = _working.get()
    if working is not None:
        working.did(request)


@contextmanager
def reading(tool: str) -> Iterator[None]:
    """Read by a tool in the block; from when to when, and what it failed with, is kept with the end of the agent."""
    working = _working.get()
    if working is None:
        yield
        return
    began, failed = working.now(), None
    try:
        yield
    except BaseException as error:
        failed = type(error).__name__
        raise
    finally:
        working.did(Read(tool, began, working.now(), failed))


def told_to_end() -> bool:
    """Whether the agent was told to end, also where what it called has kept that to itself.

    That its task was cancelled does not tell: the code behind it may do that by itself.
    """
    working = _working.get()
    if working is not None:
        return working.ends
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
