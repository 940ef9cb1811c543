"""`weft list`: the harnesses that can be run by their names, what is kept of one, and which may be for a task."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weft.runtime.cli.columns import columns
from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import errors_as_json, print_json, show
from weft.runtime.page import Block, named

if TYPE_CHECKING:
    from weft.runtime.keeping.finding import Similar
    from weft.runtime.project.folders import Project
    from weft.runtime.project.saved import SavedHarness

__all__ = ["listing"]

Group = tuple[str, list[tuple[str, str]]]

TITLES = {
    "project": "Saved in this project (.weft/workflows)",
    "user": "Saved by you, in every project (~/.weft/workflows)",
}

SHOWN = 5
"""How many harnesses are shown that may be for a task."""

OFFLINE = " (also offline)"
"""What is said of a harness that takes no model."""


@click.command("list")
@click.argument("what", metavar="[NAME|TASK]", required=False)
@json_option
def listing(what: str | None, as_json: bool) -> None:
    """List what can be run by its name: harnesses of this project, of yours, and those that come with Weft.

    With a NAME: its versions, what it is tested with, and how its runs went. With a TASK in words: those that may be
    for it, and how much of it each speaks of, from 0 to 1.
    """
    from weft.runtime.project.folders import Project, is_name
    from weft.runtime.views.saved import saved_object

    project = Project(Path.cwd())
    with errors_as_json(as_json):
        if what is not None:
            return _list_one(what, project, as_json) if is_name(what) else _list_similar(what, project, as_json)
    saved = project.harnesses()
    if as_json:
        from weft.runtime.keeping.record import Runs

        runs = Runs(project)
        print_json([saved_object(one, project) | {"runs": runs.count(one)} for one in saved])
        return None
    show(columns([*_own(saved), *_shipped(saved)]))
    show(["", "weft run NAME --help shows what one takes, weft run NAME --demo one that comes with Weft"], err=True)
    return None


def _list_one(name: str, project: Project, as_json: bool) -> None:
    """Show the versions of a harness, and how its runs went."""
    from weft.runtime.errors import NotFound
    from weft.runtime.keeping.record import track_of
    from weft.runtime.keeping.shelf import Kept, Shelf
    from weft.runtime.meant import did_you_mean
    from weft.runtime.views.keeping import track_rows, versions_page
    from weft.runtime.views.saved import is_approved, kept_object

    every = {one.name: one for one in project.harnesses()}
    saved = every.get(name)
    if saved is None:
        raise NotFound(f"there is no harness {name!r}", fix=did_you_mean(name, [*every], "weft list shows all"))
    kept = Shelf.of(project, name).kept() if saved.path is not None else Kept()
    track, approved = track_of(project, saved), is_approved(saved)
    if as_json:
        print_json(kept_object(saved, project, kept, track))
        return
    rows = [("for", _purpose(saved)), ("where", (saved.path and os.path.relpath(saved.path)) or "comes with Weft")]
    rows += [("digest", f"sha256:{saved.harness.digest}")] if saved.harness is not None else []
    rows += [("approved", "yes" if approved else "no: the first run shows its plan and asks")]
    page: list[Block] = [named(label, text, width=12) for label, text in (*rows, *track_rows(track))]
    versions_shown = versions_page(kept, saved.harness.digest if saved.harness is not None else None)
    show([*page, *([""] if versions_shown else []), *versions_shown])


def _list_similar(task: str, project: Project, as_json: bool) -> None:
    """Show which harnesses may be for a task."""
    import anyio

    from weft.runtime.views.saved import saved_object

    found = anyio.run(_similar, task, project)
    if as_json:
        print_json([saved_object(one.saved, project) | {"score": one.score} for one in found])
        return
    rows = [(one.saved.name, f"{one.score:.2f}  {_purpose(one.saved)}") for one in found]
    show(columns([("", rows)]) if rows else ["no saved harness speaks of that; weft run writes one for it"])


async def _similar(task: str, project: Project) -> list[Similar]:
    from weft.runtime.keeping.finding import similar
    from weft.runtime.project.config import read_config

    config = read_config(Path.cwd())
    if config.embeddings is None:
        return await similar(task, project, most=SHOWN)
    from weft.runtime.agents.likeness.embedding import Embeddings
    from weft.runtime.ceiling import Ceiling
    from weft.runtime.clock import RealClock
    from weft.runtime.money.budget import Budget

    clock = RealClock()
    embeddings = Embeddings(config.embeddings.model, Budget(Ceiling(), clock), clock, config)
    try:
        return await similar(task, project, most=SHOWN, embeddings=embeddings)
    finally:
        await embeddings.close()


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
    from weft.runtime.views.saved import is_approved

    purpose = saved.purpose or "(it does not say what it is for)"
    known = f"{purpose} (hides the one that comes with Weft)" if saved.hides_shipped else purpose
    return known if is_approved(saved) or not saved.readable else f"{known} (not approved yet)"
