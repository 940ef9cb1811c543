"""The tools of one agent in a folder, called as a model calls them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio

from weft.runtime.request import AgentRequest
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.registry import Registry
from weft.runtime.tools.tool import Calling
from weft.runtime.tools.toolbox import Toolbox

__all__ = ["agent_tools", "bare", "called"]


def agent_tools(*folders: Path, allow: tuple[str, ...] = ()) -> Toolbox:
    """Return all tools there are, of which so much is granted."""
    request = AgentRequest(id=1, prompt="?", model="offline", tools=(), timeout=None, retries=0, identity="r:1")
    return Toolbox(Registry(), Allowed(allow), Calling(request=request, folders=Folders(folders)))


def bare(told: str) -> str:
    """Return what was told without the lines that mark it as data."""
    return told.split("\n", 1)[1].rpartition("\n</data")[0] if told.startswith("<data ") else told


def called(box: Toolbox, name: str, **arguments: Any) -> str:
    """Return what an agent is told that calls a tool."""
    tool = next(tool for tool in box.tools if tool.name == name)
    return anyio.run(box.call, tool, arguments)
