"""When two runs told the same: their results, with what was logged and published, exactly, in any order, or in kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from weft.runtime.journal.events import Logged
from weft.runtime.rehearsal.knowledge import scalars_in
from weft.runtime.rehearsal.playing import Played

__all__ = ["in_any_order", "in_kind", "masked", "patterns_of", "same", "same_kind", "without"]


def same(one: Any, other: Any) -> bool:
    """Whether two results are the same to the letter."""
    return _text(one) == _text(other)


def in_any_order(value: Any) -> Any:
    """Return a result in which no list has an order."""
    if isinstance(value, dict):
        return {name: in_any_order(part) for name, part in value.items()}
    if isinstance(value, list):
        return sorted((in_any_order(part) for part in value), key=_text)
    return value


def in_kind(value: Any) -> Any:
    """Return of what kind a result is: without how many there are of something, and what texts and numbers it holds."""
    if isinstance(value, dict):
        return {name: in_kind(part) for name, part in value.items()}
    if isinstance(value, list):
        return sorted({_text(in_kind(part)) for part in value})
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return "text" if value else ""
    return "number"


def masked(value: Any, values: list[Any]) -> Any:
    """Return a result in which some values read the same."""
    if isinstance(value, dict):
        return {name: masked(part, values) for name, part in value.items()}
    if isinstance(value, list):
        return in_any_order([masked(part, values) for part in value])
    return "…" if value in values and not isinstance(value, bool) else value


def without(value: Any, texts: Iterable[str], instead: str) -> str:
    """Return a result as text, with something in place of certain texts."""
    said = _text(value)
    for text in sorted(texts, key=len, reverse=True):
        said = said.replace(_text(text)[1:-1], instead)
    return said


def patterns_of(messages: Iterable[str], said: Iterable[str]) -> set[str]:
    """Return messages without the numbers in them, and without what agents said."""
    known = sorted((text for text in said if len(text) > 2), key=len, reverse=True)
    found = set()
    for message in messages:
        pattern = message
        for text in known:
            pattern = pattern.replace(text, "…")
        found.add(re.sub(r"\d+", "#", pattern))
    return found


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def same_kind(one: Played, other: Played) -> bool:
    """Whether two runs tell the same but for how many there are of something, and which."""
    said = {
        str(scalar) for played in (one, other) for answer in played.answers for _, scalar in scalars_in(answer.value)
    }
    logs = [
        patterns_of((event.message for event in played.events if isinstance(event, Logged)), said)
        for played in (one, other)
    ]
    kinds = in_kind(one.ended.result), in_kind(other.ended.result)
    return logs[0] == logs[1] and same(*kinds)
