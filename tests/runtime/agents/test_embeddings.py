"""Texts compared by a model of embeddings: what is merged, what it costs, and what happens where the model fails."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai_server import say, serving_locally
from pydantic_ai.embeddings import EmbeddingModel, EmbeddingResult, EmbeddingSettings
from pydantic_ai.embeddings.result import EmbedInputType
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.usage import RequestUsage
from resumed import replayed
from running import run_with
from unconfined import without_processes

from weft.runtime.agents.likeness.embedding import MOST_ATTEMPTS
from weft.runtime.agents.likeness.vectors import cluster_vectors, packed
from weft.runtime.execution.run import Run
from weft.runtime.money import keeper
from weft.runtime.money.bills import added_up, bills
from weft.runtime.project.config import Config, EmbeddingsConfig, ModelConfig, Rate
from weft.runtime.project.folders import Project
from weft.runtime.request import AgentReply, AgentRequest
from weft.runtime.settings import Settings

NAME = "openai:text-embedding-3-small"
MEANINGS = {
    "The cache never empties.": [1.0, 0.1, 0.0],
    "Nothing is ever thrown out of memory.": [0.98, 0.12, 0.05],
    "The cache empties.": [1.0, 0.1, 0.01],
    "Login has no limit.": [0.0, 1.0, 0.2],
}
MAIN = f"""
async def main(args):
    kept = await semantic_dedup({list(MEANINGS)}, text=str)
    return [list(kept), kept.measure, budget.spent("tokens")]
