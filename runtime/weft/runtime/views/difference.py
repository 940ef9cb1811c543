"""How two runs differ: for a terminal, and as JSON data."""

from __future__ import annotations

from typing import Any

from weft.runtime.journal import RunState
from weft.runtime.journal.agentstate import Phase
from weft.runtime.journal.compare import MISSING, Difference, Findings, Pair
from weft.runtime.outline import flat
from weft.runtime.page import Block, Line, Span, Table, line, shortened
from weft.runtime.plain import plain
from weft.runtime.views.text import duration

__all__ = ["difference_object", "difference_page", "results_page"]

SHOWN = 20
"""How many calls and how many places of the result are shown."""


def difference_page(difference: Difference) -> list[Block]:
    """Return two runs side by side, then the calls and the parts of the result that differ."""
    before, now = difference.before, difference.now
    rows = [(line((name, "dim")), line(what(before)), line(what(now))) for name, what in ROWS]
    page: list[Block] = [Table(tuple(rows))]
    alike, others = difference.alike, len(difference.changed)
    page += ["", f"{alike} identical call{'s' * (alike != 1)}, {others} other{'s' * (others != 1)}"]
    page += [_pair(pair) for pair in difference.changed[:SHOWN]] + _more(len(difference.changed))
    page += _found(difference.findings)
    return [*page, "", *results_page(difference)]


def results_page(difference: Difference) -> list[Block]:
    """Return in which places the results differ, and what stands there."""
    places = len(difference.results)
    page: list[Block] = [f"the results differ in {places} place{'s' * (places != 1)}" if places else "same result"]
    for place, old, new in difference.results[:SHOWN]:
        page.append(line((f"  {plain(place)}  ", "dim"), (_short(old), "lost"), " → ", (_short(new), "ok"), hang=4))
    return page + _more(places)


def _found(found: Findings) -> list[Block]:
    if not (found.alike or found.changed or found.added or found.gone):
        return []
    counts = f"{len(found.added)} added, {len(found.gone)} gone, {len(found.changed)} changed"
    page: list[Block] = ["", f"{found.alike} identical finding{'s' * (found.alike != 1)}, {counts}"]
    rows = [line("  ", ("+ ", "ok"), _short(one), hang=4) for one in found.added]
    rows += [line("  ", ("- ", "lost"), _short(one), hang=4) for one in found.gone]
    rows += [line("  ", ("~ ", "warning"), _short(old), " → ", _short(new), hang=4) for old, new in found.changed]
    return page + rows[:SHOWN] + _more(len(rows))


def _more(count: int) -> list[Block]:
    return [f"  and {count - SHOWN} more; --json has all"] if count > SHOWN else []


def _run(state: RunState) -> str:
    return state.started.run if state.started else ""


def _harness(state: RunState) -> str:
    return f"{state.started.name} {state.started.digest[:8]}" if state.started else ""


ROWS = (
    ("run", _run),
    ("harness", _harness),
    ("outcome", lambda state: f"{state.outcome}, {state.health}"),
    ("cost", lambda state: f"${state.spent.usd:.4f}, {state.spent.tokens:,} tokens"),
    ("time", lambda state: duration(state.wall_s)),
    ("agents", lambda state: f"{state.count('done')} of {len(state.agents)}"),
)


def _pair(pair: Pair) -> Line:
    called = pair.now or pair.before
    assert called is not None
    mark: Span = ("+ ", "ok") if pair.before is None else ("- ", "lost") if pair.now is None else ("~ ", "warning")
    changed = f"   {', '.join(pair.fields) or 'occurrence'}" if pair.before and pair.now else ""
    return line("  ", mark, f"{plain(called.request.name)}   line {called.line}{changed}", hang=4)


def _short(value: Any) -> str:
    return "nothing" if value is MISSING else shortened(flat(value), 60)


def difference_object(difference: Difference) -> dict[str, Any]:
    """Return the same as JSON data."""
    return {
        "before": _side(difference.before),
        "now": _side(difference.now),
        "identical": difference.alike,
        "changed": [
            {
                "before": pair.before.id if pair.before else None,
                "now": pair.now.id if pair.now else None,
                "label": (pair.now or pair.before).request.name,  # type: ignore[union-attr]
                "fields": list(pair.fields),
            }
            for pair in difference.changed
        ],
        "findings": {
            "identical": difference.findings.alike,
            "changed": [{"before": old, "now": new} for old, new in difference.findings.changed],
            "added": list(difference.findings.added),
            "gone": list(difference.findings.gone),
        },
        "phases": _phases(difference),
        "results": [
            {
                "place": place,
                **({} if old is MISSING else {"before": old}),
                **({} if new is MISSING else {"now": new}),
            }
            for place, old, new in difference.results
        ],
    }


def _phases(difference: Difference) -> list[dict[str, Any]]:
    """Return what each phase has cost in both runs, by its title."""
    sums: dict[Phase, dict[str, list[Any]]] = {}
    for name, state in (("before", difference.before), ("now", difference.now)):
        for agent in state.agents.values():
            sides = sums.setdefault(agent.phase, {"before": [0, 0.0], "now": [0, 0.0]})
            sides[name][0] += 1
            sides[name][1] += 0.0 if agent.reused else agent.spent.usd
    return [
        {
            "phase": phase.title,
            "within": list(phase.within),
            **{name: {"agents": number, "usd": round(usd, 6)} for name, (number, usd) in sides.items()},
        }
        for phase, sides in sums.items()
    ]


def _side(state: RunState) -> dict[str, Any]:
    return {
        "run": _run(state),
        "digest": state.started.digest if state.started else None,
        "outcome": state.outcome,
        "health": state.health,
        "usd": round(state.spent.usd, 6),
        "tokens": state.spent.tokens,
        "wall_s": round(state.wall_s, 3),
        "agents": len(state.agents),
    }
