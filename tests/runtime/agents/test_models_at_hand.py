"""Which models an author is told of: what the project names and can ask, and what the run's own provider offers."""

from __future__ import annotations

from typing import Any

import pytest

from weft.runtime.agents.models_at_hand import MOST_MODELS, models_at_hand
from weft.runtime.project.config import Config

SONNET = "anthropic:claude-sonnet-5-5"


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-test")


def at_hand(model: str, **models: Any) -> dict[str, tuple[float, float] | None]:
    return dict(models_at_hand(model, Config.model_validate({"models": models})))


def test_the_runs_own_model_comes_first_and_the_others_by_price() -> None:
    told = at_hand(SONNET)
    assert next(iter(told)) == SONNET
    others = [price for price in [*told.values()][1:] if price is not None]
    assert others == sorted(others, key=sum) and len(others) == len(told) - 1 >= 2
    assert all(name.startswith("anthropic:") for name in told)


def test_what_the_project_names_is_there_with_its_price_where_it_can_be_asked() -> None:
    named = {"price": {"input": 1.5, "output": 2.5}, "fallback": ["local:qwen", "nobody:x"]}
    told = at_hand(SONNET, **{"anthropic:own": named, "anthropic:free": {}, "local": {}})
    assert (told["anthropic:own"], told["local:qwen"]) == ((1.5, 2.5), (0.0, 0.0))
    assert told["anthropic:free"] is None and [*told][-1] == "anthropic:free"  # nobody knows its price
    assert not {"nobody:x", "local"} & {*told}  # no provider, and no one model


@pytest.mark.parametrize("model", ["offline", "local:qwen", "local"])
def test_where_nothing_costs_anything_there_is_nothing_to_choose(model: str) -> None:
    assert at_hand(model) == {model: (0.0, 0.0)}


def test_there_are_only_so_many() -> None:
    assert len(at_hand(SONNET, **{f"local:m{n}": {} for n in range(30)})) == MOST_MODELS
