"""Programs of the command line as agents: real processes that speak the formats of the real ones."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import fake_agent
import pytest
from killing import in_process
from repositories import isolated, repository
from running import resume_source, run_source
from unconfined import without_processes

from weft.primitives.lost import Spent
from weft.runtime.agents.adapters.command import CommandAgents
from weft.runtime.execution.result import result_object
from weft.runtime.execution.resume import resumable
from weft.runtime.journal.events import Event, ToolBegan
from weft.runtime.pause import Pause
from weft.runtime.project.folders import Project
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.views.text import result_page

PROGRAM = (sys.executable, "-S", fake_agent.__file__)
NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.fixture
def fake(tmp_path: Path) -> Any:
    """Return what makes agents of the program, which then writes these things in turn."""

    def making(*kinds: str, words: tuple[str, ...] = (), **options: Any) -> CommandAgents:
        environment = {**os.environ, "FAKE": ",".join(kinds), "FAKE_LOG": str(tmp_path / "log")}
        return CommandAgents([*PROGRAM, *words], folder=tmp_path, environment=environment, **options)

    return making


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def logged(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log").read_text().splitlines()]


def request(**given: Any) -> AgentRequest:
    defaults = {"id": 1, "prompt": "How many?", "model": "m", "tools": (), "timeout": 20.0, "retries": 0}
    return AgentRequest(**{**defaults, **given})


def asked(agents: CommandAgents, **given: Any) -> AgentReply:
    async def once() -> AgentReply:
        return await agents(request(**given))

    return asyncio.run(once())


CLAUDE_SPENT = Spent(125, 30, 0.25, 100, 20)
CODEX_SPENT = Spent(120, 40, 0.0, 100, 10)


@pytest.mark.parametrize(
    ("kind", "form", "schema", "value", "spent"),
    [
        ("claude=hello", "claude", None, "hello", CLAUDE_SPENT),
        ("claude-lines=one\u2028two", "claude", None, "one\u2028two", CLAUDE_SPENT),
        ('claude=Here: ```json\n{"n": 3}\n``` as asked', "claude", NUMBER, {"n": 3}, CLAUDE_SPENT),
        ("claude-structured", "claude", NUMBER, {"n": 7}, CLAUDE_SPENT),
        ("codex=one\x85two", "codex", None, "one\x85two", CODEX_SPENT),
        ('codex={"n": 4}', "codex", NUMBER, {"n": 4}, CODEX_SPENT),
        ("json", "json", NUMBER, {"n": 9}, Spent(3, 4, 0.1)),
        ("text=[1]", "text", {"type": "array"}, [1], Spent()),
        ("text=yes", "text", {"enum": ["yes", "no"]}, "yes", Spent()),
    ],
)
def test_what_a_program_writes_is_read(fake: Any, kind: str, form: str, schema: Any, value: Any, spent: Spent) -> None:
    reply = asked(fake(kind, format=form), schema=schema)
    assert reply.value == value
    assert reply.spent == spent


@pytest.mark.parametrize(
    ("kind", "form", "cause", "passing", "says", "usd"),
    [
        ("claude-turns", "claude", "stopped", False, "error_max_turns", 0.25),
        ("claude-stops=refusal", "claude", "refused", False, "refusal", 0.25),
        ("claude-stops=max_tokens", "claude", "truncated", False, "max_tokens", 0.25),
        ("claude-limit", "claude", "rate_limit", True, "exit code 1: API Error: 429", 0.5),
        ("claude-login", "claude", "provider", False, "Invalid API key", 0.25),
        ("text=hello", "claude", "invalid", False, "not in the form 'claude'", 0),
        ("codex-failed", "codex", "provider", False, "model is not supported", 0),
        ("text=", "codex", "invalid", False, "not in the form 'codex'", 0),
        ("exit=2", "claude", "provider", False, "exit code 2: no such option", 0),
        ("exit=3", "text", "crashed", False, "exit code 3: no such option", 0),
        ("json-error", "json", "refused", False, "not this", 0.125),
        ("text=[]", "json", "invalid", False, "not in the form 'json'", 0),
        ("flood", "text", "crashed", False, "more than 32 MiB", 0),
    ],
)
def test_failures_are_typed_and_cost_what_they_cost(
    fake: Any, kind: str, form: str, cause: str, passing: bool, says: str, usd: float
) -> None:
    with pytest.raises(AgentError, match=says) as failed:
        asked(fake(kind, format=form))
    assert (failed.value.cause, failed.value.passing, failed.value.spent.usd) == (cause, passing, usd)


def test_the_prompt_goes_in_by_standard_input_and_nothing_of_it_by_the_words(fake: Any, tmp_path: Path) -> None:
    asked(fake("text=1"), prompt="secret\n--flag", schema={"type": "integer"}, context={"a": 1}, complaint="too long")
    (call,) = logged(tmp_path)
    assert call["argv"] == []
    assert call["cwd"] == str(tmp_path)
    for part in ("secret\n--flag", '<context>\n{\n "a": 1\n}', 'fits this schema:\n{"type": "integer"}', "too long"):
        assert part in call["given"]


def test_words_are_filled_in_and_left_out_with_their_option(fake: Any, tmp_path: Path) -> None:
    words = ("--model", "{model}", "--schema", "{schema_file}", "--inline={schema}", "{other}")
    agents = fake("text=1", words=words)
    asked(agents, model="anthropic:m")
    asked(agents, schema={"type": "integer"})
    asked(agents, model="offline")
    first, second, third = logged(tmp_path)
    assert third["argv"] == ["{other}"]
    assert first["argv"] == ["--model", "m", "{other}"]
    assert second["argv"][:3] == ["--model", "m", "--schema"]
    assert second["argv"][4:] == ['--inline={"type": "integer"}', "{other}"]
    assert "schema" not in second["given"]
    assert not Path(second["argv"][3]).exists()
    with pytest.raises(AgentError, match="no name of a model"):
        asked(agents, model="--dangerous")


def test_a_program_that_is_not_there_pauses_the_run(tmp_path: Path) -> None:
    with pytest.raises(Pause, match="there is no program 'no-such-agent'"):
        asked(CommandAgents("no-such-agent", folder=tmp_path))


def living(mark: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in words:
                found.append(entry.name)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes that leave their group are not found")
def test_all_that_a_program_has_started_ends_with_its_agent(fake: Any, tmp_path: Path) -> None:
    mark = f"77.{os.getpid()}"

    async def cancelled() -> None:
        task = asyncio.ensure_future(fake(f"tree={mark}")(request(timeout=None)))
        while not (tmp_path / "log.started").exists() or not living(mark):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert living(mark) == []


HARNESS = """
async def main(args):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    found = await agent("How many?", schema=schema)
    return found and found["n"]
