"""A receiver of OpenTelemetry on loopback: takes what is sent by OTLP over HTTP, as the real ones do."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass
class Receiver:
    """What it has taken."""

    url: str = ""
    status: int = 200
    """With what it answers."""
    rejected: int = 0
    """How many spans of each request it says that it does not take."""
    hangs: threading.Event = field(default_factory=threading.Event)
    """Until this is set it answers nothing; set at the beginning."""
    endless: bool = False
    """Whether its answer goes on for ever."""
    raw: bytes = b""
    spans: list[Any] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    """The latest of each, by name."""

    def take(self, path: str, body: bytes) -> None:
        """Take one request."""
        self.raw += body
        if path == "/v1/traces":
            taken = ExportTraceServiceRequest.FromString(body)
            self.spans += [span for one in taken.resource_spans for scope in one.scope_spans for span in scope.spans]
        elif path == "/v1/metrics":
            measured = ExportMetricsServiceRequest.FromString(body)
            for resource in measured.resource_metrics:
                for scope in resource.scope_metrics:
                    self.metrics |= {metric.name: metric for metric in scope.metrics}

    def named(self, name: str) -> list[Any]:
        """Return the spans of this name."""
        return [span for span in self.spans if span.name == name]


def attributes(of: Any) -> dict[str, Any]:
    """Return the attributes of a span, an event or a point as a dict."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in of.attributes}


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive on a port of loopback while the block lasts."""
    receiver = Receiver()
    receiver.hangs.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            receiver.hangs.wait()
            if receiver.status == 200:
                receiver.take(self.path, body)
            said = ExportTraceServiceResponse(partial_success={"rejected_spans": receiver.rejected})
            answer = said.SerializeToString() if receiver.rejected else b""
            self.send_response(receiver.status)
            self.send_header("Content-Length", str(10**12 if receiver.endless else len(answer)))
            self.send_header("Location", "/v1/elsewhere")
            self.end_headers()
            self.wfile.write(answer)
            while receiver.endless:
                self.wfile.write(b"x" * 100_000)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asked may be gone
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield receiver
    finally:
        receiver.hangs.set()
        server.shutdown()
        thread.join()
        server.server_close()
