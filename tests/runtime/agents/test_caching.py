"""What siblings share is kept by the provider: where that ends, who goes first, and what it costs."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest
from anthropic_server import Answer, Thinking, error, text, tool
from models import MODEL, Serve, answers, run_model, serve
from openai_server import say, serving_locally
from pydantic_ai.usage import RequestUsage
from raw_server import chat_events, head, serving_raw, sse

from weft.primitives.lost import Spent
from weft.runtime.agents.warming import KEPT_FOR, LEAST_KEPT, LONGEST_LEAD, MOST_MISSES, Prefix, Warming
from weft.runtime.clock import VirtualClock
from weft.runtime.execution.result import report, result_object
from weft.runtime.project.config import Config, ModelConfig, Rate
from weft.runtime.views.text import result_page

pytestmark = pytest.mark.slow

__all__ = ["serve"]

SIBLINGS = """
async def main(args):
    return await parallel([agent(f"Part {n}", context=args["shared"], tools=[]) for n in range(4)])
"""


def with_cache(answer: Answer, **counts: int) -> Answer:
    """Return an answer that says what of its input was kept."""
    status, body, *_ = answer
    return status, {**body, "usage": {**body["usage"], **counts}}


class TestPrefix:
    def test_what_is_shared_comes_first_and_is_marked_where_it_ends(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(answers(text("ok")))
        run_model(tmp_path, SIBLINGS, args={"shared": {"facts": [1, 2]}}, concurrency=1)
        first, *others = [body["messages"][0]["content"] for body in server.requests]
        assert json.loads(first[0]["text"].removeprefix("<context>").removesuffix("</context>")) == {"facts": [1, 2]}
        assert first[0]["cache_control"] == {"type": "ephemeral", "ttl": "5m"}
        assert "cache_control" not in first[1]
        assert all(other[0] == first[0] and other[1] != first[1] for other in others)
        assert all(body["system"][-1]["cache_control"]["type"] == "ephemeral" for body in server.requests)
        assert all("cache_control" not in body for body in server.requests)  # nobody reads this conversation again

    def test_a_conversation_that_goes_on_is_kept(self, tmp_path: Path, serve: Serve) -> None:
        (tmp_path / "a.md").write_text("A\n")
        server = serve(answers(tool("list_files", {}), text("ok")))
        run_model(tmp_path, folders=(tmp_path,))
        assert [body["cache_control"]["type"] for body in server.requests] == ["ephemeral"] * 2
        assert server.requests[0]["tools"][-1]["cache_control"]["type"] == "ephemeral"

    def test_the_transcript_shows_it_as_text(self, tmp_path: Path, serve: Serve) -> None:
        serve(answers(text("ok")))
        done = run_model(tmp_path, args={"context": "Shared."})
        assert done.state.agents[0].finished is not None
        assert done.state.agents[0].finished.transcript[0]["content"] == "<context>\nShared.\n</context>\n\nHow many?"

    def test_a_server_that_keeps_nothing_is_told_of_no_mark(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with serving_locally(lambda body: say("ok")) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.port}/v1")
            monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
            run_model(tmp_path, model="openai-chat:gpt-4o", args={"context": "Shared."})
        assert server.chats[0]["messages"][-1]["content"] == "<context>\nShared.\n</context>\n\nHow many?"


class TestCost:
    @pytest.mark.parametrize(
        ("counts", "usd"),
        [
            ({"cache_read_input_tokens": 1000}, 0.0003 + 0.0001),
            ({"cache_creation_input_tokens": 1000}, 0.0003 + 0.0025),
            (
                {
                    "cache_creation_input_tokens": 1000,
                    "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 0},
                },
                0.0003 + 0.004,
            ),
        ],
    )
    @pytest.mark.parametrize("configured", [False, True])
    def test_each_kind_of_token_has_its_price(
        self, tmp_path: Path, serve: Serve, counts: dict[str, Any], usd: float, configured: bool
    ) -> None:
        serve(answers(with_cache(text("ok", input_tokens=100, output_tokens=10), **counts)))
        config = Config(models={MODEL: ModelConfig(price=Rate(input=2.0, output=10.0))}) if configured else None
        spent = run_model(tmp_path, config=config).state.spent
        reads, writes = counts.get("cache_read_input_tokens", 0), counts.get("cache_creation_input_tokens", 0)
        assert spent == Spent(1100, 10, pytest.approx(usd), reads, writes)  # type: ignore[arg-type]

    def test_it_is_shown_and_recorded(self, tmp_path: Path, serve: Serve) -> None:
        kept = {"cache_read_input_tokens": 3000, "cache_creation_input_tokens": 200}
        serve(answers(with_cache(text("ok"), **kept)))
        done = run_model(tmp_path)
        assert result_object(done.state)["spent"]["cache_read_tokens"] == 3000
        assert done.state.spent.usd < 0.01 and f" · ${done.state.spent.usd:.4f} · " in report(done.state)
        assert "3,215 tokens (3,000 read from cache, 200 written to it)" in str(result_page(done.state, "."))


def test_what_was_kept_does_not_count_against_a_limit(tmp_path: Path, serve: Serve) -> None:
    serve(answers(with_cache(text("ok", input_tokens=100), cache_read_input_tokens=59_900)))
    source = "async def main(args):\n    return [await agent(f'{n}') for n in range(3)]"
    config = Config(models={MODEL: ModelConfig(input_tokens_per_minute=60_000)})
    assert run_model(tmp_path, source, config=config).state.wall_s < 1


class TestSiblings:
    def test_the_first_goes_ahead_until_it_is_answered(self, tmp_path: Path, serve: Serve) -> None:
        alone: list[int] = []
        released = threading.Event()

        def answer(body: dict[str, Any]) -> Answer:
            if not alone:
                released.wait(0.3)
                alone.append(len(server.requests))
            return with_cache(text("ok"), cache_read_input_tokens=5000)

        server = serve(answer)
        done = run_model(tmp_path, SIBLINGS, args={"shared": "x" * LEAST_KEPT})
        assert (alone, len(server.requests), done.state.health) == ([1], 4, "clean")
        assert done.state.wall_s < 1.0  # on the clock of the run

    def test_they_follow_as_soon_as_its_answer_begins(self, tmp_path: Path, serve: Serve) -> None:
        first = threading.Event()

        def answer(body: dict[str, Any]) -> Answer | Thinking:
            if first.is_set():
                return text("ok")
            first.set()
            return Thinking(text("ok"), pings=4, every=0.1)

        serve(answer)
        done = run_model(tmp_path, SIBLINGS, args={"shared": "x" * LEAST_KEPT}, virtual_time=False)
        ends = [agent.ended_at for agent in done.state.agents.values()]
        assert ends[0] == max(end for end in ends if end is not None)

    def test_so_it_is_where_the_provider_keeps_by_itself_what_requests_begin_with(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alone: list[int] = []
        seen = threading.Event()

        def answer(number: int) -> bytes:
            if not number:
                seen.wait(0.3)  # nobody else comes meanwhile
                alone.append(len(server.bodies))
            return head() + sse(chat_events("ok", usages=[{"prompt_tokens": 2000, "completion_tokens": 1}]))

        monkeypatch.setenv("OPENAI_API_KEY", "k")
        with serving_raw(answer) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.port}/v1")
            run_model(tmp_path, SIBLINGS, args={"shared": "x" * LEAST_KEPT}, model="openai-chat:gpt-4o")
        assert alone == [1]
        begins = {json.dumps(body["messages"])[:LEAST_KEPT] for body in server.bodies}
        assert (len(server.bodies), len(begins)) == (4, 1)

    @pytest.mark.parametrize(
        ("first", "seconds"),
        [
            (error(400, "invalid_request_error", "no"), 0.0),
            (error(429, "rate_limit_error", "no", {"retry-after": "1000"}), LONGEST_LEAD),
        ],
    )
    def test_they_do_not_share_the_fate_of_the_first(
        self, tmp_path: Path, serve: Serve, first: Answer, seconds: float
    ) -> None:
        refused: list[Any] = []

        def answer(body: dict[str, Any]) -> Answer:
            if not refused:
                refused.append(body)
                return first
            return text("ok")

        serve(answer)
        done = run_model(tmp_path, SIBLINGS, args={"shared": "x" * LEAST_KEPT}, concurrency=2)
        assert done.state.count("done") >= 3
        assert sorted(agent.ended_at or 0.0 for agent in done.state.agents.values())[1] <= 1000 + seconds

    def test_what_is_too_short_to_be_kept_keeps_nobody_back(self, tmp_path: Path, serve: Serve) -> None:
        together = threading.Barrier(4, timeout=5)

        def answer(body: dict[str, Any]) -> Answer:
            together.wait()
            return text("ok")

        serve(answer)
        assert run_model(tmp_path, SIBLINGS, args={"shared": "x"}).state.health == "clean"

    async def led(self, clock: VirtualClock, warming: Warming, prefix: Prefix, *, several: int) -> list[float]:
        """Return when each of several requests leaves, the first of which never ends."""
        left: list[float] = []

        async def one() -> None:
            await warming.lead(prefix)
            left.append(clock.now())
            clock.end()

        async with anyio.create_task_group() as tasks:
            for _ in range(several):
                clock.begin()
                tasks.start_soon(one)
            await anyio.sleep(0.01)
            clock.end()
        return left

    def test_nobody_is_kept_back_for_long(self) -> None:
        clock = VirtualClock()
        left = anyio.run(lambda: self.led(clock, Warming(clock), Prefix("a", LEAST_KEPT), several=3))
        assert left == [0.0, LONGEST_LEAD, LONGEST_LEAD]

    def test_a_beginning_that_was_not_kept_is_not_waited_for_again(self) -> None:
        async def main() -> None:
            warming = Warming(VirtualClock())
            lead = await warming.lead(Prefix("a", 2 * LEAST_KEPT))
            assert lead is not None
            warming.not_kept(Prefix("a", 2 * LEAST_KEPT))
            assert await warming.lead(Prefix("b", LEAST_KEPT)) is None
            assert await warming.lead(Prefix("b", 2 * LEAST_KEPT + 1)) is not None

        anyio.run(main)

    def test_one_who_does_not_tell_what_it_keeps_is_known_by_what_it_reads_of_that(self) -> None:
        async def main() -> None:
            warming, prefix = Warming(VirtualClock(), tells=False), Prefix("a", LEAST_KEPT)
            lead = await warming.lead(prefix)
            assert lead is not None
            lead.used(RequestUsage(input_tokens=2000))
            for read in (0, 1500, *[0] * (MOST_MISSES - 1)):
                warming.followed(prefix, RequestUsage(input_tokens=2000, cache_read_tokens=read))
            assert await warming.lead(Prefix("b", LEAST_KEPT)) is not None
            warming.followed(prefix, RequestUsage(input_tokens=2000))
            assert await warming.lead(Prefix("c", 9 * LEAST_KEPT)) is None

        anyio.run(main)

    def test_a_beginning_that_nobody_used_for_long_is_led_again(self) -> None:
        async def main() -> None:
            clock = VirtualClock()
            warming, prefix = Warming(clock), Prefix("a", LEAST_KEPT)
            lead = await warming.lead(prefix)
            assert lead is not None
            lead.began()
            lead.over()
            assert await warming.lead(prefix) is None
            await clock.sleep(KEPT_FOR + 1)
            assert await warming.lead(prefix) is not None

        anyio.run(main)
