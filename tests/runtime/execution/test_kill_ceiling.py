"""A run that is killed in flight, again and again: what its provider can ask for stays below the ceiling.

The provider is a server on loopback, the model's client the real one, and the run a process that SIGKILL ends while the
provider is answering it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest
from anthropic_server import Answer, Broken, serving, text
from genai_prices import Usage
from killing import ended, forked

from weft.runtime.agents.providers import load_model
from weft.runtime.execution.resume import resume
from weft.runtime.execution.run import run
from weft.runtime.money.prices import price_of
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.settings import Settings

pytestmark = pytest.mark.slow

MODEL = "anthropic:claude-sonnet-5-5"
HARNESS = """
from weft.primitives import agent, parallel, workflow
async def main(args):
    asked = [agent(f"question {n}", max_tokens=1000, tools=[], timeout=60) for n in range(4)]
    return await parallel([*asked, workflow("inner", {}, budget=0.4)])
"""
INNER = """
from weft.primitives import agent, parallel
async def main(args):
    return await parallel([agent(f"inner {n}", max_tokens=1000, tools=[]) for n in range(4)])
"""


class Paid:
    """Answers as a provider that is paid for whatever it has begun to answer, and kills whoever asks now and then."""

    def __init__(self, seed: int) -> None:
        self.luck = random.Random(seed)
        self.usd: dict[str, float] = {}
        """What it can ask for, by the word with which a question begins."""
        self.victim: int | None = None
        self.left = 0
        """How many more requests it takes until it kills."""
        self.lock = threading.Lock()

    def __call__(self, body: dict[str, Any]) -> Answer | Broken:
        with self.lock:
            self.left -= 1
            word = "inner" if "inner" in json.dumps(body["messages"]) else "question"
            kind = self.luck.choice(["answer", "answer", "answer", "cut"])
            output = self.luck.randint(100, body["max_tokens"])
            price = price_of(MODEL)
            assert price is not None
            self.usd[word] = self.usd.get(word, 0.0) + price(Usage(input_tokens=300, output_tokens=output))
            if self.left == 0 and self.victim is not None:
                os.kill(self.victim, signal.SIGKILL)
        answer = text("so it is", input_tokens=300, output_tokens=output)
        return Broken(answer, "cut") if kind == "cut" else answer


def test_killed_in_flight_it_never_passes_the_ceiling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key")
    load_model(MODEL)  # not once in every process
    paid = Paid(7)
    project = Project(tmp_path)
    project.save_harness("inner", INNER)
    harness = parse_harness(HARNESS, name="h", filename="h.py")
    ceilings = [0.06, 0.06, 0.12, 0.09]
    with serving(paid) as provider:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", provider.url)
        for number, usd in enumerate(ceilings):
            settings = Settings(model=MODEL, budget_usd=usd, deadline=5)

            def work(settings: Settings = settings) -> None:
                runs = project.runs()
                if runs:
                    anyio.run(lambda: resume(runs[0], settings, project))
                else:
                    anyio.run(lambda: run(harness, {}, settings, project))

            paid.left = paid.luck.randint(1, 5)
            paid.victim = forked(work)
            status = ended(paid.victim)
            paid.victim = None
            assert status in (0, -signal.SIGKILL)
            (folder,) = project.runs()
            state = folder.state()
            most = max(ceilings[: number + 1])
            assert sum(paid.usd.values()) <= state.spent.usd + 1e-9 <= most + 2e-9
            assert paid.usd.get("inner", 0.0) <= 0.4 * most
            assert state.killed == (status != 0)
    assert state.unsettled.requests > 0
