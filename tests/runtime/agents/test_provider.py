"""What a provider may do to a run: refuse for the moment or for good, break off, fall silent; who answers instead."""

from __future__ import annotations

import json
import logging
import threading
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import pytest
from anthropic_server import Answer, Broken, Ending, Thinking, error, text, tool
from models import MODEL, SECRET, Serve, answers, only_loss, run_model, serve
from openai_server import say, serving_locally

from weft.runtime.agents.limiter import HOPELESS_AFTER
from weft.runtime.agents.models import ModelAgents
from weft.runtime.agents.retry import MOST_FAULTS
from weft.runtime.analysis.analysis import priced_again
from weft.runtime.analysis.classed import classed
from weft.runtime.clock import RealClock
from weft.runtime.errors import ProviderError
from weft.runtime.journal import read_journal
from weft.runtime.journal.events import AgentWaits
from weft.runtime.money import keeper
from weft.runtime.money.bills import added_up, bills
from weft.runtime.money.budget import Budget, Ceiling
from weft.runtime.project.config import Config, ModelConfig, Rate
from weft.runtime.project.folders import Project
from weft.runtime.request import AgentRequest
from weft.runtime.tools.folders import Folders
from weft.runtime.views.transcript import hits_in, texts_of

pytestmark = pytest.mark.slow

__all__ = ["serve"]

OTHER = "anthropic:claude-haiku-4-5"
LIMITED = error(429, "rate_limit_error", "slow down")
BUSY = error(529, "overloaded_error", "busy")
STALL = 0.4
"""Seconds of real time."""


def with_fallback(**more: Any) -> Config:
    return Config(models={MODEL: ModelConfig(fallback=(OTHER,), **more)})


def by_model(bad: Answer | Broken, good: Answer) -> Any:
    return lambda body: bad if body["model"] in MODEL else good


