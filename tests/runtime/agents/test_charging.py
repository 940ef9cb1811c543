"""What is charged for a request, whatever a provider sends: never less than what came, never more than was reserved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest
from openai_server import listed
from raw_server import chat_events, head, serving_raw, sse

from weft.primitives.lost import Spent
from weft.runtime.agents import hearing
from weft.runtime.agents.models import ModelAgents
from weft.runtime.clock import VirtualClock
from weft.runtime.money.budget import Budget, Ceiling
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError, AgentRequest
from weft.runtime.tools.folders import Folders

pytestmark = [  # what the libraries say of such usage; elsewhere `providers` keeps that from the terminal
    pytest.mark.filterwarnings("ignore::pydantic_ai.exceptions.UsageExtractionFailedWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings"),
]

CHAT, CLAUDE = "openai-chat:gpt-4o", "anthropic:claude-haiku-4-5"
KEY = "sk-secret-abcdefghijkl"
MOST = Ceiling(tokens=30_000, usd=0.5)
USED = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
WHOLE = head() + sse(chat_events("Hello", " you", usages=[USED]))


def claude_events(start: Any = None, end: Any = None) -> bytes:
    begun = {"id": "m-1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None}
    begun |= {"stop_sequence": None, "usage": start or {"input_tokens": 100, "output_tokens": 1}}
    deltas = [{"type": "text_delta", "text": text} for text in ("Hello", " you")]
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": stop, "usage": end or {"output_tokens": 20}},
        {"type": "message_stop"},
    ]
    return head() + b"".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events)


class Watched(Budget):
    """A budget that knows the most that was ever spent and reserved together."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(MOST, clock)
        self.held = 0

    def settle(self, reservation: Any, spent: Spent) -> None:
        super().settle(reservation, spent)
        self.held = max(self.held, self.spent.tokens + self.reserved.tokens)


@contextmanager
def pointed(monkeypatch: pytest.MonkeyPatch, answer: Callable[[int], bytes]) -> Iterator[Any]:
    """Serve, and point the SDKs there."""
    with serving_raw(answer) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.port}/v1")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        yield server


def asked(model: str, **given: Any) -> tuple[Any, Watched]:
    """Ask one agent, and return its answer, or what came instead, and what that did to the budget."""
    request = AgentRequest(id=0, prompt="How many?", model=model, tools=(), timeout=None, retries=0, **given)

    async def go() -> tuple[Any, Watched]:
        clock = VirtualClock()
        budget = Watched(clock)
        async with ModelAgents(Folders(()), budget=budget, clock=clock) as agents:
            try:
                return (await agents(request)).value, budget
            except (AgentError, Pause) as failed:
                return failed, budget

    return anyio.run(go)


def charged(monkeypatch: pytest.MonkeyPatch, first: bytes, model: str = CHAT, **given: Any) -> Spent:
    """Return what is charged where this comes first, and a whole answer when it is asked for again."""
    whole = WHOLE if model == CHAT else claude_events()
    with pointed(monkeypatch, lambda number: whole if number else first):
        said, budget = asked(model, **given)
    assert said in ("Hello you", "Hello", "yes")
    assert budget.reserved == Spent() and budget.held <= (MOST.tokens or 0)
    return budget.spent


def chat(*texts: str, usages: Any = (), **delta: Any) -> list[Any]:
    return chat_events(*texts, usages=usages, **delta)


