"""A server that is an address: its answers are bounded, and not unpacked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2
from mcp.client import Transport
from mcp.client._transport import TransportStreams
from mcp.client.streamable_http import streamable_http_client

from weft.runtime.tools.mcp.speaking import MOST_AT_ONCE, MOST_BYTES
from weft.runtime.tools.mcp.standing import Standing

__all__ = ["TooMuch", "asking"]

CONNECTS, ANSWERS = 15.0, 600.0
"""Seconds that it may take to reach a server, and between two parts of an answer; calls have limits of their own."""


class TooMuch(httpx2.TransportError):
    """An answer has more than it may."""


def asking(url: str, headers: Mapping[str, str], standing: Standing) -> Transport:
    """Return how the SDK speaks with a server at an address."""
    return _asking(url, headers, standing)


@asynccontextmanager
async def _asking(url: str, headers: Mapping[str, str], standing: Standing) -> AsyncIterator[TransportStreams]:
    async with (
        httpx2.AsyncClient(
            headers={**headers, "Accept-Encoding": "identity"},
            timeout=httpx2.Timeout(CONNECTS, read=ANSWERS),
            transport=_Bounded(standing),
        ) as client,
        streamable_http_client(url, http_client=client, max_sse_event_size=MOST_BYTES) as streams,
    ):
        yield streams


class _Bounded(httpx2.AsyncHTTPTransport):
    """Hands on answers until they are too long."""

    def __init__(self, standing: Standing) -> None:
        super().__init__()
        self._standing = standing

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        response.headers.pop("Content-Encoding", None)  # a little packed can be very much
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        events = response.headers.get("Content-Type", "").startswith("text/event-stream")  # each of which has its own
        response.stream = _Counted(response.stream, MOST_AT_ONCE if events else MOST_BYTES, self._standing)
        return response


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, most: int, standing: Standing) -> None:
        self._stream = stream
        self._most = most
        self._standing = standing

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                self._standing.end(f"sent more than {self._most // 2**20} MB in one answer")
                raise TooMuch(self._standing.problem or "")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
