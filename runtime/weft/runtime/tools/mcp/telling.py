"""What is told of what a tool of a server has given: its text as it is, all else by its kind and size."""

from __future__ import annotations

import json
from typing import Any

from mcp_types import CallToolResult, TextContent

from weft.runtime.plain import plain

__all__ = ["data_of", "text_of", "told"]

MOST_NAMED = 200
"""Characters that are shown of the name of a thing, which the server gives."""


def text_of(result: CallToolResult) -> str:
    """Return what is told of a result, whose content is what was `told` of it."""
    text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
    if not text and result.structured_content is not None:
        return json.dumps(result.structured_content, ensure_ascii=False)
    return text or ("it does not say why" if result.is_error else "(done; it gave nothing)")


def data_of(result: CallToolResult) -> Any:
    """Return the same as data, where the server gives any."""
    text, data = text_of(result), result.structured_content
    if isinstance(data, dict) and data.keys() == {"result"} and not _says(text, data):
        return data["result"]  # servers wrap what is no object, and tell it as it is
    return text if data is None else data


def _says(text: str, data: Any) -> bool:
    try:
        return bool(json.loads(text) == data)
    except (ValueError, RecursionError):
        return False


def told(content: list[Any]) -> str:
    """Return what is told of the content of a result, as the server sends it, of whatever kinds it may be."""
    return "\n".join(map(_told, content))


def _told(block: Any) -> str:
    match block:
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": "image" | "audio", "data": str(data), "mimeType": str(kind)}:
            return _unshown(kind, data)
        case {"type": "resource", "resource": {"uri": str(uri), "blob": str(data), **more}}:
            return _unshown(f"{uri}: {more.get('mimeType') or 'data'}", data)
        case {"type": "resource", "resource": {"uri": str(uri), "text": str(text)}}:
            return f"{_named(uri)}:\n{text}"
        case {"type": "resource_link", "uri": str(uri), **more}:
            said = f": {_named(more['description'])}" if more.get("description") else ""
            return f"(see {_named(more.get('name') or 'it')} at {_named(uri)}{said})"
        case {"type": kind}:
            return f"({_named(kind)}, which cannot be shown)"
    return "(something that cannot be shown)"


def _unshown(what: str, data: str) -> str:
    return f"({_named(what)} of about {len(data) * 3 // 4:,} bytes, which cannot be shown)"


def _named(name: object) -> str:
    return " ".join(plain(str(name)[: 2 * MOST_NAMED]).split())[:MOST_NAMED]
