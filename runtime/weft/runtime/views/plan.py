"""Plans, for people and as JSON data."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from weft.linter import Finding, render
from weft.runtime.authoring.plan import Plan
from weft.runtime.forecasting.forecast import Forecast
from weft.runtime.granted import COMMANDS_CONNECT, COMMANDS_WRITE, read_grant
from weft.runtime.held import whose_text
from weft.runtime.journal.events import AgentCalled
from weft.runtime.page import GAP, Block, Folded, Line, Span, Table, line, named
from weft.runtime.plain import on_one_line, plain
from weft.runtime.project.approvals import shown_digest
from weft.runtime.rehearsal.playing import Played
from weft.runtime.scheduling.widths import IN_ALL
from weft.runtime.settings import COMMAND, OFFLINE, is_local
from weft.runtime.views.findings import findings_page
from weft.runtime.views.forecast import (
    amounts_text,
    basis_text,
    forecast_object,
    savings_text,
    span_text,
    usd_text,
)
from weft.runtime.views.rehearsal import rehearsal_object, rehearsal_page
from weft.runtime.views.spending import standing_object

__all__ = ["folded_source", "plan_object", "plan_page", "source_page", "widths_text"]

SHOWN = 12
"""How many lines of a harness are shown before one is asked whether to run it."""

PHASES, FINDINGS, REHEARSED, SAVINGS = 5, 3, 3, 2
"""How many lines of each are shown on a terminal."""

MERGED = "nothing here changes before weft merge applies what they have changed"

LONGEST = 40
"""Letters of how the bound is counted that are shown."""

NAMED = 5
"""How many saved harnesses are named."""

NAMES = 10
"""Columns of the names of what is told."""


def plan_page(plan: Plan, width: int | None = None) -> list[Block]:
    """Return what a person needs to decide: phases, findings, bound, rehearsal, forecast, permissions.

    On a terminal of 80 columns and 24 lines it is one screen for most harnesses: what is long is folded, and code cut
    to so many columns, if they are given.
    """
    where = os.path.relpath(plan.path) if plan.path else plan.harness.filename
    folders = ", ".join(str(folder) for folder in plan.settings.folders) or "nothing"
    approved = f"   {shown_digest(plan.terms.digest)}" if plan.terms else ""
    return [
        _row("harness", plain(where), (approved, "dim")),
        *_phases(plan),
        *_profiles(plan),
        *_found(plan, width),
        *_bound(plan, told=width is not None and bool(plan.report.warnings)),
        *_rehearsed(plan),
        *_forecast(plan),
        *_too_little(plan),
        *(_row("limit", text) for text in whose_text(plan.held)),
        *_may(plan, folders),
        *_starts(plan),
        *_calls(plan),
        *_worktrees(plan),
    ]


def _worktrees(plan: Plan) -> list[Block]:
    """Return from which commit agents have worktrees of their own, where they have."""
    if plan.worktrees is None:
        return []
    base = plan.worktrees.base
    if base is None:
        return [_row("worktrees", ("cannot be made as things are", "lost"), f": {plain(plan.worktrees.why_not)}")]
    one = base.left_out == 1
    beside = f"; {base.left_out} file{'s' * (not one)} changed or new here {'is' if one else 'are'} not in it"
    text = f"agents change files in worktrees of their own, from {base.commit[:12]} of {plain(base.repository)}"
    return [_row("worktrees", text, (beside if base.left_out else "", "warning")), _row("", MERGED)]


def _may(plan: Plan, folders: str) -> list[Block]:
    """Return what agents may do: read, and what a person has granted."""
    may: list[Block]
    if plan.settings.command is not None:
        may = [_row("may", "do whatever the program may that answers agents; it is not contained")]
    elif not plan.settings.allow:
        may = [_row("may", f"read {folders}; it may not write files, run commands or use the network")]
    else:
        granted = [_row("", plain(grant)) for grant in plan.settings.allow]
        may = [_row("may", f"read {folders}, and"), *granted, *_commands(plan.settings.allow)]
    return [*may, *_wanted(plan)]


def _wanted(plan: Plan) -> list[Block]:
    """Return what it wants and cannot have: what nobody has granted, without which no run is started, and what is not
    there."""
    options = " ".join(f"--allow {shlex.quote(plain(name))}" for name in plan.wants.grants)
    wants = [_row("wants", (f"what nobody has allowed yet: {options}", "warning"))] if options else []
    wants += [_row("", plain(on_one_line(f"{name}: {shown}"))) for name, shown in plan.wants.sources.items()]
    rows = [
        _row("" if number else "lacks", (plain(on_one_line(f"{one.where}: {one.what}")), "warning"))
        for number, one in enumerate(plan.wants.missing)
    ]
    return [*wants, *([Folded(tuple(rows), FINDINGS, "--json has them")] if rows else [])]


def _commands(allow: tuple[str, ...]) -> list[Block]:
    """Return what commands reach, where some are granted."""
    grants = [read_grant(text) for text in allow]
    if not any(grant.names("run_command") for grant in grants):
        return []
    everything = any(grant.tool == COMMANDS_WRITE and grant.pattern is None for grant in grants)
    network = any(grant.tool == COMMANDS_CONNECT for grant in grants)
    files = "every file" if everything else "no files but those of the folder, of hidden ones those in git"
    reach = f"{files}, {'the' if network else 'no'} network"
    return [_row("", (f"commands reach {reach}, and what is named here", "dim"))]


def _starts(plan: Plan) -> list[Block]:
    """Return what is started, asked or imported for the tools that the project adds."""
    rows = [f"{source.name}: {source.shown}" for source in plan.sources]
    started = [_row("" if number else "starts", plain(on_one_line(text))) for number, text in enumerate(rows)]
    added = any(not source.name.startswith(COMMAND) for source in plan.sources)
    return [*started, _row("", ("not contained: these may do whatever you may", "dim"))] if added else [*started]


def _calls(plan: Plan) -> list[Block]:
    """Return which saved harnesses it calls, or may call where their names show only as it runs."""
    names = sorted(name for name in plan.terms.sources if name) if plan.terms is not None else []
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return [_row("may call", f"{', '.join(names[:NAMED])}{more}")] if names else []


def _phases(plan: Plan) -> list[Block]:
    """Return each phase with how wide it was in rehearsal, who is asked, and what they may use."""
    if plan.forecast is None or plan.rehearsal is None or not plan.forecast.phases:
        return []
    tools = _tools(plan)
    program = plan.settings.command
    rows = [
        (
            line(plain(phase.phase) if phase.phase else "(no phase)"),
            line(span_text(phase.agents)),
            line(program or ", ".join(model.rpartition(":")[2] for model in phase.models)),
            line("tools of its own" if program else ", ".join(tools.get(phase.phase, ())) or "nothing"),
        )
        for phase in plan.forecast.phases
    ]
    head = ("phase", "agents", "model", "may use")
    return [Folded((Table(tuple(rows), head, names=frozenset({0, 2})),), PHASES, "--json has them")]


def _tools(plan: Plan) -> dict[str | None, list[str]]:
    """Return what the agents of each phase could use in rehearsal."""
    tools: dict[str | None, set[str]] = {}
    for played in _usual(plan):
        for event in played.events:
            if isinstance(event, AgentCalled):
                tools.setdefault(event.request.phase, set()).update(event.request.tools)
    return {phase: sorted(names) for phase, names in tools.items()}


def _profiles(plan: Plan) -> list[Block]:
    """Return by which profiles agents went in rehearsal, and on which models; of a pool, which were chosen."""
    asked = [event.request for played in _usual(plan) for event in played.events if isinstance(event, AgentCalled)]
    said: dict[str, dict[str, None]] = {}
    for request in asked:
        if request.profile is not None:
            name = request.group[1]
            chosen = "" if name in (request.profile, request.model) else f"{name} on "
            said.setdefault(request.profile, {})[f"{chosen}{request.model.rpartition(':')[2]}"] = None
    rows = [
        _row("" if place else "profiles", plain(f"{name}: {', '.join(models)}"))
        for place, (name, models) in enumerate(said.items())
    ]
    return [Folded(tuple(rows), PHASES, "--json has them")] if rows else []


def _usual(plan: Plan) -> Sequence[Played]:
    return () if plan.rehearsal is None else plan.rehearsal.usual


def _row(name: str, *said: str | Span) -> Line:
    return named(name, *said, width=NAMES)


def source_page(source: str, most: int | None = None) -> list[Block]:
    """Return a harness, or its first lines, with line numbers; what a terminal might obey in it is made visible."""
    lines = source.splitlines()[:most]
    return [named(f"{number:>4}", plain(code), width=6) for number, code in enumerate(lines, start=1)]


def folded_source(source: str, path: Path) -> list[Block]:
    """Return the first lines of a harness, and where the others are: also in a pipe, where the plan is what counts."""
    lines = len(source.splitlines())
    if lines <= SHOWN + 2:
        return source_page(source)
    return [*source_page(source, SHOWN), line((f"   …  {lines - SHOWN} more lines: {os.path.relpath(path)}", "dim"))]


def _found(plan: Plan, width: int | None) -> list[Block]:
    """Return what the linter found: on a terminal in a line each."""
    if all(finding.severity == "info" for finding in plan.report.findings):
        return [_row("lint", ("clean", "ok"))]
    if width is not None:
        rows = [
            _row("", (one.severity, "lost" if one.severity == "error" else "warning"), f" {_said(one)}")
            for one in plan.report.findings
            if one.severity != "info"
        ]
        return [
            _row("lint", f"errors: {len(plan.report.errors)}, warnings: {len(plan.report.warnings)}"),
            Folded(tuple(rows), FINDINGS, f"weft check {plan.harness.filename}"),
        ]
    page = findings_page(plan.harness.filename, plan.harness.source, plan.report, width)
    return ["", *page, ""]


def _said(finding: Finding) -> str:
    return f"line {finding.line} {finding.code}: {plain(finding.message)}"


def _bound(plan: Plan, *, told: bool = False) -> list[Block]:
    """Return the most and the least that a run starts; without a most, why, and how to get one if nothing told it."""
    bound, proved = plan.bound, plan.report.bound
    least = f", at least {proved.agents_min}" if proved.agents_min not in (0, bound) else ""
    backstop = plan.settings.max_agents
    if isinstance(bound, int):
        over = "" if bound <= backstop else "; the run would be paused there"
        why = "" if proved.expr == str(bound) or len(proved.expr) > LONGEST else f" ({proved.expr})"
        agents = f"{bound} agent{'s' * (bound != 1)}"
        return [_row("bound", f"at most {agents}{why}{least}; backstop {backstop}", (over, "warning"))]
    if not proved.reasons:
        return [_row("bound", f"at most {proved.expr} agents{least}; backstop {backstop}")]
    head = f"no most can be proved: at least {proved.agents_min}, and the backstop of {backstop} decides"
    return [
        _row("bound", head),
        *(_row("", f"line {one.line}: {one.why}; {one.fix}") for one in proved.reasons[: 0 if told else 3]),
        *_widths(plan),
    ]


def _widths(plan: Plan) -> list[Block]:
    """Return how wide a run may become before somebody is asked, where no bound says it."""
    if plan.terms is None or plan.terms.agents is not None:
        return []
    return [_row("wide", widths_text(plan.terms.widths))]


def widths_text(widths: Mapping[str, int]) -> str:
    """Return how wide a run may become before somebody is asked."""
    most = widths.get(IN_ALL, 0)
    wide = "".join(f", {width} at once at line {plain(place)}" for place, width in widths.items() if place != IN_ALL)
    return f"{most:,} agent{'s' * (most != 1)} as in rehearsal{wide}; the run asks before it goes beyond"


def _rehearsed(plan: Plan) -> list[Block]:
    if plan.rehearsal is None:
        return [_row("rehearsed", "not, because of the errors above")]
    first, *more = rehearsal_page(plan.rehearsal)
    folded: list[Block] = [Folded(tuple(more), REHEARSED, "weft rehearse has all")] if more else []
    return [first, *folded]


def _forecast(plan: Plan) -> list[Block]:
    """Return what it is expected to take, and what it has taken already to write it."""
    if plan.forecast is None:
        return [] if plan.rehearsal is None else [_row("cost", "unknown: no rehearsal came to its end")]
    paid = plan.written is not None and plan.written.tokens
    written = [_row("written", f"for ${plan.written.usd:.4f}, which counts too")] if plan.written and paid else []
    if plan.settings.stub is not None:
        return [_row("cost", f"nothing: agents are answered by {plan.settings.stub}"), *written]
    if plan.settings.command is not None:
        cost = f"unknown: {plan.settings.command} answers agents, and says afterwards what that has cost"
        return [_row("cost", cost), *written]
    basis = _row("", (basis_text(plan.forecast), "dim"))
    savings = [_row("cheaper", plain(said)) for said in savings_text(plan.savings)]
    cheaper = Folded(tuple(savings), SAVINGS, "--json has them")
    takes: list[Block] = [_takes(plan.forecast), basis, cheaper] if plan.forecast.tokens.worst else []
    left = [] if plan.free else [_row("left", plain(ceiling.words)) for ceiling in plan.ceilings]
    return [_cost(plan, plan.forecast), *left, *takes, *written]


def _too_little(plan: Plan) -> list[Block]:
    """Say that the budget does not hold the first request."""
    if plan.opening is None or not plan.too_little:
        return []
    need = plan.opening
    usd = "" if need.usd is None else f"${need.usd:.4f}, "
    said = f"the budget is less than what the first request may cost ({usd}{need.input + need.output:,.0f} tokens)"
    return [_row("", (said, "warning"), ": nothing would be asked; raise it, or lower max_tokens of the agent")]


def _takes(forecast: Forecast) -> Table:
    """Return what is expected, what it is less than nine times of ten, and the worst, of each amount."""
    rows = tuple(
        (line((f"{name:<{NAMES - GAP}}", "dim"), hang=0), *map(line, texts)) for name, *texts in amounts_text(forecast)
    )
    return Table(rows, (f"{'takes':<{NAMES - GAP}}", "expected", "p90", "worst"), right=frozenset({1, 2, 3}))


def _cost(plan: Plan, forecast: Forecast) -> Block:
    if plan.free:
        model = plan.settings.model
        here = model == OFFLINE or is_local(model)
        return _row(
            "cost", f"nothing: {model} {'runs on this machine' if here else 'is free, by the prices there are'}"
        )
    if forecast.usd is None:
        return _row("cost", f"unknown: model {plan.settings.model} has no list price")
    ceiling = plan.settings.ceiling
    limits = [f"${ceiling.usd:.2f}"] if ceiling.usd is not None else []
    limits += [f"{ceiling.tokens:,} tokens"] if ceiling.tokens is not None else []
    held = f"; never more than {' or '.join(limits)}" if limits else "; no ceiling is set"
    return _row("cost", f"{usd_text(forecast.usd)}{held}")


def _worktrees_object(plan: Plan) -> dict[str, Any] | None:
    if plan.worktrees is None:
        return None
    base = plan.worktrees.base
    return {"problem": plan.worktrees.why_not} if base is None else {"problem": None, **asdict(base)}


def plan_object(plan: Plan) -> dict[str, Any]:
    """Return a plan."""
    rehearsal, forecast, terms = plan.rehearsal, plan.forecast, plan.terms
    return {
        "path": str(plan.path) if plan.path else plan.harness.filename,
        "digest": None if terms is None else f"sha256:{terms.digest}",
        "source": plan.harness.source,
        "source_digest": plan.harness.digest,
        "args": plan.args,
        "lint": json.loads(render(plan.report, plan.harness.source, plan.harness.filename, "json")),
        "bound": plan.bound,
        "rehearsal": None if rehearsal is None else rehearsal_object(rehearsal),
        "forecast": None if forecast is None else forecast_object(forecast, plan.savings, plan.written),
        "too_little": plan.too_little,
        "phases": [{"phase": phase, "tools": tools} for phase, tools in _tools(plan).items()],
        "budget": {"usd": plan.settings.budget_usd, "tokens": plan.settings.budget_tokens},
        "hold": {name: asdict(share) for name, share in plan.settings.hold.items()},
        "free": plan.free,
        "ceilings": [standing_object(ceiling) for ceiling in plan.ceilings],
        "permissions": None
        if terms is None
        else {
            **asdict(terms.permissions),
            "calls": sorted(name for name in terms.sources if name),
            "agents_at_most": terms.agents,
            "agents_rehearsed": terms.widths.get(IN_ALL),
            "widths": {place: width for place, width in terms.widths.items() if place != IN_ALL},
        },
        "wants": {"tools": list(plan.wants.grants), "missing": [one._asdict() for one in plan.wants.missing]},
        "never_reached": [] if rehearsal is None else [asdict(one) for one in rehearsal.never_reached],
        "worktrees": _worktrees_object(plan),
        "reads": [str(folder) for folder in plan.settings.folders],
        "model": plan.settings.model,
        "held": {name: asdict(both) | {"whose": both.whose} for name, both in plan.held.items()},
    }