class TestHolds:
    """A request that is not taken for the moment waits: no attempt, no cost, nothing lost."""

    @pytest.mark.parametrize("refusal", [LIMITED, BUSY, error(429, "rate_limit_error", "no", {"retry-after": "50"})])
    def test_it_is_sent_again_as_it_was(self, tmp_path: Path, serve: Serve, refusal: Answer) -> None:
        (tmp_path / "a.md").write_text("A\n")
        server = serve(answers(tool("list_files", {}), *[refusal] * 20, text("at last")))
        done = run_model(tmp_path, args={"retries": 0}, folders=(tmp_path,))
        agent = done.state.agents[0]
        assert agent.finished is not None
        assert (done.state.health, agent.finished.value, agent.finished.attempts) == ("clean", "at last", 1)
        assert done.state.spent.tokens == 30
        assert len({json.dumps(body) for body in server.requests}) == 2

    def test_it_takes_as_long_as_the_provider_says(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(error(429, "rate_limit_error", "no", {"retry-after": "1700"}), text("at last")))
        done = run_model(tmp_path, timeout=60.0)  # the agent's own time stands still meanwhile
        assert (done.state.health, done.state.wall_s) == ("clean", pytest.approx(1700, abs=5))

    def test_what_the_provider_says_is_what_it_waits_for(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(error(529, "overloaded_error", "busy", {"retry-after": "50"}), text("at last")))
        done = run_model(tmp_path)
        (waits,) = [event for _, event in read_journal(done.folder.journal) if isinstance(event, AgentWaits)]
        assert (waits.detail, waits.seconds) == ("claude-sonnet-5-5: status 529: busy", pytest.approx(50, abs=1))

    def test_a_fan_out_against_a_wall_loses_nobody(self, tmp_path: Path, serve: Serve) -> None:
        numbers = count()
        serve(lambda body: LIMITED if next(numbers) % 3 else text("ok"))
        source = "async def main(args):\n    return [r for r in await parallel([agent(f'{n}') for n in range(30)])]"
        done = run_model(tmp_path, source, concurrency=8)
        assert done.state.ended is not None
        assert (done.state.health, done.state.ended.result) == ("clean", ["ok"] * 30)
        assert done.state.spent.tokens == 30 * 15

    def test_after_an_hour_of_nothing_else_the_run_pauses(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(BUSY))
        done = run_model(tmp_path)
        assert (done.state.outcome, done.state.ended and done.state.ended.pause) == ("paused", "provider")
        assert HOPELESS_AFTER <= done.state.wall_s < HOPELESS_AFTER + 120
        assert done.state.spent.tokens == 0

    @pytest.mark.parametrize("named", [{"retry-after": "9" * 300}, {"retry-after-ms": "0.01"}, {"retry-after": "0"}])
    def test_a_time_that_means_nothing_is_none(self, tmp_path: Path, serve: Serve, named: dict[str, str]) -> None:
        server = serve(answers(error(429, "rate_limit_error", "no", named)))
        done = run_model(tmp_path)
        assert (done.state.outcome, done.state.ended and done.state.ended.pause) == ("paused", "provider")
        assert HOPELESS_AFTER <= done.state.wall_s < HOPELESS_AFTER + 120
        assert len(server.requests) < 400

    @pytest.mark.parametrize("reset", ["9" * 300, "9" * 308 + "d", "9999-12-31T00:00:00Z"])
    def test_neither_is_one_until_which_a_limit_is_reached(self, tmp_path: Path, serve: Serve, reset: str) -> None:
        names = ("limit", "60"), ("remaining", "0"), ("reset", reset)
        status, body, *_ = text("ok")
        serve(answers((status, body, {f"anthropic-ratelimit-requests-{name}": value for name, value in names})))
        done = run_model(tmp_path, "async def main(args):\n    return [await agent('x'), await agent('y')]")
        assert (done.state.health, done.state.wall_s) == ("clean", pytest.approx(1.0, abs=0.5))

    def test_headers_of_answers_are_heeded(self, tmp_path: Path, serve: Serve) -> None:
        left = {"anthropic-ratelimit-requests-limit": "60", "anthropic-ratelimit-requests-remaining": "0"}
        status, body, *_ = text("ok")
        server = serve(lambda _: (status, {**body, "id": f"msg_{len(server.requests)}"}, left))
        source = "async def main(args):\n    return [await agent(f'{n}') for n in range(5)]"
        done = run_model(tmp_path, source)
        assert done.state.wall_s == pytest.approx(4.0, abs=0.5)  # one for each second

    def test_so_are_those_of_openai(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", SECRET)
        with serving_locally(lambda body: say("ok")) as server:
            server.headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0"}
            monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.port}/v1")
            source = "async def main(args):\n    return [await agent(f'{n}') for n in range(5)]"
            done = run_model(tmp_path, source, model="openai-chat:gpt-4o")
        assert done.state.wall_s == pytest.approx(4.0, abs=0.5)
        waits = [event for _, event in read_journal(done.folder.journal) if isinstance(event, AgentWaits)]
        assert {event.detail for event in waits} == {"rate limit of openai-chat:gpt-4o"}


