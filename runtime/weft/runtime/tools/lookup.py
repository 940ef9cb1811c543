"""The tools of a harness: the file tools of agents, giving data in place of text that a model reads. See `reading`.

They are confined to the same folders, and open the same files. All others are called as agents call them, where they
are granted. Nothing is left out silently: what would be more than a harness can be handed is refused, with what to ask
for instead.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Any

import anyio

from weft.primitives.calls import ToolCall
from weft.runtime.helping import HostReply, HostRequest
from weft.runtime.request import AgentError, AgentRequest
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.matching import words_of
from weft.runtime.tools.reading import Finder
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.registry import NotAllowed, Registry, Unavailable, UnknownTool
from weft.runtime.tools.searching import Search
from weft.runtime.tools.tool import Calling
from weft.runtime.tools.toolbox import Toolbox

__all__ = ["Found", "HarnessTools"]

OF_FILES = ("list_files", "read_file", "search_text")
"""The tools that `Found` has, by their names."""

MOST = 100_000
"""How many paths or matches one call may give."""

LONGEST = 60.0
"""Seconds, of real time, that one call may take."""

AT_ONCE = 4
"""How many calls are at work at the same time: it is one disk, and the threads of agents' tools are others'."""


class HarnessTools:
    """Answers the tool calls of a harness; implements `Helper`."""

    def __init__(self, folders: Folders, tools: Registry | None = None, allowed: Allowed | None = None) -> None:
        self._folders = folders
        self._tools = tools or Registry()
        self._allowed = allowed or Allowed()
        self._places = anyio.CapacityLimiter(AT_ONCE)

    async def __call__(self, request: HostRequest) -> HostReply | None:
        """Answer a call of a tool.

        Raises:
            AgentError: the tool refuses, or takes too long.
        """
        call = request.call
        if not isinstance(call, ToolCall):
            return None
        if call.name not in OF_FILES:
            return await self._as_an_agent(request, call)
        async with self._places:
            found = Found(self._folders)
            work = partial(getattr(found, call.name), **call.arguments)
            try:
                with anyio.fail_after(LONGEST):
                    value = await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
            except ToolRefused as refusal:
                raise AgentError("refused", str(refusal)) from None
            except TimeoutError:
                raise AgentError("timeout", f"{request.name} took more than {LONGEST:g} s") from None
            finally:
                found.end()
        return HostReply(value=value, by="tool", touched=tuple(found.touched))

    async def _as_an_agent(self, request: HostRequest, call: ToolCall) -> HostReply:
        """Answer the call of a tool that is not about files."""
        try:
            tool = await self._tools.find(call.name, self._allowed)
        except (UnknownTool, Unavailable) as error:
            raise AgentError("crashed", str(error)) from None
        except NotAllowed as error:
            raise AgentError("stopped", str(error)) from None
        # One that has nothing but this tool, and calls it once.
        asker = AgentRequest(
            id=request.id,
            prompt="",
            model="",
            tools=(call.name,),
            timeout=None,
            retries=0,
            identity=request.identity,
        )
        toolbox = Toolbox((tool,), self._allowed, Calling(request=asker, folders=self._folders))
        try:
            value = await toolbox.data(tool, call.arguments)
        except ToolRefused as refusal:
            raise AgentError("refused", str(refusal)) from None
        return HostReply(value=value, by="tool", touched=tuple(toolbox.calling.touched))


class Found(Finder):
    """The tools for one call, by the names and with the parameters of `weft.primitives.tools`."""

    def list_files(self, pattern: str = "") -> list[str]:
        """Return the paths that contain a text, sorted."""
        paths = self.paths(pattern)
        if len(paths) > MOST:
            raise ToolRefused(f"there are {len(paths):,} files, and {MOST:,} can be listed: give a narrower pattern")
        return paths

    def read_file(self, path: str, first_line: int | None = None, last_line: int | None = None) -> str:
        """Return lines of a file; without numbers, all of it as it is."""
        if first_line is None and last_line is None:
            text = self.text(path)
            self.touched[f"{path}:1-{max(1, text.count(chr(10)))}"] = None
            return text
        first = max(1, first_line or 1)
        lines = self.lines(path, first, last_line)
        self.touched[f"{path}:{first}-{first + len(lines) - 1}"] = None
        return "\n".join(lines)

    def search_text(
        self, query: str, path: str = "", match: str | None = None, case: bool = False
    ) -> list[dict[str, Any]]:
        """Return the lines that a query finds: by its words where it has any, unless `match` says otherwise."""
        search = Search(
            query=query,
            path=path,
            match=match or ("text" if query.strip() and not words_of(query) else "words"),
            case=case,
        )
        matches = list(islice(self.matches(search), MOST + 1))
        if len(matches) > MOST:
            raise ToolRefused(f"more than {MOST:,} lines are found: say more in the query, or give a path")
        self.touched |= dict.fromkeys(
            [search.said(), *(f"{found.file}:{found.number}-{found.number}" for found in matches)]
        )
        return [{"source": found.file, "line": found.number, "text": found.line} for found in matches]
