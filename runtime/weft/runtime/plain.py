"""Text of agents, harnesses and files, made harmless for a terminal or a page; data as a page is `outline`."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["apart", "as_json", "on_one_line", "plain", "verbatim"]


def plain(text: str) -> str:
    """Return text without what a terminal or a page might obey: such characters become visible escapes."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == "\n" else character.encode("unicode_escape").decode()
        for character in text
    )


def on_one_line(text: str) -> str:
    """Return a name, or what else has no lines, as `plain` does; the end of a line in it becomes visible too."""
    return plain(text).replace("\n", "\\n")


def verbatim(text: str) -> str:
    """Return text that another program reads, of which a terminal obeys nothing all the same.

    Lines and tabs stay. All else that is no printable character becomes the escape `\\uXXXX`, by which JSON means the
    same character as by itself.
    """
    if text.isprintable():
        return text
    return "".join(part if part.isprintable() or part in "\n\t" else json.dumps(part)[1:-1] for part in text)


def as_json(data: Any, indent: int = 2) -> str:
    """Return data as JSON in lines that can be shown on a terminal as they are."""
    return verbatim(json.dumps(data, ensure_ascii=False, indent=indent))


def apart(value: object, other: object) -> str:
    """Return the part of a value in which it differs from another, on one line."""
    text, against = str(value), str(other)
    pairs = enumerate(zip(text, against, strict=False))
    same = next((i for i, (one, two) in pairs if one != two), min(len(text), len(against)))
    start = max(0, same - 20)
    part = " ".join(text[start : start + 80].split())
    return plain(("…" if start else "") + part + ("…" if start + 80 < len(text) else ""))
