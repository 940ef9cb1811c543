"""What was asked to be done is done once, however often it is asked under the same `Idempotency-Key`.

The answers are kept in memory: a server that is started again knows none of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from starlette.responses import Response

from weft.runtime.errors import Refused, UsageError

__all__ = ["Once"]

MOST_KEPT = 500
"""How many answers are kept, the latest."""
LONGEST = 200
"""How many letters a key may have."""


class Once:
    """Keeps what was answered to each key."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Hashable, asyncio.Future[Response]]] = {}

    async def answer(self, key: str | None, asked: Hashable, work: Callable[[], Awaitable[Response]]) -> Response:
        """Return the answer to what is asked: the one before where it was asked already, under the same key.

        What is done for a key goes on although whoever asked has gone: they will ask again.

        Raises:
            UsageError: the key is too long.
            Refused: something else was asked under it.
        """
        if key is None:
            return await work()
        if not 0 < len(key) <= LONGEST:
            raise UsageError(f"an Idempotency-Key has 1 to {LONGEST} letters", meaning="nothing was done")
        if key not in self._kept:
            self._kept[key] = asked, asyncio.ensure_future(work())
            self._forget()
        before, answering = self._kept[key]
        if before != asked:
            raise Refused(
                "something else was asked under this Idempotency-Key", meaning="nothing was done", fix="use a new key"
            )
        kept = await asyncio.shield(answering)
        return Response(kept.body, kept.status_code, dict(kept.headers))

    def _forget(self) -> None:
        """Forget the oldest answers; what is still being done is not done twice, however many there are."""
        answered = [key for key, (_, answering) in self._kept.items() if answering.done()]
        for key in answered[: max(0, len(self._kept) - MOST_KEPT)]:
            del self._kept[key]
