"""The schemas within a JSON Schema, and where its references lead. What they allow is `sense`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

__all__ = ["DEFINED", "ELSEWHERE", "NAMED", "ONE", "SEVERAL", "References", "inner"]

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

ELSEWHERE = object()
"""Where a reference leads that only a validator can follow: known to it, or a matter of the value."""

WELL_KNOWN = ("http://json-schema.org/", "https://json-schema.org/")
"""Where the schemas of schemas are, which every validator has."""


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


class References:
    """Follows the references of one schema."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._base: dict[int, str] = {}
        """By the identity of each schema within, the address that its references are relative to."""
        self._known: dict[str, Any] = {"": root}
        """What has an address of its own."""
        self._find(root)

    def _find(self, root: Any) -> None:
        waiting = [(root, "")]
        while waiting:
            schema, base = waiting.pop()
            if not isinstance(schema, dict) or id(schema) in self._base:
                continue
            if isinstance(own := schema.get("$id"), str):
                base = urldefrag(urljoin(base, own)).url
                self._known.setdefault(base, schema)
            self._base[id(schema)] = base
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(name := schema.get(keyword), str):
                    self._known.setdefault(f"{base}#{name}", schema)
            waiting += [(part, base) for _, part in inner(schema, defined=True)]

    def target(self, schema: dict[str, Any], reference: str) -> Any:
        """Return what a reference in a schema refers to: a schema, `ELSEWHERE`, or `None` where there is nothing."""
        try:
            address = urljoin(self._base.get(id(schema), ""), reference)
            where, fragment = urldefrag(address)
        except ValueError:
            return None
        if where.startswith(WELL_KNOWN):
            return ELSEWHERE
        document = self._known.get(where)
        if fragment and not fragment.startswith("/"):
            return self._known.get(f"{where}#{unquote(fragment)}")
        return _at(document, unquote(fragment))


def _at(document: Any, pointer: str) -> Any:
    """Return what a JSON pointer leads to, `None` for nothing."""
    found = document
    for part in pointer.split("/")[1:]:
        step = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and len(step) < 10 and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found
