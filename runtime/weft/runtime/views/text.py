"""Runs as pages for people. Text of agents is shown with its control characters made visible."""

from __future__ import annotations

from typing import Any

from weft.primitives.lost import Spent
from weft.runtime.execution.result import (
    asked,
    go_on,
    loss_word,
    models_text,
    not_whole,
    of_execution,
    place,
    remedy,
    unanswered,
)
from weft.runtime.held import whose_text
from weft.runtime.journal.agentstate import AgentState, Phase, Standing
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.coverage import Coverage, coverage_of
from weft.runtime.journal.events import AgentAsksAgain, AgentFinished, AgentWaits, Problem
from weft.runtime.journal.fold import RunState
from weft.runtime.journal.hoststate import HostCallState
from weft.runtime.journal.returned import Return
from weft.runtime.journal.understanding import added_up
from weft.runtime.outline import outline
from weft.runtime.page import Block, Folded, Line, Role, Span, Table, line, marked, named
from weft.runtime.plain import on_one_line, plain
from weft.runtime.request import AgentRequest
from weft.runtime.views.estimate import left
from weft.runtime.views.hosted import facts_rows, tools_rows
from weft.runtime.views.names import Names
from weft.runtime.views.transcript import touched_rows
from weft.runtime.views.unknown import unknown_costs
from weft.runtime.worktrees.recorded import all_patches

__all__ = [
    "MARKS",
    "agent_page",
    "duration",
    "left_text",
    "outcome_span",
    "phase_name",
    "result_page",
    "run_page",
    "runs_page",
    "waits_span",
    "waits_text",
]

MARKS: dict[Standing, Span] = {
    "queued": ("·", "dim"),
    "running": ("●", "plain"),
    "waiting": ("◌", "warning"),
    "done": ("✓", "ok"),
    "lost": ("✗", "lost"),
    "cancelled": ("-", "dim"),
}
"""What stands before an agent, by how it stands."""

RESULT_LINES = 100
"""How many lines of a result are shown on a terminal."""

UNANSWERED = 5
"""How many things are shown that kept agents from an answer."""

SAID = 8
"""How many lines that a harness logged stand under its result; `weft show` has all."""


def result_page(state: RunState, folder: str) -> list[Block]:
    """Return how a run ended, its result, and what was lost."""
    started = state.started
    assert started is not None
    spent = f"${state.spent.usd:.4f}, {_tokens(state.spent)}" if state.spent.tokens else "nothing spent"
    counted = _counted(state, f"    {duration(state.wall_s)}    {spent}")
    page: list[Block] = [line(outcome_span(state), f"    {started.name} {started.run}")]
    page += [*_not_whole(state), counted, *unknown_costs(state)]
    if len(state.models) > 1:
        page.append(line(f"answered by {models_text(state)}", hang=2))
    page += _ending(state, folder, whole=False)
    logs = state.logs[-SAID:]
    if logs:
        page += ["", *(named("log", plain(message)) for _, message in logs)]
    if len(logs) < len(state.logs):
        page.append(named("", (f"… and {len(state.logs) - len(logs)} before: weft show {started.run}", "dim")))
    page += ["", named("data", f"{folder}/result.json"), named("look", f"weft show {started.run}")]
    changed = len(all_patches(state))
    if changed:
        by = "an agent" if changed == 1 else f"{changed} agents"
        page.append(named("merge", f"weft merge {started.run} --check: what {by} changed in worktrees"))
    return page


def outcome_span(state: RunState) -> Span:
    """Return how a run stands, in words and by its meaning."""
    shade = _shade(state)
    words = f"{state.outcome}, {shade}" if shade else state.outcome
    return (words, _role(state))


def _role(state: RunState) -> Role:
    match state.outcome:
        case "completed":
            return "ok" if state.health == "clean" else "warning"
        case "paused":
            return "warning"
        case "running":
            return "warning" if state.suspended or state.host_calls.unanswered else "strong"
    return "lost"


def _shade(state: RunState) -> str:
    """Return what else there is to say of an outcome."""
    if state.outcome == "completed":
        return state.health
    if state.outcome != "running" and state.kept is not None:
        return f"result of execution {state.kept.execution} kept"
    if state.outcome == "running" and state.suspended:
        return "paused"
    return "waits for an answer" if state.outcome == "running" and state.host_calls.unanswered else ""


def _not_whole(state: RunState) -> list[Block]:
    return [line((plain(text), "warning"), hang=2) for text in not_whole(state)]


