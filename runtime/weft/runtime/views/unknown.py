"""What nobody knows of the cost of a run, in words."""

from __future__ import annotations

from weft.runtime.execution.result import COUNTS
from weft.runtime.journal import RunState
from weft.runtime.page import Block, named

__all__ = ["unknown_costs"]


def unknown_costs(state: RunState) -> list[Block]:
    """Return what nobody knows of the cost."""
    page: list[Block] = []
    if state.unsettled.requests:
        page.append(named("unsettled", (str(state.unsettled), "warning"), f"; {COUNTS}", width=10))
    if untold := state.spent.untold:
        cut = "execution of a program that was" if untold == 1 else "executions of programs that were"
        said = f"the cost of {untold} {cut} ended before it could be said"
        page.append(named("unknown", (said, "warning"), "; no ceiling counts it", width=10))
    if disputed := state.spent.disputed:
        said = f"the provider says {disputed:,} tokens more than its requests can have used"
        page.append(named("disputed", (said, "warning"), "; the most they can have used is counted", width=10))
    return page
