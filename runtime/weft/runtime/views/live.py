"""The progress of a run while it goes on: a block that redraws itself on a terminal, lines in a log, or JSON.

All are told events and show the folded state; none can reach the run. What they say is `said` and `block`.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from threading import Event as Flag
from threading import RLock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self, TextIO

from weft.runtime.journal.codec import as_line
from weft.runtime.journal.events import AgentAsksAgain, Event
from weft.runtime.journal.fold import RunState
from weft.runtime.page import Block, Line, marked, shortened
from weft.runtime.plain import on_one_line, verbatim
from weft.runtime.views.block import block
from weft.runtime.views.doing import Heard, at_work
from weft.runtime.views.names import Names
from weft.runtime.views.pane import Pane
from weft.runtime.views.said import asks_again, counts, headed, said, standing
from weft.runtime.views.terminal import fitted, show
from weft.runtime.views.text import duration, left_text

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["How", "Known", "Lines", "Progress", "Records", "Redrawn", "progress", "told_later"]

How = Literal[
    "auto",  # a block where a terminal can redraw it, else lines
    "lines",  # on standard error
    "json",  # the events of the journal on standard output
]
"""How a run is shown while it goes on."""

HEARTBEAT_S = 30.0
"""How long a log stays silent at most, in real time."""

FOLLOWED_S = 10.0
"""How long a log speaks of one agent alone that is asked again; a provider in trouble fails a thousand of them."""

MOST_NAMED = 60
"""Columns of a label in a line that tells how the run stands."""


class Progress(Protocol):
    """Shows a run while it goes on."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def __call__(self, at: float, event: Event) -> None:
        """Take in an event."""

    def aside(self) -> AbstractContextManager[None]:
        """Leave the terminal to somebody else while the block lasts."""


@contextmanager
def progress(how: How = "auto") -> Iterator[Progress]:
    """Show a run as suits standard error, for redrawing needs a terminal; and what Weft warns of meanwhile."""
    stream, log, warnings = sys.stderr, logging.getLogger("weft"), _Warnings()
    redrawn = how == "auto" and stream.isatty() and os.environ.get("TERM") != "dumb" and _has_letters(stream)
    showing: Progress = Records(sys.stdout) if how == "json" else Redrawn(stream) if redrawn else Lines(stream)
    log.addHandler(warnings)
    try:
        with showing as shown:
            yield shown
    finally:
        log.removeHandler(warnings)


def _has_letters(stream: TextIO) -> bool:
    """Whether a block can be shown as it is laid out: what a terminal has no letters for takes more columns there."""
    try:
        "●✓·…█▒░▚".encode(stream.encoding)
    except UnicodeEncodeError:
        return False
    return True


def told_later(*, as_json: bool) -> Records | Lines:
    """Return what tells on standard output of a run that another process executes, or has executed."""
    return Records(sys.stdout) if as_json else Lines(sys.stdout)


class _Warnings(logging.Handler):
    """Shows what is logged, which may quote a provider or a file, as everything else is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):  # nobody can be told, and the run goes on
            # While a block is redrawn, sys.stderr is what writes above it.
            show([headed("warning", self.format(record), role="warning")], sys.stderr)


class Known:
    """What is known of a run that goes on, and what time it is there."""

    def __init__(self) -> None:
        self.state = RunState()
        self.heard = Heard()
        self._heard_at = 0.0
        """When the latest event came, on this process's clock."""

    def apply(self, at: float, event: Event) -> None:
        """Take in one more event."""
        self.state.apply(at, event)
        self.heard.apply(at, event)
        self._heard_at = time.monotonic()

    @property
    def now(self) -> float:
        """The time on the run's clock."""
        started = self.state.started
        stands = started is None or started.settings.virtual_time
        return self.state.at + (0.0 if stands else time.monotonic() - self._heard_at)


