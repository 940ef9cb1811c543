"""What a project says of its models and profiles, and what it is told where that means nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from genai_prices import Usage
from hypothesis import given
from hypothesis import strategies as st

from weft.runtime.errors import UsageError
from weft.runtime.money.prices import price_of
from weft.runtime.project.config import Config, ModelConfig, Rate, read_budget, read_config

WHOLE = """
[models."anthropic:claude-opus-5-5"]
concurrency = 4
requests_per_minute = 50
input_tokens_per_minute = 30_000
output_tokens_per_minute = 8_000
fallback = ["anthropic:claude-sonnet-5-5"]
price = { input = 5, output = 25.0 }

[profiles.reviewer]
concurrency = 2
"""
MODEL = "anthropic:claude-sonnet-5-5"


class TestReading:
    def test_everything(self, tmp_path: Path) -> None:
        (tmp_path / "weft.toml").write_text(WHOLE)
        config = read_config(tmp_path)
        model = config.model("anthropic:claude-opus-5-5")
        assert (model.concurrency, model.requests_per_minute, model.fallback) == (4, 50, (MODEL,))
        assert model.price == Rate(input=5.0, output=25.0)
        assert config.profiles["reviewer"].concurrency == 2
        assert config.model("another") == ModelConfig()

    def test_in_pyproject_and_beside_it(self, tmp_path: Path) -> None:
        assert read_config(tmp_path) == Config().within(tmp_path)
        (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
        assert read_config(tmp_path) == Config().within(tmp_path)
        (tmp_path / "pyproject.toml").write_text("[tool.weft.profiles.reviewer]\nconcurrency = 2\n")
        assert read_config(tmp_path).profiles["reviewer"].concurrency == 2
        (tmp_path / "weft.toml").write_text("")
        assert read_config(tmp_path) == Config().within(tmp_path)

    @pytest.mark.parametrize(
        ("text", "where", "said"),
        [
            ("[models.m]\nspeed = 1\n", "models.m.speed", "requests_per_minute"),
            ("[models.m]\nconcurrency = 0\n", "models.m.concurrency", "a whole number, from 1"),
            ("[models.m]\nconcurrency = true\n", "models.m.concurrency", "a whole number, from 1"),
            ('[models."a:b c"]\nprice = 3\n', 'models."a:b c".price', "input = 3.0"),
            ("[models.m]\nprice = { input = true, output = 1.0 }\n", "models.m.price.input", "input = 3.0"),
            ("[models.m]\nprice = { input = 1.0 }\n", "models.m.price.output", "input = 3.0"),
            ("[models.m]\nprice = { input = nan, output = 1.0 }\n", "models.m.price.input", "input = 3.0"),
            ("[models.m]\nfallback = 'x'\n", "models.m.fallback", "provider:model"),
            ("[profiles.p]\nmodel = 'x'\n", "profiles.p.model", "concurrency"),
            ("[budget]\nday_usd = '20'\n", "budget.day_usd", "an amount in dollars"),
            ("[budget]\nday_usd = 0.0\n", "budget.day_usd", "above nothing"),
            ("[budget]\nuser_tokens = 1.5\n", "budget.user_tokens", "a whole number of tokens"),
            ("[model.m]\nconcurrency = 1\n", "model", "[models."),
            ("models = 3\n", "models", "[models."),
        ],
    )
    def test_what_means_nothing_is_named(self, tmp_path: Path, text: str, where: str, said: str) -> None:
        (tmp_path / "weft.toml").write_text(text)
        with pytest.raises(UsageError) as error:
            read_config(tmp_path)
        assert error.value.where == f"{tmp_path / 'weft.toml'}, at {where}"
        assert said in str(error.value.fix)

    @pytest.mark.parametrize(
        ("data", "place"),
        [(b"[run]\nbudget = = 3", ", line 2, column 10"), (b"\xff", ""), (b"[run]\nmax_agents = " + b"9" * 5000, "")],
    )
    def test_what_is_no_toml_is_named(self, tmp_path: Path, data: bytes, place: str) -> None:
        (tmp_path / "weft.toml").write_bytes(data)
        with pytest.raises(UsageError, match="not TOML") as error:
            read_config(tmp_path)
        assert error.value.where == f"{tmp_path / 'weft.toml'}{place}"

    @pytest.mark.parametrize(
        "text", ["a = " + "[" * 100_000, "a = " + "[" * 100_000 + "]" * 100_000, "a = " + "{b=" * 9999]
    )
    def test_what_is_nested_too_deeply_is_said(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "weft.toml").write_text(text)
        with pytest.raises(UsageError, match="nested too deeply"):
            read_config(tmp_path)

    @pytest.mark.parametrize("name", ["weft.toml", "pyproject.toml"])
    def test_the_mark_that_some_editors_put_before_a_text_is_none_of_it(self, tmp_path: Path, name: str) -> None:
        table = "[tool.weft.profiles.p]" if name == "pyproject.toml" else "[profiles.p]"
        (tmp_path / name).write_text(f"{table}\nconcurrency = 2\n", encoding="utf-8-sig")
        assert read_config(tmp_path).profiles["p"].concurrency == 2

    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("[modles.m]\nconcurrency = 1\n", "did you mean models?"),
            ("[models.m]\nconcurency = 1\n", "did you mean concurrency?"),
            ("[models.m]\nprice = { input = 1.0, ouput = 1.0, output = 1.0 }\n", "did you mean output?"),
            ("[profiles.p]\nconcurrencies = 1\n", "did you mean concurrency?"),
            ("[run]\nbudgets = 1\n", "did you mean budget?"),
            ("[budget]\ndays_usd = 1.0\n", "did you mean day_usd?"),
        ],
    )
    def test_what_was_meant_is_said(self, tmp_path: Path, text: str, meant: str) -> None:
        (tmp_path / "weft.toml").write_text(text)
        with pytest.raises(UsageError) as error:
            read_config(tmp_path)
        assert meant in f"{error.value.what} {error.value.fix}"


class TestPrices:
    def test_list_prices_are_of_the_package(self) -> None:
        price = price_of(MODEL)
        assert price is not None
        assert price(Usage(input_tokens=1000, output_tokens=100)) == pytest.approx(0.003)
        assert price_of("anthropic:nobody-knows-1") is None

    def test_the_configured_price_is_for_what_is_not_cached(self) -> None:
        config = Config(models={MODEL: ModelConfig(price=Rate(input=100.0, output=0.0))})
        own, listed = price_of(MODEL, config), price_of(MODEL)
        assert own is not None and listed is not None
        cached = Usage(input_tokens=1000, cache_read_tokens=1000)
        assert own(cached) == listed(cached)
        assert own(Usage(input_tokens=2000, cache_read_tokens=1000)) == pytest.approx(listed(cached) + 0.1)

    @given(
        st.sampled_from([MODEL, "anthropic:claude-haiku-4-5", "openai:gpt-4o", "x:own"]),
        st.integers(0, 300_000),
        st.integers(0, 100_000),
        st.floats(0, 1),
        st.floats(0, 1),
    )
    def test_nothing_costs_more_than_was_reserved(
        self, model: str, input_tokens: int, output_tokens: int, reads: float, writes: float
    ) -> None:
        price = price_of(model, Config(models={"x:own": ModelConfig(price=Rate(input=3.0, output=15.0))}))
        assert price is not None
        read = int(input_tokens * reads)
        written = int((input_tokens - read) * writes)
        used = Usage(
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cache_read_tokens=read,
            cache_write_tokens=written,
        )
        assert price(used) <= price.most(input_tokens, output_tokens) + 1e-12


class TestUser:
    """What the user's own file may say."""

    def test_it_has_ceilings_alone(self, tmp_path: Path) -> None:
        assert read_budget(tmp_path).day_usd is None
        (tmp_path / "weft.toml").write_text("[budget]\nday_usd = 5\n")
        assert read_budget(tmp_path).day_usd == 5
        (tmp_path / "weft.toml").write_text("[run]\nallow = ['*']\n")
        with pytest.raises(UsageError, match="has \\[budget\\] alone, and not 'run'"):
            read_budget(tmp_path)
