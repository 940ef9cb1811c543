"""Which arguments of a harness are filled in for whoever leaves them out; how that is done is the command line's."""

from __future__ import annotations

from typing import Any

__all__ = ["FILES", "LEFT_OUT", "filled", "offered", "takes_files"]

FILES = "files"
"""The files that agents are to read: all there are, where nobody names any."""
LEFT_OUT = "left_out"
"""An argument that a harness may have beside `files`: how many were there and are not looked at, and which."""


def takes_files(schema: dict[str, Any] | None) -> bool:
    """Whether a harness has an argument `files` that is a list of texts."""
    declared = (schema or {}).get("properties", {}).get(FILES)
    if not isinstance(declared, dict) or declared.get("type") != "array":
        return False
    items = declared.get("items", {"type": "string"})
    return isinstance(items, dict) and items.get("type") == "string"


def offered(schema: dict[str, Any] | None) -> dict[str, Any]:
    """Return the properties that people give: all but those that are filled in for them."""
    properties = (schema or {}).get("properties", {})
    filled = {LEFT_OUT} if takes_files(schema) else set()
    return {name: declared for name, declared in properties.items() if name not in filled}


def filled(schema: dict[str, Any] | None) -> list[str]:
    """Return the arguments that are filled in where they are left out."""
    return [name for name in (FILES, LEFT_OUT) if takes_files(schema) and name in (schema or {})["properties"]]
