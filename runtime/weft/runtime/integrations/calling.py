"""How a tool is called over MCP: arguments held against what was published, errors in four parts, word that it goes on.

Which tools there are, and what they do, is `mcp_server`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult, InputRequiredResult, ToolAnnotations

from weft.primitives.errors import WeftError
from weft.runtime.errors import NotFound, Refused, RuntimeFailure, UsageError, single
from weft.runtime.plain import on_one_line
from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.validating import UnusableSchema
from weft.runtime.tools.refusing import ToolRefused

__all__ = ["MOST_AT_ONCE", "WORD_S", "Server", "Told", "tool_of"]

LONGEST = 4_000
"""How many letters of each part of an error are told."""

WORD_S = 5.0
"""Seconds between two words to a client that a call still goes on."""

MOST_AT_ONCE = 64
"""How many calls may go on at a time."""

Told = Callable[..., Awaitable[str]]


def tool_of(function: Told, *, reads: bool) -> Tool:
    """Return a function as a tool that takes its arguments and no others; `reads` says that it changes nothing."""
    hint = ToolAnnotations(read_only_hint=reads)
    tool = Tool.from_function(function, annotations=hint, structured_output=False)
    tool.parameters["additionalProperties"] = False
    for declared in tool.parameters["properties"].values():
        if "anyOf" in declared:  # of a kind, or null: said so that what does not fit can be told in words
            kind, null = declared.pop("anyOf")
            declared.update(kind, type=[kind["type"], null["type"]])
    return tool


class Server(MCPServer[Any]):
    """A server whose tools fail as the rest of Weft does: what happened, where, what it means, and what to do."""

    def __init__(self, instructions: str, tools: Sequence[Tool]) -> None:
        """Take what clients are told of it, and its tools."""
        super().__init__(
            "weft", instructions=instructions, version=version("weft"), log_level="WARNING", tools=list(tools)
        )
        self._known = {tool.name: tool for tool in tools}
        self._going = 0

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool.

        Raises:
            ToolError: it fails; the message has the parts of the error.
        """
        self._going += 1
        try:
            if self._going > MOST_AT_ONCE:
                raise _too_many()
            await self._check(name, arguments)
            async with _word(context, name):
                return await super().call_tool(name, arguments, context)
        except (WeftError, ToolError, ExceptionGroup) as error:
            cause = _cause(error)
            if isinstance(cause, WeftError):
                raise ToolError(_message(cause)) from None
            raise UnexpectedToolError(_message(_mistake(name))) from cause
        finally:
            self._going -= 1

    async def _check(self, name: str, arguments: dict[str, Any]) -> None:
        """Hold arguments against what was published of a tool.

        Raises:
            UsageError: they are none that it takes.
        """
        tool = self._known.get(name)
        if tool is None:
            raise NotFound(f"there is no tool {name[:100]!r}", meaning=NOTHING, fix=f"one of {', '.join(self._known)}")
        try:
            fault = await misfit(arguments, tool.parameters, "call")
        except UnusableSchema as error:
            fault = str(error)
        if fault is not None:
            needed = tool.parameters.get("required", ())
            taken = [one if one in needed else f"{one} (may be left out)" for one in tool.parameters["properties"]]
            raise UsageError(
                f"{name} cannot take these arguments",
                where=fault,
                meaning=NOTHING,
                fix=f"its arguments are {', '.join(taken) or 'none'}",
            )


NOTHING = "nothing was done"


@asynccontextmanager
async def _word(context: Context[Any, Any] | None, name: str) -> AsyncIterator[None]:
    """Tell a client that has asked for it, now and again while the block lasts, that its call goes on."""

    async def tell() -> None:
        began = anyio.current_time()
        while context is not None:
            seconds = anyio.current_time() - began
            await context.report_progress(seconds, message=f"{name} goes on, {seconds:.0f} s")
            await anyio.sleep(WORD_S)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tell)
        yield
        tasks.cancel_scope.cancel()


def _cause(error: BaseException) -> BaseException:
    """Return what a call has failed with: out of what the library puts around it, and as an error of ours."""
    cause = single(error)
    while isinstance(cause, ToolError) and cause.__cause__ is not None:
        cause = single(cause.__cause__)
    if isinstance(cause, ToolRefused):
        return UsageError(str(cause), meaning=NOTHING, fix="ask for a page that there is")
    if isinstance(cause, OSError):
        what = f"the system refuses it: {cause.strerror}"
        return RuntimeFailure(what, meaning="it was not done, or not all of it", fix="try again later")
    return cause


def _message(error: WeftError) -> str:
    parts = {"": error.what, "where: ": error.where, "means: ": error.meaning, "fix: ": error.fix}
    return "\n".join(f"{name}{on_one_line(text)[:LONGEST]}" for name, text in parts.items() if text)


def _mistake(name: str) -> RuntimeFailure:
    return RuntimeFailure(f"{name} has failed", meaning="this is a mistake in Weft", fix="report it, please")


def _too_many() -> Refused:
    return Refused(
        f"{MOST_AT_ONCE} calls go on already", meaning=NOTHING, fix="wait for an answer before you call again"
    )
