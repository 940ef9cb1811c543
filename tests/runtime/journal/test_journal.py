"""The journal: what is written, that it survives a kill at any moment, and what a damaged one says."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import anyio
import pytest
from running import resume_source, run_source

from weft.runtime.clock import RealClock
from weft.runtime.errors import JournalError
from weft.runtime.execution.replay import replay
from weft.runtime.journal import Journal, fold, read_journal
from weft.runtime.journal.events import Event, RunEnded, RunStarted
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import read_harness
from weft.runtime.request import AgentReply, AgentRequest
from weft.runtime.settings import Settings

HARNESS = """
async def step(n):
    first = await agent(f"first {n}", label=f"a{n}")
    return await agent(f"second {n} after {first}", label=f"b{n}")
async def main(args):
    phase("All")
    results = await parallel([step(n) for n in range(4)])
    log("half way")
    return [await agent("last"), list(results)]
"""


def test_every_event_comes_back_as_it_was(tmp_path: Path) -> None:
    done = run_source(HARNESS, tmp_path, stub={"rules": [{"match": {"label": "a2"}, "lost": "timeout"}]})
    events = read_journal(done.folder.journal)
    assert fold(events) == done.state
    assert isinstance(events[0][1], RunStarted)
    assert isinstance(events[-1][1], RunEnded)
    assert [at for at, _ in events] == sorted(at for at, _ in events)
    again = resume_source(done, tmp_path)
    begins = [event for _, event in read_journal(again.folder.journal) if isinstance(event, RunStarted)]
    assert [again.folder.start()] == begins[1:]


def test_what_no_encoding_can_hold_is_written_all_the_same(tmp_path: Path) -> None:
    """As in a task or a folder whose name is no UTF-8; in the settings nothing is left out then either."""
    settings = Settings(folders=(Path("docs/\udcff"),), model="m")
    started = RunStarted(run="r", name="n", task="look \udcff", digest="d", args=None, now="", settings=settings)
    journal = Journal(tmp_path / "run.db", RealClock())
    journal.add(started)
    journal.commit()
    journal.close()
    ((_, event),) = read_journal(tmp_path / "run.db")
    assert isinstance(event, RunStarted)
    assert (event.task, event.settings) == ("look ?", replace(settings, folders=(Path("docs/?"),)))
    (data,) = sqlite3.connect(tmp_path / "run.db").execute("SELECT data FROM event").fetchone()
    assert json.loads(data)["settings"].keys() == {entry.name for entry in fields(Settings)}


def test_a_journal_can_be_read_while_the_run_goes_on(tmp_path: Path) -> None:
    seen: list[int] = []

    async def agents(request: AgentRequest) -> AgentReply:
        (folder,) = Project(tmp_path).runs()
        seen.append(len(read_journal(folder.journal)))
        return AgentReply(value="x")

    done = run_source(HARNESS, tmp_path, agents=agents)
    assert seen == sorted(seen)
    assert 0 < seen[0] < seen[-1] < len(read_journal(done.folder.journal))


FULL = """
import resource, signal, sys
from pathlib import Path
sys.path[:0] = {paths!r}
from running import resume_source, run_source
from weft.runtime.execution.result import result_object

async def agents(request):
    from weft.runtime.request import AgentReply
    if request.label == "b0":
        # From here on files cannot grow, as on a full disk; the answer would make the journal grow.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    return AgentReply(value=request.label or "last")

done = run_source({harness!r}, Path({folder!r}), agents=agents)
print(done.state.outcome, done.state.ended.pause, done.state.count("done"))
"""


def test_a_journal_that_cannot_grow_pauses_the_run(tmp_path: Path) -> None:
    code = FULL.format(paths=[str(Path(__file__).parents[2] / "support")], harness=HARNESS, folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    assert done.stdout.split()[:2] == ["paused", "journal"]
    (run,) = Project(tmp_path).runs()
    result = json.loads(run.result.read_text())
    assert (result["outcome"], result["error"]["type"]) == ("paused", "journal")
    assert "journal cannot be used" in result["error"]["message"]
    replayed = anyio.run(replay, read_harness(run.harness), read_journal(run.journal))
    assert not replayed.complete


def test_a_watcher_that_fails_is_left_behind(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    told: list[Event] = []

    def failing(at: float, event: Event) -> None:
        told.append(event)
        if len(told) == 3:
            raise OSError("the terminal is gone")

    done = run_source(HARNESS, tmp_path, watchers=(failing,))
    assert (done.state.outcome, done.state.health, len(told)) == ("completed", "clean", 3)
    assert "goes on unwatched: its watcher failed (the terminal is gone)" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_journal_in_a_folder_that_is_not_there_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be used"):
        Journal(tmp_path / "missing" / "run.db", RealClock())


def test_a_run_that_never_began_has_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="has no journal"):
        read_journal(tmp_path / "run.db")
