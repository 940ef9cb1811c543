"""What a server answers, before the SDK reads it: bounded, and odd parts of it made plain or left out.

The SDK takes all of an answer or nothing, and in the loop of the run: one tool that is not as it should be would cost
all others, and a pattern in what a tool says of its results would be tried on the server's own text without an end.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

from mcp.client import Transport
from mcp.client._transport import ReadStream, TransportStreams, WriteStream
from mcp.shared.dispatcher import coerce_request_id
from mcp.shared.message import SessionMessage
from mcp_types import (
    INVALID_REQUEST,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
    Tool,
    jsonrpc_message_adapter,
)

from weft.runtime.border import clean
from weft.runtime.tools.mcp.telling import told

__all__ = ["GIVES", "MOST_TOOLS", "messages", "vetted"]

LOG = logging.getLogger(__name__)

MOST_TOOLS = 400
"""How many tools a server may have."""

NEEDED = ("name", "title", "description", "inputSchema", "annotations", "execution")
"""What is read of a tool."""

GIVES = "weft/gives"
"""Where the form of its results stands instead: where the protocol has it, the SDK would hold them against it, in the
loop of the run."""

LONGEST_FAULT = 500
"""Characters that are told of an error in a form of its own."""


def messages(line: bytes) -> Iterator[JSONRPCMessage]:
    """Yield the messages of a line: one, or those of a list. An answer that is none fails the call that it is for.

    Raises:
        ValueError: it is no JSON, or not for anybody.
    """
    try:
        said = json.loads(line)
        if b"\\u" in line:
            said = clean(said)  # of half characters, which programs in JavaScript may have
    except RecursionError:
        raise ValueError("too deep") from None
    for entry in said if isinstance(said, list) else [said]:
        yield _message(entry)


def _message(said: Any) -> JSONRPCMessage:
    try:
        return jsonrpc_message_adapter.validate_python(said, by_name=False)
    except ValueError:
        if not isinstance(said, dict) or "method" in said:
            raise
        why = json.dumps(said.get("error", "its answer is no message of the protocol"))[:LONGEST_FAULT]
        return JSONRPCError(jsonrpc="2.0", id=said.get("id"), error=ErrorData(code=INVALID_REQUEST, message=why))


@asynccontextmanager
async def _vetted(transport: Transport, called: str) -> AsyncIterator[TransportStreams]:
    async with transport as (heard, said):
        asked: dict[RequestId, str] = {}
        yield _Heard(heard, asked, called), _Said(said, asked)


def vetted(transport: Transport, called: str) -> Transport:
    """Return a way to speak with a server on which all that it answers is vetted.

    Args:
        transport: The way.
        called: What the server is called.
    """
    return _vetted(transport, called)


class _Said:
    """Takes note of what is asked."""

    def __init__(self, stream: WriteStream[SessionMessage], asked: dict[RequestId, str]) -> None:
        self._stream, self._asked = stream, asked

    async def send(self, item: SessionMessage, /) -> None:
        if isinstance(item.message, JSONRPCRequest):
            self._asked[coerce_request_id(item.message.id)] = item.message.method
        await self._stream.send(item)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._stream.__aexit__(kind, error, trace)


class _Heard:
    """Hands on what is heard."""

    def __init__(
        self, stream: ReadStream[SessionMessage | Exception], asked: dict[RequestId, str], called: str
    ) -> None:
        self._stream, self._asked, self._called = stream, asked, called

    async def receive(self) -> SessionMessage | Exception:
        return self._looked_at(await self._stream.receive())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        return self._looked_at(await self._stream.__anext__())

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._stream.__aexit__(kind, error, trace)

    def _looked_at(self, item: SessionMessage | Exception) -> SessionMessage | Exception:
        message = item.message if isinstance(item, SessionMessage) else None
        if not isinstance(message, JSONRPCResponse):
            return item
        match self._asked.pop(coerce_request_id(message.id), None), message.result:
            case "tools/list", {"tools": list(tools)}:
                message.result["tools"] = [*_tools(tools, self._called)]
            case "tools/call", result if result.get("resultType") != "input_required":
                message.result = _result(result)
        return item


def _tools(listed: list[Any], called: str) -> Iterator[dict[str, Any]]:
    for said in listed[: MOST_TOOLS + 1]:
        tool = {key: said[key] for key in NEEDED if said.get(key) is not None} if isinstance(said, dict) else {}
        try:
            tool["inputSchema"] = {"type": "object", **_held(tool.get("inputSchema", {}))}
            if isinstance(said.get("outputSchema"), dict):
                tool["_meta"] = {GIVES: _held(said["outputSchema"])}
            Tool.model_validate(tool, by_name=False)
        except (AttributeError, TypeError, ValueError, RecursionError):
            name = str(tool.get("name"))[:60]
            LOG.warning("the tool %r of the server %r is left out: it is not as the protocol has it", name, called)
        else:
            yield tool


def _held(schema: Any) -> Any:
    """Return a schema without patterns of another dialect than Python's, by which its server alone can go."""
    if isinstance(schema, list):
        return [_held(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _held(part) for key, part in schema.items() if key != "pattern" or not _of_another_dialect(part)}


def _of_another_dialect(pattern: Any) -> bool:
    try:
        return isinstance(pattern, str) and not re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return True


def _result(said: dict[str, Any]) -> dict[str, Any]:
    """Return what a call has come to, with one text in place of all that it gives, however many parts that are."""
    content = said.get("content", [])
    if not isinstance(content, list):
        return said  # which is none
    result = {**said, "content": [{"type": "text", "text": told(content)}]}
    result["isError"] = said.get("isError") is True
    data = result.pop("structuredContent", None)
    if data is not None:
        result["structuredContent"] = data if isinstance(data, dict) else {"result": data}
    return result
