"""What agents are expected to use while nothing is known of others like them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from weft.primitives.calls import AgentCall
from weft.runtime.forecasting.answers import answer_tokens
from weft.runtime.forecasting.cold import Cold, Use
from weft.runtime.forecasting.counting import tokens_in
from weft.runtime.forecasting.material import Material
from weft.runtime.request import AgentRequest
from weft.runtime.settings import Settings
from weft.runtime.tools.folders import Folders

SONNET = "anthropic:claude-sonnet-5-5"


def use(folder: Path | None = None, **call: Any) -> Use:
    material = Material() if folder is None else Material(Folders((folder,)))
    call = {"prompt": "Say hello.", "model": SONNET, **call}
    return Cold(material).use(AgentRequest.resolve(0, AgentCall(**call), Settings(), None))


@pytest.mark.parametrize(
    ("text", "tokens"),  # as counted by three tokenizers in use, which differ by a few
    [
        ("The quick brown fox jumps over the lazy dog.", 10),
        ('{"verdict": "supported", "line": 1234, "quote": "if count < 1:"}', 24),
        ("def total(self):\n    return sum(line.cents * line.count for line in self.lines)\n", 23),
        ("请阅读这个文件并详细回答有关它的问题。", 14),
        ("", 0),
    ],
)
def test_tokens_are_counted_about_as_tokenizers_do(text: str, tokens: int) -> None:
    assert tokens_in(text) == pytest.approx(tokens, rel=0.25, abs=1)


def test_a_long_text_is_counted_in_parts() -> None:
    assert tokens_in("word " * 1_000_000) == pytest.approx(1_000_000, rel=0.01)


def test_what_is_told_counts() -> None:
    assert use(tools=()).input < use(tools=(), context={"notes": ["a word"] * 500}).input - 900


def test_a_file_that_is_named_is_read_and_sent_again_with_each_turn(tmp_path: Path) -> None:
    for name, words in (("large.md", 5_000), ("small.md", 50), ("other.md", 50)):
        (tmp_path / name).write_text("word " * words)
    large, small = (use(tmp_path, prompt=f"Read {name}, and name its faults.") for name in ("large.md", "small.md"))
    assert 4_500 < large.input - small.input < 7_000
    three = use(tmp_path, prompt="Compare `small.md`, other.md and (large.md).")
    assert three.turns > large.turns and three.input > large.input


def test_without_tools_or_files_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("word " * 5_000)
    assert use(tmp_path, prompt="Read notes.md.", tools=()).turns == 1
    assert use(prompt="Read notes.md.").turns == 1
    assert use(tmp_path, prompt="What is there?").input > 5_000


def test_an_answer_is_as_long_as_its_schema() -> None:
    item = {"type": "object", "properties": {"file": {"type": "string"}, "why": {"type": "string"}}}
    one, many = ({"type": "array", "items": item, "maxItems": most} for most in (1, 12))
    assert answer_tokens({"type": "boolean"}) < answer_tokens(one) < answer_tokens(many)
    assert answer_tokens({"enum": ["yes", "no"]}) < answer_tokens({"type": "string", "maxLength": 80})
    assert use(schema=one).output < use(schema=many).output
    assert use(schema=many, max_tokens=10).output == 10


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"type": "array", "items": {"type": "array", "items": {"type": "array", "minItems": 10**30}}},
        {"properties": {f"p{n}": {"$ref": "#/$defs/d"} for n in range(9)}, "$defs": {"d": {"anyOf": [{"$ref": "#"}]}}},
        {"$defs": {f"d{n}": {"properties": {k: {"$ref": f"#/$defs/d{n + 1}"} for k in "abcdefgh"}} for n in range(30)},
         "$ref": "#/$defs/d0"},
        {"enum": []},
        {"enum": 3, "type": []},
        {"type": "object", "properties": [], "required": 1},
        {"$ref": "#/nowhere"},
        {"type": "string", "minLength": -1, "maxLength": True},
    ],
)  # fmt: skip
def test_no_schema_is_followed_for_ever(schema: dict[str, Any]) -> None:
    assert 0 < answer_tokens(schema) <= 100_000


def test_thinking_costs_and_a_dear_model_is_slow() -> None:
    assert use(effort="high").output > use(effort="low").output + 1_000
    cheap, dear = (use(model=f"anthropic:claude-{name}-5-5") for name in ("haiku", "opus"))
    assert cheap.usd is not None and dear.usd is not None
    assert cheap.usd * 10 < dear.usd and cheap.seconds < dear.seconds


@pytest.mark.parametrize("model", ["", "a", "..os:x", "a b:c", "anthropic:", "a\0:b", "anthropic.os:x", "ánthropic:é"])
def test_a_model_may_have_any_name(model: str) -> None:
    assert use(model=model or None).output >= 0


def test_models_without_a_price_and_on_this_machine() -> None:
    assert use(model="nobody:knows").usd is None
    assert use(model="local:llama").usd == 0 and use(model="local:llama").input > 0
    assert use(model="offline").input == 0
