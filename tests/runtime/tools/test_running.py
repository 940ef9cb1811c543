"""Commands of agents: which are meant, what they reach, and that nothing of them is left."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from acting import agent_tools, called
from contained_commands import WITHOUT_NAMESPACES, command, linux
from hypothesis import example, given
from hypothesis import strategies as st

from weft.runtime.tools import contained as host
from weft.runtime.tools.contained import contained
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.running import command_line
from weft.sandbox.contained import Command


def run(one: Command) -> host.Output:
    return asyncio.run(contained(one))


def running(marker: str) -> list[int]:
    """Return the processes of this machine in whose command line something stands."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if marker.encode() in line and b"--- helper" not in line:
                found.append(int(entry.name))
    return found


def gone(marker: str) -> bool:
    """Whether such processes end, in whatever time that takes here."""
    return any(not running(marker) or time.sleep(0.01) for _ in range(1000))


class TestWhichCommand:
    @pytest.mark.parametrize(
        "line",
        ["pytest; rm -rf x", "pytest && rm x", "a | b", "a > b", "a < b", "a & b", "a `b`", "a $(b)", "a\nb", "a\rb"],
    )
    def test_what_only_a_shell_would_do_is_refused(self, tmp_path: Path, line: str) -> None:
        answer = called(agent_tools(tmp_path, allow=("run_command",)), "run_command", command=line)
        assert answer.startswith("refused: there is no shell here")

    @pytest.mark.parametrize("line", ["", " ", "''", "'a", "a\0b", "x" * 40_000])
    def test_what_is_no_command_is_refused(self, line: str) -> None:
        with pytest.raises(ToolRefused):
            command_line({"command": line})

    @pytest.mark.parametrize(
        ("line", "granted"),
        [
            ("pytest -q tests/a.py", True),
            ("  pytest   -q", True),
            ("'pytest' -q", True),
            ("p''ytest -q", True),
            ("'pytest;' rm", False),
            ("'pytest -q'", False),
            ("PYTHONPATH=x pytest", False),
            ("/tmp/pytest", False),
            ("./pytest", False),
            ("pytest/../evil", False),
            ("sh -c pytest", False),
            ("'\npytest'", False),
        ],
    )
    def test_a_grant_is_held_against_the_words_that_are_executed(
        self, tmp_path: Path, line: str, granted: bool
    ) -> None:
        box = agent_tools(tmp_path, allow=("run_command:pytest*",))
        tool = next(tool for tool in box.tools if tool.name == "run_command")
        assert box._allowed.covers(tool, {"command": line}) is granted

    @given(
        st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1), min_size=1)
    )
    @example(["a;b", "$(c)", "'", '"', "\n", "\\"])
    def test_quoted_words_are_taken_as_they_are(self, words: list[str]) -> None:
        assert shlex.split(command_line({"command": shlex.join(words)})) == words


ATTEMPTS = """
import json, os, socket, sys
folder, outside, port, sock = sys.argv[1:]

def tries(act):
    try:
        return act() or "done"
    except OSError as error:
        return "refused"

def connects(family, where):
    with socket.socket(family) as tried:
        tried.settimeout(2)
        tried.connect(where)

def memories():
    found = b""
    for name in os.listdir("/proc"):
        try:
            found += open(f"/proc/{name}/environ", "rb").read()
        except OSError:
            pass
    return "secret" if b"planted-secret" in found else "refused"

print(json.dumps({
    "tcp": tries(lambda: connects(socket.AF_INET, ("127.0.0.1", int(port)))),
    "udp": tries(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.0.0.1", 9)) and None),
    "unix": tries(lambda: connects(socket.AF_UNIX, sock)),
    "read": tries(lambda: open(outside).read()),
    "shadow": tries(lambda: open("/etc/shadow").read()),
    "link": tries(lambda: open("link").read()),
    "up": tries(lambda: open(os.path.join("..", os.path.basename(outside))).read()),
    "system": tries(lambda: open("/usr/planted", "w").close()),
    "memory": memories(),
    "inside": tries(lambda: open("made", "w").close()),
    "home": tries(lambda: open(os.path.join(os.environ["HOME"], "x"), "w").close()),
    "signal": tries(lambda: os.kill(int(open("parent").read()), 0)),
    "write": tries(lambda: open(outside, "w").close()) and "refused",  # or to a folder of its own
    "environment": [name for name in os.environ if "SECRET" in name or "KEY" in name],
}))
"""


