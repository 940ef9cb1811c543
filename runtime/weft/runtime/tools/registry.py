"""All tools of a run, by their names. What is granted of them is `allowed`; what one agent has of them, `toolbox`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weft.runtime.meant import did_you_mean
from weft.runtime.tools.built_in import BUILT_IN
from weft.runtime.tools.tool import Tool

__all__ = ["Registry", "UnknownTool"]


class UnknownTool(LookupError):
    """There is no such tool."""


class Registry:
    """The tools that Weft brings, and those that a project or a program adds."""

    def __init__(self, added: Iterable[Tool] = ()) -> None:
        """Take them in.

        Raises:
            ValueError: two of them go by one name, to harnesses or to models.
        """
        self._tools: dict[str, Tool] = {}
        shown: dict[str, str] = {}
        for tool in (*BUILT_IN, *added):
            other = tool.name if tool.name in self._tools else shown.get(tool.shown)
            if other is not None:
                raise ValueError(f"there are two tools of one name: {other!r} and {tool.name!r}")
            self._tools[tool.name] = tool
            shown[tool.shown] = tool.name

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def __getitem__(self, name: str) -> Tool:
        """Return a tool by its name.

        Raises:
            UnknownTool: there is none; the message says which may be meant.
        """
        tool = self._tools.get(name)
        if tool is None:
            meant = did_you_mean(name, self._tools.keys(), f"there are {', '.join(self._tools)}")
            raise UnknownTool(f"there is no tool {name!r}; {meant}")
        return tool