class Records:
    """The events as the journal has them, each as JSON on a line of its own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def __call__(self, at: float, event: Event) -> None:
        """Take in an event."""
        self._stream.write(verbatim(as_line(at, event)) + "\n")
        self._stream.flush()

    def aside(self) -> AbstractContextManager[None]:
        """Go on: who is asked is asked on another stream."""
        return nullcontext()


class Lines:
    """One line for each event that matters, and one that tells how the run stands where none comes for a while."""

    def __init__(self, stream: TextIO, known: Known | None = None) -> None:
        """Write to a stream; what is `known` of the run already is not said again."""
        self._stream = stream
        self._known = known or Known()
        self._said_at = time.monotonic()
        self._followed: tuple[int, float] | None = None
        """The agent that was last said to be asked again, and when."""
        self._saying = RLock()
        """Held while something is said, or the state changes: another thread tells how the run stands."""
        self._over = Flag()
        self._beats: Thread | None = None

    def __enter__(self) -> Self:
        self._beats = Thread(target=self._beat, daemon=True)
        self._beats.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._beats is not None:
            self._beats.join()
        self._stream.flush()

    def aside(self) -> AbstractContextManager[None]:
        """Go on: what is said meanwhile are lines of their own."""
        return nullcontext()

    def __call__(self, at: float, event: Event) -> None:
        """Take in an event."""
        with self._saying:
            self._known.apply(at, event)
            state = self._known.state
            line = said(event, state) or standing(event, state) or self._again(at, event)
            if line is not None:
                self._say(at, line)

    def _again(self, at: float, event: Event) -> Line | None:
        """Return why an agent is asked again, unless it was said of another one just now."""
        if not isinstance(event, AgentAsksAgain):
            return None
        if self._followed is not None and event.id != self._followed[0] and at - self._followed[1] < FOLLOWED_S:
            return None
        self._followed = event.id, at
        return asks_again(event, self._known.state)

    def _beat(self) -> None:
        """Tell how the run stands whenever nothing was said for a while, until it is over."""
        wait = HEARTBEAT_S
        with suppress(OSError, ValueError):  # nobody reads any more, and the run goes on
            while not self._over.wait(wait):
                with self._saying:
                    if time.monotonic() - self._said_at >= HEARTBEAT_S:
                        self.tell()
                    wait = max(0.0, self._said_at + HEARTBEAT_S - time.monotonic())

    def tell(self) -> None:
        """Tell how the run stands."""
        with self._saying:
            self._say(self._known.now, self._status())

    def _status(self) -> Line:
        state, now = self._known.state, self._known.now
        if state.started is None:
            return headed("status", "starting")
        rest = left_text(state, now)
        working = at_work(state, self._known.heard, now)
        silent = max(working, key=lambda agent: self._known.heard.quiet_s(agent, now), default=None)
        quiet = ""
        if silent is not None:
            name = shortened(on_one_line(Names(state).of(silent)), MOST_NAMED)
            quiet = f"; quiet for {duration(self._known.heard.quiet_s(silent, now))}: {name}"
        paused = "paused; " if state.suspended is not None else ""
        return headed("status", paused, *counts(state), f"; left: {rest}" if rest else "", quiet)

    def _say(self, at: float, line: Block) -> None:
        self._said_at = time.monotonic()
        show(marked(f"{duration(at):>8}  ", [line]), self._stream)


class Redrawn:
    """A few rows at the bottom of the terminal, redrawn at most four times a second; what is said above them stays."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._known = Known()
        self._pane = Pane(stream, self._rows)
        self._following = RLock()
        """Held while the state changes or is looked at: another thread draws."""
        self._said = False
        """Whether anything stays above the block."""
        self._left: Lines | None = None
        """What shows the run since somebody has left the block."""
        self.foot: Line | None = None
        """What stands under the block, as high as the terminal may be."""

    @property
    def state(self) -> RunState:
        """Return what is known of the run; only to be looked at."""
        return self._known.state

    def __enter__(self) -> Self:
        self._pane.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._left is not None:
            self._left.__exit__(kind, error, trace)
        else:
            self._pane.say([""] if self._said else [])  # what comes next begins by itself
            self._pane.close()

    def __call__(self, at: float, event: Event) -> None:
        """Take in an event."""
        if self._left is not None:
            self._left(at, event)
            return
        with self._following:
            self._known.apply(at, event)
        spoken = said(event, self._known.state)
        if spoken is not None:
            self.say([spoken])

    def say(self, blocks: Iterable[Block]) -> None:
        """Let something stay above the block; while somebody else has the terminal it is kept."""
        if self._left is not None:
            show(blocks, self._stream)
            return
        self._said = True
        self._pane.say(blocks)

    def leave(self) -> None:
        """Take the block away for good, and go on with lines."""
        self._pane.close()
        self._left = Lines(self._stream, self._known).__enter__()
        self._left.tell()

    def aside(self) -> AbstractContextManager[None]:
        """Take the block away, and keep what is said meanwhile; also while somebody else has taken it away."""
        return self._pane.away()

    def again(self) -> None:
        """Draw the block anew: the shell may have written below it."""
        self._pane.forget()

    def _rows(self, width: int, room: int) -> Sequence[Text]:
        with self._following:
            blocks = block(self._known.state, self._known.heard, self._known.now)
        foot = [] if self.foot is None else list(fitted([self.foot], width))
        rows = list(fitted(blocks, width))[: max(1, room - len(foot))]
        return [*rows, *foot][:room]
