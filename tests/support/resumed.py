"""A harness for what is resumed, and what is said of its runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
from asking import Asking
from running import run_source

from weft.runtime.execution.replay import Replayed, replay
from weft.runtime.execution.resume import recorded_harness
from weft.runtime.execution.run import Run
from weft.runtime.journal import read_journal

__all__ = ["EVERYBODY", "HARNESS", "outcome", "replayed", "result", "undisturbed"]

HARNESS = """
async def step(n):
    first = await agent(f"first {n}", label=f"a{n}")
    return await agent(f"second {n} {first}", label=f"b{n}")
async def main(args):
    phase("All")
    results = await parallel([step(n) for n in range(4)])
    return [await agent(f"last {list(results)}"), list(results)]
"""
EVERYBODY = 9
"""How many agents it asks."""


def result(done: Run) -> Any:
    """Return what it came to."""
    assert done.state.ended is not None
    return done.state.ended.result


def outcome(done: Run) -> tuple[str, str]:
    """Return how it ended, and whether it is clean."""
    return done.state.outcome, done.state.health


def replayed(done: Run) -> Replayed:
    """Return what a replay of it comes to."""
    events = read_journal(done.folder.journal)
    assert done.state.started is not None
    return anyio.run(replay, recorded_harness(done.folder, done.state.started), events)


def undisturbed(folder: Path, source: str = HARNESS, **more: Any) -> Any:
    """Return what the harness comes to when nothing happens."""
    return result(run_source(source, folder / "undisturbed", agents=Asking(folder / "undisturbed"), **more))
