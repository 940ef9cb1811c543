"""One server for a run: started when it is first needed, asked by all agents, started once more where it has ended.

It is a stranger. What it says of its tools holds as it was when they were first listed: one that it changes meanwhile
is not called any more. It is answered nothing that it asks for itself. Whatever goes wrong is told to the agent whose
call it was, and costs nobody else anything.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from contextvars import Context
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio

from weft.primitives.tools import Acts
from weft.runtime.border import masked
from weft.runtime.plain import plain
from weft.runtime.project.told import keep_told
from weft.runtime.project.tooling import Missing, ServerConfig, filled_in, missing_in
from weft.runtime.schemas.fitting import schema_fault_now
from weft.runtime.tools.bound import Bound
from weft.runtime.tools.mcp.standing import Standing
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.registry import Unavailable
from weft.runtime.tools.tool import Calling, Tool, as_given, asked_of

if TYPE_CHECKING:
    import mcp_types as types
    from mcp.client import Client, IncomingMessage, Transport

__all__ = ["Server"]

LOG = logging.getLogger(__name__)

STARTS = 60.0
"""Seconds until a server that was started has listed its tools."""

MOST_STARTS, MOST_CALLS = 2, 10
"""How often it is started in one run; where it is an address, how often it is turned to anew."""

ANSWERS = 5.0
"""Seconds in which one says that it is still there, once a call of it has failed."""

LEAVES = 0.5
"""Seconds in which one that has ended is seen to have."""

GOES = 8.0
"""Seconds that it may take to be rid of one."""

MOST_PAGES = 50
"""On how many pages a server may list its tools."""

LONGEST_NAME, LONGEST_DESCRIPTION, LARGEST_SCHEMA = 128, 4_000, 60_000
"""Characters of what it says of one of them."""

INHERITED = ("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER")
"""What a server is told of the environment without being given it: no secrets."""

MISSING_LIBRARY = "the library for it is not there: pip install 'weft[mcp]'"


class Server:
    """The tools of one server; implements `Source`."""

    def __init__(self, name: str, config: ServerConfig, folder: Path) -> None:
        """Prepare to start it.

        Args:
            name: What it is called in `weft.toml`.
            config: What that says of it.
            folder: The project's.
        """
        self.name = f"mcp:{name}.*"
        self.shown = masked(config.shown)
        self._bound = Bound(folder / (config.cwd or ""), [config.command or "", *config.args])
        self.binds = f"{self.shown} sha256:{config.digest} {self._bound.digest}"
        self._called = name
        self._config = config
        self._folder = folder
        self._starts = 0
        self._starting = anyio.Lock()
        self._session: _Session | None = None
        self._told: set[tuple[str, str]] = set()
        """Which agents know why it cannot be used."""
        self._listed: dict[str, Tool] | None = None
        """As it was when they were first listed."""

    def lacks(self) -> str | None:
        """Return which variable is not set, or that the library is not there."""
        said = self._config
        texts = [said.command or "", *said.args, *said.env.values(), said.url or "", *said.headers.values()]
        return MISSING_LIBRARY if find_spec("mcp") is None else missing_in(texts)

    async def tools(self) -> Sequence[Tool]:
        """Return its tools.

        Raises:
            Unavailable: it does not start, has ended too often, or is not what it was when the run began.
        """
        if self._listed is None:
            session = await self._there()
            self._listed = self._listed or self._known(session.listed)
            gives = {tool.name: given for tool in session.listed if (given := _gives(tool)) is not None}
            await anyio.to_thread.run_sync(keep_told, self._folder, self._called, self._config, gives)
        return tuple(self._listed.values())

    @property
    def version(self) -> str:
        """What it calls itself, with its version, as far as it says."""
        info = None if self._session is None else self._session.info
        return "" if info is None else plain(f"{info.name} {info.version}".strip())[:100]

    async def close(self) -> None:
        """End it."""
        if self._session is not None:
            await self._session.close()

    async def _there(self) -> _Session:
        """Return it as it runs; start it where it does not, or not any more."""
        async with self._starting:
            session = self._session
            if session is None or session.problem is not None:
                session = await self._started(session)
        await session.ready.wait()
        if session.problem is not None:
            raise Unavailable(f"the server {self._called!r} {masked(session.problem)}")
        return session

    async def _started(self, before: _Session | None) -> _Session:
        """Start it, in place of one that has ended."""
        if self._starts >= (MOST_STARTS if self._config.url is None else MOST_CALLS):
            why = "" if before is None else f": it {before.problem}"
            raise Unavailable(f"the server {self._called!r} is not started again in this run{masked(why)}")
        if before is not None:
            await before.close()
        self._bound.check()
        self._starts += 1
        self._session = _Session(self._called, self._config, self._folder)
        return self._session

    # ------------------------------------------------------------------------------------------ its tools

    def _known(self, listed: Sequence[types.Tool]) -> dict[str, Tool]:
        found: dict[str, Tool] = {}
        for tool in listed:
            fault = _fault(tool, found, self.name[:-1])
            if fault is None:
                known = self._tool(tool)
                found[known.name] = known
            else:
                LOG.warning("the tool %r of the server %r is left out: it %s", tool.name[:60], self._called, fault)
        return found

    def _tool(self, tool: types.Tool) -> Tool:
        name = f"{self.name[:-1]}{tool.name}"
        said = plain(tool.description or tool.title or "")[:LONGEST_DESCRIPTION].strip()
        return Tool(
            name=name,
            description=said or f"The tool {tool.name} of {self._called}.",
            acts=self._config.acts.get(tool.name) or _acts(tool.annotations),
            parameters={**tool.input_schema, "type": "object"},
            call=partial(self._call, tool),
            data=partial(self._data, tool),
            subject=as_given,
            foreign=True,
            example='*"main"*',
        )

    async def _call(self, tool: types.Tool, at: Calling, arguments: dict[str, Any]) -> str:
        from weft.runtime.tools.mcp.telling import text_of

        return text_of(await self._result(tool, at, arguments))

    async def _data(self, tool: types.Tool, at: Calling, arguments: dict[str, Any]) -> Any:
        from weft.runtime.tools.mcp.telling import data_of

        return data_of(await self._result(tool, at, arguments))

    async def _result(self, tool: types.Tool, at: Calling, arguments: dict[str, Any]) -> types.CallToolResult:
        """Call a tool.

        Raises:
            ToolRefused: it failed, with what is known of why.
        """
        from weft.runtime.tools.mcp.telling import text_of

        try:
            session = await self._there()
        except Unavailable as unavailable:
            told, why = (at.request.identity, str(unavailable)), str(unavailable)
            if told in self._told:
                why = f"the server {self._called!r} cannot be used, as was said before; do without it"
            self._told.add(told)
            raise ToolRefused(why) from None
        if await session.changed(tool):
            raise ToolRefused(f"the server {self._called!r} has changed {tool.name!r} meanwhile, so it is not called")
        at.touched[asked_of(f"{self.name[:-1]}{tool.name}", arguments)] = None
        result = await self._answered(session, tool, at.key, arguments)
        if result.is_error:
            raise ToolRefused(f"{tool.name} of {self._called!r} failed: {text_of(result)[:4_000]}")
        return result

    async def _answered(
        self, session: _Session, tool: types.Tool, key: str, arguments: dict[str, Any]
    ) -> types.CallToolResult:
        garbled = session.standing.garbled
        try:
            with anyio.fail_after(self._config.timeout):
                return await session.call(tool.name, arguments, key)
        except TimeoutError:
            why = f"gave no answer in {self._config.timeout:g} s{session.standing.noise(since=garbled)}"
        except Exception as error:  # noqa: BLE001 - the SDK and what it stands on raise of all kinds
            why = f"failed: {_reason(error)}"
        if not await session.answers(why) and session.problem is not None:
            raise ToolRefused(
                f"the server {self._called!r} {masked(session.problem)}; whether it has done what {tool.name} was "
                "asked for is not known. It is started again when it is needed"
            )
        raise ToolRefused(f"{tool.name} of {self._called!r} {masked(why)}")


class _Session:
    """A server as it runs, from its start to its end, which it lives through in a task of its own."""

    def __init__(self, called: str, config: ServerConfig, folder: Path) -> None:
        self.ready = anyio.Event()
        """Set once it has listed its tools, or will not do so any more."""
        self.problem: str | None = None
        self.listed: list[types.Tool] = []
        self.info: types.Implementation | None = None
        self.standing = Standing()
        self._changed: dict[str, types.Tool] | None = {}
        """What it lists now, where it has said that this is something else; `None` until that is looked at."""
        self._called, self._config, self._folder = called, config, folder
        self._client: Client | None = None
        self._ends, self._over = anyio.Event(), anyio.Event()
        # Of nobody's context: whoever happens to need it first has nothing more to do with it than all others.
        self._task = asyncio.create_task(self._live(), context=Context())

    async def close(self) -> None:
        """End it, and wait until it is gone."""
        self._fail("was ended")
        with anyio.CancelScope(shield=True), anyio.move_on_after(GOES) as late:
            await asyncio.wait([self._task])
        if late.cancelled_caught:
            self._task.cancel()

    def _fail(self, problem: str) -> None:
        self.problem = self.problem or problem
        self._ends.set()
        self.ready.set()

    async def _live(self) -> None:
        try:
            await self._spoken()
        except Missing as missing:
            self._fail(f"is not started: {missing}")
        except ImportError:
            self._fail(f"is not started: {MISSING_LIBRARY}")
        except TimeoutError:
            seen = self.standing.noise(since=0) + self.standing.last_words
            self._fail(f"is not ready after {STARTS:g} s{seen}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to those who need the server
            self._fail(f"cannot be used: {_reason(error)}")
        finally:
            self._fail("has ended")
            self._over.set()

    async def _spoken(self) -> None:
        from mcp.client import Client
        from mcp_types import Implementation

        from weft.runtime.tools.mcp.vetting import vetted

        client = Client(
            vetted(self._transport(), self._called),
            client_info=Implementation(name="weft", version=version("weft")),
            message_handler=self._heard,
            cache=None,
        )
        try:
            with anyio.fail_after(STARTS) as starting:
                async with client:
                    self.listed, self.info = await _listing(client, self._called), client.server_info
                    self._client, starting.deadline = client, math.inf
                    self.ready.set()
                    await self._until_it_ends()
                    self._fail(self.standing.problem or "was ended")
        finally:
            if self.standing.problem is not None:
                self._fail(self.standing.problem)

    async def _until_it_ends(self) -> None:
        """Wait until it ends, or nobody needs it any more."""
        async with anyio.create_task_group() as tasks:

            async def first(ends: anyio.Event) -> None:
                await ends.wait()
                tasks.cancel_scope.cancel()

            tasks.start_soon(first, self.standing.ended)
            tasks.start_soon(first, self._ends)

    def _transport(self) -> Transport:
        config = self._config
        if config.url is not None:
            from weft.runtime.tools.mcp.fetching import asking

            return asking(filled_in(config.url), _filled(config.headers), self.standing)
        from weft.runtime.tools.mcp.speaking import speaking

        assert config.command is not None
        command = [filled_in(part) for part in (config.command, *config.args)]
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return speaking(command, inherited | _filled(config.env), self._folder / (config.cwd or ""), self.standing)

    async def _heard(self, message: IncomingMessage) -> None:
        if getattr(message, "method", None) == "notifications/tools/list_changed":
            self._changed = None

    # ------------------------------------------------------------------------------------------ asking it

    async def call(self, name: str, arguments: dict[str, Any], key: str) -> types.CallToolResult:
        """Call a tool."""
        assert self._client is not None
        meta = cast("types.RequestParamsMeta", {"idempotencyKey": key})  # which is open to more than it names
        return await self._client.call_tool(name, arguments, meta=meta)

    async def changed(self, tool: types.Tool) -> bool:
        """Whether a tool is another than it was when it was first listed."""
        before = {known.name: known for known in self.listed}
        if self._changed is None:
            self._changed = before
            with suppress(Exception):
                assert self._client is not None
                with anyio.fail_after(ANSWERS):
                    self._changed = {known.name: known for known in await _listing(self._client, self._called)}
        now = {**before, **(self._changed or {})}.get(tool.name)
        return now is None or _said(now) != _said(tool)

    async def answers(self, why: str) -> bool:
        """Whether it still answers, after a call has failed; where it does not, it is of no use any more."""
        if self.problem is None and self._client is not None:
            try:
                with anyio.fail_after(ANSWERS):
                    await self._client.list_tools()
            except Exception:  # noqa: BLE001 - what it says is told already
                with anyio.move_on_after(LEAVES):
                    await self._over.wait()  # which tells better than what is seen from here
                self.standing.end(why)
                self._fail(self.standing.problem or why)
        return self.problem is None


async def _listing(client: Client, called: str) -> list[types.Tool]:
    """Return the tools that a server lists, on however many pages, up to as many as are taken."""
    from weft.runtime.tools.mcp.vetting import MOST_TOOLS

    found: list[types.Tool] = []
    cursors: list[str | None] = [None]
    while len(cursors) <= MOST_PAGES and len(found) <= MOST_TOOLS:
        page = await client.list_tools(cursor=cursors[-1])
        found += page.tools
        if page.next_cursor is None or page.next_cursor in cursors:
            return found[:MOST_TOOLS]
        cursors.append(page.next_cursor)
    LOG.warning("the server %r has more tools than are taken: the first %d", called, len(found[:MOST_TOOLS]))
    return found[:MOST_TOOLS]


def _filled(given: Mapping[str, str]) -> dict[str, str]:
    return {name: filled_in(text) for name, text in given.items()}


def _acts(hints: types.ToolAnnotations | None) -> Acts:
    """Return what a tool does to the world, as its server says."""
    if hints is not None and hints.read_only_hint:
        return "reads"
    return "idempotent" if hints is not None and hints.idempotent_hint else "manual"


def _fault(tool: types.Tool, known: Mapping[str, Tool], prefix: str) -> str | None:
    """Return why a tool cannot be called, if so."""
    if re.fullmatch(r"[A-Za-z0-9_./-]+", tool.name) is None:
        return "has a name of other signs than letters, digits, _, -, . and /"
    if len(tool.name) > LONGEST_NAME:
        return "has a name that is too long"
    if any(_to_models(tool.name) == _to_models(other[len(prefix) :]) for other in known):
        return "has the name of another, as models are told it"
    if tool.execution is not None and tool.execution.task_support == "required":
        return "is for those alone who come back for its answer"
    if len(json.dumps(tool.input_schema)) > LARGEST_SCHEMA:
        return "takes more than can be told an agent"
    fault = schema_fault_now({**tool.input_schema, "type": "object"})
    return None if fault is None else f"takes what is no JSON Schema: {fault[:200]}"


def _gives(tool: types.Tool) -> dict[str, Any] | None:
    """Return what a harness is given by a tool, where its server says: see `telling.data_of`."""
    from weft.runtime.tools.mcp.vetting import GIVES

    schema = (tool.meta or {}).get(GIVES)
    if not isinstance(schema, dict) or len(json.dumps(schema)) > LARGEST_SCHEMA or schema_fault_now(schema) is not None:
        return None
    match schema.get("properties"):
        case {"result": dict(inner), **others} if not others:
            return {**inner, **({"$defs": schema["$defs"]} if "$defs" in schema else {})}
    return schema


def _to_models(name: str) -> str:
    return re.sub(r"[./]", "_", name)


def _said(tool: types.Tool) -> str:
    """Return what is said of a tool that an agent or a person goes by."""
    hints = None if tool.annotations is None else tool.annotations.model_dump()
    return json.dumps([tool.description, tool.input_schema, hints], sort_keys=True)


def _reason(error: BaseException) -> str:
    """Return what went wrong, out of however many groups of errors."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    said = " ".join(plain(str(error)).split())[:500]
    if isinstance(error, FileNotFoundError):
        return f"there is no {error.filename!r}"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
