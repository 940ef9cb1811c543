"""How two runs differ: for a terminal, and as JSON data."""

from __future__ import annotations

import json
from typing import Any

from weft.runtime.journal import RunState
from weft.runtime.journal.compare import MISSING, Difference, Pair
from weft.runtime.plain import plain
from weft.runtime.views.text import duration

__all__ = ["difference_object", "difference_text"]

SHOWN = 20
"""How many calls and how many places of the result are shown."""


def difference_text(difference: Difference) -> str:
    """Return two runs side by side, then the calls and the parts of the result that differ."""
    before, now = difference.before, difference.now
    rows = [(name, what(before), what(now)) for name, what in ROWS]
    width = max(len(left) for _, left, _ in rows)
    lines = [f"{name:<10} {left:<{width}}   {right}" for name, left, right in rows]
    lines += ["", f"{difference.alike} identical calls, {len(difference.changed)} others"]
    lines += [f"  {_pair(pair)}" for pair in difference.changed[:SHOWN]] + _more(len(difference.changed))
    places = len(difference.results)
    lines += ["", f"the results differ in {places} place{'s' * (places != 1)}" if places else "same result"]
    for place, old, new in difference.results[:SHOWN]:
        lines.append(f"  {plain(place)}  {_short(old)} → {_short(new)}")
    return "\n".join(lines + _more(len(difference.results)))


def _more(count: int) -> list[str]:
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


def _pair(pair: Pair) -> str:
    if pair.before is None and pair.now is not None:
        return f"+ {plain(pair.now.request.name)}   line {pair.now.line}"
    if pair.now is None and pair.before is not None:
        return f"- {plain(pair.before.request.name)}   line {pair.before.line}"
    assert pair.now is not None
    return f"~ {plain(pair.now.request.name)}   line {pair.now.line}   {', '.join(pair.fields) or 'occurrence'}"


def _short(value: Any) -> str:
    text = "nothing" if value is MISSING else json.dumps(value, ensure_ascii=False)
    return plain(text if len(text) <= 60 else text[:59] + "…")


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
        "results": [
            {
                "place": place,
                **({} if old is MISSING else {"before": old}),
                **({} if new is MISSING else {"now": new}),
            }
            for place, old, new in difference.results
        ],
    }


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
