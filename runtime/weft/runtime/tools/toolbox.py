"""The tools of one agent: each call is held against its schema and what is granted, noted before it acts, and bounded.

Nothing that goes wrong in a tool is the end of an agent: it is told, and can do something else.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import nullcontext
from typing import Any

import anyio

from weft.runtime.border import clean, masked
from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.validating import UnusableSchema
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.paging import READ_MORE, Answers
from weft.runtime.tools.reading import MAX_CHARACTERS
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.tool import Calling, Tool
from weft.runtime.working import Act, acting, reading

__all__ = ["Toolbox"]

LOG = logging.getLogger(__name__)

MOST_SECONDS = 600.0
"""Seconds, of real time, that one call may take, where the tool does not end it earlier."""

LONGEST_SUBJECT = 300
"""Characters that are recorded of what a call is about."""

Does = Callable[[Calling, dict[str, Any]], Awaitable[Any]]
"""What a call does: tell an agent, or give data."""


class Toolbox:
    """What one agent may do."""

    def __init__(self, tools: Iterable[Tool], allowed: Allowed, calling: Calling) -> None:
        """Fill it.

        Args:
            tools: Those that the agent has.
            allowed: Which of their calls are granted.
            calling: What they know of the agent.
        """
        self.calling = calling
        calling.grants = allowed.grants
        self._answers = Answers(calling.request.identity)
        given = tuple(tools)
        pages = any(tool.foreign for tool in given) and all(tool.shown != READ_MORE for tool in given)
        self.tools = (*given, self._answers.tool) if pages else given
        self._allowed = allowed
        self._made: Counter[str] = Counter()

    def functions(self) -> Iterable[tuple[Tool, Callable[..., Awaitable[str]]]]:
        """Yield each tool with the function that calls it by keyword and returns what the agent is told."""
        for tool in self.tools:

            async def telling(_tool: Tool = tool, /, **arguments: Any) -> str:
                return await self.call(_tool, arguments)

            yield tool, telling

    async def data(self, tool: Tool, arguments: dict[str, Any]) -> Any:
        """Call a tool for a harness, and return what it gives: data where it has any.

        Raises:
            ToolRefused: it did not do it, with why.
        """
        try:
            return clean(await self._called(tool, arguments, tool.data or tool.call))
        except ToolRefused as refusal:
            raise ToolRefused(masked(str(refusal))) from None

    async def call(self, tool: Tool, arguments: dict[str, Any]) -> str:
        """Call a tool, and return what the agent is told: what it found or did, without secrets, or why it did not."""
        try:
            answer = masked(await self._called(tool, arguments, tool.call))
            return self._answers.shown(answer, tool.shown) if tool.foreign else _bounded(answer)
        except ToolRefused as refusal:
            return masked(f"refused: {refusal}")

    async def _called(self, tool: Tool, arguments: dict[str, Any], does: Does) -> Any:
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            problem = await misfit(given, dict(tool.parameters))
        except UnusableSchema as unusable:
            problem = str(unusable)
        if problem is not None:
            raise ToolRefused(f"{tool.shown} does not take that: {problem}")
        if not self._allowed.covers(tool, given):
            granted = self._allowed.said(tool)
            raise ToolRefused(f"this call of {tool.shown} is not allowed here; allowed: {granted}")
        return await self._done(tool, given, does)

    async def _done(self, tool: Tool, given: dict[str, Any], does: Does) -> Any:
        """Do it, on record where it acts."""
        subject = "" if tool.subject is None else tool.subject(given)[:LONGEST_SUBJECT]
        self.calling.key = self._key(tool, given)
        noted = tool.acts != "reads"
        own_tree = self.calling.request.folders is not None
        acts = "idempotent" if noted and own_tree and tool.stays and tool.stays(self.calling) else tool.acts
        act = Act(tool=tool.name, subject=masked(subject), acts=acts, key=self.calling.key)
        try:
            async with acting(act) if noted else nullcontext():
                with nullcontext() if noted else reading(tool.name):
                    with anyio.fail_after(None if tool.patient else MOST_SECONDS):
                        return await does(self.calling, given)
        except ToolRefused:
            raise
        except TimeoutError:
            raise ToolRefused(f"{tool.shown} took more than {MOST_SECONDS:g} s, and was ended") from None
        except Exception as error:  # noqa: BLE001 - whatever somebody else's tool raises is told to the agent alone
            LOG.warning("the tool %s failed: %s: %s", tool.name, type(error).__name__, masked(str(error))[:300])
            raise ToolRefused(f"{tool.shown} failed: {type(error).__name__}: {str(error)[:1000]}") from None

    def _key(self, tool: Tool, given: dict[str, Any]) -> str:
        """Return what is the same for the same call made again by a resumed run, and for no other."""
        said = json.dumps([self.calling.request.identity, tool.name, given], sort_keys=True)
        self._made[said] += 1
        return hashlib.sha256(f"{said}:{self._made[said]}".encode()).hexdigest()


def _bounded(text: str) -> str:
    """Return as much of an answer as an agent is shown."""
    if len(text) <= MAX_CHARACTERS:
        return text
    return f"{text[:MAX_CHARACTERS]}\n(cut: it has {len(text):,} characters)"
