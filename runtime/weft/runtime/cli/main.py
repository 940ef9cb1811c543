"""The group of commands, and the one place where errors become a message and an exit code."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from weft.primitives.errors import WeftError
from weft.runtime.cli.again import diff, resume, why
from weft.runtime.cli.check import check, lsp, rule
from weft.runtime.cli.doctor import doctor
from weft.runtime.cli.look import replay, runs, show
from weft.runtime.cli.make import plan, run
from weft.runtime.cli.output import message
from weft.runtime.cli.steer import budget, go_on, pause, retry, stop
from weft.runtime.errors import RuntimeFailure, single

__all__ = ["main"]

EXIT_INTERRUPTED = 130
EXIT_PIPE = 141
"""As a program that SIGPIPE ends."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="weft")
def weft() -> None:
    """Run dynamic workflows: a task in words becomes a harness that is checked, priced, run and remembered."""


for command in (
    run,
    plan,
    check,
    rule,
    lsp,
    runs,
    show,
    pause,
    go_on,
    stop,
    retry,
    budget,
    resume,
    why,
    diff,
    replay,
    doctor,
):
    weft.add_command(command)


def main() -> NoReturn:
    """Run the command line and exit. Exit codes are those of the command-line contract."""
    try:
        code = weft.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        code = EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except OSError as error:
        code = _denied(error)
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except (WeftError, BaseExceptionGroup) as error:
        code = _report(single(error))
    sys.exit(code or 0)


def _denied(error: OSError) -> int:
    """Answer for output that could not be written, or a file that the system keeps from us."""
    if error.filename is not None:
        click.echo(
            f"error: {error.strerror}\n  where   {error.filename}\n  fix     check who may read and write it", err=True
        )
        return 1
    # Python would complain once more when it closes stdout.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # whoever read it has seen enough
        return EXIT_PIPE
    click.echo(f"error: the output cannot be written: {error.strerror}", err=True)
    return 1


def _report(error: BaseException) -> int:
    if not isinstance(error, WeftError):
        raise error
    click.echo(message(error), err=True)
    return error.exit_code if isinstance(error, RuntimeFailure) else 1
