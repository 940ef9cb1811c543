"""The commands that make things happen: `plan` writes and prices a harness, `run` runs one."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.runtime.cli.arguments import read_arguments, with_options
from weft.runtime.cli.ending import end, unstarted
from weft.runtime.cli.linting import refusal, refuse_errors
from weft.runtime.cli.options import default_model, json_option, option_words, read_settings, run_options
from weft.runtime.cli.output import confirmed, errors_as_json, print_json, show
from weft.runtime.errors import ExitCode

if TYPE_CHECKING:
    from weft.linter import Bound
    from weft.primitives.lost import Spent
    from weft.runtime.authoring.plan import Plan
    from weft.runtime.journal import RunState
    from weft.runtime.project.config import Config
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import Harness
    from weft.runtime.settings import Settings

__all__ = ["plan", "run"]


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("target", metavar="TASK|FILE.py|NAME")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--ARG VALUE]...")
@click.option("--args", "arguments", metavar="JSON|@FILE", help="Arguments of the harness.")
@run_options
@json_option
def plan(target: str, as_json: bool, **given: Any) -> None:
    """Write a harness for a TASK, and show what it would do and cost. Nothing is run.

    An argument of the harness may be given as an option of its name, after the harness.
    Shows what the linter found, the proved bound, a rehearsal with simulated agents, and a forecast.
    """
    import anyio

    with errors_as_json(as_json):
        made, path = anyio.run(_plan, target, given)
    if as_json:
        from weft.runtime.views.plan import plan_object

        print_json(plan_object(made))
    else:
        from weft.runtime.views.plan import plan_text

        show([plan_text(made)])
        if made.report.errors:
            raise SystemExit(ExitCode.REFUSED)
        click.echo(f"\nNothing has run yet.   next: {_next(made.harness, path, given)}", err=True)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("target", metavar="TASK|FILE.py|NAME")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--ARG VALUE]...")
@click.option("--args", "arguments", metavar="JSON|@FILE", help="Arguments of the harness.")
@run_options
@json_option
@click.option("--no-lint", is_flag=True, help="Skip the linter; the sandbox still holds.")
@click.option("--yes", is_flag=True, help="Approve what would be asked.")
def run(target: str, as_json: bool, no_lint: bool, yes: bool, **given: Any) -> None:
    """Run a TASK in words, a harness FILE.py, or a saved harness by NAME.

    An argument of the harness may be given as an option of its name, after the harness.

    Exit code 0: completed and clean. 1: error. 2: usage. 3: refused before the start. 4: completed but degraded.
    5: paused. 6: provider or credentials. 130: interrupted.
    """
    import anyio

    with errors_as_json(as_json, unstarted):
        state, folder = anyio.run(partial(_run, target, given, no_lint=no_lint, yes=yes, quiet=as_json))
    end(state, folder, as_json)


# ------------------------------------------------------------------------------------------------ what is to be run


@dataclass(frozen=True, slots=True)
class Target:
    """What was named on the command line, once it is a harness."""

    harness: Harness
    args: Any
    path: Path | None
    task: str | None = None
    """The words, where a harness was written for them."""
    spent: Spent | None = None
    """What writing it has cost."""


async def _resolve(target: str, given: dict[str, Any], settings: Settings, config: Config, project: Project) -> Target:
    """Turn TASK, FILE.py or NAME into a harness and its arguments."""
    from weft.runtime.errors import NotFound, UsageError
    from weft.runtime.project.folders import is_name, is_path
    from weft.runtime.project.harness import read_harness

    if not target.strip():
        raise UsageError("the task is empty", meaning="nothing was started", fix='weft run "what you want to know"')
    args = read_arguments(given["arguments"])
    path = Path(target) if is_path(target) else None
    named = read_harness(path) if path else project.find_harness(target)
    if named is not None:
        return Target(named, with_options({} if args is None else args, given["words"], named.args_schema), path)
    if target.startswith("-") or given["words"]:
        stray = target if target.startswith("-") else given["words"][0]
        raise UsageError(
            f"{stray!r} is no option of this command",
            meaning="nothing was started",
            fix="weft run --help lists the options; a task goes in quotes",
        )
    if is_name(target):
        names = ", ".join(project.harness_names())
        raise NotFound(
            f"there is no harness {target!r}",
            where=f"saved: {names}",
            meaning="nothing was started",
            fix=f"weft run {target}.py for a file; a task in words has two words or more",
        )
    return await _author(target, args, settings, config, project)


async def _author(task: str, args: Any, settings: Settings, config: Config, project: Project) -> Target:
    from weft.runtime.agents.models import ModelAgents
    from weft.runtime.agents.tools import Folders
    from weft.runtime.authoring.author import author_instructions, write_harness
    from weft.runtime.clock import RealClock
    from weft.runtime.money.budget import Budget

    # Stub agents stand in for agents only: a harness is written by a model, or offline.
    model = settings.model if settings.stub is None else default_model()
    folders, clock = Folders(settings.folders), RealClock()
    budget = Budget(settings.ceiling, clock)
    instructions = author_instructions()
    async with ModelAgents(
        folders, budget=budget, clock=clock, config=config, role="author", instructions=instructions
    ) as authors:
        authors.load(model)
        click.echo(f"writing a harness with {model} …", err=True)
        written = await write_harness(
            task,
            model=model,
            authors=authors,
            folders=folders,
            budget=budget,
            clock=clock,
            find_source=project.find_source,
            told=_tell,
        )
    args = written.args if args is None else args
    path = project.write_plan(f"{written.harness.name}-{written.harness.digest[:8]}", written.harness.source, args)
    return Target(written.harness, args, path, task, written.spent)


# ------------------------------------------------------------------------------------------------ plan and run


async def _plan(target: str, given: dict[str, Any]) -> tuple[Plan, Path | None]:
    from weft.runtime.authoring.plan import make_plan
    from weft.runtime.project.folders import Project

    (settings, config), project = read_settings(given), Project(Path.cwd())
    _announce(settings)
    named = await _resolve(target, given, settings, config, project)
    return await make_plan(named.harness, named.args, settings, config, project, named.path), named.path


async def _run(target: str, given: dict[str, Any], *, no_lint: bool, yes: bool, quiet: bool) -> tuple[RunState, Path]:
    from weft.runtime.execution.run import run as run_harness
    from weft.runtime.project.folders import Project
    from weft.runtime.views.live import progress

    (settings, config), project = read_settings(given), Project(Path.cwd())
    _announce(settings)
    named = await _resolve(target, given, settings, config, project)
    bound = None
    if named.task is not None:
        from weft.runtime.authoring.plan import make_plan

        made = await make_plan(named.harness, named.args, settings, config, project, named.path)
        bound = _approve(named, made, given, yes)
    elif not no_lint:
        bound = refuse_errors(named.harness)
    with progress() as shown:
        ended = await run_harness(
            named.harness,
            named.args,
            settings,
            project,
            config=config,
            task=named.task,
            spent=named.spent,
            bound=bound,
            watchers=(shown,),
            interruptible=True,
        )
    return ended.state, ended.folder.path


def _approve(named: Target, made: Plan, given: dict[str, Any], yes: bool) -> Bound:
    """Show a freshly written harness with its plan, get a yes where anything is at stake, and return the bound."""
    from weft.primitives.lost import Spent
    from weft.runtime.errors import Refused
    from weft.runtime.views.plan import plan_text, source_text

    show([f"\n{source_text(named.harness.source)}\n\n{plan_text(made)}\n"], err=True)
    if made.report.errors:
        raise refusal(len(made.report.errors))
    if yes or made.free:
        return made.report.bound
    asked = sys.stdin.isatty()
    if not (asked and confirmed("Run it?")):
        spent = named.spent or Spent()
        unapproved = Refused(
            "the plan was not approved" if asked else "the plan needs a yes, and nobody is there to give it",
            meaning=f"the harness is written, for ${spent.usd:.4f}, and nothing has run",
            fix=_next(named.harness, named.path, given) + ("" if asked else "   or --yes next time"),
        )
        unapproved.spent = spent
        raise unapproved
    return made.report.bound


def _next(harness: Harness, path: Path | None, given: dict[str, Any]) -> str:
    """Return the command that runs a planned harness under the same options, ready for a shell."""
    words = ["weft", "run", harness.name if path is None else os.path.relpath(path)]
    written = None if path is None else path.with_suffix(".json")
    if given["arguments"] is not None:
        words += ["--args", given["arguments"]]
    elif written is not None and written.is_file():
        words += ["--args", f"@{os.path.relpath(written)}"]
    return shlex.join([*words, *given["words"], *option_words(given)])


def _announce(settings: Settings) -> None:
    from weft.runtime.settings import OFFLINE

    if settings.model == OFFLINE and settings.stub is None:
        click.echo(
            "offline: no API key, so answers are quotations from your own files, found by their words. "
            "Set ANTHROPIC_API_KEY to use a model.",
            err=True,
        )


def _tell(line: str) -> None:
    click.echo(f"  {line}", err=True)
