"""What the world around does to a run and its resume: other processes, full disks, folders that go away, clocks."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import anyio
import pytest
from asking import Asking
from killing import in_process, side_by_side
from running import resume_source, run_source
from waiting import until

from weft.runtime.errors import JournalError, NotFound, RunLocked
from weft.runtime.execution.resume import resumable
from weft.runtime.journal import fold, read_journal
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.request import AgentReply, AgentRequest

HARNESS = """
async def step(n):
    first = await agent(f"first {n}", label=f"a{n}")
    return await agent(f"second {n} after {first}", label=f"b{n}")
async def main(args):
    results = await parallel([step(n) for n in range(4)])
    return [await agent("last"), list(results)]
"""


@pytest.fixture
def paused(tmp_path: Path) -> RunFolder:
    """Return a run that has more to do."""
    return run_source(HARNESS, tmp_path, agents=Asking(tmp_path), max_agents=3).folder


class TestTwoProcesses:
    def holding(self, folder: Path, run: RunFolder) -> int:
        """Resume the run in another process, in which an agent never answers; return the process."""

        class Stuck(Asking):
            async def __call__(self, request: AgentRequest) -> AgentReply:
                await super().__call__(request)
                await anyio.sleep_forever()
                raise AssertionError

        process = os.fork()
        if not process:
            with suppress(BaseException):
                resume_source(run, folder, agents=Stuck(folder, name="stuck.txt"), virtual_time=False)
            os._exit(1)
        until((folder / "stuck.txt").exists)
        return process

    def test_the_second_is_told_who_holds_the_run_and_a_dead_one_holds_nothing(
        self, tmp_path: Path, paused: RunFolder
    ) -> None:
        process = self.holding(tmp_path, paused)
        try:
            before = read_journal(paused.journal)
            with pytest.raises(RunLocked) as held:
                resume_source(paused, tmp_path, agents=Asking(tmp_path))
            assert f"process {process} on " in held.value.what and " since 20" in held.value.what
            assert (held.value.exit_code, paused.alive, paused.state().killed) == (3, True, False)
            assert read_journal(paused.journal) == before
        finally:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        assert (paused.alive, paused.state().killed) == (False, True)
        again = resume_source(paused, tmp_path, agents=Asking(tmp_path))
        assert (again.state.outcome, again.state.health) == ("completed", "clean")

    def test_one_that_only_looks_at_the_bill_is_not_said_to_be_the_killed_one(
        self, tmp_path: Path, paused: RunFolder
    ) -> None:
        process = self.holding(tmp_path, paused)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        with resumable(paused), pytest.raises(RunLocked) as held:
            assert (paused.alive, paused.state().outcome) == (True, "killed")
            resume_source(paused, tmp_path, agents=Asking(tmp_path))
        assert "or is about to go on with it; the last on record is process" in held.value.what

    def test_of_many_at_once_exactly_one_goes_on(self, tmp_path: Path, paused: RunFolder) -> None:
        class Slow(Asking):
            async def __call__(self, request: AgentRequest) -> AgentReply:
                await anyio.sleep(0.3)  # so that the others come while this one is at it
                return await super().__call__(request)

        def go_on() -> None:
            try:
                resume_source(paused, tmp_path, agents=Slow(tmp_path), virtual_time=False)
            except RunLocked:
                os._exit(3)

        assert sorted(side_by_side([go_on] * 4)) == [0, 3, 3, 3]
        assert set(Asking(tmp_path).asked.values()) == {1}
        assert fold(read_journal(paused.journal)).health == "clean"


class TestFolder:
    def test_deleted_during_the_run_it_pauses_before_it_spends_more(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Deleting(Asking):
            async def __call__(self, request: AgentRequest) -> AgentReply:
                if request.prompt == "first 2":
                    (run,) = Project(tmp_path).runs()
                    shutil.rmtree(run.path)
                return await super().__call__(request)

        agents = Deleting(tmp_path)
        done = run_source(HARNESS, tmp_path, agents=agents, concurrency=1)
        assert done.state.ended is not None and done.state.ended.problem is not None
        assert (done.state.outcome, done.state.ended.pause) == ("paused", "journal")
        assert "journal cannot be used" in done.state.ended.problem.message
        assert agents.asked.total() == 3
        assert "the result cannot be written" in caplog.text

    def test_replaced_during_the_run_too(self, tmp_path: Path) -> None:
        class Replacing(Asking):
            async def __call__(self, request: AgentRequest) -> AgentReply:
                if request.prompt == "first 2":
                    (run,) = Project(tmp_path).runs()
                    shutil.copytree(run.path, tmp_path / "copy", ignore=shutil.ignore_patterns("*.sock"))
                    shutil.rmtree(run.path)
                    shutil.copytree(tmp_path / "copy", run.path)
                return await super().__call__(request)

        agents = Replacing(tmp_path)
        done = run_source(HARNESS, tmp_path, agents=agents, concurrency=1)
        assert (done.state.ended and done.state.ended.pause, agents.asked.total()) == ("journal", 3)
        again = resume_source(done, tmp_path, agents=Asking(tmp_path))  # what was on record in the copy is
        assert (again.state.outcome, again.state.health) == ("completed", "clean")

    def test_one_that_is_gone_cannot_be_resumed(self, tmp_path: Path, paused: RunFolder) -> None:
        shutil.rmtree(paused.path)
        with pytest.raises(NotFound, match="cannot be opened"):
            resume_source(paused, tmp_path)
        assert not paused.path.exists()

    def test_one_that_may_not_be_written_is_left_as_it_is(self, paused: RunFolder, tmp_path: Path) -> None:
        before = {path.name: path.read_bytes() for path in paused.path.iterdir()}
        for path in (*paused.path.iterdir(), paused.path):
            path.chmod(path.stat().st_mode & ~0o222)

        def go_on() -> None:
            give_up_writing_anywhere()
            agents = Asking(paused.path)
            try:
                resume_source(paused, scratch, agents=agents)
            except JournalError as error:
                os._exit(42 if "journal cannot be used" in error.what else 1)

        scratch = tmp_path / "scratch"
        scratch.mkdir(mode=0o777)
        scratch.chmod(0o777)
        assert in_process(go_on) == 42
        assert {path.name: path.read_bytes() for path in paused.path.iterdir()} == before
        assert paused.state().outcome == "paused"  # it can still be shown


def give_up_writing_anywhere() -> None:
    """Let permissions hold for root too: give up CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, see capabilities(7)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    for effective_or_permitted in (0, 1):
        sets[effective_or_permitted] &= ~0b110
    assert libc.capset(header, sets) == 0


