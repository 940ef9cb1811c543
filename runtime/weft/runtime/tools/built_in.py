"""The tools that Weft brings, each with what agents are told of it. What they do is in the modules beside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import anyio.to_thread

from weft.primitives.tools import AGENT_TOOLS
from weft.runtime.tools.reading import OpenFiles
from weft.runtime.tools.tool import Calling, Tool, taking

__all__ = ["BUILT_IN"]


def _reading(method: Callable[..., str]) -> Callable[[Calling, dict[str, Any]], Awaitable[str]]:
    """Return the call of a tool that only looks at files.

    It runs in a thread. An agent that is cancelled does not wait for it; `OpenFiles.end` lets it come to an end.
    """

    async def call(at: Calling, arguments: dict[str, Any]) -> str:
        opened = OpenFiles(at.folders, at.touched)
        try:
            return await anyio.to_thread.run_sync(partial(method, opened, **arguments), abandon_on_cancel=True)
        finally:
            opened.end()

    return call


READ_FILE = Tool(
    name="read_file",
    description="Read lines of a text file. Each line comes with its number, as `12: text`.",
    acts=AGENT_TOOLS["read_file"],
    parameters=taking(
        {
            "path": ("string", "A path as `list_files` shows it."),
            "first_line": ("integer", "The first line to read, from 1."),
            "last_line": ("integer", "The last line to read; at most 2,000 lines come at once."),
        },
        required=("path",),
    ),
    call=_reading(OpenFiles.read_file),
    free=True,
)

LIST_FILES = Tool(
    name="list_files",
    description="List the files there are, one path a line.",
    acts=AGENT_TOOLS["list_files"],
    parameters=taking({"pattern": ("string", "Only paths that contain this text.")}),
    call=_reading(OpenFiles.list_files),
    free=True,
)

SEARCH_TEXT = Tool(
    name="search_text",
    description="Find the lines that contain all the words of a query, in any order and case. Shows `path:line: text`.",
    acts=AGENT_TOOLS["search_text"],
    parameters=taking(
        {
            "query": ("string", "Words to look for."),
            "path": ("string", "Only files whose path contains this text."),
        },
        required=("query",),
    ),
    call=_reading(OpenFiles.search_text),
    free=True,
)

BUILT_IN: tuple[Tool, ...] = (READ_FILE, LIST_FILES, SEARCH_TEXT)
"""All of them, in the order in which they are named to people."""
