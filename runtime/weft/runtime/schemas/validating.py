"""JSON data held against JSON Schemas: whether a value fits, and whether a schema is one.

Values made up to fit a schema are `agents.examples`; what does not fit in words for people is `unfit`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from weft.primitives.data import as_json
from weft.primitives.errors import NotJson

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

__all__ = ["MAX_CHARACTERS", "UNUSABLE", "UnusableSchema", "misfit", "schema_problem", "violations"]

UNUSABLE = "the schema cannot be used"
"""How a complaint begins where no answer could ever fit."""

MAX_CHARACTERS = 1_000_000
"""What one answer, or the arguments of a harness, may hold; a larger answer is a fault of that agent alone."""


class UnusableSchema(ValueError):
    """Nothing can be held against a schema: it refers to what is not there, or has a pattern that is none."""


def misfit(value: Any, schema: dict[str, Any] | None) -> str | None:
    """Return what is wrong with an answer, in words that an agent can act on, or `None`."""
    try:
        plain = as_json(value, "answer")
    except NotJson as error:
        return error.what
    if len(str(plain)) > MAX_CHARACTERS:
        return f"the answer has more than {MAX_CHARACTERS:,} characters"
    if schema is None:
        return None if isinstance(plain, str) and plain.strip() else "the answer must be text, and not empty"
    from jsonschema.exceptions import best_match

    try:
        worst = best_match(violations(plain, schema))
    except UnusableSchema as unusable:
        return f"{UNUSABLE}: {unusable}"
    return None if worst is None else f"at {worst.json_path}: {worst.message[:500]}"


def violations(value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    """Yield all that does not fit in a value that is JSON data.

    Raises:
        UnusableSchema: the schema is the harness's, so anything may be in it.
    """
    from referencing.exceptions import Unresolvable

    try:
        yield from _validator(_canonical(schema)).iter_errors(value)
    except (Unresolvable, re.error, RecursionError) as unusable:
        raise UnusableSchema(f"{type(unusable).__name__}: {unusable}") from None


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
