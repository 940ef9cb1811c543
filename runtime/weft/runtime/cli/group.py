"""The group of commands, and the one place where errors become a message and an exit code."""

from __future__ import annotations

import errno
import os
import shlex
import sys
from importlib import import_module
from types import TracebackType
from typing import NoReturn

import click

from weft.primitives.errors import WeftError
from weft.runtime.cli.commands import COMMANDS, help_text
from weft.runtime.cli.output import message, print_text, show
from weft.runtime.errors import ExitCode, NotFound, RuntimeFailure, UsageError, single
from weft.runtime.meant import did_you_mean

__all__ = ["dispatch", "weft"]

NOTHING = "nothing was done"


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name in COMMANDS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        if len(name.split()) > 1:
            raise UsageError(
                "a task needs a command before it", where=name, meaning=NOTHING, fix=f"weft run {shlex.quote(name)}"
            )
        listed = "weft --help lists the commands"
        raise NotFound(
            f"there is no command {name!r}",
            meaning=NOTHING,
            fix=did_you_mean(name, {one: f"weft {one}" for one in COMMANDS}, listed),
        )

    def invoke(self, ctx: click.Context) -> object:
        """Let an error that click raises before a command has a context be about that command all the same."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            if error.ctx is None and command is not None:
                error.ctx = click.Context(command, info_name=ctx.invoked_subcommand, parent=ctx)
            raise

    def get_help(self, ctx: click.Context) -> str:
        return help_text()


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="weft")
def weft() -> None:
    """Run dynamic workflows: a task in words becomes a harness that is checked, priced, run and remembered."""


def dispatch() -> NoReturn:
    """Run the command line and exit. Exit codes are those of the command-line contract."""
    sys.excepthook = _unforeseen
    try:
        code = weft.main(prog_name="weft", standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        code = ExitCode.INTERRUPTED
    except (click.ClickException, WeftError, OSError, RuntimeError, MemoryError, BaseExceptionGroup) as error:
        code = _answer(single(error))
    sys.exit(code or 0)


def _answer(error: BaseException) -> int:
    """Say what ended the command, and return its exit code; an error of ours goes on as it is."""
    match error:
        case click.UsageError():
            return _report(_in_house_form(error))
        case click.ClickException():  # of a file, which click has opened for a command
            return _report(UsageError(error.format_message().rstrip("."), meaning=NOTHING, fix="weft --help"))
        case WeftError():
            return _report(error)
        case _ if _is_exhaustion(error):
            return _report(
                RuntimeFailure(
                    f"the system has nothing left to give: {error}",
                    meaning="the command could not go on; what a run has finished is kept",
                    fix="raise the limit on processes, memory or open files (ulimit -a), or end other processes",
                )
            )
        case OSError():
            return _denied(error)
    raise error


def _is_exhaustion(error: BaseException) -> bool:
    """Whether the system has refused a further process, thread, file or piece of memory."""
    if isinstance(error, OSError):
        return error.errno in (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
    return isinstance(error, MemoryError) or str(error) == "can't start new thread"  # that is a plain RuntimeError


def _unforeseen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show an error that is ours: its text may be somebody else's, and must not reach the terminal as it is."""
    from traceback import format_exception

    print_text("".join(format_exception(kind, error, trace)), err=True)


def _in_house_form(error: click.UsageError) -> UsageError:
    """Return what click says of a command line in the parts that all our errors have."""
    context = error.ctx
    if context is None:
        return UsageError(error.format_message().rstrip("."), meaning=NOTHING, fix="weft --help")
    path = context.command_path
    if isinstance(error, click.NoSuchOption):
        options = [name for param in context.command.get_params(context) for name in param.opts]
        what = f"{path} has no option {error.option_name}"
        return UsageError(
            what, meaning=NOTHING, fix=did_you_mean(error.option_name, options, f"{path} --help lists them")
        )
    what = error.format_message().rstrip(".")
    usage = " ".join(context.get_usage().removeprefix("Usage: ").split())
    return UsageError(
        what[:1].lower() + what[1:], where=usage, meaning=NOTHING, fix=f"{path} --help says what it takes"
    )


def _denied(error: OSError) -> int:
    """Answer for output that could not be written, or a file that the system keeps from us."""
    if error.filename is not None:
        what, where = str(error.strerror), str(error.filename)
        fix = "check who may read and write it"
        return _report(RuntimeFailure(what, where=where, meaning="the command could not go on", fix=fix))
    # Python would complain once more when it closes stdout.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # whoever read it has seen enough
        return ExitCode.BROKEN_PIPE
    what = f"the output cannot be written: {error.strerror}"
    fix = "check the room and the rights where it goes"
    return _report(RuntimeFailure(what, meaning="what was printed is not whole", fix=fix))


def _report(error: WeftError) -> int:
    show(message(error), err=True)
    return error.exit_code if isinstance(error, RuntimeFailure) else ExitCode.ERROR
