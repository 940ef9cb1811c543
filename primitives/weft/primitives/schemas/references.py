"""Where the references of a JSON Schema lead."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from weft.primitives.schemas.form import plain
from weft.primitives.schemas.keywords import inner

__all__ = ["ELSEWHERE", "References"]

ELSEWHERE = object()
"""Where a reference leads that only a validator can follow: known to it, or a matter of the value."""

WELL_KNOWN = ("http://json-schema.org/", "https://json-schema.org/")
"""Where the schemas of schemas are, which every validator has."""


class References:
    """Follows the references of one schema."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._base: dict[int, str] = {}
        """By the identity of each schema within, the address that its references are relative to."""
        self._known: dict[str, Any] = {"": root}
        """What has an address of its own."""
        self.strays: list[Any] = []
        """What was referred to where no schema is due, so that it may be anything."""
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
        found = _at(document, unquote(fragment))
        if found is None or isinstance(found, bool) or id(found) in self._base:
            return found
        if plain(found):
            return found
        self.strays.append(found)
        return ELSEWHERE


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
