"""What an agent is told of what a tool of a server has given: its text as it is, all else by its kind and size."""

from __future__ import annotations

import json
from typing import Any

from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from weft.runtime.plain import plain

__all__ = ["data_of", "text_of"]

MOST_NAMED = 200
"""Characters that are shown of the name of a thing, which the server gives."""


def text_of(result: CallToolResult) -> str:
    """Return what is told of a result."""
    told = "\n".join(_told(block) for block in result.content)
    if not told and result.structured_content is not None:
        return json.dumps(result.structured_content, ensure_ascii=False)
    return told or "(done; it gave nothing)"


def data_of(result: CallToolResult) -> Any:
    """Return the same as data, where the server gives any."""
    told, data = text_of(result), result.structured_content
    if isinstance(data, dict) and data.keys() == {"result"} and not _says(told, data):
        return data["result"]  # servers wrap what is no object, and tell it as it is
    return told if data is None else data


def _says(told: str, data: Any) -> bool:
    try:
        return bool(json.loads(told) == data)
    except (ValueError, RecursionError):
        return False


def _told(block: ContentBlock) -> str:
    match block:
        case TextContent(text=text):
            return text
        case ImageContent(data=data, mime_type=kind) | AudioContent(data=data, mime_type=kind):
            return f"({_named(kind)} of about {len(data) * 3 // 4:,} bytes, which cannot be shown)"
        case EmbeddedResource(resource=BlobResourceContents() as resource):
            size = len(resource.blob) * 3 // 4
            kind = _named(resource.mime_type or "data")
            return f"({_named(str(resource.uri))}: {kind} of about {size:,} bytes, which cannot be shown)"
        case EmbeddedResource(resource=TextResourceContents() as resource):
            return f"{_named(str(resource.uri))}:\n{resource.text}"
        case ResourceLink():
            said = f": {_named(block.description)}" if block.description else ""
            return f"(see {_named(block.name)} at {_named(str(block.uri))}{said})"
    return f"({_named(type(block).__name__)}, which cannot be shown)"


def _named(name: str) -> str:
    return " ".join(plain(name).split())[:MOST_NAMED]
