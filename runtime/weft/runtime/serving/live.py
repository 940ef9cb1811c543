"""A run as it stands, for those who look on: its head, and its agents in columns. When what was changed is `feeds`.

A column has one value for each agent, in the same order in all columns. As objects, 20,000 agents would be ten times as
much to send, and twice as much when compressed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.execution.result import result_object
from weft.runtime.journal.agentstate import AgentState, Phase
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.fold import RunState
from weft.runtime.journal.hoststate import HostCallState
from weft.runtime.scheduling.widths import BY, SECONDS
from weft.runtime.serving.sums import OfPhase, Sums, spent_by

__all__ = ["COLUMNS", "HEAD", "columns", "head", "money", "needs_you", "summary"]

SETTINGS = ("model", "agents", "budget_usd", "budget_tokens", "on_budget", "max_agents", "concurrency", "virtual_time")
"""The settings that are told in the head."""

SUMMARY = ("run", "name", "task", "outcome", "health", "suspended", "questions", "spent", "counts", "numbers")
"""What of a head stands in a list of runs."""

HEAD = {
    "run": "its name",
    "name": "of the harness",
    "task": "in words",
    "file": "the harness was read from",
    "digest": "of the harness",
    "outcome": "`running`, `completed`, `paused`, `error`, or `killed`",
    "health": "`clean` or `degraded`",
    "error": "why it came to no result, as in its result",
    "execution": "which one this is, from 1; it is one more with each resume",
    "started_at": "when this execution began, on the clock of the wall",
    "began_at": "the same in seconds of the run",
    "worked_s": "how long the executions before took",
    "wall_s": "how long all took so far",
    "at": "when something happened last",
    "settings": "some of what the run is allowed",
    "hold": "shares of the ceiling that are kept back",
    "limits": "how many agents of a model or profile may be at work, where people have said so",
    "bound": "the most agents that it can start, if that is proved",
    "approved": "how wide fan-outs may become before somebody is asked",
    "walls": "what confines the harness",
    "spent": "by what has ended",
    "settled": "by agents at work, so far",
    "in_flight": "the most that requests on their way may cost",
    "unsettled": "what of `spent` nobody knows for sure",
    "left": "what the agents called so far may still take, if that can be guessed",
    "counts": "agents by state",
    "phases": "with the counts, cost and times of their agents; `within` are the saved harnesses around one",
    "models": "how many agents each has answered",
    "suspended": "who holds the run, and why; `gate` where it would go beyond what was approved, and is paused without "
    "an answer `until` then",
    "questions": "that are open",
    "numbers": "how long each list is that has a route of its own",
}
"""The parts of the head, and what each is; `null` where there is nothing."""

Row = tuple[Any, ...]

COLUMNS = {
    "id": "its number, as the difference from that of the row before",
    "label": "its label, or what stands for it",
    "asked_by": "the number of the agent that has asked it; where the harness has, `null`",
    "phase": "which of `phases` of the head it is in",
    "state": "`queued`, `running`, `waiting`, `done`, `lost` or `cancelled`",
    "cause": "why it was lost",
    "reused": "1 where the answer is that of an earlier execution",
    "doing": "what it waits for, or does to the world right now",
    "line": "the line that called it",
    "workflow": "the saved harness that this is a line of, if it is not the run's own",
    "model": "who answers it",
    "queued_at": "when it was called, in seconds of the run",
    "waited": "seconds until it had its turn",
    "took": "seconds from then to its end",
    "heard_at": "when something was heard of it last; of one that has ended, 0",
    "tokens": "input and output, as far as that is known",
    "usd": "what that cost, to three digits",
}
"""The columns of agents, and what stands in each; `null` where there is nothing."""


def columns(agents: Iterable[AgentState], state: RunState, heard: Mapping[int, float]) -> dict[str, list[Any]]:
    """Return agents as columns; `heard` says when something was heard of each last."""
    places = {phase: place for place, phase in enumerate(state.phases)}
    rows = [_row(agent, state, places, heard) for agent in agents]
    if not rows:
        return {name: [] for name in COLUMNS}
    found = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    found["id"] = [now - before for before, now in pairwise((0, *found["id"]))]  # nearly all 1, so nothing to send
    return found


def _row(agent: AgentState, state: RunState, places: Mapping[Phase, int], heard: Mapping[int, float]) -> Row:
    called, number = agent.called, agent.called.id
    spent, above = spent_by(agent, state), askers(called.path)
    return (
        number,
        called.request.name,
        above[-1] if above else None,
        places[agent.phase],
        agent.standing,
        None if agent.lost is None else agent.lost.cause,
        int(agent.reused),
        _doing(agent),
        called.line,
        agent.around[-1] if agent.around else None,
        agent.model,
        _moment(agent.queued_at),
        _between(agent.queued_at, agent.started_at),
        _between(agent.started_at, agent.ended_at),
        0 if agent.ended_at is not None else _moment(heard.get(number, agent.queued_at)),
        spent.tokens,
        float(f"{spent.usd:.3g}"),
    )


def _between(begin: float | None, end: float | None) -> float | None:
    return None if begin is None or end is None else _moment(end - begin)


def _doing(agent: AgentState) -> str | None:
    if agent.standing not in ("running", "waiting"):
        return None
    if agent.waits is not None:
        return agent.waits.detail
    act = next((act for act in reversed(agent.acts.values()) if act.ended is None), None)
    return None if act is None else f"{act.began.tool} {act.began.subject}".strip()


def _moment(seconds: float) -> float:
    """Return a time as exactly as a page can show it: of 20,000 agents each digit is ten kilobytes."""
    return round(seconds, 2 if seconds < 100 else 1)


def _dollars(usd: float) -> float:
    return round(usd, 6)


def money(spent: Spent) -> dict[str, Any]:
    """Return an amount that was spent."""
    return spent.as_data() | {"usd": _dollars(spent.usd)}


# ------------------------------------------------------------------------------------------------ the head


def head(state: RunState, sums: Sums, run: str) -> dict[str, Any]:
    """Return all that is told of a run besides its agents: facts and sums. What may be long has a route of its own.

    `run` is what its folder is called, which may be a copy.
    """
    return {
        "run": run,
        **_facts(state),
        **_money(state, sums),
        "counts": sums.counts,
        "phases": _phases(state, sums),
        "models": dict(sums.models),
        "suspended": None if state.suspended is None else _suspended(state),
        "questions": [_question(call) for call in state.host_calls.unanswered],
        "numbers": {
            "agents": len(state.agents),
            "reused": sums.reused,
            "lost": sums.counts.get("lost", 0) + state.host_calls.failures + len(state.raised),
            "findings": len(state.findings),
            "logs": len(state.logs),
            "host_calls": len(state.host_calls),
            "facts": len(state.facts),
            "steered": len(state.steered),
        },
    }


def _facts(state: RunState) -> dict[str, Any]:
    """Return what the run is, how it stands, and what it is allowed."""
    started = state.started
    assert started is not None
    settings = asdict(started.settings)
    return {
        "name": started.name,
        "task": started.task,
        "file": started.file,
        "digest": started.digest,
        "outcome": state.outcome,
        "health": state.health,
        "error": result_object(state)["error"] if state.ended else None,
        "execution": state.execution,
        "started_at": started.now,
        "began_at": _moment(state.began_at),
        "worked_s": _moment(state.worked_s),
        "wall_s": _moment(state.wall_s),
        "at": _moment(state.at),
        "settings": {name: settings[name] for name in SETTINGS},
        "hold": settings["hold"],
        "limits": state.limits,
        "bound": started.bound,
        "approved": started.approved,
        "walls": state.walls,
    }


def _money(state: RunState, sums: Sums) -> dict[str, Any]:
    """Return what was spent, is being spent, and may be; it costs as much as agents are at work."""
    accounts = state.accounts.open.values()
    in_flight = (spent for account in accounts for spent in account.in_flight.values())
    rest = sums.left(state.at) if state.ended is None else None
    return {
        "spent": money(state.spent),
        "settled": money(sum((account.settled for account in accounts), NOTHING_SPENT)),
        "in_flight": money(sum(in_flight, NOTHING_SPENT)),
        "unsettled": money(state.unsettled.spent) | {"requests": state.unsettled.requests},
        "left": None if rest is None else asdict(rest),
    }


def summary(head: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a head stands in a list of runs."""
    settings = {"budget_usd": head["settings"]["budget_usd"], "budget_tokens": head["settings"]["budget_tokens"]}
    told = {name: head[name] for name in (*SUMMARY, "started_at", "wall_s", "execution")}
    return {**told, **settings, "task": head["task"].partition("\n")[0], "needs_you": len(needs_you(head))}


