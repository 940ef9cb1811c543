"""Whether a provider can be held to a schema by itself: it has a mode for that, and the schema is in what that takes.

What constrains single values is told to the model there and checked on the host, as everywhere; what says what there is
must be taken whole, else a tool is the better form: see `shape`.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from typing import Any

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model

from weft.runtime.schemas.kept import Kept

__all__ = ["Unheeded", "native"]

SYSTEMS = ("anthropic", "openai")
"""Providers whose mode for that is known here; others are asked through a tool, which all of them take."""

TAKEN = frozenset(
    "type properties required additionalProperties items enum const anyOf $ref $defs "
    "title description default examples format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf "
    "minLength maxLength pattern minItems maxItems uniqueItems".split()
)
"""Keywords that are taken over, or told in words."""

MOST_OPTIONAL, MOST_UNIONS, MOST_NESTED = 24, 16, 8
"""How much of what makes a grammar large Anthropic takes, the smallest of all (platform.claude.com, "Structured
outputs"); OpenAI takes more."""

MOST_PARTS = 1_000
"""Of a schema, each as often as it is referred to."""

UNMADE = (UserError, Warning, ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError)
"""What is raised where nothing can be made of a schema for a provider."""

_taken: Kept[tuple[str, str], bool] = Kept()


class Unheeded(Exception):
    """A provider does not keep answers to a schema, whatever is known of it: it refuses to, or does not heed it."""


def native(model: Model, schema: dict[str, Any]) -> bool:
    """Whether the provider of a model itself keeps answers to an object schema."""
    system, transformer = model.system, model.profile.get("json_schema_transformer")
    if system not in SYSTEMS or not model.profile.get("supports_json_schema_output") or transformer is None:
        return False
    known = (system, json.dumps(schema))
    if (taken := _taken.get(known)) is not None:
        return taken
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            taken = _plain(schema, all_required=system == "openai")
            if taken:
                transformer(schema, strict=True).walk()
    except UNMADE:
        taken = False
    _taken.keep(known, taken)
    return taken


def _plain(schema: dict[str, Any], *, all_required: bool) -> bool:
    """Whether a schema says what there is in a way that a provider takes whole."""
    optional = unions = 0
    for number, (part, depth) in enumerate(_parts(schema, schema, 0)):
        if number >= MOST_PARTS or depth > MOST_NESTED or not isinstance(part, dict) or not part.keys() <= TAKEN:
            return False
        if "$ref" not in part and not part.keys() & {"type", "anyOf", "enum", "const"}:
            return False
        kinds = part.get("type")
        unions += isinstance(kinds, list) or "anyOf" in part
        if isinstance(kinds, list) and set(kinds) & {"object", "array"}:
            return False
        if kinds == "object":
            properties, required = part.get("properties"), part.get("required", [])
            if not properties or part.get("additionalProperties", False) is not False:
                return False
            optional += len(properties.keys() - set(required))
        if kinds == "array" and not isinstance(part.get("items"), dict):
            return False
    return optional <= (0 if all_required else MOST_OPTIONAL) and unions <= MOST_UNIONS


def _parts(part: Any, root: dict[str, Any], depth: int) -> Iterator[tuple[Any, int]]:
    """Yield a schema and all in it, as often as it is referred to, up to where it is too deep."""
    yield part, depth
    if not isinstance(part, dict) or depth > MOST_NESTED:
        return
    inner = [*part.get("properties", {}).values(), *part.get("anyOf", [])]
    inner += [part["items"]] if "items" in part else []
    reference = part.get("$ref")
    if reference is not None:
        name = str(reference).removeprefix("#/$defs/")
        inner.append(root.get("$defs", {}).get(name))
    for one in inner:
        yield from _parts(one, root, depth + 1)
