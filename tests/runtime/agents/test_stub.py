"""Stub agents: the file format that tests and users rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, assume, given, settings
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

    def test_of_an_agent_with_a_worktree_it_is_what_it_says_or_its_change_too(self, tmp_path: Path) -> None:
        source = """async def main(args):
    whole = {"type": "integer"}
    return await parallel([agent(p, schema=whole, isolation="worktree") for p in ("made up", "said", "all")])
"""
        change = {"branch": "b", "patch": "p", "files": ["f"]}
        rules = [
            {"match": {"prompt": "said"}, "result": 3},
            {"match": {"prompt": "all"}, "result": {**change, "result": 4}},
        ]
        done = run_source(source, tmp_path, stub={"rules": rules})
        nothing = {"branch": "stub", "patch": "", "files": []}
        assert done.state.ended is not None
        assert done.state.ended.result == [
            {**nothing, "result": 0},
            {**nothing, "result": 3},
            {**change, "result": 4},
        ]

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
        ('{"rules": [{"latency": [5, 1]}]}', "rules.0.latency"),
        ('{"rules": [{"latency": [-1, 1]}]}', "rules.0.latency"),
        ('{"rules": [{"latency": [1]}]}', "rules.0.latency"),
        ('{"rules": [{"latency": [1, 2, 3]}]}', "rules.0.latency"),
        ('{"default": {"latency": -1}}', "default.latency"),
        ('{"default": {"latency": NaN}}', "default.latency"),
        ('{"default": {"latency": [0, Infinity]}}', "default.latency"),
        ('{"default": {"latency": true}}', "default.latency"),
        ('{"default": {"latency": "5"}}', "default.latency"),
        ('{"default": {"usage": {"input": -1}}}', "default.usage.input"),
        ('{"default": {"usage": {"input": true}}}', "default.usage.input"),
        ('{"default": {"usage": {"input": 1.5}}}', "default.usage.input"),
        ('{"default": {"usage": {"inputs": 1}}}', "default.usage.inputs"),
        ('{"default": {"result": [NaN]}}', "default.result"),
        ('{"default": {"result": "\\ud800"}}', "Invalid JSON"),
        ('{"default": {"times": 1}}', "default.times"),
        ('{"rules": [{"times": true}]}', "rules.0.times"),
        ('{"rules": [{"times": "2"}]}', "rules.0.times"),
        ('{"rules": {}}', "rules"),
        ('{"seed": 1.5}', "seed"),
        ("[]", "beginning"),
    ],
)
def test_a_file_that_means_nothing_is_refused_with_the_place(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "stub.json"
    path.write_text(content)
    with pytest.raises(UsageError) as refused:
        read_script(path)
    assert said in f"{refused.value.what} {refused.value.where}"
    assert str(path) in str(refused.value.where)


LEAVES: list[dict[str, Any]] = [
    {},
    {"type": "string"},
    {"type": "string", "minLength": 2, "maxLength": 5},
    {"type": "string", "minLength": 300},
    {"type": "string", "minLength": 3.0, "maxLength": 3},
    {"type": "array", "minItems": 1.0, "maxItems": 2.0},
    {"type": "object", "patternProperties": {"^x": {"type": "integer"}}, "required": ["x"]},
    {"type": "string", "pattern": "^[ab]{2,3}$"},
    {"type": "integer", "minimum": -3, "maximum": 9},
    {"type": "integer", "multipleOf": 4, "exclusiveMinimum": 1},
    {"type": "integer", "multipleOf": 0.5, "exclusiveMinimum": 1, "exclusiveMaximum": 3},
    {"type": "number", "maximum": -0.5},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "number", "multipleOf": 0.25, "minimum": 1.1, "maximum": 1.3},
    {"minimum": 3},
    {"type": "boolean"},
    {"enum": ["a", 2, None]},
    {"type": "integer", "enum": ["a", 2, None]},
    {"const": {"k": [1]}},
    {"type": ["null", "string"]},
]


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """Return the schema of a list that exists."""
    fewest = draw(st.integers(0, 3))
    schema: dict[str, Any] = {"type": "array", "minItems": fewest, "maxItems": fewest + draw(st.integers(0, 2))}
    match draw(st.sampled_from(["items", "unique", "first", "closed", "contains", "long"])):
        case "items":
            schema["items"] = draw(inner)
        case "unique":
            schema |= {"items": {"type": draw(st.sampled_from(["string", "integer"]))}, "uniqueItems": True}
        case "first":
            schema |= {"prefixItems": [draw(inner), draw(inner)], "items": {"type": "integer"}}
        case "closed":
            schema = {"type": "array", "prefixItems": [draw(inner), draw(inner)], "items": False, "minItems": 2}
        case "contains":
            schema = {"type": "array", "contains": {"const": "here"}, "minContains": 2, "items": {"type": "string"}}
        case "long":
            schema = {"type": "array", "items": draw(inner), "minItems": 20}
    return schema


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """Return the schema of an object that exists."""
    properties = draw(st.dictionaries(st.sampled_from("abcd"), inner, max_size=4))
    required = draw(st.lists(st.sampled_from([*properties, "z"]), unique=True, max_size=2))
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    match draw(st.sampled_from(["open", "closed", "map", "named", "patterns", "dependent"])):
        case "open":
            schema["minProperties"] = draw(st.integers(0, 6))
        case "closed":
            schema |= {"required": [name for name in required if name in properties], "additionalProperties": False}
            schema["minProperties"] = draw(st.integers(0, len(properties)))
        case "map":
            fewest = draw(st.integers(0, 4))
            schema = {"type": "object", "additionalProperties": draw(inner), "minProperties": fewest}
            schema["maxProperties"] = fewest + draw(st.integers(0, 2))
        case "named":
            schema = {"type": "object", "propertyNames": {"pattern": "^[a-z]{3,}$"}, "minProperties": 2}
            schema["additionalProperties"] = draw(inner)
        case "patterns":
            schema = {"type": "object", "patternProperties": {"^x-[a-c]{1,3}$": draw(inner)}, "minProperties": 2}
            schema["additionalProperties"] = False
        case "dependent":
            schema["dependentRequired"] = {name: ["also"] for name in required}
    return schema


@st.composite
def combined(draw: st.DrawFn, inner: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """Return a schema of several that can be satisfied together."""
    one, other = draw(inner), draw(inner)
    part = {"type": "object", "properties": {"k": one}, "required": ["k"]}
    options: list[dict[str, Any]] = [
        {"anyOf": [one, other]},
        {"oneOf": [{"type": "array", "items": one}, {"type": "object", "required": ["q"]}, {"type": "null"}]},
        {"allOf": [part, {"required": ["more"], "minProperties": 3}], "properties": {"more": other}},
        {"anyOf": [part, {"type": "null"}], "allOf": [{"type": ["object", "null"]}, {"anyOf": [{"minProperties": 1}]}]},
        {"type": "object", "properties": {"k": {"type": "boolean"}}, "required": ["k"], "if": {"properties": {
            "k": {"const": True}}}, "then": {"required": ["t"]}, "else": {"properties": {"f": one}, "required": ["f"]}},
        {"not": {"type": "string"}, "anyOf": [{"type": "string"}, {"type": "object", "properties": {"k": one}}]},
        {"$ref": "#/$defs/k", "$defs": {"k": {"type": "object", "minProperties": 1}}, "required": ["also"]},
    ]  # fmt: skip
    return draw(st.sampled_from(options))


SCHEMAS = st.recursive(
    st.sampled_from(LEAVES), lambda inner: st.one_of(arrays(inner), objects(inner), combined(inner)), max_leaves=4
)


def has_its_own_names(schema: dict[str, Any]) -> bool:
    """Whether references in a schema, which count from its root, still mean something where it stands."""
    return "$ref" not in json.dumps(schema) or "$ref" in schema


# `variety` is itself built on hypothesis.
@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.nested_given])
@given(SCHEMAS.filter(has_its_own_names))
def test_made_up_values_satisfy_the_schema_and_are_always_the_same(schema: dict[str, Any]) -> None:
    validator = Draft202012Validator(schema)
    try:
        values = [anyio.run(smallest, schema), *anyio.run(variety, schema, 6)]
    except ValueError:
        assume('"not"' not in json.dumps(schema))  # it is not understood, so what it forbids is only avoided by chance
        raise
    assert all(validator.is_valid(value) for value in values)
    assert json.dumps(values) == json.dumps([anyio.run(smallest, schema), *anyio.run(variety, schema, 6)])


@pytest.mark.parametrize("schema", LEAVES)
def test_a_smallest_value_is_small(schema: dict[str, Any]) -> None:
    assert len(json.dumps(anyio.run(smallest, schema))) <= max(15, schema.get("minLength", 0) + 2)


@pytest.mark.parametrize(
    ("items", "count"),
    [({"type": "integer", "minimum": 1, "maximum": 60}, 60), ({"enum": [3, "a", True, 1.5, None]}, 5)],
)
def test_orders_of_what_there_is_are_made_up(items: dict[str, Any], count: int) -> None:
    schema = {"type": "array", "items": items, "minItems": count, "maxItems": count, "uniqueItems": True}
    orders = [anyio.run(smallest, schema), *anyio.run(variety, schema, 4)]
    assert {len({json.dumps(item) for item in order}) for order in orders} == {count}
    assert len({json.dumps(order) for order in orders}) > 2


def test_a_schema_that_nothing_satisfies() -> None:
    with pytest.raises(ValueError, match="no value"):
        anyio.run(smallest, {"type": "integer", "minimum": 3, "maximum": 1})


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {
        "$defs": {"t": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/t"}}}}}
    }
    assert anyio.run(variety, {**tree, "$ref": "#/$defs/t"}, 5)


def test_a_schema_that_refers_to_itself_many_times_over_ends() -> None:
    either = {"anyOf": [{"$ref": "#"}, {"type": "null"}]}
    wide = {"type": "object", "properties": {f"p{n}": either for n in range(12)}, "required": ["p0", "p1"]}
    assert anyio.run(smallest, wide)
    assert anyio.run(variety, wide, 5)


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"type": "string", "pattern": "("}, {"not": {}}, {"enum": []}])
def test_a_schema_that_means_nothing_is_told(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no value"):
        anyio.run(smallest, schema)
