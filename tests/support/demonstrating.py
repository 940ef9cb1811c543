"""Demonstrations of harnesses that come with Weft, in this process and without a folder: nothing of it is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio

from weft.primitives.limits import LANGUAGE
from weft.primitives.lost import Spent
from weft.runtime.execution.execute import Execution, execute
from weft.runtime.execution.prepare import prepared
from weft.runtime.journal import MemoryJournal, Past, RunState, fold
from weft.runtime.journal.events import RunStarted
from weft.runtime.project.config import Config
from weft.runtime.project.harness import Harness
from weft.runtime.project.shipped import builtin_harness, demo_of
from weft.runtime.rehearsal.playing import NOW
from weft.runtime.settings import STUB, Settings

__all__ = ["Rules", "demonstrate", "rules_of"]

Rules = Sequence[dict[str, Any]]
"""How scripted agents answer."""


def rules_of(harness: Harness) -> list[dict[str, Any]]:
    """Return how agents answer in the demonstration of a harness."""
    demo = demo_of(harness)
    assert demo is not None and demo.settings.stub is not None
    rules: list[dict[str, Any]] = json.loads(demo.settings.stub.read_text("utf-8"))["rules"]
    return rules


def demonstrate(
    harness: Harness,
    *,
    changed: Callable[[str], str] | None = None,
    rules: Rules | None = None,
    without: Sequence[str] = (),
) -> RunState:
    """Run the demonstration of a harness, with its source changed, other answers of its agents, or fewer arguments."""
    demo = demo_of(harness)
    assert demo is not None
    args = {name: value for name, value in demo.args.items() if name not in without}
    shown = harness if changed is None else replace(harness, source=changed(harness.source))
    if rules is None:
        return anyio.run(_run, shown, args, demo.settings)
    with TemporaryDirectory() as folder:
        script = Path(folder, "agents.json")
        script.write_text(json.dumps({"rules": rules}), "utf-8")
        return anyio.run(_run, shown, args, replace(demo.settings, agents=f"{STUB}{script}"))


async def _run(harness: Harness, args: Any, settings: Settings) -> RunState:
    journal = MemoryJournal()
    started = RunStarted(
        run="",
        name=harness.name,
        task=harness.task,
        digest=harness.digest,
        args=args,
        now=NOW,
        settings=settings.resolved(),
        language=LANGUAGE,
    )
    async with prepared(settings.resolved(), Config(), Spent(), Past(), None, interruptible=False) as means:
        ended = await execute(
            Execution(harness=harness, started=started, means=means, find_harness=builtin_harness, recorder=journal)
        )
    return fold((0.0, event) for event in (started, *journal.events, ended))
