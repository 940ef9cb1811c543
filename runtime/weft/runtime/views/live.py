"""The progress of a run while it goes on: a block that redraws itself on a terminal, lines in a log.

Both are told events and show the folded state; neither can reach the run.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from weft.runtime.journal.events import (
    AgentFinished,
    AgentLost,
    AgentQuiet,
    AgentWaits,
    BranchRaised,
    Event,
    Interrupted,
    Logged,
    PhaseBegan,
    RunEnded,
    RunStarted,
    SandboxReady,
    Steered,
    UnderstandingReported,
)
from weft.runtime.journal.fold import RunState
from weft.runtime.journal.understanding import added_up
from weft.runtime.plain import plain
from weft.runtime.understood import Understood
from weft.runtime.views.text import duration, waits_text

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

__all__ = ["Lines", "Progress", "Redrawn", "progress"]

HEARTBEAT_S = 30.0
"""How long a log stays silent at most."""


class Progress(Protocol):
    """Shows a run while it goes on."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def __call__(self, at: float, event: Event) -> None:
        """Take in an event."""


def progress(stream: TextIO | None = None) -> Progress:
    """Return what suits the stream, which is standard error if nobody says: redrawing needs a terminal."""
    stream = stream or sys.stderr
    return Redrawn() if stream.isatty() else Lines(stream)


class Lines:
    """One line for each event that matters."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._state = RunState()
        self._said_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.flush()

    def __call__(self, at: float, event: Event) -> None:
        """Take in an event."""
        self._state.apply(at, event)
        text = self._text(event)
        if text is None and at - self._said_at >= HEARTBEAT_S:
            text = f"status  {_counts(self._state)}"
        if text is not None:
            self._said_at = at
            self._stream.write(f"{duration(at):>8}  {text}\n")

    def _text(self, event: Event) -> str | None:
        match event:
            case RunStarted(run=run, name=name):
                return f"start   {name} {run}"
            case SandboxReady() if event.missing:
                return f"warning {_less_confined(event)}"
            case PhaseBegan(title=title):
                return f"phase   {plain(title)}"
            case Logged(message=message):
                return f"log     {plain(message)}"
            case AgentWaits(id=number) if self._state.count("waiting") == 1:  # the first of many, often
                return f"wait    {self._name(number)}  {waits_text(event)}"
            case AgentQuiet(id=number, seconds=seconds):
                return f"quiet   {self._name(number)}  nothing heard for {duration(seconds)}"
            case AgentLost() | BranchRaised() | AgentFinished() | UnderstandingReported():
                return self._missing(event)
            case Interrupted(message=message):
                return f"stop    {message}"
            case Steered():
                return f"steer   {plain(event.text)}"
            case RunEnded(outcome=outcome, pause=reason):
                how = "again   " if reason == "retry" else f"end     {outcome}  "
                return how + _counts(self._state)
            case _:
                return None

    def _missing(self, event: AgentLost | BranchRaised | AgentFinished | UnderstandingReported) -> str | None:
        """Return what is lost or not understood."""
        match event:
            case AgentLost(id=number, lost=lost):
                return f"lost    {self._name(number)}  {lost.cause}: {plain(lost.message)}"
            case BranchRaised(index=index, line=line, message=message):
                return f"lost    branch {index}, line {line}: {plain(message)}"
            case AgentFinished(id=number, understood=Understood(whole=False) as said):
                return f"partly  {self._name(number)}  {_said(said)}"
            case UnderstandingReported(understood=Understood(whole=False) as said):
                return f"partly  {_said(said)}"
        return None

    def _name(self, number: int) -> str:
        return plain(self._state.agents[number].called.request.name)


class Redrawn:
    """A block of a few rows at the bottom of the terminal, redrawn at most four times a second; scrollback stays."""

    def __init__(self) -> None:
        self._state = RunState()
        self._live: Live | None = None
        self._heard_at = 0.0
        """When the latest event came, on this process's clock."""
        self._notice = ""

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.live import Live

        self._live = Live(
            console=Console(stderr=True), refresh_per_second=4, transient=True, get_renderable=self._block
        )
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._live is not None
        self._live.stop()

    def __call__(self, at: float, event: Event) -> None:
        """Take in an event."""
        self._state.apply(at, event)
        self._heard_at = time.monotonic()
        if isinstance(event, SandboxReady) and event.missing:
            self._notice = _less_confined(event)
        if isinstance(event, Interrupted):
            self._notice = event.message
        if isinstance(event, Steered):
            self._notice = plain(event.text)

    def _block(self) -> Text:
        from rich.text import Text

        state = self._state
        if state.started is None:
            return Text("starting …")
        virtual = state.started.settings.virtual_time
        elapsed = state.at + (0.0 if virtual else time.monotonic() - self._heard_at)
        rows = [f"{state.started.name}  {state.started.run}  {duration(elapsed)}  {_counts(state)}"]
        for title in state.phases[-8:]:
            agents = [agent for agent in state.agents.values() if agent.called.request.phase == title]
            running = sum(agent.standing == "running" for agent in agents)
            done = sum(agent.standing == "done" for agent in agents)
            mark = "●" if running else "✓" if agents and done == len(agents) else "·"
            rows.append(f"  {mark} {plain(title)[:30]:<30} {done:>4}/{len(agents):<4} {running} running")
        at_work = [agent for agent in state.agents.values() if agent.standing in ("waiting", "running")]
        for agent in sorted(at_work, key=lambda agent: agent.waits is None)[:3]:  # those that wait first
            why = f"  {waits_text(agent.waits)}" if agent.waits else ""
            rows.append(f"    {plain(agent.called.request.name)[:60]}{why}")
        rows += [f"  {plain(partial.text())}" for partial in state.understanding if not partial.whole]
        rows += [f"  {self._notice}"] if self._notice else []
        return Text("\n".join(rows))


def _counts(state: RunState) -> str:
    parts = [f"{state.count('done')} done"]
    if state.outcome == "running":
        parts += [f"{state.count('running')} running", f"{state.count('queued')} queued"]
        parts += [f"{state.count('waiting')} waiting"] if state.count("waiting") else []
    elif left := len(state.agents) - state.count("done") - len(state.lost):
        parts += [f"{left} unfinished"]
    parts += [f"{len(state.lost)} lost"] if state.lost else []
    parts += [f"${state.spent.usd:.4f}"] if state.spent.usd else []
    return ", ".join(parts)


def _said(understood: Understood) -> str:
    return plain(added_up([understood], [])[0].text())


def _less_confined(ready: SandboxReady) -> str:
    return f"this system confines the harness without {' and '.join(ready.missing)}; see `weft doctor`"