"""


@pytest.mark.usefixtures("here")
def test_a_run_asks_again_counts_every_cost_and_keeps_the_act_on_record(fake: Any, tmp_path: Path) -> None:
    agents = fake("claude-limit", "claude=many", 'claude={"n": 5}', format="claude")
    done = run_source(HARNESS, tmp_path, agents=agents)
    assert done.state.ended is not None
    assert done.state.ended.result == 5
    assert done.state.spent.usd == 1.0
    (agent,) = done.state.agents.values()
    assert [act.text.partition(" ")[0] for act in agent.acts.values()] == [f"command:{Path(sys.executable).name}"] * 3
    assert "Your last answer did not fit: " in logged(tmp_path)[2]["given"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("form", "untold"), [("claude", 1), ("text", 0)])
def test_what_one_cost_that_was_ended_nobody_knows_and_that_is_said(
    fake: Any, tmp_path: Path, form: str, untold: int
) -> None:
    source = "async def main(args):\n    return await agent('x', timeout=1.5)\n"
    done = run_source(source, tmp_path, agents=fake("sleep=half of it", format=form))
    (agent,) = done.state.agents.values()
    assert agent.lost is not None and agent.lost.cause == "timeout"
    assert [*agent.transcript] == [{"part": "stdout", "content": "half of it\n"}][: 1 - untold] or untold
    assert (agent.lost.spent.untold, done.state.spent.untold) == (untold, untold)
    assert result_object(done.state)["spent"].get("untold", 0) == untold
    page = "\n".join(str(block) for block in result_page(done.state, "."))
    assert ("the cost of 1 execution of a program" in page) == bool(untold)


def test_what_one_told_before_it_was_ended_is_what_it_cost(fake: Any) -> None:
    with pytest.raises(AgentError, match="ended by signal") as failed:
        asked(fake("codex-killed", format="codex"))
    assert failed.value.spent == Spent(120, 40, 0.0, 100, 10)


@pytest.mark.usefixtures("here")
def test_a_ceiling_that_is_reached_lets_no_more_begin(fake: Any, tmp_path: Path) -> None:
    source = 'async def main(args):\n    return [await agent(f"{i}") for i in range(9)]\n'
    done = run_source(source, tmp_path, agents=fake("claude=x", format="claude"), budget_usd=0.6, on_budget="finish")
    assert len(logged(tmp_path)) == 3
    assert done.state.spent.usd == 0.75


@pytest.mark.usefixtures("here")
def test_a_run_that_found_no_program_goes_on_once_there_is_one(fake: Any, tmp_path: Path) -> None:
    cut = run_source(HARNESS, tmp_path, agents=CommandAgents("no-such-agent"))
    assert cut.state.ended is not None
    assert cut.state.ended.pause == "provider"
    done = resume_source(cut, tmp_path, agents=fake("json", format="json"))
    assert done.state.ended is not None
    assert done.state.ended.result == 9


@pytest.mark.usefixtures("here")
def test_a_program_is_at_work_in_the_worktree_of_its_agent(tmp_path: Path) -> None:
    folder = repository(tmp_path / "project")
    writing = CommandAgents(["sh", "-c", "cat > src/note.txt; echo written"], folder=tmp_path)
    done = isolated(folder, writing, "a", "b")
    assert [(one["result"], one["files"]) for one in done.result] == [("written", ["src/note.txt"])] * 2
    assert not (folder / "src/note.txt").exists()


@pytest.mark.usefixtures("here")
def test_what_one_cost_nobody_knows_that_was_at_work_when_the_run_was_killed(fake: Any, tmp_path: Path) -> None:
    source = "async def main(args):\n    return await agent('x')\n"

    def begin() -> None:
        def killed(_at: float, event: Event) -> None:
            if isinstance(event, ToolBegan):
                os.kill(os.getpid(), signal.SIGKILL)

        agents = fake("claude=x", format="claude", acts="idempotent")
        run_source(source, tmp_path, agents=agents, watchers=(killed,))

    assert in_process(begin) == -signal.SIGKILL
    (run,) = Project(tmp_path).runs()
    with resumable(run) as found:
        assert found.state.spent.untold == 1
    done = resume_source(run, tmp_path, agents=fake("claude=x", format="claude", acts="idempotent"))
    assert done.state.outcome == "completed"
    assert (done.state.spent.untold, done.state.spent.usd) == (1, CLAUDE_SPENT.usd)
