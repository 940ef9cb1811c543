"""The commands of the library: `save`, `test`, `rm`, `export`, `import`. None of them asks a model or spends."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import confirmed, errors_as_json, print_json, print_text, show
from weft.runtime.errors import ExitCode
from weft.runtime.page import line, shortened

if TYPE_CHECKING:
    from weft.runtime.errors import NotFound
    from weft.runtime.keeping.saving import Replacing, Source
    from weft.runtime.keeping.shelf import Shelf, Version
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import Harness

__all__ = ["bring", "export", "remove", "save", "test"]

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
@click.option("--yes", is_flag=True, help="Approve what would be asked.")
@json_option
def save(reference: str, name: str, params: tuple[str, ...], replace: bool, yes: bool, as_json: bool) -> None:
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
        project = Project(Path.cwd())
        shelf = Shelf(project, name)
        project.check_name(name)
        source = _source(project, reference)
        harness = _named(source, name, params)
        if not replace:
            project.check_free(name, harness.source)
        _check_clean(harness)
        replacing = anyio.run(compared, shelf, harness)
        if not replace:
            project.check_free(name, harness.source)  # also of what came meanwhile
        if not replacing.alike:
            _approve(replacing, name, yes=yes)
        version, why = save_as(shelf, source, harness, replacing)
    if as_json:
        print_json(_saved_object(shelf, version, harness, replacing, why))
    else:
        _say_saved(shelf, source, version, harness, replacing, why)


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
    return of_run(project.find_run(reference))


def _named(source: Source, name: str, params: tuple[str, ...]) -> Harness:
    """Return what is saved: under its new name, with the defaults that were given."""
    from dataclasses import replace

    from weft.runtime.keeping.setting import with_defaults

    harness = replace(source.harness, name=name, filename=f".weft/workflows/{name}.py")
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


def _approve(replacing: Replacing, name: str, *, yes: bool) -> None:
    """Show what a new version changes, and get a yes."""
    from weft.runtime.errors import Refused
    from weft.runtime.views.keeping import broken_page, played_page

    show([f"executed over what {name} is tested with:"], err=True)
    for one in replacing.played:
        show(played_page(one), err=True)
    for error in replacing.broken:
        show(broken_page(error), err=True)
    if yes:
        return
    asked = sys.stdin.isatty()
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
    from weft.runtime.project.shipped import builtin_harness

    answers = "" if source.cassette is None or why else f", with the recorded answers of {source.cassette.name}"
    done = "Saved" if replacing.before != harness.source else "There already:"
    show([f"{done} {os.path.relpath(shelf.harness)} as version {version.number}{answers}"])
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
    if builtin_harness(shelf.name) is not None:
        show(["Here that name means it from now on, and no longer the harness that comes with Weft."], err=True)
    print_text(f"next: {shlex.join(['weft', 'run', shelf.name, *_needed(source, harness)])}", err=True)


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
    from weft.runtime.views.keeping import played_object

    return {
        "name": shelf.name,
        "path": os.path.relpath(shelf.harness),
        "version": version.number,
        "digest": version.digest,
        "args": harness.args_schema,
        "cassettes": list(version.cassettes),
        "unrecorded": why,
        "compared": [played_object(one) for one in replacing.played],
    }


@click.command()
@click.argument("name", metavar="NAME")
@json_option
def test(name: str, as_json: bool) -> None:
    """Execute a saved harness over its recorded answers: no model, no spend.

    Exit code 1 where it comes to another result. A call that is not recorded is said; what stood in its place is
    answered, so that one sees what becomes of it.
    """
    import anyio

    from weft.runtime.errors import UsageError
    from weft.runtime.keeping.saving import played
    from weft.runtime.views.keeping import broken_page, played_object, played_page

    with errors_as_json(as_json):
        shelf, harness = _shelf(name)
        done, broken = anyio.run(played, shelf, harness)
        if not (done or broken):
            raise UsageError(
                f"{name!r} has no recorded answers",
                where=os.path.relpath(shelf.folder),
                meaning="there is nothing to compare with",
                fix=f"weft save RUN {name} --replace keeps those of a run",
            )
    passed = not broken and all(one.passed for one in done)
    if as_json:
        print_json(
            {
                "name": name,
                "digest": harness.digest,
                "passed": passed,
                "cassettes": [played_object(one) for one in done],
                "broken": [{"where": error.where, "problem": error.what} for error in broken],
            }
        )
    else:
        for one in done:
            show(played_page(one))
        for error in broken:
            show(broken_page(error))
    if not passed:
        raise SystemExit(ExitCode.ERROR)


@click.command("rm")
@click.argument("name", metavar="NAME")
@json_option
def remove(name: str, as_json: bool) -> None:
    """Remove a saved harness with its versions and recorded answers. Its runs stay."""
    from weft.runtime.errors import UsageError
    from weft.runtime.keeping.shelf import Shelf
    from weft.runtime.project.folders import Project

    with errors_as_json(as_json):
        project = Project(Path.cwd())
        project.check_name(name)
        shelf = Shelf(project, name)
        own = project.workflows["user"] / f"{name}.py"
        there = [path for path in (shelf.harness, shelf.folder) if os.path.lexists(path)]
        if there:
            with shelf.locked():
                shelf.remove()
        elif os.path.lexists(own):
            there = [own]
            own.unlink()
        elif project.find_harness(name) is not None:
            raise UsageError(
                f"{name!r} comes with Weft",
                meaning="nothing was removed",
                fix="one that you save under its name hides it",
            )
        else:
            raise _no_such(name, project, "nothing was removed")
    removed = [os.path.relpath(path) for path in there]
    print_json({"name": name, "removed": removed}) if as_json else show([f"removed {', '.join(removed)}"])


@click.command()
@click.argument("name", metavar="NAME")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@json_option
def export(name: str, file: Path | None, as_json: bool) -> None:
    """Write a saved harness with its versions, recorded answers and record of runs into one file, NAME.weft."""
    from weft.runtime.errors import UsageError
    from weft.runtime.keeping.archive import archived
    from weft.runtime.project.files import shown_path, write_atomically
    from weft.runtime.project.phases import called_names

    path = file or Path(f"{name}.weft")
    with errors_as_json(as_json):
        shelf, harness = _shelf(name)
        data = archived(shelf)
        if os.path.lexists(path):
            raise UsageError(
                "that file is there already",
                where=shown_path(path),
                meaning="it stays as it is, and nothing was written",
                fix=f"weft export {name} ANOTHER-FILE",
            )
        try:
            write_atomically(path, data)
        except OSError as error:
            raise UsageError(
                f"the file cannot be written: {error.strerror}", where=shown_path(path), meaning="nothing was written"
            ) from None
    for called in sorted(called_names(harness.source)):
        show([f"it calls {called}, which is not in it: weft export {called}"], err=True)
    said = {"name": name, "path": shown_path(path), "bytes": len(data)}
    print_json(said) if as_json else show([f"{shown_path(path)}: {len(data):,} bytes; weft import takes it in"])


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--as", "other", metavar="NAME", help="Save it under another name.")
@json_option
def bring(file: Path, other: str | None, as_json: bool) -> None:
    """Take in a saved harness from a file that `weft export` has written.

    It is not approved by that: the first `weft run` of it shows its plan and asks.
    """
    from weft.runtime.errors import NotFound
    from weft.runtime.keeping.archive import bring_in, read_archive
    from weft.runtime.keeping.shelf import Shelf
    from weft.runtime.project.folders import Project

    with errors_as_json(as_json):
        try:
            archive = read_archive(file)
        except OSError as error:
            raise NotFound(
                f"the file cannot be read: {error.strerror}", where=str(file), meaning=NOTHING, fix="weft import FILE"
            ) from None
        project = Project(Path.cwd())
        name = other or archive.name
        project.check_free(name)
        shelf = Shelf(project, name)
        with shelf.locked():
            project.check_free(name)
            shelf.check_gone()
            bring_in(shelf, archive)
    cassettes = sum(one.startswith("cassettes/") for one in archive.files)
    if as_json:
        print_json({"name": name, "path": os.path.relpath(shelf.harness), "digest": archive.harness.digest})
        return
    runs = f"{cassettes} recorded run{'s' * (cassettes != 1)}"
    show([f"Saved {os.path.relpath(shelf.harness)}, with {runs}; it is not approved yet"])
    print_text(f"next: weft test {name}   and   weft run {name}", err=True)


def _shelf(name: str) -> tuple[Shelf, Harness]:
    """Return what is kept of a saved harness of the project, and the harness.

    Raises:
        NotFound, UsageError: there is none.
    """
    from weft.runtime.errors import UsageError
    from weft.runtime.keeping.shelf import Shelf
    from weft.runtime.project.folders import Project

    project = Project(Path.cwd())
    project.check_name(name)
    shelf = Shelf(project, name)
    harness = shelf.current()
    if harness is not None:
        return shelf, harness
    if project.find_harness(name) is None:
        raise _no_such(name, project, "nothing was done")
    raise UsageError(
        f"{name!r} is not saved in this project",
        meaning="nothing is kept of it here",
        fix=f"weft save {name} {name} keeps a copy of it here",
    )


def _no_such(name: str, project: Project, meaning: str) -> NotFound:
    from weft.runtime.errors import NotFound
    from weft.runtime.meant import did_you_mean

    names = [saved.name for saved in project.harnesses() if saved.origin != "shipped"]
    return NotFound(
        f"there is no saved harness {name!r}", meaning=meaning, fix=did_you_mean(name, names, "weft list shows them")
    )