"""


class Fake(EmbeddingModel):
    """Knows what some texts mean; fails as often as it is told to."""

    def __init__(self, failures: Sequence[int] = (), *, gives: int | None = None, odd: Any = None) -> None:
        super().__init__()
        self.asked: list[list[str]] = []
        self._failures = list(failures)
        self._gives = gives
        self._odd = odd

    @property
    def model_name(self) -> str:
        return "fake"

    @property
    def system(self) -> str:
        return "fake"

    async def embed(
        self, inputs: str | Sequence[str], *, input_type: EmbedInputType, settings: EmbeddingSettings | None = None
    ) -> EmbeddingResult:
        texts, _ = self.prepare_embed(inputs, settings)
        self.asked.append(list(texts))
        if self._failures:
            raise ModelHTTPError(self._failures.pop(0), "fake", body={"error": {"message": "no"}})
        vectors = [MEANINGS[text] for text in texts][: self._gives]
        vectors[-1:] = vectors[-1:] if self._odd is None else [self._odd]
        return EmbeddingResult(
            vectors,
            inputs=texts,
            input_type=input_type,
            model_name="fake",
            provider_name="fake",
            usage=RequestUsage(input_tokens=20),
        )


async def nobody(request: AgentRequest) -> AgentReply:
    raise AssertionError("no agent is asked")


def ran(folder: Path, monkeypatch: pytest.MonkeyPatch, fake: Fake, **limits: Any) -> Run:
    without_processes(monkeypatch)
    monkeypatch.setattr("weft.runtime.agents.likeness.embedding.load_embedding_model", lambda name: fake)

    async def at_once(*_: object) -> None:
        await anyio.lowlevel.checkpoint()

    monkeypatch.setattr("weft.runtime.clock.RealClock.sleep", at_once)
    config = Config(embeddings=EmbeddingsConfig(model=NAME))
    given_settings = Settings(model="anthropic:claude-haiku-4-5", **limits)
    return run_with(MAIN, folder, given_settings, agents=nobody, config=config)


def said(done: Run) -> Any:
    assert done.state.ended is not None
    return done.state.ended.result


def test_other_words_are_merged_and_paid_and_a_denial_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = ran(tmp_path, monkeypatch, Fake(), budget_usd=0.01)
    kept, measure, tokens = said(done)
    assert (measure, tokens) == (NAME, 20)
    assert "The cache empties." in kept and "Login has no limit." in kept and len(kept) == 3
    assert done.state.spent.input_tokens == 20 and 0 < done.state.spent.usd < 1e-6


def test_a_fault_that_passes_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake([503, 429])
    assert said(ran(tmp_path, monkeypatch, fake))[1] == NAME
    assert len(fake.asked) == 3


@pytest.mark.parametrize(
    ("fake", "limits", "why"),
    [
        (Fake([503] * 9), {}, "503: no"),
        (Fake([401]), {}, "401: no"),
        (Fake([400]), {}, "400: no"),
        (Fake(gives=2), {}, "2 vectors for 4"),
        (Fake(odd=[1.0, 0.0]), {}, "not of one size"),
        (Fake(odd=[math.nan, 0.0, 0.0]), {}, "not of finite numbers"),
        (Fake(odd=["a", "b", "c"]), {}, "not in the form"),
        (Fake(), {"budget_tokens": 5}, "5 are left"),
    ],
)
def test_where_it_fails_the_words_are_compared_and_the_measure_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: Fake, limits: dict[str, Any], why: str
) -> None:
    done = ran(tmp_path, monkeypatch, fake, **limits)
    kept, measure, _ = said(done)
    assert kept == list(MEANINGS)
    assert measure.startswith(f"lexical, because {NAME} failed") and why in measure
    if limits:
        assert not fake.asked and not done.state.spent.tokens


@pytest.mark.slow
def test_a_limit_that_is_reached_is_waited_for_and_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_processes(monkeypatch)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    with serving_locally(lambda body: say("")) as server:
        server.vectors, server.refusals = MEANINGS, 2 * MOST_ATTEMPTS
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.port}/v1")
        given_settings = Settings(model="anthropic:claude-haiku-4-5", virtual_time=True)
        config = Config(embeddings=EmbeddingsConfig(model=NAME))
        done = run_with(MAIN, tmp_path, given_settings, agents=nobody, config=config)
    assert said(done)[1:] == [NAME, 20]
    assert len(server.texts) == 2 * MOST_ATTEMPTS + 1
    assert done.state.wall_s == pytest.approx(50 * 2 * MOST_ATTEMPTS, abs=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", [NAME, "ollama:nomic-embed-text", "local:127.0.0.1:{port}/nomic-embed-text"])
def test_any_endpoint_of_that_protocol_is_asked_once_booked_and_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    without_processes(monkeypatch)
    with serving_locally(lambda body: say("")) as server:
        server.vectors, name = MEANINGS, name.format(port=server.port)
        for provider in ("OPENAI", "OLLAMA"):
            monkeypatch.setenv(f"{provider}_BASE_URL", f"http://127.0.0.1:{server.port}/v1")
            monkeypatch.setenv(f"{provider}_API_KEY", "sk-x")
        priced = {name: ModelConfig(price=Rate(input=1, output=1))}
        config = Config(embeddings=EmbeddingsConfig(model=name), models=priced)
        given_settings = Settings(model="anthropic:claude-haiku-4-5", budget_usd=0.01)
        done = run_with(MAIN, tmp_path, given_settings, agents=nobody, config=config)
        assert said(done)[1:] == [name, 20]
        booked = added_up(bills(keeper.ledger_path(), Project(tmp_path)), "model")
        assert (booked[name].spent.input_tokens, booked[name].spent.usd) == (20, pytest.approx(20e-6))
    assert replayed(done).result == said(done)
    assert len(server.texts) == 1


vectors = st.lists(st.lists(st.floats(-1, 1), min_size=8, max_size=8), min_size=1, max_size=9)


@given(vectors, st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_members_are_near_the_one_that_stands_for_them_in_any_order(found: list[list[float]], order: Any) -> None:
    texts = [f"word {'abcdefghi'[place]} thing" for place in range(len(found))]
    clusters = cluster_vectors(texts, packed(found), 0.8)
    assert sorted(place for cluster in clusters for place in cluster) == list(range(len(found)))
    for first, *others in clusters:
        for place in others:
            one, other = found[first], found[place]
            lengths = math.hypot(*one) * math.hypot(*other)
            assert sum(x * y for x, y in zip(one, other, strict=True)) / lengths > 0.8 - 1e-5
    shuffled = order.sample(range(len(found)), len(found))
    again = cluster_vectors([texts[place] for place in shuffled], packed([found[place] for place in shuffled]), 0.8)
    assert sorted(sorted(shuffled[place] for place in cluster) for cluster in again) == sorted(map(sorted, clusters))
