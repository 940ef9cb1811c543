"""The keywords of JSON Schema that hold further schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["DEFINED", "NAMED", "ONE", "SEVERAL", "inner"]

ONE = (
    "items",
    "additionalProperties",
    "propertyNames",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "unevaluatedItems",
    "unevaluatedProperties",
)
SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "dependentSchemas")
DEFINED = ("$defs", "definitions")
"""Schemas that say nothing unless something refers to them."""


def inner(schema: dict[str, Any], *, defined: bool = False) -> Iterator[tuple[str, Any]]:
    """Yield the schemas directly in a schema, each with the step that leads there."""
    for keyword in ONE:
        if keyword in schema:
            yield f".{keyword}", schema[keyword]
    for keyword in SEVERAL:
        listed = schema.get(keyword)
        for index, part in enumerate(listed if isinstance(listed, list) else ()):
            yield f".{keyword}[{index}]", part
    for keyword in NAMED + (DEFINED if defined else ()):
        named = schema.get(keyword)
        for name, part in (named if isinstance(named, dict) else {}).items():
            yield f".{keyword}.{name}", part
