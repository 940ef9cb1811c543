"""The tools that a project or a program adds to those of Weft, or has in their place, as one registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from weft.runtime.errors import UsageError
from weft.runtime.project.config import Config
from weft.runtime.tools.functions import FunctionOfProject, as_tools
from weft.runtime.tools.mcp.server import Server
from weft.runtime.tools.registry import Registry, Source
from weft.runtime.tools.shared import shared_tools
from weft.runtime.tools.tool import Tool

__all__ = ["registry_of"]


def registry_of(config: Config, folder: Path, given: Iterable[Tool | Callable[..., Any]] = ()) -> Registry:
    """Return all tools that there are in a project.

    Args:
        config: What the project says.
        folder: Where its `weft.toml` is.
        given: Those that a program adds: tools, or functions.

    Raises:
        UsageError: two go by one name, or one of those given cannot be a tool.
    """
    sources: list[Source] = [FunctionOfProject(name, said, folder) for name, said in config.tools.items()]
    sources += [Server(name, said, folder) for name, said in config.mcp.items()]
    try:
        return Registry(as_tools(given), sources, () if config.facts is None else shared_tools(config.facts))
    except ValueError as error:
        raise UsageError(
            f"the tools cannot be told apart: {error}", meaning="nothing was started", fix="another name in [tools]"
        ) from None
