"""Agents in worktrees of their own: from which commit, what comes back of them, and that nothing of them stays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import anyio
import pytest
from repositories import EACH, changing, git, go_on, isolated, left, repository
from unconfined import without_processes

from weft.runtime.errors import Refused
from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import result_object
from weft.runtime.execution.run import Run
from weft.runtime.journal.events import AgentFinished
from weft.runtime.project.harness import parse_harness
from weft.runtime.request import AgentError, AgentReply, AgentRequest


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return repository(tmp_path / "project")


def result(done: Run) -> Any:
    return result_object(done.state)["result"]


def losses(done: Run) -> list[str]:
    return [lost["message"] for lost in result_object(done.state)["lost"]]


def write(name: str, text: str) -> Any:
    def done(tree: Path) -> None:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, encoding="utf-8")

    return done


class TestWhatComesBack:
    def test_each_has_its_change_as_branch_patch_and_files(self, folder: Path) -> None:
        done = isolated(folder, changing(x=write("a.txt", "one\n2\nthree\n"), y=write("new/c.py", "c = 1\n")), "x", "y")
        x, y = result(done)
        assert x["files"] == ["a.txt"] and y["files"] == ["new/c.py"]
        assert x["result"] == "done" and "-two\n+2" in x["patch"]
        assert git(folder, "show", f"{y['branch']}:new/c.py") == "c = 1"
        assert git(folder, "rev-parse", f"{x['branch']}^") == git(folder, "rev-parse", "HEAD")
        assert (folder / "a.txt").read_text() == "one\ntwo\nthree\n"
        assert git(folder, "status", "--short", "--untracked-files=no") == ""
        git(folder, "apply", stdin=x["patch"])  # as anybody could
        assert (folder / "a.txt").read_text() == "one\n2\nthree\n"

    def test_nothing_but_the_branches_stays(self, folder: Path) -> None:
        done = isolated(folder, changing(x=write("a.txt", "x\n")), "x", "nothing")
        x, nothing = result(done)
        assert left(folder) == [x["branch"]]
        assert nothing == {"branch": "", "patch": "", "files": [], "result": "done"}

    def test_the_schema_is_of_the_result(self, folder: Path) -> None:
        source = EACH.replace("tools=[]", 'tools=[], retries=0, schema={"type": "array", "maxItems": 1}').replace(
            "return", "replies ="
        )
        source += "    return [replies[0]['result'].full, replies[1]]\n"

        async def agents(request: AgentRequest) -> AgentReply:
            write("a.txt", request.prompt)(request.folders[0])  # type: ignore[index]
            return AgentReply(value=[1] if request.prompt == "x" else {"branch": "b"})

        done = isolated(folder, agents, "x", "y", source=source)
        assert result(done) == [True, None]
        assert len(left(folder)) == 1  # nothing is kept of an answer that does not fit

    def test_folders_are_those_of_the_run_in_the_worktree(self, folder: Path) -> None:
        seen: list[list[Path]] = []

        async def agents(request: AgentRequest) -> AgentReply:
            assert request.folders is not None
            seen.append([path.relative_to(folder / ".weft/trees") for path in request.folders])
            write("b.py", "b = 2\n")(request.folders[0])
            return AgentReply(value="done")

        done = isolated(folder, agents, "x", folders=(folder / "src", folder))
        assert [path.parts[2:] for path in seen[0]] == [("project", "src"), ("project",)]
        assert result(done)[0]["files"] == ["src/b.py"]

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("naïve ☃.txt", b"x\n"),
            ("a.txt", b"caf\xe9\n"),
            ("a.txt", b"one\r\ntwo\r\n"),
            ("bin", bytes(range(256))),
            ("-n\n.txt", b"x"),
        ],
    )
    def test_a_patch_of_any_file_can_be_applied(self, folder: Path, name: str, data: bytes) -> None:
        done = isolated(folder, changing(x=lambda tree: (tree / name).write_bytes(data)), "x")
        git(folder, "apply", "--whitespace=nowarn", stdin=result(done)[0]["patch"])
        assert (folder / name).read_bytes() == data

    def test_a_repository_within_is_taken_for_its_files(self, folder: Path) -> None:
        def nest(tree: Path) -> None:
            repository(tree / "sub", {"c.txt": "c\n"})
            git(tree, "init", "--quiet", "empty")
            (tree / "empty/d.txt").write_text("d\n")

        done = isolated(folder, changing(x=nest), "x")
        assert result(done)[0]["files"] == ["empty/d.txt", "sub/c.txt"]

    def test_a_patch_that_is_too_long_is_told_and_its_branch_has_it(self, folder: Path) -> None:
        done = isolated(folder, changing(x=write("long.txt", "x" * 1_100_000)), "x")
        (x,) = result(done)
        assert x["patch"] == f"(the patch is too long to be shown; it is the branch {x['branch']})"
        assert len(git(folder, "show", f"{x['branch']}:long.txt")) == 1_100_000

    def test_links_and_rights_are_part_of_it(self, folder: Path) -> None:
        def change(tree: Path) -> None:
            (tree / "a.txt").chmod(0o755)
            (tree / "link").symlink_to("/etc/passwd")

        done = isolated(folder, changing(x=change), "x")
        assert "new mode 100755" in result(done)[0]["patch"]
        assert "new file mode 120000" in result(done)[0]["patch"]


class TestWhereItBegins:
    def test_all_begin_with_the_commit_of_when_the_run_began(self, folder: Path) -> None:
        def commit(tree: Path) -> str:
            git(folder, "commit", "--quiet", "--allow-empty", "-m", "meanwhile")
            return git(tree, "rev-parse", "HEAD")

        done = isolated(folder, changing(x=commit, y=commit), "x", "y")
        assert done.state.started is not None and done.state.started.base is not None
        assert [reply["result"] for reply in result(done)] == [done.state.started.base.commit] * 2

    def test_a_changed_file_is_refused_unless_told(self, folder: Path) -> None:
        (folder / "a.txt").write_text("changed\n")
        (folder / "untracked.txt").write_text("new\n")
        with pytest.raises(Refused, match="not committed") as refused:
            isolated(folder, changing(), "x")
        assert "a.txt" in str(refused.value.where) and "--dirty" in str(refused.value.fix)
        done = isolated(folder, changing(x=lambda tree: (tree / "a.txt").read_text()), "x", dirty=True)
        assert result(done)[0]["result"] == "one\ntwo\nthree\n"
        assert done.state.started is not None and done.state.started.base is not None
        assert done.state.started.base.left_out == 2

    def test_one_that_git_does_not_know_is_in_nobodys_way(self, folder: Path) -> None:
        (folder / "untracked.txt").write_text("new\n")
        assert result(isolated(folder, changing(), "x"))

    def test_a_detached_head_is_as_good(self, folder: Path) -> None:
        git(folder, "checkout", "--quiet", "--detach")
        assert result(isolated(folder, changing(x=write("a.txt", "x\n")), "x"))[0]["files"] == ["a.txt"]

    @pytest.mark.parametrize("kind", ["none", "unborn", "bare", "inside", "untracked folder"])
    def test_without_a_commit_to_begin_with_nothing_is_started(self, tmp_path: Path, kind: str) -> None:
        place = tmp_path / "place"
        place.mkdir()
        if kind == "unborn":
            git(place, "init", "--quiet")
        elif kind == "bare":
            git(place, "init", "--quiet", "--bare")
        elif kind == "inside":
            place = repository(place) / ".git"
        elif kind == "untracked folder":
            place = repository(place) / "later"
            place.mkdir()
        with pytest.raises(Refused) as refused:
            isolated(place, changing(), "x")
        assert refused.value.fix and "isolation='worktree'" in str(refused.value.where)
        assert not (place / ".weft").exists()

    def test_a_worktree_that_shows_only_as_it_runs_is_the_loss_of_its_agent(self, tmp_path: Path) -> None:
        source = EACH.replace('isolation="worktree"', "isolation=('work' + 'tree' if name == 'x' else None)")

        async def agents(request: AgentRequest) -> AgentReply:
            return AgentReply(value="done")

        done = isolated(tmp_path, agents, "x", "y", source=source)
        assert result(done) == [None, "done"]
        assert "there is no git repository" in losses(done)[0]


class TestNobodyElsesCode:
    def test_no_hook_filter_or_monitor_of_the_repository_runs(self, folder: Path, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        for name in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change"):
            hook = folder / ".git/hooks" / name
            hook.write_text(f"#!/bin/sh\necho {name} >> {ran}\n")
            hook.chmod(0o755)
        for option in ("filter.odd=name.clean", "filter.odd=name.smudge", "core.fsmonitor", "diff.external"):
            git(folder, "config", option, f"sh -c 'echo {option} >> {ran}; cat'")
        git(folder, "config", "filter.odd=name.required", "true")
        ran.unlink(missing_ok=True)

        def change(tree: Path) -> None:
            (tree / ".gitattributes").write_text("* filter=odd=name\n")
            (tree / "a.txt").write_text("x\n")

        done = isolated(folder, changing(x=change), "x")
        assert result(done)[0]["files"] == [".gitattributes", "a.txt"]
        assert not ran.exists()

    def test_what_an_agent_does_to_git_in_its_tree_misleads_nobody(self, folder: Path, tmp_path: Path) -> None:
        other = repository(tmp_path / "other")

        def mislead(tree: Path) -> None:
            git(tree, "update-index", "--assume-unchanged", "a.txt")
            (tree / "a.txt").write_text("x\n")
            (tree / ".git").write_text(f"gitdir: {other / '.git'}\n")

        done = isolated(folder, changing(x=mislead), "x")
        assert result(done)[0]["files"] == ["a.txt"]
        assert (other / ".git/HEAD").exists()
        assert left(other) == []

    def test_another_repository_in_the_environment_misleads_nobody(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", str(repository(tmp_path / "other") / ".git"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
        done = isolated(folder, changing(x=write("a.txt", "x\n")), "x")
        monkeypatch.undo()
        assert left(folder) == [result(done)[0]["branch"]]


class TestNothingStays:
    def test_after_failure_and_time_out(self, folder: Path) -> None:
        async def agents(request: AgentRequest) -> AgentReply:
            write("a.txt", "x\n")(request.folders[0])  # type: ignore[index]
            if request.prompt == "fails":
                raise AgentError("refused", "no")
            await anyio.sleep(60)
            raise AssertionError

        done = isolated(folder, agents, "fails", "slow", timeout=0.3)
        assert result(done) == [None, None]
        assert left(folder) == []

    def test_what_cannot_be_removed_at_once_is_removed(self, folder: Path) -> None:
        def lock(tree: Path) -> None:
            (tree / "src").chmod(0o500)
            (tree / "new/deep").mkdir(parents=True)
            (tree / "new/deep").chmod(0)

        isolated(folder, changing(x=lock), "x")
        assert not [*folder.glob(".weft/trees")]

    def test_a_resume_asks_again_who_was_lost_from_the_same_commit(self, folder: Path) -> None:
        async def failing(request: AgentRequest) -> AgentReply:
            if request.prompt == "y":
                raise AgentError("provider", "no")
            return await changing(x=write("a.txt", "x\n"))(request)

        done = isolated(folder, failing, "x", "y")
        (x, _), base = result(done), git(folder, "rev-parse", "HEAD")
        git(folder, "commit", "--quiet", "--allow-empty", "-m", "meanwhile")
        (folder / "a.txt").write_text("dirty by now\n")
        again = go_on(done, folder, changing(y=lambda tree: git(tree, "rev-parse", "HEAD")))
        assert result(again) == [x, {"branch": "", "patch": "", "files": [], "result": base}]

    def test_what_a_killed_run_has_left_goes_when_the_next_begins(self, folder: Path) -> None:
        done = isolated(folder, changing(), "x")
        trees = folder / ".weft/trees" / done.folder.id
        trees.mkdir(parents=True)
        (trees / "repository").write_text(str(folder / ".git"))
        git(folder, "worktree", "add", "--quiet", "--detach", str(trees / "0/project"))
        git(folder, "worktree", "add", "--quiet", "--detach", str(folder.parent / "own"))
        isolated(folder, changing(), "y")
        assert left(folder) == ["own"]

    def test_a_branch_that_is_not_on_record_goes_with_a_resume(self, folder: Path) -> None:
        async def failing(request: AgentRequest) -> AgentReply:
            raise AgentError("provider", "no")

        done = isolated(folder, failing, "x")
        git(folder, "branch", f"weft/{done.folder.id}/7")
        git(folder, "branch", "weft/other/7")
        again = go_on(done, folder, changing(x=write("a.txt", "x\n")))
        assert left(folder) == [f"weft/{done.folder.id}/0", "weft/other/7"]
        assert result(again)[0]["branch"] == f"weft/{done.folder.id}/0"

    def test_a_replay_needs_no_git(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        done = isolated(folder, changing(x=write("a.txt", "x\n")), "x")
        monkeypatch.setenv("PATH", "/nowhere")
        replayed = anyio.run(replay, parse_harness(EACH, name="test", filename="h.py"), done.folder.events())
        assert replayed.result == result(done)

    def test_a_commit_that_is_gone_is_the_loss_of_its_agent(self, folder: Path) -> None:
        async def failing(request: AgentRequest) -> AgentReply:
            raise AgentError("provider", "no")

        done = isolated(folder, failing, "x")
        (folder / ".git").rename(folder.parent / "before")
        repository(folder)
        git(folder, "commit", "--quiet", "--amend", "-m", "another history")
        assert "no longer has the commit" in losses(go_on(done, folder, changing()))[0]


def test_a_secret_in_a_patch_is_not_on_record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "planted-secret")
    done = isolated(folder, changing(x=write("a.txt", "planted-secret\n")), "x")
    (finished,) = [event for _, event in done.folder.events() if isinstance(event, AgentFinished)]
    assert "planted-secret" not in str(finished)
    assert finished.kept is not None and not finished.kept.whole