class TestFullDisk:
    """Files that cannot grow, as on a full disk."""

    def limited(self, work: Callable[[], int], size: int) -> int:
        def do() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            os._exit(work())

        return in_process(do)

    def test_from_the_beginning_of_a_resume_nothing_changes(self, tmp_path: Path, paused: RunFolder) -> None:
        events, harness, result = (
            read_journal(paused.journal),
            paused.harness.read_text(),
            paused.result.read_text(),
        )

        def go_on() -> int:
            with pytest.raises(JournalError, match="journal cannot be used"):
                resume_source(paused, tmp_path, agents=Asking(tmp_path))
            return 42

        assert self.limited(go_on, 2_000) == 42
        assert (read_journal(paused.journal), paused.harness.read_text()) == (events, harness)
        assert paused.result.read_text() == result
        assert Asking(tmp_path).asked.total() == 3

    @pytest.mark.parametrize("size", [36_000, 45_000])
    def test_later_on_it_pauses_and_goes_on_when_there_is_room(
        self, tmp_path: Path, paused: RunFolder, size: int
    ) -> None:
        def go_on() -> int:
            done = resume_source(paused, tmp_path, agents=Asking(tmp_path), concurrency=1)
            assert done.state.ended is not None
            return {"journal": 5, None: 0}[done.state.ended.pause]  # type: ignore[index]

        assert self.limited(go_on, size) == 5
        on_record = fold(read_journal(paused.journal))
        assert json.loads(paused.result.read_text())["outcome"] == "paused"
        again = resume_source(paused, tmp_path, agents=Asking(tmp_path))
        assert (again.state.outcome, again.state.health) == ("completed", "clean")
        assert again.state.reused_agents >= on_record.count("done")
        assert max(Asking(tmp_path).asked.values()) <= 2


class TestClock:
    @pytest.mark.parametrize("leap", [timedelta(days=-900), timedelta(days=900)])
    def test_the_wall_clock_leaps_between_executions(
        self, tmp_path: Path, paused: RunFolder, monkeypatch: pytest.MonkeyPatch, leap: timedelta
    ) -> None:
        class Leaping(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return datetime.now(UTC) + leap

        monkeypatch.setattr(sys.modules["weft.runtime.execution.run"], "datetime", Leaping)
        agents = Asking(tmp_path)
        first = fold(read_journal(paused.journal))
        again = resume_source(paused, tmp_path, agents=agents, max_agents=5, virtual_time=False)
        again = resume_source(again, tmp_path, agents=agents, virtual_time=False)
        assert (again.state.outcome, set(agents.asked.values())) == ("completed", {1})
        times = [at for at, _ in read_journal(paused.journal)]
        assert times == sorted(times)
        assert first.started is not None and again.state.started is not None
        assert again.state.started.now == first.started.now
        assert again.state.wall_s >= first.wall_s >= 0
        newer = run_source(HARNESS, tmp_path, agents=agents)
        assert newer.folder.id != paused.id
