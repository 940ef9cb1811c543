"""Whether a model still gives signs of life while it answers: parts of the answer, or pings of its provider.

The clients of providers drop what is no part of an answer, so that is heard below them, where the bytes come in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import anyio
from httpx2 import AsyncByteStream, ReadError, Response

from weft.runtime.clock import Clock
from weft.runtime.errors import single
from weft.runtime.working import quiet

__all__ = ["Ear", "hear_stream"]

ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")
"""How an event of a stream ends, and a comment between events (html.spec.whatwg.org, server-sent events)."""

PINGS = (b"event: ping", b"event:ping", b"\n:", b"\r:")
"""What a ping looks like: an event of Anthropic's, or a comment."""

END = b"data: [DONE]"
"""How a stream in OpenAI's chat protocol says that it is whole."""

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of one response that are taken in: several times what the longest answer comes to as a stream."""

LONGEST_MARK = 12
"""Bytes that the longest of all these has at most."""


class Ear:
    """Listens for a model: says so when it has been silent for a while, and cuts its turn when that lasts."""

    def __init__(self, clock: Clock, stall: float, first: float, began: Callable[[], None] | None = None) -> None:
        """Begin to listen.

        Args:
            clock: What to wait by.
            stall: Seconds of silence after which the turn is cut.
            first: The same before the first part of the answer, or a ping, has come.
            began: Called when the response begins.
        """
        self._clock = clock
        self._stall = stall
        self._patience = first
        self._began = began
        self._scope = anyio.CancelScope()
        self._heard_at = clock.now()
        self.end_heard = False
        """Whether the stream has said that it is whole, or nobody could have heard that."""

    @property
    def cut(self) -> bool:
        """Whether the turn was cut."""
        return self._scope.cancelled_caught

    @property
    def patience(self) -> float:
        """Seconds of silence after which the turn is cut by now."""
        return self._patience

    def hear(self) -> None:
        """Note a part of the answer."""
        self.hear_event(expected=True)

    def hear_event(self, *, expected: bool) -> None:
        """Note a sign of life.

        Args:
            expected: Whether another has to come soon: the answer has begun, or the provider has sent a ping.
        """
        self._heard_at = self._clock.now()
        if expected:
            self._patience = self._stall
        if self._began is not None:
            began, self._began = self._began, None
            began()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen while the block lasts; it is left early where the turn is cut."""
        token = _listening.set(self)
        try:
            async with anyio.create_task_group() as tasks:
                self._clock.begin()
                tasks.start_soon(self._watch)
                with self._scope:
                    yield
                tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            error = single(group)
            raise error from error.__cause__  # the group would hide where it came from
        finally:
            _listening.reset(token)

    async def _watch(self) -> None:
        try:
            await self._silence(0.5)
            quiet(self._clock.now() - self._heard_at)
            await self._silence(1.0)
            self._scope.cancel()
        finally:
            self._clock.end()

    async def _silence(self, part: float) -> None:
        """Return when nothing has been heard for that part of the patience."""
        while (left := self._heard_at + self._patience * part - self._clock.now()) > 1e-6:
            await self._clock.sleep(left)


_listening: ContextVar[Ear | None] = ContextVar("listening", default=None)


def hear_stream(response: Response) -> None:
    """Let whoever listens for the model hear the events of a response as they come, whatever is made of them.

    Whether anybody does or not, no more of it is taken in than can be an answer.
    """
    if isinstance(response.stream, AsyncByteStream):
        packed = response.headers.get("content-encoding", "identity") != "identity"
        response.stream = _Heard(response.stream, _listening.get(), packed=packed)


class _Heard(AsyncByteStream):
    """A stream of which each whole event is heard, but not its parts: bytes that trickle in are no sign of life.

    It breaks off where it is too much to be an answer. Where it is packed, nobody can tell before it is unpacked, and
    all that comes is heard.
    """

    def __init__(self, stream: AsyncByteStream, ear: Ear | None, *, packed: bool) -> None:
        self._stream = stream
        self._ear = ear
        self._packed = packed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left, recent, pinged = MOST_BYTES, b"\n", False
        async for data in self._stream:
            left -= len(data)
            if left < 0:
                raise ReadError(f"the response is larger than {MOST_BYTES // 1024**2} MiB")
            if self._ear is not None:
                recent, pinged = self._hear(self._ear, recent + data, pinged=pinged)
            yield data

    def _hear(self, ear: Ear, recent: bytes, *, pinged: bool) -> tuple[bytes, bool]:
        """Hear what has come, and return what of it may go on, and whether a ping has begun in it."""
        pinged = pinged or any(ping in recent for ping in PINGS)
        ear.end_heard = ear.end_heard or self._packed or END in recent
        whole = max((recent.rfind(end) + len(end) for end in ENDS if end in recent), default=0)
        if whole or self._packed:
            ear.hear_event(expected=pinged)
            recent, pinged = b"\n" + recent[whole:], False
        return recent[-LONGEST_MARK:], pinged

    async def aclose(self) -> None:
        await self._stream.aclose()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
