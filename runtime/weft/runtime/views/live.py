"""The progress of a run while it goes on: a block that redraws itself on a terminal, lines in a log.

Both are told events and show the folded state; neither can reach the run.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from weft.primitives.lost import Lost
from weft.runtime.execution.result import answered_by
from weft.runtime.journal.events import (
    AgentAsksAgain,
    AgentFinished,
    AgentLost,
    AgentQuiet,
    AgentWaits,
    BranchRaised,
    Event,
    FindingReported,
    HostAnswered,
    HostCalled,
    Interrupted,
    Logged,
    LoopEnded,
    PhaseBegan,
    RunEnded,
    RunStarted,
    SandboxReady,
    Steered,
    UnderstandingReported,
)
from weft.runtime.journal.fold import AgentState, Phase, RunState
from weft.runtime.journal.hoststate import HostCallState
from weft.runtime.journal.understanding import added_up
from weft.runtime.outline import flat
from weft.runtime.page import Block, Line, Role, Span, Table, line, marked, named
from weft.runtime.plain import plain
from weft.runtime.understood import Understood
from weft.runtime.views.names import Names
from weft.runtime.views.terminal import console_of, fitted, show
from weft.runtime.views.text import duration, left_text, phase_name, waits_span, waits_text

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

__all__ = ["Lines", "Progress", "Redrawn", "progress"]

MOST_SAID = 2_000
"""Characters of what a harness says that are shown at once."""

HEARTBEAT_S = 30.0
"""How long a log stays silent at most."""

PHASES = 8
"""How many phases are shown at once."""

FOLLOWED_S = 10.0
"""How long a log speaks of one agent alone that is asked again; a provider in trouble fails a thousand of them."""

AT_WORK = 3
"""How many of the agents at work are shown."""


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
def progress() -> Iterator[Progress]:
    """Show a run on standard error as suits it, for redrawing needs a terminal; and what Weft warns of meanwhile."""
    stream, log, warnings = sys.stderr, logging.getLogger("weft"), _Warnings()
    redrawn = stream.isatty() and os.environ.get("TERM") != "dumb"
    log.addHandler(warnings)
    try:
        with Redrawn(stream) if redrawn else Lines(stream) as shown:
            yield shown
    finally:
        log.removeHandler(warnings)


class _Warnings(logging.Handler):
    """Shows what is logged, which may quote a provider or a file, as everything else is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):  # nobody can be told, and the run goes on
            # While a block is redrawn, sys.stderr is replaced by what writes above it.
            show([_headed("warning", self.format(record), role="warning")], sys.stderr)


class Lines:
    """One line for each event that matters."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._state = RunState()
        self._said_at = 0.0
        self._followed: tuple[int, float] | None = None
        """The agent that was last said to be asked again, and when."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.flush()

    def aside(self) -> AbstractContextManager[None]:
        """Go on: what is said meanwhile are lines of their own."""
        return nullcontext()

    def __call__(self, at: float, event: Event) -> None:
        """Take in an event."""
        self._state.apply(at, event)
        said = _said(event, self._state) or _standing(event, self._state) or self._again(at, event)
        if said is None and at - self._said_at >= HEARTBEAT_S:
            rest = left_text(self._state, at)
            said = _headed("status", *_counts(self._state), f"; left: {rest}" if rest else "")
        if said is not None:
            self._said_at = at
            show(marked(f"{duration(at):>8}  ", [said]), self._stream)

    def _again(self, at: float, event: Event) -> Line | None:
        """Return why an agent is asked again, unless it was said of another one just now."""
        if not isinstance(event, AgentAsksAgain):
            return None
        if self._followed is not None and event.id != self._followed[0] and at - self._followed[1] < FOLLOWED_S:
            return None
        self._followed = event.id, at
        return _headed("retry", f"{_name(self._state, event.id)}  {waits_text(event)}", role="warning")


