"""Lists of an agent's answer: full where as many came as the schema allows, whatever way it says so."""

from __future__ import annotations

import json
from typing import Any

import pytest
from driving import drive
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.primitives import agent
from weft.primitives.data import as_json
from weft.primitives.language.vocabulary import vocabulary
from weft.primitives.returned import Returned, full_lists, returned

NAMES = {"type": "array", "maxItems": 2, "items": {"type": "string"}}
KINDS = {
    "anyOf": [
        {"properties": {"kind": {"const": "few"}, "names": {"maxItems": 1}}, "required": ["kind", "names"]},
        {"properties": {"kind": {"const": "many"}, "names": {"maxItems": 3}}, "required": ["kind", "names"]},
        {"type": "null"},
    ]
}
TREE = {
    "$ref": "#/$defs/node",
    "$defs": {"node": {"type": "object", "properties": {"kids": {"maxItems": 2, "items": {"$ref": "#/$defs/node"}}}}},
}


@pytest.mark.parametrize(
    ("schema", "value", "full"),
    [
        (NAMES, ["a", "b"], {"the answer": 2}),
        (NAMES, ["a"], {}),
        (NAMES, [], {}),
        ({"type": "array", "items": {}}, ["a"] * 9, {}),
        ({"properties": {"names": NAMES}}, {"names": ["a", "b"], "others": ["a", "b"]}, {"names": 2}),
        ({"items": {"properties": {"names": NAMES}}}, [{"names": ["a"]}, {"names": ["a", "b"]}], {"[].names": 2}),
        ({"additionalProperties": NAMES}, {"x": ["a", "b"]}, {"x": 2}),
        ({"prefixItems": [NAMES], "items": {"maxItems": 1}}, [["a", "b"], ["a"]], {"[]": 1}),
        ({"prefixItems": [NAMES], "items": {"maxItems": 1}}, [["a"], []], {}),
        ({"allOf": [{"maxItems": 3}, NAMES]}, ["a", "b"], {"the answer": 2}),
        ({"anyOf": [NAMES, {"type": "array", "maxItems": 3}]}, ["a", "b"], {}),
        ({"anyOf": [NAMES, {"type": "null"}, {"type": "string"}]}, ["a", "b"], {"the answer": 2}),
        ({"oneOf": [{"$ref": "#/$defs/names"}], "$defs": {"names": NAMES}}, ["a", "b"], {"the answer": 2}),
        (KINDS, {"kind": "few", "names": ["a"]}, {"names": 1}),
        (KINDS, {"kind": "many", "names": ["a"]}, {}),
        (KINDS, {"kind": "many", "names": ["a", "b", "c"]}, {"names": 3}),
        ({"if": {}, "then": NAMES, "else": {"maxItems": 1}}, ["a"], {}),
        (TREE, {"kids": [{"kids": []}, {"kids": [{}, {}]}]}, {"kids": 2, "kids[].kids": 2}),
        ({"minItems": 2, "maxItems": 2}, ["a", "b"], {}),
        ({"$ref": "#"}, ["a"], {}),
        ({"$ref": "#/nowhere"}, ["a"], {}),
        ({"anyOf": [{"$ref": "#"}, NAMES]}, ["a", "b"], {}),
        ({"maxItems": "two", "items": 3, "properties": [], "anyOf": {}, "required": 1}, ["a"], {}),
    ],
)
def test_which_lists_are_full(schema: dict[str, Any], value: Any, full: dict[str, int]) -> None:
    assert dict(full_lists(value, schema)) == full
    assert returned(value, schema) == value


def test_alternatives_of_alternatives_take_no_time() -> None:
    """Each refers to the next one twice: there are more ways through them than anybody can go."""
    defs = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(30)} | {"d30": NAMES}
    assert dict(full_lists(["a", "b"], {"$ref": "#/$defs/d0", "$defs": defs})) == {"the answer": 2}
    long = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(3000)} | {"d3000": NAMES}
    assert dict(full_lists(["a", "b"], {"$ref": "#/$defs/d0", "$defs": long})) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=8,
)
WORDS = (
    "maxItems",
    "minItems",
    "items",
    "properties",
    "anyOf",
    "allOf",
    "oneOf",
    "$ref",
    "type",
    "enum",
    "prefixItems",
)
SCHEMAS = st.recursive(
    st.integers(0, 3) | st.sampled_from(["#", "#/items", "array", "object", True]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
        | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=10,
).filter(lambda schema: isinstance(schema, dict))


@settings(max_examples=60)
@given(SCHEMAS, JSON)
def test_an_answer_is_what_it_was_under_any_schema(schema: dict[str, Any], value: Any) -> None:
    """A schema that means nothing is refused elsewhere; here it must do no harm."""
    now = returned(value, schema)
    assert now == value and json.dumps(now) == json.dumps(value) and repr(now) == repr(value)
    assert as_json(now) == value and type(as_json(now)) is type(value)


def test_what_is_made_of_it_is_plain_and_a_copy_is_not() -> None:
    names = returned(["a", "b"], NAMES)
    assert isinstance(names, Returned) and names.full and names.copy().full
    names.clear()
    assert names.full  # as it came
    for plain in (names[:1], names + names, list(names), [*names], sorted(names), type(names)(names)):
        assert type(plain) is list
    with pytest.raises(AttributeError):
        names.full = False


def test_agents_return_them_and_in_language_1_plain_lists() -> None:
    schema = {"type": "object", "properties": {"names": NAMES}}

    async def main(args: Any) -> Any:
        now = await agent("now", schema=schema)
        before = await vocabulary(1)["agent"]("before", schema=schema)  # type: ignore[operator]
        return [now["names"].full, type(before["names"]), await agent("text")]

    value, _ = drive(main, lambda call: {"names": ["a", "b"]} if call.schema else "text")
    assert value == [True, list, "text"]
