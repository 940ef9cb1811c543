"""The commands of the library: `test`, `rm`, `import`. None of them spends. `weft save` is `saving`, and `weft export`
`exporting`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import errors_as_json, print_json, print_text, show
from weft.runtime.errors import ExitCode

if TYPE_CHECKING:
    from weft.runtime.errors import NotFound
    from weft.runtime.keeping.shelf import Shelf, Version
    from weft.runtime.page import Block
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import Harness

__all__ = ["bring", "remove", "shelf_of", "test"]

NOTHING = "nothing was saved"


@click.command()
@click.argument("name", metavar="NAME")
@json_option
def test(name: str, as_json: bool) -> None:
    """Execute a saved harness over its recorded answers: no model, no spend.

    Exit code 1 where it comes to another result. A call that is not recorded is said; what stood in its place is
    answered, so that one sees what becomes of it. Where the file was edited since it was saved, that is shown first.
    """
    import anyio

    from weft.runtime.errors import UsageError
    from weft.runtime.keeping.saving import played
    from weft.runtime.views.keeping import broken_page, played_object, played_page

    with errors_as_json(as_json):
        shelf, harness = shelf_of(name)
        edited = _edited(shelf, harness)
        done, broken = anyio.run(played, shelf, harness)
        if not (done or broken):
            raise UsageError(
                f"{name!r} has no recorded answers",
                where=os.path.relpath(shelf.folder),
                meaning="there is nothing to compare with",
                fix=f"weft save RUN {name} --replace{_user(shelf)} keeps those of a run",
            )
    passed = not broken and all(one.passed for one in done)
    if as_json:
        print_json(
            {
                "name": name,
                "digest": harness.digest,
                "edited_since": None if edited is None else edited.number,
                "passed": passed,
                "cassettes": [played_object(one) for one in done],
                "broken": [{"where": error.where, "problem": error.what} for error in broken],
            }
        )
    else:
        _show_tested(shelf, harness, edited, [*map(played_page, done), *map(broken_page, broken)])
    if not passed:
        raise SystemExit(ExitCode.ERROR)


def _show_tested(shelf: Shelf, harness: Harness, edited: Version | None, pages: list[list[Block]]) -> None:
    """Show what tests have come to, with an edit in front of it, and what to do about that behind."""
    if edited is not None:
        show(_edit_page(shelf, edited, harness))
    for page in pages:
        show(page)
    if edited is not None:
        name, number = shelf.name, edited.number
        print_text(f"next: weft save {name} {name}{_user(shelf)}   keeps it as version {number + 1}", err=True)
        print_text(f"back: weft save {name}@{number} {name} --replace{_user(shelf)}", err=True)


def _user(shelf: Shelf) -> str:
    """Return the option without which something would be saved in the project, where it is the user's."""
    from weft.runtime.project.folders import Project

    return " --user" if shelf.project.root != Project(Path.cwd()).root else ""


def _edited(shelf: Shelf, harness: Harness) -> Version | None:
    """Return the version that a harness was before somebody edited its file; `None` where nobody has."""
    kept = shelf.kept()
    return None if kept.of(harness.digest) is not None else kept.latest


def _edit_page(shelf: Shelf, before: Version, harness: Harness) -> list[Block]:
    """Return what somebody has edited; that the text before is damaged says nothing of the answers."""
    from weft.runtime.errors import JournalError
    from weft.runtime.views.changed import changed_page

    try:
        changes = changed_page(shelf.version(before).source, harness.source)
    except JournalError as error:
        changes = [error.what]
    return [f"edited since version {before.number}:", *changes, ""]


@click.command("rm")
@click.argument("name", metavar="NAME")
@json_option
def remove(name: str, as_json: bool) -> None:
    """Remove a saved harness with its versions and recorded answers. Its runs stay."""
    from weft.runtime.errors import UsageError
    from weft.runtime.keeping.shelf import Shelf
    from weft.runtime.project.files import shown_path
    from weft.runtime.project.folders import Project

    with errors_as_json(as_json):
        project = Project(Path.cwd())
        project.check_name(name)
        shelf = Shelf.of(project, name)
        there = [path for path in (shelf.harness, shelf.folder) if os.path.lexists(path)]
        if there:
            with shelf.locked():
                _remove(shelf)
        elif project.find_harness(name) is not None:
            raise UsageError(
                f"{name!r} comes with Weft",
                meaning="nothing was removed",
                fix="one that you save under its name hides it",
            )
        else:
            raise _no_such(name, project, "nothing was removed")
    removed = [shown_path(path) for path in there]
    print_json({"name": name, "removed": removed}) if as_json else show([f"removed {', '.join(removed)}"])


