"""A run that could be gone on with is named where another would be begun, or one of several could be meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from begun import READ, answers, begin
from command import weft
from unconfined import without_processes


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


class TestWhichRun:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        answers(tmp_path, "text", "c")
        return tmp_path

    def test_a_run_of_the_same_that_can_be_gone_on_with_is_mentioned(self, folder: Path) -> None:
        first = begin(folder, READ)
        assert "has run this" not in first.err
        second = begin(folder, READ, typed="")  # nobody is paid, so nobody is asked
        assert f"weft resume {first.json['run']} uses them again" in second.err
        assert f"{first.json['run']} has run this with the same arguments: completed, degraded, 2 answers" in second.err
        edited = begin(folder, READ + "# another\n")
        assert f"weft resume {second.json['run']} --script h.py uses them again" in edited.err
        (folder / "other.py").write_text(READ + "# another\n# file")
        assert "has run" not in weft(folder, "run", "other.py", "--agents", "stub:stub.json", "--virtual-time").err

    def test_the_latest_is_said_to_be_older_than_what_was_not_started(self, folder: Path) -> None:
        run = begin(folder, READ).json["run"]
        words = ("run", "h.py", "--agents", "stub:stub.json", "--virtual-time")
        assert weft(folder, *words, "--allow", "edit_fil").code == 3
        shown = weft(folder, "show", "@last")
        assert f"could not be started (--allow edit_fil: there is no tool 'edit_fil'); {run} is the run" in shown.err
        assert "could not be started" not in weft(folder, "show", run).err
        weft(folder, *words)
        assert "could not be started" not in weft(folder, "show", "@last").err

    def test_one_that_has_all_there_is_is_not(self, folder: Path) -> None:
        begin(folder, READ)
        answers(folder, "text")
        weft(folder, "resume", "@last")
        assert "has run this" not in begin(folder, READ).err

    def test_a_pipe_in_place_of_a_journal_holds_nobody_up(self, folder: Path) -> None:
        run = begin(folder, READ).json["run"]
        journal = folder / ".weft" / "runs" / run / "run.db"
        journal.unlink()
        os.mkfifo(journal)
        assert begin(folder, READ).code == 4

    def test_whoever_would_pay_again_is_asked(self, folder: Path) -> None:
        run = begin(folder, READ).json["run"]
        words = ["run", "h.py", "--model", "anthropic:claude-haiku-4-5"]
        done = weft(folder, *words, typed="y\nn\n", ANTHROPIC_API_KEY="k")
        assert (done.code, "a new run was not approved" in done.err, f"weft resume {run}" in done.err) == (
            3,
            True,
            True,
        )

    def test_a_harness_means_its_only_run_that_can_be_gone_on_with(self, folder: Path) -> None:
        first = begin(folder, READ).json["run"]
        assert weft(folder, "resume", "h.py", "--plan").json["run"] == first
        second = begin(folder, READ).json["run"]
        done = weft(folder, "resume", "h", "--json")
        assert done.code == 2 and done.json["error"]["message"].startswith("'h' is a harness, and ")
        assert first in done.json["error"]["where"] and second in done.json["error"]["where"]
        answers(folder, "text")
        for run in (first, second):
            assert weft(folder, "resume", run).code == 0
        done = weft(folder, "resume", "h.py")
        assert done.code == 2 and "no run of 'h.py' is left" in done.err

    def test_so_it_does_where_nobody_was_paid_yet(self, folder: Path) -> None:
        (folder / "h.py").write_text(READ)
        words = ["--agents", "stub:stub.json", "--virtual-time", "--no-lint", "--max-agents", "1", "--json"]
        first = weft(folder, "run", "h.py", *words)
        assert first.json["agents"]["done"] == 0
        assert weft(folder, "resume", "h", "--plan").json["run"] == first.json["run"]
        paid = begin(folder, READ).json["run"]
        assert weft(folder, "resume", "h", "--plan").json["run"] == paid

    def test_a_harness_that_is_called_as_another_run_ends_is_neither(self, folder: Path) -> None:
        run = begin(folder, READ).json["run"]
        (folder / f"{run[-4:]}.py").write_text(READ)
        words = ["--agents", "stub:stub.json", "--virtual-time", "--json"]
        other = weft(folder, "run", f"{run[-4:]}.py", *words).json["run"]
        done = weft(folder, "resume", run[-4:], "--json")
        assert done.code == 2
        assert run in done.json["error"]["where"] and other in done.json["error"]["where"]
