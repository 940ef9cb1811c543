"""Who goes by which profile: what of a pool is the cheapest that fits, and what the names of families stand for."""

from __future__ import annotations

import pytest

from weft.primitives.calls import AgentCall
from weft.runtime.agents.cast import Cast, exact_family
from weft.runtime.project.config import Config, ModelConfig, Rate
from weft.runtime.settings import Settings

HAIKU, SONNET, OPUS = (f"anthropic:claude-{family}-5-5" for family in ("haiku", "sonnet", "opus"))
ALL = (OPUS, HAIKU, SONNET)


def chosen(*members: str, models: dict[str, ModelConfig] | None = None, **call: object) -> str | None:
    config = Config(pools={"pool": members}, models=models or {})
    cast = Cast(config, Settings(model=SONNET))
    profile = cast(AgentCall(**{"prompt": "?", "profile": "pool", **call}))  # type: ignore[arg-type]
    return profile and profile.model


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have one, for Anthropic alone."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


class TestPools:
    def test_the_cheapest_goes(self) -> None:
        assert chosen(*ALL) == HAIKU

    def test_the_dearest_goes_where_much_thought_is_asked_for(self) -> None:
        assert [chosen(*ALL, effort=effort) for effort in ("medium", "high", "max")] == [HAIKU, OPUS, OPUS]

    def test_what_nobody_has_a_key_for_does_not_go(self) -> None:
        assert chosen("openai:gpt-4.1-nano", OPUS) == OPUS

    def test_what_the_call_does_not_go_into_does_not_go(self) -> None:
        old = "anthropic:claude-3-haiku"  # of 200,000 tokens
        assert chosen(old, SONNET) == old
        assert chosen(old, SONNET, prompt="x" * 900_000) == SONNET

    def test_what_takes_less_in_a_minute_does_not_go(self) -> None:
        models = {HAIKU: ModelConfig(input_tokens_per_minute=1000)}
        assert chosen(HAIKU, OPUS, models=models) == HAIKU
        assert chosen(HAIKU, OPUS, models=models, context="x" * 9000) == OPUS

    def test_what_has_no_price_goes_last_and_the_projects_own_price_counts(self) -> None:
        assert chosen("anthropic:claude-unheard-of", OPUS) == OPUS
        assert chosen(HAIKU, OPUS, models={OPUS: ModelConfig(price=Rate(input=0.0, output=0.0))}) == OPUS

    def test_where_nothing_fits_the_cheapest_goes(self) -> None:
        assert chosen(OPUS, HAIKU, prompt="x" * 9_000_000) == HAIKU

    def test_the_others_that_say_the_same_are_asked_where_its_provider_fails(self) -> None:
        cast = Cast(Config(pools={"pool": ALL}), Settings(model=SONNET))

        def others(**call: object) -> tuple[str, ...] | None:
            profile = cast(AgentCall(**{"prompt": "?", "profile": "pool", **call}))  # type: ignore[arg-type]
            return profile and profile.otherwise

        assert others() == (SONNET, OPUS)
        assert others(effort="high") == (SONNET, HAIKU)
        assert others(model=OPUS) == ()

    def test_of_equals_the_first_goes(self) -> None:
        assert chosen("local:a", "offline", HAIKU) == "local:a"


class TestFamilies:
    @pytest.mark.parametrize(
        ("family", "run", "asked"),
        [
            ("opus", SONNET, OPUS),
            ("sonnet", "anthropic:claude-sonnet-4-5", "anthropic:claude-sonnet-4-5"),
            ("haiku", "offline", "offline"),
            ("opus", "openai:gpt-5", "openai:gpt-5"),
        ],
    )
    def test_stand_for_a_model(self, family: str, run: str, asked: str) -> None:
        assert exact_family(family, run) == asked
        config = Config(pools={"pool": (family,)})
        profile = Cast(config, Settings(model=run))(AgentCall(prompt="?", profile="pool"))
        assert profile is not None
        assert profile.model == asked

    def test_an_agent_without_a_profile_goes_by_none(self) -> None:
        cast = Cast(Config(), Settings())
        assert [cast(AgentCall(prompt="?", profile=name)) for name in (None, "x")] == [None, None]
