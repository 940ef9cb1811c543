"""The tools by which an agent has others answer: `spawn_agent` asks one, `run_workflow` executes a saved harness.

What they ask is the run's own: in its journal, under its budget and its limits. How, is the execution's business, which
says so with `spawning`; where none goes on, there is nobody to ask.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from weft.primitives.calls import AgentCall
from weft.primitives.lost import Lost
from weft.primitives.tools import SPAWNING, is_added
from weft.runtime.request import AgentRequest
from weft.runtime.schemas.fitting import schema_fault
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.tool import Calling

__all__ = ["MOST_ASKED", "Answered", "Spawner", "run_workflow", "spawn_agent", "spawning"]


MOST_ASKED = 100_000
"""Characters of what an agent may ask another."""


class Answered(Protocol):
    """What a call below an agent came to."""

    @property
    def value(self) -> Any:
        """The answer."""

    @property
    def lost(self) -> Lost | None:
        """Why there is none, if so."""

    @property
    def touched(self) -> tuple[str, ...] | None:
        """What it rests on, as for `AgentReply`."""


class Spawner(Protocol):
    """The execution's side of agents that have others answer."""

    async def spawn(self, asker: int, call: AgentCall) -> Answered:
        """Ask an agent for the agent of this number, and return what came of it.

        Raises:
            ToolRefused: that one may have no further agents.
        """

    async def run(self, asker: int, name: str, args: Any) -> Answered:
        """Execute a saved harness for the agent of this number, and return what came of it.

        Raises:
            ToolRefused: that one may have no further agents, or the harness has failed.
        """


_spawner: ContextVar[Spawner | None] = ContextVar("spawner", default=None)


@contextmanager
def spawning(spawner: Spawner) -> Iterator[None]:
    """Let agents that start in the block have others answer."""
    token = _spawner.set(spawner)
    try:
        yield
    finally:
        _spawner.reset(token)


async def spawn_agent(at: Calling, arguments: dict[str, Any]) -> str:
    """Ask an agent for another, with its model, profile, context and isolation, and no tool that the asker has not."""
    asker, schema = at.request, arguments.get("schema")
    problem = None if schema is None else await schema_fault(schema)
    if problem is not None:
        raise ToolRefused(f"no answer can be held against this schema: {problem}")
    call = AgentCall(
        prompt=_said("prompt", arguments["prompt"]),
        schema=schema,
        label=arguments.get("label"),
        phase=asker.phase,
        profile=asker.profile,
        model=asker.model,
        effort=asker.effort,
        tools=_tools(asker, arguments.get("tools")),
        context=asker.context,
        isolation=asker.isolation,
        max_tokens=asker.max_tokens,
    )
    return _told(at, "spawn_agent", call.label or call.prompt, await _asked().spawn(asker.id, call))


async def run_workflow(at: Calling, arguments: dict[str, Any]) -> str:
    """Execute a saved harness for an agent, unless that works apart: the agents of the harness work where this says."""
    if at.request.isolation is not None:
        raise ToolRefused("you work in a worktree, and agents of a saved harness would not: do it yourself")
    name = arguments["name"]
    return _told(at, "run_workflow", name, await _asked().run(at.request.id, name, arguments.get("args")))


def _asked() -> Spawner:
    spawner = _spawner.get()
    if spawner is None:
        raise ToolRefused("nobody else can be asked here")
    return spawner


def _said(what: str, text: str) -> str:
    if not text.strip():
        raise ToolRefused(f"the {what} is empty")
    return text


def _tools(asker: AgentRequest, wanted: list[str] | None) -> tuple[str, ...]:
    """Return what the other has of the asker's tools: what it is given, else all but those that ask others."""
    if wanted is None:
        return tuple(name for name in asker.tools if name not in SPAWNING)
    missing = [name for name in wanted if not is_added(name, asker.tools)]
    if missing:
        raise ToolRefused(f"you can give it tools of your own only, and {', '.join(missing)} is not among them")
    return tuple(wanted)


def _told(at: Calling, tool: str, what: str, answered: Answered) -> str:
    """Return an answer as text, and count what it rests on as what the asker's rests on."""
    brief = json.dumps(" ".join(what.split())[:80], ensure_ascii=False)
    at.touched |= dict.fromkeys((f"{tool}({brief})", *(answered.touched or ())))
    if answered.lost is not None:
        raise ToolRefused(f"it was lost ({answered.lost.cause}): {answered.lost.message}")
    return answered.value if isinstance(answered.value, str) else json.dumps(answered.value, ensure_ascii=False)
