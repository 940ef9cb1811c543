"""The group of commands, and the one place where errors become a message and an exit code."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from weft.primitives.errors import WeftError
from weft.runtime.cli.check import check
from weft.runtime.cli.doctor import doctor
from weft.runtime.cli.look import replay, runs, show
from weft.runtime.cli.make import plan, run
from weft.runtime.errors import RuntimeFailure

__all__ = ["main"]

EXIT_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="weft")
def weft() -> None:
    """Run dynamic workflows: a task in words becomes a harness that is checked, priced, run and remembered."""


for command in (run, plan, check, runs, show, replay, doctor):
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
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except (WeftError, BaseExceptionGroup) as error:
        code = _report(_single(error))
    sys.exit(code or 0)


def _single(error: BaseException) -> BaseException:
    """Take an error out of the groups that task groups put around it."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _report(error: BaseException) -> int:
    if not isinstance(error, WeftError):
        raise error
    click.echo(message(error), err=True)
    return error.exit_code if isinstance(error, RuntimeFailure) else 1


def message(error: WeftError) -> str:
    """Return an error in its four parts: what happened, where, what it means for the run, what to do."""
    parts = [f"error: {error.what}"]
    parts += [f"  where   {error.where}"] if error.where else []
    parts += [f"  means   {error.meaning}"] if error.meaning else []
    parts += [f"  fix     {error.fix}"] if error.fix else []
    return "\n".join(parts)