def _counted(state: RunState, more: str = "") -> Line:
    called = len(state.agents)
    lost = len(state.lost)
    others = {
        "cancelled": state.count("cancelled"),
        "unanswered": state.count("running", "waiting"),
        "not started": state.count("queued"),
    }
    rest = "".join(f", {number} {word}" for word, number in others.items() if number)
    done = f"{called} agent{'s' * (called != 1)}: {state.count('done')} done, "
    return line(done, (f"{lost} lost", "lost" if lost else "plain"), rest + more)


def _ending(state: RunState, folder: str, *, whole: bool) -> list[Block]:
    """Return what went wrong, the result, and what was lost; `whole`, if also what else was returned before."""
    page: list[Block] = []
    ended, coverage = state.ended, coverage_of(state)
    if ended and ended.problem:
        page += ["", *_problem(state)]
    page += _results(state, folder, whole=whole)
    if state.lost or state.host_calls.lost or state.raised:
        page += ["", line(("lost:", "lost")), _lost(state, coverage)]
    if state.host_calls.questions:
        page += ["", line(("asked:", "dim")), *(line(f"  {said}", hang=4) for said in asked(state))]
    if without := unanswered(state):
        page += ["", line(("no answer yet:", "warning")), _unanswered(without, Names(state))]
    missing = [place for place in coverage.fan_outs if place.missing]
    if missing and state.outcome != "running":
        page += ["", line(("fan-outs:", "dim")), *(line(f"  {plain(place.text())}") for place in missing)]
    if coverage.full_lists and state.outcome != "running":
        full = [line(f"  {plain(one.text())}") for one in coverage.full_lists]
        page += ["", line(("full lists, of which there may be more:", "dim")), *full]
    if state.outcome in ("paused", "killed") and state.started:
        page += ["", named("go on", go_on(state))]
    return page


def _results(state: RunState, folder: str, *, whole: bool) -> list[Block]:
    """Return the best that the harness has returned, and what it did besides, and of when each is."""
    best = state.best
    if best is None:
        return []
    head: list[Block] = []
    if state.execution > 1:
        head = [line(("result of ", "dim"), of_execution(state, best), hang=2)]
    elif best.outcome != "completed":
        head = ["what it returned:"]
    page = ["", *head, _result(state, best, folder)]
    for other in state.others:
        whence = line(("another result, of ", "dim"), of_execution(state, other), hang=2)
        page += ["", whence, *([_result(state, other, folder)] if whole else [])]
    return page


def _result(state: RunState, returned: Return, folder: str) -> Block:
    blocks = outline(returned.value, missing=loss_word(state, returned)) or ["(an empty result)"]
    return Folded(tuple(blocks), RESULT_LINES, f"{folder}/result.md")


def _lost(state: RunState, coverage: Coverage) -> Table:
    """Return what was lost, why, and what that means."""
    names = Names(state)
    rows: list[tuple[Line, ...]] = []
    for agent in state.lost:
        rows += _loss(names.of(agent), _why(agent), coverage.consequence(agent))
    for call in state.host_calls.lost:
        rows += _loss(plain(call.called.request.name), _why(call), coverage.consequence(call))
    for branch in state.raised:
        where = f"branch {branch.index}, line {branch.line}"
        rows += _loss(where, ((plain(branch.message), "plain"),), coverage.consequence_of_error(branch))
    return Table(tuple(rows), indent=2, names=frozenset({0}))


def _loss(name: str, why: tuple[Span, ...], meant: str) -> list[tuple[Line, ...]]:
    return [(line(name), line(*why)), (line(), line((plain(meant), "dim")))]


def _unanswered(without: dict[str, list[AgentState]], names: Names) -> Table:
    """Return what agents met last that got no answer; those that met the same stand in one row."""
    rows = []
    for why, agents in [*without.items()][:UNANSWERED]:
        more = f" and {len(agents) - 1} more" if len(agents) > 1 else ""
        rows.append((line(f"{names.of(agents[0])}{more}"), line(plain(why))))
    if len(without) > UNANSWERED:
        rows.append((line("others"), line((f"{len(without) - UNANSWERED} more kinds of trouble", "dim"))))
    return Table(tuple(rows), indent=2, names=frozenset({0}))


def _problem(state: RunState) -> list[Block]:
    assert state.ended is not None and state.ended.problem is not None
    problem = state.ended.problem
    paused = state.ended.outcome == "paused"
    head: Span = (f"paused ({problem.type}): ", "warning") if paused else (f"{problem.type}: ", "lost")
    where = f"{place(state)}: " if problem.line else ""
    page: list[Block] = [line(head, f"{where}{plain(problem.message)}", hang=2)]
    page += [line((f"  {number} | ", "dim"), plain(text)) for number, text in _numbered(problem)]
    page += [line((f"  {plain(step)}", "dim")) for step in problem.trace]
    meaning, fix = remedy(state)
    return [*page, named("  means", meaning, width=10), *([] if paused else [named("  fix", fix, width=10)])]


