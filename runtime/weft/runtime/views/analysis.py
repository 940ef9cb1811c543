"""What a run can teach, as a page and as JSON data; how it is found out is `weft.runtime.analysis`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weft.runtime.analysis.analysis import Analysis, Worth
from weft.runtime.analysis.critical import SPENT_ON, SpentOn, Step
from weft.runtime.analysis.joins import Barrier
from weft.runtime.analysis.recounting import Recount
from weft.runtime.analysis.repricing import Repriced
from weft.runtime.analysis.rounds import LoopRounds
from weft.runtime.analysis.streaming import Saving
from weft.runtime.analysis.votes import Marginal, Votes
from weft.runtime.analysis.weaving import Piece
from weft.runtime.journal import RunState
from weft.runtime.outline import outline
from weft.runtime.page import Block, Line, Table, line, named
from weft.runtime.plain import plain
from weft.runtime.views.text import duration, outcome_span

__all__ = ["analysis_object", "analysis_page", "recount_object", "recount_page", "repriced_object", "repriced_page"]

SHOWN = 10
"""How many steps, barriers and rounds a page shows; the data has all."""

WORDS: dict[SpentOn, str] = {
    "work": "agents at work",
    "slots": "waiting for a slot",
    "limits": "waiting for a provider's limit",
    "budget": "waiting for room in the budget",
    "agents": "waiting for agents below",
    "retries": "waiting to ask again",
    "people": "waiting for people",
    "tools": "tools of the harness",
    "harness": "the harness itself",
}

SIMULATED = (
    "Savings are simulated: each call takes as long as it did, with as many slots, and item i waits for branch i of "
    "the fan-out before it alone; at most where their widths differ, since nobody knows which comes from which."
)

VOTED = (
    "With fewer votes the quorum is taken to be no larger than their number. Other votes than those of verify are not "
    "counted."
)

UNKNOWN = (
    "The same tokens at other prices: nobody knows how many tokens or turns the other model would have taken, what its "
    "provider would have kept in a cache, nor whether its answers would have done."
)


def analysis_page(found: Analysis, state: RunState) -> list[Block]:
    """Return the analysis of a run."""
    started = state.started
    assert started is not None
    page: list[Block] = [
        line(outcome_span(state), f"    {started.name} {started.run}    {duration(found.work.seconds)}")
    ]
    if state.execution > 1:
        said = f"times are of its latest execution, the {state.execution - 1} before it left out; cost is of all"
        page.append(line((said, "dim")))
    if not found.work.completed:
        page.append(line(("it did not come to a result: this is how far it came", "warning")))
    for part in (_critical(found), _barriers(found), _votes(found.votes), _rounds(found.rounds), _worth(found.worth)):
        page += ["", *part] if part else []
    return page


def _critical(found: Analysis) -> list[Block]:
    spent = found.critical.spent
    total = found.work.seconds or 1.0
    rows = [
        (line(WORDS[kind]), line(_s(spent[kind])), line(f"{spent[kind] / total:.0%}"))
        for kind in SPENT_ON
        if spent[kind] >= 0.0005
    ]
    page: list[Block] = [line(("Critical path", "strong"), (": what decided how long it took", "dim"))]
    page.append(Table(tuple(rows), indent=2, right=frozenset({1, 2})))
    steps = sorted(found.critical.steps, key=lambda step: -step.seconds)[:SHOWN]
    shown = sorted(steps, key=lambda step: step.piece.number)
    if shown:
        more = len(found.critical.steps) - len(shown)
        page.append(
            line((f"  the {len(shown)} longest of its {len(found.critical.steps)} calls:", "dim") if more else "")
        )
        head = ("call", "kind", "took", "of that waiting")
        table = Table(tuple(map(_step_row, shown)), head, 2, frozenset({2, 3}), frozenset({0}))
        page.append(table)
    return [block for block in page if str(block)]


def _step_row(step: Step) -> tuple[Line, ...]:
    waiting = step.seconds - sum(step.spent.get(kind, 0.0) for kind in ("work", "tools", "harness"))
    piece = step.piece
    again = " (from the journal)" if piece.reused else ""
    name = plain(f"{piece.label}{again}")
    return line(name), line(piece.kind), line(_s(step.seconds)), line(_s(waiting) if waiting >= 0.0005 else "")


def _barriers(found: Analysis) -> list[Block]:
    if not found.barriers:
        return []
    idle = sum(one.idle for one in found.barriers)
    page: list[Block] = [line(("Barriers", "strong"), (f": branches waited {_s(idle)} in all for others", "dim"))]
    head = ("where", "branches", "idle", "the last was", "alone for", "streamed saves")
    shown = found.barriers[:SHOWN]
    page.append(Table(tuple(map(_barrier_row, shown)), head, 2, frozenset({1, 2, 4, 5}), frozenset({3})))
    more = len(found.barriers) - len(shown)
    page += [line((f"  … and {more} more, which the data has (--json)", "dim"))] if more else []
    if found.together is not None:
        sim, was = found.together, found.work.seconds
        page.append(
            line(f"  All of them streamed: {_saves(sim)} of {_s(sim.as_it_was)}, as simulated; it took {_s(was)}.")
        )
        page.append(line((f"  {SIMULATED}", "dim"), hang=2))
    return page


def _barrier_row(one: Barrier) -> tuple[Line, ...]:
    began = one.joined.began
    where = f"{began.kind}, line {began.line}" + (f" of {began.chain[-1]}" if began.chain else "")
    saved = _saves(one.saving) if one.saving is not None else ""
    last = plain(one.last.label) if one.last is not None else ""
    cells = (where, str(len(one.joined.branches)), _s(one.idle), last, _s(one.alone), saved)
    return tuple(map(line, cells))


def _saves(saving: Saving) -> str:
    return f"{'at most ' if saving.at_most else ''}{_s(saving.seconds)}"


def _votes(found: Votes) -> list[Block]:
    if not found.claims:
        return []
    count = len(found.claims)
    title = f": {count} claim{'s' * (count != 1)}, {found.survived} survived"
    head = ("vote", "cast", "changed the verdict", "verdict as in the end", "cost", "per change")
    rows = tuple(map(_vote_row, found.marginal))
    page: list[Block] = [line(("Votes", "strong"), (title, "dim"))]
    page.append(Table(rows, head, 2, frozenset({1, 2, 3, 4, 5})))
    return [*page, line((f"  {VOTED}", "dim"), hang=2)]


def _vote_row(one: Marginal) -> tuple[Line, ...]:
    name = "tie-breaker" if one.number is None else str(one.number)
    first = one.number == 1
    changed = "" if first else f"{one.changed} of {one.claims}"
    each = _usd(one.spent.usd / one.changed) if one.changed and not first else ""
    final = f"{one.final} of {one.claims}"
    return tuple(map(line, (name, str(one.asked), changed, final, _usd(one.spent.usd), each)))


def _rounds(found: Sequence[LoopRounds]) -> list[Block]:
    page: list[Block] = [line(("Rounds", "strong"), (": what each has found", "dim"))] if found else []
    for loop in found:
        where = f"line {loop.line}" + (f" of {loop.workflow}" if loop.workflow else "")
        left = f", {loop.left} without an end on record" if loop.left else ""
        page.append(line(f"  {loop.helper}, {where}{left}"))
        head = ("round", "loops", "found", "agents", "cost", "per item")
        rows = []
        for one in loop.rounds[:SHOWN]:
            each = _usd(one.spent.usd / one.found) if one.found else ""
            said = str(one.found) if one.said else "not said"
            rows.append(
                tuple(map(line, (str(one.number), str(one.loops), said, str(one.agents), _usd(one.spent.usd), each)))
            )
        page.append(Table(tuple(rows), head, 4, frozenset(range(6))))
        more = len(loop.rounds) - SHOWN
        page += [line((f"    … and {more} more rounds", "dim"))] if more > 0 else []
    return page


def _worth(worth: Worth) -> list[Block]:
    page: list[Block] = [line(("Worth", "strong"), f": {_usd(worth.spent.usd)}, {worth.spent.tokens:,} tokens in all")]
    kinds = (
        ("finding", worth.findings),
        ("item of the result", worth.results),
        ("claim that survived", worth.survived),
    )
    for name, count in kinds:
        each = worth.each(count)
        if each is not None:
            page.append(named(f"  per {name}", f"{_usd(each)}  ({count})", width=28))
    if worth.claims:
        each_vote = _usd(worth.votes.usd / worth.claims)
        page.append(named("  votes, per claim", f"{each_vote}  ({worth.claims})", width=28))
    if not (worth.findings or worth.results or worth.claims):
        page.append(
            line(("  It has published no findings and returned no list, so there is nothing to divide by.", "dim"))
        )
    return page


def analysis_object(found: Analysis, state: RunState) -> dict[str, Any]:
    """Return the analysis of a run as JSON data; times are seconds."""
    started = state.started
    assert started is not None
    return {
        "run": started.run,
        "outcome": state.outcome,
        "execution": state.execution,
        "seconds": _r(found.work.seconds),
        "critical_path": {
            "spent_on": {kind: _r(seconds) for kind, seconds in found.critical.spent.items()},
            "calls": [
                {**_piece(step.piece), "spent_on": {kind: _r(seconds) for kind, seconds in step.spent.items()}}
                for step in found.critical.steps
            ],
        },
        "barriers": [_barrier(one) for one in found.barriers],
        "streamed": _saving(found.together),
        "votes": _votes_object(found.votes),
        "rounds": [_rounds_object(loop) for loop in found.rounds],
        "worth": _worth_object(found.worth),
        "says": {"streamed": SIMULATED},
    }


def _votes_object(found: Votes) -> dict[str, Any]:
    rows = [
        {
            "vote": one.number or "tie-breaker",
            "asked": one.asked,
            "claims": one.claims,
            "changed": None if one.number == 1 else one.changed,
            "as_in_the_end": one.final,
            "spent": one.spent.as_data(),
        }
        for one in found.marginal
    ]
    return {"claims": len(found.claims), "survived": found.survived, "by_number": rows}


def _rounds_object(loop: LoopRounds) -> dict[str, Any]:
    rows = [
        {
            "round": one.number,
            "loops": one.loops,
            "found": one.found if one.said else None,
            "agents": one.agents,
            "spent": one.spent.as_data(),
        }
        for one in loop.rounds
    ]
    where = {"helper": loop.helper, "line": loop.line, "workflow": loop.workflow}
    return {**where, "without_end": loop.left, "rounds": rows}


def _worth_object(worth: Worth) -> dict[str, Any]:
    return {
        "spent": worth.spent.as_data(),
        "findings": worth.findings,
        "usd_per_finding": worth.each(worth.findings),
        "results": worth.results,
        "usd_per_result": worth.each(worth.results),
        "claims": worth.claims,
        "survived": worth.survived,
        "usd_per_survivor": worth.each(worth.survived),
        "votes": worth.votes.as_data(),
    }


def _barrier(one: Barrier) -> dict[str, Any]:
    began = one.joined.began
    return {
        "path": began.path,
        "line": began.line,
        "workflow": began.chain[-1] if began.chain else None,
        "kind": began.kind,
        "width": began.width,
        "branches": len(one.joined.branches),
        "idle": _r(one.idle),
        "last": None if one.last is None else _piece(one.last),
        "alone": _r(one.alone),
        "followed_by": None if one.followed is None else one.followed.began.path,
        "streamed": _saving(one.saving),
    }


def _saving(saving: Saving | None) -> dict[str, Any] | None:
    if saving is None:
        return None
    return {
        "as_it_was": _r(saving.as_it_was),
        "streamed": _r(saving.streamed),
        "saves": _r(saving.seconds),
        "at_most": saving.at_most,
        "simulated": True,
    }


def _piece(piece: Piece) -> dict[str, Any]:
    return {"id": piece.id, "kind": piece.kind, "label": piece.label, "path": piece.path, "reused": piece.reused}


# ------------------------------------------------------------------------------------------------ other models


def repriced_page(rows: Sequence[Repriced], state: RunState) -> list[Block]:
    """Return what a run would have cost on other models."""
    head = ("phase", "agents", "answered by", "cost", "instead", "would have cost")
    cells = [
        (row.phase or "(no phase)", str(row.agents), row.model, _usd(row.spent.usd), _other(row), _usd(row.usd))
        for row in rows
    ]
    besides = state.spent.usd - sum(row.spent.usd for row in rows)
    if besides >= 0.00005:
        cells.append(("besides agents of this execution", "", "", _usd(besides), "", _usd(besides)))
    total = state.spent.usd - sum(row.spent.usd for row in rows) + sum(row.usd for row in rows)
    cells.append(("in all", "", "", _usd(state.spent.usd), "", _usd(max(0.0, total))))
    table = [tuple(line(plain(cell)) for cell in row) for row in cells]
    page: list[Block] = [Table(tuple(table), head, right=frozenset({1, 3, 5}), names=frozenset({0}))]
    for row in rows:
        if row.listed is not None and abs(row.listed - row.spent.usd) > max(0.0001, 0.01 * row.spent.usd):
            said = f"{row.model} is on record with {_usd(row.spent.usd)}; by today's prices that is {_usd(row.listed)}"
            page.append(line((said, "warning"), hang=2))
    lumped = sum(row.lumped for row in rows)
    if lumped:
        page.append(line(f"{lumped} agents are priced as one request each: theirs are not on record", hang=2))
    return [*page, line((UNKNOWN, "dim"))]


def _other(row: Repriced) -> str:
    return "" if row.instead == row.model else row.instead


def repriced_object(rows: Sequence[Repriced], state: RunState) -> dict[str, Any]:
    """Return the same as JSON data."""
    return {
        "phases": [
            {
                "phase": row.phase or None,
                "agents": row.agents,
                "model": row.model,
                "spent": row.spent.as_data(),
                "listed_usd": row.listed,
                "instead": row.instead,
                "usd": row.usd,
                "as_one_request": row.lumped,
            }
            for row in rows
        ],
        "spent_usd": state.spent.usd,
        "usd": max(0.0, state.spent.usd - sum(row.spent.usd for row in rows) + sum(row.usd for row in rows)),
        "says": UNKNOWN,
    }


# ------------------------------------------------------------------------------------------------ other harnesses


def recount_page(found: Recount, name: str) -> list[Block]:
    """Return what another harness comes to over the recorded answers."""
    used = f"{len(found.plan.reused)} recorded answers used, {len(found.plan.orphaned)} not asked for"
    lost = f", {len(found.lost)} lost as then" if found.lost else ""
    page: list[Block] = [line((name, "strong"), f": {used}{lost}; nothing was asked and nothing spent")]
    if not found.whole:
        count = len(found.missing)
        page.append(line((f"{count} answer{'s' * (count != 1)} not on record, so there is no result:", "warning")))
        rows = tuple((line(plain(one.called.request.name)), line(one.why.reason)) for one in found.missing[:SHOWN])
        page.append(Table(rows, ("to be asked", "why"), 2, names=frozenset({0})))
        page += [f"  … and {count - SHOWN} more"] if count > SHOWN else []
        cost = found.usd
        price = "at a price nobody knows" if cost is None else f"for about {_usd(cost[0])} to {_usd(cost[1])}"
        return [*page, line(f"Asking them comes {price}, and what their answers lead to besides.")]
    problem = found.ended.problem
    if problem is not None:
        at = f", line {problem.line}" if problem.line else ""
        return [*page, line((f"it fails ({problem.type}{at}): {plain(problem.message)}", "lost"))]
    return [*page, "", *outline(found.result, missing="nothing")]


def recount_object(found: Recount, run: str) -> dict[str, Any]:
    """Return the same as JSON data."""
    problem = found.ended.problem
    return {
        "run": run,
        "used": len(found.plan.reused),
        "not_asked_for": len(found.plan.orphaned),
        "lost": [asked.called.request.name for asked in found.lost],
        "missing": [
            {
                "label": asked.called.request.name,
                "phase": asked.called.request.phase,
                "line": asked.called.line,
                "reason": asked.why.reason,
                "fields": list(asked.why.fields),
                "usd": asked.usd,
            }
            for asked in found.missing
        ],
        "usd": found.usd if found.missing else (0.0, 0.0),
        "whole": found.whole,
        "outcome": found.ended.outcome if found.whole else None,
        "problem": None if problem is None or not found.whole else {"type": problem.type, "message": problem.message},
        "result": found.result,
    }


def _s(seconds: float) -> str:
    """Return a time as people read it, to a tenth below a minute."""
    return f"{seconds:.1f} s" if seconds < 60 else duration(seconds)


def _r(seconds: float) -> float:
    return round(seconds, 6)


def _usd(dollars: float) -> str:
    return f"${dollars:.4f}"
