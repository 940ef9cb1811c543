"""Taking turns with the child: it calls, the host answers. Who answers is `host`, or `replay` from a journal."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Protocol

from weft.sandbox.errors import SandboxError
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import (
    CallAgent,
    CallWorkflow,
    Cancel,
    Child,
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

    def called(self, call: CallAgent | CallWorkflow) -> None:
        """The harness reached an agent or a saved harness."""

    def cancelled(self, number: int) -> None:
        """Nobody waits for that call any more."""

    def fan_out(self, message: FanOutBegan | FanOutEnded) -> None:
        """A fan-out begins, and nothing of it has been called; or it is over."""

    def said(self, say: Say) -> None:
        """The harness said something."""

    async def results(self) -> list[Result]:
        """Return what to hand over next; nothing when there is nothing more to come."""


async def drive(child: Child, start: Start, host: Turns) -> Finished | Failed | None:
    """Take turns with the child until it says its last word, or the host has nothing more to give (`None`).

    Raises:
        SandboxError: the child is gone.
    """
    messages = child.start(start)
    while True:
        async for message in messages:
            match message:
                case Ready(walls=walls):
                    host.ready(walls)
                case CallAgent() | CallWorkflow():
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
        results = await child.while_it_waits(host.results)
        if not results:
            return None
        messages = child.deliver(results)


async def outcome(
    start: Start, host: Turns, child: Child | None = None, limits: Limits | None = None
) -> Finished | Failed | SandboxError | None:
    """Return how a harness ended in a child; `None` where it waits and nothing more comes.

    Without a child, it is a new one with these limits.
    """
    try:
        async with nullcontext(child) if child else open_sandbox(limits or Limits()) as executing:
            return await drive(executing, start, host)
    except SandboxError as error:
        return error
