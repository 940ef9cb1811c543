"""What tools there are, for people and for authors: what each does, how it acts, and whether it is granted.

What nobody has granted is named, and neither imported nor started to find out more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import anyio

from weft.primitives.tools import Acts
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.registry import Registry, Source, Unavailable
from weft.runtime.tools.tool import Tool

__all__ = ["Listed", "granted_sources", "listed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A tool; or where some come from, of which nothing more is known."""

    name: str
    source: str | None = None
    """Where it comes from, as `mcp:NAME.*` or its own name; nothing for those of Weft and of a program."""
    acts: Acts | None = None
    """What it does to the world, where that is known."""
    about: str = ""
    """What it is for in a line; of a source, what it is."""
    granted: bool = False
    version: str = ""
    """What the source calls itself, with its version."""
    problem: str | None = None
    """Why it cannot be had."""


async def listed(registry: Registry, allowed: Allowed) -> list[Listed]:
    """Return all tools, those that are added last."""
    found = [_tool(tool, allowed) for tool in registry]
    added: dict[str, list[Listed]] = {}

    async def look(source: Source) -> None:
        added[source.name] = await _of(source, allowed)

    async with anyio.create_task_group() as tasks:
        for source in registry.sources:
            tasks.start_soon(look, source)
    return [*found, *(one for source in registry.sources for one in added[source.name])]


async def _of(source: Source, allowed: Allowed) -> list[Listed]:
    if not allowed.reaches(source.name):
        return [Listed(name=source.name, source=source.name, about=source.shown)]
    try:
        tools = await source.tools()
    except Unavailable as unavailable:
        about = source.shown
        return [Listed(name=source.name, source=source.name, about=about, granted=True, problem=str(unavailable))]
    return [_tool(tool, allowed, source.name, source.version) for tool in tools]


def _tool(tool: Tool, allowed: Allowed, source: str | None = None, version: str = "") -> Listed:
    first = tool.description.strip().partition("\n")[0]
    return Listed(
        name=tool.name, source=source, acts=tool.acts, about=first, granted=allowed.has(tool), version=version
    )


def granted_sources(registry: Registry, allowed: Allowed) -> Sequence[Source]:
    """Return where those tools come from that are added and granted."""
    return [source for source in registry.sources if allowed.reaches(source.name)]
