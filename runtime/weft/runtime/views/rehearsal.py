"""What a rehearsal has shown, for people and as JSON data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from weft.runtime.forecasting.forecast import Forecast
from weft.runtime.page import Block, Line, Span, line, named
from weft.runtime.plain import on_one_line, plain
from weft.runtime.rehearsal.affording import Afforded
from weft.runtime.rehearsal.pairs.near import Confused
from weft.runtime.rehearsal.report import Crash, Rehearsal
from weft.runtime.views.forecast import forecast_object

__all__ = ["rehearsal_object", "rehearsal_page", "times_page"]

NAMES = 10
"""Columns of the names of what is told."""

MOST_SHOWN = 6
"""How many lines that were never reached are shown."""

MUCH, MOST_WAITS = 0.2, 3
"""Which part of a run it has to be idle at a place to be told, and at how many places that is."""

LITTLE, MOST_ON_PATH = 0.05, 5
"""Which part of a run a place has to have of its longest chain to be told, and how many places are."""

LONGEST = 240
"""Letters of the smallest case that are shown."""


def rehearsal_page(rehearsal: Rehearsal) -> list[Block]:
    """Return how many runs went well, what broke, what could not be told from a result, and what was never reached."""
    fewest, most = rehearsal.agents
    count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    reached = rehearsal.statements - rehearsal.unreached
    agents = f"{count} simulated agent{'s' * (most != 1)}"
    well = f"{rehearsal.runs} runs with {agents}; {reached} of {rehearsal.statements} statements reached"
    blocks: list[Block] = [_row("rehearsed", (well, "plain" if rehearsal.sound else "warning"))]
    for crash in rehearsal.crashes:
        blocks += _crash(crash)
    if rehearsal.unending:
        blocks.append(
            _row("", ("no end", "lost"), f" in {len(rehearsal.unending)} runs: the backstop or the clock ended them")
        )
    for confused in rehearsal.confused:
        blocks += _confused(confused)
    for unreached in rehearsal.never_reached[:MOST_SHOWN]:
        why = f": {plain(unreached.condition)}" if unreached.condition else ""
        blocks.append(_row("", ("never", "dim"), f" reached line {unreached.line}{why}"))
    more = len(rehearsal.never_reached) - MOST_SHOWN
    if rehearsal.untold:
        names = plain(", ".join(rehearsal.untold))
        known = "an annotation of a function says it, and a server once it was started, as by weft tools --allow"
        blocks.append(_row("", ("unknown", "dim"), f" what {names} gives, so it was a text; {known}"))
    return [*blocks, *([_row("", (f"and {more} more", "dim"))] if more > 0 else [])]


def times_page(rehearsal: Rehearsal) -> list[Block]:
    """Return where it is idle for long before other agents are asked, on what its time goes, what a ceiling leaves."""
    waits = [one for one in rehearsal.barriers if one.followed and one.share.p50 > MUCH][:MOST_WAITS]
    blocks: list[Block] = []
    for one in waits:
        said = f" at line {plain(one.place)}: the first waits {one.share.p50:.0%} of the run for the last"
        blocks.append(_row("", ("idle", "dim"), said))
    path = [one for one in rehearsal.path if one.share.p50 >= LITTLE][:MOST_ON_PATH]
    if waits and len(path) > 1:
        legs = ", ".join(f"line {plain(one.place)} {one.share.p50:.0%}" for one in path)
        blocks.append(_row("", ("longest", "dim"), f" chain of agents: {legs}"))
    return [*blocks, *([] if rehearsal.afforded is None else _afforded(rehearsal.afforded))]


def _afforded(afforded: Afforded) -> list[Block]:
    """Return what becomes of runs in which agents cost what is expected, where the ceiling is too low for some."""
    if not (afforded.paused or afforded.lost or afforded.never):
        return []
    low = afforded.paused + afforded.lost
    said = (
        [f" too low for {low} of {afforded.runs} runs at expected cost"] if low else [" keeps agents from being asked"]
    )
    said += [f"none asks an agent of line {line}" for line in afforded.never]
    return [_row("", ("ceiling", "warning"), "; ".join(said))]


def _row(name: str, *said: str | Span) -> Line:
    return named(name, *said, width=NAMES)


def _crash(crash: Crash) -> list[Block]:
    problem = crash.problem
    at = f" at line {problem.line}" if problem.line else ""
    return [
        _row("", ("broke", "lost"), f"{at}, with {crash.manner}: {plain(problem.message)}"),
        *([line(" " * (NAMES + 2), (f"when {on_one_line(crash.case)[:LONGEST]}", "dim"))] if crash.case else []),
    ]


def _confused(confused: Confused) -> list[Block]:
    return [
        _row("", ("unshown", "warning"), f" at line {confused.line}: {plain(confused.what)}"),
        line(" " * (NAMES + 2), (f"{plain(confused.one)} | {plain(confused.other)}", "dim")),
    ]


def rehearsal_object(rehearsal: Rehearsal, forecast: Forecast | None = None) -> dict[str, Any]:
    """Return a rehearsal; with a forecast also what such runs take."""
    losses = ("lost or nothing", "unchecked or refuted", "outvoted")
    return {
        "runs": rehearsal.runs,
        "sound": rehearsal.sound,
        "crashes": [_crash_object(crash) for crash in rehearsal.crashes],
        "unending": len(rehearsal.unending),
        "never_reached": [asdict(one) for one in rehearsal.never_reached],
        "statements": {"reached": rehearsal.statements - rehearsal.unreached, "of": rehearsal.statements},
        "agent_calls": {"reached": rehearsal.places[0], "of": rehearsal.places[1]},
        "order_dependent": [asdict(one) for one in rehearsal.confused if one.kind == "order"],
        "dropped": [asdict(one) for one in rehearsal.confused if one.kind in ("spelling", "full")],
        "losses_ignored": [asdict(one) for one in rehearsal.confused if one.kind in losses],
        "agents": asdict(rehearsal.spread),
        "tokens": asdict(rehearsal.tokens),
        "usd": None if rehearsal.usd is None else asdict(rehearsal.usd),
        "minutes": asdict(rehearsal.minutes),
        "phases": [asdict(one) for one in rehearsal.phases],
        "rounds": [asdict(one) for one in rehearsal.loops],
        "barriers": [asdict(one) for one in rehearsal.barriers],
        "critical_path": [asdict(one) for one in rehearsal.path],
        "ceiling": None if rehearsal.afforded is None else asdict(rehearsal.afforded),
        "closed": [asdict(one) for one in rehearsal.confused if one.kind == "closed"],
        "forecast": None if forecast is None else forecast_object(forecast),
    }


def _crash_object(crash: Crash) -> dict[str, Any]:
    problem = crash.problem
    return {
        "line": problem.line,
        "type": problem.type,
        "message": problem.message,
        "manner": crash.manner,
        "runs": crash.runs,
        "case": crash.case,
        "stub": crash.stub,
    }