@linux
class TestContained:
    def test_it_reaches_nothing_outside(self, tmp_path: Path, walls: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MY_API_KEY", "planted-secret")
        monkeypatch.setenv("PLAIN_SECRETS", "planted-secret")
        folder = tmp_path / "project"
        folder.mkdir()
        (tmp_path / "outside").write_text("planted")
        (folder / "link").symlink_to(tmp_path / "outside")
        (folder / "parent").write_text(str(os.getpid()))
        with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
            local.bind(str(tmp_path / "sock"))
            local.listen()
            port = str(server.getsockname()[1])
            words = ("python3", "-c", ATTEMPTS, str(folder), str(tmp_path / "outside"), port, str(tmp_path / "sock"))
            output = run(command(folder, *words))
        found = json.loads(output.text())
        assert {name: said for name, said in found.items() if said != "refused"} == {
            "inside": "done",
            "home": "done",
            "environment": [],
        }
        assert (tmp_path / "outside").read_text() == "planted"
        assert {"files", "network"} <= {*output.ended.walls}

    def test_what_is_granted_besides_can_be_reached(self, tmp_path: Path, walls: str) -> None:
        folder, other = tmp_path / "project", tmp_path / "other"
        folder.mkdir()
        other.mkdir()
        (other / "a").write_text("planted")
        allow = ("run_command", "command_network", f"command_reads:{other}/**")
        with socket.create_server(("127.0.0.1", 0)) as server:
            reaching = (
                f"import socket; socket.create_connection({server.getsockname()!r}); print(open('{other}/a').read())"
            )
            answer = called(agent_tools(folder, allow=allow), "run_command", command=f'python3 -c "{reaching}"')
        assert "exit code 0" in answer
        assert "planted" in answer

    def test_no_star_grants_more_than_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "project").mkdir()
        (tmp_path / "outside").write_text("planted")
        answer = called(agent_tools(tmp_path / "project", allow=("*",)), "run_command", command="cat ../outside")
        assert "planted" not in answer

    def test_what_the_person_executes_later_stays_as_it_is(self, tmp_path: Path) -> None:
        hooks = tmp_path / ".git" / "hooks"
        hooks.mkdir(parents=True)
        (tmp_path / ".git" / "config").write_text("[core]\n")
        script = "echo x > .git/hooks/pre-commit; echo x > .git/config; mv .git gone; rm -r .git; touch .git/index"
        called(agent_tools(tmp_path, allow=("run_command",)), "run_command", command=f"sh -c '{script}'")
        if "processes" not in run(command(tmp_path, "true")).ended.walls:
            pytest.skip("this system has no namespaces")
        assert [*hooks.iterdir()] == []
        assert (tmp_path / ".git" / "config").read_text() == "[core]\n"
        assert (tmp_path / ".git" / "index").exists()

    def test_in_a_git_worktree_git_works_and_the_file_that_says_so_stays(self, tmp_path: Path) -> None:
        def git(*words: str) -> None:
            subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@y", *words], cwd=tmp_path, check=True)

        git("init", "-q", "repository")
        git("-C", "repository", "commit", "-q", "--allow-empty", "-m", "first")
        git("-C", "repository", "worktree", "add", "-q", "../tree")
        box = agent_tools(tmp_path / "tree", allow=("run_command",))
        assert "## tree" in called(box, "run_command", command="git status --short --branch")
        said = (tmp_path / "tree" / ".git").read_text()
        called(box, "run_command", command="sh -c 'echo gitdir: /tmp > .git; rm .git; mv .git x'")
        if "processes" in run(command(tmp_path, "true")).ended.walls:
            assert (tmp_path / "tree" / ".git").read_text() == said

    def test_a_file_that_names_another_place_as_its_repository_leads_nowhere(self, tmp_path: Path) -> None:
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "commondir").write_text(".")
        (tmp_path / "secrets" / "gitdir").write_text("/elsewhere/.git")
        (tmp_path / "secrets" / "key").write_text("planted")
        (tmp_path / "tree").mkdir()
        (tmp_path / "tree" / ".git").write_text(f"gitdir: {tmp_path}/secrets\n")
        box = agent_tools(tmp_path / "tree", allow=("run_command",))
        assert "planted" not in called(box, "run_command", command=f"cat {tmp_path}/secrets/key")

    def test_where_nothing_can_contain_it_nothing_is_executed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nothing = "\nfrom weft.sandbox import contained\ncontained._raised = lambda *_, **__: []\nmain()\n"
        monkeypatch.setattr(host, "BOOT", WITHOUT_NAMESPACES.replace("\nmain()\n", nothing))
        box = agent_tools(tmp_path, allow=("run_command",))
        answer = called(box, "run_command", command="touch made")
        assert "refused: touch: this system has nothing to keep a command from" in answer
        assert not (tmp_path / "made").exists()