def _numbered(problem: Problem) -> list[tuple[str, str]]:
    """Return the lines of code with their numbers; the last is the one that is meant."""
    last = problem.line or 0
    width = len(str(last))
    numbers = range(last - len(problem.code) + 1, last + 1)
    return [(f"{number:>{width}}", text.expandtabs(4)) for number, text in zip(numbers, problem.code, strict=True)]


def _why(agent: AgentState | HostCallState) -> tuple[Span, Span]:
    assert agent.lost is not None
    tries = f" after {agent.lost.attempts} attempts" if agent.lost.attempts > 1 else ""
    return ((f"{agent.lost.cause}{tries}: ", "lost"), (plain(agent.lost.message), "plain"))


# ------------------------------------------------------------------------------------------------ a whole run


def run_page(state: RunState, folder: str) -> list[Block]:
    """Return a run as a tree, phases and the agents of each, then how it ended. `folder` is where its files are."""
    started = state.started
    assert started is not None
    page: list[Block] = [
        line((started.run, "strong"), f"  {started.name}  ", outcome_span(state), f"  {duration(state.wall_s)}"),
        *_not_whole(state),
        _counted(state),
        *unknown_costs(state),
    ]
    if started.task:
        page.append(plain(started.task.splitlines()[0]))
    if state.walls is not None:
        page.append(line((f"sandbox: {', '.join(state.walls)}", "dim"), hang=9))
    page += [line((f"limit: {text}", "dim"), hang=7) for text in whose_text(started.held)]
    if started.base is not None:
        at = f"{started.base.commit[:12]} of {started.base.repository}"
        page.append(line((plain(f"worktrees begin with {at}"), "dim"), hang=2))
    rest = left_text(state, state.at) if state.outcome == "running" else ""
    page += [f"left: {rest}", ""] if rest else [""]
    by_phase: dict[Phase, list[AgentState]] = {phase: [] for phase in state.phases}
    for agent in state.agents.values():
        by_phase[agent.phase].append(agent)
    for phase, agents in by_phase.items():
        if agents:
            done = sum(agent.standing == "done" for agent in agents)
            inside = 2 * len(phase.within)
            page.append(line(" " * inside, (phase_name(phase), "strong"), f"  {done}/{len(agents)}"))
            page.append(_agents(agents, inside + 2, state.at))
    page += tools_rows(state)
    page += facts_rows(state)
    page += [named("log", plain(message)) for _, message in state.logs]
    page += [line((f"steered at {duration(at)}  ", "dim"), plain(event.text), hang=2) for at, event in state.steered]
    for data in state.findings:
        page += marked("finding ", outline(data, sections=False))
    return page + _ending(state, folder, whole=True)


def phase_name(phase: Phase) -> str:
    """Return what a phase is called; that of a saved harness after the harness."""
    return (
        " › ".join(map(on_one_line, [*phase.within, *([] if phase.title is None else [phase.title])])) or "(no phase)"
    )


def _agents(agents: list[AgentState], indent: int, now: float) -> Table:
    rows = []
    for agent in agents:
        took = duration(agent.ended_at - agent.started_at) if agent.ended_at and agent.started_at is not None else ""
        cost = f"${agent.spent.usd:.4f}" if agent.spent.usd else ""
        name, why = plain(agent.called.request.name), _why(agent) if agent.lost else (waits_span(agent, now),)
        above = askers(agent.called.path)
        shown = line(name, (f" (asked by {above[-1]})", "dim")) if above else line(name)
        rows.append(
            (line(MARKS[agent.standing]), line(str(agent.called.id)), shown, line(took), line(cost), line(*why))
        )
    return Table(tuple(rows), indent=indent, right=frozenset({1, 3, 4}), names=frozenset({2}))


def agent_page(agent: AgentState) -> list[Block]:
    """Return all that is known of one agent."""
    called = agent.called
    request = called.request
    mark: Span = (agent.standing, MARKS[agent.standing][1])
    page: list[Block] = [
        line(f"agent {called.id}  ", (plain(request.name), "strong"), "  ", mark),
        line((f"line {called.line}, call path {called.path or 'main'}, key {called.key[:12]}", "dim")),
        f"model {agent.model}   phase {phase_name(agent.phase)}   tools {', '.join(request.tools) or 'none'}",
        *_models(agent),
        *_profile(request),
        *_section("prompt:", request.prompt),
    ]
    if request.context is not None:
        page += _section("context:", request.context)
    if agent.finished is not None:
        page += [*_section("result:", agent.finished.value), *_details(agent.finished), *_on_record(agent)]
    if agent.lost is not None:
        page += ["", line(("lost: ", "lost"), *_why(agent), hang=6)]
        page += _section("what there was of an answer:", agent.lost.partial) if agent.lost.partial else []
        page += _on_record(agent)
    return page


