"""A small HTTP server on loopback that speaks Anthropic's Messages API, so that the real SDK is what is tested.

Requests that ask for a stream get one: server-sent events as docs.anthropic.com/en/api/messages-streaming describes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, islice
from typing import Any, Literal

Answer = tuple[int, dict[str, Any]] | tuple[int, dict[str, Any], dict[str, str]]

Ending = Literal["cut", "end", "stall", "trickle", "error"]
"""How a stream may go wrong: the connection breaks, it ends early, nothing comes any more, or next to nothing does, or
the provider says in it that it is overloaded."""


@dataclass
class Broken:
    """An answer of whose stream only the first events arrive."""

    answer: Answer
    ending: Ending
    events: int = 3


@dataclass
class Thinking:
    """An answer that comes whole, after pings."""

    answer: Answer
    pings: int
    every: float
    """Seconds between them."""


Handler = Callable[[dict[str, Any]], Answer | Broken | Thinking]

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
    name: str,
    arguments: dict[str, Any] | str,
    *,
    input_tokens: int = 10,
    output_tokens: int = 5,
    stop: str = "tool_use",
) -> Answer:
    """Answer with one call of a tool; arguments as text are sent as they are, JSON or not."""
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


def stream_events(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a message as the events in which the API streams it."""
    usage = message["usage"]
    begun = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 0}}
    yield {"type": "message_start", "message": begun}
    for index, block in enumerate(message["content"]):
        if block["type"] == "thinking":  # of which nothing is shown
            yield {"type": "content_block_start", "index": index, "content_block": block}
            yield {
                "type": "content_block_delta",
                "index": index,
                "delta": {"type": "signature_delta", "signature": "c2ln"},
            }
            yield {"type": "content_block_stop", "index": index}
            continue
        kind, field = ("text_delta", "text") if block["type"] == "text" else ("input_json_delta", "partial_json")
        whole = block["text"] if block["type"] == "text" else block["input"]
        whole = whole if isinstance(whole, str) else json.dumps(whole)
        empty = {**block, "text": ""} if block["type"] == "text" else {**block, "input": {}}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for part in (whole[: len(whole) // 2], whole[len(whole) // 2 :]):
            yield {"type": "content_block_delta", "index": index, "delta": {"type": kind, field: part}}
        yield {"type": "content_block_stop", "index": index}
    delta = {key: message[key] for key in ("stop_reason", "stop_sequence", "stop_details")}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": usage["output_tokens"]}}
    yield {"type": "message_stop"}


@contextmanager
def serving(answer: Handler) -> Iterator[AnthropicServer]:
    """Serve until the block is left; `answer` gets the body of each request for a message."""

    class Listener(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

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
            broken = answered if isinstance(answered, Broken) else None
            whole = answered.answer if isinstance(answered, Broken | Thinking) else answered
            self.thinking = answered if isinstance(answered, Thinking) else None
            headers = whole[2] if len(whole) == 3 else {}
            if whole[0] == 200 and body.get("stream"):
                self._stream(whole[1], headers, broken)
            else:
                self._send(whole[0], whole[1], headers)

        def _stream(self, message: dict[str, Any], headers: dict[str, str], broken: Broken | None) -> None:
            self.send_response(200)
            told = {"content-type": "text/event-stream", "transfer-encoding": "chunked", **headers}
            for name, value in told.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for number, event in enumerate(islice(stream_events(message), broken.events if broken else None)):
                    self._chunk(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n")
                    if self.thinking is not None and not number:
                        self._think(self.thinking)
                if broken is None or broken.ending == "end":
                    self._chunk("")
                else:
                    self._break_off(broken.ending)
            except OSError:  # whoever asked is gone
                self.close_connection = True

        def _think(self, thinking: Thinking) -> None:
            for _ in range(thinking.pings):
                over.wait(thinking.every)
                self._chunk('event: ping\ndata: {"type": "ping"}\n\n')

        def _break_off(self, ending: Ending) -> None:
            self.close_connection = True
            if ending == "error":
                said = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
                self._chunk(f"event: error\ndata: {json.dumps(said)}\n\n")
                self._chunk("")
            elif ending == "stall":
                over.wait()
            elif ending == "trickle":
                while not over.wait(0.02):
                    self._chunk(":")

        def _chunk(self, text: str) -> None:
            data = text.encode()
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

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
    lock, over = threading.Lock(), threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield log
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
