"""Rows at the bottom of a terminal that change in place, below what is said. What stands in them is for `live`.

Everything is written by one thread of its own: a terminal that takes nothing for a while, as after Ctrl-S, holds up
nobody but that. Where the process is in the background of a shell it writes nothing, for the terminal is another's. The
cursor is never hidden, and stands below the rows: whatever ends the process, the next prompt has a line of its own.
"""

from __future__ import annotations

import io
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event as Flag
from threading import RLock, Thread
from typing import TYPE_CHECKING, TextIO

from weft.runtime.page import Block
from weft.runtime.views.terminal import console_of, fitted, in_front

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["Pane"]

GLANCE_S = 0.25
"""How often the rows are looked at, in seconds."""

TOGETHER, SHOWN = "\x1b[?2026h", "\x1b[?2026l"
"""What stands between these is shown at once by terminals that know them; others take no notice."""

BELOW, BESIDE = "\x1b[J", "\x1b[K"
"""Clear all from the cursor on, and the rest of its row."""

Rows = Callable[[int, int], Sequence["Text"]]
"""Returns what is to stand in so many columns, on so many rows at most."""


class Pane:
    """The rows, from `open` to `close`."""

    def __init__(self, stream: TextIO, rows: Rows) -> None:
        """Draw on a terminal what `rows` returns; it is asked from a thread of its own."""
        self._stream = stream
        self._console = console_of(stream)
        self._rows = rows
        self._said: deque[Block | _Verbatim] = deque()
        """What is to be written above the rows."""
        self._drawn: list[int] = []
        """How many columns each row takes that stands on the terminal now."""
        self._drawing = RLock()
        """Held while something is written."""
        self._away = 0
        """How many have taken the rows away."""
        self._shown = ""
        self._over = Flag()
        self._thread: Thread | None = None
        self._printed: list[tuple[str, TextIO]] = []

    def open(self) -> None:
        """Draw from now on; what is printed meanwhile comes above."""
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is self._stream or (stream is not None and stream.isatty()):
                self._printed.append((name, stream))
                setattr(sys, name, _Printed(self, stream))
        self._thread = Thread(target=self._draws, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the rows away for good; what was said stays."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        with self._drawing:
            self._write(rows=False, wait=False)
        for name, stream in self._printed:
            setattr(sys, name, stream)
        self._printed.clear()

    def say(self, blocks: Iterable[Block]) -> None:
        """Let something stay above the rows; where they are taken away, once they are back."""
        self._said.extend(blocks)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take the rows away while the block lasts; also while somebody else has."""
        with self._drawing:
            if not self._away:
                self._write(rows=False)
            self._away += 1
        try:
            yield
        finally:
            with self._drawing:
                self._away -= 1

    @property
    def is_away(self) -> bool:
        """Whether somebody has taken the rows away."""
        return self._away > 0

    def forget(self) -> None:
        """Draw anew, below whatever somebody else has written meanwhile."""
        with self._drawing:
            self._drawn, self._shown = [], ""

    def _draws(self) -> None:
        while not self._over.wait(GLANCE_S):
            with self._drawing:
                if not self._away:
                    self._write()

    def _write(self, *, rows: bool = True, wait: bool = True) -> None:
        """Write what was said, and the rows below it where they have changed; in the background, nothing yet."""
        if wait and not in_front(self._stream):
            return
        width, height = self._console.size
        drawn = list(self._rows(width, max(1, height - 1))) if rows else []
        shown = self._text(drawn)
        said = [self._said.popleft() for _ in range(len(self._said))]
        if not said and shown == self._shown:
            return
        above = "".join(one if isinstance(one, _Verbatim) else self._text(list(fitted([one], width))) for one in said)
        # Rows that a narrower terminal has folded take more of its lines now.
        lines = min(height - 1, sum(max(1, -(-columns // width)) for columns in self._drawn))
        back = f"\x1b[{lines}A\r{BELOW if above else ''}" if lines else ""
        self._drawn, self._shown = [row.cell_len for row in drawn], shown
        # Each row takes the place of what stood there, and nothing is blank in between. A full one leaves no rest.
        over = [
            f"{row}{BESIDE if columns < width else ''}\n"
            for row, columns in zip(shown.split("\n"), self._drawn, strict=False)
        ]
        try:
            self._stream.write(f"{TOGETHER}{back}{above}{''.join(over)}{BELOW if lines else ''}{SHOWN}")
            self._stream.flush()
        except (OSError, ValueError):  # nobody reads any more, and the run goes on
            self._over.set()

    def _text(self, rows: Sequence[Text]) -> str:
        with self._console.capture() as captured:
            for row in rows:
                self._console.print(row, soft_wrap=True)
        return captured.get()


class _Verbatim(str):
    """Text that others have printed."""

    __slots__ = ()


class _Printed(io.TextIOBase):
    """What others print while the rows are there: whole lines come above them."""

    def __init__(self, pane: Pane, stream: TextIO) -> None:
        self._pane = pane
        self._stream = stream
        self._begun = ""

    def write(self, text: str) -> int:
        """Take a text in."""
        if self._pane.is_away:
            return self._stream.write(text)
        whole, end, self._begun = (self._begun + text).rpartition("\n")
        if end:
            self._pane.say([_Verbatim(whole + end)])
        return len(text)

    def flush(self) -> None:
        """Write what is on its way."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return its descriptor."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Whether it can be written to."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed has it as an attribute
        """How its text becomes bytes."""
        return self._stream.encoding
