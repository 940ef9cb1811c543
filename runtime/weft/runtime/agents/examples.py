"""Values that fit a JSON Schema, made up by hypothesis: the smallest one, or a seeded variety of them.

For simulated agents only: nothing from here is ever shown as the answer of a model. (hypothesis-jsonschema did this
job; it no longer works with current releases of hypothesis.)
"""

from __future__ import annotations

import json
import string
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from weft.runtime.agents.answer import misfit

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["TEXT", "smallest", "variety"]

TEXT = "stub answer"
"""What stands for the text of an agent without a schema."""

MOST_ITEMS = 5
"""How many items a made-up list has beyond the fewest it must have."""

MOST_NESTING = 6
"""How often a schema that refers to itself is followed."""


def smallest(schema: dict[str, Any] | None) -> Any:
    """Return a simplest value that satisfies a schema; always the same one.

    Raises:
        ValueError: no value that satisfies it was found.
    """
    if schema is None:
        return TEXT
    value = _smallest(schema, schema, 0)
    if misfit(value, schema) is None:
        return value
    # Patterns and the like: take the shortest of what hypothesis finds.
    return min(variety(schema, 50), key=lambda found: (len(json.dumps(found)), json.dumps(found)))


def variety(schema: dict[str, Any] | None, count: int) -> list[Any]:
    """Return about `count` values that satisfy a schema, larger ones among them; always the same ones.

    Raises:
        ValueError: no value that satisfies it was found.
    """
    if schema is None:
        return [TEXT]
    return [json.loads(value) for value in _variety(json.dumps(schema), count)]


@lru_cache(maxsize=256)
def _variety(schema: str, count: int) -> tuple[str, ...]:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis.errors import InvalidArgument, Unsatisfiable

    values: list[str] = []

    @settings(
        derandomize=True,
        database=None,
        max_examples=count,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(_fitting(json.loads(schema)))
    def collect(value: Any) -> None:
        values.append(json.dumps(value))

    try:
        collect()
    except (Unsatisfiable, InvalidArgument):
        raise ValueError("no value was found that satisfies the schema") from None
    return tuple(values)


def _fitting(schema: dict[str, Any]) -> SearchStrategy[Any]:
    return _values(schema, schema, 0).filter(lambda value: misfit(value, schema) is None)


def _values(schema: Any, root: dict[str, Any], depth: int) -> SearchStrategy[Any]:
    """Return values near a schema: what it asks for besides these keywords is left to the filter around it."""
    from hypothesis import strategies as st

    if not isinstance(schema, dict) or depth > MOST_NESTING:
        return st.none() | st.booleans() | st.integers() | _words()
    if "$ref" in schema:
        return _values(_referred(schema["$ref"], root), root, depth + 1)
    if "const" in schema:
        return st.just(schema["const"])
    if schema.get("enum"):
        return st.sampled_from(schema["enum"])
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            rest = {name: value for name, value in schema.items() if name != keyword}
            return st.one_of([_values(_merged([rest, option]), root, depth + 1) for option in schema[keyword]])
    if "allOf" in schema:
        rest = {name: value for name, value in schema.items() if name != "allOf"}
        return _values(_merged([rest, *schema["allOf"]]), root, depth + 1)
    return st.one_of([_of_type(name, schema, root, depth) for name in _types(schema)])


def _types(schema: dict[str, Any]) -> list[str]:
    named = schema.get("type")
    if named is not None:
        return named if isinstance(named, list) else [named]
    if "properties" in schema or "required" in schema:
        return ["object"]
    return ["array"] if "items" in schema else ["string", "integer", "boolean", "null"]


def _of_type(name: str, schema: dict[str, Any], root: dict[str, Any], depth: int) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    match name:
        case "object":
            return _objects(schema, root, depth)
        case "array":
            fewest = schema.get("minItems", 0)
            most = min(schema.get("maxItems", fewest + MOST_ITEMS), fewest + MOST_ITEMS)
            return st.lists(_values(schema.get("items", {}), root, depth + 1), min_size=fewest, max_size=most)
        case "string":
            return st.from_regex(schema["pattern"]) if "pattern" in schema else _words(schema)
        case "integer":
            step = int(schema.get("multipleOf", 1))
            low, high = _bounds(schema)
            return st.integers(
                None if low is None else -(-int(low) // step), None if high is None else int(high) // step
            ).map(lambda number: number * step)
        case "number":
            low, high = _bounds(schema)
            return st.floats(low, high, allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case _:
            return st.none()


def _objects(schema: dict[str, Any], root: dict[str, Any], depth: int) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    properties: dict[str, Any] = schema.get("properties", {})
    required = {name: _values(properties.get(name, {}), root, depth + 1) for name in schema.get("required", [])}
    optional = {
        name: _values(value, root, depth + 1)
        for name, value in properties.items()
        if name not in required and depth < MOST_NESTING
    }
    return st.fixed_dictionaries(required, optional=optional)


def _words(schema: dict[str, Any] | None = None) -> SearchStrategy[str]:
    from hypothesis import strategies as st

    fewest = (schema or {}).get("minLength", 0)
    most = (schema or {}).get("maxLength", fewest + 40)
    return st.text(string.ascii_lowercase + " -.é<>&\"'\n", min_size=fewest, max_size=min(most, fewest + 40))


def _bounds(schema: dict[str, Any]) -> tuple[float | None, float | None]:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    return low, high


def _smallest(schema: Any, root: dict[str, Any], depth: int) -> Any:
    if not isinstance(schema, dict) or depth > MOST_NESTING:
        return None
    if "$ref" in schema:
        return _smallest(_referred(schema["$ref"], root), root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for keyword in ("anyOf", "oneOf", "allOf"):
        if schema.get(keyword):
            options = schema[keyword] if keyword == "allOf" else schema[keyword][:1]
            rest = {name: value for name, value in schema.items() if name != keyword}
            return _smallest(_merged([rest, *options]), root, depth + 1)
    return _smallest_of_type(_types(schema)[0], schema, root, depth)


def _smallest_of_type(name: str, schema: dict[str, Any], root: dict[str, Any], depth: int) -> Any:
    match name:
        case "object":
            properties = schema.get("properties", {})
            return {key: _smallest(properties.get(key, {}), root, depth + 1) for key in schema.get("required", [])}
        case "array":
            return [_smallest(schema.get("items", {}), root, depth + 1)] * schema.get("minItems", 0)
        case "string":
            return "x" * schema.get("minLength", 0)
        case "integer" | "number":
            low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
            return low if low > 0 else min(0, schema.get("maximum", schema.get("exclusiveMaximum", 1) - 1))
        case "boolean":
            return False
        case _:
            return None


def _referred(reference: str, root: dict[str, Any]) -> Any:
    found: Any = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        if part:
            found = found.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
    return found


def _merged(schemas: list[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for schema in schemas:
        for name, value in (schema if isinstance(schema, dict) else {}).items():
            if name == "properties":
                merged[name] = {**merged.get(name, {}), **value}
            elif name == "required":
                merged[name] = [*merged.get(name, []), *value]
            else:
                merged[name] = value
    return merged
