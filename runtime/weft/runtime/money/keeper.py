"""Opening the ledger of the user for a run of a project: where it is, and which ceilings the files say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from weft.primitives.lost import Spent
from weft.runtime.clock import Clock
from weft.runtime.money.beyond import Beyond, Standing, beyond, local_now
from weft.runtime.money.budget import Budget
from weft.runtime.money.treasury import Treasury, failing, opened, standings
from weft.runtime.project.config import Config, read_budget
from weft.runtime.project.folders import Project

__all__ = ["ceilings", "ledger_path", "spending", "standing", "treasury_of"]


def ledger_path() -> Path:
    """Return where the ledger of this user is."""
    return Project.of_user().root / "spend.db"


def ceilings(config: Config) -> Beyond:
    """Return the ceilings beyond a run: those of the project, and those of the user's own file.

    Raises:
        UsageError: the user's own file cannot be read, or says something that means nothing.
    """
    return beyond({"weft.toml": config.budget, "~/.weft/weft.toml": read_budget(Project.of_user().root)})


def treasury_of(config: Config, clock: Clock, *, others: bool = False) -> Treasury:
    """Return what one run spends beside all others.

    Raises:
        UsageError: as for `ceilings`.
    """
    return Treasury(ledger_path(), clock, ceilings(config), others=others)


def standing(config: Config, project: Path) -> list[Standing]:
    """Return how the ceilings beyond a run stand for a project.

    Raises:
        UsageError: as for `ceilings`.
        LedgerFailure: the ledger cannot be read.
    """
    rules, path = ceilings(config), ledger_path()
    if not rules.rules:
        return []
    database = opened(path)
    assert database is not None
    with failing(path), closing(database):
        return standings(database, rules, str(project.resolve()), local_now())


@asynccontextmanager
async def spending(
    budget: Budget,
    treasury: Treasury,
    project: Path,
    run: str = "",
    spent: Spent | None = None,
    *,
    resumed: bool = False,
) -> AsyncIterator[None]:
    """Let what is drawn on a budget stand in the ledger while the block lasts; see `Treasury.attend`.

    Raises:
        LedgerFailure: there are ceilings over all runs, and the ledger cannot be used.
    """
    treasury.attend(project, run, spent, resumed=resumed)
    budget.draw_on(treasury)
    with closing(treasury):
        yield