def _said(event: Event, state: RunState) -> Block | None:
    """Return what is worth a line that stays, on a terminal too."""
    match event:
        case SandboxReady() if event.missing:
            return _headed("warning", _less_confined(event), role="warning")
        case Logged(message=message):
            return _headed("log", plain(_begun(message)))
        case FindingReported(data=data):
            return _headed("finding", _begun(flat(data)))
        case AgentLost(id=number, lost=lost):
            return _loss(_name(state, number), lost)
        case HostCalled() | HostAnswered():
            return _of_host(state.host_calls[event.id], state)
        case BranchRaised(index=index, line=number, message=message):
            return _headed("lost", f"branch {index}, line {number}: {plain(message)}", role="lost")
        case AgentFinished(id=number, understood=Understood(whole=False) as said):
            return _headed("partly", f"{_name(state, number)}  {_partly(said)}", role="warning")
        case UnderstandingReported(understood=Understood(whole=False) as said):
            return _headed("partly", _partly(said), role="warning")
        case LoopEnded(ended="cap") as loop:
            return _headed("cut off", f"{loop.helper} at line {loop.line}, after {loop.rounds} rounds", role="warning")
        case Interrupted(message=message):
            return _headed("stop", message, role="warning")
        case Steered():
            return _headed("steer", plain(event.text), role="warning")
    return None


def _loss(name: str, lost: Lost) -> Block:
    why = line(f"{lost.cause}: {plain(lost.message)}")
    return Table(((line(("lost  ", "lost")), line(name), why),), names=frozenset({1}))


def _of_host(call: HostCallState, state: RunState) -> Block | None:
    """Return a tool that failed; or a question, how to answer it, and its answer."""
    answered, question, number = call.answered, call.question, call.called.id
    if call.lost is not None:
        return _loss(plain(call.called.request.name), call.lost)
    if question is None:
        return None
    if answered is not None:
        by = plain(answered_by(answered))
        return _headed("answer", f"{number}: {plain(_begun(str(answered.value)))}", (f"  {by}", "dim"))
    offered = f" [{', '.join(question.choices)}]" if question.choices else ""
    run = state.started.run if state.started else "RUN"
    how = f"  weft answer {run} {number} VALUE; in {duration(question.timeout)} it is {_begun(question.default)}"
    return _headed("ask", f"{number}: {plain(_begun(question.text + offered))}", (plain(how), "dim"), role="warning")


def _begun(text: str) -> str:
    """Return the beginning of a text; all of it is in the journal."""
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]}… ({len(text) - MOST_SAID:,} more characters)"


def _partly(understood: Understood) -> str:
    return plain(added_up([understood], [])[0].text())


def _standing(event: Event, state: RunState) -> Line | None:
    """Return how the run stands, where that has changed."""
    match event:
        case RunStarted(run=run, name=name):
            return _headed("start", f"{name} {run}")
        case PhaseBegan(title=title, path=path):
            return _headed("phase", phase_name(Phase(title, tuple(home.name for home in state.homes.of(path)))))
        case AgentWaits(id=number) if state.count("waiting") == 1:  # the first of many, often
            return _headed("wait", f"{_name(state, number)}  {waits_text(event)}", role="warning")
        case AgentQuiet(id=number, seconds=seconds):
            return _headed("quiet", f"{_name(state, number)}  nothing heard for {duration(seconds)}")
        case RunEnded(outcome=outcome, pause=reason):
            counts = _counts(state)
            return _headed("again", *counts) if reason == "retry" else _headed("end", f"{outcome}  ", *counts)
    return None


def _headed(head: str, *parts: str | Span, role: Role = "dim") -> Line:
    mark = f"{head:<8}"
    return line((mark, role), *parts, hang=len(mark))


def _name(state: RunState, number: int) -> str:
    return Names(state).of(state.agents[number])


