"""A server on loopback that answers HTTP requests with whatever bytes it is told: half a stream, nonsense, nothing."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

__all__ = ["RawServer", "chat_events", "head", "serving_raw", "sse"]


@dataclass
class RawServer:
    """What the server was asked, and where it listens."""

    port: int
    bodies: list[dict[str, Any]] = field(default_factory=list)


def head(status: int = 200, kind: str = "text/event-stream", **headers: str) -> bytes:
    """Return the head of an answer after which the connection closes."""
    told = {"content-type": kind, "connection": "close", **{name.replace("_", "-"): headers[name] for name in headers}}
    return f"HTTP/1.1 {status} X\r\n".encode() + b"".join(f"{k}: {v}\r\n".encode() for k, v in told.items()) + b"\r\n"


def sse(events: Iterable[Any]) -> bytes:
    """Return events of a stream; what is no text is JSON."""
    return b"".join(f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode() for event in events)


def chat_events(*texts: str, usages: Iterable[dict[str, Any] | None] = (), **delta: Any) -> list[Any]:
    """Return an answer as OpenAI's chat protocol streams it: its texts, its end, then what was used, and after.

    Args:
        texts: The answer in pieces.
        usages: What each event says was used, from the first on; the last is an event of its own.
        delta: What stands in the first piece besides.
    """
    used = [*usages]
    common = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    pieces: list[Any] = [{"delta": {"content": text}, "finish_reason": None} for text in texts]
    if pieces and delta:
        pieces[0]["delta"] |= delta
    pieces.append({"delta": {}, "finish_reason": "stop"})
    each = [*used[:-1], *[None] * len(pieces)]
    events = [
        {**common, "choices": [{"index": 0, **piece}], "usage": told} for piece, told in zip(pieces, each, strict=False)
    ]
    return [*events, *([{**common, "choices": [], "usage": used[-1]}] if used else []), "[DONE]"]


@contextmanager
def serving_raw(answer: Callable[[int], bytes]) -> Iterator[RawServer]:
    """Serve until the block is left; `answer` gets the number of the request, from 0, and its connection is closed."""
    lock = threading.Lock()

    class Listener(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            length = 0
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not line:
                return
            with lock:
                number = len(server.bodies)
                server.bodies.append(json.loads(self.rfile.read(length) or b"{}"))
            with suppress(OSError):  # whoever asked is gone
                self.wfile.write(answer(number))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 100

    with Server(("127.0.0.1", 0), Listener) as listening:
        server = RawServer(listening.server_address[1])
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
