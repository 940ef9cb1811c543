"""To whom spans are sent, by OTLP over HTTP: all of a run that is over, or one after the other while it goes on.

The receiver, its headers and limits are those of the usual variables, `OTEL_EXPORTER_OTLP_…`.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING

from weft.runtime.border import masked, without_user
from weft.runtime.errors import RuntimeFailure, UsageError
from weft.runtime.journal import Watcher
from weft.runtime.journal.events import Event, RunStarted

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan

__all__ = ["live", "receiver", "send"]

BATCH = 512
"""How many spans are sent at once."""

PATIENCE = 5
"""Seconds that the end of a run waits for what is left to be sent, and each request for a receiver."""

USUAL = "http://localhost:4318"


def receiver(named: str | None = None) -> str:
    """Return where spans go, as people may see it: what is named, else what the environment says, else as usual."""
    found = (
        named or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    )
    return masked(without_user(found or USUAL))


def send(events: list[tuple[float, Event]], *, named: str | None = None, content: bool = False) -> int:
    """Send a run with its times, and return how many spans that were. The same run is the same trace each time.

    Args:
        events: The journal.
        named: The address of the receiver, without a path; as the environment says without one.
        content: Whether what agents were asked and answered is sent.

    Raises:
        UsageError: what it takes is not installed.
        RuntimeFailure: the receiver does not take it.
    """
    with _installed():
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import SpanExportResult

        spans = _spans_of(events, content=content)
    with _quietly():
        exporter = OTLPSpanExporter(endpoint=f"{named.rstrip('/')}/v1/traces" if named else None)
        try:
            for begin in range(0, len(spans), BATCH):
                if exporter.export(spans[begin : begin + BATCH]) is not SpanExportResult.SUCCESS:
                    raise _refused(named, begin, len(spans))
        finally:
            exporter.shutdown()  # type: ignore[no-untyped-call]
    return len(spans)


def _spans_of(events: list[tuple[float, Event]], *, content: bool) -> list[ReadableSpan]:
    """Return the spans of a run, with the same numbers each time, so that what is sent twice is there once."""
    from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.id_generator import IdGenerator

    from weft.runtime.exporting.tracing import LONGEST, Tracing

    spans: list[ReadableSpan] = []
    run = next(event.run for _, event in events if isinstance(event, RunStarted))
    count = itertools.count(1)

    class Kept(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            spans.append(span)

    class Same(IdGenerator):
        def generate_span_id(self) -> int:
            return _number(f"{run}:{next(count)}", 8)

        def generate_trace_id(self) -> int:
            return _number(f"{run}:{next(count)}", 16)

    provider = TracerProvider(
        resource=_resource(),
        id_generator=Same(),
        span_limits=SpanLimits(max_attribute_length=2 * LONGEST),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(Kept())
    tracing = Tracing(provider, content=content)
    for at, event in events:
        tracing(at, event)
    tracing.close()
    return spans


def _number(text: str, size: int) -> int:
    """Return a number of so many bytes that a text always comes to, and that is not 0."""
    return int.from_bytes(sha256(text.encode()).digest()[:size]) or 1


@contextmanager
def live(wanted: bool) -> Iterator[tuple[Watcher, ...]]:
    """Give who makes spans and measures of a run that goes on in the block; nobody where that is not wanted.

    What cannot be sent is dropped: no run waits for a receiver, but for a few seconds at its end.

    Raises:
        UsageError: it is wanted, and what it takes is not installed.
    """
    if not wanted:
        yield ()
        return
    with _installed():
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from weft.runtime.exporting.measures import Measures
        from weft.runtime.exporting.tracing import Tracing

    # For good: its threads may still be at it when the block is over.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=PATIENCE)))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=PATIENCE))
    meters = MeterProvider([reader], resource=_resource(), shutdown_on_exit=False)
    tracing = Tracing(provider)
    try:
        yield (tracing, Measures(meters))
    finally:
        tracing.close()
        _in_time(provider.shutdown, meters.shutdown)


def _in_time(*ends: Callable[[], object]) -> None:
    """Let what is left be sent, and wait no longer for it than for `PATIENCE`."""
    threads = [threading.Thread(target=end, daemon=True) for end in ends]
    until = time.monotonic() + PATIENCE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


def _resource() -> Resource:
    from opentelemetry.sdk.resources import Resource

    return Resource.create(
        {"service.name": os.environ.get("OTEL_SERVICE_NAME", "weft"), "service.version": version("weft")}
    )


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise UsageError(
            f"OpenTelemetry is not installed: {error.name or error} is missing",
            meaning="nothing was sent",
            fix="pip install 'weft[otel]'",
        ) from None


@contextmanager
def _quietly() -> Iterator[None]:
    """Let the library keep its warnings to itself, in which addresses stand as they are: errors are ours to say."""
    log = logging.getLogger("opentelemetry")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(before)


def _refused(named: str | None, sent: int, all_: int) -> RuntimeFailure:
    return RuntimeFailure(
        "the receiver has not taken the spans",
        where=receiver(named),
        meaning=f"{sent} of {all_} were sent; to send them again makes no doubles",
        fix="see that it takes OTLP over HTTP there, with OTEL_EXPORTER_OTLP_HEADERS; --out URL names another",
    )
