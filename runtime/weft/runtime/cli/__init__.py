"""The `weft` command. Modules are imported where a command needs them, so that it answers at once."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit. Exit codes are those of the command-line contract."""
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