class TestStreams:
    @pytest.mark.parametrize("ending", ["cut", "end", "stall", "trickle", "error"])
    def test_a_turn_that_breaks_off_is_tried_again_and_counted(
        self, tmp_path: Path, serve: Serve, ending: Ending
    ) -> None:
        serve(answers(Broken(text("half", input_tokens=700), ending), text("whole")))
        done = run_model(tmp_path, stall=STALL, virtual_time=False)
        agent = done.state.agents[0]
        assert agent.finished is not None
        assert (agent.finished.value, agent.finished.attempts) == ("whole", 2)
        # What is known of the cut turn is its input, and what came of its output: no more tokens than bytes.
        assert done.state.spent.input_tokens == 710
        assert done.state.spent.output_tokens == len("ha") + 5

    def test_what_was_thought_in_a_turn_that_breaks_off_is_counted_at_the_most(
        self, tmp_path: Path, serve: Serve
    ) -> None:
        status, body, *_ = text("half")
        thought = {"type": "thinking", "thinking": "", "signature": ""}
        half = status, {**body, "content": [thought, *body["content"]]}
        serve(answers(Broken(half, "cut", events=6), text("whole")))
        done = run_model(tmp_path, args={"effort": "low"})
        assert done.state.spent.output_tokens == 2048 + len("ha") + 5

    def test_one_that_may_still_have_thought_is_counted_at_its_worst(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(Broken(text("half"), "cut", events=1), text("whole")))
        assert run_model(tmp_path).state.spent.output_tokens == 8192 + 5

    def test_a_model_that_thinks_in_silence_is_not_cut_while_its_provider_pings(
        self, tmp_path: Path, serve: Serve
    ) -> None:
        serve(answers(Thinking(text("at last"), pings=8, every=STALL / 4)))
        done = run_model(tmp_path, stall=STALL, virtual_time=False)
        assert done.state.wall_s > STALL
        assert done.state.agents[0].finished is not None and done.state.agents[0].finished.attempts == 1

    def test_one_of_which_nothing_is_known_is_counted_at_its_worst(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(Broken(text("half"), "stall", events=0), text("whole")))
        done = run_model(tmp_path, stall=STALL, virtual_time=False)
        assert done.state.spent.input_tokens > 1000
        assert done.state.health == "clean"

    def test_silence_for_good_is_a_timeout(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(Broken(text("half"), "cut")))
        lost = only_loss(run_model(tmp_path))
        assert (lost["cause"], lost["attempts"], len(server.requests)) == ("provider", MOST_FAULTS, MOST_FAULTS)

    def test_a_slow_model_that_gives_signs_of_life_is_not_cut(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text("slow " * 20)))
        assert run_model(tmp_path, stall=STALL, virtual_time=False).state.health == "clean"

    @pytest.mark.parametrize("said", [{"input_tokens": 10**400}, {"output_tokens": 10**400}, {"input_tokens": 10**10}])
    def test_usage_that_cannot_be_is_counted_at_its_worst(
        self, tmp_path: Path, serve: Serve, said: dict[str, int]
    ) -> None:
        serve(answers(text("ok", **{"input_tokens": 700, "output_tokens": 5, **said})))
        done = run_model(tmp_path, budget_tokens=20_000)
        assert (done.state.health, done.state.spent.output_tokens) == ("clean", 8192)
        assert 700 <= done.state.spent.input_tokens < 10_000

    def test_usage_that_is_not_said_is_flagged(
        self, tmp_path: Path, serve: Serve, caplog: pytest.LogCaptureFixture
    ) -> None:
        serve(answers(text("ok", input_tokens=700, output_tokens=0)))
        with caplog.at_level(logging.WARNING):
            done = run_model(tmp_path)
        assert (done.state.spent.input_tokens, done.state.spent.output_tokens) == (700, 8192)
        assert "did not say what a request used" in caplog.text


class TestIdempotency:
    def keys(self, folder: Path, serve: Serve, *script: Answer | Broken) -> list[str | None]:
        (folder / "a.md").write_text("A\n")
        server = serve(answers(*script))
        source = "async def main(args):\n    return [await agent('How many?'), await agent('How many?')]"
        run_model(folder, source, folders=(folder,))
        return [headers.get("Idempotency-Key", headers.get("idempotency-key")) for headers in server.headers]

    def test_the_same_request_has_the_same_key_and_no_other_has(self, tmp_path: Path, serve: Serve) -> None:
        looks = tool("list_files", {})
        oops = error(500, "api_error", "oops")
        held, failed, sent, next_turn, next_call = self.keys(
            tmp_path, serve, LIMITED, oops, looks, text("one"), text("two")
        )
        assert held == failed == sent
        assert None not in (sent, next_turn, next_call)
        assert len({sent, next_turn, next_call}) == 3

    def test_another_run_has_other_keys(self, tmp_path: Path, serve: Serve) -> None:
        assert self.keys(tmp_path, serve, text("one")) != self.keys(tmp_path, serve, text("one"))


