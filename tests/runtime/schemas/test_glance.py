"""What is seen at a glance to fit a schema does fit it."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from weft.runtime.schemas.glance import seen_to_fit

ONE = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 1}}}


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ({"a": 1, "b": None}, True),
        ({"a": 0}, False),
        ({"a": True}, False),
        ({"a": 1.0}, False),  # it fits, but not at a glance
        ({"b": 1}, False),
        ([], False),
    ],
)
def test_what_is_seen_of_a_common_schema(value: Any, seen: bool) -> None:
    assert seen_to_fit(value, json.dumps(ONE)) is seen


@pytest.mark.parametrize("schema", [{"pattern": "a"}, {"enum": [1]}, {"minLength": 1.0}, {"type": "text"}, True])
def test_nothing_is_seen_where_a_schema_says_something_else(schema: Any) -> None:
    assert not seen_to_fit("a", json.dumps(schema))


def test_whatever_is_seen_to_fit_fits() -> None:
    """Schemas and values are drawn; the whole of JSON Schema has the last word."""
    draw = Random(1)
    seen = 0
    for _ in range(3_000):
        schema, value = _schema(draw, 2), _value(draw, 3)
        if seen_to_fit(value, json.dumps(schema)):
            seen += 1
            assert Draft202012Validator(schema).is_valid(value), (schema, value)
    assert seen > 100


def _schema(draw: Random, depth: int) -> dict[str, Any]:
    said: dict[str, list[Any]] = {
        "type": ["string", "integer", "number", "boolean", "null", "array", "object", ["string", "array"]],
        "enum": [["a", "bb"], ["a", 1]],
        "minLength": [0, 1],
        "maxLength": [1, 2],
        "minimum": [0, 1.5],
        "maximum": [1, 2.5],
        "minItems": [1],
        "maxItems": [1, 2],
        "required": [["a"], ["a", "b"]],
        "additionalProperties": [True, False],
        "description": ["what it is"],
    }
    if depth:
        said["items"] = [_schema(draw, depth - 1)]
        said["properties"] = [{name: _schema(draw, depth - 1) for name in draw.sample("abc", 2)}]
    names = draw.sample(sorted(said), draw.randint(0, 5))
    return {name: draw.choice(said[name]) for name in names}


def _value(draw: Random, depth: int) -> Any:
    plain = draw.choice([None, True, False, 0, 1, 2, 0.5, 1.0, 2.5, "", "a", "bb", "ccc"])
    match draw.randint(0, 3 if depth else 1):
        case 2:
            return [_value(draw, depth - 1) for _ in range(draw.randint(0, 3))]
        case 3:
            return {name: _value(draw, depth - 1) for name in draw.sample("abcd", draw.randint(0, 3))}
        case _:
            return plain