class Redrawn:
    """A few rows at the bottom of the terminal, redrawn at most four times a second; what is said above them stays."""

    def __init__(self, stream: TextIO) -> None:
        self._state = RunState()
        self._console = console_of(stream)
        self._live: Live | None = None
        self._heard_at = 0.0
        """When the latest event came, on this process's clock."""
        self._following = Lock()
        """Held while the state changes or is looked at: another thread draws."""
        self._said = False
        """Whether anything stays above the block."""
        self._aside = False
        """Whether somebody else has the terminal."""
        self._kept: list[Block] = []
        """What was said meanwhile."""

    def __enter__(self) -> Self:
        from rich.live import Live

        self._live = Live(console=self._console, refresh_per_second=4, transient=True, get_renderable=self._block)
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._live is not None
        self._live.stop()
        if self._said:
            self._console.print()  # what comes next begins by itself

    def __call__(self, at: float, event: Event) -> None:
        """Take in an event."""
        with self._following:
            self._state.apply(at, event)
            self._heard_at = time.monotonic()
        said = _said(event, self._state)
        if said is not None:
            self._said = True
            self._kept.append(said)
            self._say()

    def _say(self) -> None:
        """Print what is kept, unless somebody else has the terminal."""
        if not self._aside:
            for row in fitted(self._kept, self._console.width):
                self._console.print(row)
            self._kept.clear()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the block away, and keep what is said meanwhile."""
        assert self._live is not None
        self._live.stop()
        self._aside = True
        try:
            yield
        finally:
            self._aside = False
            self._live.start()
            self._say()

    def _block(self) -> Text:
        from rich.text import Text

        with self._following:
            blocks = self._rows()
        rows = list(fitted(blocks, self._console.width))[: max(1, self._console.height - 1)]
        return Text("\n").join(rows)

    def _rows(self) -> list[Block]:
        state = self._state
        if state.started is None:
            return ["starting …"]
        now = state.at
        if not state.started.settings.virtual_time:
            now += time.monotonic() - self._heard_at
        elapsed = state.worked_s + now - state.began_at
        head: list[str | Span] = [(state.started.name, "strong"), f"  {state.started.run}  {duration(elapsed)}  "]
        rows: list[Block] = [line(*head, *_counts(state), hang=2)]
        if state.suspended is not None:
            rows.append(line(("  paused", "warning"), f": weft continue {state.started.run}"))
        rows += [_open(call, now) for call in state.host_calls.unanswered[:AT_WORK]]
        rest = left_text(state, now)
        rows += [named("  left", rest)] if rest else []
        return [*rows, _phases(state), *_at_work(state, now)]


def _open(call: HostCallState, now: float) -> Line:
    """Return a question that waits, and for how long."""
    question = call.question
    assert question is not None
    left = duration(max(0.0, call.called_at + question.timeout - now))
    return line(("  asks", "warning"), f" {call.called.id}: {plain(call.called.request.name)}, {left} left", hang=4)


def _phases(state: RunState) -> Table:
    agents: dict[Phase, list[AgentState]] = {phase: [] for phase in state.phases}
    for agent in state.agents.values():
        agents[agent.phase].append(agent)
    rows = [_phase_row(phase, there) for phase, there in agents.items() if there or phase.title is not None]
    return Table(tuple(rows[-PHASES:]), indent=2, right=frozenset({1}), names=frozenset({0}))


def _phase_row(phase: Phase, agents: list[AgentState]) -> tuple[Line, ...]:
    number = {standing: sum(agent.standing == standing for agent in agents) for standing in ("running", "done", "lost")}
    running, done, lost = number["running"], number["done"], number["lost"]
    over = bool(agents) and done + lost == len(agents)
    mark: Span = ("● ", "plain") if running else ("✓ ", "warning" if lost else "ok") if over else ("· ", "dim")
    name = line("  " * len(phase.within), mark, phase_name(phase))
    losses = line((f"{lost} lost", "lost")) if lost else line()
    return (name, line(f"{done}/{len(agents)}"), line(f"{running} running" if running else ""), losses)


def _at_work(state: RunState, now: float) -> list[Block]:
    """Return some of the agents at work: those that wait first, then those that have taken longest."""
    at_work = [agent for agent in state.agents.values() if agent.standing in ("waiting", "running")]
    if not at_work:
        return []
    names = Names(state)
    rows = []
    for agent in sorted(at_work, key=lambda agent: (agent.waits is None, agent.started_at))[:AT_WORK]:
        since = duration(max(0.0, now - (agent.started_at or now)))
        rows.append((line(names.of(agent)), line((since, "dim")), line(waits_span(agent, now))))
    return [Table(tuple(rows), indent=4, right=frozenset({1}), names=frozenset({0}))]


def _counts(state: RunState) -> list[str | Span]:
    parts: list[list[str | Span]] = [[f"{state.count('done')} done"]]
    if state.outcome == "running":
        parts += [[f"{state.count('running')} running"], [f"{state.count('queued')} queued"]]
        parts += [[(f"{state.count('waiting')} waiting", "warning")]] if state.count("waiting") else []
    elif rest := len(state.agents) - state.count("done") - len(state.lost):
        parts += [[f"{rest} unfinished"]]
    parts += [[(f"{len(state.lost)} lost", "lost")]] if state.lost else []
    parts += [[f"${state.spent.usd:.4f}"]] if state.spent.usd else []
    return [span for part in parts for span in (", ", *part)][1:]


def _less_confined(ready: SandboxReady) -> str:
    return f"this system confines the harness without {' and '.join(ready.missing)}; see `weft doctor`"
