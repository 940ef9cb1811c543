"""`weft serve`: runs in a browser, and over HTTP for programs. What is served, and to whom, is `runtime.serving`."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from weft.runtime.cli.output import errors_as_json, print_text
from weft.runtime.errors import UsageError

if TYPE_CHECKING:
    from weft.runtime.serving.server import Address, Server

__all__ = ["serve"]

PORT = 7617


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]...")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes a free one.")
@click.option("--open", "opens", is_flag=True, help="Open it in a browser.")
@click.option("--read-only", is_flag=True, help="Show runs, and steer or start none.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when it listens: url, token, pid.")
def serve(folders: tuple[Path, ...], port: int, opens: bool, read_only: bool, as_json: bool) -> None:
    """Show the runs of projects in a browser, and tell them to programs: to this machine alone, with a token.

    FOLDERs are those of projects; without one it is the working directory. Ctrl-C ends it; runs go on.
    """
    with errors_as_json(as_json):
        server = _server(folders or (Path(),), port, read_only=read_only)
    address = server.address
    if as_json:
        print_text(json.dumps({"url": address.url, "token": address.token, "pid": os.getpid()}))
    else:
        print_text(f"{address.opening}\nCtrl-C ends it; runs go on")
    with _warnings(), _opened(address) if opens else nullcontext():
        server.serve_until_told()


@contextmanager
def _warnings() -> Iterator[None]:
    """Show what is logged, which may quote anything, as everything else is shown."""
    shown = _Shown()
    logging.getLogger().addHandler(shown)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(shown)


class _Shown(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print_text(self.format(record), err=True)


def _server(folders: tuple[Path, ...], port: int, *, read_only: bool) -> Server:
    try:
        from weft.runtime.serving.projects import projects_of
        from weft.runtime.serving.server import server_for
    except ModuleNotFoundError as error:
        raise UsageError(
            "what serves pages is not installed",
            where=f"no module named {error.name}",
            meaning="runs can be looked at with weft show, and nothing else is missing",
            fix="pip install 'weft[serve]'",
        ) from error
    return server_for(projects_of(folders), port, read_only=read_only)


@contextmanager
def _opened(address: Address) -> Iterator[None]:
    """Open a browser by a file of this user alone: the words of a command, with the token in it, are for all to see."""
    with tempfile.NamedTemporaryFile("w", prefix="weft-", suffix=".html") as page:
        page.write(f'<meta http-equiv="refresh" content="0; url={address.opening}">')
        page.flush()
        Thread(target=_launch, args=(page.name, address), name="browser", daemon=True).start()
        yield


def _launch(page: str, address: Address) -> None:
    """Have the system open a page, which may take as long as its browser is open; say so where it cannot."""
    if click.launch(page, wait=True):
        print_text(f"no browser could be opened here; the address is {address.opening}", err=True)
