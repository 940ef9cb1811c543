"""Whether a model has filled in a form instead of answering: texts that stand for an answer and are none.

What they are follows from the schema (its own words, given back), from their form, and from a few names that the
standards set aside for examples. What occurs in what the agent was told or has read is never taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["placeholder"]

KINDS = ("string", "integer", "number", "boolean", "object", "array", "null", "text", "value")
"""Types, as JSON Schema and people call them."""

STAND_INS = ("test", "todo", "tbd", "tba", "fixme", "xxx", "foo", "bar", "foobar", "placeholder", "dummy", "sample")
"""What programmers write where something is still missing."""

EXAMPLE_HOST = re.compile(r"(?:^|[@/.])example\.(?:com|org|net|edu)(?=$|[/:?#\s>)])", re.IGNORECASE)
"""Set aside for examples by RFC 2606."""

LOREM = re.compile(r"\blorem ipsum\b", re.IGNORECASE)
FORM = re.compile(
    r"<[\w .…-]{1,60}>|\{\{[^{}]{1,60}\}\}|\[(?:your|insert|enter|add) [^\[\]]{1,60}\]|\.{3}|…|_{3,}|\?{3,}",
    re.IGNORECASE,
)
"""What marks a place to fill in, where it is all there is."""

MOST_LOOKED_AT = 10_000
"""How many texts of an answer are looked at."""


def placeholder(value: Any, schema: dict[str, Any] | None, known: Callable[[], str]) -> str | None:
    """Return what in an answer stands for another that is still to be given, and where; else nothing.

    Args:
        value: The answer.
        schema: What it was asked to fit; `None` for text.
        known: Returns all that the agent was told and has read; called where that decides.
    """
    seen: str | None = None
    for number, (text, place, words) in enumerate(_texts(value, schema, "$")):
        if number >= MOST_LOOKED_AT:
            return None
        plain = _squeezed(text)
        if plain and _stands_in(plain, words, own=schema is not None):
            seen = _squeezed(known()) if seen is None else seen
            if plain not in seen:
                return f"at {place}: {text[:60]!r} stands for an answer and is none"
    return None


def _stands_in(plain: str, words: frozenset[str], *, own: bool) -> bool:
    if LOREM.search(plain):
        return True
    if not own:
        return FORM.fullmatch(plain) is not None
    return plain in words or bool(FORM.fullmatch(plain)) or EXAMPLE_HOST.search(plain) is not None


def _squeezed(text: str) -> str:
    return " ".join(text.split()).casefold()


def _texts(value: Any, schema: Any, place: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield each text of an answer, where it is, and the words that would stand for it there."""
    schema = schema if isinstance(schema, dict) else {}
    match value:
        case str() if not schema.keys() & {"enum", "const", "pattern"}:
            yield value, place, _words(schema, place)
        case list():
            for index, item in enumerate(value):
                yield from _texts(item, schema.get("items"), f"{place}[{index}]")
        case dict():
            properties = schema.get("properties")
            for name, item in value.items():
                declared = properties.get(name) if isinstance(properties, dict) else None
                yield from _texts(item, declared, f"{place}.{name}")


def _words(schema: dict[str, Any], place: str) -> frozenset[str]:
    """Return what would stand for the text at a place: what the schema says there, less what it gives as examples."""
    name = re.sub(r"\[\d+\]", "", place).rpartition(".")[2]
    said = [schema.get("description"), schema.get("title"), name.replace("_", " "), name]
    given = [*schema.get("examples", []), schema.get("default")] if isinstance(schema.get("examples", []), list) else []
    words = {_squeezed(word) for word in (*said, *KINDS, *STAND_INS) if isinstance(word, str)}
    return frozenset(words - {_squeezed(word) for word in given if isinstance(word, str)} - {"$", ""})
