"""Models that lose an agent, or answer it only when it is asked again: what is told of each, and what it costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from anthropic_server import Answer, error, message, text, tool
from models import NUMBER, SECRET, Serve, answers, only_loss, run_model, serve

from weft.runtime.agents.retry import MOST_FAULTS

__all__ = ["serve"]


class TestLosses:
    @pytest.mark.parametrize(
        ("answer", "cause", "said"),
        [
            (error(400, "invalid_request_error", "bad field"), "provider", "bad field"),
            (error(413, "request_too_large", "too big"), "provider", "too big"),
            (message([], 10, 0, "refusal"), "refused", "declined"),
            (text("I would rather", stop="refusal"), "refused", "declined"),
            (
                message([], 10, 0, "refusal", {"type": "refusal", "category": "cyber", "explanation": "too risky"}),
                "refused",
                "too risky",
            ),
            (text("half an ans", stop="max_tokens"), "truncated", "the answer was cut at 8,192 tokens"),
            (tool("answer", {}, stop="max_tokens"), "truncated", "the structured answer was cut at 8,192 tokens"),
            (text("half", stop="model_context_window_exceeded"), "overflow", "context"),
            (tool("answer", {"n": "no"}), "invalid", "does not fit: at $.n: 'no' is not of type 'integer'; it was “{"),
        ],
    )
    def test_each_is_typed_and_others_go_on(
        self, tmp_path: Path, serve: Serve, answer: Answer, cause: str, said: str
    ) -> None:
        def by_prompt(body: dict[str, Any]) -> Answer:
            return answer if "How many?" in json.dumps(body["messages"]) else text("fine")

        serve(by_prompt)
        source = (
            f"async def main(args):\n"
            f"    return list(await parallel([agent('How many?', schema={NUMBER}), agent('Other?')]))"
        )
        done = run_model(tmp_path, source)
        lost = only_loss(done)
        assert lost["cause"] == cause
        assert said in lost["message"]
        assert done.state.ended is not None
        assert done.state.ended.result == [None, "fine"]

    @pytest.mark.parametrize("stop", ["refusal", "max_tokens"])
    def test_what_there_was_of_an_answer_is_kept(self, tmp_path: Path, serve: Serve, stop: str) -> None:
        serve(answers(text("half an ans", stop=stop)))
        assert only_loss(run_model(tmp_path))["partial"] == "half an ans"

    @pytest.mark.parametrize(
        ("answer", "kept"),
        [
            (tool("answer", {"n": "three or so"}), "three or so"),
            (tool("answer", '{"n": thr'), '{"n": thr'),
            (tool("answer", '["no object"]'), "no object"),
        ],
    )
    def test_what_never_fitted_is_kept_as_it_was(self, tmp_path: Path, serve: Serve, answer: Answer, kept: str) -> None:
        server = serve(answers(answer))
        lost = only_loss(run_model(tmp_path, args={"schema": json.loads(NUMBER), "retries": 1}))
        assert (lost["cause"], lost["attempts"], len(server.requests)) == ("invalid", 2, 2)
        assert kept in lost["partial"]

    def test_who_was_to_be_kept_to_a_schema_and_says_words_is_asked_through_a_tool(
        self, tmp_path: Path, serve: Serve
    ) -> None:
        server = serve(answers(text("I think it is three")))
        lost = only_loss(run_model(tmp_path, args={"schema": json.loads(NUMBER), "retries": 1}))
        assert (lost["cause"], lost["attempts"], len(server.requests)) == ("invalid", 3, 3)
        assert "I think it is three" in lost["partial"]

    @pytest.mark.parametrize(
        ("answer", "why", "was"),
        [
            (tool("answer", {"n": "three"}), "at $.n: 'three' is not of type 'integer'", '{"n": "three"}'),
            (tool("answer", {"n": "x" * 9000}), "at $.n: 'xxx", '{"n": "xxx'),
            (text("I \x1b[31mthink\n\n it  is three"), "written as text", "I \\x1b[31mthink it is three"),
            (tool("answer", '{"n": thr'), "invalid JSON", '{"n": thr'),
            (tool("answer", '["no object"]'), "should be an object", '["no object"]'),
            (text(""), "the last answer was empty", ""),
        ],
    )
    def test_what_never_fitted_says_once_why_and_what_it_was(
        self, tmp_path: Path, serve: Serve, answer: Answer, why: str, was: str
    ) -> None:
        serve(answers(answer))
        said = only_loss(run_model(tmp_path, args={"schema": json.loads(NUMBER)}))["message"]
        assert why in said and was in said
        assert "attempt" not in said  # their number stands before it
        assert len(said) < 400 and said.isprintable()

    @pytest.mark.parametrize("status", [408, 409, 500, 503])
    def test_a_passing_fault_is_tried_again_and_costs_nothing(self, tmp_path: Path, serve: Serve, status: int) -> None:
        server = serve(answers(error(status, "api_error", "oops"), text("at last")))
        done = run_model(tmp_path)
        assert (done.state.outcome, done.state.health, len(server.requests)) == ("completed", "clean", 2)
        assert done.state.spent.tokens == 15

    def test_one_that_does_not_pass_is_a_loss_after_the_last_try(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(error(500, "api_error", "oops")))
        done = run_model(tmp_path, args={"retries": 1})
        lost = only_loss(done)
        assert (lost["cause"], lost["attempts"], len(server.requests)) == ("provider", MOST_FAULTS, MOST_FAULTS)
        assert done.state.spent.tokens == 0

    def test_nobody_listens(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
        source = "async def main(args):\n    return [await parallel([agent(f'{n}') for n in range(40)])]"
        done = run_model(tmp_path, source)
        assert done.state.ended is not None and done.state.ended.problem is not None
        assert (done.state.ended.pause, done.state.lost, done.state.spent.tokens) == ("provider", [], 0)
        assert done.state.ended.problem.message == "127.0.0.1:9 cannot be reached: Connection refused"

    @pytest.mark.parametrize("status", [401, 404])
    def test_refused_credentials_pause_the_run_at_once(self, tmp_path: Path, serve: Serve, status: int) -> None:
        kind = {401: "authentication_error", 404: "not_found_error"}[status]
        server = serve(answers(error(status, kind, "no")))
        source = "async def main(args):\n    return [await parallel([agent(f'{n}') for n in range(40)])]"
        done = run_model(tmp_path, source, concurrency=2)
        assert (done.state.outcome, done.state.ended and done.state.ended.pause) == ("paused", "provider")
        assert len(server.requests) <= 4

    def test_a_slow_answer_is_cut_and_counted_at_its_worst(self, tmp_path: Path, serve: Serve) -> None:
        import time

        def slow(body: dict[str, Any]) -> Answer:
            time.sleep(1.0)
            return text("late")

        serve(slow)
        done = run_model(tmp_path, args={"timeout": 0.3}, virtual_time=False)
        lost = only_loss(done)
        assert lost["cause"] == "timeout"
        assert lost["spent"]["input_tokens"] > 1000


class TestAttempts:
    """An attempt is the first request, one sent again, or one that asks again; the turns of an agent are none."""

    def test_requests_sent_again_and_answers_asked_for_again_count(self, tmp_path: Path, serve: Serve) -> None:
        busy = error(500, "api_error", "oops")
        (tmp_path / "a.md").write_text("A\n")
        wrong, looks = tool("answer", {"n": "no"}), tool("list_files", {})
        server = serve(answers(looks, busy, wrong, busy, busy, wrong, text("no tool at all"), text("never asked")))
        lost = only_loss(run_model(tmp_path, args={"schema": json.loads(NUMBER)}, folders=(tmp_path,)))
        assert (lost["cause"], lost["attempts"], len(server.requests)) == ("invalid", 6, 7)

    def test_those_of_an_agent_that_answers_at_last_are_known_too(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(tool("answer", {"n": "no"}), tool("answer", {"n": 3})))
        agent = run_model(tmp_path, args={"schema": json.loads(NUMBER)}).state.agents[0]
        assert agent.finished is not None
        assert agent.finished.attempts == 2

    def test_each_request_is_sent_again_so_often_and_no_client_does_so_besides(
        self, tmp_path: Path, serve: Serve
    ) -> None:
        busy = error(500, "api_error", "oops")
        (tmp_path / "a.md").write_text("A\n")
        server = serve(answers(busy, tool("list_files", {}), busy, text("done")))
        done = run_model(tmp_path, folders=(tmp_path,))
        assert (done.state.outcome, done.state.health, len(server.requests)) == ("completed", "clean", 4)
        assert {headers.get("x-stainless-retry-count") for headers in server.headers} == {"0"}

    def test_a_deadline_tells_how_often_it_was_tried(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(error(503, "api_error", "oops", {"retry-after": "50"})))
        lost = only_loss(run_model(tmp_path, args={"timeout": 0.5}))
        assert (lost["cause"], lost["attempts"]) == ("timeout", 1)
