"""What is said of an event while a run goes on, as a line that stays: in a log, and above a block that is redrawn."""

from __future__ import annotations

from weft.primitives.lost import Lost
from weft.runtime.execution.result import answered_by
from weft.runtime.journal.agentstate import Phase
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
from weft.runtime.journal.fold import RunState
from weft.runtime.journal.hoststate import HostCallState
from weft.runtime.journal.understanding import added_up
from weft.runtime.outline import flat
from weft.runtime.page import Block, Line, Role, Span, Table, line, shortened
from weft.runtime.plain import on_one_line, plain
from weft.runtime.understood import Understood
from weft.runtime.views.names import Names
from weft.runtime.views.text import duration, phase_name, waits_text

__all__ = ["asks_again", "counts", "headed", "said", "standing"]

MOST_SAID = 2_000
"""Characters of what a harness says that are shown at once."""

MOST_NAMED = 80
"""Columns of a label that stands within a line."""


def said(event: Event, state: RunState) -> Block | None:
    """Return what is worth a line that stays, on a terminal too; nothing for most events."""
    match event:
        case SandboxReady() if event.missing:
            return headed("warning", _less_confined(event), role="warning")
        case Logged(message=message):
            return headed("log", plain(_begun(message)))
        case FindingReported(data=data):
            return headed("finding", _begun(flat(data)))
        case AgentLost(id=number, lost=lost):
            return _loss(_name(state, number), lost)
        case HostCalled() | HostAnswered():
            return _of_host(state.host_calls[event.id], state)
        case BranchRaised(index=index, line=number, message=message):
            return headed("lost", f"branch {index}, line {number}: {plain(message)}", role="lost")
        case AgentFinished(id=number, understood=Understood(whole=False) as understood):
            return headed("partly", f"{_name(state, number)}  {_partly(understood)}", role="warning")
        case UnderstandingReported(understood=Understood(whole=False) as understood):
            return headed("partly", _partly(understood), role="warning")
        case LoopEnded(ended="cap") as loop:
            return headed("cut off", f"{loop.helper} at line {loop.line}, after {loop.rounds} rounds", role="warning")
        case Interrupted(message=message):
            return headed("stop", message, role="warning")
        case Steered():
            return headed("steer", plain(event.text), role="warning")
    return None


def _loss(name: str, lost: Lost) -> Block:
    why = line(f"{lost.cause}: {plain(lost.message)}")
    return Table(((line(("lost  ", "lost")), line(name), why),), names=frozenset({1}))


def _of_host(call: HostCallState, state: RunState) -> Block | None:
    """Return a tool that failed; or a question, how to answer it, and its answer."""
    answered, question, number = call.answered, call.question, call.called.id
    if call.lost is not None:
        return _loss(shortened(on_one_line(call.called.request.name), MOST_NAMED), call.lost)
    if question is None:
        return None
    if answered is not None:
        by = plain(answered_by(answered))
        return headed("answer", f"{number}: {plain(_begun(str(answered.value)))}", (f"  {by}", "dim"))
    offered = f" [{', '.join(question.choices)}]" if question.choices else ""
    run = state.started.run if state.started else "RUN"
    how = f"  weft answer {run} {number} VALUE; in {duration(question.timeout)} it is {_begun(question.default)}"
    return headed("ask", f"{number}: {plain(_begun(question.text + offered))}", (plain(how), "dim"), role="warning")


def _begun(text: str) -> str:
    """Return the beginning of a text; all of it is in the journal."""
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]}… ({len(text) - MOST_SAID:,} more characters)"


def _partly(understood: Understood) -> str:
    return plain(added_up([understood], [])[0].text())


def standing(event: Event, state: RunState) -> Line | None:
    """Return how the run stands, where that has changed: what a block shows anyway."""
    match event:
        case RunStarted(run=run, name=name):
            return headed("start", f"{name} {run}")
        case PhaseBegan(title=title, path=path):
            return headed("phase", phase_name(Phase(title, tuple(home.name for home in state.homes.of(path)))))
        case AgentWaits(id=number) if state.count("waiting") == 1:  # the first of many, often
            return headed("wait", f"{_name(state, number)}  {waits_text(event)}", role="warning")
        case AgentQuiet(id=number, seconds=seconds):
            return headed("quiet", f"{_name(state, number)}  nothing heard for {duration(seconds)}")
        case RunEnded(outcome=outcome, pause=reason):
            how = counts(state)
            return headed("again", *how) if reason == "retry" else headed("end", f"{outcome}  ", *how)
    return None


def headed(head: str, *parts: str | Span, role: Role = "dim") -> Line:
    """Return a line that begins with what it is about."""
    mark = f"{head:<8}"
    return line((mark, role), *parts, hang=len(mark))


def _name(state: RunState, number: int) -> str:
    return shortened(on_one_line(Names(state).of(state.agents[number])), MOST_NAMED)


def asks_again(event: AgentAsksAgain, state: RunState) -> Line:
    """Return why an agent is asked again."""
    return headed("retry", f"{_name(state, event.id)}  {waits_text(event)}", role="warning")


def counts(state: RunState) -> list[str | Span]:
    """Return how many agents stand how, and what they have cost."""
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