class TestOpenAI:
    def test_a_turn_that_is_cut_is_charged_by_what_came(self, monkeypatch: pytest.MonkeyPatch) -> None:
        spent = charged(monkeypatch, head() + sse(chat("Hello", " you")[:2]))
        assert spent.output_tokens == len("Hello you") + 20
        assert 100 < spent.input_tokens < 4_000  # of the cut one nobody has told: no more than it had bytes

    def test_thoughts_that_are_shown_have_come_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        spent = charged(monkeypatch, head() + sse(chat("x", reasoning_content="h" * 500)[:1]))
        assert spent.output_tokens == 501 + 20

    def test_one_that_was_told_of_no_end_is_cut(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first = head() + sse(chat("Hello", " never said")[:1])
        assert charged(monkeypatch, first).output_tokens == len("Hello") + 20

    def test_one_that_says_that_it_is_whole_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told = [chat("yes")[0], {**chat(usages=[USED])[1]}, "[DONE]"]
        assert charged(monkeypatch, head() + sse(told)) == Spent(100, 20, pytest.approx(450e-6))

    def test_each_kind_of_token_is_told_and_has_its_price(self, monkeypatch: pytest.MonkeyPatch) -> None:
        kinds = {"prompt_tokens_details": {"cached_tokens": 60}, "completion_tokens_details": {"reasoning_tokens": 15}}
        spent = charged(monkeypatch, head() + sse(chat("Hello", usages=[{**USED, **kinds}])))
        assert (spent.input_tokens, spent.cache_read_tokens, spent.reasoning_tokens) == (100, 60, 15)
        assert spent.usd == pytest.approx((40 * 2.5 + 60 * 1.25 + 20 * 10) / 1e6)

    def test_what_is_told_again_and_again_is_not_added_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        growing = [{**USED, "completion_tokens": number} for number in (1, 9, 20)]
        spent = charged(monkeypatch, head() + sse(chat("Hello", " you", usages=[*growing, USED])))
        assert (spent.input_tokens, spent.output_tokens) == (100, 20)

    @pytest.mark.parametrize(
        "told",
        [
            {"prompt_tokens": -100, "completion_tokens": 20},
            {"prompt_tokens": 100, "completion_tokens": -20},
            {"prompt_tokens": 100.5, "completion_tokens": 2.5},
            {"prompt_tokens": "100", "completion_tokens": "many"},
            {"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 600}},
        ],
    )
    def test_what_cannot_be_counts_at_its_worst(self, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any]) -> None:
        assert charged(monkeypatch, head() + sse(chat("Hello", usages=[told]))).output_tokens == 8192

    @pytest.mark.parametrize("whole", [True, False])
    @pytest.mark.parametrize(
        "told", [{"prompt_tokens": 3 * 10**9}, {"prompt_tokens": 40_000}, {"completion_tokens": 90_000}]
    )
    def test_more_than_there_can_be_is_put_down_and_not_believed(
        self, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any], whole: bool
    ) -> None:
        """Nothing passes what was set aside for a request, and so nothing the ceiling."""
        events = chat("Hello", " you", usages=[{**USED, **told}])
        spent = charged(monkeypatch, head() + sse(events if whole else [events[0], events[-2]]))
        assert spent.tokens < 30_000 and spent.usd < 0.5
        assert spent.disputed > sum(told.values()) - 30_000 > 0
        assert spent.output_tokens >= 8192

    def test_so_does_less_than_can_have_been_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        long = "Hello" + " very" * 2000 + " you"
        with pointed(monkeypatch, lambda _: head() + sse(chat(long, usages=[{**USED, "completion_tokens": 3}]))):
            assert asked(CHAT)[1].spent.output_tokens == 8192


ODD = {
    "nothing": b"",
    "no HTTP": b"\x00\x01 nonsense",
    "an empty stream": head(),
    "a page": head(kind="text/html") + b"<html>log in</html>",
    "half an event": head() + b'data: {"id": ',
    "no JSON": head() + b"data: hello\n\ndata: [DONE]\n\n",
    "a list": head() + b"data: [1, 2]\n\n",
    "no UTF-8": head() + b'data: {"id": "\xff"}\n\n',
    "an error in JSON": head(kind="application/json") + b'{"error": {"message": "oops", "type": "x"}}',
    "an error as event": head() + sse([{"error": {"message": "oops", "type": "server_error", "code": 500}}]),
    "too much": head() + b"data: " + b"x" * 4_000,
    "an error too large": head(500, "application/json") + b'{"error": "' + b"x" * 4_000,
}


@pytest.mark.parametrize("what", ODD)
def test_whatever_comes_in_place_of_an_answer_is_charged_once_and_asked_again(
    monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(hearing, "MOST_BYTES", 3_000)
    assert 100 <= charged(monkeypatch, ODD[what]).input_tokens < 4_000


def test_a_server_on_this_machine_is_not_taken_in_without_end_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "MOST_BYTES", 3_000)
    answers = [head(kind="application/json") + listed("m"), head() + b"data: " + b"x" * 4_000, WHOLE]
    with pointed(monkeypatch, answers.__getitem__) as server:
        assert asked(f"local:127.0.0.1:{server.port}/m")[0] == "Hello you"
    assert len(server.bodies) == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"},
        {"retry_after": "Wed, 21 Oct 9999 07:28:00 GMT"},
        {"retry_after": "-5"},
        {"retry_after": "NaN"},
        {"retry_after": "inf"},
        {"x_ratelimit_limit_requests": "nan", "x_ratelimit_remaining_requests": "-1"},
    ],
)
def test_a_refusal_costs_nothing_whatever_it_says_of_time(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    refusal = head(429, "application/json", **headers) + b"{}"
    assert charged(monkeypatch, refusal) == Spent(100, 20, pytest.approx(450e-6))


def test_a_key_that_an_error_shows_is_not_in_what_is_said_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"error": {"message": f"bad Bearer {KEY}"}}).encode()
    with pointed(monkeypatch, lambda _: head(500, "application/json", x_key=KEY) + body):
        said, budget = asked(CHAT)
    assert isinstance(said, AgentError) and KEY not in said.message
    assert budget.spent == Spent()


@pytest.mark.parametrize(("model", "whole"), [(CHAT, WHOLE), (CLAUDE, claude_events())])
def test_wherever_a_stream_is_cut_nothing_is_unaccounted(
    monkeypatch: pytest.MonkeyPatch, model: str, whole: bytes
) -> None:
    for at in range(0, len(whole) - 1, 149):
        came = sum(part in whole[:at] for part in (b'"Hello"', b'" you"'))
        spent = charged(monkeypatch, whole[:at], model)
        assert spent.tokens >= 120 + 4 * came, at
