"""Agents in worktrees of their own: from which commit, what comes back of them, and that nothing of them stays."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from command import weft
from repositories import EACH, changing, git, go_on, isolated, left, repository
from unconfined import without_processes

from weft.runtime.errors import Refused
from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import result_object
from weft.runtime.execution.run import Run
from weft.runtime.project.harness import parse_harness
from weft.runtime.rehearsal.rehearse import rehearse
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.registry import Registry
from weft.runtime.tools.tool import Calling
from weft.runtime.tools.toolbox import Toolbox
from weft.runtime.working import Act, at_work
from weft.runtime.worktrees.git import Git
from weft.runtime.worktrees.leftovers import left_behind


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
    def test_each_has_its_change_and_nothing_else_stays(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        agents = changing(x=write("a.txt", "one\n2\nthree\n"), y=write("new/c.py", "c = 1\n"))
        done = isolated(folder, agents, "x", "y", "nothing")
        x, y, nothing = result(done)
        assert x["files"] == ["a.txt"] and y["files"] == ["new/c.py"]
        assert x["result"] == "done" and "-two\n+2" in x["patch"]
        assert nothing == {"branch": "", "patch": "", "files": [], "result": "done"}
        assert git(folder, "show", f"{y['branch']}:new/c.py") == "c = 1"
        assert git(folder, "rev-parse", f"{x['branch']}^") == git(folder, "rev-parse", "HEAD")
        assert git(folder, "status", "--short", "--untracked-files=no") == ""
        assert left(folder) == [x["branch"], y["branch"]]
        git(folder, "apply", stdin=x["patch"])  # as anybody could
        assert (folder / "a.txt").read_text() == "one\n2\nthree\n"
        monkeypatch.setenv("PATH", "/nowhere")  # a replay needs no git
        replayed = anyio.run(replay, parse_harness(EACH, name="test", filename="h.py"), done.folder.events())
        assert replayed.result == result(done)

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

    def test_a_patch_of_any_file_can_be_applied(self, folder: Path) -> None:
        written = {
            "naïve ☃.txt": b"x\n",
            "a.txt": b"caf\xe9\n",
            "windows.txt": b"one\r\ntwo\r\n",
            "bin": bytes(range(256)),
            "-n\n.txt": b"x",
        }

        def change(tree: Path) -> None:
            for name, data in written.items():
                (tree / name).write_bytes(data)
            (tree / "src/b.py").chmod(0o755)
            (tree / "link").symlink_to("/etc/passwd")

        (x,) = result(isolated(folder, changing(x=change), "x"))
        assert {*x["files"]} == {*written, "link", "src/b.py"}
        git(folder, "apply", "--whitespace=nowarn", stdin=x["patch"])
        assert {name: (folder / name).read_bytes() for name in written} == written
        assert (folder / "link").is_symlink() and os.access(folder / "src/b.py", os.X_OK)

    def test_a_repository_within_is_its_files_and_what_is_too_long_is_in_the_branch(self, folder: Path) -> None:
        def nest(tree: Path) -> None:
            repository(tree / "sub", {"c.txt": "c\n"})
            git(tree, "init", "--quiet", "empty")
            (tree / "empty/d.txt").write_text("d\n")

        x, y = result(isolated(folder, changing(x=nest, y=write("long.txt", "x" * 1_100_000)), "x", "y"))
        assert x["files"] == ["empty/d.txt", "sub/c.txt"]
        assert y["patch"] == f"(the patch is too long to be shown; it is the branch {y['branch']})"
        assert len(git(folder, "show", f"{y['branch']}:long.txt")) == 1_100_000


class TestWhereItBegins:
    def test_all_begin_with_the_commit_of_when_the_run_began(self, folder: Path) -> None:
        git(folder, "checkout", "--quiet", "--detach")
        git(folder, "branch", "weft")  # in the way of ours

        def commit(tree: Path) -> str:
            git(folder, "commit", "--quiet", "--allow-empty", "-m", "meanwhile")
            (tree / "a.txt").unlink()
            return git(tree, "rev-parse", "HEAD")

        done = isolated(folder, changing(x=commit, y=commit), "x", "y")
        assert done.state.started is not None and done.state.started.base is not None
        assert [reply["result"] for reply in result(done)] == [done.state.started.base.commit] * 2
        assert result(done)[0]["branch"] == f"weft-runs/{done.folder.id}/0"

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

    @pytest.mark.parametrize("kind", ["none", "unborn", "bare", "untracked folder", "partial"])
    def test_without_a_commit_to_begin_with_nothing_is_started(self, tmp_path: Path, kind: str) -> None:
        place = tmp_path / "place"
        place.mkdir()
        if kind in ("unborn", "bare"):
            git(place, "init", "--quiet", "--template=", *(["--bare"] if kind == "bare" else []))
        elif kind == "untracked folder":
            place = repository(place) / "later"
            place.mkdir()
        elif kind == "partial":
            blob = git(repository(place), "rev-parse", "HEAD:src/b.py")
            (place / ".git/objects" / blob[:2] / blob[2:]).unlink()
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

    def test_the_plan_says_with_which_commit_and_what_is_in_the_way(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(rehearse.__kwdefaults__, "runs", 1)
        (folder / "h.py").write_text('"""Do it."""\n' + EACH.replace("for name in args", 'for name in "xy"'))
        commit = git(folder, "rev-parse", "HEAD")
        words = ("plan", "h.py", "--model", "offline")
        found = weft(folder, *words, "--json").json["worktrees"]
        assert found == {"problem": None, "repository": str(folder), "commit": commit, "left_out": 1}
        (folder / "a.txt").write_text("changed\n")
        shown = " ".join(weft(folder, *words).out.split())
        assert "worktrees cannot be made as things are: files have changes that are not committed" in shown


class TestNobodyElsesCode:
    def test_no_hook_filter_or_monitor_of_the_repository_runs(self, folder: Path, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        (folder / ".git/hooks").mkdir()
        for name in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change"):
            hook = folder / ".git/hooks" / name
            hook.write_text(f"#!/bin/sh\necho {name} >> {ran}\n")
            hook.chmod(0o755)
        options = ('filter "odd=name"', "clean", "smudge"), ("core", "fsmonitor"), ("diff", "external")
        with (folder / ".git/config").open("a") as config:
            for section, *names in options:
                config.write(f"[{section}]\n")
                config.writelines(f"{name} = sh -c 'echo {name} >> {ran}; cat'\n" for name in names)
            config.write('[filter "odd=name"]\nrequired = true\n')

        def change(tree: Path) -> None:
            (tree / ".gitattributes").write_text("* filter=odd=name\n")
            (tree / "a.txt").write_text("x\n")

        done = isolated(folder, changing(x=change), "x")
        assert result(done)[0]["files"] == [".gitattributes", "a.txt"]
        assert not ran.exists()

    def test_what_an_agent_does_to_git_in_its_tree_misleads_nobody(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = repository(tmp_path / "other")

        def mislead(tree: Path) -> None:
            git(tree, "update-index", "--assume-unchanged", "a.txt")
            (tree / "a.txt").write_text("x\n")
            (tree / ".git").write_text(f"gitdir: {other / '.git'}\n")

        def swap(tree: Path) -> None:
            tree.rename(tree.with_name("aside"))
            tree.symlink_to(folder)

        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))  # as in a hook of another repository
        monkeypatch.setenv("GIT_DIR", str(other / ".git"))
        done = isolated(folder, changing(x=mislead, y=swap), "x", "y")
        monkeypatch.undo()
        assert result(done)[0]["files"] == ["a.txt"]
        assert "there is a link in place of its worktree" in losses(done)[0]
        assert (other / ".git/HEAD").exists() and (folder / "a.txt").exists()
        assert left(other) == [] and left(folder) == [result(done)[0]["branch"]]

    def test_a_program_in_the_repository_is_not_taken_for_git(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "git").write_text("#!/bin/sh\ntouch executed\n")
        (folder / "git").chmod(0o755)
        monkeypatch.setenv("PATH", os.pathsep.join((".", "", os.environ["PATH"])))
        assert anyio.run(Git(folder=folder).text, "rev-parse", "--show-toplevel") == str(folder)
        assert not (folder / "executed").exists()

    def test_a_repository_in_place_of_a_submodule_is_asked_nothing(self, folder: Path, tmp_path: Path) -> None:
        """Git asks submodules for their state, and would execute what the configuration of that one names."""
        executed = tmp_path / "executed"
        (folder / "sub").mkdir()
        git(folder, "update-index", "--add", "--cacheinfo", f"160000,{git(folder, 'rev-parse', 'HEAD')},sub")
        git(folder, "commit", "--quiet", "-m", "a submodule")

        def plant(tree: Path) -> None:
            inner = repository(tree / "sub")
            (inner / ".gitattributes").write_text("* filter=x\n")
            for name in ("core.fsmonitor", "filter.x.clean", "filter.x.process"):
                git(inner, "config", name, f"touch {executed}; cat")
            (inner / "a.txt").write_text("changed\n")
            (tree / "a.txt").write_text("changed\n")

        done = isolated(folder, changing(x=plant), "x")
        assert result(done)[0]["files"] == ["a.txt"]
        assert not executed.exists()


class TestNothingStays:
    def test_after_failure_and_time_out_and_where_it_is_held_fast(self, folder: Path) -> None:
        async def agents(request: AgentRequest) -> AgentReply:
            assert request.folders is not None
            (tree,) = request.folders
            write("a.txt", "x\n")(tree)
            if request.prompt == "slow":
                await anyio.sleep(60)
            (tree / "src").chmod(0o500)
            (tree / "new/deep").mkdir(parents=True)
            (tree / "new/deep").chmod(0)
            raise AgentError("refused", "no")

        done = isolated(folder, agents, "fails", "slow", timeout=0.3)
        assert result(done) == [None, None]
        assert left(folder) == []

    def test_a_resume_asks_again_who_was_lost_from_the_same_commit(self, folder: Path) -> None:
        async def failing(request: AgentRequest) -> AgentReply:
            if request.prompt == "y":
                raise AgentError("provider", "no")
            return await changing(x=write("a.txt", "x\n"))(request)

        done = isolated(folder, failing, "x", "y")
        (x, _), base = result(done), git(folder, "rev-parse", "HEAD")
        git(folder, "commit", "--quiet", "--allow-empty", "-m", "meanwhile")
        git(folder, "branch", f"weft/{done.folder.id}/7")  # as of one that was killed before it was on record
        git(folder, "branch", "weft/other/7")
        (folder / "a.txt").write_text("dirty by now\n")
        again = go_on(done, folder, changing(y=lambda tree: git(tree, "rev-parse", "HEAD")))
        assert result(again) == [x, {"branch": "", "patch": "", "files": [], "result": base}]
        assert left(folder) == [x["branch"], "weft/other/7"]

    def test_what_a_killed_run_has_left_goes_when_the_next_begins(self, folder: Path) -> None:
        trees = folder / ".weft/trees/20250101-000000-dead"
        trees.mkdir(parents=True)
        (trees / "repository").write_text(str(folder / ".git"))
        git(folder, "worktree", "add", "--quiet", "--detach", str(trees / "0/project"))
        git(folder, "worktree", "add", "--quiet", "--detach", str(folder.parent / "own"))
        assert left_behind(folder / ".weft/trees") == [trees]
        isolated(folder, changing(), "y")
        assert left(folder) == ["own"]

    def test_a_commit_that_is_gone_is_the_loss_of_its_agent(self, folder: Path) -> None:
        async def failing(request: AgentRequest) -> AgentReply:
            raise AgentError("provider", "no")

        done = isolated(folder, failing, "x")
        shutil.rmtree(folder / ".git")
        repository(folder, {"a.txt": "another history\n"})
        assert "no longer has the commit" in losses(go_on(done, folder, changing()))[0]

    @pytest.mark.parametrize("free", [0, 1 << 40])
    def test_one_that_cannot_be_made_is_a_loss_and_where_the_disk_is_full_a_pause(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, free: int
    ) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
        (folder / ".weft").mkdir()
        (folder / ".weft/trees").write_text("in the way")
        found = result_object(isolated(folder, changing(), "x").state)
        assert found["outcome"] == ("completed" if free else "paused")
        assert "its worktree cannot be made" in (found["lost"][0] if free else found["error"])["message"]


@pytest.mark.parametrize(
    ("isolated_too", "allow", "acts"),
    [
        (True, (), "idempotent"),
        (True, ("command_network",), "manual"),
        (True, ("command_writes:/srv",), "manual"),
        (False, (), "manual"),
    ],
)
def test_what_stays_in_a_worktree_may_be_repeated_unasked(
    folder: Path, isolated_too: bool, allow: tuple[str, ...], acts: str
) -> None:
    noted: list[Act] = []

    class Noting:
        ends = False

        def acts(self, act: Act) -> int:
            noted.append(act)
            return len(noted)

        def acted(self, number: int, failed: str | None) -> None: ...

    request = AgentRequest(id=1, prompt="?", model="offline", tools=(), timeout=None, retries=0)
    request = replace(request, folders=(folder,) if isolated_too else None)
    grants = ("run_command:no-such-program", *allow)
    calling = Calling(request=request, folders=Folders((folder,)), grants=Allowed(grants).grants)
    box = Toolbox([Registry()["run_command"]], Allowed(grants), calling)

    async def call() -> None:
        at_work(Noting())  # type: ignore[arg-type]
        await box.call(box.tools[0], {"command": "no-such-program"})

    anyio.run(call)
    assert [act.acts for act in noted] == [acts]


def test_what_is_deeper_than_a_path_can_say_is_taken_away_too(folder: Path) -> None:
    def deep(tree: Path) -> None:
        place = os.open(tree, os.O_RDONLY)
        for _ in range(1_100):
            os.mkdir("d" * 50, dir_fd=place)
            inner = os.open("d" * 50, os.O_RDONLY, dir_fd=place)
            os.close(place)
            place = inner
        os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=place))
        os.close(place)

    done = isolated(folder, changing(deep=deep, other=write("b.txt", "b")), "deep", "other")
    assert done.state.outcome == "completed"
    assert result(done)[1]["files"] == ["b.txt"]
    assert not any("trees" in place for place in left(folder))
