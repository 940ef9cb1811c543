"""To whom spans are sent, by OTLP over HTTP: all of a run that is over, or one after the other while it goes on.

The receiver, its headers and limits are those of the usual variables, `OTEL_EXPORTER_OTLP_…`.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from weft.runtime.border import masked, without_user
from weft.runtime.errors import RuntimeFailure, UsageError
from weft.runtime.journal import Watcher
from weft.runtime.journal.events import Event

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan

    from weft.runtime.exporting.counting import Counting

__all__ = ["live", "receiver", "send", "spans_of"]

LOG = logging.getLogger(__name__)

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
    return masked(without_user((found or USUAL).partition("?")[0]))  # a key may stand behind it


def send(
    events: list[tuple[float, Event]], *, named: str | None = None, content: bool = False, viewers: Collection[str] = ()
) -> int:
    """Send a run with its times, and return how many spans that were. The same run is the same trace each time.

    Args:
        events: The journal.
        named: The address of the receiver, without a path; as the environment says without one.
        content: Whether what agents were asked and answered is sent.
        viewers: Those in whose names spans say some things again.

    Raises:
        UsageError: that is no address, or what it takes is not installed.
        RuntimeFailure: the receiver does not take it, or not all of it.
    """
    if named and urlsplit(named).scheme not in ("http", "https"):
        fix = "name it as in --out http://127.0.0.1:4318"
        raise UsageError(f"{named} is no address of a receiver", meaning="nothing was sent", fix=fix)
    with _installed():
        spans = spans_of(events, content=content, viewers=viewers)
    with _quietly():
        exporter = _exporter(f"{named.rstrip('/')}/v1/traces" if named else None)
        try:
            for begin in range(0, len(spans), BATCH):
                exporter.export(spans[begin : begin + BATCH])
                if exporter.taken < min(begin + BATCH, len(spans)):
                    raise _refused(named, exporter.taken, len(spans))
        finally:
            exporter.shutdown()
    return len(spans)


def spans_of(events: list[tuple[float, Event]], *, content: bool, viewers: Collection[str] = ()) -> list[ReadableSpan]:
    """Return the spans of a run."""
    from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider

    from weft.runtime.exporting.said import LONGEST
    from weft.runtime.exporting.tracing import Numbers, Tracing

    spans: list[ReadableSpan] = []

    class Kept(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            spans.append(span)

    numbers = Numbers()
    limits = SpanLimits(max_attribute_length=2 * LONGEST)
    provider = TracerProvider(resource=_resource(), id_generator=numbers, span_limits=limits, shutdown_on_exit=False)
    provider.add_span_processor(Kept())
    tracing = Tracing(provider, numbers, content=content, viewers=viewers)
    for at, event in events:
        tracing(at, event)
    tracing.close()
    return spans


@contextmanager
def live(wanted: bool, before: int = 0, viewers: Collection[str] = ()) -> Iterator[tuple[Watcher, ...]]:
    """Give who makes spans and measures of a run that goes on in the block; nobody where that is not wanted.

    What cannot be sent is dropped, and once said: no run waits for a receiver, but for a few seconds at its end.

    Args:
        wanted: Whether anything is sent.
        before: How many executions the run has had.
        viewers: Those in whose names spans say some things again.

    Raises:
        UsageError: it is wanted, and what it takes is not installed.
    """
    if not wanted:
        yield ()
        return
    with _installed():
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from weft.runtime.exporting.counting import Asking
        from weft.runtime.exporting.measures import Measures
        from weft.runtime.exporting.tracing import Numbers, Tracing

    # For good: its threads may still be at it when the block is over.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)
    exporter, numbers = _exporter(None, PATIENCE), Numbers()
    provider = TracerProvider(resource=_resource(), id_generator=numbers, shutdown_on_exit=False)
    provider.add_span_processor(exporter.made)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=PATIENCE, session=Asking(bool)))
    meters = MeterProvider([reader], resource=_resource(), shutdown_on_exit=False)
    tracing = Tracing(provider, numbers, execution=before, within=_around(), viewers=viewers)
    try:
        yield (tracing, Measures(meters))
    finally:
        tracing.close()
        _in_time(provider.shutdown, meters.shutdown)
        if exporter.taken < exporter.made.count:
            LOG.warning(
                "%s has taken %d of %d spans of the run, which is not affected; to send them again: "
                "weft export RUN --format otlp",
                receiver(),
                exporter.taken,
                exporter.made.count,
            )


def _around() -> Context:
    """Return the span of whoever has started this process, as TRACEPARENT names it; none where that says nothing."""
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    said = {name: os.environ[name.upper()] for name in ("traceparent", "tracestate") if name.upper() in os.environ}
    return TraceContextTextMapPropagator().extract(said, Context())


def _in_time(*ends: Callable[[], object]) -> None:
    """Let what is left be sent, and wait no longer for it than for `PATIENCE`."""
    threads = [threading.Thread(target=end, daemon=True) for end in ends]
    until = time.monotonic() + PATIENCE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


def _exporter(endpoint: str | None, timeout: float | None = None) -> Counting:
    """Return who sends spans to a receiver, and counts those that it has taken."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    from weft.runtime.exporting.counting import Asking, Counting, rejected

    def heard(answer: bytes) -> None:
        counting.reject(rejected(answer))

    counting = Counting(OTLPSpanExporter(endpoint=endpoint, timeout=timeout, session=Asking(heard)))
    return counting


def _resource() -> Resource:
    """Return who sends it: Weft, where the environment has no other name for it."""
    from opentelemetry.sdk.resources import Resource

    found = Resource.create({"service.version": version("weft")})
    unnamed = str(found.attributes.get("service.name", "")).startswith("unknown_service")
    return found.merge(Resource({"service.name": "weft"})) if unnamed else found


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
