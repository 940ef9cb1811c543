"""What the commands show of tools that a project adds: before a grant their names, after it what they are."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from command import Done, weft
from unconfined import without_processes

from weft.runtime.project.tooling import ServerConfig

HOSTILE = str(Path(__file__).parents[2] / "support" / "hostile_server.py")
ADDED = f"""\
[tools]
shout = {{ function = "shouting_for_commands:shout", acts = "reads" }}

[mcp.shelf]
command = {json.dumps(sys.executable)}
args = ["-S", "-E", {json.dumps(HOSTILE)}, "good"]
env = {{ SHELF_TOKEN = "${{HOME}}" }}

[mcp.gone]
command = "no-such-program"
"""
HARNESS = """\
from weft.primitives import tool

async def main(args):
    return await tool("mcp:shelf.act", text="a")
"""
AGENT = """\
from weft.primitives import agent

async def main(args):
    return await agent("x", tools=["mcp:shelf.*"])
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    (tmp_path / "weft.toml").write_text(ADDED)
    (tmp_path / "h.py").write_text(HARNESS)
    (tmp_path / "shouting_for_commands.py").write_text(
        'def shout(text: str) -> str:\n    """Shout."""\n    return text\n'
    )
    return tmp_path


def rows(done: Done) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in map(str.split, done.out.splitlines()) if words}


def test_tools_are_listed_with_what_is_granted(project: Path) -> None:
    before = rows(weft(project, "tools"))
    assert before["read_file"][:2] == ["reads", "granted"]
    assert before["shout"][:3] == ["unknown", "not", "granted"]
    assert before["mcp:shelf.*"][:3] == ["unknown", "not", "granted"]
    assert "(with SHELF_TOKEN=${HOME})" in " ".join(before["mcp:shelf.*"])
    assert "shouting_for_commands" not in sys.modules
    done = weft(project, "tools", "--allow", "mcp:*", "--allow", "shout", "--json")
    assert done.code == 1
    listed = {one["name"]: one for one in done.json}
    assert (listed["shout"]["acts"], listed["mcp:shelf.act"]["acts"]) == ("reads", "manual")
    assert "there is no 'no-such-program'" in listed["mcp:gone.*"]["problem"]


def test_a_grant_that_means_nothing_is_an_error(project: Path) -> None:
    done = weft(project, "tools", "--allow", "a b")
    assert done.code == 2
    assert "--allow" in done.err


def test_doctor_tries_what_is_allowed(project: Path) -> None:
    done = weft(project, "doctor", "--allow", "mcp:*")
    assert done.code == 1
    assert "mcp:shelf.* works: hostile 1, 1 tool" in done.out
    assert "mcp:gone.* BROKEN: the server 'gone' cannot be used" in done.out
    assert "shout is shouting_for_commands:shout; not tried: --allow 'shout'" in done.out
    assert weft(project, "doctor").code == 0


def test_a_plan_shows_what_is_started_and_a_yes_binds_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    words = ("plan", "h.py", "--allow", "mcp:shelf.*")
    shown = weft(project, *words)
    assert f"starts    mcp:shelf.*: {sys.executable} -S -E" in " ".join(shown.out.split("\n"))
    assert "(with SHELF_TOKEN=${HOME}) not contained: these may do whatever you may" in " ".join(shown.out.split())
    first = weft(project, *words, "--json").json
    assert [*first["permissions"]["sources"]] == ["mcp:shelf.*"]
    (project / "weft.toml").write_text(ADDED.replace('"${HOME}"', '"${PATH}"'))
    assert weft(project, *words, "--json").json["digest"] != first["digest"]
    (project / "weft.toml").write_text(ADDED.replace("no-such-program", "another-program"))
    assert weft(project, *words, "--json").json["digest"] == first["digest"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"A_TOKEN": "${T}", "Authorization": "Bearer ${T}"}, "A_TOKEN=${T}, Authorization=Bearer ${T}"),
        ({"NODE_OPTIONS": "--require ./x.js", "DEBUG": "1"}, "NODE_OPTIONS=--require ./x.js, DEBUG=1"),
        ({"PGPASSWORD": "hunter2hunter2", "X": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"}, "PGPASSWORD, X"),
        ({"DATABASE": "postgres://me:pw@host/db"}, "DATABASE=postgres://***@host/db"),
    ],
)
def test_what_a_server_is_given_is_shown_where_it_is_no_secret(given: dict[str, str], shown: str) -> None:
    assert ServerConfig(command="x", cwd="in", env=given).shown == f"x, in in (with {shown})"


def test_a_yes_binds_who_else_may_be_told_what_agents_see(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    (project / "h.py").write_text(
        HARNESS.replace("tool", "agent", 1).replace('tool("mcp:shelf.act", text="a")', 'agent("a")')
    )
    words = ("plan", "h.py", "--model", "anthropic:claude-opus-4-5", "--json")
    digests = set()
    for said in ("", "fallback = ['openai:a']", "fallback = ['openai:b']"):
        (project / "weft.toml").write_text(f'[models."anthropic:claude-opus-4-5"]\n{said}\n')
        digests.add(weft(project, *words).json["digest"])
    (project / "weft.toml").write_text('[embeddings]\nmodel = "openai:text-embedding-3-small"\n')
    assert len(digests | {weft(project, *words).json["digest"]}) == 4


def test_check_knows_them(project: Path) -> None:
    assert weft(project, "check", "h.py").code == 0
    (project / "weft.toml").write_text("")
    assert weft(project, "check", "h.py").code == 1


def test_what_cannot_be_had_on_this_machine_is_said_before_anything_starts(project: Path) -> None:
    (project / "weft.toml").write_text(ADDED.replace("${HOME}", "${NOBODY_SETS_THIS}"))
    (project / "h.py").write_text(AGENT)
    plan = weft(project, "plan", "h.py", "--allow", "mcp:shelf.*", "--model", "offline")
    assert "lacks" in plan.out and "the environment has no NOBODY_SETS_THIS" in " ".join(plan.out.split())
    run = weft(project, "run", "h.py", "--allow", "mcp:shelf.*", "--model", "offline", "--yes")
    assert run.code == 3 and "the environment has no NOBODY_SETS_THIS" in " ".join(run.err.split())
    assert not list((project / ".weft").glob("runs/*"))
