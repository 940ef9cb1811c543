"""The command that writes what there is in a form for others: `export`. It starts no agent and spends nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weft.runtime.cli.keeping import shelf_of
from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import errors_as_json, print_json, print_text, show
from weft.runtime.errors import UsageError

if TYPE_CHECKING:
    from weft.runtime.project.folders import RunFolder

__all__ = ["export"]

NOTHING = "nothing was written"

FORMATS = {"html": "html", "md": "md", "jsonl": "jsonl", "perfetto": "perfetto.json"}
"""Forms of a run that are files, and how their names end."""


@click.command()
@click.argument("name", metavar="NAME|RUN")
@click.argument("file", metavar="[FILE]", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS, "otlp"]),
    help="Of a run: a page for a browser, a report, a line for each agent, a trace, or spans for a receiver.",
)
@click.option("--out", metavar="FILE", help="The same as [FILE]; - prints it, and for otlp it is the receiver's URL.")
@click.option("--content", is_flag=True, help="Put in what agents were asked and answered, and what was said.")
@json_option
def export(name: str, file: str | None, form: str | None, out: str | None, content: bool, as_json: bool) -> None:
    """Write a saved harness with all that is kept of it into one file, which `weft import` takes in; or, with --format,
    a run in a form that others read.

    Without FILE it is NAME.weft, or RUN.html and the like. What agents were asked and answered is in none of these
    forms without --content; secrets are in none at all.
    """
    with errors_as_json(as_json):
        if file is not None and out is not None:
            raise UsageError("two files are named", meaning=NOTHING, fix="name one: --out FILE")
        target = file or out
        if form is None:
            if content:
                fix = "add --format html, or md, jsonl, perfetto, otlp"
                raise UsageError("--content is for a run", meaning=NOTHING, fix=fix)
            _export_harness(name, target, as_json)
        elif form == "otlp":
            _send(name, target, content, as_json)
        else:
            _export_run(name, form, target, content, as_json)


def _export_harness(name: str, target: str | None, as_json: bool) -> None:
    from weft.runtime.keeping.archive import archived
    from weft.runtime.project.files import shown_path
    from weft.runtime.project.folders import Project
    from weft.runtime.project.phases import called_names

    project = Project(Path.cwd())
    if name == "@last" or project.has_run(name):
        raise UsageError(
            f"{name} is a run, which has several forms", meaning=NOTHING, fix=f"weft export {name} --format html"
        )
    shelf, harness = shelf_of(name)
    data = archived(shelf)
    path = Path(target or f"{name}.weft")
    _write(path, [data], f"weft export {name} ANOTHER-FILE")
    for called in sorted(called_names(harness.source)):
        show([f"it calls {called}, which is not in it: weft export {called}"], err=True)
    said = {"name": name, "path": shown_path(path), "bytes": len(data)}
    print_json(said) if as_json else show([f"{shown_path(path)}: {len(data):,} bytes; weft import takes it in"])


def _export_run(reference: str, form: str, target: str | None, content: bool, as_json: bool) -> None:
    from weft.runtime.project.files import shown_path
    from weft.runtime.project.folders import Project

    folder = Project(Path.cwd()).find_run(reference)
    pieces = _as(folder, form, content)
    if target == "-":
        for piece in pieces:
            print_text(piece)
        return
    path = Path(target or f"{folder.id}.{FORMATS[form]}")
    otherwise = f"weft export {reference} --format {form} --out ANOTHER-FILE"
    size = _write(path, (piece.encode("utf-8", "replace") for piece in pieces), otherwise)
    said = {"run": folder.id, "format": form, "path": shown_path(path), "bytes": size, "content": content}
    print_json(said) if as_json else show([f"{shown_path(path)}: {size:,} bytes"])


def _as(folder: RunFolder, form: str, content: bool) -> Iterator[str]:
    """Yield a run in a form, piece by piece."""
    from weft.runtime.plain import as_json

    if form == "html":
        from weft.runtime.serving.onefile import page

        yield from page(folder, content=content)
        return
    from weft.runtime.journal.withheld import told

    events = told(folder.events(), content=content)
    state = folder.state(events)
    match form:
        case "md":
            from weft.runtime.exporting.markdown import markdown

            yield markdown(state, content=content)
        case "perfetto":
            from weft.runtime.exporting.perfetto import perfetto

            yield as_json(perfetto(events, state, content=content), 0)
        case _:
            from weft.runtime.exporting.rows import lines

            yield from lines(state, content=content)


def _send(reference: str, named: str | None, content: bool, as_json: bool) -> None:
    from weft.runtime.exporting.otlp import receiver, send
    from weft.runtime.project.config import read_config
    from weft.runtime.project.folders import Project

    folder = Project(Path.cwd()).find_run(reference)
    viewers = read_config(Path.cwd()).otel.compat
    count = send(folder.events(), named=named, content=content, viewers=viewers)
    said = {"run": folder.id, "format": "otlp", "to": receiver(named), "spans": count, "content": content}
    print_json(said) if as_json else show([f"{count:,} spans sent to {receiver(named)}"])


def _write(path: Path, pieces: Iterable[bytes], otherwise: str) -> int:
    """Write a file that is not there yet, and return how many bytes it has.

    Raises:
        UsageError: it is there, or cannot be written.
    """
    from weft.runtime.project.files import shown_path, write_pieces

    if os.path.lexists(path):
        what = "that file is there already"
        raise UsageError(
            what, where=shown_path(path), meaning="it stays as it is, and nothing was written", fix=otherwise
        )
    try:
        return write_pieces(path, pieces)
    except OSError as error:
        what = f"the file cannot be written: {error.strerror}"
        raise UsageError(what, where=shown_path(path), meaning=NOTHING) from None
