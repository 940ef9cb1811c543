"""A run as a small piece of HTML, for notebooks: what it came to, and nothing that a browser obeys."""

from __future__ import annotations

from html import escape

from weft.runtime.execution.result import not_whole, result_object
from weft.runtime.journal import RunState
from weft.runtime.outline import outline
from weft.runtime.page import text
from weft.runtime.plain import plain

__all__ = ["card"]

MOST = 4_000
"""How many letters of the result are shown."""

LOST = 10
"""How many of what was lost."""


def card(state: RunState) -> str:
    """Return a run as HTML without script, style or anything that is fetched."""
    result, started = result_object(state), state.started
    title = "run" if started is None else f"{started.name} {started.run}"
    done, all_ = state.count("done"), len(state.agents)
    spent = f"${state.spent.usd:.4f}, {state.wall_s:.1f} s"
    head = f"<strong>{_text(f'{state.outcome}, {state.health}')}</strong> {_text(title)}"
    lost = [f"{one['label']}: {one['cause']}, {one['message']}" for one in result["lost"]]
    more = [f"… and {len(lost) - LOST} more"] if len(lost) > LOST else []
    items = "".join(f"<li>{_text(one)}</li>" for one in [*not_whole(state), *lost[:LOST], *more])
    shown = text(outline(result["result"], missing="nothing"))
    cut = f"{shown[:MOST]}\n…" if len(shown) > MOST else shown
    counts = _text(f"{done} of {all_} agents done; {spent}")
    return f"<div><p>{head}<br>{counts}</p>{f'<ul>{items}</ul>' if items else ''}<pre>{_text(cut)}</pre></div>"


def _text(said: str) -> str:
    return escape(plain(said))
