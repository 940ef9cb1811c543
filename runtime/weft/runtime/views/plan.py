"""Plans, for people and as JSON data."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from weft.linter import render
from weft.runtime.authoring.plan import Plan
from weft.runtime.forecasting.forecast import Forecast
from weft.runtime.held import whose_text
from weft.runtime.page import Block, Line, Span, line, named
from weft.runtime.plain import plain
from weft.runtime.views.findings import findings_page
from weft.runtime.views.forecast import (
    basis_text,
    forecast_object,
    minutes_text,
    savings_text,
    tokens_text,
    usd_text,
)
from weft.runtime.views.rehearsal import rehearsal_object, rehearsal_page

__all__ = ["folded_source", "plan_object", "plan_page", "source_page"]

SHOWN = 12
"""How many lines of a harness are shown before one is asked whether to run it."""

NAMES = 10
"""Columns of the names of what is told."""


def plan_page(plan: Plan, width: int | None = None) -> list[Block]:
    """Return what a person needs to decide: findings, bound, rehearsal, forecast, permissions.

    Code is cut to a terminal of so many columns, if they are given.
    """
    where = os.path.relpath(plan.path) if plan.path else plan.harness.filename
    folders = ", ".join(str(folder) for folder in plan.settings.folders) or "nothing"
    return [
        _row("harness", plain(where), (f"   sha256:{plan.harness.digest[:12]}", "dim")),
        *_found(plan, width),
        *_bound(plan),
        *_rehearsed(plan),
        *_forecast(plan),
        *(_row("limit", text) for text in whose_text(plan.held)),
        _row("may", f"read {folders}; it may not write files, run commands or use the network"),
    ]


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
    """Return what the linter found."""
    if all(finding.severity == "info" for finding in plan.report.findings):
        return [_row("lint", ("clean", "ok"))]
    return ["", *findings_page(plan.harness.filename, plan.harness.source, plan.report, width), ""]


def _bound(plan: Plan) -> list[Block]:
    """Return the most and the least that a run starts; without a most, why, and how to get one."""
    bound, proved = plan.bound, plan.report.bound
    least = f", at least {proved.agents_min}" if proved.agents_min not in (0, bound) else ""
    backstop = plan.settings.max_agents
    if isinstance(bound, int):
        over = "" if bound <= backstop else "; the run would be paused there"
        why = "" if proved.expr == str(bound) else f" ({proved.expr})"
        return [_row("bound", f"at most {bound} agents{why}{least}; backstop {backstop}", (over, "warning"))]
    if not proved.reasons:
        return [_row("bound", f"at most {proved.expr} agents{least}; backstop {backstop}")]
    head = f"at least {proved.agents_min} agents; no most can be proved, so the backstop of {backstop} decides"
    return [
        _row("bound", head),
        *(_row("", f"line {one.line}: {one.why}; {one.fix}") for one in proved.reasons[:3]),
    ]


def _rehearsed(plan: Plan) -> list[Block]:
    if plan.rehearsal is None:
        return [_row("rehearsed", "not, because of the errors above")]
    return rehearsal_page(plan.rehearsal)


def _forecast(plan: Plan) -> list[Block]:
    """Return what it is expected to take, and what it has taken already to write it."""
    if plan.forecast is None:
        return [] if plan.rehearsal is None else [_row("cost", "unknown: no rehearsal came to its end")]
    paid = plan.written is not None and plan.written.tokens
    written = [_row("written", f"for ${plan.written.usd:.4f}, which counts too")] if plan.written and paid else []
    if plan.settings.stub is not None:
        return [_row("cost", f"nothing: agents are answered by {plan.settings.stub}"), *written]
    takes = _row("takes", f"{tokens_text(plan.forecast)}; {minutes_text(plan.forecast.minutes)}")
    basis = _row("", (basis_text(plan.forecast), "dim"))
    savings = [_row("cheaper", plain(said)) for said in savings_text(plan.savings)]
    return [_cost(plan, plan.forecast), *([takes, basis, *savings] if plan.forecast.tokens.worst else []), *written]


def _cost(plan: Plan, forecast: Forecast) -> Block:
    if plan.free:
        return _row("cost", f"nothing: {plan.settings.model} runs on this machine")
    if forecast.usd is None:
        return _row("cost", f"unknown: model {plan.settings.model} has no list price")
    ceiling = plan.settings.ceiling
    limits = [f"${ceiling.usd:.2f}"] if ceiling.usd is not None else []
    limits += [f"{ceiling.tokens:,} tokens"] if ceiling.tokens is not None else []
    held = f"; never more than {' or '.join(limits)}" if limits else "; no ceiling is set"
    return _row("cost", f"{usd_text(forecast.usd)}{held}")


def plan_object(plan: Plan) -> dict[str, Any]:
    """Return a plan."""
    rehearsal, forecast = plan.rehearsal, plan.forecast
    return {
        "harness": str(plan.path) if plan.path else plan.harness.filename,
        "digest": plan.harness.digest,
        "source": plan.harness.source,
        "args": plan.args,
        "lint": json.loads(render(plan.report, plan.harness.source, plan.harness.filename, "json")),
        "bound": plan.bound,
        "rehearsal": None if rehearsal is None else rehearsal_object(rehearsal),
        "forecast": None if forecast is None else forecast_object(forecast, plan.savings, plan.written),
        "reads": [str(folder) for folder in plan.settings.folders],
        "model": plan.settings.model,
        "held": {name: asdict(both) | {"whose": both.whose} for name, both in plan.held.items()},
    }
