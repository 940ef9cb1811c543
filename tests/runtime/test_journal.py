"""The journal: what is written, that it survives a kill at any moment, and what a damaged one says."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from running import run_source

from weft.runtime.agents.request import AgentReply, AgentRequest
from weft.runtime.errors import JournalError
from weft.runtime.harness import read_harness
from weft.runtime.journal import fold, read_journal
from weft.runtime.journal.events import COMPLETIONS, AgentCalled, Event, RunEnded, RunStarted
from weft.runtime.replay import replay
from weft.runtime.store import Project

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

KILLED_AT = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = {paths!r}
from weft.runtime.journal.store import Journal
from running import run_source

commits, commit = 0, Journal.commit

def counting(journal):
    global commits
    if journal.pending:
        commits += 1
        if commits == {at} and {before}:
            os.kill(os.getpid(), signal.SIGKILL)
    commit(journal)
    if commits == {at} and not {before}:
        os.kill(os.getpid(), signal.SIGKILL)

Journal.commit = counting
rules = [{{"match": {{"label": f"a{{n}}"}}, "latency": n % 2, "result": f"r{{n}}"}} for n in range(4)]
run_source({harness!r}, Path({folder!r}), stub={{"rules": rules}})
print(commits)
"""


def run_killed(folder: Path, at: int, before: bool) -> subprocess.CompletedProcess[str]:
    """Run in a process that kills itself before or after its `at`-th commit."""
    code = KILLED_AT.format(
        paths=[str(Path(__file__).parents[1] / "support")], at=at, before=before, harness=HARNESS, folder=str(folder)
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


def test_every_event_comes_back_as_it_was(tmp_path: Path) -> None:
    done = run_source(HARNESS, tmp_path, stub={"rules": [{"match": {"label": "a2"}, "lost": "timeout"}]})
    events = read_journal(done.folder.journal)
    assert fold(events) == done.state
    assert isinstance(events[0][1], RunStarted)
    assert isinstance(events[-1][1], RunEnded)
    assert [at for at, _ in events] == sorted(at for at, _ in events)


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
from running import run_source
from weft.runtime.views.result import result_object

async def agents(request):
    from weft.runtime.agents.request import AgentReply
    if request.label == "b0":
        # From here on files cannot grow, as on a full disk; the answer would make the journal grow.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    return AgentReply(value=request.label or "last")

done = run_source({harness!r}, Path({folder!r}), agents=agents)
print(done.state.outcome, done.state.ended.pause, done.state.count("done"))
"""


def test_a_journal_that_cannot_grow_pauses_the_run(tmp_path: Path) -> None:
    code = FULL.format(paths=[str(Path(__file__).parents[1] / "support")], harness=HARNESS, folder=str(tmp_path))
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
    assert "goes on unwatched" in caplog.text


@pytest.mark.parametrize("before", [True, False])
def test_killed_at_any_commit_the_record_is_whole_and_replays(tmp_path: Path, before: bool) -> None:
    """Whatever was delivered is in the journal; what is in it replays without a difference."""
    whole = run_killed(tmp_path / "whole", 0, before)
    assert whole.returncode == 0, whole.stderr
    commits = int(whole.stdout)
    assert commits > 5
    for at in range(2, commits + 1):
        folder = tmp_path / f"at{at}"
        killed = run_killed(folder, at, before)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        (run,) = Project(folder).runs()
        events = read_journal(run.journal)
        replayed = anyio.run(replay, read_harness(run.harness), events)
        assert replayed.deliveries == sum(isinstance(event, COMPLETIONS) for _, event in events)
        calls = [event for _, event in events if isinstance(event, AgentCalled)]
        assert replayed.calls >= len(calls)


def test_a_run_that_was_killed_says_that_it_has_not_ended(tmp_path: Path) -> None:
    run_killed(tmp_path, 4, before=False)
    (run,) = Project(tmp_path).runs()
    state = fold(read_journal(run.journal))
    assert (state.outcome, state.ended) == ("running", None)
    assert not run.result.exists()


class TestDamage:
    def made(self, folder: Path) -> Path:
        return run_source(HARNESS, folder).folder.journal

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(JournalError, match="has no journal"):
            read_journal(tmp_path / "run.db")

    def test_overwritten(self, tmp_path: Path) -> None:
        path = self.made(tmp_path)
        data = bytearray(path.read_bytes())
        data[:2000] = os.urandom(2000)
        path.write_bytes(bytes(data))
        with pytest.raises(JournalError, match="cannot be used"):
            read_journal(path)

    def test_an_event_that_makes_no_sense(self, tmp_path: Path) -> None:
        path = self.made(tmp_path)
        with sqlite3.connect(path) as database:
            database.execute('UPDATE event SET data = \'{"type": "agent_lost"}\' WHERE seq = 3')
        database.close()
        with pytest.raises(JournalError, match="event 3 is not what was written"):
            read_journal(path)

    def test_a_later_version_is_refused_not_guessed_at(self, tmp_path: Path) -> None:
        path = self.made(tmp_path)
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA user_version = 99")
        database.close()
        with pytest.raises(JournalError, match=r"version 99, this weft reads up to 2"):
            read_journal(path)

    def test_other_runs_are_not_affected(self, tmp_path: Path) -> None:
        broken = self.made(tmp_path)
        broken.write_bytes(b"not a database at all, not even close to one")
        fine = self.made(tmp_path)
        assert fold(read_journal(fine)).outcome == "completed"

    def test_a_journal_that_cannot_be_written_stops_the_run(self, tmp_path: Path) -> None:
        from weft.runtime.clock import RealClock
        from weft.runtime.journal import Journal

        with pytest.raises(JournalError, match="cannot be used"):
            Journal(tmp_path / "missing" / "run.db", RealClock())
