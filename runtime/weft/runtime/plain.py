"""Text of agents and harnesses, made harmless for a terminal or a page; data as a page is `outline`."""

from __future__ import annotations

__all__ = ["apart", "on_one_line", "plain"]


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


def apart(value: object, other: object) -> str:
    """Return the part of a value in which it differs from another, on one line."""
    text, against = str(value), str(other)
    pairs = enumerate(zip(text, against, strict=False))
    same = next((i for i, (one, two) in pairs if one != two), min(len(text), len(against)))
    start = max(0, same - 20)
    part = " ".join(text[start : start + 80].split())
    return plain(("…" if start else "") + part + ("…" if start + 80 < len(text) else ""))
