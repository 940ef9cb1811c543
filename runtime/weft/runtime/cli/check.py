"""`weft check`: lint harnesses. Imports nothing but the linter, so that an editor may call it on every key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from weft.linter import Report

__all__ = ["check"]

EXIT_ERRORS = 1
EXIT_FAILURE = 2


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--fix", is_flag=True, help="Apply the safe fixes first.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github", "model"]),
    default="text",
    show_default=True,
    help="How to show what was found.",
)
@click.option("--json", "form", flag_value="json", help="Short for --format json.")
def check(files: tuple[Path, ...], fix: bool, form: str) -> None:
    """Find defects in harnesses and prove how many agents they can start.

    Exit code 0: clean, or warnings only. 1: errors. 2: a file cannot be read.
    """
    from weft.linter import render_all

    checked: list[tuple[str, str, Report]] = []
    unreadable = False
    for file in files:
        try:
            checked.append((str(file), *_check(file, fix)))
        except (OSError, UnicodeDecodeError) as error:
            unreadable = True
            click.echo(_unreadable(file, error), err=True)
    if checked:
        click.echo(render_all(checked, form))
    if unreadable:
        raise SystemExit(EXIT_FAILURE)
    if any(report.errors for _, _, report in checked):
        raise SystemExit(EXIT_ERRORS)


def _check(file: Path, fix: bool) -> tuple[str, Report]:
    from weft.linter import fix as fixed
    from weft.linter import lint

    source = file.read_bytes().decode("utf-8")
    if fix:
        mended = fixed(source)
        if mended != source:
            from weft.runtime.files import write_atomically

            write_atomically(file, mended)
            click.echo(_changes(file, source, mended), err=True)
            source = mended
    return source, lint(source, filename=str(file))


def _changes(file: Path, before: str, after: str) -> str:
    import difflib

    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"{file} before", str(file), n=0, lineterm="")
    return "\n".join(lines)


def _unreadable(file: Path, error: OSError | UnicodeDecodeError) -> str:
    why = error.strerror if isinstance(error, OSError) else f"it is not UTF-8 text: {error.reason}"
    return f"error: a file cannot be checked\n  where   {file}: {why}\n  fix     weft check FILE.py"
