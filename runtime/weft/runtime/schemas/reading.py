"""What is known of a schema before anything is held against it: whether it can be used, and what using it may cost."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from typing import Any

from weft.primitives.limits import MAX_CHARACTERS
from weft.primitives.schemas import nonsense, plain, strays
from weft.runtime.schemas.kept import Kept
from weft.runtime.schemas.patterns import INSTANT, steps
from weft.runtime.schemas.validating import malformed
from weft.runtime.schemas.worker import TooHard, work_out, worked_out

__all__ = ["Reading", "at_once", "read_far", "reading", "reading_now", "text_of"]

SECONDS = 5.0
"""Processor time that reading a schema may take."""

SHORT = 20_000
"""Characters of a schema that is read in no time."""

SHORT_WITH_PATTERNS = 500
"""The same where it has patterns, which take longer."""

EASY = 2_000_000
"""Characters of a schema times those of a value: so many are gone through in less than half a second."""

HARD = {"unevaluatedItems", "unevaluatedProperties", "$dynamicRef", "$recursiveRef"}
"""Keywords that may go through the same again and again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one schema is like."""

    fault: str | None
    """Why nothing can be held against it, or nothing fits it."""
    size: int
    """Its characters."""
    patterns: tuple[str, ...]
    hard: bool

    def easy(self, characters: int) -> bool:
        """Whether a value of so many characters is held against it in no time."""
        if self.hard or self.size * characters > EASY:
            return False
        return sum(steps(pattern, characters) for pattern in self.patterns) <= INSTANT


def text_of(schema: Any) -> str:
    """Return a schema as text; equal schemas have equal ones."""
    return json.dumps(schema, sort_keys=True)


async def reading(schema: str) -> Reading:
    """Return what is known of a schema, where others wait."""
    return at_once(schema) or await _far.found(schema, partial(_read_away, schema))


async def _read_away(schema: str) -> Reading:
    try:
        return _told(await worked_out(read_far, schema, seconds=SECONDS))
    except TooHard:
        return _unread(schema)


def reading_now(schema: str) -> Reading:
    """Return the same where nothing else waits."""
    known = at_once(schema) or _far.get(schema)
    if known is None:
        try:
            known = _told(work_out(read_far, schema, seconds=SECONDS))
        except TooHard:
            known = _unread(schema)
        _far.keep(schema, known)
    return known


def at_once(schema: str) -> Reading | None:
    """Return what is known of a schema that is read in no time."""
    if len(schema) > (SHORT_WITH_PATTERNS if '"pattern' in schema else SHORT):
        return None
    try:
        return _read(schema)
    except RecursionError:  # there is more room for that in the other process
        return None


def read_far(schema: str) -> dict[str, Any]:
    """Return it as JSON data, however long it takes."""
    return asdict(_read(schema))


@lru_cache(maxsize=256)
def _read(schema: str) -> Reading:
    whole = json.loads(schema)
    fault = None if plain(whole) else malformed(schema)
    if fault is None:
        faults = (malformed(json.dumps(stray)) for stray in strays(whole))
        fault = next((f"a reference leads to what is no schema, {fault}" for fault in faults if fault), None)
    if fault is None:
        found = nonsense(whole, MAX_CHARACTERS)
        fault = None if found is None else str(found)
    patterns: list[str] = []
    hard = False
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            patterns += [part["pattern"]] if isinstance(part.get("pattern"), str) else []
            patterns += part["patternProperties"] if isinstance(part.get("patternProperties"), dict) else []
            hard = hard or not HARD.isdisjoint(part)
        waiting += part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return Reading(fault, len(schema), tuple(patterns), hard)


_far: Kept[str, Reading] = Kept()
"""What the other process has read."""


def _unread(schema: str) -> Reading:
    """Return what is known of a schema that takes too long to read: no fault."""
    return Reading(None, len(schema), (), True)


def _told(read: dict[str, Any]) -> Reading:
    return Reading(**{**read, "patterns": tuple(read["patterns"])})
