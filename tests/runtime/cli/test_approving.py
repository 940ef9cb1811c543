"""One yes before a run that may cost: to a digest, or at a terminal where the plan can be changed first."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from anthropic_server import serving, text
from command import Done, weft
from shown import ROOT
from unconfined import without_processes

from weft.runtime.authoring.plan import make_plan
from weft.runtime.errors import Refused
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.rehearsal.rehearse import rehearse
from weft.runtime.scheduling.widths import IN_ALL
from weft.runtime.settings import Settings
from weft.runtime.views.plan import plan_page
from weft.runtime.views.terminal import fitted

SOURCE = '''"""Look into what there is."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"most": {"type": "integer", "default": 2, "maximum": 9}}}


async def main(args):
    return await parallel(agent(f"look {number}", phase="Look") for number in range(args["most"]))
'''
WIDE = '''"""Look into what an agent finds."""

from weft.primitives import agent, parallel


async def main(args):
    found = await agent("list", schema={"type": "array", "items": {"type": "string"}}) or []
    return await parallel(agent(f"look into {one}") for one in found)
'''
PAID = ("--model", "anthropic:claude-haiku-4-5")
KEY = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run `weft` in a project of its own, as a user of its own."""
    without_processes(monkeypatch)
    monkeypatch.setitem(rehearse.__kwdefaults__, "runs", 6)
    (tmp_path / "h.py").write_text(SOURCE)

    def run(*words: str, typed: str | None = None, **more: str) -> Done:
        return weft(tmp_path, *words, typed=typed, **{"HOME": str(tmp_path / "home"), **KEY, **more})

    return run


def digest(run: Callable[..., Done], *words: str) -> str:
    return str(run("plan", *words, "--json").json["digest"])


def test_a_digest_binds_source_arguments_permissions_and_widths(run: Callable[..., Done], tmp_path: Path) -> None:
    first = digest(run, "h.py", *PAID)
    (tmp_path / "notes").mkdir()
    assert first.startswith("sha256:") and digest(run, "h.py", *PAID, "--budget", "3") == first
    others = [
        digest(run, "h.py", "--most", "3", *PAID),
        digest(run, "h.py", "--model", "anthropic:claude-sonnet-5-5"),
        digest(run, "h.py", "--dir", "notes", *PAID),
    ]
    (tmp_path / "h.py").write_text(SOURCE.replace("look {number}", "see {number}"))
    assert len({first, *others, digest(run, "h.py", *PAID)}) == 5


def test_a_plan_as_data_has_the_fields_that_are_documented(
    run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rehearse.__kwdefaults__, "runs", 1)
    plan = run("plan", "h.py", *PAID, "--json").json
    page = (ROOT / "docs/pages/how-to/review.md").read_text().partition("## The plan as data")[2].partition("\n## ")[0]
    rows = [row.split("|")[1:3] for row in page.splitlines() if row.startswith("| `")]
    named = [(re.findall(r"`(\w+)`", fields), re.findall(r"`(\w+)`", said)) for fields, said in rows]
    assert sorted(field for fields, _ in named for field in fields) == sorted(plan)
    said = {fields[0]: {*parts} for fields, parts in named}
    forecast, permissions = plan["forecast"], plan["permissions"]
    assert said["forecast"] == {*forecast, *forecast["tokens"], *forecast["usd"]}
    assert said["permissions"] - {"null"} == {*permissions}


def test_nothing_that_may_cost_runs_unattended_without_a_yes(run: Callable[..., Done], tmp_path: Path) -> None:
    refused = run("run", "h.py", *PAID, "--json")
    assert (refused.code, "needs a yes" in refused.err, (tmp_path / ".weft/runs").exists()) == (3, True, False)
    assert f"--approve {digest(run, 'h.py', *PAID)[:19]}" in refused.json["error"]["fix"]
    stale = run("run", "h.py", *PAID, "--most", "3", "--approve", digest(run, "h.py", *PAID))
    assert (stale.code, "is that of another plan" in stale.err, (tmp_path / ".weft/runs").exists()) == (3, True, False)
    assert all(f"--{part})" in stale.err for part in ("args", "dir", "allow", "model", "agents"))
    assert run("run", "h.py", *PAID, "--no-lint").code == 3
    assert run("run", "h.py", *PAID, "--no-lint", "--approve", "sha256:0123456789").code == 2
    assert run("run", "h.py", *PAID, typed="n\n").code == 3


def test_a_digest_is_enough_and_only_for_what_it_is_of(run: Callable[..., Done], tmp_path: Path) -> None:
    approved = digest(run, "h.py", *PAID)[:19]
    with serving(lambda body: text("seen")) as server:
        url = {"ANTHROPIC_BASE_URL": server.url}
        assert run("run", "h.py", *PAID, "--approve", approved, "--json", **url).json["result"] == ["seen", "seen"]
        asked = run("run", "h.py", *PAID, typed="\n", **url)
        assert "approved before" in asked.err and "Run it?" not in asked.err
        (tmp_path / "h.py").write_text(SOURCE + "\n")
        assert run("run", "h.py", *PAID, "--approve", approved, **url).code == 3


def test_what_is_wider_than_an_approved_plan_waits_and_stops(
    run: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.runtime.scheduling.widths.SECONDS", 0.01)
    (tmp_path / "w.py").write_text(WIDE)
    rules = [{"match": {"prompt": "list"}, "result": [str(one) for one in range(900)]}, {"result": "seen"}]
    (tmp_path / "stub.json").write_text(json.dumps({"rules": rules}))
    words = ("w.py", "--agents", "stub:stub.json")
    plan = run("plan", *words, "--json").json
    assert plan["bound"] == "unbounded" and max(plan["permissions"]["widths"].values()) < 900
    done = run("run", *words, "--approve", plan["digest"], "--json")
    assert (done.code, done.json["error"]["type"], done.json["agents"]["started"]) == (5, "approval", 1)
    assert done.json["error"]["fix"].startswith("weft resume ")


ONE_BY_ONE = WIDE.replace("parallel(agent(f", "one_by_one(agent(f").replace(
    "from weft.primitives import agent, parallel\n",
    """from weft.primitives import agent


async def one_by_one(calls):
    return [await call for call in calls]
""",
)


def test_a_yes_beforehand_is_one_to_what_a_plan_shows(
    run: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who says yes without a look is told to what, and the run is held to it, see `scheduling.test_widths`."""
    held: list[Any] = []

    async def started(*_: Any, approved: Any, **more: Any) -> None:
        held.append(approved)
        raise Refused("not here")

    monkeypatch.setattr("weft.runtime.execution.run.run", started)
    monkeypatch.setitem(rehearse.__kwdefaults__, "runs", 2)
    (tmp_path / "w.py").write_text(ONE_BY_ONE)
    told = [run("run", "w.py", *PAID, "--yes", *more).err for more in ([], ["--max-agents", "12"])]
    told.append(run("run", "h.py", *PAID, "--yes").err)
    agents = held[0][IN_ALL]
    assert held[1:] == [None, None] and agents > 1
    for said, err in zip(
        [f"{agents} agents as in rehearsal", "the limit that is set", "at most 9 agents"], told, strict=True
    ):
        assert f"approved: {said}" in err or f"approved: as many agents as {said}" in err


def test_a_yes_beforehand_to_what_nothing_bounds_is_refused(run: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "w.py").write_text(WIDE.replace("    found", "    args['missing']\n    found"))
    done = run("run", "w.py", *PAID, "--yes")
    assert (done.code, "nothing shows how many agents" in done.err) == (3, True)
    assert not (tmp_path / ".weft/runs").exists()


@pytest.mark.parametrize("source", [SOURCE, WIDE])
def test_a_plan_is_one_screen(run: Callable[..., Done], tmp_path: Path, source: str) -> None:
    harness = parse_harness(source, name="h", filename="h.py")
    settings = Settings(model="anthropic:claude-sonnet-5-5", budget_usd=2.0, folders=(Path(),))
    made = anyio.run(make_plan, harness, {"most": 2} if source == SOURCE else {}, settings, Config(), Project(tmp_path))
    rows = [row.plain for row in fitted(plan_page(made, 80), 80)]
    assert len(rows) <= 23 and max(map(len, rows)) <= 80
    for name in ("harness", "lint", "bound", "rehearsed", "cost", "agents", "tokens", "dollars", "minutes", "may"):
        assert any(row.startswith(name) for row in rows), name


def test_a_plan_says_what_agents_would_need_that_nobody_has_allowed(run: Callable[..., Done], tmp_path: Path) -> None:
    tools = "from weft.primitives import agent\n\n\nasync def main(args):\n"
    (tmp_path / "e.py").write_text(tools + "    return await agent('Mend it', tools=['read_file', 'edit_file'])\n")
    plan = ("plan", "e.py", "--model", "offline")
    assert "--allow edit_file" in run(*plan).out
    assert "nobody has allowed" not in run(*plan, "--allow", "edit_file:src/**").out


def test_a_run_says_at_once_all_that_nobody_has_allowed(run: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "weft.toml").write_text("[mcp.shelf]\ncommand = 'shelf'\n")
    (tmp_path / "e.py").write_text(
        "from weft.primitives import agent, tool\n\n\nasync def main(args):\n"
        "    await tool('mcp:shelf.look')\n"
        "    return await agent('Mend it', tools=['edit_file', 'write_file', 'run_command', 'mcp:shelf.*'])\n"
    )
    done = run("run", "e.py", "--yes", "--allow", "write_file", "--model", "offline")
    assert done.code == 3 and "the tool 'edit_file', which nobody has allowed" in done.err
    assert "fix     --allow edit_file --allow run_command --allow 'mcp:shelf.*'," in done.err
    assert done.err.count("mcp:shelf.* is shelf") == 1 and "--allow mcp:shelf.look" not in done.err


COMPUTED = """from weft.primitives import agent, tool, workflow

ARGS = {"type": "object", "properties": {"who": {"type": "string", "default": "armed"}}}
TOOLS = ["edit_file"]


def ask(text, tools):
    return agent(text, tools=tools)


async def main(args):
    found = [await ask("x", [f"fetch_{part}" for part in ("url",)] + TOOLS), await agent("y", profile=args["who"])]
    return [*found, await workflow("inner"), await tool("mcp:shelf.look")]
"""


def test_what_a_harness_computes_is_known_before_it_runs(run: Callable[..., Done], tmp_path: Path) -> None:
    """Tools in a variable, given by a helper or a profile that an argument names, of a saved harness, or called."""
    (tmp_path / "c.py").write_text(COMPUTED)
    (tmp_path / "weft.toml").write_text("[mcp.shelf]\ncommand = 'shelf'\n")
    (tmp_path / ".weft/agents").mkdir(parents=True)
    (tmp_path / ".weft/agents/armed.md").write_text("---\ntools: [run_command]\n---\nGo.")
    (tmp_path / ".weft/workflows").mkdir()
    (tmp_path / ".weft/workflows/inner.py").write_text(
        "from weft.primitives import agent\n\nNAME = 'write_file'\n\n\nasync def main(args):\n"
        "    return await agent('z', tools=[NAME])\n"
    )
    free = ("c.py", "--model", "offline")
    plan = run("plan", *free, "--json").json
    grants = plan["wants"]["tools"]
    assert sorted(grants) == ["edit_file", "fetch_url", "mcp:shelf.look", "run_command", "write_file"]
    refused = run("run", *free, "--yes")
    assert (refused.code, (tmp_path / ".weft/runs").exists()) == (3, False)
    assert all(f"--allow {grant}" in refused.err.partition("fix ")[2] for grant in grants)
    other = run("plan", "c.py", "--model", "offline", "--who", "nobody")
    assert "lacks     c.py:12: there is no profile 'nobody'; there are armed" in other.out
    assert "shelf" in other.out and "--allow run_command" not in other.out
    grants = [word for grant in grants for word in ("--allow", grant)]
    refused = run("run", *free, "--who", "nobody", "--yes", *grants)
    assert (refused.code, (tmp_path / ".weft/runs").exists()) == (3, False)
    assert "error: there is no profile 'nobody'; there are armed" in refused.err


def test_what_is_to_be_done_next_grants_what_is_wanted(run: Callable[..., Done], tmp_path: Path) -> None:
    """Where it may cost, a yes binds the grants, so that the plan with them comes first."""
    (tmp_path / "e.py").write_text(
        "from weft.primitives import agent\n\n\nasync def main(args):\n"
        "    return await agent('Mend it', tools=['edit_file'])\n"
    )

    def next_of(*words: str) -> list[str]:
        return shlex.split(run(*words).err.partition("next: weft ")[2].splitlines()[0])

    free = next_of("plan", "e.py", "--model", "offline")
    assert (free[0], sorted(free[2:])) == ("run", ["--allow", "--model", "edit_file", "offline"])
    seen = next_of("plan", "e.py", *PAID)
    assert (seen[0], "--approve" in seen) == ("plan", False)
    with serving(lambda body: text("mended")) as server:
        assert run(*next_of(*seen), ANTHROPIC_BASE_URL=server.url).code == 0


def test_a_grant_of_what_there_is_not_is_refused(run: Callable[..., Done]) -> None:
    for grant, meant in (("edit_fil:src/**", "did you mean edit_file?"), ("mcp:shelf.look", "weft tools lists")):
        done = run("run", "h.py", "--yes", "--allow", grant, "--model", "offline")
        assert done.code == 3 and f"--allow {grant}: there is no tool" in done.err and meant in done.err


class TestChanging:
    def test_an_edit_is_checked_and_planned_again(self, run: Callable[..., Done], tmp_path: Path) -> None:
        editor = tmp_path / "ed.sh"
        editor.write_text("#!/bin/sh\nsed -i 's/look {number}/see {number}/' \"$1\"\n")
        editor.chmod(0o755)
        done = run("run", "h.py", *PAID, typed="e\nv\nn\n", EDITOR=str(editor), VISUAL="")
        assert (done.code, (tmp_path / "h.py").read_text()) == (3, SOURCE)
        (kept,) = (tmp_path / ".weft/plans").glob("*.py")
        assert "see {number}" in kept.read_text() and f"weft run .weft/plans/{kept.name}" in done.err
        assert 'agent(f"see {number}"' in done.err  # as it is viewed after that

    @pytest.mark.parametrize(
        ("script", "said"),
        [
            (None, "no editor is named"),
            ("exit 3", "failed"),
            ("echo 'async def main(' > \"$1\"", "not Python"),
            ("echo 'x = 1' > \"$1\"", "no `async def main"),
            ('rm "$1"', "cannot be read"),
            ("printf '\\377' > \"$1\"", "cannot be read"),
        ],
    )
    def test_an_edit_that_comes_to_nothing_loses_nothing(
        self, run: Callable[..., Done], tmp_path: Path, script: str | None, said: str
    ) -> None:
        editor = ""
        if script is not None:
            editor = str(tmp_path / "ed.sh")
            Path(editor).write_text(f"#!/bin/sh\n{script}\n")
            Path(editor).chmod(0o755)
        done = run("run", "h.py", *PAID, typed="e\nn\n", EDITOR=editor, VISUAL="")
        assert (done.code, said in done.err, (tmp_path / "h.py").read_text()) == (3, True, SOURCE)
        assert done.err.count("Run it?") == 2

    def test_it_is_saved_under_a_name(self, run: Callable[..., Done], tmp_path: Path) -> None:
        done = run("run", "h.py", *PAID, typed="s\nlooking\ns\nno name\ns\ndigest\nn\n")
        assert (done.code, "saved as .weft/workflows/looking.py" in done.err) == (3, True)
        assert (tmp_path / ".weft/workflows/looking.py").is_file()
        assert "'no name' is no name for a harness" in done.err
        assert "no longer the harness that comes with Weft" in done.err

    def test_a_fix_is_shown_and_planned_again(self, run: Callable[..., Done], tmp_path: Path) -> None:
        (tmp_path / "h.py").write_text(SOURCE.replace("    return", '    print("looking")\n    return'))
        done = run("run", "h.py", *PAID, typed="f\nn\n")
        _, _, after = done.err.partition("[f]ix [r]evise [s]ave [n]o")
        assert '-    print("looking")' in after and '+    log("looking")' in after
        assert "Run it? [y]es [v]iew [e]dit [r]evise [s]ave [n]o" in after

    def test_what_has_errors_can_be_changed_and_not_run(self, run: Callable[..., Done], tmp_path: Path) -> None:
        (tmp_path / "h.py").write_text(f"{SOURCE}\nimport os\n")
        done = run("run", "h.py", *PAID, typed="y\nn\n")
        assert (done.code, done.err.count("Run it? [v]iew [e]dit [r]evise [n]o")) == (3, 2)

    def test_a_wish_changes_the_harness_and_shows_how(self, run: Callable[..., Done], tmp_path: Path) -> None:
        told: list[str] = []

        def answer(body: dict[str, Any]) -> Any:
            told.append(json.dumps(body["messages"]))
            return text(f"```python\n{SOURCE.replace('look {number}', 'see {number}')}```")

        with serving(answer) as server:
            url = {"ANTHROPIC_BASE_URL": server.url}
            done = run("run", "h.py", *PAID, typed="r\nSay see, not look\nn\n", **url)
            planned = run("plan", "--revise", "h.py", "Say see, not look", *PAID, **url)
        assert "Say see, not look" in told[0] and "look {number}" in told[0]
        for shown in (done.err, planned.err):
            assert '-    return await parallel(agent(f"look {number}"' in shown
            assert '+    return await parallel(agent(f"see {number}"' in shown
        assert (done.code, planned.code, (tmp_path / "h.py").read_text()) == (3, 0, SOURCE)
        assert "next: weft run .weft/plans/h-" in planned.err

    def test_without_a_model_nothing_is_revised(self, run: Callable[..., Done]) -> None:
        done = run("plan", "--revise", "h.py", "Say see", ANTHROPIC_API_KEY="")
        assert (done.code, "revised by a model, and there is none" in done.err) == (3, True)
        assert run("plan", "--revise", "no-such", "Say see", *PAID).code == 2
        assert run("plan", "--revise", "h.py", " ", *PAID).code == 2


def test_an_author_is_shown_saved_harnesses_that_are_trusted(run: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / ".weft/workflows").mkdir(parents=True)
    (tmp_path / ".weft/workflows/brought.py").write_text(
        SOURCE.replace("Look into what there is.", "Which documents contradict each other?")
    )
    told: list[str] = []

    def answer(body: dict[str, Any]) -> Any:
        told.append(json.dumps(body["messages"]))
        return text(f"```python\n{SOURCE}```")

    with serving(answer) as server:
        done = run("plan", "Which documents contradict each other?", *PAID, ANTHROPIC_BASE_URL=server.url)
    assert (done.code, "find-contradictions" in told[0], "<saved name" in told[0]) == (0, True, True)
    assert "brought" not in told[0]