class TestFallback:
    @pytest.mark.parametrize(
        "bad",
        [
            error(500, "api_error", "oops"),
            error(400, "invalid_request_error", "no"),
            error(401, "authentication_error", "no"),
            error(400, "invalid_request_error", "Your credit balance is too low"),
            error(429, "rate_limit_error", "no", {"retry-after": "61"}),
            BUSY,
        ],
    )
    def test_the_next_model_answers(self, tmp_path: Path, serve: Serve, bad: Answer) -> None:
        serve(by_model(bad, text("fine")))
        done = run_model(tmp_path, config=with_fallback())
        agent = done.state.agents[0]
        assert agent.finished is not None
        assert (agent.finished.value, agent.finished.answered_by) == ("fine", OTHER)
        assert done.state.wall_s < 400

    def test_who_answers_as_asked_is_not_mentioned(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text("fine")))
        agent = run_model(tmp_path, config=with_fallback()).state.agents[0]
        assert agent.finished is not None and agent.finished.answered_by is None

    @pytest.mark.parametrize("own", [text("no", stop="refusal"), text("half", stop="max_tokens")])
    def test_what_is_not_the_providers_fault_is_lost(self, tmp_path: Path, serve: Serve, own: Answer) -> None:
        serve(by_model(own, text("fine")))
        assert only_loss(run_model(tmp_path, config=with_fallback()))["cause"] in ("refused", "truncated")

    def test_each_provider_has_attempts_of_its_own(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(error(500, "api_error", "oops")))
        lost = only_loss(run_model(tmp_path, config=with_fallback()))
        assert (lost["cause"], len(server.requests)) == ("provider", 2 * MOST_FAULTS)

    def test_a_model_that_cannot_be_loaded_is_replaced(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text("fine")))
        config = Config(models={"nobody:nothing": ModelConfig(fallback=(OTHER,))})
        agent = run_model(tmp_path, model="nobody:nothing", config=config).state.agents[0]
        assert agent.finished is not None and agent.finished.answered_by == OTHER

    def test_what_it_costs_is_booked_under_the_one_that_was_asked(self, tmp_path: Path, serve: Serve) -> None:
        first = answers(tool("list_files", {}, input_tokens=300), error(400, "invalid_request_error", "no"))
        serve(lambda body: first(body) if body["model"] in MODEL else text("fine", input_tokens=1000))
        done = run_model(tmp_path, config=with_fallback(), folders=(tmp_path,), virtual_time=False)
        by = added_up(bills(keeper.ledger_path(), Project(tmp_path)), "model")
        assert {name: bill.spent.input_tokens for name, bill in by.items()} == {MODEL: 300, OTHER: 1000}
        assert sum(bill.spent.usd for bill in by.values()) == pytest.approx(done.state.spent.usd)
        costs = done.folder.state().agents[0].costs  # the same by the journal
        assert {name: cost.input_tokens for name, cost in costs.items()} == {MODEL: 300, OTHER: 1000}
        table = classed(done.state.agents.values(), with_fallback())
        assert {row.model: row.tokens["input"] for row in table} == {MODEL: 300, OTHER: 1000}
        rows = priced_again(list(done.folder.events()), done.state, {None: OTHER}, with_fallback())
        assert {row.model: row.spent.input_tokens for row in rows} == {MODEL: 300, OTHER: 1000}
        assert sum(row.usd for row in rows) < sum(row.spent.usd for row in rows) == pytest.approx(done.state.spent.usd)


