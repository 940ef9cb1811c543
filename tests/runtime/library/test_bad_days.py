"""What a shipped harness says on a bad day must differ from what it says when there is nothing to say.

Two runs of each demonstration are compared whose agents answer otherwise: results that are the same would hide a loss,
or take what nobody could decide for what was refuted. No right answer has to be known for that.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from unconfined import without_processes

from weft.runtime.execution.run import Run, run
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness
from weft.runtime.project.shipped import builtin_harnesses, demo_of
from weft.runtime.settings import STUB

LOST = {"match": {}, "lost": "provider"}
EMPTY = {"match": {}, "from_schema": True}


def rules_of(harness: Harness) -> list[dict[str, Any]]:
    demo = demo_of(harness)
    assert demo is not None and demo.settings.agents is not None
    rules: list[dict[str, Any]] = json.loads(Path(demo.settings.agents.removeprefix(STUB)).read_text("utf-8"))["rules"]
    return rules


def verifies(harness: Harness) -> bool:
    return any("verify" in rule["match"].get("label", "") for rule in rules_of(harness))


SHIPPED = [harness for harness in builtin_harnesses() if demo_of(harness) is not None]
every = pytest.mark.parametrize("harness", SHIPPED, ids=lambda harness: harness.name)
verifying = pytest.mark.parametrize("harness", [*filter(verifies, SHIPPED)], ids=lambda harness: harness.name)


def answered(harness: Harness, rules: list[dict[str, Any]], folder: Path) -> Run:
    """Run the demonstration of a harness with other answers of its agents."""
    demo = demo_of(harness)
    assert demo is not None
    folder.mkdir()
    script = folder / "agents.json"
    script.write_text(json.dumps({"rules": rules}), "utf-8")
    settings = replace(demo.settings, agents=f"{STUB}{script}")

    async def go() -> Run:
        return await run(harness, demo.args, settings, Project(folder))

    return anyio.run(go)


def result_of(done: Run) -> Any:
    return None if done.state.ended is None else done.state.ended.result


@every
def test_a_lost_run_is_not_a_clean_one_that_found_nothing(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_processes(monkeypatch)
    lost, empty = answered(harness, [LOST], tmp_path / "lost"), answered(harness, [EMPTY], tmp_path / "empty")
    assert empty.state.outcome == "completed"
    assert lost.state.health == "degraded"
    assert lost.state.outcome == "error" or result_of(lost) != result_of(empty)


@verifying
def test_undecided_is_not_refuted(harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    skeptics = {"label": "^verify"}
    said = {"verdict": "refuted", "reason": "it does not stand there", "evidence": []}
    rules = rules_of(harness)
    lost = answered(harness, [{"match": skeptics, "lost": "timeout"}, *rules], tmp_path / "lost")
    refuted = answered(harness, [{"match": skeptics, "result": said}, *rules], tmp_path / "refuted")
    assert result_of(lost) != result_of(refuted)
