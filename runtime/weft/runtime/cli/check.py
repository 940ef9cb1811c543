"""`weft check`, `weft rule`, `weft lsp`: all that needs the linter alone, so that it answers at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weft.primitives.errors import WeftError
from weft.runtime.cli.columns import columns
from weft.runtime.cli.linting import lint_here, show_reports
from weft.runtime.cli.output import print_json, print_text, show
from weft.runtime.errors import ExitCode
from weft.runtime.page import Block
from weft.runtime.plain import on_one_line

if TYPE_CHECKING:
    from weft.linter import Page, Report

__all__ = ["check", "lsp", "rule"]


@dataclass(frozen=True, slots=True)
class _Checked:
    """One file as it was found, as it is mended, and what is wrong with what is on disk afterwards."""

    name: str
    before: str
    after: str
    report: Report
    failed: bool = False


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE|FOLDER...")
@click.option("--fix", is_flag=True, help="Apply the safe fixes first.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that may change more.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option(
    "--max-agents",
    type=click.IntRange(min=1),
    metavar="N",
    help="Most agents a run may start: what can start more is found. Without it, as weft.toml says, or 1,000.",
)
@click.option("--guesses", is_flag=True, help="Also look for what is wrong in some harnesses and meant in others.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github", "model"]),
    default="text",
    show_default=True,
    help="How to show what was found.",
)
@click.option("--json", "form", flag_value="json", help="Short for --format json.")
def check(
    paths: tuple[Path, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    max_agents: int | None,
    guesses: bool,
    form: str,
) -> None:
    """Find defects in harnesses and prove how many agents they can start.

    In a FOLDER all harnesses are checked: files with `async def main` that import weft.primitives, and what stands in
    .weft/workflows. Hidden folders, virtual environments and what git ignores are left out.

    Exit code 0: clean, warnings only, or no harness in a FOLDER (which is said). 1: errors. 2: a file cannot be read or
    written.
    """
    if unsafe_fixes and not (fix or diff):
        raise click.UsageError("--unsafe-fixes says which fixes --fix and --diff take; give one of them too")
    files = dict.fromkeys(file for path in paths for file in (_harnesses(path) if path.is_dir() else [path]))
    lint = partial(lint_here, max_agents=max_agents, guesses=guesses)
    checked = [_check(file, lint, write=fix and not diff, mend=fix or diff, unsafe=unsafe_fixes) for file in files]
    _say_foreign(checked)
    changes = "".join(_changes(one) for one in checked)
    if diff:
        print_text(changes)
        _say_unmended(checked, unsafe_fixes)
    else:
        print_text(changes, err=True)
        found = [(one.name, one.after, one.report) for one in checked]
        if form == "text":
            show_reports(found)
        else:
            from weft.linter import render_all

            several = len(files) > 1 or any(path.is_dir() for path in paths)
            print_text(render_all(found, form, several=several))
    failed = any(one.failed for one in checked)
    if failed or any(one.report.errors for one in checked):
        raise SystemExit(ExitCode.USAGE if failed else ExitCode.ERROR)


def _harnesses(folder: Path) -> list[Path]:
    """Return the harnesses in a folder, and say how many files were looked at."""
    from weft.runtime.project.visible import harnesses_in

    found, looked_at = harnesses_in(folder)
    count = f"{len(found)} {'harness' if len(found) == 1 else 'harnesses'}" if found else "no harness"
    among = f"{looked_at} Python {'file' if looked_at == 1 else 'files'}"
    show([f"{count} among {among} in {on_one_line(click.format_filename(folder))}"], err=True)
    if not found:
        show(["  a harness has `async def main` and imports weft.primitives, or is in .weft/workflows"], err=True)
    return found


def _check(file: Path, lint: Callable[[str, str], Report], *, write: bool, mend: bool, unsafe: bool) -> _Checked:
    from weft.linter import fix, unreadable
    from weft.runtime.meant import did_you_mean_path
    from weft.runtime.project.files import read_regular

    name = click.format_filename(file)
    try:
        source = read_regular(file).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        near = did_you_mean_path(file, "")
        return _Checked(name, "", "", unreadable(f"{_why(error)} ({near})" if near else _why(error)), failed=True)
    mended = fix(source, unsafe=unsafe, check=lambda text: lint(text, name)) if mend else source
    if write and mended != source:
        from weft.runtime.project.files import write_atomically

        try:
            write_atomically(file.resolve(), mended)
        except OSError as error:
            return _Checked(name, source, source, unreadable(_why(error), "written"), failed=True)
    return _Checked(name, source, mended, lint(mended if write else source, name))


def _say_foreign(checked: list[_Checked]) -> None:
    """Say which files were written for another product, and what is to be changed of them."""
    from weft.runtime.project.foreign import foreign

    for one in checked:
        other = foreign(one.after) if one.report.errors else None
        if other is not None:
            show([f"{on_one_line(one.name)}:{other.line}: this is {other.what}"], err=True)
            show([f"  {change}" for change in other.changes], err=True)


def _say_unmended(checked: list[_Checked], unsafe: bool) -> None:
    """Say which files could not be read, and that nothing of what is found can be mended, where that is so."""
    show_reports([(one.name, one.after, one.report) for one in checked if one.failed], err=True)
    read = [one for one in checked if not one.failed]
    if not read or any(one.before != one.after for one in read):
        return
    findings = [finding for one in read for finding in one.report.findings]
    kinds = {finding.fix.safety for finding in findings if finding.fix is not None}
    more = "with --unsafe-fixes it can; " if "unsafe" in kinds and not unsafe else ""
    found = f"{len(findings)} finding{'s' * (len(findings) != 1)}"
    said = f"{found}, of which --fix would mend none: {more}without --diff each is shown"
    show([said if findings else "nothing to fix"], err=True)


def _why(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "the system refuses it" if isinstance(error, OSError) else f"no UTF-8 text: {error.reason}"


def _changes(one: _Checked) -> str:
    if one.before == one.after:
        return ""
    import difflib

    name, before, after = on_one_line(one.name), one.before.splitlines(), one.after.splitlines()
    lines = difflib.unified_diff(before, after, f"{name} before", name, n=0, lineterm="")
    return "".join(f"{line}\n" for line in lines)


@click.command()
@click.argument("name", metavar="[CODE|NAME]", required=False)
@click.option("--json", "as_data", is_flag=True, help="Print data instead of text.")
def rule(name: str | None, as_data: bool) -> None:
    """Explain a kind of finding: what, why it costs, how to mend it, when it is fine. Without a name: list all.

    It goes by its code, as B103, or its name, as await-in-loop.
    """
    from weft.linter import PAGES, page, page_text

    if name is None:
        print_json([asdict(one) for one in PAGES], indent=1) if as_data else show(_listed(PAGES))
        return
    found = page(name)
    if found is None:
        raise _no_such_rule(name)
    print_json(asdict(found), indent=1) if as_data else print_text(page_text(found))


def _listed(pages: tuple[Page, ...]) -> list[Block]:
    """Return what each kind of finding is, family by family."""
    families = groupby(pages, key=lambda one: one.code[0])
    rows = ([(f"{one.code}  {one.name}", f"{one.severity}: {one.title}") for one in family] for _, family in families)
    return columns(("", family) for family in rows)


@click.command()
@click.option("--guesses", is_flag=True, help="Also look for what is wrong in some harnesses and meant in others.")
def lsp(guesses: bool) -> None:
    """Check harnesses in an editor: a language server on standard input and output."""
    try:
        from weft.runtime.cli.language_server import serve
    except ModuleNotFoundError as error:
        from weft.runtime.errors import UsageError

        raise UsageError(
            "the language server is not installed",
            where=f"no module named {error.name}",
            meaning="editors cannot ask; weft check works without it",
            fix="pip install 'weft[lsp]'",
        ) from error
    serve(guesses=guesses)


def _no_such_rule(name: str) -> WeftError:
    from weft.linter import PAGES
    from weft.runtime.errors import NotFound
    from weft.runtime.meant import did_you_mean

    known = {by: f"{page.code} {page.name}" for page in PAGES for by in (page.name, page.code.lower())}
    return NotFound(
        f"there is no rule {name!r}",
        meaning="no finding goes by that code or name",
        fix=did_you_mean(name.lower(), known, "weft rule lists all"),
    )
