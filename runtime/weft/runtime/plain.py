"""Text of agents and harnesses, made harmless for a terminal or a page; data as a page is `outline`."""

from __future__ import annotations

__all__ = ["apart", "plain"]


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
