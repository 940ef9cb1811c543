"""The recorded answers of a run, kept beside a harness so that it can be executed again for nothing.

A cassette is the journal of one execution, without what nobody needs for that: conversations, waiting, money on the
way, folders and processes of the machine. What an execution over it comes to is `playing`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from weft.runtime.border import masked
from weft.runtime.errors import JournalError, Refused
from weft.runtime.journal import RunState, executions, fold
from weft.runtime.journal.events import (
    AgentAsksAgain,
    AgentCancelled,
    AgentFinished,
    AgentGoesOn,
    AgentLost,
    AgentQuiet,
    AgentWaits,
    Event,
    FactRemembered,
    HostAnswered,
    Interrupted,
    MoneyMoved,
    RoundBegan,
    RunStarted,
    SandboxReady,
    Steered,
    ToolBegan,
    ToolEnded,
    VerdictReached,
)
from weft.runtime.keeping.lines import MOST_BYTES, as_lines, parsed, read_lines
from weft.runtime.settings import MODELS
from weft.runtime.trail import NO_TRAIL

__all__ = ["Cassette", "Unrecordable", "cassette_of", "parsed_cassette", "read_cassette", "renamed"]

Timed = tuple[float, Event]

LEFT_OUT = (
    AgentWaits,
    AgentGoesOn,
    AgentAsksAgain,
    AgentQuiet,
    ToolBegan,
    ToolEnded,
    FactRemembered,
    MoneyMoved,
    RoundBegan,
    SandboxReady,
    Interrupted,
    Steered,
    VerdictReached,
)
"""What happens on the way and decides no answer."""


class Unrecordable(Refused):
    """The answers of a run cannot be kept, although it has a result."""


@dataclass(frozen=True, slots=True)
class Cassette:
    """The recorded answers of one run."""

    name: str
    """What its file is called, without an ending."""
    events: tuple[Timed, ...]

    @property
    def started(self) -> RunStarted:
        """Return how it began."""
        first = self.events[0][1]
        assert isinstance(first, RunStarted)
        return first

    @property
    def state(self) -> RunState:
        """Return what it came to.

        Raises:
            JournalError: it contradicts itself, or has no result.
        """
        state = fold(self.events)
        if state.outcome != "completed":
            raise JournalError(f"the cassette {self.name} has no result", meaning="nothing can be compared with it")
        return state

    def text(self) -> str:
        """Return it as a file.

        Raises:
            Unrecordable: it is too large, or has a secret in it.
        """
        text = as_lines(self.events)
        kept = "the harness can be kept without recorded answers"
        if len(text.encode()) > MOST_BYTES:
            raise Unrecordable(f"the recorded answers take more than {MOST_BYTES:,} bytes", meaning=kept)
        if masked(text) != text:
            raise Unrecordable(
                "a secret of the environment stands in what was asked or answered, so the answers cannot be kept",
                meaning=kept,
            )
        return text


def cassette_of(events: list[Timed]) -> Cassette:
    """Return what is to be kept of a run.

    Raises:
        Refused: it has no result.
    """
    state = fold(events)
    assert state.started is not None
    run = state.started.run
    if state.outcome != "completed":
        raise Refused(
            f"{run} has no result to keep: it is {state.outcome}",
            meaning="nothing was saved",
            fix=f"weft resume {run} goes on with it; weft save FILE.py NAME saves a harness without recorded answers",
        )
    parts = executions(events)
    first = parts[0][0][1]
    assert isinstance(first, RunStarted)
    began = parts[-1][0][0]
    kept = [(at - began, _bare(event, first)) for at, event in parts[-1] if not isinstance(event, LEFT_OUT)]
    return Cassette(run, tuple(kept))


def read_cassette(path: Path) -> Cassette:
    """Read one.

    Raises:
        JournalError: it is damaged, cut off, or was written by a later version.
    """
    return Cassette(path.stem, tuple(read_lines(path)))


def parsed_cassette(text: str, path: Path) -> Cassette:
    """Return the one that a text is; errors name the path.

    Raises:
        JournalError: as for `read_cassette`.
    """
    return Cassette(path.stem, tuple(parsed(text, path)))


def _bare(event: Event, first: RunStarted) -> Event:
    """Return an event without what belongs to the machine, and as of a run that was never resumed."""
    match event:
        case RunStarted():
            settings = replace(event.settings, folders=(), agents=MODELS, virtual_time=False)
            file = Path(event.file).name
            return replace(event, settings=settings, spent=first.spent, owner="", file=file, again="missing", base=None)
        case AgentFinished():
            return replace(event, transcript=(), reused=False, kept=None, trail=NO_TRAIL)
        case AgentLost():
            return replace(event, transcript=(), trail=NO_TRAIL)
        case AgentCancelled():
            return replace(event, trail=NO_TRAIL)
        case HostAnswered():
            return replace(event, reused=False, who="")
        case _:
            return event


def renamed(events: Iterable[Event], run: str) -> Cassette:
    """Return a cassette of events that happened one after the other, as of a run of this name."""
    return Cassette(run, tuple((float(number), event) for number, event in enumerate(events)))
