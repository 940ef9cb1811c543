"""What changes of a run, or of the list of runs, while somebody looks on, as server-sent events; see `feeds`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from anyio.to_thread import run_sync
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from weft.primitives.errors import WeftError
from weft.runtime.errors import UsageError, error_object
from weft.runtime.serving.asked import Asked
from weft.runtime.serving.feeds import Feeds, Seen
from weft.runtime.serving.reading import runs
from weft.runtime.serving.told import as_bytes

__all__ = ["list_stream", "stream"]

BEAT_S = 15
"""How long a stream is silent at most."""
PATIENCE_S = 60
"""How long a viewer may take for what is sent; then its connection is ended."""


async def stream(asked: Asked) -> Response:
    """Send what changes of a run, as server-sent events, at most four times a second.

    Parameter: `after`, the `seq` of the snapshot; the header `Last-Event-ID` counts before it. `change` has `seq`, the
    parts of the `head` that are others now, and rows of `agents` that are new or others now, in columns, told apart by
    `id`. `resync` says to take a new snapshot: too much has changed, or the run was begun again. `problem` has an
    `error`. After these two the stream ends. `clock` is sent each 15 s.
    """
    return await _stream(asked, await run_sync(lambda: asked.feed), asked.text("after", "0"))


async def list_stream(asked: Asked) -> Response:
    """Send what changes of the list of runs, as server-sent events, at most once a second.

    Parameters: those of the list. `change` has `order`, the cursors of all runs in the list; of `runs` those that are
    new or others now, told apart by `cursor`, and at the beginning all; and `next`. `problem` and `clock` are as for a
    run.
    """
    words = "&".join(sorted(f"{name}={value}" for name, value in asked.query.multi_items()))
    return await _stream(asked, asked.service.summaries.listing(words, lambda: runs(asked)), "0")


async def _stream(asked: Asked, seen: Seen, after: str) -> Response:
    told = asked.headers.get("last-event-id") or after
    try:
        since = float(told)
    except ValueError:
        raise UsageError(f"{told!r} is no position in a run", fix="?after=SEQ of a snapshot") from None
    await run_sync(seen.read, abandon_on_cancel=True)  # what cannot be read is said before a stream begins
    return EventSourceResponse(
        _events(asked.service.feeds, seen, since),
        ping=BEAT_S,
        ping_message_factory=lambda: ServerSentEvent(_now(), event="clock"),
        send_timeout=PATIENCE_S,
        sep="\n",
    )


async def _events(feeds: Feeds, seen: Seen, since: float) -> AsyncIterator[bytes | ServerSentEvent]:
    try:
        async for change in feeds.changes(seen, since):
            yield change.event
    except WeftError as error:
        yield ServerSentEvent(as_bytes({"error": error_object(error)}).decode(), event="problem")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
