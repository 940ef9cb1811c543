"""Agents that are models: the real Anthropic SDK against a server on loopback that speaks its protocol."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from anthropic_server import Answer, error, text, tool
from hypothesis import given
from hypothesis import strategies as st
from models import MODEL, NUMBER, SECRET, Serve, answers, only_loss, run_model, serve

from weft.primitives.calls import Effort
from weft.runtime.agents.meter import MAX_TURNS
from weft.runtime.agents.output import output_settings
from weft.runtime.errors import ProviderError, Refused
from weft.runtime.project.config import Config, ProfileConfig
from weft.runtime.schemas import worker

__all__ = ["serve"]


class TestAnswers:
    def test_text(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("forty-two", input_tokens=1000, output_tokens=100)))
        done = run_model(tmp_path)
        assert done.state.ended is not None
        assert done.state.ended.result == "forty-two"
        assert (done.state.spent.input_tokens, done.state.spent.output_tokens) == (1000, 100)
        assert done.state.spent.usd == pytest.approx(0.003)  # $2 and $10 for a million tokens
        (request,) = server.requests
        assert request["model"] == "claude-sonnet-5-5"
        assert "How many?" in json.dumps(request["messages"])

    def test_tools_are_used_and_what_they_opened_is_known(self, tmp_path: Path, serve: Serve) -> None:
        (tmp_path / "notes").mkdir()
        (tmp_path / "notes" / "a.md").write_text("# A\n\nThere are three.\n")
        server = serve(answers(tool("read_file", {"path": "a.md"}), text("three (a.md:3)")))
        done = run_model(tmp_path, folders=(tmp_path / "notes",))
        agent = done.state.agents[0]
        assert agent.finished is not None
        assert agent.finished.touched == ("a.md:1-3",)
        returned = json.dumps(server.requests[1]["messages"])
        assert "3: There are three." in returned
        assert [entry["part"] for entry in agent.finished.transcript] == [
            "user-prompt",
            "tool-call",
            "tool-return",
            "text",
        ]

    def test_a_refused_tool_call_is_explained_to_the_agent(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(tool("read_file", {"path": "../../etc/passwd"}), text("sorry")))
        done = run_model(tmp_path, folders=(tmp_path,))
        assert done.state.outcome == "completed"
        assert "refused:" in json.dumps(server.requests[1]["messages"])

    def test_a_tool_that_there_is_not_is_refused_with_those_there_are(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("hello")))
        done = run_model(tmp_path, tools=("read_file", "telegraph"))
        assert only_loss(done)["cause"] == "crashed"
        assert "no tool 'telegraph'; there are read_file, " in only_loss(done)["message"]
        assert server.requests == []

    def test_an_agent_of_a_profile_is_answered(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text("hello")))
        source = 'async def main(args):\n    return await agent("hi", profile="reader")\n'
        done = run_model(tmp_path, source, config=Config(profiles={"reader": ProfileConfig(concurrency=1)}))
        assert done.state.ended is not None
        assert done.state.ended.result == "hello"

    def test_a_profile_that_is_not_there_is_named(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("hello")))
        config = Config(profiles={"reader": ProfileConfig(concurrency=1)})
        source = 'async def main(args):\n    return await agent("hi", profile=args["profile"])\n'
        done = run_model(tmp_path, source, args={"profile": "raeder"}, config=config)
        assert "no profile 'raeder'; did you mean 'reader'?" in only_loss(done)["message"]
        with pytest.raises(Refused, match="did you mean 'reader'") as error:
            run_model(tmp_path, source.replace('args["profile"]', '"raeder"'), config=config)
        assert (error.value.where, server.requests) == ("h.py:2", [])

    def test_structured(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(tool("answer", {"n": 3})))
        done = run_model(tmp_path, args={"schema": json.loads(NUMBER)})
        assert done.state.ended is not None
        assert done.state.ended.result == {"n": 3}

    def test_a_schema_that_is_no_object_is_wrapped_and_unwrapped(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(tool("answer", {"answer": ["a", "b"]})))
        schema = {"type": "array", "items": {"$ref": "#/$defs/word"}, "$defs": {"word": {"type": "string"}}}
        done = run_model(tmp_path, args={"schema": schema})
        assert done.state.ended is not None
        assert done.state.ended.result == ["a", "b"]
        asked = server.requests[0]["output_config"]["format"]["schema"]
        assert asked["required"] == ["answer"]
        assert asked["properties"]["answer"]["items"] == {"type": "string"}

    def test_an_answer_that_takes_too_long_to_check_is_not_asked_for_again(
        self, tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(worker, "SECONDS", 0.2)
        server = serve(answers(tool("answer", {"words": "a" * 40 + "!"})))
        schema = {"type": "object", "properties": {"words": {"type": "string", "pattern": "^(a+)+$"}}}
        lost = only_loss(run_model(tmp_path, args={"schema": schema}))
        assert (lost["cause"], lost["attempts"], len(server.requests)) == ("invalid", 1, 1)
        assert "cannot be found out" in lost["message"]

    def test_an_answer_that_does_not_fit_is_asked_for_again_in_the_same_conversation(
        self, tmp_path: Path, serve: Serve
    ) -> None:
        server = serve(answers(tool("answer", {"n": "three"}), tool("answer", {"n": 3})))
        done = run_model(tmp_path, args={"schema": json.loads(NUMBER)})
        assert done.state.outcome == "completed"
        assert "is not of type 'integer'" in json.dumps(server.requests[1]["messages"][-1])
        assert done.state.spent.tokens == 30  # both turns are counted

    def test_context_effort_and_output_ceiling_reach_the_model(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("ok")))
        run_model(
            tmp_path, args={"context": {"fact": "the sky is blue"}, "max_tokens": 77, "effort": "low", "tools": []}
        )
        (request,) = server.requests
        assert "the sky is blue" in json.dumps(request["messages"])
        assert request["max_tokens"] == 77
        assert not request.get("tools")


class TestTurns:
    def test_an_agent_that_never_comes_to_an_end_is_stopped(self, tmp_path: Path, serve: Serve) -> None:
        (tmp_path / "a.md").write_text("A\n")
        server = serve(answers(tool("list_files", {})))
        lost = only_loss(run_model(tmp_path, folders=(tmp_path,)))
        assert (lost["cause"], len(server.requests)) == ("stopped", MAX_TURNS)

    def test_a_turn_that_was_paused_goes_on(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("and", stop="pause_turn"), text("so on")))
        done = run_model(tmp_path)
        assert done.state.ended is not None
        assert (done.state.ended.result, len(server.requests), done.state.spent.tokens) == ("andso on", 2, 30)

    @pytest.mark.parametrize("one_id", [False, True])
    def test_a_turn_that_is_paused_for_ever_is_stopped(self, tmp_path: Path, serve: Serve, one_id: bool) -> None:
        same = text("and", stop="pause_turn")
        server = serve(lambda body: same if one_id else text("and", stop="pause_turn"))
        lost = only_loss(run_model(tmp_path))
        assert lost["cause"] == "stopped"
        assert len(server.requests) <= MAX_TURNS
        assert lost["spent"]["input_tokens"] == 10 * len(server.requests)


BUDGETED, ADAPTIVE = "anthropic:claude-haiku-4-5", MODEL


class TestEffort:
    @given(
        effort=st.sampled_from(get_args(Effort)),
        left=st.none() | st.integers(1, 100_000),
        most=st.none() | st.sampled_from([4_096, 8_192, 32_000]),
    )
    def test_thinking_leaves_room_for_an_answer(self, effort: Effort, left: int | None, most: int | None) -> None:
        """The provider answers 400 where the budget for thinking is under 1,024, or not under the output ceiling."""
        profile = {"anthropic_supports_adaptive_thinking": False, "anthropic_max_output_tokens": most}
        settings: dict[str, Any] = dict(output_settings(profile, effort, left))
        ceiling = settings["max_tokens"]
        assert 1 <= ceiling <= min(left or 100_000, most or 100_000)
        thinking = settings.get("anthropic_thinking")
        if thinking is None:
            assert (settings["thinking"], ceiling < 2_048) == (False, True)
        else:
            assert 1_024 <= thinking["budget_tokens"] <= ceiling - min(8_192, ceiling // 2)

    @pytest.mark.parametrize("effort", ["low", "high", "max"])
    @pytest.mark.parametrize("model", [BUDGETED, ADAPTIVE])
    def test_a_request_that_thinks_is_one_that_the_provider_takes(
        self, tmp_path: Path, serve: Serve, model: str, effort: str
    ) -> None:
        def strict(body: dict[str, Any]) -> Answer:
            if (body.get("thinking") or {}).get("budget_tokens", 0) >= body["max_tokens"]:
                return error(400, "invalid_request_error", "`max_tokens` must be greater than `budget_tokens`")
            return tool("answer", {"n": 3})

        server = serve(strict)
        done = run_model(tmp_path, args={"effort": effort, "schema": json.loads(NUMBER)}, model=model)
        assert (done.state.outcome, done.state.health) == ("completed", "clean")
        assert server.requests[0]["thinking"]["type"] == ("adaptive" if model == ADAPTIVE else "enabled")

    def test_too_low_a_ceiling_leaves_no_room_to_think(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("ok")))
        done = run_model(tmp_path, args={"effort": "high", "max_tokens": 500}, model=BUDGETED)
        assert (done.state.health, server.requests[0].get("thinking")) == ("clean", None)

    def test_what_may_be_thought_is_reserved(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("ok")))
        done = run_model(tmp_path, args={"effort": "high"}, model=BUDGETED, budget_tokens=24_576)
        assert (done.state.outcome, server.requests) == ("paused", [])
        done = run_model(tmp_path, args={"effort": "high"}, model=BUDGETED, budget_tokens=32_000)
        assert (done.state.outcome, server.requests[0]["max_tokens"]) == ("completed", 24_576)


class TestBudget:
    def test_a_model_without_a_price_is_not_asked_under_a_ceiling_in_dollars(
        self, tmp_path: Path, serve: Serve
    ) -> None:
        server = serve(answers(text("ok")))
        unpriced = {"model": "anthropic:nobody-knows-1"}
        done = run_model(tmp_path, args=unpriced, budget_usd=5.0)
        assert done.state.ended is not None
        assert (done.state.outcome, done.state.ended.pause, server.requests) == ("paused", "budget", [])
        assert done.state.ended.problem is not None
        for said in ("'anthropic:nobody-knows-1'", "agent 0", "not sent", "weft.toml", "--budget-tokens"):
            assert said in done.state.ended.problem.message
        assert run_model(tmp_path, args=unpriced, budget_tokens=50_000).state.outcome == "completed"

    def test_a_count_that_fails_in_passing_does_not_stop_the_run(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("ok")))
        server.count_faults = 1
        done = run_model(tmp_path, args={"max_tokens": 700}, budget_tokens=2_600)
        assert (done.state.outcome, len(server.counted)) == ("completed", 2)

    def test_a_request_that_does_not_fit_is_not_sent(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("ok")))
        done = run_model(tmp_path, budget_tokens=2000)
        assert (done.state.outcome, done.state.ended and done.state.ended.pause) == ("paused", "budget")
        assert (server.requests, done.state.spent.tokens) == ([], 0)
        assert len(server.counted) == 1  # the cheap bound did not fit, so the provider was asked to count

    @pytest.mark.slow
    def test_the_ceiling_holds_under_concurrency(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("ok", input_tokens=900, output_tokens=400)))
        source = (
            "async def main(args):\n    return [await parallel([agent(f'{n}', max_tokens=500) for n in range(30)])]"
        )
        done = run_model(tmp_path, source, budget_tokens=12_000, concurrency=8)
        assert done.state.outcome == "paused"
        assert done.state.spent.tokens == 1300 * len(server.requests) <= 12_000
        assert len(server.requests) >= 4

    def test_usage_that_is_missing_is_counted_at_its_worst(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text("ok", input_tokens=0, output_tokens=0)))
        assert run_model(tmp_path).state.spent.tokens > 1000


class TestCredentials:
    def test_a_missing_key_shows_before_anything_is_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
        monkeypatch.delenv("ANTHROPIC_AUTH_TOKEN", raising=False)
        with pytest.raises(ProviderError, match="no credentials for provider 'anthropic'"):
            run_model(tmp_path)
        assert not (tmp_path / ".weft").exists()

    @pytest.mark.parametrize(
        ("model", "what", "fix"),
        [
            ("nonsense", "there is no model 'nonsense'", "provider:model"),
            ("claude-sonnet-4", "there is no model", "did you mean anthropic:claude-sonnet-4"),
            ("locla", "there is no model", "did you mean local"),
            ("nobody:nothing", "there is no provider 'nobody'", "provider:model"),
            ("antropic:claude", "there is no provider 'antropic'", "did you mean anthropic:claude"),
            ("", "there is no model ''", "provider:model"),
            ("google:gemini-3", "the client of provider 'google' is not installed", "pip install"),
            ("openai:gpt-5", "no credentials for provider 'openai'", "export OPENAI_API_KEY"),
        ],
    )
    def test_a_model_that_cannot_be_asked_shows_before_anything_is_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, what: str, fix: str
    ) -> None:
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        with pytest.raises(ProviderError) as error:
            run_model(tmp_path, model=model)
        assert what in error.value.what and fix in (error.value.fix or "")
        assert not model or error.value.what.count(model) <= 1
        assert not (tmp_path / ".weft").exists()

    @pytest.mark.parametrize(
        "address", ["nonsense", "http://", "ftp://host", "http://[::1", "http://host\n/", "//host"]
    )
    def test_an_address_that_is_none_shows_before_anything_is_spent(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
    ) -> None:
        monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", address)
        with pytest.raises(ProviderError, match="ANTHROPIC_BASE_URL is no address"):
            run_model(tmp_path)
        assert not (tmp_path / ".weft").exists()

    @pytest.mark.parametrize(
        "address",
        [
            "http://joan:hunter2@host:99999999",
            "http://joan:hun@ter2@host:x",
            "http://joan:hunter2/@host",
            "joan:hunter2@host",
            "https:/joan:hunter2@host",
            "ftp://joan:h@host",
            "http://joan@[host",
        ],
    )
    def test_the_user_and_password_of_an_address_are_never_shown(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
    ) -> None:
        monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", address)
        with pytest.raises(ProviderError, match="ANTHROPIC_BASE_URL is no address") as error:
            run_model(tmp_path)
        assert not {"joan", "hun", "ter2"} & set(re.findall(r"\w+", repr(vars(error.value))))
        assert "host" in error.value.what

    @pytest.mark.parametrize("shown", [SECRET, "sk-ant***********6789", "sk-an…6789", "sk-ant...6789"])
    def test_a_key_that_is_not_accepted_is_shown_in_no_part(self, tmp_path: Path, serve: Serve, shown: str) -> None:
        serve(answers(error(401, "authentication_error", f"Incorrect API key provided: {shown}.")))
        ended = run_model(tmp_path).state.ended
        assert ended is not None and ended.problem is not None
        assert "does not accept the key" in ended.problem.message
        assert "6789" not in ended.problem.message and "sk-" not in ended.problem.message

    @pytest.mark.parametrize(
        ("status", "type", "said"),
        [
            (403, "permission_error", " does not allow this: status 403: because"),
            (404, "not_found_error", " does not know claude-sonnet-5-5: status 404: because; are the name"),
        ],
    )
    def test_what_the_provider_refuses_is_said_as_what_it_is(
        self, tmp_path: Path, serve: Serve, status: int, type: str, said: str
    ) -> None:
        serve(answers(error(status, type, "because")))
        ended = run_model(tmp_path).state.ended
        assert ended is not None and ended.problem is not None and ended.pause == "provider"
        assert said in ended.problem.message

    def test_the_key_is_nowhere_in_the_run(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(error(400, "invalid_request_error", "bad")))
        done = run_model(tmp_path)
        for path in done.folder.path.iterdir():
            assert SECRET.encode() not in path.read_bytes()