class TestWhatALostAgentLeaves:
    """What it had said and touched is on record, without secrets, also of an answer that broke off."""

    def test_of_one_whose_provider_failed(self, tmp_path: Path, serve: Serve) -> None:
        (tmp_path / "a.md").write_text(f"The quorum is two.\nkey: {SECRET}\n")
        serve(answers(tool("read_file", {"path": "a.md"}), error(400, "invalid_request_error", "no")))
        done = run_model(tmp_path, folders=(tmp_path,))
        agent = done.state.agents[0]
        assert agent.lost is not None and agent.lost.cause == "provider"
        assert [part["part"] for part in agent.transcript] == ["user-prompt", "tool-call", "tool-return"]
        assert agent.touched == ("a.md:1-2",)
        assert [hit.where for hit in hits_in(texts_of(done.state), ["quorum"]).hits] == ["transcript 3"]
        assert SECRET not in json.dumps(agent.transcript)

    def test_of_one_whose_time_was_over(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(Broken(text("half of it"), "stall")))
        done = run_model(tmp_path, timeout=STALL, virtual_time=False)
        agent = done.state.agents[0]
        assert agent.lost is not None and agent.lost.cause == "timeout"
        assert [part.get("content") for part in agent.transcript[1:]] == ["half ", "the answer broke off here"]
        assert read_journal(done.folder.journal)  # as it is here: the state is folded from it
        assert agent.lost.spent.output_tokens == len("half ")

    def test_of_one_that_several_models_failed(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(error(400, "invalid_request_error", "no")))
        agent = run_model(tmp_path, config=with_fallback()).state.agents[0]
        models = [part["content"] for part in agent.transcript if part["part"] == "model"]
        assert models == [MODEL, OTHER]


class TestConfiguredPrice:
    def test_it_replaces_the_list_price(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text("ok", input_tokens=1000, output_tokens=100)))
        config = Config(models={MODEL: ModelConfig(price=Rate(input=100.0, output=1000.0))})
        assert run_model(tmp_path, config=config).state.spent.usd == pytest.approx(0.2)

    def test_it_lets_a_model_that_nobody_knows_run_under_a_ceiling(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text("ok")))
        unknown = "anthropic:nobody-knows-1"
        config = Config(models={unknown: ModelConfig(price=Rate(input=1.0, output=2.0))})
        done = run_model(tmp_path, model=unknown, config=config, budget_usd=1.0)
        assert (done.state.outcome, done.state.spent.usd) == ("completed", pytest.approx(20 / 1e6))


class TestTools:
    def test_an_agent_that_is_cancelled_does_not_wait_for_its_tool(
        self, tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun, let_go, stopped = threading.Event(), threading.Event(), threading.Event()
        walk = Folders.walk

        def slow(folders: Folders) -> Any:
            yield from walk(folders)
            begun.set()
            let_go.wait(10)
            try:
                yield from ("more.md" for _ in range(10**9))
            finally:
                stopped.set()

        monkeypatch.setattr(Folders, "walk", slow)
        (tmp_path / "a.md").write_text("A\n")
        serve(answers(tool("list_files", {}), text("never")))
        request = AgentRequest(id=0, prompt="?", model=MODEL, tools=("list_files",), timeout=None, retries=0)

        async def go() -> None:
            clock = RealClock()
            async with ModelAgents(Folders((tmp_path,)), budget=Budget(Ceiling(), clock), clock=clock) as agents:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(agents, request)
                    await anyio.to_thread.run_sync(begun.wait, 10)
                    tasks.cancel_scope.cancel()
                assert not stopped.is_set()  # the agent is gone, and its tool is not
                let_go.set()
                assert await anyio.to_thread.run_sync(stopped.wait, 10)

        anyio.run(go)


def test_a_missing_key_is_still_an_error_where_no_fallback_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_AUTH_TOKEN", raising=False)
    with pytest.raises(ProviderError, match="no credentials"):
        run_model(tmp_path, config=with_fallback())
