"""What a rehearsal has shown, for people and as JSON data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from weft.runtime.forecasting.forecast import Forecast
from weft.runtime.page import Block, Line, Span, line, named
from weft.runtime.plain import on_one_line, plain
from weft.runtime.rehearsal.pairs.near import Confused
from weft.runtime.rehearsal.report import Crash, Rehearsal
from weft.runtime.views.forecast import forecast_object

__all__ = ["rehearsal_object", "rehearsal_page"]

NAMES = 10
"""Columns of the names of what is told."""

MOST_SHOWN = 6
"""How many lines that were never reached are shown."""

LONGEST = 240
"""Letters of the smallest case that are shown."""


def rehearsal_page(rehearsal: Rehearsal) -> list[Block]:
    """Return how many runs went well, what broke, what could not be told from a result, and what was never reached."""
    fewest, most = rehearsal.agents
    count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    reached = rehearsal.statements - rehearsal.unreached
    well = (
        f"{rehearsal.runs} runs with {count} simulated agents; {reached} of {rehearsal.statements} statements reached"
    )
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
    return [*blocks, *([_row("", (f"and {more} more", "dim"))] if more > 0 else [])]


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
    expected = {} if forecast is None else forecast_object(forecast)
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
        "tokens": expected.get("tokens"),
        "usd": expected.get("usd"),
        "minutes": expected.get("minutes", asdict(rehearsal.minutes)),
        "phases": expected.get("phases"),
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
