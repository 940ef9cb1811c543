"""Defaults that are written into a harness: its text says so, and says everything else as it did."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.runtime.errors import UsageError
from weft.runtime.keeping.setting import with_defaults
from weft.runtime.project.harness import Harness, parse_harness

MAIN = "\n\nasync def main(args):\n    return 'ü'  # stays\n"
WAYS = (
    'ARGS = {"properties": {"k": {"type": ["integer", "string", "null", "array"]}, "é": {}}, "required": ["é", "k"]}',
    "ARGS: dict = {\n  'required': ['k'],\n  'properties': {\n    'é': {},\n    'k': {\n"
    "      'description': ('x'),  # a }\n    },\n  },\n}",
    'ARGS = {"properties": {"é": {}, "k": {"default": (1), "title": "K"}}}',
    'ARGS = {"properties": {"é": {}, "k": {\r\n  # nothing yet\r\n}}}\r',
)


def harness(args: str) -> Harness:
    return parse_harness(args + MAIN, name="x", filename="x.py")


@settings(max_examples=25)
@given(way=st.sampled_from(WAYS), value=st.none() | st.integers() | st.text() | st.lists(st.text(), max_size=2))
def test_a_default_stands_in_the_text_and_all_else_stays(way: str, value: Any) -> None:
    before = harness(way)
    now = with_defaults(before, {"k": value})
    assert now.args_schema is not None and before.args_schema is not None
    assert now.args_schema["properties"]["k"] == {**before.args_schema["properties"]["k"], "default": value}
    assert "k" not in now.args_schema.get("required", [])
    assert now.source.endswith(MAIN)
    assert now.args_schema["properties"]["é"] == {}
    assert now.arguments({}, 3)["k"] == value


@pytest.mark.parametrize(
    ("way", "name", "value", "said"),
    [
        (WAYS[0], "kk", 1, "no argument 'kk'"),
        (WAYS[0], "k", 1.5, "is nothing that 'k' may be"),
        ('ARGS = {"properties": {"k": True}}', "k", 1, "not declared"),
        ("", "k", 1, "no argument"),
        ('ARGS = {"properties": {"k": {"enum": ["a"]}}}', "k", "b", "is nothing that 'k' may be"),
    ],
)
def test_what_has_no_place_is_refused(way: str, name: str, value: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        with_defaults(harness(way), {name: value})
