"""How many spans a receiver has really taken, of those that were made: what is refused, cut off or too much is not."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from requests import PreparedRequest, RequestException, Response, Session

__all__ = ["Asking", "Counting", "Made", "rejected"]

MOST_BYTES = 64 * 1024
"""Bytes of an answer of a receiver that are looked at; all they can hold is how many it does not take, and why."""

SECONDS = 5.0
"""How long an answer may take from its beginning to there."""


class Made(SpanProcessor):
    """Counts the spans that were made."""

    count = 0

    def on_end(self, span: ReadableSpan) -> None:
        """Count one more."""
        self.count += 1


class Counting(SpanExporter):
    """Sends spans by another exporter, and counts those that are taken."""

    def __init__(self, exporter: SpanExporter) -> None:
        """Prepare to send."""
        self._exporter = exporter
        self.made = Made()
        """Those that there are, where it is a processor of the provider."""
        self.taken = 0
        """How many the receiver has taken."""

    def reject(self, count: int) -> None:
        """Note that the receiver does not take so many of those that are being sent."""
        self.taken -= count

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans."""
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self.taken += len(spans)
        return result

    def shutdown(self) -> None:
        """Send nothing any more."""
        self._exporter.shutdown()


class Asking(Session):
    """Sends something to a receiver: it looks at the beginning of an answer alone, and knows that none takes elsewhere.

    Spans that are sent away by a redirect are lost, though nothing says that this has failed.
    """

    def __init__(self, heard: Callable[[bytes], object]) -> None:
        """Prepare to send; `heard` is told what was answered where it was taken."""
        super().__init__()
        self._heard = heard

    def send(self, request: PreparedRequest, **how: Any) -> Response:
        """Send a request."""
        with super().send(request, **{**how, "stream": True}) as answer:
            if 300 <= answer.status_code < 400:
                raise RequestException("it is sent elsewhere")
            told = Response()
            told.status_code, told.reason, told.headers = answer.status_code, answer.reason, answer.headers
            told.raw = BytesIO(_beginning(answer))
        if told.ok:
            self._heard(told.content)
        return told


def _beginning(answer: Response) -> bytes:
    until, read = time.monotonic() + SECONDS, bytearray()
    for part in answer.iter_content(1):
        read += part
        if len(read) >= MOST_BYTES or time.monotonic() > until:
            break
    return bytes(read[:MOST_BYTES])


def rejected(answer: bytes) -> int:
    """Return how many spans a receiver says that it does not take, of a request that it has answered well."""
    try:
        said = ExportTraceServiceResponse.FromString(answer)
    except DecodeError:
        return 0
    return max(0, int(said.partial_success.rejected_spans))
