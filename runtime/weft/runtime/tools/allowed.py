"""What is granted to the agents of a run. How a grant is written is `weft.runtime.granted`.

Without one an agent may read what is in the folders, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from weft.runtime.granted import read_grant
from weft.runtime.tools.tool import Tool

__all__ = ["Allowed", "example"]


class Allowed:
    """All that is granted for a run."""

    def __init__(self, grants: Iterable[str] = ()) -> None:
        """Read the grants.

        Raises:
            ValueError: one of them means nothing.
        """
        self.grants = tuple(read_grant(text) for text in grants)

    def has(self, tool: Tool) -> bool:
        """Whether agents may be given the tool at all: it reads in the folders, or some call of it is granted."""
        return tool.free or self.names(tool.name)

    def names(self, name: str) -> bool:
        """Whether some call of a tool of this name is granted."""
        return any(grant.names(name) for grant in self.grants)

    def reaches(self, name: str) -> bool:
        """Whether something of a source of tools is granted: of the one of this name, or of those as `mcp:NAME.*`."""
        if not name.endswith("*"):
            return self.names(name)
        begins = name[:-1]
        return any(grant.tool.startswith(begins) or grant.names(f"{begins}x") for grant in self.grants)

    def covers(self, tool: Tool, arguments: Mapping[str, Any]) -> bool:
        """Whether one call of a tool is granted.

        Raises:
            ToolRefused: it cannot be told what the call is about.
        """
        subject = None if tool.subject is None else tool.subject(arguments)
        covering = (grant.covers(tool.name, subject, tool.fits) for grant in self.grants)
        return tool.free or any(covering)

    def said(self, tool: Tool) -> str:
        """Return what is granted of a tool, for an agent that wanted more."""
        patterns = [grant.pattern or "all" for grant in self.grants if grant.names(tool.name)]
        return ", ".join(patterns) or "nothing"


def example(tool: Tool) -> str:
    """Return a grant that says which calls of a tool are meant, for a person to go by."""
    return tool.name if tool.subject is None else f"{tool.name}:{tool.example}"
