"""A conversation with a model as JSON data, also while it lasts: who said what, without the library's bookkeeping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_ai.messages import CachePoint, ModelMessage, ModelResponse

from weft.runtime.understood import Understood

__all__ = ["UNDERSTOOD", "Talk", "so_far", "transcript", "understood_in"]

UNDERSTOOD = "understood"
"""Under which name a response of a model of ours says, in its metadata, how much it understood."""


def understood_in(messages: Sequence[ModelMessage]) -> Understood | None:
    """Return how much the latest response that speaks of it says its model understood."""
    responses = (message.metadata or {} for message in reversed(messages) if isinstance(message, ModelResponse))
    said = next((metadata[UNDERSTOOD] for metadata in responses if UNDERSTOOD in metadata), None)
    return None if said is None else Understood(**said)


def transcript(messages: Sequence[ModelMessage]) -> list[dict[str, Any]]:
    """Return the parts of all messages; nothing in it depends on when or where they were sent."""
    said: list[dict[str, Any]] = []
    for message in messages:
        for part in message.parts:
            entry: dict[str, Any] = {"part": part.part_kind}
            for field in ("tool_name", "args", "content"):
                value = getattr(part, field, None)
                if value is not None:
                    entry[field] = _as_data(value)
            said.append(entry)
    return said


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation of an agent with one model, while it lasts."""

    model: str
    messages: Sequence[ModelMessage]
    broken: Callable[[], ModelResponse | None]
    """Returns what has come of an answer that broke off, and has not been sent again since."""


def so_far(talks: Sequence[Talk]) -> tuple[dict[str, Any], ...]:
    """Return what an agent and its models have said by now, also of an answer that broke off."""
    said: list[dict[str, Any]] = []
    for talk in talks:
        said += [{"part": "model", "content": talk.model}] if len(talks) > 1 else []
        said += transcript(talk.messages)
        broken = talk.broken()
        if broken is not None:
            said += [*transcript([broken]), {"part": "cut", "content": "the answer broke off here"}]
    return tuple(said)


def _as_data(value: Any) -> Any:
    """Return what a part holds: a message in pieces as one text, without the marks between them."""
    if isinstance(value, list) and any(isinstance(piece, CachePoint) for piece in value):
        return "\n\n".join(piece for piece in value if isinstance(piece, str))
    return value if isinstance(value, (str, dict, list)) else str(value)
