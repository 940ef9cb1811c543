"""Answers: data as JSON or text without secrets, errors in their four parts. Nothing in here is HTML."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from weft.primitives.errors import WeftError
from weft.runtime.errors import Diverged, NotFound, ProviderError, Refused, UsageError, error_object
from weft.runtime.serving.told import as_bytes

__all__ = ["compressed", "failed", "json_lines", "json_reply", "text_reply"]

EMPTY: Mapping[str, Any] = {}

WORTH_IT = 1_000
"""From how many bytes on an answer is compressed."""

STATUSES: tuple[tuple[type[WeftError], int], ...] = (
    (NotFound, 404),
    (UsageError, 400),
    (Refused, 409),
    (ProviderError, 502),
    (Diverged, 409),
)
"""The status of each kind of error; 500 for all others."""


def json_reply(request: Request, data: Any, status: int = 200) -> Response:
    """Return data as an answer, compressed where that is taken and worth it."""
    return _reply(request, as_bytes(data), "application/json", status)


def json_lines(request: Request, rows: Iterable[Any]) -> Response:
    """Return rows as an answer in which each is a line of JSON."""
    return _reply(request, b"".join(as_bytes(row) + b"\n" for row in rows), "application/x-ndjson")


def text_reply(request: Request, text: str) -> Response:
    """Return text in the format of Prometheus as an answer."""
    return _reply(request, text.encode("utf-8", "replace"), "text/plain; version=0.0.4")


def _reply(request: Request, body: bytes, media: str, status: int = 200) -> Response:
    if len(body) < WORTH_IT or not _takes_gzip(request):
        return Response(body, status, media_type=media)
    return Response(gzip.compress(body, 6, mtime=0), status, {"Content-Encoding": "gzip"}, media)


def compressed(request: Request, body: bytes) -> Response:
    """Return JSON that is compressed already as an answer."""
    if _takes_gzip(request):
        return Response(body, headers={"Content-Encoding": "gzip"}, media_type="application/json")
    return Response(gzip.decompress(body), media_type="application/json")


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def failed(
    request: Request, error: WeftError, status: int | None = None, around: Mapping[str, Any] = EMPTY
) -> Response:
    """Return an error as an answer: what happened, where, what it means, what to do; `around` is told with it."""
    of_kind = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
    return json_reply(request, {**around, "error": error_object(error)}, status or of_kind)
