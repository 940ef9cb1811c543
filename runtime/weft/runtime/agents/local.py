"""Model servers on this machine that speak OpenAI's protocol: where they listen, what they have, how one is asked.

Nothing is asked but this machine's own loopback address. What a server says of itself is only shown and chosen from;
how agents use its models is `models`, and that they cost nothing is `money.prices`.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import os
import re
import shlex
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from weft.runtime.errors import ProviderError, UsageError
from weft.runtime.meant import did_you_mean
from weft.runtime.page import shortened
from weft.runtime.settings import LOCAL, is_local

if TYPE_CHECKING:
    from pydantic_ai.embeddings import EmbeddingModel
    from pydantic_ai.models import Model
    from pydantic_ai.providers import Provider

__all__ = [
    "GLANCE",
    "MOST_SHOWN",
    "PORTS",
    "Server",
    "exact_model",
    "find_servers",
    "local_embedding_model",
    "local_model",
    "looked_at",
]

HOST = "127.0.0.1"

USUAL = {11434: "Ollama", 8080: "llama.cpp", 1234: "LM Studio", 8000: "vLLM"}
"""The ports that these servers listen at where nobody says otherwise, in the order in which they are preferred."""

PORTS = "WEFT_LOCAL_PORTS"
"""The variable of the environment that names other ports to look at, with commas between; empty for none."""

OWNERS = {"library": "Ollama", "llamacpp": "llama.cpp", "organization_owner": "LM Studio", "vllm": "vLLM"}
"""What these servers say of who owns their models, which tells them apart at whatever port."""

GLANCE, PATIENCE = 0.1, 10.0
"""Seconds that a server has to name its models: where it is only worth a mention, and where it is to be used."""

MOST_BYTES = 1_000_000
"""What a list of models may have; whoever sends more is no model server."""

MOST_MODELS = 200
LONGEST_NAME = 200

MOST_SHOWN = 60
"""Columns that the name of a model has where others are named beside it."""

NOT_FIRST = ("embed", "rerank", "cloud")
"""What stands in the names of models that answer no questions, or that a server has answered by another machine; lists
name these among the others."""

_EXACT = re.compile(rf"{LOCAL}:(?:127\.0\.0\.1|localhost):(\d{{1,5}})(?:/(.+))?")


@dataclass(frozen=True, slots=True)
class Server:
    """A model server that has answered."""

    kind: str
    """What it is called, as far as that can be told."""
    port: int
    models: tuple[str, ...]
    """By the names it gives them, in its order, those first that answer questions here."""

    @property
    def address(self) -> str:
        """Return where it listens."""
        return f"{HOST}:{self.port}"

    def names(self, model: str) -> str:
        """Return the name under which everything here knows one of its models."""
        return f"{LOCAL}:{self.address}/{model}"


async def find_servers(patience: float = PATIENCE) -> tuple[Server, ...]:
    """Return the servers that answer within so many seconds; all ports are asked at the same time."""
    return await _servers(_ports(), patience)


def looked_at() -> str:
    """Return where servers are looked for, for a person."""
    return _places(_ports())


async def exact_model(name: str) -> str:
    """Return the name that says server and model, where one of this machine is meant; every other name as it is.

    Raises:
        ProviderError: no server answers, or it does not have that model.
    """
    if not is_local(name):
        return name
    placed = _EXACT.fullmatch(name)
    ports = [int(placed[1])] if placed else _ports()
    wanted = placed[2] if placed else name.partition(":")[2] or None
    servers = [server for server in await _servers(ports, PATIENCE) if server.models]
    if not servers:
        raise _nobody(name, ports)
    for server in servers:
        for model in server.models:
            if wanted in (None, model, model.removesuffix(":latest")):
                return server.names(model)
    raise _no_such(cast(str, wanted), servers)


def local_model(name: str) -> Model:
    """Return a model by its exact name, ready to be asked.

    Its client follows no redirection and knows no proxy, so that nothing leaves this machine.

    Raises:
        UsageError: the name is not exact.
    """
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile

    model, provider = _placed(name)
    # What the servers have in common: see the documentation of each on what it takes of OpenAI's protocol.
    common = OpenAIModelProfile(
        openai_supports_strict_tool_definition=False,
        openai_chat_supports_max_completion_tokens=False,
        openai_chat_supports_multiple_system_messages=False,
        openai_chat_streaming_requires_finish_reason=True,
    )
    return OpenAIChatModel(model, provider=provider, profile=common)


def local_embedding_model(name: str) -> EmbeddingModel:
    """Return a model of embeddings by its exact name, ready to be asked.

    Raises:
        UsageError: the name is not exact.
    """
    from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel

    model, provider = _placed(name)
    return OpenAIEmbeddingModel(model, provider=provider)


def _placed(name: str) -> tuple[str, Provider[Any]]:
    """Return what an exact name calls a model there, and who provides it."""
    placed = _EXACT.fullmatch(name)
    if placed is None or not placed[2]:
        raise UsageError(f"{name!r} says no address", meaning="nothing was started", fix=f"{LOCAL}:{HOST}:PORT/MODEL")
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    from weft.runtime.agents.hearing import hear_stream

    async def heard(response: Any) -> None:
        hear_stream(response)

    timeout = Timeout(3600.0, connect=5.0)  # the deadline that counts is the agent's own
    hooks = {"response": [heard]}
    client = AsyncOpenAI(
        base_url=f"http://{HOST}:{placed[1]}/v1",
        api_key="none",  # of the user's keys, none is for it
        max_retries=0,
        timeout=timeout,
        http_client=DefaultAsyncHttpxClient(
            timeout=timeout, trust_env=False, follow_redirects=False, event_hooks=hooks
        ),
    )
    return placed[2], OpenAICompatibleProvider(LOCAL, openai_client=client)


# ------------------------------------------------------------------------------------------------ asking


def _ports() -> list[int]:
    named = os.environ.get(PORTS)
    if named is None:
        return [*USUAL]
    return [int(port) for port in re.findall(r"\d{1,5}", named) if 0 < int(port) < 65536]


async def _servers(ports: Iterable[int], patience: float) -> tuple[Server, ...]:
    found: list[Awaitable[Server | None]] = [_server(port, patience) for port in dict.fromkeys(ports)]
    return tuple(server for server in await asyncio.gather(*found) if server is not None)


async def _server(port: int, patience: float) -> Server | None:
    """Return the server at a port, if there is one that says what a model server says."""
    listed = _listed(await _fetched(port, patience))
    if listed is None:
        return None
    owners = [owner for entry in listed if isinstance(owner := entry.get("owned_by"), str)]
    kind = next((OWNERS[owner] for owner in owners if owner in OWNERS), USUAL.get(port, "model server"))
    names = [entry["id"] for entry in listed if _is_name(entry.get("id"))]
    names.sort(key=lambda name: any(part in name.lower() for part in NOT_FIRST))
    return Server(kind, port, tuple(dict.fromkeys(names))[:MOST_MODELS])


async def _fetched(port: int, patience: float) -> bytes:
    """Return what a port answers to the question for its models, as far as it came in time and is not too much."""
    # As HTTP/1.0, after which an honest server closes the connection: no client, so no proxy and no redirection.
    request = f"GET /v1/models HTTP/1.0\r\nHost: {HOST}:{port}\r\nAccept: application/json\r\n\r\n"
    received = bytearray()
    writer = None
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(request.encode())
            while len(received) <= MOST_BYTES and (part := await reader.read(65536)):
                received += part
    except (OSError, OverflowError, TimeoutError):
        pass  # nobody is there, or what came until then must do
    finally:
        if writer is not None:
            writer.transport.abort()
    return bytes(received) if len(received) <= MOST_BYTES else b""


def _listed(answer: bytes) -> list[dict[str, Any]] | None:
    """Return the models of an answer; nothing where it is not that of a model server."""
    try:
        response = http.client.HTTPResponse(cast(Any, _Received(answer)))
        response.begin()
        # Asked for no more than there can be: a length that the server makes up is then never asked for.
        data = json.loads(response.read(MOST_BYTES)) if response.status == 200 else None
    except (http.client.HTTPException, OSError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return None
    entries = data.get("data") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        return None
    return [entry for entry in entries if isinstance(entry, dict)]


class _Received:
    """Bytes as the socket that `http.client` reads them from."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _is_name(name: object) -> bool:
    """Whether something can be shown, typed and sent as the name of a model."""
    return isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()


