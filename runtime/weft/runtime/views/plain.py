"""Text of agents and harnesses made harmless for a terminal or a page."""

from __future__ import annotations

__all__ = ["plain"]


def plain(text: str) -> str:
    """Return text without what a terminal or a page might obey: such characters become visible escapes."""
    return "".join(
        character if character.isprintable() or character == "\n" else character.encode("unicode_escape").decode()
        for character in text
    )
