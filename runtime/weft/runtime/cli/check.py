"""`weft check`, `weft rule`, `weft lsp`: all that needs the linter alone, so that it answers at once."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weft.primitives.errors import WeftError
from weft.runtime.cli.linting import lint_here, show_reports
from weft.runtime.errors import ExitCode

if TYPE_CHECKING:
    from weft.linter import Report

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
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--fix", is_flag=True, help="Apply the safe fixes first.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that may change more.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github", "model"]),
    default="text",
    show_default=True,
    help="How to show what was found.",
)
@click.option("--json", "form", flag_value="json", help="Short for --format json.")
def check(files: tuple[Path, ...], fix: bool, unsafe_fixes: bool, diff: bool, form: str) -> None:
    """Find defects in harnesses and prove how many agents they can start.

    Exit code 0: clean, or warnings only. 1: errors. 2: a file cannot be read or written.
    """
    if unsafe_fixes and not (fix or diff):
        raise click.UsageError("--unsafe-fixes says which fixes --fix and --diff take; give one of them too")
    checked = [_check(file, write=fix and not diff, mend=fix or diff, unsafe=unsafe_fixes) for file in files]
    changes = "".join(_changes(one) for one in checked)
    if diff:
        click.echo(changes, nl=False)
    else:
        click.echo(changes, nl=False, err=True)
        found = [(one.name, one.after, one.report) for one in checked]
        if form == "text":
            show_reports(found)
        else:
            from weft.linter import render_all

            click.echo(render_all(found, form))
    if any(one.failed for one in checked):
        raise SystemExit(ExitCode.USAGE)
    if any(one.report.errors for one in checked):
        raise SystemExit(ExitCode.ERROR)


def _check(file: Path, *, write: bool, mend: bool, unsafe: bool) -> _Checked:
    from weft.linter import fix, unreadable

    name = click.format_filename(file)
    try:
        source = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return _Checked(name, "", "", unreadable(_why(error)), failed=True)
    mended = fix(source, unsafe=unsafe) if mend else source
    if write and mended != source:
        from weft.runtime.project.files import write_atomically

        try:
            write_atomically(file.resolve(), mended)
        except OSError as error:
            return _Checked(name, source, source, unreadable(_why(error), "written"), failed=True)
    return _Checked(name, source, mended, lint_here(mended if write else source, name))


def _why(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "the system refuses it" if isinstance(error, OSError) else f"no UTF-8 text: {error.reason}"


def _changes(one: _Checked) -> str:
    if one.before == one.after:
        return ""
    import difflib

    before, after = one.before.splitlines(), one.after.splitlines()
    lines = difflib.unified_diff(before, after, f"{one.name} before", one.name, n=0, lineterm="")
    return "".join(f"{line}\n" for line in lines)


@click.command()
@click.argument("code", required=False)
@click.option("--json", "as_data", is_flag=True, help="Print data instead of text.")
def rule(code: str | None, as_data: bool) -> None:
    """Explain a kind of finding: what, why it costs, how to mend it, when it is fine. Without CODE: list all."""
    from weft.linter import PAGES, page, page_text

    if code is None:
        lines = (f"{one.code}  {one.severity:<7}  {one.name:<28} {one.title}" for one in PAGES)
        click.echo(_data([asdict(one) for one in PAGES]) if as_data else "\n".join(lines))
        return
    found = page(code)
    if found is None:
        raise _no_such_code(code)
    click.echo(_data(asdict(found)) if as_data else page_text(found), nl=as_data)


@click.command()
def lsp() -> None:
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
    serve()


def _data(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _no_such_code(code: str) -> WeftError:
    from weft.linter import similar
    from weft.runtime.errors import NotFound

    near = similar(code)
    return NotFound(
        f"there is no rule {code!r}",
        meaning="nothing is known of it",
        fix=f"did you mean {' or '.join(near)}?" if near else "weft rule lists all codes",
    )
