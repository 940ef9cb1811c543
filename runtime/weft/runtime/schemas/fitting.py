"""Whether an answer fits what was asked for, in words that an agent can act on; and whether anything can."""

from __future__ import annotations

from typing import Any

from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.limits import MAX_CHARACTERS
from weft.runtime.schemas.glance import seen_to_fit
from weft.runtime.schemas.kept import Kept
from weft.runtime.schemas.reading import reading, reading_now, text_of
from weft.runtime.schemas.validating import TooLong, UnusableSchema, worst
from weft.runtime.schemas.worker import TooHard, worked_out

__all__ = ["misfit", "schema_fault", "schema_fault_now"]

STEPS = 20_000
"""How many steps a check may take where others wait: some tenths of a second."""

GLANCED = 200_000
"""Characters of a value that is looked at where others wait, if its schema is of common keywords: some hundredths of a
second."""

AFTERWARDS = 0.2
"""Processor time that a check may take after one against the same schema took too much, lest many hold up all."""

_hard: Kept[str, bool] = Kept()
"""Schemas against which a check took too much."""


async def misfit(value: Any, schema: dict[str, Any] | None, called: str = "answer") -> str | None:
    """Return what is wrong with an answer, or with what else an agent has written, or `None`.

    Raises:
        UnusableSchema: nothing can be held against the schema, or not this: no other answer mends that.
    """
    try:
        plain = as_json(value, called)
    except NotJson as error:
        return error.what
    characters = len(str(plain))
    if characters > MAX_CHARACTERS:
        return f"the {called} has more than {MAX_CHARACTERS:,} characters"
    if schema is None:
        return None if isinstance(plain, str) and plain.strip() else "the answer must be text, and not empty"
    text = text_of(schema)
    if characters <= GLANCED and seen_to_fit(plain, text):
        return None
    try:
        if (await reading(text)).easy(characters):
            try:
                return worst(plain, text, STEPS)
            except (RecursionError, TooLong):
                pass  # the other process has more room for that, and more time
        problem: str | None = await worked_out(worst, plain, text, seconds=AFTERWARDS if text in _hard else None)
    except TooHard as hard:
        _hard.keep(text, True)
        raise UnusableSchema(f"it cannot be found out whether it fits the schema: {hard}") from None
    except ValueError as unusable:
        raise UnusableSchema(str(unusable)) from None
    return problem


async def schema_fault(schema: dict[str, Any]) -> str | None:
    """Return why a schema is none, or nothing can fit it, or `None`."""
    return (await reading(text_of(schema))).fault


def schema_fault_now(schema: dict[str, Any]) -> str | None:
    """Return the same where nothing else waits."""
    return reading_now(text_of(schema)).fault
