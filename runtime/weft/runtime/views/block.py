"""The block that shows how a run stands, redrawn while it goes on: phases, money, the quiet ones, what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from weft.primitives.lost import Spent
from weft.runtime.ceiling import CRITICAL, Share
from weft.runtime.journal.agentstate import AgentState, Phase
from weft.runtime.journal.fold import RunState
from weft.runtime.journal.hoststate import HostCallState
from weft.runtime.page import Block, Line, Span, Table, line, named, shortened
from weft.runtime.plain import on_one_line
from weft.runtime.views.doing import Heard, at_work, doing
from weft.runtime.views.found import found_row
from weft.runtime.views.names import Names
from weft.runtime.views.said import counts
from weft.runtime.views.text import duration, left_text, phase_name

__all__ = ["QUIET_S", "block", "head_rows"]

PHASES = 8
"""How many phases are shown at once."""

OVER = ("done", "lost", "cancelled")
"""How agents stand of whom nothing more comes."""

AT_WORK = 3
"""How many of the agents at work are shown, and of open questions."""

QUIET_S = 30.0
"""From when on it is said of an agent that nothing was heard of it."""

BAR = 24
"""Columns of the bar of what may be spent."""

MOST_NAMED = 48
"""Columns of a name that stands within a line."""


def block(state: RunState, heard: Heard, now: float) -> list[Block]:
    """Return how a run stands at this time of its clock."""
    if state.started is None:
        return head_rows(state, now)
    return [*head_rows(state, now), *_phases(state), *_at_work(state, heard, now), *found_row(state.findings)]


def head_rows(state: RunState, now: float) -> list[Block]:
    """Return how the run as a whole stands: agents, money, what it waits for, what is left."""
    if state.started is None:
        return ["starting …"]
    elapsed = state.worked_s + now - state.began_at
    name = shortened(on_one_line(state.started.name), MOST_NAMED)
    head: list[str | Span] = [(name, "strong"), f"  {state.started.run}  {duration(elapsed)}  "]
    rows: list[Block] = [line(*head, *counts(state), hang=2), *_money(state)]
    if state.suspended is not None:
        rows.append(line(("  paused", "warning"), f": weft continue {state.started.run}"))
    rows += [_open(call, now) for call in state.host_calls.unanswered[:AT_WORK]]
    rest = left_text(state, now)
    rows += [named("  left", rest)] if rest else []
    return rows


def _open(call: HostCallState, now: float) -> Line:
    """Return a question that waits, and for how long."""
    question = call.question
    assert question is not None
    left = duration(max(0.0, call.called_at + question.timeout - now))
    name = shortened(on_one_line(call.called.request.name), MOST_NAMED)
    return line(("  asks", "warning"), f" {call.called.id}: {name}, {left} left", hang=4)


# ------------------------------------------------------------------------------------------------ money


def _money(state: RunState) -> list[Block]:
    """Return of each ceiling how much of it is spent, reserved for requests in flight, and held back."""
    assert state.started is not None
    ceiling = state.started.settings.ceiling
    accounts = state.accounts.open.values()
    spent = sum((account.settled for account in accounts), state.spent)
    in_flight = sum((account.unsettled.spent for account in accounts), Spent())
    rows: list[Block] = []
    if ceiling.usd:
        held = sum(_held(state, name, share).usd for name, share in state.started.settings.hold.items())
        rows.append(_bar(ceiling.usd, (spent.usd, in_flight.usd, held), lambda amount: f"${amount:,.4f}"))
    if ceiling.tokens:
        held = sum(_held(state, name, share).tokens for name, share in state.started.settings.hold.items())
        rows.append(
            _bar(ceiling.tokens, (spent.tokens, in_flight.tokens, held), lambda amount: f"{amount:,.0f} tokens")
        )
    return rows


def _held(state: RunState, name: str, share: Share) -> Spent:
    """Return what of a share is still held back: what those have not spent for whom it is."""
    assert state.started is not None
    settings = state.started.settings
    whole, used = share.of(settings.ceiling), Spent()
    for agent in state.agents.values():
        request = agent.called.request
        if (request.critical and request.phase not in settings.hold) if name == CRITICAL else request.phase == name:
            account = state.accounts.open.get(agent.called.id)
            used += agent.spent if account is None else account.most
    return Spent(max(0, (whole.tokens or 0) - used.tokens), 0, max(0.0, (whole.usd or 0.0) - used.usd))


def _bar(ceiling: float, parts: tuple[float, float, float], text: Callable[[float], str]) -> Line:
    spent, in_flight, held = parts
    ends = [min(BAR, round(BAR * amount / ceiling)) for amount in (spent, spent + in_flight)]
    kept = min(BAR - ends[1], round(BAR * held / ceiling))
    free = BAR - ends[1] - kept
    drawn = "█" * ends[0] + "▒" * (ends[1] - ends[0]) + "░" * free + "▚" * kept
    more = [f"in flight {text(in_flight)}"] if in_flight else []
    more += [f"held back {text(held)}"] if held else []
    full: Span = (drawn, "warning" if spent + in_flight + held >= ceiling else "plain")
    return line(f"  {text(spent)} of {text(ceiling)}  ", full, (f"  {', '.join(more)}", "dim"), hang=4)


# ------------------------------------------------------------------------------------------------ agents


def _phases(state: RunState) -> list[Block]:
    """Return how phases stand: where there are too many, those that go on and those that began last."""
    agents: dict[Phase, list[AgentState]] = {phase: [] for phase in state.phases}
    for agent in state.agents.values():
        agents[agent.phase].append(agent)
    shown = [phase for phase, there in agents.items() if there or phase.title is not None]
    over = [all(agent.standing in OVER for agent in agents[phase]) for phase in shown]
    ranked = sorted(range(len(shown)), key=lambda place: (over[place], -place))
    rows = tuple(_phase_row(shown[place], agents[shown[place]]) for place in sorted(ranked[:PHASES]))
    rest = ranked[PHASES:]
    ended = sum(over[place] for place in rest)
    more = [line((f"  … {len(rest)} more phases, {ended} of them over", "dim"))] if rest else []
    return [*more, Table(rows, indent=2, right=frozenset({1}), names=frozenset({0}))]


def _phase_row(phase: Phase, agents: list[AgentState]) -> tuple[Line, ...]:
    number = Counter(agent.standing for agent in agents)
    running, done, lost = number["running"], number["done"], number["lost"]
    over = bool(agents) and done + lost == len(agents)
    mark: Span = ("● ", "plain") if running else ("✓ ", "warning" if lost else "ok") if over else ("· ", "dim")
    name = line("  " * len(phase.within), mark, phase_name(phase))
    losses = line((f"{lost} lost", "lost")) if lost else line()
    spent = sum((agent.spent.usd for agent in agents), 0.0)
    cost = line((f"${spent:.4f}", "dim")) if spent else line()
    return (name, line(f"{done}/{len(agents)}"), line(f"{running} running" if running else ""), losses, cost)


def _at_work(state: RunState, heard: Heard, now: float) -> list[Block]:
    """Return some of the agents at work, those first that may be stuck."""
    working = at_work(state, heard, now)
    if not working:
        return []
    names = Names(state)
    rows = []
    for agent in working[:AT_WORK]:
        since = duration(max(0.0, now - (now if agent.started_at is None else agent.started_at)))
        silent = heard.quiet_s(agent, now)
        quiet: Span = (f"quiet {duration(silent)}" if silent >= QUIET_S else "", "warning")
        number = line((str(agent.called.id), "dim"))
        name = line(on_one_line(names.of(agent)))
        rows.append((number, name, line((since, "dim")), line(quiet), line(doing(agent, state, now))))
    return [Table(tuple(rows), indent=4, right=frozenset({0, 2}), names=frozenset({1}))]
