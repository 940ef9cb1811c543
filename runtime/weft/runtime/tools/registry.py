"""All tools of a run, by their names. What is granted of them is `allowed`; what one agent has of them, `toolbox`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from weft.primitives.tools import AGENT_TOOLS
from weft.runtime.meant import did_you_mean
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.built_in import BUILT_IN
from weft.runtime.tools.tool import Tool

__all__ = ["NotAllowed", "Registry", "Source", "Unavailable", "UnknownTool"]


MOST_NAMED = 20
"""How many tools are named where one is not there."""


class UnknownTool(LookupError):
    """There is no such tool."""


class NotAllowed(LookupError):
    """Nobody has granted the tool."""


class Unavailable(Exception):
    """Where the tool comes from, it cannot be had; the message says why."""


class Source(Protocol):
    """Where tools come from that are not looked at before somebody needs and has granted them."""

    @property
    def name(self) -> str:
        """The name of the one tool that it has; of several, how all begin with `*` after it, as in `mcp:github.*`."""

    @property
    def shown(self) -> str:
        """What it is, for people: a function, a command, an address."""

    @property
    def binds(self) -> str:
        """What a person who grants it says yes to: `shown`, with a digest of all that is said of it."""

    @property
    def version(self) -> str:
        """What it calls itself, with its version; nothing before it has told its tools."""

    def lacks(self) -> str | None:
        """Return what there has to be for it and is not, as far as that shows without starting or asking anything."""

    async def tools(self) -> Sequence[Tool]:
        """Return its tools.

        Raises:
            Unavailable: it cannot be had.
        """

    async def close(self) -> None:
        """End what it has started."""


class Registry:
    """The tools that Weft brings, and those that a project or a program adds."""

    def __init__(
        self, added: Iterable[Tool] = (), sources: Iterable[Source] = (), instead: Iterable[Source] = ()
    ) -> None:
        """Take them in.

        Args:
            added: Tools that are there.
            sources: Where others come from.
            instead: The same, in place of tools of Weft that go by the same names.

        Raises:
            ValueError: two of them go by one name, to harnesses or to models.
        """
        self._tools: dict[str, Tool] = {}
        replaced = {source.name: source for source in instead}
        self.sources = (*replaced.values(), *sources)
        shown: dict[str, str] = {}
        for tool in (*(tool for tool in BUILT_IN if tool.name not in replaced), *added):
            other = tool.name if tool.name in self._tools else shown.get(tool.shown)
            if other is not None:
                raise ValueError(f"there are two tools of one name: {other!r} and {tool.name!r}")
            self._tools[tool.name] = tool
            shown[tool.shown] = tool.name
        for source in self.sources:
            if source.name in self._tools or replaced.get(source.name, source) is not source:
                raise ValueError(f"there are two tools of one name: {source.name!r} and {source.shown!r}")

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all tools, as far as they are known; of sources of several, `mcp:NAME.*`."""
        return (*self._tools, *(source.name for source in self.sources))

    @property
    def added(self) -> tuple[str, ...]:
        """The names of those of them that Weft does not bring."""
        return tuple(name for name in self.names if name not in AGENT_TOOLS)

    def source(self, name: str) -> Source | None:
        """Return where a tool of this name would come from, if it is not one that is known."""
        return next((source for source in self.sources if _has(source, name)), None)

    def __getitem__(self, name: str) -> Tool:
        """Return a tool by its name, of those that are known.

        Raises:
            UnknownTool: there is none; the message says which may be meant.
        """
        tool = self._tools.get(name)
        if tool is None:
            raise self._unknown(name, self.names)
        return tool

    async def find(self, name: str, allowed: Allowed) -> Tool:
        """Return a tool by its name; what it comes from is started or imported where it is granted, and only there.

        Raises:
            UnknownTool: there is none; the message says which may be meant.
            NotAllowed: nobody has granted it.
            Unavailable: it cannot be had.
        """
        source = None if name in self._tools else self.source(name)
        tool = self[name] if source is None else None
        if not (allowed.names(name) if tool is None else allowed.has(tool)):
            raise NotAllowed(f"nobody has allowed the tool {name!r}: --allow {name}")
        if tool is not None or source is None:
            return self[name]
        found = {tool.name: tool for tool in await source.tools()}
        if name not in found:
            raise self._unknown(name, found)
        return found[name]

    async def given(self, name: str, allowed: Allowed) -> list[Tool]:
        """Return what an agent has by a name: the tool, or by that of a source, as `mcp:NAME.*`, all that are granted.

        Raises:
            UnknownTool, NotAllowed, Unavailable: as `find`.
        """
        source = next((source for source in self.sources if source.name == name and name.endswith("*")), None)
        if source is None:
            return [await self.find(name, allowed)]
        if not allowed.reaches(name):
            raise NotAllowed(f"nobody has allowed the tools {name!r}: --allow '{name}'")
        return [tool for tool in await source.tools() if allowed.has(tool)]

    async def aclose(self) -> None:
        """End all that was started."""
        for source in self.sources:
            await source.close()

    def _unknown(self, name: str, known: Iterable[str]) -> UnknownTool:
        names = list(known)
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        meant = did_you_mean(name, names, f"there are {', '.join(names[:MOST_NAMED])}{more}")
        return UnknownTool(f"there is no tool {name!r}; {meant}")


def _has(source: Source, name: str) -> bool:
    """Whether a tool of this name would come from a source."""
    return name.startswith(source.name[:-1]) if source.name.endswith("*") else name == source.name
