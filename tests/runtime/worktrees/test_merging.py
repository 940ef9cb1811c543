"""`weft merge`: patches become commits one by one, each whole or not at all, and conflicts say who is in the way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Done, weft
from repositories import changing, git, isolated, left, repository
from unconfined import without_processes

from weft.runtime.execution.run import Run


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return repository(tmp_path / "project", {"a.txt": "one\ntwo\nthree\n", "b.txt": "b\n"})


def write(**files: str) -> Callable[[Path], None]:
    def done(tree: Path) -> None:
        for name, text in files.items():
            (tree / f"{name}.txt").write_text(text, encoding="utf-8")

    return done


def ran(folder: Path, **done: Callable[[Path], object]) -> Run:
    return isolated(folder, changing(**done), *done)


def merge(folder: Path, *words: str, code: int = 0) -> Done:
    done = weft(folder, "merge", "@last", *words)
    assert done.code == code, done.out + done.err
    return done


def subjects(folder: Path, branch: str = "HEAD") -> list[str]:
    return git(folder, "log", "--format=%s", branch).split("\n")


def clean(folder: Path) -> bool:
    return git(folder, "status", "--short", "--untracked-files=no") == ""


class TestWhatFits:
    def test_all_become_commits_in_their_order_and_a_second_time_they_are_there(self, folder: Path) -> None:
        ran(folder, x=write(a="one\n2\nthree\n"), y=write(b="B\n", new="new\n"), nothing=write())
        merge(folder)
        assert subjects(folder) == ["y", "x", "first"]
        assert (folder / "a.txt").read_text() == "one\n2\nthree\n"
        assert (folder / "b.txt").read_text() == "B\n" and (folder / "new.txt").read_text() == "new\n"
        assert clean(folder) and left(folder) == []
        assert all(one["there"] for one in merge(folder, "--json").json["merged"])
        assert subjects(folder) == ["y", "x", "first"]

    def test_those_that_are_named_in_that_order_with_what_others_have_committed_meanwhile(self, folder: Path) -> None:
        ran(folder, x=write(a="one\ntwo\nTHREE\n"), y=write(y="y\n"), z=write(z="z\n"))
        (folder / "a.txt").write_text("zero\none\ntwo\nthree\n")
        git(folder, "commit", "--quiet", "-am", "mine")
        merge(folder, "z", "0")
        assert subjects(folder) == ["x", "z", "mine", "first"]
        assert (folder / "a.txt").read_text() == "zero\none\ntwo\nTHREE\n"
        assert len(left(folder)) == 1

    def test_check_changes_nothing_and_staged_the_index_alone(self, folder: Path) -> None:
        ran(folder, x=write(a="x\n"), y=write(a="y\n"), z=write(new="new\n"))
        before = git(folder, "for-each-ref")
        found = merge(folder, "--check", "--json", code=1).json
        assert [one["agent"] for one in found["merged"]] == [0]
        assert found["conflicts"][0]["in"][0]["others"] == [f"agent 0 of {found['run']} (x)"]
        assert git(folder, "for-each-ref") == before and clean(folder)
        merge(folder, "x", "z", "--staged")
        assert git(folder, "diff", "--cached", "--name-only").split() == ["a.txt", "new.txt"]
        assert git(folder, "for-each-ref") == before

    def test_a_branch_takes_them_and_no_file_here_changes(self, folder: Path) -> None:
        ran(folder, x=write(a="x\n"))
        (folder / "a.txt").write_text("dirty\n")
        merge(folder, "--branch", "taken/x")
        assert subjects(folder, "taken/x") == ["x", "first"]
        assert (folder / "a.txt").read_text() == "dirty\n"

    def test_years_later_the_journal_is_enough(self, folder: Path, tmp_path: Path) -> None:
        lines = [f"{number}\n" for number in range(9)]
        changed = [*lines[:4], "four\n", *lines[5:]]
        (folder / "a.txt").write_text("".join(lines))
        git(folder, "commit", "--quiet", "-am", "longer")
        ran(folder, x=write(a="".join(changed)), y=lambda tree: (tree / "bin").write_bytes(bytes(range(256))))
        shutil.rmtree(folder / ".git")
        moved = folder.rename(tmp_path / "moved")
        repository(moved, {"a.txt": "".join(["new\n", *lines])})
        git(moved, "checkout", "--quiet", "--detach")
        merge(moved)
        assert (moved / "a.txt").read_text() == "".join(["new\n", *changed])
        assert (moved / "bin").read_bytes() == bytes(range(256))
        assert subjects(moved) == ["y", "x", "first"] and subjects(moved, "main") == ["first"]


class TestWhatDoesNotFit:
    def test_a_conflict_is_shown_and_nothing_half_applied(self, folder: Path) -> None:
        ran(folder, x=write(a="one\nX\nthree\n"), y=write(a="one\nY\nthree\n", b="Y\n"), z=write(z="z\n"))
        done = merge(folder, code=1)
        assert subjects(folder) == ["x", "first"] and clean(folder)
        assert (folder / "b.txt").read_text() == "b\n" and not (folder / "z.txt").exists()
        for said in ("a.txt: both change the same lines; changed too by agent 0 of", "    Y", "not tried  2 z"):
            assert said in done.out
        assert "by hand  git cherry-pick weft/" in done.out
        merge(folder, "--skip", code=4)
        assert subjects(folder) == ["z", "x", "first"]
        assert len(left(folder)) == 1

    def test_other_ways_not_to_fit(self, folder: Path) -> None:
        ran(folder, gone=write(a="x\n"), both=write(new="new\n"))
        (folder / "a.txt").unlink()
        (folder / "new.txt").write_text("mine\n")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "-m", "mine")
        found = [one["in"][0] for one in merge(folder, "--json", "--skip", code=4).json["conflicts"]]
        assert [one["why"] for one in found] == ["it is not there any more", "both add it, and not alike"]
        assert all("commit " in other for one in found for other in one["others"])
        assert clean(folder)

    def test_a_driver_that_is_configured_does_not_run(self, folder: Path, tmp_path: Path) -> None:
        (folder / ".gitattributes").write_text("* merge=odd\n")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "-m", "attributes")
        with (folder / ".git/config").open("a") as config:
            config.write(f'[merge "odd"]\nname = odd\ndriver = touch {tmp_path}/ran\n')
        ran(folder, x=write(a="one\nX\nthree\n"), y=write(a="one\nY\nthree\n"), z=write(a="one\ntwo\nthree\n4\n"))
        assert "both change the same lines" in merge(folder, "--skip", code=4).out
        assert (folder / "a.txt").read_text() == "one\nX\nthree\n4\n"
        assert not (tmp_path / "ran").exists()

    def test_a_file_that_git_does_not_know_is_not_overwritten(self, folder: Path) -> None:
        ran(folder, x=write(new="new\n"))
        (folder / "new.txt").write_text("mine\n")
        assert "new.txt" in merge(folder, code=3).err
        assert (folder / "new.txt").read_text() == "mine\n" and subjects(folder) == ["first"]

    def test_a_secret_is_not_on_record_and_not_merged_as_stars(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOME_API_KEY", "planted-secret")
        done = ran(folder, x=write(a="planted-secret\n"))
        assert "planted-secret" not in str(done.folder.events())
        kept = done.state.agents[0].finished
        assert kept is not None and kept.kept is not None
        commit = kept.kept.commit
        (folder / ".git/objects" / commit[:2] / commit[2:]).unlink()
        assert "is not on record as a whole" in merge(folder, code=1).out
        assert (folder / "a.txt").read_text() == "one\ntwo\nthree\n"


def test_a_target_that_cannot_take_any_and_agents_without_a_patch_are_refused(folder: Path) -> None:
    ran(folder, x=write(a="x\n"), nothing=write())
    (folder / "a.txt").write_text("mine\n")
    assert "nothing was changed" in merge(folder, code=3).err
    git(folder, "checkout", "--quiet", "a.txt")
    (folder / ".git/MERGE_HEAD").write_text(git(folder, "rev-parse", "HEAD"))
    assert "half done" in merge(folder, code=3).err
    (folder / ".git/MERGE_HEAD").unlink()
    git(folder, "worktree", "add", "--quiet", "-b", "other", str(folder.parent / "other"))
    assert "checked out in another" in merge(folder, "--branch", "other", code=3).err
    assert "no name for a branch" in merge(folder, "--branch", "a..b", code=3).err
    assert "has changed nothing" in merge(folder, "nothing", code=3).err
    assert "there is no agent" in merge(folder, "nobody", code=2).err
    assert "one of the two" in merge(folder, "--branch", "b", "--staged", code=2).err
    git(folder, "checkout", "--quiet", "--orphan", "new")
    assert "no commit yet" in merge(folder, code=3).err
    assert weft(folder, "merge", "nothing").code == 2


def test_clean_removes_branches_but_those_that_have_more_than_the_journal(folder: Path) -> None:
    done = ran(folder, x=write(a="x\n"), y=write(a="y\n"), long=write(a="y" * 1_100_000))
    git(folder, "update-ref", f"refs/heads/weft/{done.folder.id}/1", "HEAD")
    found = weft(folder, "clean", done.folder.id, "--json").json
    run = f"weft/{done.folder.id}"
    assert found == {"worktrees": [], "branches": [f"{run}/0"], "kept": [f"{run}/1", f"{run}/2"]}
    assert left(folder) == [f"{run}/1", f"{run}/2"]
    assert weft(folder, "clean").out == "nothing is left to remove\n"
