"""The keys of a run that is shown: which there are, in the block and in `weft watch`, and what they tell the run.

How a key is read, and who is asked what, is for either of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weft.runtime.errors import UsageError
from weft.runtime.page import Table, line, shortened
from weft.runtime.plain import on_one_line, plain

if TYPE_CHECKING:
    from weft.primitives.calls import Question
    from weft.runtime.journal.agentstate import AgentState
    from weft.runtime.journal.fold import RunState
    from weft.runtime.journal.hoststate import HostCallState
    from weft.runtime.page import Line
    from weft.runtime.steering.socket import AnswerQuestion, ChangeBudget, ContinueRun, PauseRun

__all__ = [
    "AT_WORK",
    "KEYS",
    "Key",
    "agent_name",
    "answered",
    "asks_budget",
    "asks_question",
    "asks_stop",
    "foot",
    "keys_table",
    "new_budget",
    "open_question",
    "paused_or_not",
]

MOST_NAMED = 60
"""Columns of the name of an agent that is asked about."""

AT_WORK = ("running", "waiting")
"""How agents stand that can be stopped."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key."""

    key: str
    word: str
    """In a line of them; empty where only `?` tells."""
    does: str
    watch: str = ""
    """What textual calls its action; empty where `weft watch` has none."""
    block: bool = True
    """Whether the block has it, too."""


KEYS = (
    Key("p", "pause", "lets no further agent start; where the run is paused, lets it go on", "pause_or_go_on"),
    Key("x", "stop", "ends an agent at work, after a question", "stop_agent"),
    Key("a", "answer", "answers the question that is open for longest", "answer"),
    Key("b", "budget", "sets the ceiling, or adds to it", "budget"),
    Key("r", "retry", "asks agents again that were lost, once those at work have finished", "retry"),
    Key("j", "", "the next row; also ↓", "row(1)", block=False),
    Key("k", "", "the row before; also ↑", "row(-1)", block=False),
    Key("right", "", "unfolds a phase; ← folds it", "fold(0)", block=False),
    Key("left", "", "folds a phase", "fold(1)", block=False),
    Key(
        "slash",
        "search",
        "goes to the next agent with this in its name; with nothing, to the one after",
        "search",
        False,
    ),
    Key("f", "filter", "shows all agents, those at work, those that were lost, those that are done", "filter", False),
    Key("n", "problem", "goes to the next agent that was lost, waits, or is quiet", "problem(1)", block=False),
    Key("N", "", "goes to the one before", "problem(-1)", block=False),
    Key("q", "leave", "leaves this view; the run goes on", "quit"),
    Key("question_mark", "keys", "shows all keys", "keys"),
)
"""All of them, in the order in which they are shown; by the names that textual has for them."""

SHOWN = {"slash": "/", "question_mark": "?", "right": "→", "left": "←"}


def foot() -> Line:
    """Return the line of keys under the block."""
    return line(("  " + "  ".join(f"{SHOWN.get(k.key, k.key)} {k.word}" for k in KEYS if k.block), "dim"))


def keys_table(*, block: bool) -> Table:
    """Return what each key does, in the block or in `weft watch`."""
    rows = [(SHOWN.get(k.key, k.key), k.does) for k in KEYS if k.block or not block]
    rows += [("Ctrl-C", "ends the run: first once those at work have finished, then at once")] if block else []
    rows += [("Ctrl-Z", "gives the terminal to the shell, and stops the run until it is fetched")] if block else []
    return Table(tuple((line((key, "strong")), line(does)) for key, does in rows), indent=2)


def paused_or_not(state: RunState) -> PauseRun | ContinueRun:
    """Return what lets a run pause, or go on where it is paused."""
    from weft.runtime.steering.socket import ContinueRun, PauseRun

    return PauseRun() if state.suspended is None else ContinueRun()


def agent_name(agent: AgentState) -> str:
    """Return an agent as it is asked about."""
    return f"{agent.called.id} {shortened(on_one_line(agent.called.request.name), MOST_NAMED)}"


def asks_stop(agent: AgentState) -> str:
    """Return the question whether an agent is to be stopped, which says what is lost then."""
    spent = f", and what it has spent (${agent.spent.usd:.4f})" if agent.spent.usd else ""
    return f"Stop agent {agent_name(agent)}? Its answer{spent} is lost; the harness goes on without. y, or Enter: no"


# ------------------------------------------------------------------------------------------------ questions


def open_question(state: RunState) -> tuple[HostCallState, Question] | None:
    """Return the question that is open for longest."""
    called = next(iter(state.host_calls.unanswered), None)
    return None if called is None or called.question is None else (called, called.question)


def asks_question(question: Question) -> str:
    """Return a question with what can be answered."""
    offered = f" [{', '.join(question.choices)}]" if question.choices else ""
    return f"{plain(question.text)}{plain(offered)}  (Enter: {plain(question.default)})"


def answered(called: HostCallState, question: Question, said: str) -> AnswerQuestion:
    """Return what a typed line answers."""
    from weft.runtime.steering.socket import AnswerQuestion

    return AnswerQuestion(ask=str(called.called.id), value=said or question.default)


# ------------------------------------------------------------------------------------------------ money


def asks_budget(state: RunState) -> str:
    """Return the question what the ceiling is to be."""
    ceiling = None if state.started is None else state.started.settings.ceiling
    if ceiling is not None and ceiling.usd is None and ceiling.tokens is not None:
        return f"Ceiling in tokens, now {ceiling.tokens:,}: a number, or +N for so many more (Enter: as it is)"
    now = f", now ${ceiling.usd:,g}" if ceiling is not None and ceiling.usd is not None else ""
    return f"Ceiling in dollars{now}: a number, or +N for so much more (Enter: as it is)"


def new_budget(state: RunState, said: str) -> ChangeBudget:
    """Return what a typed line makes of the ceiling.

    Raises:
        UsageError: it is no amount.
    """
    from weft.runtime.steering.socket import ChangeBudget

    ceiling = None if state.started is None else state.started.settings.ceiling
    in_tokens = ceiling is not None and ceiling.usd is None and ceiling.tokens is not None
    digits = said.removeprefix("+").removeprefix("$").replace(",", "").strip()
    try:
        amount = float(int(digits)) if in_tokens else float(digits)
    except ValueError:
        amount = math.nan
    if not 0 < amount < 1e9 * (1 if not in_tokens else 1e6):
        raise UsageError(
            f"{said!r} is no amount", meaning="the ceiling is as it was", fix="such as 5, or +2 for 2 more"
        )
    if in_tokens:
        return ChangeBudget(add_tokens=int(amount)) if said.startswith("+") else ChangeBudget(tokens=int(amount))
    return ChangeBudget(add_usd=amount) if said.startswith("+") else ChangeBudget(usd=amount)
