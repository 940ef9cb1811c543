"""The result of a run: as the one object that `--json` prints, and as a page for people."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, get_args

from weft.primitives.lost import Spent
from weft.runtime.helping import By
from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.coverage import Coverage, FanOuts, Fate, coverage_of
from weft.runtime.journal.events import BranchRaised, HostAnswered
from weft.runtime.journal.fold import RunState
from weft.runtime.journal.hoststate import HostCallState
from weft.runtime.journal.known import ending
from weft.runtime.journal.loops import cut_off
from weft.runtime.journal.returned import Return
from weft.runtime.journal.understanding import not_understood
from weft.runtime.marked import as_markdown, fenced, on_a_line
from weft.runtime.money.beyond import of_all_runs
from weft.runtime.outline import outline
from weft.runtime.page import text
from weft.runtime.plain import plain

__all__ = [
    "COUNTS",
    "answered_by",
    "asked",
    "go_on",
    "loss_word",
    "models_text",
    "not_whole",
    "of_execution",
    "place",
    "remedy",
    "report",
    "result_object",
    "unanswered",
]

COUNTS = "it counts as spent"
"""What is said of requests whose end nobody knows."""


def result_object(state: RunState) -> dict[str, Any]:
    """Return the result as the command-line contract describes it."""
    started, best, coverage = state.started, state.best, coverage_of(state)
    return {
        "run": started.run if started else None,
        "outcome": state.outcome,
        "health": state.health,
        "result": best.value if best else None,
        "result_of": _return(best) if best else None,
        "other_results": [{**_return(other), "result": other.value} for other in state.others],
        "executions": state.execution,
        "error": _error(state),
        "agents": {
            "started": state.started_agents,
            "done": state.count("done"),
            "lost": len(state.lost),
            "cached": state.reused_agents,
        },
        "models": dict(state.models),
        "coverage": _coverage(state, coverage),
        "spent": _spent(state.spent),
        "unsettled": {"requests": state.unsettled.requests, **_spent(state.unsettled.spent)},
        "lost": _all_lost(state, coverage),
        "questions": [_question(call) for call in state.host_calls.questions],
        "unanswered": [
            {"agent": agent.called.id, "label": agent.called.request.name, "message": why}
            for why, agents in unanswered(state).items()
            for agent in agents
        ],
        "wall_s": round(state.wall_s, 3),
    }


def report(state: RunState) -> str:
    """Return the result as Markdown."""
    started, ended, coverage = state.started, state.ended, coverage_of(state)
    assert started is not None
    counts = f"{state.count('done')} of {len(state.agents)} agents done, {len(state.lost)} lost"
    lines = [
        f"# {on_a_line(started.task.splitlines()[0]) if started.task else on_a_line(started.name)}",
        "",
        f"{state.outcome}, {state.health} · {counts} · ${state.spent.usd:.4f} · run `{started.run}`",
        "",
        *([f"unsettled: {state.unsettled}; {COUNTS}", ""] if state.unsettled.requests else []),
        *(f"**{on_a_line(text)}**\n" for text in not_whole(state)),
    ]
    if len(state.models) > 1:
        lines += [f"Answered by {models_text(state)}.", ""]
    if ended and ended.problem:
        where = f" ({place(state)})" if ended.problem.line else ""
        lines += [f"**{on_a_line(ended.problem.type)}**{where}: {on_a_line(ended.problem.message)}", ""]
        lines += [f"{part[:1].upper()}{part[1:]}." for part in remedy(state)] + [""]
    for title, said in _listed(state, coverage):
        lines += [f"## {title}", "", *(f"- {one}" for one in said), ""] if said else []
    for returned in [state.best, *state.others]:
        if returned is not None:
            title = "Result" if returned is state.best or returned == state.best else "Another result"
            whence = [f"Of {of_execution(state, returned)}.", ""] if state.execution > 1 else []
            lines += [f"## {title}", "", *whence, *_result(returned.value, loss_word(state, returned)), ""]
    if state.logs:
        lines += ["## Log", "", *(f"- {on_a_line(message)}" for _, message in state.logs), ""]
    return "\n".join(lines)


def _listed(state: RunState, coverage: Coverage) -> Iterator[tuple[str, list[str]]]:
    """Yield what there is to list above what was returned: a title, and what stands under it."""

    yield (
        "What was lost",
        [
            f"{on_a_line(lost['label'])}: "
            f"{lost['cause']}, {on_a_line(lost['message'])}; {on_a_line(lost['consequence'])}"
            for lost in _all_lost(state, coverage)
        ],
    )
    yield (
        "What has no answer yet",
        [
            f"{', '.join(on_a_line(agent.called.request.name) for agent in agents)}: {on_a_line(why)}"
            for why, agents in unanswered(state).items()
        ],
    )
    yield "Fan-outs", [on_a_line(place.text()) for place in coverage.fan_outs if place.missing]
    yield "What people were asked", [on_a_line(said) for said in asked(state)]
    yield "Lists that came back full", [on_a_line(full.text()) for full in coverage.full_lists]
    yield "What it was told meanwhile", [on_a_line(event.text) for _, event in state.steered]


def not_whole(state: RunState) -> list[str]:
    """Return a line for each kind of thing that was not understood whole, and each loop that was cut off."""
    return not_understood(state.understanding) + cut_off(state.loops.values())


def unanswered(state: RunState) -> dict[str, list[AgentState]]:
    """Return the agents that got no answer before the run ended, by what they had met or waited for last."""
    found: dict[str, list[AgentState]] = {}
    if state.outcome in ("running", "completed"):
        return found
    for agent in state.agents.values():
        if agent.waits is not None:
            found.setdefault(agent.waits.detail, []).append(agent)
    return found


def _return(returned: Return) -> dict[str, Any]:
    return {
        "execution": returned.execution,
        "outcome": returned.outcome,
        "health": returned.health,
        "agents": {"done": returned.done, "lost": returned.lost},
    }


def of_execution(state: RunState, returned: Return) -> str:
    """Say in which execution something was returned."""
    lost = f", {returned.lost} lost" if returned.lost else ""
    which = f"execution {returned.execution} of {state.execution}"
    return f"{which} ({returned.outcome}, {returned.health}: {returned.done} agents done{lost})"


def models_text(state: RunState) -> str:
    """Return how many agents each model has answered, in words."""
    return ", ".join(f"{plain(model)} ({count})" for model, count in state.models.items())


def loss_word(state: RunState, returned: Return) -> str | None:
    """Return what to call a value that is not there, where that may be because something was lost."""
    if not returned.lost:
        return None
    if returned.execution != state.execution:  # of which it is not known what was left out
        return "lost, or left out"
    dropped = any(fan_out.ended and fan_out.ended.dropped for fan_out in state.fan_outs.values())
    return "lost, or left out" if dropped else "lost"


def _result(value: Any, missing: str | None) -> list[str]:
    """Return a result: text as it is, for it may be Markdown, data as the same page as on a terminal."""
    return [as_markdown(value) if isinstance(value, str) else fenced(text(outline(value, missing=missing)))]


def _error(state: RunState) -> dict[str, Any] | None:
    problem = state.ended.problem if state.ended else None
    if problem is None:
        return None
    meaning, fix = remedy(state)
    return {
        "type": problem.type,
        "message": problem.message,
        "where": place(state),
        "line": problem.line,
        "trace": list(problem.trace),
        "meaning": meaning,
        "fix": fix,
    }


def place(state: RunState) -> str | None:
    """Return where in its file the harness went wrong, as `FILE:LINE`."""
    line = state.ended.problem.line if state.ended and state.ended.problem else None
    return f"{plain(_file(state))}:{line}" if line else None


def _file(state: RunState) -> str:
    return (state.started.file if state.started else "") or "harness.py"


def remedy(state: RunState) -> tuple[str, str]:
    """Return what it means that a run came to no result, and what to do."""
    assert state.ended is not None
    again = go_on(state)
    if state.ended.pause == "journal":
        return "what is in the journal is kept, and nothing more is spent", f"make room, then {again}"
    if state.ended.outcome == "paused":
        return "everything that was finished is kept in the journal, and nothing more is spent", again
    done = state.count("done")
    earlier = "what was finished before is kept" if state.execution > 1 else "no agent had finished"
    kept = f"what {done} agent{'s' * (done != 1)} did is kept" if done else earlier
    if state.ended.problem is not None and state.ended.problem.type == "internal":
        return f"this is a mistake in Weft, not in the harness; {kept}", f"report it, please; {again} tries again"
    if ending(state.ended) == "budget":
        return f"the run ended at its ceiling; {kept}", again
    script = plain(shlex.quote(_file(state)))
    then = f"{again} --script {script} asks no agent twice" if done or state.execution > 1 else "run it again"
    return f"the harness ended there; {kept}", f"mend {script}, then {then}"


LIMITS = {
    "budget": ("budget_usd", "budget_tokens"),
    "agents": ("max_agents",),
    "width": ("max_agents",),
}
"""The settings that end a run, and would end it again at once; a resume has a deadline of its own."""


def _own_limits(state: RunState) -> list[str]:
    """Return the units in which the harness itself sets the limit that may have ended the run."""
    names = LIMITS.get(ending(state.ended), ()) if state.ended else ()
    held = state.started.held if state.started else {}
    return [name for name in names if name in held and held[name].whose == "harness"]


def go_on(state: RunState) -> str:
    """Return the command that goes on with a run, with the option without which it would be paused again at once."""
    assert state.started is not None
    if _own_limits(state):
        script = plain(shlex.quote(_file(state)))
        return f"raise BUDGET in {script}, then weft resume {state.started.run} --script {script}"
    if state.ended is not None and state.ended.problem is not None and of_all_runs(state.ended.problem.message):
        return f"weft resume {state.started.run}"
    reason, budget = ending(state.ended) if state.ended else "", state.started.settings.budget_usd
    needed = {
        "budget": " --budget-tokens N" if budget is None else " --budget USD",
        "agents": " --max-agents N",
        "width": " --max-agents N",
        "decision": " --interrupted rerun",
    }
    return f"weft resume {state.started.run}{needed.get(reason, '')}"


ANSWERED_BY: dict[By, str] = {
    "tool": "a tool",
    "terminal": "at the terminal",
    "command": "by weft answer",
    "script": "by the script",
    "deadline": "the default, for nobody answered in time",
    "nobody": "the default, for nobody was there to be asked",
}
"""Who answered a question, in words."""


def asked(state: RunState) -> list[str]:
    """Return each question to people, and what came of it, as a line."""
    questions = [(call.question, call) for call in state.host_calls.questions]
    return [plain(f"{question.text}: {_answer(call, state)}") for question, call in questions if question is not None]


def _answer(call: HostCallState, state: RunState) -> str:
    if call.answered is not None:
        again = ", in an earlier execution" if call.answered.reused else ""
        return f"{call.answered.value} ({answered_by(call.answered)}{again})"
    if call.cancelled or state.outcome == "completed":
        return "not needed any more"
    run = state.started.run if state.started else "RUN"
    how = f"weft answer {run} {call.called.id} VALUE" if state.outcome == "running" else "a resume asks again"
    return f"no answer yet; {how}"


def answered_by(answered: HostAnswered) -> str:
    """Return who answered a question, in words."""
    return ANSWERED_BY[answered.by] + (f", {answered.who}" if answered.who else "")


def _question(call: HostCallState) -> dict[str, Any]:
    answered, question = call.answered, call.question
    assert question is not None
    return {
        "ask": call.called.id,
        "question": question.text,
        "choices": None if question.choices is None else list(question.choices),
        "default": question.default,
        "answer": answered.value if answered else None,
        "by": answered.by if answered else None,
        "who": answered.who if answered else "",
    }


def _coverage(state: RunState, coverage: Coverage) -> dict[str, Any]:
    agents = coverage.agents
    return {
        "agents": {
            "intended": agents.total(),
            **{fate: agents[fate] for fate in ("done", "lost", "cancelled", "cut")},
        },
        "host_calls": {
            "intended": coverage.host_calls.total(),
            **{fate: coverage.host_calls[fate] for fate in ("done", "lost", "cancelled", "cut")},
        },
        "fan_outs": [_fan_outs(place) for place in coverage.fan_outs],
        "full_lists": [{**asdict(full), "agents": [*full.agents]} for full in coverage.full_lists],
        "loops": [asdict(loops) for loops in state.loops.values()],
        "understood": [{**asdict(one), "hints": [*one.hints], "agents": [*one.agents]} for one in state.understanding],
    }


def _fan_outs(place: FanOuts) -> dict[str, Any]:
    return {
        "line": place.line,
        "kind": place.kind,
        "workflow": place.workflow,
        "times": place.times,
        "intended": place.fates.total(),
        **{fate: place.fates[fate] for fate in get_args(Fate)},
    }


def _all_lost(state: RunState, coverage: Coverage) -> list[dict[str, Any]]:
    agents = [_lost(agent, coverage.consequence(agent)) for agent in state.lost]
    calls = [_lost(call, coverage.consequence(call)) for call in state.host_calls.lost]
    return agents + calls + [_raised(branch, coverage.consequence_of_error(branch)) for branch in state.raised]


def _lost(agent: AgentState | HostCallState, consequence: str) -> dict[str, Any]:
    assert agent.lost is not None
    return {
        "agent": agent.called.id if isinstance(agent, AgentState) else None,
        "label": agent.called.request.name,
        "phase": agent.called.request.phase if isinstance(agent, AgentState) else agent.called.phase,
        "cause": agent.lost.cause,
        "message": agent.lost.message,
        "attempts": agent.lost.attempts,
        "spent": _spent(agent.lost.spent),
        "partial": agent.lost.partial,
        "consequence": consequence,
    }


def _raised(branch: BranchRaised, consequence: str) -> dict[str, Any]:
    """Return a branch that the harness itself broke: no agent was lost, but its result is missing all the same."""
    return {
        "agent": None,
        "label": f"branch {branch.index} at {branch.path or 'main'}, line {branch.line}",
        "phase": None,
        "cause": "raised",
        "message": branch.message,
        "attempts": 1,
        "spent": _spent(Spent()),
        "partial": None,
        "consequence": consequence,
    }


def _spent(spent: Spent) -> dict[str, Any]:
    return spent.as_data() | {"usd": round(spent.usd, 6)}
