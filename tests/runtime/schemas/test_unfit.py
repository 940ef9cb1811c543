"""What people are told about arguments that do not fit: every keyword of JSON Schema, in words and with its place."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.unfit import unfit
from weft.runtime.schemas.validating import UnusableSchema

LEADING = {
    *("$ref", "$dynamicRef", "allOf", "if", "properties", "patternProperties", "prefixItems"),
    *("dependentSchemas", "propertyNames"),
}
"""Keywords that never fail themselves: what they lead to does."""

SAID: list[tuple[dict[str, Any], Any, str]] = [
    ({"type": "integer"}, "x", '--n: "x" is not a whole number'),
    ({"type": ["integer", "null"]}, "x", '--n: "x" is not a whole number or null'),
    ({"type": "array"}, 1, "--n: 1 is not a list"),
    ({"enum": ["a", "b"]}, "c", '--n: "c" is none of "a", "b"'),
    ({"const": 1}, 2, "--n: 2 is not 1, which it must be"),
    ({"minLength": 3}, "x", '--n: "x" has 1 character: it must be at least 3'),
    ({"minLength": 1}, "", "--n: it is empty: it must be at least 1 character"),
    ({"maxLength": 2}, "abc", '--n: "abc" has 3 characters: it must be at most 2'),
    ({"pattern": "^a"}, "b", '--n: "b" does not have the form ^a'),
    ({"minimum": 1}, 0, "--n: 0 is too small: it must be at least 1"),
    ({"maximum": 5}, 9, "--n: 9 is too large: it must be at most 5"),
    ({"exclusiveMinimum": 1}, 1, "--n: 1 is too small: it must be more than 1"),
    ({"exclusiveMaximum": 5}, 5, "--n: 5 is too large: it must be less than 5"),
    ({"multipleOf": 5}, 7, "--n: 7 is no multiple of 5"),
    ({"minItems": 2}, ["a"], '--n: ["a"] has 1 value: it must be at least 2'),
    ({"maxItems": 1}, [1, 2], "--n: [1, 2] has 2 values: it must be at most 1"),
    ({"items": {"type": "integer"}}, [1, "x"], '--n, value 2: "x" is not a whole number'),
    ({"prefixItems": [{}], "items": False}, [1, 2], "--n: it has more values than it may have"),
    ({"prefixItems": [{}], "unevaluatedItems": False}, [1, 2], "--n: it has more values than it may have"),
    ({"uniqueItems": True}, [1, 1], "--n: [1, 1] has a value twice"),
    ({"contains": {"const": 1}}, [2], '--n: [2] has no value that fits {"const": 1}'),
    ({"contains": {"const": 1}, "minContains": 2}, [1], "--n: [1] has fewer than 2 of the values that it needs"),
    ({"contains": {"const": 1}, "maxContains": 1}, [1, 1], "--n: [1, 1] has more than 1 of values that it may have"),
    ({"minProperties": 1}, {}, "--n: it is empty: it must be at least 1 entry"),
    ({"maxProperties": 0}, {"a": 1}, '--n: {"a": 1} has 1 entry: it must be at most 0'),
    ({"required": ["who"]}, {}, "--n, who is missing"),
    (
        {"properties": {"colour": {}}, "additionalProperties": False},
        {"color": 1},
        "color is unknown (did you mean --n,",
    ),
    ({"properties": {"a": {}}, "unevaluatedProperties": False}, {"b": 1}, "--n, b is unknown"),
    ({"properties": {"a": False}}, {"a": 1}, "--n: 1 must not be given"),
    ({"propertyNames": {"pattern": "^a"}}, {"b": 1}, '--n: the name "b": "b" does not have the form ^a'),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "--n: a needs b beside it"),
    ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "x", '--n: "x" is not a whole number or null'),
    ({"anyOf": [{"minimum": 5}, {"maximum": 1}]}, 3, "3 has none of the forms that it may have: --n: 3 is too small"),
    ({"oneOf": [{}, {}]}, 3, "--n: 3 fits more than one of the forms"),
    ({"not": {"const": 1}}, 1, '--n: 1 is what it must not be: it fits {"const": 1}'),
    ({"unevaluatedItems": {"const": 1}}, [2], "--n: [2] has values beside those that fit"),
    ({"unevaluatedProperties": {"const": 1}}, {"a": 2}, '--n: {"a": 2} has entries that do not fit'),
]


@pytest.mark.parametrize(("schema", "value", "said"), SAID, ids=[str(schema) for schema, _, _ in SAID])
def test_each_keyword_has_words(schema: dict[str, Any], value: Any, said: str) -> None:
    told = unfit({"n": value}, {"properties": {"n": schema}})
    assert told is not None
    assert said in told


def test_no_keyword_is_forgotten() -> None:
    """`format` is not checked, so nothing can fail by it."""
    tried = {keyword for schema, _, _ in SAID for keyword in schema}
    assert {*Draft202012Validator.VALIDATORS} - LEADING - {"format"} <= tried


def test_what_is_missing_is_said_with_what_it_is_for() -> None:
    schema = {
        "required": ["question", "how_many"],
        "properties": {"question": {"description": "What to answer.", "examples": ["Who pays?"]}},
    }
    told = unfit({}, schema)
    assert told == '--question is missing (What to answer; such as "Who pays?"); --how-many is missing'


def test_an_option_of_the_command_itself_is_not_taken_for_that_of_the_harness() -> None:
    assert unfit({}, {"required": ["model"]}) == "model in --args is missing"


def test_the_whole_has_a_place_too() -> None:
    assert unfit("x", {"type": "object"}) == 'the arguments: "x" is not a JSON object'


def test_a_schema_that_cannot_be_used_is_said() -> None:
    with pytest.raises(UnusableSchema):
        unfit({}, {"$ref": "#/nowhere"})


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="$"), max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


@given(JSON, st.lists(st.sampled_from([schema for schema, _, _ in SAID]), min_size=1, max_size=3), st.booleans())
def test_whatever_does_not_fit_is_told_and_nothing_else(value: Any, schemas: list[dict[str, Any]], deep: bool) -> None:
    schema: dict[str, Any] = {"allOf": schemas}
    schema = {"properties": {"n": {"anyOf": [schema, {"type": "null"}]}}} if deep else schema
    given_ = {"n": value} if deep else value
    told = unfit(given_, schema)
    assert (told is None) == (anyio.run(misfit, given_, schema) is None)
    assert "$" not in (told or ""), "a path as the validator writes it"
