"""A small HTTP server on loopback that speaks Anthropic's Messages API, so that the real SDK is what is tested."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

Answer = tuple[int, dict[str, Any]] | tuple[int, dict[str, Any], dict[str, str]]
Handler = Callable[[dict[str, Any]], Answer]

_numbers = count(1)
"""Every message has an id of its own: two of the same would be one."""


@dataclass
class AnthropicServer:
    """What the server was asked, and where it listens."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of requests for a message."""
    headers: list[dict[str, str]] = field(default_factory=list)
    counted: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of requests to count tokens."""
    count_faults: int = 0
    """How many requests to count are answered with an error first."""


def text(said: str, *, input_tokens: int = 10, output_tokens: int = 5, stop: str = "end_turn") -> Answer:
    """Answer with text."""
    return message([{"type": "text", "text": said}], input_tokens, output_tokens, stop)


def tool(
    name: str, arguments: dict[str, Any], *, input_tokens: int = 10, output_tokens: int = 5, stop: str = "tool_use"
) -> Answer:
    """Answer with one call of a tool."""
    call = {"type": "tool_use", "id": f"toolu_{name}_{abs(hash(str(arguments)))}", "name": name, "input": arguments}
    return message([call], input_tokens, output_tokens, stop)


def message(
    content: list[dict[str, Any]],
    input_tokens: int,
    output_tokens: int,
    stop: str,
    details: dict[str, Any] | None = None,
) -> Answer:
    """Answer with a message; a refusal may come with details."""
    return 200, {
        "id": f"msg_{next(_numbers)}",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "stop_details": details,
        "usage": {"input_tokens": input_tokens, "output_tokens": output_tokens},
    }


def error(status: int, kind: str, said: str, headers: dict[str, str] | None = None) -> Answer:
    """Answer with an error in the form of the API."""
    return status, {"type": "error", "error": {"type": kind, "message": said}}, headers or {}


@contextmanager
def serving(answer: Handler) -> Iterator[AnthropicServer]:
    """Serve until the block is left; `answer` gets the body of each request for a message."""

    class Listener(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if "count_tokens" in self.path:
                log.counted.append(body)
                if len(log.counted) <= log.count_faults:
                    self._send(529, {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, {})
                    return
                self._send(200, {"input_tokens": len(json.dumps(body)) // 4}, {})
                return
            with lock:
                log.requests.append(body)
                log.headers.append(dict(self.headers.items()))
            answered = answer(body)
            self._send(answered[0], answered[1], answered[2] if len(answered) == 3 else {})

        def _send(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    server.daemon_threads = True
    log = AnthropicServer(f"http://127.0.0.1:{server.server_address[1]}")
    lock = threading.Lock()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield log
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
