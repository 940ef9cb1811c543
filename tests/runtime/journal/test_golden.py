"""Recorded runs of all times: what weft wrote once, it reads, shows, replays and resumes for ever."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import anyio
import pytest
from running import resume_source, run_source

from weft.primitives.limits import LANGUAGE
from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import result_object
from weft.runtime.execution.resume import recorded_harness
from weft.runtime.journal import fold, read_journal
from weft.runtime.journal.compare import compare
from weft.runtime.journal.store import SCHEMA_VERSION
from weft.runtime.page import text
from weft.runtime.project.folders import RunFolder
from weft.runtime.views.data import agent_object, run_object
from weft.runtime.views.text import agent_page, run_page

GOLDEN = Path(__file__).parents[2] / "golden"
RECORDS = sorted(path.parent.name for path in GOLDEN.glob("*/run.db"))
KILLED = ("killed", "unsettled")
ENDED = [name for name in RECORDS if name not in KILLED]


def expected(name: str, file: str) -> Any:
    return json.loads((GOLDEN / name / file).read_text("utf-8"))


def version(path: Path) -> int:
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as database:
        found: int = database.execute("PRAGMA user_version").fetchone()[0]
    database.close()
    return found


def test_the_set_is_whole() -> None:
    names = (
        "version-1",
        "complete",
        "degraded",
        "paused",
        "failed",
        "killed",
        "resumed",
        "sliced",
        "together",
        "unsettled",
        "language-1",
        "language-2",
    )
    assert set(names) <= set(RECORDS)
    assert {version(GOLDEN / name / "run.db") for name in RECORDS} >= {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("name", RECORDS)
def test_is_read_as_it_was_written_and_left_as_it_is(name: str) -> None:
    before = (GOLDEN / name / "run.db").read_bytes()
    events = read_journal(GOLDEN / name / "run.db")
    assert [event.type for _, event in events] == expected(name, "types.json")
    assert (GOLDEN / name / "run.db").read_bytes() == before
    assert sorted(path.name for path in (GOLDEN / name).iterdir()) == [
        *("harness.py", "result.json", "run.db", "types.json")
    ]


@pytest.mark.parametrize("name", ENDED)
def test_comes_to_the_same_result(name: str) -> None:
    found = result_object(fold(read_journal(GOLDEN / name / "run.db")))
    was = expected(name, "result.json")
    assert alike(found, was) == was  # there may be more in it today


def alike(found: Any, was: Any) -> Any:
    """Return what was found, without fields that there were not then."""
    if isinstance(was, dict):
        return {key: alike(found[key], was[key]) for key in was}
    if isinstance(was, list):
        return [alike(*both) for both in zip(found, was, strict=True)]
    return found


@pytest.mark.parametrize("name", RECORDS)
def test_is_shown(name: str) -> None:
    state = fold(read_journal(GOLDEN / name / "run.db"))
    assert state.started is not None and state.started.run in text(run_page(state, "here"))
    assert json.dumps(run_object(state))
    for agent in state.agents.values():
        assert text(agent_page(agent)) and json.dumps(agent_object(agent))
    assert not compare(state, state).changed


@pytest.mark.parametrize("name", RECORDS)
def test_is_replayed(name: str) -> None:
    folder = RunFolder(GOLDEN / name)
    events = read_journal(folder.journal)
    state = fold(events)
    assert state.started is not None
    harness = recorded_harness(folder, state.started)
    assert harness.digest == state.started.digest
    replayed = anyio.run(replay, harness, events)
    assert replayed.complete == (name not in ("paused", *KILLED))
    if replayed.complete and name != "failed":
        assert replayed.result == expected(name, "result.json")["result"]


@pytest.mark.parametrize("name", ["version-1", "paused", "killed", "failed", "unsettled"])
def test_is_resumed_and_written_in_today_s_form(tmp_path: Path, name: str) -> None:
    folder = tmp_path / ".weft" / "runs" / "old"
    shutil.copytree(GOLDEN / name, folder)
    saved = tmp_path / ".weft" / "workflows" / "inner.py"
    saved.parent.mkdir(parents=True)
    saved.write_text('async def main(args):\n    return await agent(f"inner {args}", label="inner")\n')
    before = read_journal(folder / "run.db")
    # A branch that raised is a reason to go on with a run, though it will raise again.
    again = resume_source(
        RunFolder(folder), tmp_path, stub={"default": {"result": "x"}}, model="anthropic:claude-sonnet-5-5"
    )
    events = read_journal(folder / "run.db")
    assert events[: len(before)] == before
    finished = {event.id for _, event in before if event.type == "agent_finished"}  # type: ignore[union-attr]
    assert again.state.reused_agents == len(finished)
    assert again.state.outcome == ("error" if name == "failed" else "completed")
    assert version(folder / "run.db") == SCHEMA_VERSION
    assert again.state.started is not None and again.state.started.source


EDITED = """
async def main(args):
    verdict = await verify("the sky is green", lenses=["d", "lost"], quorum=1)
    return [sorted(verdict), await workflow("inner", {"n": 2})]
"""


def test_a_run_keeps_the_language_that_it_began_with_also_in_saved_harnesses(tmp_path: Path) -> None:
    folder = tmp_path / ".weft" / "runs" / "old"
    shutil.copytree(GOLDEN / "language-1", folder)
    said = {"verdict": "supported", "reason": "r", "evidence": []}
    stub = {"rules": [{"match": {"label": "^verify"}, "result": said}, {"result": ["x"]}]}
    again = resume_source(RunFolder(folder), tmp_path, source=EDITED, stub=stub, model="anthropic:claude-sonnet-5-5")
    assert again.state.started is not None and again.state.started.language == 1
    assert result_object(again.state)["result"] == [
        ["independence", "survives", "votes"],
        [True, 0.0, ["x", "y"], "list"],
    ]
    assert anyio.run(replay, recorded_harness(again.folder, again.state.started), again.folder.events()).complete


def test_a_run_that_begins_today_speaks_today_s_language(tmp_path: Path) -> None:
    begun = run_source("async def main(args): return None", tmp_path)
    assert begun.state.started is not None and begun.state.started.language == LANGUAGE
