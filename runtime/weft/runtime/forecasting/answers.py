"""How much an answer takes that has to fit a schema, in tokens: by its fields, lists and texts."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from weft.runtime.forecasting.counting import tokens_in

__all__ = ["answer_tokens"]

TEXT = 400.0
"""An answer without a schema."""

STRING, NUMBER, KEY = 25.0, 3.0, 3.0
"""A text, a number, and what stands around the name of a field."""

OPTIONAL = 0.7
"""How often a field is there that may be left out."""

ITEMS, USUAL = 8.0, 6.0
"""The most items of a list of which nothing is said, and how many there are usually of more."""

SHARE = 0.5
"""Which part a list has of the items that it may have beyond the fewest, up to what is usual."""

LETTERS = 4
"""Letters of a token."""

MOST = 100_000.0
"""More than any answer takes: a schema may ask for lists of lists of lists."""


def answer_tokens(schema: dict[str, Any] | None) -> float:
    """Return what an answer takes."""
    return TEXT if schema is None else _answer(json.dumps(schema))


@lru_cache(maxsize=256)
def _answer(schema: str) -> float:
    try:
        return _Answer(json.loads(schema)).tokens()
    except RecursionError:
        return TEXT


class _Answer:
    """What a schema makes of an answer; what it refers to is looked at once, however often it does."""

    def __init__(self, schema: Any) -> None:
        self._root = schema
        self._referred: dict[str, float] = {}

    def tokens(self) -> float:
        return min(MOST, self._of(self._root))

    def _of(self, schema: Any) -> float:
        if not isinstance(schema, dict):
            return STRING
        if "const" in schema or isinstance(schema.get("enum"), list):
            values = [schema["const"]] if "const" in schema else schema["enum"]
            return _mean([tokens_in(json.dumps(value)) for value in values])
        if "$ref" in schema:
            return self._reference(str(schema["$ref"]))
        for name in ("anyOf", "oneOf"):
            if isinstance(schema.get(name), list):
                return _mean([self._of(one) for one in schema[name]])
        kinds = schema.get("type")
        kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
        if kind == "object" or "properties" in schema:
            return self._object(schema)
        if kind == "array" or "items" in schema:
            return min(MOST, _items(schema) * self._of(schema.get("items", {})) + NUMBER)
        return NUMBER if kind in ("integer", "number", "boolean", "null") else _text(schema)

    def _object(self, schema: dict[str, Any]) -> float:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        if not isinstance(properties, dict) or not isinstance(required, list):
            return STRING
        total = NUMBER
        for name, part in properties.items():
            each = tokens_in(name) + KEY + self._of(part)
            total += each if name in required else each * OPTIONAL
        return min(MOST, total)

    def _reference(self, reference: str) -> float:
        if reference not in self._referred:
            self._referred[reference] = STRING  # as which it counts where it contains itself
            found = self._root
            for part in reference.removeprefix("#").split("/"):
                found = found if not part else found.get(part) if isinstance(found, dict) else None
            self._referred[reference] = self._of(found)
        return self._referred[reference]


def _items(schema: dict[str, Any]) -> float:
    least = _number(schema.get("minItems"), 0.0)
    most = max(least, _number(schema.get("maxItems"), max(least, ITEMS)))
    return least + min((most - least) * SHARE, USUAL)


def _text(schema: dict[str, Any]) -> float:
    least = _number(schema.get("minLength"), 0.0)
    return max(least, min(_number(schema.get("maxLength"), STRING * LETTERS), STRING * LETTERS)) / LETTERS


def _number(value: Any, otherwise: float) -> float:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return min(MOST, max(0.0, float(min(value, MOST)))) if plain else otherwise


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else STRING
