"""How many spans a receiver has really taken, of those that were made: what is refused, cut off or too much is not."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

__all__ = ["Counting", "Made", "rejected"]

MOST_BYTES = 64 * 1024
"""Bytes of an answer of a receiver that are looked at; all they can hold is how many it does not take, and why."""


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


def rejected(answer: bytes) -> int:
    """Return how many spans a receiver says that it does not take, of a request that it has answered well."""
    try:
        said = ExportTraceServiceResponse.FromString(answer[:MOST_BYTES])
    except DecodeError:
        return 0
    return max(0, int(said.partial_success.rejected_spans))