def _remove(shelf: Shelf) -> None:
    """Remove a saved harness.

    Raises:
        UsageError: something of it cannot be removed, as a folder in its place.
    """
    from weft.runtime.errors import UsageError
    from weft.runtime.project.files import shown_path

    try:
        shelf.remove()
    except OSError as error:
        raise UsageError(
            f"it cannot be removed: {error.strerror}",
            where=shown_path(Path(error.filename or shelf.harness)),
            meaning="what is still there stays",
            fix="look at that path, and remove it by hand",
        ) from None


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--as", "other", metavar="NAME", help="Save it under another name.")
@click.option("--user", is_flag=True, help="Save it for you, in every project, and not in this one.")
@json_option
def bring(file: Path, other: str | None, user: bool, as_json: bool) -> None:
    """Take in a saved harness from a file that `weft export` has written.

    It is not approved by that: the first `weft run` of it shows its plan and asks.
    """
    from weft.runtime.errors import NotFound
    from weft.runtime.keeping.archive import bring_in, read_archive
    from weft.runtime.keeping.shelf import Shelf
    from weft.runtime.project.approvals import trusted
    from weft.runtime.project.files import shown_path
    from weft.runtime.project.folders import Project

    with errors_as_json(as_json):
        try:
            archive = read_archive(file)
        except OSError as error:
            raise NotFound(
                f"the file cannot be read: {error.strerror}", where=str(file), meaning=NOTHING, fix="weft import FILE"
            ) from None
        project = Project.of_user() if user else Project(Path.cwd())
        name = other or archive.name
        project.check_free(name)
        shelf = Shelf(project, name)
        with shelf.locked():
            project.check_free(name)
            shelf.check_gone()
            bring_in(shelf, archive)
    cassettes = sum(one.startswith("cassettes/") for one in archive.files)
    if as_json:
        print_json({"name": name, "path": shown_path(shelf.harness), "digest": archive.harness.digest})
        return
    runs = f"{cassettes} recorded run{'s' * (cassettes != 1)}"
    known = "you have approved this text before" if trusted(archive.harness) else "it is not approved yet"
    show([f"Saved {shown_path(shelf.harness)}, with {runs}; {known}"])
    test = f"weft test {name}   and   " if cassettes else ""
    print_text(f"next: {test}weft run {name}", err=True)


def shelf_of(name: str) -> tuple[Shelf, Harness]:
    """Return what is kept of a saved harness of the project, and the harness.

    Raises:
        NotFound, UsageError: there is none.
    """
    from weft.runtime.errors import UsageError
    from weft.runtime.keeping.shelf import Shelf
    from weft.runtime.project.folders import Project, is_name

    project = Project(Path.cwd())
    if not is_name(name):  # such as a run
        raise _no_such(name, project, "nothing was done")
    shelf = Shelf.of(project, name)
    harness = shelf.current()
    if harness is not None:
        return shelf, harness
    if project.find_harness(name) is None:
        raise _no_such(name, project, "nothing was done")
    raise UsageError(
        f"{name!r} comes with Weft, and is not saved by anybody here",
        meaning="nothing is kept of it",
        fix=f"weft save {name} {name} keeps a copy of it here",
    )


def _no_such(name: str, project: Project, meaning: str) -> NotFound:
    from weft.runtime.errors import NotFound
    from weft.runtime.meant import did_you_mean

    names = [saved.name for saved in project.harnesses() if saved.origin != "shipped"]
    return NotFound(
        f"there is no saved harness {name!r}",
        meaning=meaning,
        fix=did_you_mean(name, names, "weft list shows them; weft save RUN NAME makes one of a run"),
    )
