"""Whether a schema is well formed, told by a table. The schema of schemas has the last word on what is not in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from weft.primitives.schemas.keywords import DEFINED, NAMED, ONE, SEVERAL

__all__ = ["pattern_problem", "plain"]

TYPES = {"null", "boolean", "number", "integer", "string", "array", "object"}


def pattern_problem(pattern: str) -> str | None:
    """Return why a text is not a regular expression, or `None`."""
    try:
        re.compile(pattern)
    except RecursionError:
        return "it is nested too deeply"
    except (re.error, OverflowError, ValueError) as error:
        return str(error)
    return None


def plain(schema: Any) -> bool:
    """Whether a schema is surely well formed; with rare keywords in it, it may be without this being told."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, bool):
            continue
        if not isinstance(part, dict):
            return False
        for keyword, value in part.items():
            if not _takes(keyword)(value):
                return False
            if keyword in ONE:
                waiting.append(value)
            elif keyword in SEVERAL:
                waiting += value
            elif keyword in NAMED or keyword in DEFINED:
                waiting += value.values()
    return True


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value)) and len(set(value)) == len(value)


def _anything(_: Any) -> bool:
    return True


def _takes(keyword: str) -> Callable[[Any], bool]:
    # Others that begin like this may say how the whole is to be read.
    return _TAKES.get(keyword, (lambda _: False) if keyword.startswith("$") else _anything)


_TAKES: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(ONE, lambda value: isinstance(value, dict | bool)),
    **dict.fromkeys(SEVERAL, lambda value: isinstance(value, list) and bool(value)),
    **dict.fromkeys(NAMED + DEFINED, lambda value: isinstance(value, dict)),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _number),
    **dict.fromkeys((f"{side}{what}" for side in ("min", "max") for what in ("Length", "Items")), _count),
    **dict.fromkeys((f"{side}{what}" for side in ("min", "max") for what in ("Properties", "Contains")), _count),
    **dict.fromkeys(("title", "description", "$comment", "format", "$ref"), _text),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), lambda value: isinstance(value, bool)),
    **dict.fromkeys(("enum", "examples"), lambda value: isinstance(value, list)),
    "multipleOf": lambda value: _number(value) and value > 0,
    "required": _names,
    "dependentRequired": lambda value: isinstance(value, dict) and all(map(_names, value.values())),
    "type": lambda value: value in TYPES if _text(value) else _names(value) and bool(value) and TYPES.issuperset(value),
    "pattern": lambda value: _text(value) and pattern_problem(value) is None,
    "patternProperties": lambda value: isinstance(value, dict) and not any(map(pattern_problem, value)),
    # Rare, or with rules of their own.
    **dict.fromkeys(("dependencies", "contentEncoding", "contentMediaType", "contentSchema"), lambda _: False),
}
"""What each keyword takes, said more narrowly than the schema of schemas says it."""
