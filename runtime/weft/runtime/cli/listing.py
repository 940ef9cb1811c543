"""`weft list`: the harnesses that can be run by their names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weft.runtime.cli.columns import columns
from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import print_json, show

if TYPE_CHECKING:
    from weft.runtime.project.folders import SavedHarness

__all__ = ["listing"]

TITLES = {
    "project": "Saved in this project (.weft/workflows)",
    "user": "Saved by you, in every project (~/.weft/workflows)",
    "shipped": "Shipped with Weft",
}


@click.command("list")
@json_option
def listing(as_json: bool) -> None:
    """List what can be run by its name: harnesses of this project, of yours, and those that come with Weft."""
    from weft.runtime.project.folders import Project

    saved = Project(Path.cwd()).harnesses()
    if as_json:
        print_json([_data(one) for one in saved])
        return
    rows = [(one.origin, (one.name, _purpose(one))) for one in saved]
    show(columns((title, [row for of, row in rows if of == origin]) for origin, title in TITLES.items()))
    show(["", "weft run NAME --help shows what one takes"], err=True)


def _purpose(saved: SavedHarness) -> str:
    purpose = saved.purpose or "(it does not say what it is for)"
    return f"{purpose} (hides the one that comes with Weft)" if saved.hides_shipped else purpose


def _data(saved: SavedHarness) -> dict[str, object]:
    return {
        "name": saved.name,
        "origin": saved.origin,
        "path": saved.path and os.path.relpath(saved.path),
        "purpose": saved.purpose,
        "readable": saved.readable,
        "hides_shipped": saved.hides_shipped,
    }
