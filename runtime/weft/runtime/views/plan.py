"""Plans, for people and as JSON data."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from weft.linter import render
from weft.runtime.authoring.plan import Plan
from weft.runtime.plain import plain

__all__ = ["folded_source", "plan_object", "plan_text", "source_text"]

SHOWN = 12
"""How many lines of a harness are shown before one is asked whether to run it."""


def plan_text(plan: Plan) -> str:
    """Return what a person needs to decide: findings, bound, rehearsal, forecast, permissions."""
    where = os.path.relpath(plan.path) if plan.path else plan.harness.filename
    parts = [f"harness   {where}   sha256:{plan.harness.digest[:12]}"]
    findings = [finding for finding in plan.report.findings if finding.severity != "info"]
    if findings:
        parts += ["", render(plan.report, plan.harness.source, plan.harness.filename, "text").rstrip(), ""]
    else:
        parts.append("lint      clean")
    parts += _bound(plan)
    parts += _rehearsed(plan)
    parts += _forecast(plan)
    folders = ", ".join(str(folder) for folder in plan.settings.folders) or "nothing"
    parts.append(f"may       read {folders}; it may not write files, run commands or use the network")
    return "\n".join(parts)


def source_text(source: str, most: int | None = None) -> str:
    """Return a harness, or its first lines, with line numbers; what a terminal might obey in it is made visible."""
    lines = source.splitlines()[:most]
    return "\n".join(f"{number:>4}  {plain(line)}" for number, line in enumerate(lines, start=1))


def folded_source(source: str, path: Path) -> str:
    """Return the first lines of a harness, and where the others are."""
    lines = len(source.splitlines())
    if lines <= SHOWN + 2:
        return source_text(source)
    return f"{source_text(source, SHOWN)}\n   …  {lines - SHOWN} more lines: {os.path.relpath(path)}"


def _bound(plan: Plan) -> list[str]:
    """Return the most and the least that a run starts; without a most, why, and how to get one."""
    bound, proved = plan.bound, plan.report.bound
    least = f", at least {proved.agents_min}" if proved.agents_min not in (0, bound) else ""
    backstop = plan.settings.max_agents
    if isinstance(bound, int):
        over = "" if bound <= backstop else "; the run would be paused there"
        why = "" if proved.expr == str(bound) else f" ({proved.expr})"
        return [f"bound     at most {bound} agents{why}{least}; backstop {backstop}{over}"]
    if not proved.reasons:
        return [f"bound     at most {proved.expr} agents{least}; backstop {backstop}"]
    head = (
        f"bound     at least {proved.agents_min} agents; no most can be proved, so the backstop of {backstop} decides"
    )
    return [head, *(f"          line {one.line}: {one.why}; {one.fix}" for one in proved.reasons[:3])]


def _rehearsed(plan: Plan) -> list[str]:
    if plan.rehearsal is None:
        return ["rehearsed not, because of the errors above"]
    crashes = plan.rehearsal.crashes
    fewest, most = plan.rehearsal.agents
    count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    scenes = len(plan.rehearsal.scenes)
    lines = [f"rehearsed {scenes - len(crashes)} of {scenes} scenarios well, with {count} simulated agents"]
    for scene in crashes:
        assert scene.problem is not None
        line = f" (line {scene.problem.line})" if scene.problem.line else ""
        lines.append(f"          broke with {scene.name}{line}: {plain(scene.problem.message)}")
    return lines


def _forecast(plan: Plan) -> list[str]:
    if plan.forecast is None:
        return []
    if plan.settings.stub is not None:
        return [f"cost      nothing: agents are answered by {plan.settings.stub}"]
    if plan.rehearsal is not None and len(plan.rehearsal.crashes) == len(plan.rehearsal.scenes):
        return ["cost      unknown: no rehearsal came to its end"]
    if plan.forecast.usd is None:
        return [f"cost      unknown: model {plan.settings.model} has no list price"]
    low, high = plan.forecast.usd
    ceiling = plan.settings.ceiling
    limits = [f"${ceiling.usd:.2f}"] if ceiling.usd is not None else []
    limits += [f"{ceiling.tokens:,} tokens"] if ceiling.tokens is not None else []
    held = f"; never more than {' or '.join(limits)}" if limits else "; no ceiling is set"
    if high == 0:
        return [f"cost      nothing: {plan.settings.model} runs on this machine"]
    return [f"cost      about ${low:.2f} to ${high:.2f} by {plan.settings.model}, a guess from the rehearsal{held}"]


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
        "rehearsal": None
        if rehearsal is None
        else [
            {
                "scenario": scene.name,
                "agents": scene.agents,
                "error": asdict(scene.problem) if scene.problem else None,
                "crashed": scene.crashed,
                "virtual_s": scene.seconds,
            }
            for scene in rehearsal.scenes
        ],
        "forecast": None
        if forecast is None
        else {"agents": list(forecast.agents), "usd": forecast.usd and list(forecast.usd)},
        "reads": [str(folder) for folder in plan.settings.folders],
        "model": plan.settings.model,
    }
