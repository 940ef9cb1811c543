"""Text and data of agents and harnesses, made harmless and readable for a terminal or a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["apart", "outline", "plain"]

SAID = ("statement", "quote", "text", "claim", "finding")
"""Names of fields that hold what was said, where a source stands beside them."""


def plain(text: str) -> str:
    """Return text without what a terminal or a page might obey: such characters become visible escapes."""
    return "".join(
        character if character.isprintable() or character == "\n" else character.encode("unicode_escape").decode()
        for character in text
    )


def apart(value: object, other: object) -> str:
    """Return the part of a value in which it differs from another, on one line."""
    text, against = str(value), str(other)
    pairs = enumerate(zip(text, against, strict=False))
    same = next((i for i, (one, two) in pairs if one != two), min(len(text), len(against)))
    start = max(0, same - 20)
    part = " ".join(text[start : start + 80].split())
    return plain(("…" if start else "") + part + ("…" if start + 80 < len(text) else ""))


def outline(value: Any) -> str:
    """Return data as an indented outline. Nothing is left out but `null`, and nothing is cut."""
    return "\n".join(_lines(value))


def _lines(value: Any) -> Iterator[str]:
    cited = _cited(value)
    if cited is not None:
        yield cited
    elif isinstance(value, dict):
        for name, inner in value.items():
            if inner is not None:
                yield from _named(plain(name), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from _after(f"{number}. ", _lines(inner))
    else:
        yield plain(_scalar(value))


def _named(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, list) and _fits_on_a_line(value):
        yield f"{name}: {', '.join(plain(_scalar(inner)) for inner in value) or 'none'}"
    elif isinstance(value, (dict, list)) and _cited(value) is None:
        yield f"{name}:"
        yield from (f"  {line}" for line in _lines(value))
    else:
        yield from _after(f"{name}: ", _lines(value))


def _after(mark: str, lines: Iterator[str]) -> Iterator[str]:
    """Put a mark before the first line and indent the others under it."""
    for number, line in enumerate(lines):
        yield (mark if number == 0 else " " * len(mark)) + line


def _cited(value: Any) -> str | None:
    """Return a quotation with its place on one line, where the data is one."""
    if not isinstance(value, dict) or not isinstance(value.get("source"), str):
        return None
    said = next((value[name] for name in SAID if isinstance(value.get(name), str)), None)
    if said is None:
        return None
    place = f"{value['source']}:{value['line']}" if "line" in value else value["source"]
    rest = [f"{name}: {_scalar(inner)}" for name, inner in value.items() if name not in (*SAID, "source", "line")]
    return plain(" · ".join([f"“{' '.join(said.split())}” ({place})", *rest]))


def _fits_on_a_line(values: list[Any]) -> bool:
    return not any(isinstance(value, (dict, list)) for value in values) and len(", ".join(map(_scalar, values))) <= 80


def _scalar(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
