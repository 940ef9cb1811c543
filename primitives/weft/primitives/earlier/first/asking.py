"""`agent` as version 1 of the language has it: the lists of an answer are plain lists."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from weft.primitives.agent import asked, value_of

__all__ = ["agent"]


def agent(prompt: str, **options: Any) -> Coroutine[Any, Any, Any]:
    """Describe one sub-agent with a fresh context; it starts when this is awaited or handed to a fan-out."""
    return value_of(asked(prompt, **options))
