"""A conversation with a model as JSON data: who said what, without the bookkeeping of the library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic_ai.messages import ModelMessage

__all__ = ["transcript"]


def transcript(messages: Sequence[ModelMessage]) -> list[dict[str, Any]]:
    """Return the parts of all messages; nothing in it depends on when or where they were sent."""
    said: list[dict[str, Any]] = []
    for message in messages:
        for part in message.parts:
            entry: dict[str, Any] = {"part": part.part_kind}
            for field in ("tool_name", "args", "content"):
                value = getattr(part, field, None)
                if value is not None:
                    entry[field] = value if isinstance(value, (str, dict, list)) else str(value)
            said.append(entry)
    return said
