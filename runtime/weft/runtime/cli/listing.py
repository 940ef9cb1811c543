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

Group = tuple[str, list[tuple[str, str]]]

TITLES = {
    "project": "Saved in this project (.weft/workflows)",
    "user": "Saved by you, in every project (~/.weft/workflows)",
}

OFFLINE = " (also offline)"
"""What is said of a harness that takes no model."""


@click.command("list")
@json_option
def listing(as_json: bool) -> None:
    """List what can be run by its name: harnesses of this project, of yours, and those that come with Weft."""
    from weft.runtime.project.folders import Project

    saved = Project(Path.cwd()).harnesses()
    if as_json:
        print_json([_data(one) for one in saved])
        return
    show(columns([*_own(saved), *_shipped(saved)]))
    show(["", "weft run NAME --help shows what one takes, weft run NAME --demo one that comes with Weft"], err=True)


def _own(saved: list[SavedHarness]) -> list[Group]:
    """Return what is saved, by where."""
    return [(title, [(one.name, _purpose(one)) for one in saved if one.origin == of]) for of, title in TITLES.items()]


def _shipped(saved: list[SavedHarness]) -> list[Group]:
    """Return what comes with Weft, by what it is for."""
    from weft.runtime.project.shipped import shelves

    shown = {one.name: one for one in saved if one.origin == "shipped"}
    offline = shelves().offline
    return [
        (
            f"{title} (with Weft)",
            [(name, shown[name].purpose + OFFLINE * (name in offline)) for name in names if name in shown],
        )
        for title, names in shelves().groups.items()
    ]


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
        **_facts(saved),
        "hides_shipped": saved.hides_shipped,
    }


def _facts(saved: SavedHarness) -> dict[str, object]:
    """Return what is known of a harness that comes with Weft."""
    from weft.runtime.project.shipped import shelves

    if saved.origin != "shipped":
        return {"group": None, "offline": None}
    group = next(title for title, names in shelves().groups.items() if saved.name in names)
    return {"group": group, "offline": saved.name in shelves().offline}
