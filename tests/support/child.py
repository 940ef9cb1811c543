"""Executing a harness in a real child process; the test answers its calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio

from weft.primitives.calls import AgentCall, Allowance
from weft.sandbox.process import compiled, open_sandbox
from weft.sandbox.protocol import CallAgent, ChildMessage, Failed, Finished, Limits, Result, Start

NOW = "2026-01-02T03:04:05+00:00"


def execute(
    source: str,
    args: Any = None,
    answer: Callable[[AgentCall], Any] = lambda call: f"reply:{call.prompt}",
    limits: Limits | None = None,
    *,
    observed: bool = False,
    before: bool = False,
) -> tuple[Finished | Failed, list[ChildMessage]]:
    """Run a harness to its last message; return that, and all messages. It may be compiled `before`."""

    async def run() -> tuple[Finished | Failed, list[ChildMessage]]:
        start = Start(source=source, filename="h.py", args=args, now=NOW, allowance=Allowance(), observed=observed)
        start = await compiled(start) if before else start
        said: list[ChildMessage] = []
        async with open_sandbox(limits or Limits()) as sandbox:
            messages, waiting = sandbox.start(start), []
            while True:
                async for message in messages:
                    said.append(message)
                    if isinstance(message, CallAgent):
                        waiting.append(message)
                    if isinstance(message, (Finished, Failed)):
                        return message, said
                results = [Result(id=call.id, value=answer(call.agent)) for call in waiting]
                messages, waiting = sandbox.deliver(results), []

    return anyio.run(run)
