"""`weft save`: a harness gets a name, or the name a new version. What else is done with those is `keeping`."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import attended, confirmed, errors_as_json, print_json, print_text, show
from weft.runtime.cli.which import find_run
from weft.runtime.page import line, shortened

if TYPE_CHECKING:
    from weft.runtime.keeping.saving import Replacing, Source
    from weft.runtime.keeping.shelf import Shelf, Version
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import Harness

__all__ = ["save", "shadows"]

NOTHING = "nothing was saved"

LONGEST = 60
"""How many columns of a default are shown."""


@click.command()
@click.argument("reference", metavar="RUN|FILE.py|NAME|NAME@N")
@click.argument("name", metavar="NAME")
@click.option(
    "--param",
    "params",
    multiple=True,
    metavar="ARG[=VALUE]",
    help="What an argument is by default; without a value, what it was in the run. Repeatable.",
)
@click.option("--replace", is_flag=True, help="Where the name is taken: save it as the next version of that.")
@click.option("--user", is_flag=True, help="Keep it for you, in every project, and not in this one.")
@click.option("--yes", is_flag=True, help="Approve what would be asked.")
@json_option
def save(
    reference: str, name: str, params: tuple[str, ...], replace: bool, user: bool, yes: bool, as_json: bool
) -> None:
    """Keep a harness under a name: of a run, with its recorded answers; of a file; or an earlier version.

    `weft run NAME` runs it from then on, `weft test NAME` executes it over the recorded answers for nothing. What is
    saved by you is approved. A new version is executed over the answers of the old one first: where it comes to
    something else, that is shown and asked. Older versions stay: weft save NAME@1 NAME --replace goes back to one.

    \b
    Examples:
      weft save @last conflicts
      weft save @last conflicts --param rounds=3 --replace
      weft save harness.py conflicts
    """
    import anyio

    from weft.runtime.keeping.saving import compared
    from weft.runtime.keeping.saving import save as save_as
    from weft.runtime.keeping.shelf import Shelf
    from weft.runtime.project.folders import Project

    with errors_as_json(as_json):
        here = Project(Path.cwd())
        home = Project.of_user() if user else here
        shelf = Shelf(home, name)
        home.check_name(name)
        source = _source(here, reference)
        harness = _named(source, shelf, params)
        if not replace:
            home.check_free(name, harness.source)
        _check_clean(harness)
        replacing = anyio.run(compared, shelf, harness)
        if not replace:
            home.check_free(name, harness.source)  # also of what came meanwhile
        if not replacing.alike:
            _approve(replacing, harness, yes=yes)
        version, why = save_as(shelf, source, harness, replacing)
    if as_json:
        print_json(_saved_object(shelf, version, harness, replacing, why))
        return
    _say_saved(shelf, source, version, harness, replacing, why)
    show(shadows(shelf.harness, here), err=True)
    print_text(f"next: {shlex.join(['weft', 'run', name, *_needed(source, harness)])}", err=True)


def _source(project: Project, reference: str) -> Source:
    """Return what a reference means: a version, a file, a run, or another saved harness.

    Raises:
        NotFound, Refused, JournalError: nothing, or nothing that can be saved.
    """
    from weft.runtime.keeping.saving import Source, of_run, of_version
    from weft.runtime.project.files import shown_path
    from weft.runtime.project.folders import is_path
    from weft.runtime.project.harness import read_harness

    version = of_version(project, reference)
    if version is not None:
        return version
    if is_path(reference):
        return Source(read_harness(Path(reference)), f"file {shown_path(Path(reference))}")
    if reference != "@last" and not project.has_run(reference):
        saved = project.find_harness(reference)
        if saved is not None:
            return Source(saved, f"harness {reference}")
    return of_run(find_run(reference, project))


def _named(source: Source, shelf: Shelf, params: tuple[str, ...]) -> Harness:
    """Return what is saved: under its new name, with the defaults that were given."""
    from dataclasses import replace

    from weft.runtime.keeping.setting import with_defaults
    from weft.runtime.project.files import shown_path

    harness = replace(source.harness, name=shelf.name, filename=shown_path(shelf.harness))
    return with_defaults(harness, dict(_default(harness, source, one) for one in params))


def _default(harness: Harness, source: Source, param: str) -> tuple[str, Any]:
    """Return which argument a default is given for, and which, read as its type says.

    Raises:
        UsageError: it means nothing.
    """
    from weft.runtime.cli.arguments import read_options
    from weft.runtime.errors import UsageError
    from weft.runtime.keeping.setting import properties_of

    arg, given, text = param.partition("=")
    properties = properties_of(harness)
    if arg not in properties:
        arg = next((one for one in properties if one.replace("_", "-") == arg), arg)
    if arg not in properties:
        return arg, None  # which is refused with all that there is
    if not given:
        if isinstance(source.args, dict) and arg in source.args:
            return arg, source.args[arg]
        raise UsageError(
            f"--param {arg} has no value, and none is known of a run",
            meaning=NOTHING,
            fix=f"--param {arg}=VALUE",
        )
    try:
        return arg, json.loads(text) if _is_json(properties[arg]) else read_options(
            (f"--{arg}={text}",), {"properties": {arg: properties[arg]}}, harness=harness.name
        )[arg]
    except (ValueError, RecursionError):
        raise UsageError(
            f"--param {arg} takes a value as JSON, not {text!r}", meaning=NOTHING, fix=f"--param {arg}='[…]'"
        ) from None


def _is_json(schema: Any) -> bool:
    """Whether a value is written as JSON: a list as a whole, and a switch."""
    from weft.runtime.cli.arguments import kind_of

    return kind_of(schema) in ("array", "object", "boolean", "json")


def _check_clean(harness: Harness) -> None:
    """Refuse what the linter finds errors in: it would be refused when it is run."""
    from weft.runtime.cli.linting import lint_here, show_reports
    from weft.runtime.errors import Refused

    report = lint_here(harness.source, harness.filename)
    if report.errors:
        show_reports([(harness.filename, harness.source, report)], err=True)
        count = len(report.errors)
        raise Refused(
            f"the linter found {count} {'error' if count == 1 else 'errors'}",
            meaning=NOTHING,
            fix="mend the harness; weft check --fix applies the safe fixes",
        )


def _approve(replacing: Replacing, harness: Harness, *, yes: bool) -> None:
    """Show what a new version changes, and get a yes."""
    from weft.runtime.errors import Refused
    from weft.runtime.views.changed import changed_page
    from weft.runtime.views.keeping import broken_page, played_page

    name = harness.name
    if replacing.before not in (None, harness.source):
        show(
            [f"what is different from what {name} is now:", *changed_page(str(replacing.before), harness.source), ""],
            err=True,
        )
    show([f"executed over what {name} is tested with:"], err=True)
    for one in replacing.played:
        show(played_page(one), err=True)
    for error in replacing.broken:
        show(broken_page(error), err=True)
    if yes:
        return
    asked = attended()
    if not (asked and confirmed("Replace it all the same?")):
        raise Refused(
            "the new version comes to something else" + ("" if asked else ", and nobody is there to say yes"),
            where=f"{name}: {sum(not one.passed for one in replacing.played) + len(replacing.broken)} of "
            f"{len(replacing.played) + len(replacing.broken)} cassettes",
            meaning=f"{name} is as it was, and {NOTHING}",
            fix="--yes approves it; weft save … OTHER-NAME keeps both",
        )


def _say_saved(
    shelf: Shelf, source: Source, version: Version, harness: Harness, replacing: Replacing, why: str | None
) -> None:
    from weft.runtime.keeping.setting import properties_of
    from weft.runtime.project.approvals import trusted
    from weft.runtime.project.files import shown_path

    answers = "" if source.cassette is None or why else f", with the recorded answers of {source.cassette.name}"
    done = "Saved" if replacing.before != harness.source else "There already:"
    show([f"{done} {shown_path(shelf.harness)} as version {version.number}{answers}"])
    for name, schema in properties_of(harness).items():
        default = schema.get("default") if isinstance(schema, dict) else None
        shown = "required" if name in (harness.args_schema or {}).get("required", ()) else "optional"
        if default is not None:
            shown = f"by default {shortened(json.dumps(default, ensure_ascii=False), LONGEST)}"
        show([line(f"  {name:<16} {shown}", hang=19)])
    left = [one for one in replacing.played if one.missing or one.problem]
    if left:
        show(
            [f"{len(left)} recorded runs stay with the earlier version: this one asks for what they do not have"],
            err=True,
        )
    if why is not None:
        show([line(("note: ", "warning"), f"{why}; so weft test has nothing to compare with", hang=6)], err=True)
    if not trusted(harness):
        show(["~/.weft cannot be written to, so the first run asks whether it is approved"], err=True)


def shadows(saved: Path, here: Project) -> list[str]:
    """Return what else goes by the name of a file that was saved: a project's own is meant before the user's."""
    from weft.runtime.project.files import shown_path
    from weft.runtime.project.shipped import builtin_harness

    own, users = (folder / saved.name for folder in here.workflows.values())
    if saved != own and os.path.lexists(own):
        return [f"Here that name goes on meaning the harness of this project, {shown_path(own)}."]
    if saved != users and os.path.lexists(users):
        return [f"Here that name means it from now on, and no longer yours, {shown_path(users)}."]
    if builtin_harness(saved.stem) is not None:
        return ["Here that name means it from now on, and no longer the harness that comes with Weft."]
    return []


def _needed(source: Source, harness: Harness) -> list[str]:
    """Return the options with which a harness can be run as it was: what it needs, or where that is explained."""
    from weft.runtime.cli.arguments import as_options

    required = (harness.args_schema or {}).get("required", ())
    given = source.args if isinstance(source.args, dict) else {}
    options = as_options({name: given[name] for name in required if name in given}, harness.args_schema)
    return options if options is not None and given.keys() >= {*required} else ["--help"]


def _saved_object(
    shelf: Shelf, version: Version, harness: Harness, replacing: Replacing, why: str | None
) -> dict[str, Any]:
    from weft.runtime.project.files import shown_path
    from weft.runtime.views.keeping import played_object

    return {
        "name": shelf.name,
        "path": shown_path(shelf.harness),
        "version": version.number,
        "digest": version.digest,
        "args": harness.args_schema,
        "cassettes": list(version.cassettes),
        "unrecorded": why,
        "compared": [played_object(one) for one in replacing.played],
    }