@linux
class TestLimits:
    def test_nothing_is_left_of_what_it_started(self, tmp_path: Path, nap: str, walls: str) -> None:
        script = f"(setsid sleep {nap} &); setsid sh -c 'sleep {nap} & sleep {nap}' & sleep 0.2; echo done"
        output = run(command(tmp_path, "sh", "-c", script))
        assert output.text() == "done\n"
        assert output.ended.left >= 3
        assert gone(nap)

    def test_one_that_does_not_want_to_end_is_ended(self, tmp_path: Path, nap: str, walls: str) -> None:
        output = run(command(tmp_path, "sh", "-c", f"trap '' TERM; sleep {nap}; sleep {nap}", seconds=0.3))
        assert (output.ended.reason, output.ended.status) == ("time", -signal.SIGKILL)
        assert gone(nap)

    def test_too_many_processes_end_it(self, tmp_path: Path, nap: str, walls: str) -> None:
        script = f"i=0; while [ $i -lt 100 ]; do sleep {nap} & i=$((i+1)); done; wait"
        output = run(command(tmp_path, "sh", "-c", script, processes=40))
        assert output.ended.reason == "processes" or "fork" in output.text()
        assert gone(nap)

    def test_too_much_memory_ends_it(self, tmp_path: Path, nap: str) -> None:
        script = f"import os, time; os.fork(); x = b'x' * 60_000_000; time.sleep({nap})"
        output = run(command(tmp_path, "python3", "-c", script, memory_bytes=100_000_000))
        assert output.ended.reason == "memory"

    def test_of_much_output_beginning_and_end_are_kept(self, tmp_path: Path) -> None:
        output = run(command(tmp_path, "sh", "-c", "echo first; head -c 3000000 /dev/zero; echo last"))
        assert output.size == 3_000_011
        assert len(output.text()) < 1_200_000
        assert output.text().startswith("first")
        assert "bytes are not kept" in output.text()
        assert output.text().endswith("last\n")

    def test_one_that_does_not_stop_writing_is_ended(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(host, "MOST_WRITTEN", 2_000_000)
        assert run(command(tmp_path, "yes")).ended.reason == "unwanted"

    def test_it_ends_with_the_agent(self, tmp_path: Path, nap: str, walls: str) -> None:
        async def cancelled() -> None:
            task = asyncio.create_task(contained(command(tmp_path, "sh", "-c", f"touch made; setsid sleep {nap}")))
            while not (tmp_path / "made").exists() or not running(nap):
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert not running(nap)

        asyncio.run(cancelled())

    def test_it_ends_with_weft_however_that_ends(self, tmp_path: Path, nap: str, walls: str) -> None:
        code = (
            "import asyncio, json, sys\nfrom weft.runtime.tools import contained as host\n"
            "from weft.sandbox.contained import Command\nhost.BOOT = sys.argv[2]\n"
            "asyncio.run(host.contained(Command(**json.loads(sys.argv[1]))))"
        )
        one = json.dumps(asdict(command(tmp_path, "sh", "-c", f"(setsid sleep {nap} &); touch made; sleep {nap}")))
        with subprocess.Popen([sys.executable, "-c", code, one, host.BOOT, "--- helper"]) as weft:
            while not (tmp_path / "made").exists():
                assert weft.poll() is None
                time.sleep(0.01)
            weft.kill()
        assert gone(nap)

    def test_it_is_executed_once_whatever_becomes_of_who_watches_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dies = "\nfrom weft.sandbox import contained\nimport os\n" + (
            "def watch(*_, **__):\n    import time; time.sleep(0.3); os._exit(9)\ncontained.watch = watch\nmain()\n"
        )
        boot = host.BOOT.replace("; ", "\n").replace("\nmain()", dies)
        monkeypatch.setattr(host, "BOOT", boot)
        box = agent_tools(tmp_path, allow=("run_command",))
        answer = called(box, "run_command", command="sh -c 'echo x >> made'")
        assert "nobody knows how far it came" in answer
        assert (tmp_path / "made").read_text() == "x\n"


@linux
def test_by_trying_it_is_known_what_holds() -> None:
    assert {"files", "network"} <= {*asyncio.run(host.walls())}


@linux
class TestTold:
    def test_how_it_ended_comes_first_and_colours_do_not_come(self, tmp_path: Path) -> None:
        box = agent_tools(tmp_path, allow=("run_command",))
        said = r"printf '\033[31mred\033[0m\rover\n\377'; exit 3"
        answer = called(box, "run_command", command=shlex.join(["sh", "-c", said]))
        assert re.fullmatch(
            r'<data (\w+) from="run_command">\nexit code 3 after [\d.]+ s\nover\n\N{REPLACEMENT CHARACTER}\n</data \1>',
            answer,
        )
        assert 'run_command("sh -c' in next(iter(box.calling.touched))

    def test_what_is_no_program_or_no_folder_is_refused(self, tmp_path: Path) -> None:
        box = agent_tools(tmp_path, allow=("run_command",))
        assert "there is no program 'no-such-thing'" in called(box, "run_command", command="no-such-thing")
        assert "refused" in called(box, "run_command", command="./no-such-thing")
        assert "refused" in called(box, "run_command", command="ls", folder="../x")
        assert "refused" in called(box, "run_command", command="ls", folder="none")

    def test_of_several_folders_it_runs_in_one(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            (tmp_path / name / "deep").mkdir(parents=True)
        box = agent_tools(tmp_path / "a", tmp_path / "b", allow=("run_command",))
        assert "say in which folder: a, b" in called(box, "run_command", command="pwd")
        assert str(tmp_path / "b" / "deep") in called(box, "run_command", command="pwd", folder="b/deep")


@linux
@pytest.mark.parametrize("pattern", ["", ":/", ":/**"])
def test_all_files_are_granted_by_where_they_begin(tmp_path: Path, pattern: str) -> None:
    assert "exit code 2" in called(agent_tools(tmp_path, allow=("run_command",)), "run_command", command="ls -d /var")
    box = agent_tools(tmp_path, allow=("run_command", f"command_reads{pattern}"))
    assert "exit code 0" in called(box, "run_command", command="ls -d /var")
