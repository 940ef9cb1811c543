"""A provider on loopback that limits, refuses and fails like a real one, in a process of its own.

It speaks as much of Anthropic's Messages API as an agent without tools needs: streams over HTTP/1.1 with keep-alive,
token buckets for requests and for input and output tokens with the headers that tell of them, and faults on a seeded
share of the requests. `GET /log` returns what it was asked and what became of it.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from urllib.request import urlopen

__all__ = ["Allowed", "Log", "provider", "read_log"]

INPUT_TOKENS_PER_BYTE = 0.25
FAULTS = ("limited", "overloaded", "silent", "cut")


@dataclass(frozen=True)
class Allowed:
    """What the provider allows, and how it behaves."""

    requests: int
    """For each minute, as the other two."""
    input_tokens: int
    output_tokens: int
    faults: float = 0.0
    """Share of requests that are refused, left without an answer or cut, a quarter each way by itself."""
    latency: float = 0.2
    """Seconds an answer takes."""
    seed: int = 0

    def by_kind(self) -> dict[str, int]:
        """Return the limits by their names in headers."""
        return {"requests": self.requests, "input-tokens": self.input_tokens, "output-tokens": self.output_tokens}


@dataclass
class Log:
    """What the provider was asked."""

    admitted: int = 0
    """Requests that were counted against the limits."""
    answered: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """By `limits`, where they were reached, or the fault that was injected."""
    failed: dict[str, int] = field(default_factory=dict)
    """Admitted, and then not answered, by fault."""
    input_tokens: int = 0
    output_tokens: int = 0
    first: float | None = None
    """When the first request came, and the last was admitted, by the monotonic clock."""
    last: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it was in use."""
        return 0.0 if self.first is None else self.last - self.first


class _Bucket:
    def __init__(self, per_minute: int) -> None:
        self.limit, self.level, self.at = per_minute, float(per_minute), time.monotonic()

    def refill(self) -> None:
        now = time.monotonic()
        self.level, self.at = min(self.limit, self.level + (now - self.at) * self.limit / 60), now


class _Refused(Exception):
    def __init__(self, status: int, kind: str, headers: dict[str, str]) -> None:
        self.status, self.kind, self.headers = status, kind, headers


class _Provider:
    def __init__(self, allowed: Allowed) -> None:
        self.allowed, self.log = allowed, Log()
        self.buckets = {kind: _Bucket(limit) for kind, limit in allowed.by_kind().items()}
        self.chance = random.Random(allowed.seed)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        if head.startswith("get /log"):
            await self._whole(writer, 200, {}, asdict(self.log))
            return True
        if "count_tokens" in head:
            await self._whole(writer, 200, {}, {"input_tokens": int(len(body) * INPUT_TOKENS_PER_BYTE)})
            return True
        try:
            used, fault, headers = self._admit(body)
        except _Refused as refused:
            error = {"type": "error", "error": {"type": refused.kind, "message": "not now"}}
            await self._whole(writer, refused.status, refused.headers, error)
            return True
        if fault == "silent":
            await reader.read()  # until whoever asked has had enough
            return False
        await self._stream(writer, used, headers, cut=fault == "cut")
        return fault != "cut"

    def _admit(self, body: bytes) -> tuple[dict[str, int], str | None, dict[str, str]]:
        self.log.first = self.log.first or time.monotonic()
        fault = self.chance.choice(FAULTS) if self.chance.random() < self.allowed.faults else None
        used = {
            "requests": 1,
            "input-tokens": int(len(body) * INPUT_TOKENS_PER_BYTE),
            "output-tokens": self.chance.randint(50, 150),
        }
        for bucket in self.buckets.values():
            bucket.refill()
        if fault == "overloaded":
            self._refuse(fault, 529, "overloaded_error", {})
        if fault == "limited":
            self._refuse(fault, 429, "rate_limit_error", {"retry-after": "1", **self._told()})
        wait = max((used[kind] - bucket.level) / bucket.limit * 60 for kind, bucket in self.buckets.items())
        if wait > 0:
            self._refuse("limits", 429, "rate_limit_error", {"retry-after": str(int(wait) + 1), **self._told()})
        for kind, bucket in self.buckets.items():
            bucket.level -= used[kind]
        self.log.admitted, self.log.last = self.log.admitted + 1, time.monotonic()
        self.log.input_tokens += used["input-tokens"]
        self.log.output_tokens += used["output-tokens"]
        if fault is not None:
            self.log.failed[fault] = self.log.failed.get(fault, 0) + 1
        return used, fault, self._told()

    def _refuse(self, why: str, status: int, kind: str, headers: dict[str, str]) -> None:
        self.log.refused[why] = self.log.refused.get(why, 0) + 1
        raise _Refused(status, kind, headers)

    def _told(self) -> dict[str, str]:
        told = {}
        for kind, bucket in self.buckets.items():
            told[f"anthropic-ratelimit-{kind}-limit"] = str(bucket.limit)
            told[f"anthropic-ratelimit-{kind}-remaining"] = str(int(max(0, bucket.level)))
        return told

    async def _whole(self, writer: asyncio.StreamWriter, status: int, headers: dict[str, str], body: object) -> None:
        data = json.dumps(body).encode()
        told = {"content-type": "application/json", "content-length": str(len(data)), **headers}
        writer.write(_head(status, told) + data)
        await writer.drain()

    async def _stream(
        self, writer: asyncio.StreamWriter, used: dict[str, int], headers: dict[str, str], *, cut: bool
    ) -> None:
        writer.write(_head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked", **headers}))
        first, *rest = _events(used)
        writer.write(_chunk(first))
        await writer.drain()
        await asyncio.sleep(self.allowed.latency * self.chance.uniform(0.5, 1.5))
        if cut:
            return
        writer.write(b"".join(map(_chunk, rest)) + b"0\r\n\r\n")
        await writer.drain()
        self.log.answered += 1


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _chunk(event: dict[str, object]) -> bytes:
    data = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _events(used: dict[str, int]) -> list[dict[str, object]]:
    message = {
        **{"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": []},
        **{"stop_reason": None, "stop_sequence": None},
        "usage": {"input_tokens": used["input-tokens"], "output_tokens": 0},
    }
    return [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "done"}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": used["output-tokens"]},
        },
        {"type": "message_stop"},
    ]


def _run(allowed: Allowed, ready: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.start_server(_Provider(allowed).serve, "127.0.0.1", 0, backlog=2048)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def provider(allowed: Allowed) -> Iterator[str]:
    """Start a provider; yield its address."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(allowed, there), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.kill()
        process.join()


def read_log(url: str) -> Log:
    """Return what a provider was asked so far."""
    with urlopen(f"{url}/log") as response:
        return Log(**json.load(response))
