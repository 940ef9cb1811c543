"""Agents that go by profiles: what they are told, what of it is on record, and what a resume asks again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from anthropic_server import Answer, error, text
from asking import Asking
from command import weft
from models import Serve, answers, run_model, serve
from resumed import outcome, replayed, result
from running import resume_source, run_source

from weft.runtime.errors import ProviderError, Refused
from weft.runtime.execution.run import Run
from weft.runtime.project.config import Config, read_config
from weft.runtime.request import AgentRequest
from weft.runtime.views.text import agent_page

__all__ = ["serve"]

SOURCE = """
async def main(args):
    return await parallel([agent(f"doubt {n}", profile="skeptic") for n in range(3)] + [agent("plain")])
"""
ONE = 'async def main(args):\n    return await agent("doubt", profile=NAME)\n'


def write(folder: Path, said: str = "You doubt.", fields: str = "", name: str = "skeptic") -> Config:
    path = folder / ".weft/agents" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\nname: {name}\n{fields}\n---\n{said}")
    return read_config(folder)


def one(name: str = "skeptic", **more: Any) -> str:
    given = "".join(f", {key}={value!r}" for key, value in more.items())
    return ONE.replace("NAME", repr(name) + given)


def request_of(done: Run, number: int = 0) -> AgentRequest:
    return done.state.agents[number].called.request


class TestAsked:
    def test_a_model_is_told_what_the_profile_says(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("no")))
        fields = "model: opus\ntools: [read_file]\nmax_tokens: 700"
        done = run_model(tmp_path, one(), config=write(tmp_path, "You are a skeptic.", fields))
        assert result(done) == "no"
        (sent,) = server.requests
        assert sent["model"] == "claude-opus-5-5"
        assert json.dumps(sent["system"]).count("You are a skeptic.") == 1
        assert [tool["name"] for tool in sent["tools"]] == ["read_file"]
        assert sent["max_tokens"] == 700

    def test_what_the_call_says_comes_first(self, tmp_path: Path) -> None:
        config = write(tmp_path, fields="model: a:b\ntools: [read_file]\neffort: low\nmax_tokens: 5\ntimeout: 9")
        own = {"model": "c:d", "tools": [], "effort": "high", "max_tokens": 7, "timeout": 3}
        said = request_of(run_source(one(**own), tmp_path, config=config))
        assert (said.model, said.tools, said.effort, said.max_tokens, said.timeout) == ("c:d", (), "high", 7, 3)
        open_ = request_of(run_source(one(), tmp_path, config=config))
        assert (open_.model, open_.tools, open_.effort, open_.max_tokens) == ("a:b", ("read_file",), "low", 5)
        assert (open_.timeout, open_.instructions) == (9.0, "You doubt.")

    def test_of_a_pool_the_chosen_one_is_on_record(self, tmp_path: Path) -> None:
        (tmp_path / "weft.toml").write_text('[pools]\nfast = ["anthropic:claude-opus-5-5", "skeptic"]\n')
        config = write(tmp_path, fields="model: anthropic:claude-haiku-5-5")
        done = run_source(one("fast"), tmp_path, config=config)
        said = request_of(done)
        assert (said.profile, said.role and said.role.name, said.instructions) == ("fast", "skeptic", "You doubt.")
        page = "\n".join(str(block) for block in agent_page(done.state.agents[0]))
        assert "profile fast, of which skeptic goes" in page
        assert said.group == ("anthropic:claude-haiku-5-5", "skeptic")
        assert replayed(done).complete

    @pytest.mark.parametrize(
        "bad",
        [error(529, "overloaded_error", "busy"), error(429, "rate_limit_error", "no", {"retry-after": "61"})],
    )
    def test_of_a_pool_the_next_answers_where_there_is_no_room(self, tmp_path: Path, serve: Serve, bad: Answer) -> None:
        serve(lambda body: text("fine") if "opus" in body["model"] else bad)
        config = Config(pools={"fast": ("anthropic:claude-haiku-5-5", "anthropic:claude-opus-5-5")})
        done = run_model(tmp_path, one("fast"), config=config)
        finished = done.state.agents[0].finished
        assert finished is not None
        assert (finished.value, finished.answered_by) == ("fine", "anthropic:claude-opus-5-5")
        assert replayed(done).complete


class TestRecorded:
    def test_long_instructions_are_kept_once(self, tmp_path: Path) -> None:
        import sqlite3

        done = run_source(SOURCE, tmp_path, config=write(tmp_path, "You doubt all of it. " * 500))
        with sqlite3.connect(done.folder.journal) as database:
            assert database.execute("SELECT count(*) FROM blob").fetchone() == (1,)
        assert len(request_of(done).instructions or "") > 10_000

    def test_a_replay_takes_the_profile_from_the_record(self, tmp_path: Path) -> None:
        done = run_source(SOURCE, tmp_path, config=write(tmp_path, fields="model: x:y\ntools: []"))
        (tmp_path / ".weft/agents/skeptic.md").unlink()
        assert replayed(done).complete

    def test_a_call_without_one_is_known_by_the_key_it_always_had(self, tmp_path: Path) -> None:
        with_, without = (
            request_of(run_source(SOURCE, tmp_path, config=config), 3) for config in (None, write(tmp_path))
        )
        assert with_.key() == without.key()
        limited = request_of(run_source(SOURCE, tmp_path), 0)
        assert limited.role is None
        assert limited.key() != request_of(run_source(SOURCE, tmp_path, config=write(tmp_path)), 0).key()


class TestResumed:
    @pytest.mark.parametrize(
        ("fields", "said", "asked"),
        [
            ("", "You doubt.", {"plain"}),
            ("description: other\nlimits: {concurrency: 1}\ntimeout: 99", "You doubt.", {"plain"}),
            ("", "You believe.", {"plain", "doubt 0", "doubt 1", "doubt 2"}),
            ("effort: high", "You doubt.", {"plain", "doubt 0", "doubt 1", "doubt 2"}),
        ],
    )
    def test_only_what_agents_would_be_told_otherwise_is_asked_again(
        self, tmp_path: Path, fields: str, said: str, asked: set[str]
    ) -> None:
        agents = Asking(tmp_path, lose=["plain"])
        done = run_source(SOURCE, tmp_path, agents=agents, config=write(tmp_path))
        assert outcome(done) == ("completed", "degraded")
        agents.lose = []
        agents.forget()
        again = resume_source(done, tmp_path, agents=agents, config=write(tmp_path, said, fields))
        assert outcome(again) == ("completed", "clean")
        assert set(agents.asked) == asked
        assert replayed(again).complete

    def test_why_is_that_the_profile_changed(self, tmp_path: Path) -> None:
        write(tmp_path)
        (tmp_path / "h.py").write_text(f"from weft.primitives import agent\n\n{one()}")
        (tmp_path / "stub.json").write_text('{"default": {"result": "no"}}')
        weft(tmp_path, "run", "h.py", "--agents", "stub:stub.json", "--yes")
        write(tmp_path, "You believe.")
        again = weft(tmp_path, "resume", "@last", "--agents", "stub:stub.json", "--yes")
        assert again.code == 0, again.err
        assert weft(tmp_path, "resume", "@last", "--agents", "stub:stub.json", "--yes").code == 3
        why = weft(tmp_path, "why", "@last/0")
        assert "profile" in why.out.splitlines()[1]
        assert "You believe." in why.out


class TestRefused:
    @pytest.mark.parametrize(
        ("source", "said"),
        [
            (one("sceptic"), "no profile 'sceptic'; did you mean 'skeptic'?"),
            ('async def main(args):\n    return await verify("x", profile="sceptic")\n', "did you mean 'skeptic'?"),
            (one("armed"), "'run_command', which nobody has allowed|no tool 'run_command'"),
            (one("broken"), "the profile 'broken' means nothing: .*no field 'modle'"),
        ],
    )
    def test_before_anything_starts(self, tmp_path: Path, serve: Serve, source: str, said: str) -> None:
        server = serve(answers(text("no")))
        write(tmp_path, fields="tools: [run_command]", name="armed")
        write(tmp_path, fields="modle: x", name="broken")
        with pytest.raises(Refused, match=said):
            run_model(tmp_path, source, config=write(tmp_path))
        assert (server.requests, list(tmp_path.glob(".weft/runs/*"))) == ([], [])

    def test_a_model_that_nobody_has_a_key_for(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text("no")))
        with pytest.raises(ProviderError, match="provider 'groq'") as error:
            run_model(tmp_path, one(), config=write(tmp_path, fields="model: groq:x"))
        assert "profile 'skeptic'" in str(error.value.where)

    def test_a_model_without_a_price_under_a_ceiling_in_dollars(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("no")))
        config = write(tmp_path, fields="model: anthropic:claude-unheard-of")
        with pytest.raises(Refused, match="'anthropic:claude-unheard-of' has no price"):
            run_model(tmp_path, one(), config=config, budget_usd=1.0)
        assert server.requests == []

    def test_only_where_it_is_used(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text("no")))
        write(tmp_path, fields="modle: x", name="broken")
        assert result(run_model(tmp_path, one(), config=write(tmp_path))) == "no"

    def test_one_that_is_computed_costs_that_agent_alone(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text("no")))
        source = """
