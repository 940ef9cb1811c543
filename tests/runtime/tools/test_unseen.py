"""What commands are not shown of their folder, and what they leave as it was: git's, and what others execute."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from acting import agent_tools, called
from contained_commands import command, linux

PRIVATE = {".env": "planted-1", "sub/.env.local": "planted-2", ".aws/credentials": "planted-3"}
SHARED = {".flake8": "shared-1", ".github/ci.yml": "shared-2", "sub/a.py": "x = 1\n"}
FILLED = {".venv/pyvenv.cfg": "", ".venv/.lock": "filled-1"}


@linux
class TestUnseen:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
        for name, text in {**PRIVATE, **SHARED, **FILLED}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        subprocess.run(["git", "-C", str(tmp_path), "add", *SHARED], check=True)
        return tmp_path

    def test_what_is_hidden_and_not_shared_is_not_shown(self, folder: Path, walls: str) -> None:
        box = agent_tools(folder, allow=("run_command",))
        moving = "; ".join(f"mv {name} sub/x{at}; ln {name} sub/y{at}" for at, name in enumerate(PRIVATE))
        for script in (moving, "git add -A -f; git show :.env; ls", "cat .* .*/* sub/.* sub/* .venv/.lock"):
            told = called(box, "run_command", command=shlex.join(["sh", "-c", script]))
            assert "planted" not in told
        assert all(part in told for part in ("shared-1", "shared-2", "filled-1", "x = 1"))
        assert {name: (folder / name).read_text() for name in PRIVATE} == PRIVATE
        later = called(agent_tools(folder, allow=("run_command",)), "run_command", command="cat .env")
        assert "planted" not in later  # though git has it by now, without content

    def test_credentials_of_a_repository_are_not_shown(self, folder: Path) -> None:
        for name, value in (
            ("remote.origin.url", "https://me:planted-4@example.org/x.git"),
            ("http.https://example.org/.extraheader", "AUTHORIZATION: basic planted-5"),
        ):
            subprocess.run(["git", "-C", str(folder), "config", name, value], check=True)
        box = agent_tools(folder, allow=("run_command",))
        told = called(box, "run_command", command="sh -c 'cat .git/config; git remote -v'")
        assert "planted" not in told
        assert "origin\thttps://example.org/x.git (fetch)" in told

    def test_what_a_command_makes_stays_to_be_seen_and_a_grant_shows_the_rest(self, folder: Path) -> None:
        box = agent_tools(folder, allow=("run_command", f"command_reads:{folder}/.env"))
        assert "planted-1" in called(box, "run_command", command="cat .env")
        called(box, "run_command", command="sh -c 'echo mine > sub/.coverage'")
        assert "mine" in called(box, "run_command", command="cat sub/.coverage")


@linux
@pytest.mark.parametrize("named", [True, False])
def test_what_weft_itself_executes_stays_as_it_is(
    tmp_path: Path, walls: str, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "env" / "bin"
    programs.mkdir(parents=True)
    (programs / "weftless").write_text("#!/bin/sh\necho as before\n")
    (programs / "weftless").chmod(0o755)
    if named:
        monkeypatch.setenv("PATH", os.pathsep.join((str(programs), os.environ["PATH"])))
    else:
        monkeypatch.setattr(sys, "prefix", str(programs.parent))
    box = agent_tools(tmp_path, allow=("run_command", "write_file"))
    script = "echo x > env/bin/weftless; echo x > env/bin/git; mv env/bin b; mv env e; rm -r env; cat env/bin/weftless"
    assert "as before" in called(box, "run_command", command=shlex.join(["sh", "-c", script]))
    assert "where programs are executed from" in called(box, "write_file", path="env/bin/git", text="x")
    assert [path.name for path in programs.iterdir()] == ["weftless"]
    assert "as before" in (programs / "weftless").read_text()


@linux
class TestWhatGitGoesBy:
    @pytest.mark.parametrize("name", ["commondir", "config.worktree", "hooks", "modules/x"])
    def test_nothing_is_added_to_it(self, tmp_path: Path, name: str) -> None:
        """Git takes its configuration from where `commondir` says, and executes what that names."""
        subprocess.run(["git", "init", "-q", "--template=", str(tmp_path)], check=True)
        box = agent_tools(tmp_path, allow=("run_command",))
        assert "exit code 0" in called(box, "run_command", command=f"mkdir -p .git/{name}/x")
        assert "exit code 0" in called(box, "run_command", command="touch .git/description")
        assert {path.name for path in (tmp_path / ".git").iterdir()} >= {"description", "config"}
        assert not (tmp_path / ".git" / name).exists()

    def test_no_folder_becomes_a_repository_and_none_is_changed(self, tmp_path: Path, walls: str) -> None:
        for name in (".", "own"):
            subprocess.run(["git", "init", "-q", str(tmp_path / name)], check=True)
        before = {name: (tmp_path / name / ".git" / "config").read_text() for name in (".", "own")}
        script = "git init -q a; mkdir b; echo gitdir: ../a/.git > b/.git; ln -s a/.git c; mkdir d; mv c d/.git"
        script += (
            "; for x in . own; do git -C $x config core.fsmonitor evil; echo evil > $x/.git/hooks/pre-commit; done"
        )
        told = called(
            agent_tools(tmp_path, allow=("run_command",)), "run_command", command=shlex.join(["sh", "-c", script])
        )
        assert all(f"{name}/.git" in told for name in "abd")
        assert not any(os.path.lexists(tmp_path / name / ".git") for name in "abd")
        assert (tmp_path / "a" / ".git.off" / "config").exists()
        for name, text in before.items():
            assert (tmp_path / name / ".git" / "config").read_text() == text
            assert not (tmp_path / name / ".git" / "hooks" / "pre-commit").exists()

    def test_it_is_put_aside_also_where_weft_is_killed(self, tmp_path: Path, nap: str) -> None:
        code = (
            "import asyncio, json, sys\nfrom weft.runtime.tools import contained as host\n"
            "from weft.sandbox.contained import Command\n"
            "asyncio.run(host.contained(Command(**json.loads(sys.argv[1]))))"
        )
        one = json.dumps(asdict(command(tmp_path, "sh", "-c", f"mkdir a a/.git; touch made; sleep {nap}")))
        with subprocess.Popen([sys.executable, "-c", code, one, "--- helper"]) as weft:
            while not (tmp_path / "made").exists():
                assert weft.poll() is None
                time.sleep(0.01)
            weft.kill()
        assert any(not (tmp_path / "a" / ".git").exists() or time.sleep(0.01) for _ in range(1000))


@linux
def test_a_folder_or_a_path_that_a_command_has_exchanged_leads_nowhere(tmp_path: Path) -> None:
    for name in ("project/inner", "project/data", "secrets"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "secrets" / "key.txt").write_text("planted")
    project, secrets = tmp_path / "project", tmp_path / "secrets"
    box = agent_tools(project, project / "inner", allow=("run_command", "edit_file", f"command_reads:{project}/data"))
    exchanging = "; ".join(f"rmdir {name}; ln -s {secrets} {name}" for name in ("inner", "data"))
    called(box, "run_command", command=f"sh -c '{exchanging}'", folder="project")
    assert (project / "inner" / "key.txt").read_text() == "planted"
    assert "planted" not in called(box, "run_command", command="cat key.txt", folder="inner")
    assert "planted" not in called(box, "run_command", command="cat data/key.txt", folder="project")
    for tool, more in (("read_file", {}), ("edit_file", {"old": "planted", "new": "x"})):
        assert "another folder is in its place" in called(box, tool, path="inner/key.txt", **more)
