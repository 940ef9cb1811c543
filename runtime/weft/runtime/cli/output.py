"""The one door to the terminal: how a command prints a page or data, how an error reads, and how a person is asked.

What a terminal would obey passes in none of these forms, whoever wrote it; a run that goes on is shown by `views.live`.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from typing import Any

import click

from weft.primitives.errors import WeftError
from weft.runtime.errors import error_object, single
from weft.runtime.page import Block, line, named
from weft.runtime.plain import as_json, on_one_line, plain, verbatim

__all__ = [
    "asked",
    "attended",
    "chosen",
    "columns_for",
    "confirmed",
    "errors_as_json",
    "foreign",
    "message",
    "print_json",
    "print_record",
    "print_text",
    "show",
]

LONGEST = 4_000
"""How many letters of each part of an error are shown."""


def show(page: Iterable[Block], *, err: bool = False) -> None:
    """Print a page: in colours and within its width on a terminal, as plain text elsewhere."""
    from weft.runtime.views.terminal import show as show_on

    show_on(page, sys.stderr if err else sys.stdout)


def columns_for(*, err: bool = False) -> int | None:
    """Return how wide what `show` prints may be; `None` where it is no terminal."""
    from weft.runtime.views.terminal import width_of

    return width_of(sys.stderr if err else sys.stdout)


def attended() -> bool:
    """Whether there is somebody to ask: at a terminal from which this process may read.

    In the background of a shell it would be stopped for that, and wait without a word.
    """
    from weft.runtime.views.terminal import in_front

    return sys.stdin.isatty() and in_front(sys.stdin)


def print_text(text: str, *, err: bool = False) -> None:
    """Print lines that have a form of their own: a change to a file, a report for a program, a command to be copied."""
    click.echo(verbatim(text), nl=bool(text) and not text.endswith("\n"), err=err)


def print_json(data: Any, indent: int = 2) -> None:
    """Print one value as JSON on stdout."""
    print_text(_encodable(as_json(data, indent)))


def print_record(data: Any) -> None:
    """Print what a run came to as the last of the lines that tell of it, which are its events."""
    print_text(_encodable(json.dumps({"type": "result", "data": data}, ensure_ascii=False) + "\n"))


def _encodable(text: str) -> str:
    """Return JSON in which letters are escaped where stdout may have no others than those of ASCII."""
    if (sys.stdout.encoding or "utf-8").lower().startswith("utf"):  # none where it is a text in memory
        return text
    return "".join(one if one.isascii() else json.dumps(one)[1:-1] for one in text)


@contextmanager
def errors_as_json(
    wanted: bool,
    around: Callable[[WeftError], dict[str, Any]] | None = None,
    printed: Callable[[Any], None] = print_json,
) -> Iterator[None]:
    """Where JSON is wanted, let an error that ends the command be the one object on stdout too.

    `around` gives the fields that the command's object has besides `error`; `printed` prints it.
    """
    try:
        yield
    except (WeftError, BaseExceptionGroup) as error:
        cause = single(error)
        if wanted and isinstance(cause, WeftError):
            printed({**(around(cause) if around else {}), "error": error_object(cause)})
        raise


def message(error: WeftError) -> list[Block]:
    """Return an error in its four parts: what happened, where, what it means for the run, what to do."""
    parts = {"where": error.where, "means": error.meaning, "fix": error.fix}
    lines: list[Block] = [line(("error: ", "lost"), (_whole(on_one_line(error.what)), "strong"), hang=7)]
    return lines + [named(f"  {name}", _whole(text), width=10) for name, text in parts.items() if text]


def _whole(text: str) -> str:
    """Return a text of which as much is shown as anybody reads; names and options in it may be of any length."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … and {len(text) - LONGEST:,} more letters"


def confirmed(question: str) -> bool:
    """Ask; Ctrl-C ends the command at once, which it would not in an event loop."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return click.confirm(plain(question), err=True)
    finally:
        signal.signal(signal.SIGINT, before)


def chosen(question: str, answers: Sequence[str]) -> str:
    """Ask which of several answers it is, by its first letter or whole; without a word it is the last.

    Ctrl-C ends the command at once, as for `confirmed`.
    """
    offered = " ".join(f"[{answer[0]}]{answer[1:]}" for answer in answers)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        while True:
            said = click.prompt(plain(f"{question} {offered}"), default=answers[-1], show_default=False, err=True)
            meant = [answer for answer in answers if said and answer.startswith(said.strip().lower())]
            if len(meant) == 1:
                return meant[0]
    finally:
        signal.signal(signal.SIGINT, before)


def asked(question: str) -> str:
    """Ask for words, which may be none; Ctrl-C ends the command at once, as for `confirmed`."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return str(click.prompt(plain(question), default="", show_default=False, prompt_suffix=" ", err=True)).strip()
    finally:
        signal.signal(signal.SIGINT, before)


def foreign() -> AbstractContextManager[object]:
    """Let what code of the user's prints go to stderr: on stdout is what the command says."""
    return redirect_stdout(sys.stderr)
