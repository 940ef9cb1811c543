"""Taking turns with the child: it calls, the host answers. Who answers is `host`, or `replay` from a journal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Protocol

from weft.runtime.pause import Cut
from weft.sandbox.errors import SandboxError
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import (
    CallAgent,
    CallHost,
    CallWorkflow,
    Cancel,
    Child,
    ChildMessage,
    Failed,
    FanOutBegan,
    FanOutEnded,
    Finished,
    Limits,
    Ready,
    Result,
    Say,
    Start,
    Wall,
)

__all__ = ["Turns", "drive", "outcome"]


class Turns(Protocol):
    """What the driver asks of whoever answers the child."""

    def ready(self, walls: tuple[Wall, ...]) -> None:
        """The child waits for its harness, confined by these walls."""

    def called(self, call: CallAgent | CallHost | CallWorkflow) -> None:
        """The harness reached an agent, a tool, a question or a saved harness."""

    def cancelled(self, number: int) -> None:
        """Nobody waits for that call any more."""

    def fan_out(self, message: FanOutBegan | FanOutEnded) -> None:
        """A fan-out begins, and nothing of it has been called; or it is over."""

    def said(self, say: Say) -> None:
        """The harness said something."""

    async def results(self) -> list[Result]:
        """Return what to hand over next; nothing when there is nothing more to come."""


async def drive(child: Child, start: Start, host: Turns, cut: Cut) -> Finished | Failed | None:
    """Take turns with the child until it says its last word, or there is nothing more to come for it (`None`).

    Every message goes through here, and so does every answer: whatever the harness does in between, a cut ends it.

    Raises:
        SandboxError: the child is gone.
    """
    messages = child.start(start)
    while True:
        with cut.ending():
            last = await _hear(messages, host)
            if last is not None:
                return last
        results = [] if cut.made else await child.while_it_waits(host.results)
        if cut.made or not results:
            return None
        messages = child.deliver(results)


async def _hear(messages: AsyncIterator[ChildMessage], host: Turns) -> Finished | Failed | None:
    """Pass on what the child says in its turn; return its last word, if that is among it."""
    async for message in messages:
        match message:
            case Ready(walls=walls):
                host.ready(walls)
            case CallAgent() | CallHost() | CallWorkflow():
                host.called(message)
            case Cancel(id=number):
                host.cancelled(number)
            case FanOutBegan() | FanOutEnded():
                host.fan_out(message)
            case Say():
                host.said(message)
            case Finished() | Failed():
                return message
            case _:
                pass
    return None


async def outcome(
    start: Start, host: Turns, child: Child | None = None, cut: Cut | None = None, limits: Limits | None = None
) -> Finished | Failed | SandboxError | None:
    """Return how a harness ended in a child, a new one without any; `None` where it waits and nothing more comes.

    Args:
        start: What is executed.
        host: Who answers.
        child: Where it is executed.
        cut: Ends it before it ends by itself, which is `None` too.
        limits: Those of a new child.

    """
    try:
        async with nullcontext(child) if child else open_sandbox(limits or Limits()) as executing:
            return await drive(executing, start, host, cut or Cut())
    except SandboxError as error:
        return error