async def main(args):
    return await parallel([agent("?", profile=name) for name in ("skeptic", "broken")])
"""
        write(tmp_path, fields="modle: x", name="broken")
        done = run_model(tmp_path, source, config=write(tmp_path))
        assert result(done) == ["no", None]
        assert "means nothing" in str(done.state.agents[1].lost)


class TestShown:
    def test_in_the_plan_and_what_a_yes_binds(self, tmp_path: Path) -> None:
        write(tmp_path, fields="model: opus")
        (tmp_path / "h.py").write_text(f"from weft.primitives import agent\n\n{one()}")

        def planned() -> dict[str, Any]:
            return dict(weft(tmp_path, "plan", "h.py", "--json", ANTHROPIC_API_KEY="k").json)

        first, again = planned(), planned()
        assert first["digest"] == again["digest"]
        assert list(first["permissions"]["profiles"]) == ["skeptic"]
        assert "anthropic:claude-opus-5-5" in first["permissions"]["models"]
        write(tmp_path, "You believe.", "model: opus")
        assert planned()["digest"] != first["digest"]
        page = weft(tmp_path, "plan", "h.py", ANTHROPIC_API_KEY="k")
        assert "profiles  skeptic: claude-opus-5-5" in page.out
        wrong = (tmp_path / "h.py").read_text().replace("skeptic", "sceptic")
        (tmp_path / "h.py").write_text(wrong)
        assert "unknown-profile" in weft(tmp_path, "check", "h.py").out
        refused = weft(tmp_path, "plan", "h.py", ANTHROPIC_API_KEY="k")
        assert (refused.code, "did you mean 'skeptic'?" in refused.err) == (3, True)

    def test_a_list_with_what_is_broken(self, tmp_path: Path) -> None:
        assert "there are none" in weft(tmp_path, "profiles").err
        write(tmp_path, fields="description: Doubts.\nmodel: opus")
        listed = weft(tmp_path, "profiles")
        assert (listed.code, listed.out.split()) == (0, ["skeptic", "Doubts;", "opus"])
        write(tmp_path, fields="modle: x", name="broken")
        broken = weft(tmp_path, "profiles", "--json")
        assert broken.code == 1
        assert [bool(row["problem"]) for row in broken.json] == [True, False]

    def test_a_tool_that_there_is_not_is_told_where_profiles_and_plans_are_shown(self, tmp_path: Path) -> None:
        write(tmp_path, fields="tools: [Read]")
        (tmp_path / "weft.toml").write_text('[pools]\nmany = ["skeptic"]\n')
        (tmp_path / "h.py").write_text(f"from weft.primitives import agent\n\n{one()}")
        listed = weft(tmp_path, "profiles")
        assert (listed.code, listed.out.count("there is no tool 'Read'")) == (1, 2)
        planned = weft(tmp_path, "plan", "h.py", ANTHROPIC_API_KEY="k")
        assert "there is no tool 'Read'" in planned.out
        assert "next:" not in planned.err
