"""What is told of a schema by reading it, against what a validator says of values."""

from __future__ import annotations

import json
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from weft.primitives.schemas import nonsense, plain
from weft.runtime.schemas.fitting import schema_fault
from weft.runtime.schemas.validating import malformed, worst

NUMBERS = st.integers(-3, 4) | st.sampled_from([0.5, 1.5, -0.5, 2.0])
COUNTS = st.integers(0, 3)
NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.none() | st.booleans() | NUMBERS | st.text("ab", max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
REFERENCES = st.sampled_from(["#", "#/$defs/a", "#/$defs/b", "#b"])


def said(inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    """Return what each keyword may say, with these schemas within."""
    several = st.lists(inner, min_size=1, max_size=3)
    return {
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
        "enum": st.lists(VALUES, max_size=3),
        "const": VALUES,
        **dict.fromkeys(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], NUMBERS),
        "multipleOf": st.sampled_from([1, 2, 3, 0.5]),
        **{f"{side}{what}": COUNTS for side in ("min", "max") for what in ("Length", "Items", "Properties")},
        "uniqueItems": st.booleans(),
        "prefixItems": several,
        "minContains": COUNTS,
        "maxContains": COUNTS,
        "properties": st.dictionaries(NAMES, inner, max_size=3),
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "b|c"]), inner, max_size=2),
        "required": st.lists(NAMES, max_size=2, unique=True),
        "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True), max_size=2),
        **dict.fromkeys(["allOf", "anyOf", "oneOf"], several),
        **dict.fromkeys(["items", "contains", "additionalProperties", "propertyNames", "not"], inner),
        **dict.fromkeys(["if", "then", "else", "unevaluatedProperties", "unevaluatedItems"], inner),
        "$ref": REFERENCES,
    }


@st.composite
def keywords(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Return a schema of a few keywords, about anything."""
    values = said(inner)
    return {name: draw(values[name]) for name in draw(st.lists(st.sampled_from([*values]), max_size=5, unique=True))}


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    """Return a schema whose references lead somewhere, and may go in circles."""
    inner = st.booleans() | keywords(st.booleans() | keywords(st.booleans()))
    root = draw(keywords(inner))
    b = draw(keywords(inner))
    return {**root, "$defs": {"a": draw(inner), "b": {**b, "$anchor": "b"}}}


def valid(value: Any, schema: dict[str, Any]) -> bool | None:
    """Return what the validator says without anything of ours; `None` where it does not come to an end."""
    try:
        return bool(Draft202012Validator(schema).is_valid(value))
    except RecursionError:
        return None


def judged(value: Any, schema: dict[str, Any]) -> bool | None:
    """Return what we say."""
    try:
        return worst(json.loads(json.dumps(value)), json.dumps(schema)) is None
    except RecursionError:
        return None


@settings(max_examples=30)
@given(schemas(), st.lists(VALUES, min_size=1, max_size=4))
def test_no_schema_is_refused_that_something_fits_and_values_are_judged_as_ever(
    schema: dict[str, Any], values: list[Any]
) -> None:
    right = [(value, valid(value, schema)) for value in values]
    if any(fits for _, fits in right):
        assert nonsense(schema, 1_000_000) is None
    for value, fits in right:
        assert fits is None or judged(value, schema) in (fits, None)


@settings(max_examples=30)
@given(keywords(st.booleans() | keywords(st.just({}))) | st.dictionaries(NAMES, VALUES), st.data())
def test_what_is_plainly_a_schema_is_one(schema: dict[str, Any], data: st.DataObject) -> None:
    if schema and data.draw(st.booleans()):
        schema[data.draw(st.sampled_from([*schema]))] = data.draw(VALUES)
    if plain(schema):
        assert malformed(json.dumps(schema)) is None


NOTHING_FITS = [
    {"enum": []},
    {"type": "integer", "minimum": 5, "maximum": 3},
    {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2},
    {"type": "integer", "minimum": 1, "maximum": 4, "multipleOf": 5},
    {"type": "number", "exclusiveMinimum": 1, "maximum": 1},
    {"type": "string", "minLength": 4, "maxLength": 3},
    {"type": "string", "minLength": 1_000_001},
    {"type": "array", "minItems": 1000, "items": {"type": "string", "minLength": 1000}},
    {"type": "array", "items": {"type": "boolean"}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"$ref": "#"}, "minItems": 1},
    {"type": "array", "contains": False},
    {"type": "array", "items": {"type": "string"}, "contains": {"type": "integer"}},
    {"type": "object", "properties": {"a": False}, "required": ["a"]},
    {"type": "object", "required": ["a"], "additionalProperties": False},
    {"type": "object", "required": ["a", "b"], "maxProperties": 1},
    {"type": "object", "required": ["a"], "propertyNames": {"minLength": 2}},
    {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]},
    {"allOf": [{"type": "string"}, {"type": ["integer", "null"]}]},
    {"allOf": [{"minimum": 5}, {"maximum": 4}], "type": "number"},
    {"allOf": [{"$ref": "#"}]},
    {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
    {"anyOf": [{"enum": []}, False]},
    {"const": 3, "type": "string"},
    {"not": {}},
    {"if": True, "then": False},
    {"$ref": "#/$defs/nowhere"},
    {"properties": {"a": {"items": {"$ref": "https://example.com/there.json"}}}},
    {"type": "string", "pattern": "(["},
    {"type": "string", "pattern": "a{4294967296}"},
    {"type": "list"},
    {"x": {"minimum": "a"}, "$ref": "#/x"},
    {"x": 5, "allOf": [{"$ref": "#/x"}]},
]


@pytest.mark.parametrize("schema", NOTHING_FITS, ids=str)
def test_a_schema_that_nothing_can_fit_is_told_with_its_place(schema: dict[str, Any]) -> None:
    fault = anyio.run(schema_fault, schema)
    assert fault is not None
    assert fault.startswith(("at $", "the repetition", "a reference leads to what is no schema, at $"))


@pytest.mark.parametrize("schema", [
    {"$ref": "https://json-schema.org/draft/2020-12/schema"},
    {"$dynamicAnchor": "node", "type": "array", "items": {"$dynamicRef": "#node"}},
    {"$id": "https://example.com/a", "$defs": {"n": {"$anchor": "n"}}, "allOf": [{"$ref": "#n"}, {"$ref": "a#n"}]},
    {"$defs": {"x": {"$id": "x.json", "type": "string"}}, "$ref": "x.json"},
    {"$ref": "#/properties/a~1b/items/0", "properties": {"a/b": {"items": [{}]}}, "$schema": "any"},
    {"$defs": {"unused": {"$ref": "#/nowhere"}}},
    {"properties": {"next": {"$ref": "#"}}},
    {"anyOf": [{"type": "null"}, {"type": "array", "minItems": 1, "items": {"$ref": "#"}}]},
], ids=str)  # fmt: skip
def test_a_schema_that_leads_somewhere_makes_sense(schema: dict[str, Any]) -> None:
    assert nonsense(schema) is None


@pytest.mark.parametrize("keyword", ["anyOf", "allOf", "oneOf"])
def test_a_schema_whose_references_multiply_is_read_and_used_all_the_same(keyword: str) -> None:
    count = 60
    twice = {f"d{n}": {keyword: [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(count)}
    schema = json.dumps({"$defs": {**twice, f"d{count}": {"type": "string"}}, "$ref": "#/$defs/d0"})
    assert nonsense(json.loads(schema)) is None
    assert worst(5, json.dumps({**json.loads(schema), "$ref": f"#/$defs/d{count - 25}"})) is not None
