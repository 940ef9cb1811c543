"""A small HTTP server on loopback that speaks what model servers of one's own machine speak: OpenAI's chat protocol.

`python tests/support/openai_server.py PORT` runs one that answers everything with the same words, to try things with.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Chat", "LocalServer", "call", "failure", "listed", "say", "serving_locally"]

Said = tuple[int, dict[str, Any]]
Chat = Callable[[dict[str, Any]], Said]
"""Answers the body of a request for a chat completion with a status, and a choice's message, or an error's body, or the
`location` it points to."""


@dataclass
class LocalServer:
    """What the server was asked, and where it listens."""

    port: int
    chats: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of requests for a chat completion."""
    paths: list[str] = field(default_factory=list)
    """Every path that was asked for."""
    usage: dict[str, int] | None = field(default_factory=lambda: {"prompt_tokens": 70, "completion_tokens": 5})
    """What each answer says it used; `None` where it says nothing."""
    spoilt: list[bytes] = field(default_factory=list)
    """What is sent as the first events of a stream, each of which is no part of the protocol."""
    finish: bool = True
    """Whether an answer says that it has come to its end."""
    headers: dict[str, str] = field(default_factory=dict)
    """What is sent at the head of each answer besides."""
    vectors: dict[str, list[float]] = field(default_factory=dict)
    """What texts are embedded as."""
    refusals: int = 0
    """How many requests for vectors are refused first, for 50 seconds each."""
    texts: list[list[str]] = field(default_factory=list)
    """What of each request for vectors was to be embedded."""


def say(text: str) -> Said:
    """Answer with text."""
    return 200, {"role": "assistant", "content": text}


def call(name: str, arguments: dict[str, Any]) -> Said:
    """Answer with a call of a tool."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    return 200, {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": f"call_{name}", "index": 0, "type": "function", "function": function}],
    }


def failure(status: int, said: str) -> Said:
    """Answer with an error in the form of the protocol."""
    return status, {"error": {"message": said, "type": "invalid_request_error", "code": None}}


def listed(*models: str, owner: str = "library") -> bytes:
    """Return the answer to the question for models."""
    data = [{"id": model, "object": "model", "created": 1, "owned_by": owner} for model in models]
    return json.dumps({"object": "list", "data": data}).encode()


TINY = listed("tiny:latest")


def _response_events(text: str, usage: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Yield a text as the events in which the Responses API streams it."""
    read, written = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
    used = {
        "input_tokens": read,
        "output_tokens": written,
        "total_tokens": read + written,
        "input_tokens_details": {"cached_tokens": usage.get("cached_tokens", 0)},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    head = {"id": "resp_1", "object": "response", "created_at": 1, "model": "gpt", "tools": [], "tool_choice": "auto"}
    head |= {"parallel_tool_calls": True, "error": None, "incomplete_details": None, "instructions": None}
    begun = {**head, "status": "in_progress", "output": [], "usage": None}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    part = {"type": "output_text", "text": text, "annotations": []}
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.output_item.added", "output_index": 0, "item": item}
    yield {"type": "response.content_part.added", **place, "part": {**part, "text": ""}}
    yield {"type": "response.output_text.delta", **place, "delta": text, "logprobs": []}
    yield {"type": "response.output_text.done", **place, "text": text, "logprobs": []}
    whole = {**item, "status": "completed", "content": [part]}
    yield {"type": "response.output_item.done", "output_index": 0, "item": whole}
    done = {**head, "status": "completed", "output": [whole], "usage": used}
    yield {"type": "response.completed", "response": done}


@contextmanager
def serving_locally(
    chat: Chat, models: bytes | Callable[[BaseHTTPRequestHandler], None] = TINY
) -> Iterator[LocalServer]:
    """Serve until the block is left.

    Args:
        chat: Answers chats.
        models: The whole answer to the question for models; or whatever else is done with such a question.
    """
    lock = threading.Lock()

    class Listener(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            log.paths.append(self.path)
            try:
                if callable(models):
                    models(self)
                else:
                    self._send(200 if self.path == "/v1/models" else 404, models)
            except OSError:  # whoever asked is gone
                self.close_connection = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path.endswith("/embeddings"):
                self._embed(body)
                return
            with lock:
                log.chats.append(body)
                log.paths.append(self.path)
                status, said = chat(body)
            if status != 200:
                self._send(status, json.dumps(said).encode(), said.get("location"))
            elif self.path.endswith("/responses"):
                self._respond(said)
            elif body.get("stream"):
                self._stream(said)
            else:
                choice = {"index": 0, "message": said, "finish_reason": self._finish(said)}
                self._send(200, json.dumps({**self._head("chat.completion"), "choices": [choice]}).encode())

        def _respond(self, said: dict[str, Any]) -> None:
            """Answer in the newer of OpenAI's two protocols, in which its own models are asked."""
            self.send_response(200)
            for name, value in {"content-type": "text/event-stream", "connection": "close", **log.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            for number, event in enumerate(_response_events(said["content"], log.usage or {})):
                data = json.dumps({**event, "sequence_number": number})
                self.wfile.write(f"event: {event['type']}\ndata: {data}\n\n".encode())
            self.close_connection = True

        def _stream(self, said: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            for name, value in log.headers.items():
                self.send_header(name, value)
            self.end_headers()
            head = {**self._head("chat.completion.chunk"), "usage": None}
            pieces = [{"index": 0, "delta": said, "finish_reason": None}]
            if log.finish:
                pieces.append({"index": 0, "delta": {}, "finish_reason": self._finish(said)})
            events = [{**head, "choices": [piece]} for piece in pieces]
            if log.usage is not None:
                events.append({**self._head("chat.completion.chunk"), "choices": []})
            for spoilt in log.spoilt:
                self.wfile.write(b"data: " + spoilt + b"\n\n")
            for event in events:
                self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")
            self.close_connection = True

        def _embed(self, body: dict[str, Any]) -> None:
            log.texts.append(body["input"])
            if len(log.texts) <= log.refusals:
                log.headers = {"retry-after": "50"}
                self._send(429, json.dumps(failure(429, "slow down")[1]).encode())
                return
            vectors = [
                {"object": "embedding", "index": at, "embedding": log.vectors[text]}
                for at, text in enumerate(body["input"])
            ]
            usage = {"prompt_tokens": 20, "total_tokens": 20}
            self._send(200, json.dumps({"object": "list", "data": vectors, "model": "m", "usage": usage}).encode())

        def _head(self, kind: str) -> dict[str, Any]:
            usage = None if log.usage is None else {**log.usage, "total_tokens": sum(log.usage.values())}
            return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": "tiny", "usage": usage}

        def _finish(self, said: dict[str, Any]) -> str:
            return "tool_calls" if said.get("tool_calls") else "stop"

        def _send(self, status: int, data: bytes, location: str | None = None) -> None:
            self.send_response(status)
            if location is not None:
                self.send_header("location", location)
            for name, value in log.headers.items():
                self.send_header(name, value)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    wanted = int(sys.argv[1]) if __name__ == "__main__" else 0
    server = ThreadingHTTPServer(("127.0.0.1", wanted), Listener)
    server.daemon_threads = True
    log = LocalServer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield log
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    with serving_locally(lambda body: say(f"You said: {body['messages'][-1]['content']}")):
        threading.Event().wait()
