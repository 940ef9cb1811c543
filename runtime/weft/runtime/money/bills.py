"""Who spent what: rows of the ledger of the user, and of journals that are not in it yet, added up by what one asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from weft.primitives.lost import Spent
from weft.runtime.errors import JournalError, NotFound
from weft.runtime.money.limits import UNITS
from weft.runtime.money.treasury import AUTHOR, failing, opened
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.settings import OFFLINE, is_local

__all__ = ["BY", "Bill", "By", "added_up", "bills"]

By = Literal["day", "run", "project", "model", "phase"]
BY: tuple[By, ...] = get_args(By)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What was spent on one thing."""

    day: str = ""
    project: str = ""
    run: str = ""
    """Empty where a harness was written that has not run."""
    model: str = ""
    """Empty where that is not known."""
    phase: str = ""
    spent: Spent
    unsettled: float = 0.0
    """Dollars of that which are the most that requests can have cost whose end nobody knows."""
    reserved: float = 0.0
    """Dollars that requests in flight may cost besides."""


def bills(ledger: Path, project: Project, since: str = "") -> list[Bill]:
    """Return all bills from a day on: of all projects, and of runs of this one of which its journals alone know.

    Raises:
        LedgerFailure: the ledger cannot be read.
    """
    booked = list(_booked(ledger))
    here = str(project.root.parent.resolve())
    known = {bill.run for bill in booked if bill.project == here}
    unbooked = (bill for run in project.runs() if run.id not in known for bill in _journal(run, here))
    return [bill for bill in (*booked, *unbooked) if bill.day >= since]


def _booked(ledger: Path) -> Iterator[Bill]:
    database = opened(ledger, make=False)
    if database is None:
        return
    with failing(ledger):
        try:
            for *of, put_in, put_out, units, unsettled in database.execute("SELECT * FROM spent").fetchall():
                day, project, run, model, phase = of
                spent = Spent(put_in, put_out, units / UNITS)
                yield Bill(
                    day=day,
                    project=project,
                    run=run,
                    model=model,
                    phase=phase,
                    spent=spent,
                    unsettled=unsettled / UNITS,
                )
            flying = "SELECT day, project, run, model, phase, SUM(units) FROM reserved GROUP BY 1, 2, 3, 4, 5"
            for day, project, run, model, phase, units in database.execute(flying).fetchall():
                held = units / UNITS
                yield Bill(day=day, project=project, run=run, model=model, phase=phase, spent=Spent(), reserved=held)
        finally:
            database.close()


def _journal(run: RunFolder, project: str) -> Iterator[Bill]:
    """Yield what a run has spent of which the ledger knows nothing: it still goes on, was killed, or is an old one."""
    try:
        started = run.start()
        if started.settings.stub is not None or started.settings.virtual_time:
            return  # nothing was really paid for
        state = run.state()
    except (JournalError, NotFound):
        return
    day, rest = started.now[:10], state.spent
    for agent in state.agents.values():
        if agent.reused or not (agent.spent.tokens or agent.spent.usd):
            continue
        request = agent.called.request
        for model, spent in agent.costs.items():
            yield Bill(day=day, project=project, run=run.id, model=model, phase=request.phase or "", spent=spent)
        left_in, left_out = rest.input_tokens - agent.spent.input_tokens, rest.output_tokens - agent.spent.output_tokens
        rest = Spent(max(0, left_in), max(0, left_out), max(0.0, rest.usd - agent.spent.usd))
    free = started.settings.model == OFFLINE or is_local(started.settings.model)
    if rest.tokens and not (free and not rest.usd):
        yield Bill(day=day, project=project, run=run.id, phase=AUTHOR if state.execution == 1 else "", spent=rest)


def added_up(found: Iterable[Bill], by: By) -> dict[str, Bill]:
    """Add bills up by one of their fields, in its order."""
    sums: dict[str, Bill] = {}
    for bill in found:
        key = getattr(bill, by)
        before = sums.get(key)
        sums[key] = bill if before is None else _sum(before, bill)
    return dict(sorted(sums.items()))


def _sum(one: Bill, other: Bill) -> Bill:
    return replace(
        one,
        spent=one.spent + other.spent,
        unsettled=one.unsettled + other.unsettled,
        reserved=one.reserved + other.reserved,
    )
