"""Stub agents: the file format that tests and users rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from running import run_source

from weft.runtime.agents.examples import smallest, variety
from weft.runtime.agents.stub import read_script
from weft.runtime.errors import UsageError

MANY = "async def main(args):\n    return list(await parallel([agent(p, label=f'l-{p}') for p in args['prompts']]))"


def ask(folder: Path, stub: dict[str, Any], *prompts: str) -> Any:
    done = run_source(MANY, folder, args={"prompts": prompts}, stub=stub)
    assert done.state.ended is not None
    return done.state.ended.result


class TestRules:
    def test_the_first_that_matches_answers(self, tmp_path: Path) -> None:
        rules = [
            {"match": {"label": "^l-a"}, "result": "by label"},
            {"match": {"prompt": "b$"}, "result": "by prompt"},
            {"match": {"label": "l-c", "prompt": "nothing"}, "result": "both must match"},
        ]
        said = ask(tmp_path, {"rules": rules, "default": {"result": "default"}}, "a", "ab", "b", "c")
        assert said == ["by label", "by label", "by prompt", "default"]

    def test_one_is_used_up_after_so_many_times(self, tmp_path: Path) -> None:
        rules = [{"times": 2, "result": "first two"}, {"result": "rest"}]
        assert ask(tmp_path, {"rules": rules}, "a", "b", "c") == ["first two", "first two", "rest"]

    def test_a_use_is_an_attempt_so_a_re_ask_can_be_scripted(self, tmp_path: Path) -> None:
        rules = [{"times": 1, "result": 3}, {"result": "text at last"}]
        assert ask(tmp_path, {"rules": rules}, "a") == ["text at last"]

    def test_lost_is_for_good(self, tmp_path: Path) -> None:
        done = run_source(MANY, tmp_path, args={"prompts": ["a"]}, stub={"rules": [{"lost": "rate_limit"}]})
        (agent,) = done.state.lost
        assert agent.lost is not None
        assert (agent.lost.cause, agent.lost.attempts) == ("rate_limit", 1)

    def test_without_a_result_the_schema_decides(self, tmp_path: Path) -> None:
        source = "async def main(args):\n    return await agent('x', schema={'type': 'integer', 'minimum': 3})"
        for stub in ({}, {"rules": [{"latency": 1}]}, {"default": {"from_schema": True}}):
            done = run_source(source, tmp_path, stub=stub)
            assert done.state.ended is not None
            assert done.state.ended.result == 3

    def test_latency_is_drawn_alike_in_every_run_and_differs_between_agents(self, tmp_path: Path) -> None:
        def latencies(seed: int) -> list[float | None]:
            stub = {"seed": seed, "default": {"result": "x", "latency": [1, 100]}}
            done = run_source(MANY, tmp_path, args={"prompts": ["a", "b", "c"]}, stub=stub)
            return [agent.ended_at for agent in done.state.agents.values()]

        assert latencies(1) == latencies(1) != latencies(2)
        assert len(set(latencies(1))) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("no json", "Invalid JSON"),
        ('{"rules": [{"lost": "bad luck"}]}', "not a cause of loss"),
        ('{"rules": [{"match": {"label": "("}}]}', "rules.0.match.label"),
        ('{"rules": [{"match": {"name": "x"}}]}', "rules.0.match.name"),
        ('{"rules": [{"times": 0}]}', "rules.0.times"),
        ('{"typo": 1}', "typo"),
    ],
)
def test_a_file_that_means_nothing_is_refused_with_the_place(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "stub.json"
    path.write_text(content)
    with pytest.raises(UsageError) as refused:
        read_script(path)
    assert said in f"{refused.value.what} {refused.value.where}"


SCHEMAS = st.recursive(
    st.sampled_from(
        [
            {"type": "string"},
            {"type": "string", "minLength": 2, "maxLength": 5},
            {"type": "integer", "minimum": -3, "maximum": 9},
            {"type": "integer", "multipleOf": 4, "exclusiveMinimum": 1},
            {"type": "number", "maximum": -0.5},
            {"type": "boolean"},
            {"enum": ["a", 2, None]},
            {"const": {"k": [1]}},
            {"type": ["null", "string"]},
            {"type": "string", "pattern": "^[ab]{2,3}$"},
        ]
    ),
    lambda inner: st.one_of(
        st.builds(
            lambda item, n: {"type": "array", "items": item, "minItems": n, "maxItems": 3}, inner, st.integers(0, 2)
        ),
        st.builds(
            lambda a, b: {"type": "object", "properties": {"a": a, "b": b}, "required": ["a"]},
            inner,
            inner,
        ),
        st.builds(lambda a, b: {"anyOf": [a, b]}, inner, inner),
    ),
    max_leaves=4,
)


# `variety` is itself built on hypothesis.
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.nested_given])
@given(SCHEMAS)
def test_made_up_values_satisfy_the_schema_and_are_always_the_same(schema: dict[str, Any]) -> None:
    validator = Draft202012Validator(schema)
    values = [smallest(schema), *variety(schema, 6)]
    assert all(validator.is_valid(value) for value in values)
    assert json.dumps(values) == json.dumps([smallest(schema), *variety(schema, 6)])


def test_a_schema_that_nothing_satisfies() -> None:
    with pytest.raises(ValueError, match="no value"):
        smallest({"type": "integer", "minimum": 3, "maximum": 1})


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {
        "$defs": {"t": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/t"}}}}}
    }
    assert variety({**tree, "$ref": "#/$defs/t"}, 5)
