"""How long a silent model is listened to, by what was heard of it; in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import pytest
from httpx2 import AsyncByteStream, Response

from weft.runtime.agents.hearing import Ear, hear_stream
from weft.runtime.clock import VirtualClock

STALL, FIRST = 10.0, 25.0


class Pieces(AsyncByteStream):
    """A stream that comes in pieces, and then no more."""

    def __init__(self, pieces: list[tuple[float, bytes]], clock: VirtualClock) -> None:
        self._pieces = pieces
        self._clock = clock

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for after, data in self._pieces:
            await self._clock.sleep(after)
            yield data
        await self._clock.wait(anyio.Event())


def cut_at(*pieces: tuple[float, bytes], **headers: str) -> float:
    """Return when a turn is cut of which so much was heard."""

    async def main() -> float:
        clock = VirtualClock()
        ear = Ear(clock, STALL, FIRST)
        async with ear.listening():
            response = Response(200, headers=headers, stream=Pieces([*pieces], clock))
            hear_stream(response)
            async for _ in response.aiter_raw():
                pass
        assert ear.cut
        return clock.now()

    return anyio.run(main)


@pytest.mark.parametrize(
    ("pieces", "seconds"),
    [
        ([], FIRST),
        ([(5.0, b"event: message_start\ndata: {}\n\n")], 5 + FIRST),
        ([(5.0, b"event: ping\ndata: {}\n\n")], 5 + STALL),
        ([(5.0, b"event: ping\r\ndata: {}\r\n\r"), (4.0, b"\n")], 9 + STALL),
        ([(5.0, b"data: {}\n\n: still here\n\n")], 5 + STALL),
        ([(9.0, b"event: ping\ndata: {}\n\n")] * 20, 20 * 9 + STALL),
    ],
)
def test_it_is_cut_when_no_sign_of_life_came_for_long(pieces: list[tuple[float, bytes]], seconds: float) -> None:
    assert cut_at(*pieces) == pytest.approx(seconds)


def test_bytes_that_trickle_in_are_no_sign_of_life() -> None:
    assert cut_at(*[(1.0, b"d")] * 100) == pytest.approx(FIRST)


def test_what_is_packed_cannot_be_told_apart() -> None:
    assert cut_at(*[(9.0, b"\x1f\x8b")] * 5, **{"content-encoding": "gzip"}) == pytest.approx(45 + FIRST)
