"""How full lists are, and what that says of rehearsed runs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from weft.primitives.calls import AgentCall
from weft.runtime.forecasting.cells import Call
from weft.runtime.forecasting.fullness import fullness, likelihoods
from weft.runtime.request import AgentRequest
from weft.runtime.settings import Settings

TEXTS = {"type": "array", "items": {"type": "string"}}
FOUND = {
    "type": "object",
    "properties": {
        "found": {**TEXTS, "maxItems": 4},
        "open": TEXTS,
        "two": {**TEXTS, "minItems": 2, "maxItems": 2},
    },
}

NESTED = {"items": {"type": "array", "maxItems": 4}, "maxItems": 2}


def answered(value: Any, schema: dict[str, Any] | None = FOUND) -> Call:
    request = AgentRequest.resolve(0, AgentCall(prompt="?", schema=schema), Settings(), None)
    return Call(request, value=value, answered=value is not None)


@pytest.mark.parametrize(
    ("calls", "full"),
    [
        ([], None),
        ([answered(None), answered("text", None)], None),
        ([answered({"open": ["a"] * 9, "two": ["a", "b"]})], None),  # neither could tell
        ([answered({"found": []})], 0.0),
        ([answered({"found": ["a"], "open": ["a"]}), answered({"found": ["a"] * 3})], math.log(8) / math.log(25)),
        (
            [answered([[1, 2], []], NESTED)],
            (1 + math.log(3) / math.log(5) + 0) / 3,
        ),
        ([answered({"found": "no list"}), answered({"found": ["a"] * 99})], 1.0),
    ],
)
def test_fullness(calls: list[Call], full: float | None) -> None:
    assert fullness(calls) == pytest.approx(full)


def test_runs_as_full_as_real_ones_are_likelier() -> None:
    rehearsed = [place / 20 for place in range(21)]
    cold, warm = likelihoods(rehearsed, []), likelihoods(rehearsed, [0.8] * 10)
    assert sum(cold) == pytest.approx(21) and sum(warm) == pytest.approx(21)
    assert max(cold) == max(cold[2:14]) and max(warm) == warm[16] and min(warm) > 0
    assert likelihoods([None, 0.3, None, 0.3], [0.3]) == pytest.approx([1, 1, 1, 1])
    assert likelihoods([None, None], [0.3]) == [1, 1] and likelihoods([], []) == []
