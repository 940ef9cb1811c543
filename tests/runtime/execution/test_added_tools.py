"""Tools that a project or a program adds, in runs: in a harness and for agents, on record, replayed and resumed."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import anthropic_server
import anyio
import pytest
from unconfined import without_processes

from weft.linter import lint
from weft.primitives.calls import OnInterrupt
from weft.runtime.errors import Refused
from weft.runtime.execution.replay import replay
from weft.runtime.execution.resume import resume
from weft.runtime.execution.run import Run, run
from weft.runtime.journal.events import HostAnswered, ToolBegan, ToolEnded
from weft.runtime.project.config import Config, read_config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.rehearsal.rehearse import rehearse
from weft.runtime.settings import Settings
from weft.runtime.tools.added import registry_of
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.functions import acts
from weft.runtime.tools.listing import listed

HOSTILE = str(Path(__file__).parents[2] / "support" / "hostile_server.py")
SHELF = Config.model_validate({"mcp": {"s": {"command": sys.executable, "args": ["-S", "-E", HOSTILE, "good"]}}})


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def harness_of(body: str) -> Any:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    source = f"from weft.primitives import agent, tool\nasync def main(args):\n{lines}"
    return parse_harness(source, name="test", filename="h.py")


def ran(body: str, tmp_path: Path, *tools: Any, config: Config | None = None, **settings: Any) -> Run:
    async def main() -> Run:
        said = Settings(**{"model": "offline", "folders": (tmp_path,), **settings})
        return await run(harness_of(body), None, said, Project(tmp_path), config=config, tools=tools)

    return anyio.run(main)


@acts("idempotent")
def keep(text: str, idempotency_key: str) -> dict[str, Any]:
    """Keep a text."""
    return {"kept": text, "by": len(idempotency_key)}


def result(done: Run) -> Any:
    assert done.state.ended is not None
    return done.state.ended.result


class TestInAHarness:
    def test_gives_data_on_record_and_the_same_when_replayed(self, tmp_path: Path) -> None:
        body = 'a = await tool("keep", text="x")\nreturn [a["kept"], a["by"], await tool("mcp:s.act", text="y")]'
        done = ran(body, tmp_path, keep, config=SHELF, allow=("mcp:s.*",))
        assert result(done) == ["x", 64, "done"]
        events = [event for _, event in done.folder.events()]
        began = [event for event in events if isinstance(event, ToolBegan)]
        assert [(event.tool, event.subject, event.acts) for event in began] == [
            ("keep", "x", "idempotent"),
            ("mcp:s.act", "y", "manual"),
        ]
        assert sum(isinstance(event, ToolEnded) for event in events) == 2
        touched = [place for event in events if isinstance(event, HostAnswered) for place in event.touched]
        assert touched == ['keep({"text": "x"})', 'mcp:s.act({"text": "y"})']
        again = anyio.run(replay, harness_of(body), list(done.folder.events()))
        assert again.result == result(done)

    def test_that_nobody_has_granted_is_refused_before_anything_is_started(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="which nobody has allowed"):
            ran('return await tool("mcp:s.act")', tmp_path, config=SHELF)
        with pytest.raises(Refused, match="which nobody has allowed"):
            ran('return await agent("x", tools=["mcp:s.act"])', tmp_path, config=SHELF)

    def test_that_is_not_there_or_fails_is_a_loss(self, tmp_path: Path) -> None:
        body = 'return [await tool("mcp:s.other"), await tool("keep", words="x"), await tool("keep", text="x")]'
        done = ran(body, tmp_path, keep, config=SHELF, allow=("mcp:s.*",))
        assert result(done) == [None, None, {"kept": "x", "by": 64}]
        lost = [event.lost for _, event in done.folder.events() if isinstance(event, HostAnswered) and event.lost]
        assert "there is no tool 'mcp:s.other'; did you mean mcp:s.act?" in lost[0].message
        assert "keep does not take that" in lost[1].message

    def test_an_unknown_name_is_an_error_that_names_those_there_are(self, tmp_path: Path) -> None:
        done = ran('return await tool("keeep", text="x")', tmp_path, keep, config=SHELF)
        assert done.state.ended is not None and done.state.ended.problem is not None
        assert "there is no tool 'keeep'" in done.state.ended.problem.message
        assert "keep, mcp:s.*" in done.state.ended.problem.message

    @pytest.mark.parametrize(
        ("asked", "outcome", "times"), [("ask", "paused", 1), ("skip", "completed", 1), ("rerun", "completed", 2)]
    )
    def test_what_only_a_person_repeats_is_not_repeated_unasked(
        self, tmp_path: Path, asked: OnInterrupt, outcome: str, times: int
    ) -> None:
        keys: list[str] = []

        async def pay(idempotency_key: str) -> str:
            keys.append(idempotency_key)
            if len(keys) == 1:
                await anyio.sleep_forever()
            return "paid"

        done = ran('return await tool("pay")', tmp_path, pay, deadline=0.3)
        assert done.state.ended is not None and done.state.ended.outcome == "paused"

        async def again() -> Run:
            settings = Settings(model="offline", folders=(tmp_path,))
            return await resume(done.folder, settings, Project(tmp_path), asked=asked, tools=[pay])

        went_on = anyio.run(again)
        assert went_on.state.ended is not None and went_on.state.ended.outcome == outcome
        assert (len(keys), len(set(keys))) == (times, 1)
        assert result(went_on) == {"ask": None, "skip": None, "rerun": "paid"}[asked]

    def test_a_parameter_may_have_the_name_of_that_of_tool(self, tmp_path: Path) -> None:
        def greet(name: str) -> str:
            return f"hello {name}"

        assert result(ran('return await tool("greet", name_="Ada")', tmp_path, greet)) == "hello Ada"


class TestBeforehand:
    def test_the_linter_knows_them_by_their_names(self) -> None:
        source = harness_of('return [await tool("keep", n=1), await tool("mcp:s.act"), await tool("keeep")]').source
        assert [found.code for found in lint(source).errors] == ["R712"] * 3
        (error,) = lint(source, tools=("keep", "mcp:s.*")).errors
        assert "keep, mcp:s.*" in error.message

    def test_what_they_are_said_to_give_is_what_a_rehearsal_is_given(self, tmp_path: Path) -> None:
        """A function by its annotation, whose module is not imported; a server by what it said when it was started."""
        (tmp_path / "shop_that_fails.py").write_text(
            "from typing import Literal, TypedDict\n\nraise SystemExit\n\n\nclass Book(TypedDict, total=False):\n"
            "    copies: int\n    kind: Literal['novel', 'poem']\n\n\n"
            "async def find(words: str) -> 'list[Book] | None': ...\n"
        )
        (tmp_path / "weft.toml").write_text(
            "[tools]\nfind = 'shop_that_fails:find'\n[mcp.s]\n"
            f"command = {json.dumps(sys.executable)}\nargs = ['-S', '-E', {json.dumps(HOSTILE)}, 'counts']\n"
        )
        harness = harness_of(
            'few = [book for book in await tool("find", words="x") or [] if book.get("copies", 0) < 3]\n'
            'return [len(few), (await tool("mcp:s.act") or 0) + 1]'
        )

        def rehearsal() -> Any:
            config, settings = read_config(tmp_path), Settings(folders=(tmp_path,)).resolved()
            return anyio.run(partial(rehearse, harness, None, settings, lambda _: None, runs=4, config=config))

        async def look() -> None:
            registry = registry_of(read_config(tmp_path), tmp_path)
            await listed(registry, Allowed(["mcp:s.*"]))
            await registry.aclose()

        before = rehearsal()
        assert (before.untold, ["str" in crash.problem.message for crash in before.crashes]) == (("mcp:s.act",), [True])
        anyio.run(look)
        after = rehearsal()
        assert (after.untold, after.crashes) == ((), ())

    def test_none_is_called_in_rehearsal(self, tmp_path: Path) -> None:
        config = Config.model_validate({"mcp": {"s": {"command": "no-such-program"}}})
        harness = harness_of('said = await tool("mcp:s.act", text="x")\nreturn said or "nothing"')

        async def main() -> Any:
            settings = Settings(folders=(tmp_path,)).resolved()
            return await rehearse(harness, None, settings, lambda _: None, runs=3, config=config)

        assert not anyio.run(main).crashes


class TestForAgents:
    def test_a_server_that_crashes_costs_nobody_but_who_calls_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Over real HTTP, with the real SDKs on both sides."""

        def answer(body: dict[str, Any]) -> Any:
            last = body["messages"][-1]["content"]
            if isinstance(last, str) or last[-1]["type"] != "tool_result":
                (name,) = [one["name"] for one in body["tools"] if one["name"].startswith("mcp_")]
                return anthropic_server.tool(name, {"text": "x"})
            return anthropic_server.text(str(last[-1]["content"]))

        servers = {how: {"command": sys.executable, "args": ["-S", "-E", HOSTILE, how]} for how in ("good", "crashes")}
        config = Config.model_validate({"mcp": servers | {"bad": {"command": "no-such-program"}}})
        body = 'return [await agent("Act.", tools=[f"mcp:{s}.*"], retries=0) for s in ("crashes", "good", "bad")]'
        with anthropic_server.serving(answer) as server:
            monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
            monkeypatch.setenv("ANTHROPIC_API_KEY", "test")
            done = ran(body, tmp_path, config=config, allow=("mcp:*",), model="anthropic:claude-sonnet-5-5")
        crashed, good, bad = result(done)
        assert "ended with exit code 7" in crashed
        assert "done" in good
        assert bad is None
        lost = [agent.lost.message for agent in done.state.agents.values() if agent.lost is not None]
        assert lost == ["the server 'bad' cannot be used: there is no 'no-such-program'"]
        told = [one for one in server.requests[0]["tools"] if one["name"] == "mcp_crashes_act"]
        assert told[0]["input_schema"]["properties"] == {"text": {"type": "string"}}
