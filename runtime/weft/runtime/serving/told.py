"""What is told of a run as data, each a fold of its journal. Who asks for it, and how, is `reading` and `studying`.

Nothing in here needs a server: the exported page has the same answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from weft.runtime.analysis.classed import Classed, classed
from weft.runtime.border import clean
from weft.runtime.execution.result import result_object
from weft.runtime.journal import RunState
from weft.runtime.project.config import Config
from weft.runtime.serving.live import money
from weft.runtime.views.data import LISTS

__all__ = ["LISTED", "as_bytes", "cost_object", "script_object"]

LISTED: Mapping[str, Callable[[RunState], list[Any]]] = {**LISTS, "lost": lambda state: result_object(state)["lost"]}
"""The lists of a run that have routes of their own."""


def as_bytes(data: Any) -> bytes:
    """Return data as JSON, in which no secret of the environment is."""
    return json.dumps(clean(data), ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "replace")


def script_object(state: RunState) -> dict[str, Any]:
    """Return the harness of a run, with what the agents called by each line came to so far."""
    started = state.started
    assert started is not None
    lines: dict[tuple[str | None, int | None], dict[str, Any]] = {}
    for one in state.agents.values():
        counts = {"queued": 0, "running": 0, "waiting": 0, "done": 0, "lost": 0, "cancelled": 0, "usd": 0.0}
        of = lines.setdefault((one.around[-1] if one.around else None, one.called.line), counts)
        of[one.standing] += 1
        of["usd"] += 0.0 if one.reused else one.spent.usd
    rows = [{"workflow": workflow, "line": line, **of} for (workflow, line), of in lines.items()]
    return {"file": started.file, "digest": started.digest, "source": started.source, "lines": rows}


def cost_object(state: RunState, config: Config) -> dict[str, Any]:
    """Return what a run has cost, by phase, model and class of tokens, at the prices that the project has today."""
    return {
        "rows": [_cost_row(row) for row in classed(state.agents.values(), config)],
        "spent": money(state.spent),
        "unsettled": money(state.unsettled.spent),
    }


def _cost_row(row: Classed) -> dict[str, Any]:
    usd = row.usd
    classes = {
        kind: {"tokens": count, "usd": None if usd is None else round(usd[kind], 6)}
        for kind, count in row.tokens.items()
    }
    return {
        "phase": row.phase.title,
        "within": list(row.phase.within),
        "model": row.model,
        "agents": row.agents,
        **money(row.spent),
        "classes": classes,
        "price": None if row.price is None else {"source": row.price, "rates": row.rates},
    }
