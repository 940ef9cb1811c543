"""The command that tells who spent what: `spend`."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import errors_as_json, print_json, show
from weft.runtime.errors import UsageError

if TYPE_CHECKING:
    from weft.runtime.money.bills import By

__all__ = ["spend"]


@click.command()
@click.option(
    "--by",
    type=click.Choice(["day", "run", "project", "model", "phase"]),
    default="day",
    show_default=True,
    help="What to add it up by.",
)
@click.option("--since", default="", metavar="DAY", help="From a day on, as 2026-11-30, or from so many days ago: 7d.")
@json_option
def spend(by: By, since: str, as_json: bool) -> None:
    """Tell who spent what, in all projects of this user, and what is left of the ceilings in [budget].

    Writing harnesses is counted too, and so are runs whose folders are gone. What scripted agents and models of this
    machine do costs nothing, and is not listed.
    """
    from weft.runtime.money.bills import added_up, bills
    from weft.runtime.money.keeper import ledger_path, standing
    from weft.runtime.project.config import read_config
    from weft.runtime.project.folders import Project
    from weft.runtime.views.spending import spending_object, spending_page

    with errors_as_json(as_json):
        here = Path.cwd()
        sums = added_up(bills(ledger_path(), Project(here), _day(since)), by)
        ceilings = standing(read_config(here), here)
    if as_json:
        print_json(spending_object(sums, by, ceilings))
    else:
        show(spending_page(sums, by, ceilings))


def _day(text: str) -> str:
    """Return a day as the ledger has it.

    Raises:
        UsageError: it is none.
    """
    if not text:
        return ""
    ago = re.fullmatch(r"(\d{1,5})d", text)
    try:
        return (date.today() - timedelta(days=int(ago[1])) if ago else date.fromisoformat(text)).isoformat()
    except (ValueError, OverflowError):
        raise UsageError(
            f"--since {text} is no day", meaning="nothing was done", fix="--since 2026-11-30, or --since 7d"
        ) from None