def _models(agent: AgentState) -> list[Block]:
    """Return what each model has cost, where several were asked."""
    costs = {model: f"${cost.usd:.4f}, {cost.tokens:,} tokens" for model, cost in agent.costs.items()}
    return (
        [f"of its cost: {plain('; '.join(f'{model} {cost}' for model, cost in costs.items()))}"]
        if len(costs) > 1
        else []
    )


def _profile(request: AgentRequest) -> list[Block]:
    """Return by which profile an agent goes, and what that tells it."""
    if request.profile is None:
        return []
    chosen = f", of which {request.role.name} goes" if request.role and request.role.name != request.profile else ""
    told = [] if request.instructions is None else _section("its profile says:", request.instructions)
    return [line(plain(f"profile {request.profile}{chosen}")), *told]


def _section(title: str, value: Any) -> list[Block]:
    return ["", line((title, "strong")), *(plain(value).split("\n") if isinstance(value, str) else outline(value))]


def _tokens(spent: Spent) -> str:
    """Return how many tokens were used, and how many of them a provider had kept or has, or a model has thought."""
    kinds = {
        "read from cache": spent.cache_read_tokens,
        "written to it": spent.cache_write_tokens,
        "thought": spent.reasoning_tokens,
    }
    kept = ", ".join(f"{tokens:,} {what}" for what, tokens in kinds.items() if tokens)
    return f"{spent.tokens:,} tokens{f' ({kept})' if kept else ''}"


def _details(finished: AgentFinished) -> list[Block]:
    spent = finished.spent
    tries = f"{finished.attempts} attempt{'s' * (finished.attempts != 1)}"
    page: list[Block] = ["", f"{tries}, {_tokens(spent)}, ${spent.usd:.4f}"]
    if finished.understood is not None:
        page.append(line(plain(added_up([finished.understood], [])[0].text()), hang=2))
    return page


def _on_record(agent: AgentState) -> list[Block]:
    """Return what an agent has touched, and whether there is more."""
    page: list[Block] = []
    if agent.touched:
        page += ["", line(("opened, asked and done:", "strong")), *touched_rows(agent.touched)]
    if agent.transcript:
        page += ["", line((f"a transcript of {len(agent.transcript)} parts: --transcript shows it", "dim"))]
    return page


# ------------------------------------------------------------------------------------------------ many runs


def runs_page(states: list[RunState]) -> list[Block]:
    """Return runs as a table."""
    rows = []
    for state in states:
        started = state.started
        assert started is not None
        rows.append(
            (
                line(started.run),
                line(outcome_span(state)),
                line(f"{state.count('done')}/{len(state.agents)}"),
                line(duration(state.wall_s)),
                line(f"${state.spent.usd:.4f}" if state.spent.usd else ""),
                line(plain(started.name)),
            )
        )
    head = ("run", "outcome", "agents", "time", "cost", "harness")
    return [Table(tuple(rows), head, right=frozenset({2, 3, 4}), names=frozenset({5}))]


def left_text(state: RunState, now: float) -> str:
    """Return what is left at this time, as far as anything is known of it."""
    rest = left(state, now)
    if rest is None:
        return ""
    cost = f" and ${rest.usd:.4f}" if rest.usd else ""
    agents = f"{rest.agents} agent{'s' * (rest.agents != 1)}"
    time = f"about {duration(rest.seconds)}" if rest.seconds else "longer than others took"
    return f"{time}{cost}, for the {agents} called so far"


def waits_span(agent: AgentState, now: float) -> Span:
    """Return what an agent at work waits for at this time, or why its model is asked again; else nothing."""
    if agent.waits is None or agent.standing not in ("running", "waiting"):
        return ("", "plain")
    return (waits_text(agent.waits, now - agent.waits_at), "warning")


def waits_text(waits: AgentWaits | AgentAsksAgain, passed: float = 0.0) -> str:
    """Return what an agent waits for, as in `waits: rate limit of anthropic, 12.0 s`, or why it asks again.

    Args:
        waits: What was said of it.
        passed: Seconds since then.
    """
    if isinstance(waits, AgentAsksAgain):
        left = waits.seconds - passed
        return f"{plain(waits.detail)}; asked again{f' in {duration(left)}' if left > 0 else ''}"
    how_long = f", {duration(waits.seconds)}" if waits.seconds is not None else ""
    return f"waits: {plain(waits.detail)}{how_long}"


def duration(seconds: float) -> str:
    """Return seconds as `0.4 s`, `3:54` or `2:03:10`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
