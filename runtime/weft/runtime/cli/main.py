"""The group of commands, and the one place where errors become a message and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from weft.primitives.errors import WeftError
from weft.runtime.cli.output import message
from weft.runtime.errors import ExitCode, RuntimeFailure, single

__all__ = ["main"]

COMMANDS = {
    "run": ("make", "run", "Run a TASK in words, a harness FILE.py, or a saved harness by NAME."),
    "plan": ("make", "plan", "Write a harness for a TASK, and show what it would do and cost."),
    "check": ("check", "check", "Find defects in harnesses and prove how many agents they can start."),
    "rule": ("check", "rule", "Explain a kind of finding: what, why it costs, how to mend it, when it is fine."),
    "lsp": ("check", "lsp", "Check harnesses in an editor: a language server on standard input and output."),
    "runs": ("look", "runs", "List the runs of this project, oldest first."),
    "show": ("look", "show", "Show a run as a tree, or one agent with its prompt, result and transcript."),
    "pause": ("steer", "pause", "Pause a run: no further agents start, those at work finish, and the process waits."),
    "continue": ("steer", "go_on", "Go on with a run that `weft pause` has paused."),
    "stop": ("steer", "stop", "Stop a run, or only one agent of it, by its number or label."),
    "retry": ("steer", "retry", "Ask the agents again that a run has lost so far."),
    "budget": ("steer", "budget", "Raise or lower the ceiling of a run."),
    "resume": ("again", "resume", "Go on with a run that was stopped, paused, killed, or lost agents."),
    "why": ("again", "why", "Say why an agent was asked, or was not, in a run that was resumed."),
    "diff": ("again", "diff", "Compare two runs: harness, outcome, cost, calls and result."),
    "replay": ("look", "replay", "Execute a run's harness again against its journal: no model, no tools, no spend."),
    "doctor": ("doctor", "doctor", "Tell what this machine offers a run: confinement, credentials, a place to write."),
}
"""Each command: the module of this package it is in, its name there, and the first sentence of its help."""


class _Lazy(click.Group):
    """A group that loads a command when it is called, and none to list them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"weft.runtime.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, _, sentence) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="weft")
def weft() -> None:
    """Run dynamic workflows: a task in words becomes a harness that is checked, priced, run and remembered."""


def main() -> NoReturn:
    """Run the command line and exit. Exit codes are those of the command-line contract."""
    try:
        code = weft.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        code = ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except OSError as error:
        code = _denied(error)
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except (WeftError, BaseExceptionGroup) as error:
        code = _report(single(error))
    sys.exit(code or 0)


def _denied(error: OSError) -> int:
    """Answer for output that could not be written, or a file that the system keeps from us."""
    if error.filename is not None:
        click.echo(
            f"error: {error.strerror}\n  where   {error.filename}\n  fix     check who may read and write it", err=True
        )
        return ExitCode.ERROR
    # Python would complain once more when it closes stdout.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # whoever read it has seen enough
        return ExitCode.BROKEN_PIPE
    click.echo(f"error: the output cannot be written: {error.strerror}", err=True)
    return ExitCode.ERROR


def _report(error: BaseException) -> int:
    if not isinstance(error, WeftError):
        raise error
    click.echo(message(error), err=True)
    return error.exit_code if isinstance(error, RuntimeFailure) else ExitCode.ERROR
