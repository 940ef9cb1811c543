"""The `weft` command. Modules are imported where a command needs them, so that it answers at once."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from io import TextIOWrapper

__all__ = ["main"]

COLLECTED = (50_000, 20, 20)
"""How rarely the garbage collector looks: what is imported, which is most of what there is, is never garbage."""


def main() -> None:
    """Run the command line and exit. Exit codes are those of the command-line contract."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # one that has no letter for ● is no reason to end
    gc.set_threshold(*COLLECTED)
    atexit.register(gc.freeze)  # else it looks through all there is before the process ends, a quarter of a short run
    if sys.argv[1:] in ([], ["-h"], ["--help"]):
        from weft.runtime.cli.commands import help_text

        try:
            sys.stdout.write(f"{help_text()}\n")
            sys.stdout.flush()
        except OSError:
            pass  # what becomes of that is said where all other output is
        else:
            return
    from weft.runtime.cli.group import dispatch

    dispatch()


def _open_closed_streams() -> None:
    """Connect the standard streams that whoever started us has closed with nothing.

    Else the next file that is opened, such as the journal of a run, would take their number, and what some library
    writes to standard error would stand in it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))
