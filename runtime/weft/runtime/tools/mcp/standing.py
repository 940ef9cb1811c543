"""How it stands with a server, as its transport sees it: whether it is of use, what it says beside its messages."""

from __future__ import annotations

import anyio

from weft.runtime.plain import plain

__all__ = ["Standing"]

LAST_WORDS = 400
"""Characters that are kept of what a server says of its own end."""


class Standing:
    """How it stands with a server."""

    def __init__(self) -> None:
        self.problem: str | None = None
        """Why it is of no use any more."""
        self.ended = anyio.Event()
        self.garbled = 0
        """How many lines it has said that are no messages."""
        self.heard_bytes = self.heard_messages = 0
        """What it has said since it was asked last."""
        self._errors = b""

    def end(self, problem: str) -> None:
        """Note that it is of no use any more, and why; the first reason counts."""
        self.problem = self.problem or problem
        self.ended.set()

    def complains(self, data: bytes) -> None:
        """Take note of what it writes to its standard error, of which the end is kept."""
        self._errors = (self._errors + data)[-4 * LAST_WORDS :]

    def noise(self, since: int) -> str:
        """Return that it has said what is no message, if so, since there were so many lines of that."""
        more = self.garbled - since
        return f", and {more:,} lines that are no messages" if more else ""

    @property
    def last_words(self) -> str:
        """Return what it said last there."""
        lines = self._errors.decode("utf-8", "replace").strip().splitlines()
        said = " / ".join(" ".join(plain(line).split()) for line in lines[-3:])[-LAST_WORDS:]
        return f", and last said: {said}" if said else ""