# ------------------------------------------------------------------------------------------------ what is wrong


def _places(ports: list[int]) -> str:
    """Return ports with the variable that named them, where it did."""
    named = os.environ.get(PORTS)
    by = f" ({PORTS})" if named is not None and ports == _ports() else ""
    return ", ".join(f"{HOST}:{port}" for port in ports) + by if ports else f"nowhere, for {PORTS} names no port"


def _nobody(name: str, ports: list[int]) -> ProviderError:
    return ProviderError(
        f"no model server answers on this machine, so {name!r} cannot be asked",
        where=f"looked at {_places(ports)}",
        meaning="nothing was started",
        fix=f"start one (ollama serve), name its port (--model {LOCAL}:{HOST}:PORT), or choose another --model",
    )


def _no_such(wanted: str, servers: list[Server]) -> ProviderError:
    there = [model for server in servers for model in server.models]
    by_family = {model.partition(":")[0]: model for model in reversed(there)}
    known = {**by_family, **{model: model for model in there}}
    shown = ", ".join(shortened(model, MOST_SHOWN) for model in there[:10]) + (
        f" and {len(there) - 10} more" if len(there) > 10 else ""
    )
    return ProviderError(
        f"no model server on this machine has the model {wanted!r}",
        where=f"{', '.join(f'{server.kind} at {server.address}' for server in servers)}: {shown}",
        meaning="nothing was started",
        fix=did_you_mean(
            wanted,
            {name: f"--model {shlex.quote(f'{LOCAL}:{model}')}" for name, model in known.items()},
            f"--model {LOCAL}:NAME with one of these",
        ),
    )
