"""An agent call in words, for whoever takes nothing but a text; and the answer that is meant by a text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from weft.runtime.request import AgentRequest
from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.validating import UnusableSchema

__all__ = ["in_words", "meant"]

MOST_STARTS = 100
"""Places in a text at which JSON is looked for."""

_FENCE = re.compile(r"\A\s*```[\w-]*\n(.*)\n```\s*\Z", re.DOTALL)
_START = re.compile(r"[{\[]")


def in_words(request: AgentRequest, *, schema: bool = True) -> str:
    """Return all that an agent is to know: what it is asked, about what, how to answer, and what came before.

    Args:
        request: The call.
        schema: Whether it has to be told in words in which form to answer.
    """
    parts = [request.prompt] if request.instructions is None else [request.instructions, request.prompt]
    if request.context is not None:
        shown = request.context if isinstance(request.context, str) else json.dumps(request.context, indent=1)
        parts.append(f"<context>\n{shown}\n</context>")
    if schema and request.schema is not None:
        parts.append(f"Answer with JSON alone that fits this schema:\n{json.dumps(request.schema)}")
    if request.acted:
        done = "\n".join(f"- {act}" for act in request.acted)
        parts.append(
            "You were asked this before. What you had done by then is listed; do not do it again, "
            f"and look first where it is not known how far it came:\n{done}"
        )
    if request.complaint is not None:
        parts.append(f"Your last answer did not fit: {request.complaint}. Answer again.")
    return "\n\n".join(parts)


async def meant(text: str, schema: dict[str, Any] | None) -> Any:
    """Return the answer in a text: of several values the first that fits, and the text itself where there is none.

    Whether what is returned fits is for the run to say, which asks again with the reason.
    """
    if schema is None:
        return text
    found = [*_values(text)]
    for value in (*found, text):
        try:
            if await misfit(value, schema) is None:
                return value
        except UnusableSchema:
            break
    return found[0] if found else text


def _values(text: str) -> Iterator[Any]:
    """Yield the JSON values of a text: all of it, what stands in its fence, then what begins anywhere in it."""
    fenced = _FENCE.match(text)
    for whole in (text, *([fenced[1]] if fenced else [])):
        try:
            yield json.loads(whole)
        except (ValueError, RecursionError):
            continue
        return
    decoder, at = json.JSONDecoder(), 0
    for _ in range(MOST_STARTS):
        start = _START.search(text, at)
        if start is None:
            return
        try:
            value, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            at = start.end()
        else:
            yield value
