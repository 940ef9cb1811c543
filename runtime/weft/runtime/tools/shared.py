"""Facts that all runs of a project share, on several machines: the tools `remember` and `recall` over a Redis server.

What a fact is, and what the run keeps of it in its journal, is `facts`. These facts do not stay within the run, so the
tools are granted as those that a project adds. Whatever goes wrong here is told to whoever made the call, and costs
nobody else anything; by which password the server is reached is told to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from pydantic import TypeAdapter, ValidationError

from weft.runtime.journal.facts import Fact
from weft.runtime.project.tooling import FactsConfig, Missing, filled_in, missing_in
from weft.runtime.tools.built_in import RECALL, REMEMBER
from weft.runtime.tools.facts import MAX_ALL, MAX_FACTS, recall, recalled, remember, stands, too_many
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.registry import Source, Unavailable
from weft.runtime.tools.tool import Tool

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["SharedFacts", "shared_tools"]

PREFIX = "weft:facts:"
"""What the name stands behind; all facts of one are in one hash, so that one command is rid of them."""

AT_ONCE = 8
"""Connections of a run."""

PATIENCE, LONGEST = 5.0, 10.0
"""Seconds that the server may be silent, and that a call may take with its turn to come."""

MOST_BYTES = 8 * MAX_ALL
"""What the server may answer at once: all facts, in JSON."""

MISSING_LIBRARY = "the library for it is not there: pip install 'weft[redis]'"

_FACTS = TypeAdapter(list[Fact])

NO_ANSWER = "it answers what is no answer"
NO_FACT = "something that stands there is no fact"

FIND = """
local key, prefix, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
if key ~= '' then return {'found', '[' .. (redis.call('HGET', KEYS[1], key) or '') .. ']'} end
local all, found, size = redis.call('HGETALL', KEYS[1]), {}, 0
for i = 1, #all, 2 do
  if all[i] ~= '' and all[i]:sub(1, #prefix) == prefix then
    found[#found + 1] = all[i + 1]
    size = size + #all[i + 1]
  end
end
if size > most then return {'full'} end
return {'found', '[' .. table.concat(found, ',') .. ']'}
"""
"""Returns a list of facts in JSON. No fact has the key of no letters, under which stands how large all are."""

SET = """
local key, value, call, by = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local expected, size = tonumber(ARGV[5]), tonumber(ARGV[6])
local most_facts, most_size = tonumber(ARGV[7]), tonumber(ARGV[8])
local stood, version, before = redis.call('HGET', KEYS[1], key), 0, 0
if stood then
  local read, fact = pcall(cjson.decode, stood)
  if not read or type(fact) ~= 'table' or not fact.version or not fact.size then return {'odd'} end
  if fact.call == call then return {'set', stood} end
  version, before = fact.version, fact.size
end
if expected and expected ~= version then return {'stands', stood or ''} end
local all = (tonumber(redis.call('HGET', KEYS[1], '')) or 0) + size - before
if all > most_size then  -- unless somebody has removed some by hand
  all = size - before
  for _, other in ipairs(redis.call('HVALS', KEYS[1])) do
    local read, fact = pcall(cjson.decode, other)
    if read and type(fact) == 'table' then all = all + (fact.size or 0) end
  end
end
local facts = redis.call('HLEN', KEYS[1]) - redis.call('HEXISTS', KEYS[1], '')
if all > most_size or (not stood and facts >= most_facts) then return {'full'} end
local fact = cjson.encode({key = key, value = value, version = version + 1, size = size, by = by, call = call})
redis.call('HSET', KEYS[1], key, fact, '', all)
return {'set', fact}
"""
"""Returns what came of it, and what stands there. Where the same call is made again, it finds what it has set."""


def shared_tools(config: FactsConfig) -> tuple[Source, ...]:
    """Return the tools by which runs share facts, in place of those of the same names that every run has."""
    store = SharedFacts(config)
    return (
        _SharedTool(
            replace(
                REMEMBER,
                description=REMEMBER.description.replace("of this run", "of this and other runs"),
                acts="idempotent",
                call=partial(remember, store=store),
                free=False,
            ),
            store,
        ),
        _SharedTool(
            replace(
                RECALL,
                description=RECALL.description.replace("of this run", "of this and other runs"),
                call=partial(recall, store=store),
                data=partial(recalled, store=store),
                free=False,
            ),
            store,
        ),
    )


class _SharedTool:
    """One of these tools; implements `Source`."""

    def __init__(self, tool: Tool, store: SharedFacts) -> None:
        self.name = tool.name
        self.shown = store.config.shown
        self.binds = f"{self.shown} sha256:{store.config.digest}"
        self.version = ""
        self._tool = tool
        self._store = store

    def lacks(self) -> str | None:
        """Return which variable is not set, or that the library is not there."""
        return MISSING_LIBRARY if find_spec("redis") is None else missing_in([self._store.config.redis])

    async def tools(self) -> Sequence[Tool]:
        """Return it.

        Raises:
            Unavailable: the server has never answered so far.
        """
        await self._store.check()
        return (self._tool,)

    async def close(self) -> None:
        """Let go of the server."""
        await self._store.close()


class SharedFacts:
    """The facts of one name on one server; implements `Store`."""

    def __init__(self, config: FactsConfig) -> None:
        self.config = config
        self._redis: Redis | None = None
        self._secrets: tuple[str, ...] = ()
        self._places = anyio.CapacityLimiter(AT_ONCE)
        self._answered = False

    async def check(self) -> None:
        """See that the server answers, unless it has before.

        Raises:
            Unavailable: it does not.
        """
        if self._answered:
            return
        try:
            await self.find("?")
        except ToolRefused as refusal:
            raise Unavailable(str(refusal)) from None

    async def find(self, key: str | None = None, prefix: str | None = None) -> list[Fact]:
        """Return facts; see `Store`."""
        if key == "":
            return []
        match await self._ask(FIND, key or "", prefix or "", MOST_BYTES):
            case [b"found", bytes(there)]:
                return await anyio.to_thread.run_sync(self._facts, there)
            case [b"full"]:
                raise too_many()
        raise self._refusal(NO_ANSWER)

    async def set(self, fact: Fact, expected: int | None) -> Fact:
        """Set a fact; see `Store`."""
        size = len(fact.key) + len(fact.value)
        what = fact.key, fact.value, fact.call, fact.by, "" if expected is None else expected
        match await self._ask(SET, *what, size, MAX_FACTS, MAX_ALL):
            case [b"set", bytes(there)]:
                return self._fact(there)
            case [b"stands", bytes(there)] if expected is not None:
                raise stands(fact.key, expected, self._fact(there) if there else None)
            case [b"full"]:
                raise too_many()
            case [b"odd"]:
                raise self._refusal(NO_FACT)
        raise self._refusal(NO_ANSWER)

    async def close(self) -> None:
        """Close all connections."""
        if self._redis is not None:
            redis, self._redis = self._redis, None
            await redis.aclose()

    async def _ask(self, script: str, *arguments: str | int) -> list[Any]:
        """Have the server do something, all at once.

        Raises:
            ToolRefused: it cannot, with why.
        """
        redis: Any = self._connected()  # what it returns has many types, and is none of them here
        try:
            with anyio.fail_after(LONGEST):
                async with self._places:  # first come, first served: the pool has no order
                    answer = await redis.execute_command("EVAL", script, 1, PREFIX + self.config.name, *arguments)
        except Exception as error:  # noqa: BLE001 - what answers there may be anything
            raise self._refusal(self._said(error)) from None
        if not isinstance(answer, list):
            raise self._refusal(NO_ANSWER)
        self._answered = True
        return answer

    def _connected(self) -> Redis:
        """Return what asks the server; it is not connected before it is asked.

        Raises:
            ToolRefused: nobody knows where it is, or the library is missing.
        """
        if self._redis is not None:
            return self._redis
        try:
            from redis.asyncio import ConnectionPool, Redis
            from redis.asyncio.connection import parse_url
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff
        except ImportError:
            raise self._refusal(MISSING_LIBRARY) from None
        try:
            url = filled_in(self.config.redis)
            where: dict[str, Any] = dict(parse_url(url))
        except Missing as missing:
            raise self._refusal(str(missing)) from None
        except ValueError:  # whose text may have a part of the password
            raise self._refusal("its address is none as redis://USER:PASSWORD@HOST:PORT/NUMBER") from None
        self._secrets = (url, where["password"]) if where.get("password") else (url,)
        once = Retry(NoBackoff(), 0)  # whether a call that came to nothing is made again, is for the agent to say
        where |= {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": once, "protocol": 2}
        where |= {"decode_responses": False, "redis_connect_func": _begin}
        self._redis = Redis.from_pool(ConnectionPool(**where))
        return self._redis

    def _facts(self, there: bytes) -> list[Fact]:
        """Return facts in the order of their keys."""
        try:
            return sorted(_FACTS.validate_json(there), key=attrgetter("key"))
        except ValidationError:
            raise self._refusal(NO_FACT) from None

    def _fact(self, there: bytes) -> Fact:
        match self._facts(b"[%b]" % there):
            case [fact]:
                return fact
        raise self._refusal(NO_FACT)

    def _said(self, error: Exception) -> str:
        """Return what went wrong, without what is a secret: there are servers that repeat what they are told."""
        from redis.exceptions import TimeoutError as Silent

        if isinstance(error, TimeoutError | Silent):
            return "it does not answer in time; what was asked of it may be done all the same"
        said = " ".join(str(error).split())[:300] or type(error).__name__
        for secret in self._secrets:
            said = said.replace(secret, "***")
        return said

    def _refusal(self, why: str) -> ToolRefused:
        return ToolRefused(f"the {self.config.shown} cannot be used now: {why}")


async def _begin(connection: Any) -> None:
    """Begin to talk with a server, of which no answer is read that is longer than all facts could be."""
    from redis.exceptions import InvalidResponse

    read = connection._reader.readexactly

    async def bounded(count: int) -> bytes:
        if not 0 <= count <= MOST_BYTES:
            raise InvalidResponse("it answers more than facts may be")
        found: bytes = await read(count)
        return found

    connection._reader.readexactly = bounded
    await connection.on_connect()
