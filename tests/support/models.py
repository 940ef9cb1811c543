"""Runs whose agents are models of a server on loopback: the fixture that points the real SDK at it, and helpers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from anthropic_server import Answer, AnthropicServer, Broken, Handler, Thinking, serving
from running import run_with

from weft.runtime.execution.result import result_object
from weft.runtime.execution.run import Run
from weft.runtime.journal import Past
from weft.runtime.project.config import Config
from weft.runtime.settings import Settings

__all__ = ["MODEL", "NUMBER", "ONE", "SECRET", "Serve", "answers", "only_loss", "run_model", "serve"]

MODEL = "anthropic:claude-sonnet-5-5"
ONE = "async def main(args):\n    return await agent('How many?', **args)\n"
NUMBER = '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}'
SECRET = "sk-ant-secret-0123456789"

Serve = Callable[[Handler], AnthropicServer]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start the server with an answer, and point the SDK at it."""
    with ExitStack() as stack:

        def start(answer: Handler) -> AnthropicServer:
            server = stack.enter_context(serving(answer))
            monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
            monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
            return server

        yield start


def run_model(
    folder: Path,
    source: str = ONE,
    *,
    args: Any = None,
    config: Config | None = None,
    past: Past | None = None,
    **settings: Any,
) -> Run:
    """Run a harness with models; waits pass in no time, unless `virtual_time=False`."""
    full = Settings(**{"model": MODEL, "virtual_time": True, **settings})
    return run_with(source, folder, full, args, config=config, past=past)


def answers(*script: Answer | Broken | Thinking) -> Handler:
    """Answer one request after the other; the last answer stays."""
    left = list(script)
    return lambda body: left.pop(0) if len(left) > 1 else left[0]


def only_loss(done: Run) -> dict[str, Any]:
    """Return the one loss of a run."""
    (lost,) = result_object(done.state)["lost"]
    found: dict[str, Any] = lost
    return found
