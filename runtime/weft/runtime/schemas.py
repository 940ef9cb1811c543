"""JSON data held against JSON Schemas: whether a value fits, and whether a schema is one.

Values made up to fit a schema are `agents.examples`.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from weft.primitives.data import as_json
from weft.primitives.errors import NotJson

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

__all__ = ["UNUSABLE", "misfit", "schema_problem"]

UNUSABLE = "the schema cannot be used"
"""How a complaint begins where no answer could ever fit."""

MAX_ANSWER_CHARACTERS = 1_000_000
"""What one answer may hold as JSON; a larger one is a fault of that agent alone."""


def misfit(value: Any, schema: dict[str, Any] | None) -> str | None:
    """Return what is wrong with an answer, in words that an agent can act on, or `None`."""
    try:
        plain = as_json(value, "answer")
    except NotJson as error:
        return error.what
    if len(str(plain)) > MAX_ANSWER_CHARACTERS:
        return f"the answer has more than {MAX_ANSWER_CHARACTERS:,} characters"
    if schema is None:
        return None if isinstance(plain, str) and plain.strip() else "the answer must be text, and not empty"
    from jsonschema.exceptions import best_match
    from referencing.exceptions import Unresolvable

    try:
        worst = best_match(_validator(_canonical(schema)).iter_errors(plain))
    except (
        Unresolvable,
        re.error,
        RecursionError,
    ) as unusable:  # the schema is the harness's, so anything may be in it
        return f"{UNUSABLE}: {type(unusable).__name__}: {unusable}"
    return None if worst is None else f"at {worst.json_path}: {worst.message[:500]}"


def schema_problem(schema: dict[str, Any]) -> str | None:
    """Return why a schema is not a JSON Schema, or `None`."""
    return _schema_problem(_canonical(schema))


def _canonical(schema: dict[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True)


@lru_cache(maxsize=256)
def _schema_problem(schema: str) -> str | None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(json.loads(schema))
    except SchemaError as error:
        return f"at {error.json_path}: {error.message[:300]}"
    return None


@lru_cache(maxsize=256)
def _validator(schema: str) -> Validator:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # An empty registry: the default one would fetch references from the network.
    return Draft202012Validator(json.loads(schema), registry=Registry())