def needs_you(head: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what of a run waits for a person: open questions, and the run itself where it is held."""
    if head["outcome"] != "running":
        return []
    held = [] if head["suspended"] is None else [{"kind": "held", **head["suspended"]}]
    return [*held, *({"kind": "question", **question} for question in head["questions"])]


def _suspended(state: RunState) -> dict[str, Any]:
    assert state.suspended is not None
    at = next((at for at, event in reversed(state.steered) if event is state.suspended), state.at)
    gate = state.suspended.by == BY
    return {
        "at": _moment(at),
        "detail": state.suspended.detail,
        "by": state.suspended.by,
        "reason": state.suspended.reason,
        "gate": gate,
        "until": _moment(at + SECONDS) if gate else None,
    }


def _question(call: HostCallState) -> dict[str, Any]:
    question = call.question
    assert question is not None
    return {
        "ask": call.called.id,
        "question": question.text,
        "choices": None if question.choices is None else list(question.choices),
        "default": question.default,
        "asked_at": _moment(call.called_at),
        "until": _moment(call.called_at + question.timeout),
        "line": call.called.line,
        "phase": call.called.phase,
    }


def _phases(state: RunState, sums: Sums) -> list[dict[str, Any]]:
    """Return the phases in their order, with what their agents come to."""
    found = ((phase, sums.phases.get(phase) or OfPhase()) for phase in state.phases)
    return [
        {
            "title": phase.title,
            "within": list(phase.within),
            "counts": of.counts,
            "tokens": of.tokens,
            "usd": _dollars(of.usd),
            "started_at": of.started_at,
            "ended_at": of.ended_at,
        }
        for phase, of in found
    ]
