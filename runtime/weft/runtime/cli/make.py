"""The commands that make things happen: `plan` writes and prices a harness, `run` runs one."""

from __future__ import annotations

import json
import math
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from weft.primitives.errors import WeftError

if TYPE_CHECKING:
    from weft.primitives.lost import Spent
    from weft.runtime.harness import Harness
    from weft.runtime.journal import RunState
    from weft.runtime.plan import Plan
    from weft.runtime.run import Options
    from weft.runtime.store import Project

__all__ = ["plan", "run"]

DEFAULT_MODEL = "anthropic:claude-sonnet-5-5"
"""The model where there is a key for it and no other is named; also the one whose price stub agents are given."""

EXIT_ERROR = 1
EXIT_REFUSED = 3
EXIT_DEGRADED = 4
EXIT_PAUSED = 5
EXIT_PROVIDER = 6
EXIT_INTERRUPTED = 130

Command = TypeVar("Command", bound=Callable[..., None])

DEFAULTS = {"max_agents": 1000, "concurrency": 16}


def _finite(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not an amount of money.")
    return value


SHARED = (
    click.option("--args", "arguments", metavar="JSON|@FILE", help="Arguments of the harness."),
    click.option(
        "--dir",
        "folders",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="What agents may read; repeatable. Without it, the working directory.",
    ),
    click.option(
        "--model", metavar="M", help=f"For author and agents. Without it, {DEFAULT_MODEL} with a key, else offline."
    ),
    click.option("--agents", metavar="stub:FILE", help="Answer agents from a script instead of a model."),
    click.option(
        "--budget",
        type=click.FloatRange(min=0, min_open=True),
        callback=_finite,
        metavar="USD",
        help="Ceiling at list price.",
    ),
    click.option(
        "--budget-tokens", type=click.IntRange(min=1), metavar="N", help="Ceiling, input and output together."
    ),
    click.option(
        "--max-agents",
        type=click.IntRange(min=1),
        default=DEFAULTS["max_agents"],
        show_default=True,
        metavar="N",
        help="Most agents the run may start.",
    ),
    click.option(
        "--concurrency",
        type=click.IntRange(min=1),
        default=DEFAULTS["concurrency"],
        show_default=True,
        metavar="N",
        help="Most agents at work at the same time.",
    ),
    click.option("--virtual-time", is_flag=True, help="Let the latency of stub agents pass in no time."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, on stdout."),
)


def shared_options(command: Command) -> Command:
    """Give a command the options that `plan` and `run` have in common."""
    for option in reversed(SHARED):
        command = option(command)
    return command


@click.command()
@click.argument("target", metavar="TASK|FILE.py|NAME")
@shared_options
def plan(target: str, as_json: bool, **given: Any) -> None:
    """Write a harness for a TASK, and show what it would do and cost. Nothing is run.

    Shows what the linter found, the proved bound, a rehearsal with simulated agents, and a forecast.
    """
    import anyio

    with _errors_as(as_json):
        made, path = anyio.run(_plan, target, given)
    if as_json:
        from weft.runtime.views.plan import plan_object

        _print(plan_object(made))
    else:
        from weft.runtime.views.plan import plan_text

        click.echo(plan_text(made))
        if made.report.errors:
            raise SystemExit(EXIT_REFUSED)
        click.echo(f"\nNothing has run yet.   next: {_next(made.harness, path, given)}", err=True)


@click.command()
@click.argument("target", metavar="TASK|FILE.py|NAME")
@shared_options
@click.option("--no-lint", is_flag=True, help="Skip the linter; the sandbox still holds.")
@click.option("--yes", is_flag=True, help="Approve what would be asked.")
def run(target: str, as_json: bool, no_lint: bool, yes: bool, **given: Any) -> None:
    """Run a TASK in words, a harness FILE.py, or a saved harness by NAME.

    Exit code 0: completed and clean. 1: error. 2: usage. 3: refused before the start. 4: completed but degraded.
    5: paused. 6: provider or credentials. 130: interrupted.
    """
    import anyio

    with _errors_as(as_json):
        state, folder = anyio.run(partial(_run, target, given, no_lint=no_lint, yes=yes, quiet=as_json))
    if as_json:
        from weft.runtime.views.result import result_object

        _print(result_object(state))
    else:
        from weft.runtime.views.text import result_text

        click.echo(result_text(state, os.path.relpath(folder)))
    raise SystemExit(_exit_code(state))


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


async def _resolve(target: str, arguments: str | None, options: Options, project: Project) -> Target:
    """Turn TASK, FILE.py or NAME into a harness and its arguments."""
    from weft.runtime.errors import NotFound, UsageError
    from weft.runtime.harness import read_harness
    from weft.runtime.store import is_name, is_path

    if not target.strip():
        raise UsageError("the task is empty", meaning="nothing was started", fix='weft run "what you want to know"')
    args = _arguments(arguments)
    if is_path(target):
        return Target(read_harness(Path(target)), {} if args is None else args, Path(target))
    saved = project.find_harness(target)
    if saved is not None:
        return Target(saved, {} if args is None else args, None)
    if is_name(target):
        names = ", ".join(project.harness_names())
        raise NotFound(f"there is no harness {target!r}", where=f"saved: {names}", fix="a task is at least two words")
    return await _author(target, args, options, project)


async def _author(task: str, args: Any, options: Options, project: Project) -> Target:
    from weft.runtime.agents.models import ModelAgents
    from weft.runtime.agents.tools import Folders
    from weft.runtime.author import author_instructions, write_harness
    from weft.runtime.budget import Budget
    from weft.runtime.clock import RealClock

    # Stub agents stand in for agents only: a harness is written by a model, or offline.
    model = options.model if options.stub is None else _default_model()
    folders, clock = Folders(options.folders), RealClock()
    budget = Budget(options.ceiling, clock)
    instructions = author_instructions()
    async with ModelAgents(folders, budget=budget, clock=clock, role="author", instructions=instructions) as authors:
        authors.load(model)
        click.echo(f"writing a harness with {model} …", err=True)
        written = await write_harness(
            task, model=model, authors=authors, folders=folders, budget=budget, clock=clock, told=_tell
        )
    args = written.args if args is None else args
    path = project.write_plan(f"{written.harness.name}-{written.harness.digest[:8]}", written.harness.source, args)
    return Target(written.harness, args, path, task, written.spent)


def _arguments(given: str | None) -> Any:
    """Read `--args`: JSON, or @FILE with JSON in it."""
    from weft.runtime.errors import UsageError

    if given is None:
        return None
    try:
        return json.loads(Path(given[1:]).read_text("utf-8") if given.startswith("@") else given)
    except (OSError, ValueError) as error:
        raise UsageError(
            "--args is not JSON" if isinstance(error, ValueError) else "the file of --args cannot be read",
            where=str(error),
            meaning="nothing was started",
            fix="""--args '{"files": ["a.md"]}', or --args @FILE""",
        ) from None


def _options(given: dict[str, Any]) -> Options:
    from weft.runtime.budget import Ceiling
    from weft.runtime.errors import UsageError
    from weft.runtime.run import Options

    agents: str | None = given["agents"]
    if agents is not None and not agents.startswith("stub:"):
        raise UsageError(
            f"--agents takes stub:FILE.json, got {agents!r}",
            meaning="nothing was started",
            fix="leave --agents out to ask a model, or name a script: --agents stub:FILE.json",
        )
    if given["virtual_time"] and agents is None:
        raise UsageError(
            "--virtual-time needs simulated agents: real ones take real time",
            meaning="nothing was started",
            fix="--agents stub:FILE.json --virtual-time",
        )
    default = DEFAULT_MODEL if agents is not None else _default_model()
    return Options(
        model=given["model"] or default,
        stub=None if agents is None else Path(agents.removeprefix("stub:")),
        folders=given["folders"] or (Path(),),
        ceiling=Ceiling(tokens=given["budget_tokens"], usd=given["budget"]),
        max_agents=given["max_agents"],
        concurrency=given["concurrency"],
        virtual_time=given["virtual_time"],
    )


def _default_model() -> str:
    from weft.runtime.prices import OFFLINE

    keyed = os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN")
    return DEFAULT_MODEL if keyed else OFFLINE


# ------------------------------------------------------------------------------------------------ plan and run


async def _plan(target: str, given: dict[str, Any]) -> tuple[Plan, Path | None]:
    from weft.runtime.plan import make_plan
    from weft.runtime.store import Project

    options, project = _options(given), Project(Path.cwd())
    _announce(options)
    named = await _resolve(target, given["arguments"], options, project)
    return await make_plan(named.harness, named.args, options, project, named.path), named.path


async def _run(target: str, given: dict[str, Any], *, no_lint: bool, yes: bool, quiet: bool) -> tuple[RunState, Path]:
    from weft.runtime.run import run as run_harness
    from weft.runtime.store import Project
    from weft.runtime.views.live import progress

    options, project = _options(given), Project(Path.cwd())
    _announce(options)
    named = await _resolve(target, given["arguments"], options, project)
    if named.task is not None:
        await _approve(named, options, project, given, yes)
    elif not no_lint:
        _refuse_errors(named, project)
    with progress() as shown:
        ended = await run_harness(
            named.harness,
            named.args,
            options,
            project,
            task=named.task,
            spent=named.spent,
            watchers=(shown,),
            interruptible=True,
        )
    return ended.state, ended.folder.path


def _refuse_errors(named: Target, project: Project) -> None:
    """Refuse a harness in which the linter finds errors; show warnings and go on."""
    from weft.linter import lint, render

    report = lint(named.harness.source, filename=named.harness.filename, workflows=_sources(project))
    if report.errors or report.warnings:
        click.echo(render(report, named.harness.source, named.harness.filename, "text"), err=True)
    if report.errors:
        raise _refusal(len(report.errors))


def _refusal(errors: int) -> WeftError:
    from weft.runtime.errors import Refused

    return Refused(
        f"the linter found {errors} {'error' if errors == 1 else 'errors'}",
        meaning="nothing was started",
        fix="mend the harness (weft check --fix applies the safe fixes), or run it as it is with --no-lint",
    )


def _sources(project: Project) -> Callable[[str], str | None]:
    def source_of(name: str) -> str | None:
        saved = project.find_harness(name)
        return saved.source if saved else None

    return source_of


async def _approve(named: Target, options: Options, project: Project, given: dict[str, Any], yes: bool) -> None:
    """Show a freshly written harness with its plan, and get a yes where anything is at stake."""
    from weft.primitives.lost import Spent
    from weft.runtime.errors import Refused
    from weft.runtime.plan import make_plan
    from weft.runtime.views.plan import plan_text, source_text

    made = await make_plan(named.harness, named.args, options, project, named.path)
    click.echo(f"\n{source_text(named.harness.source)}\n\n{plan_text(made)}\n", err=True)
    if made.report.errors:
        raise _refusal(len(made.report.errors))
    if yes or made.free:
        return
    asked = sys.stdin.isatty()
    if not (asked and _confirmed("Run it?")):
        spent = named.spent or Spent()
        refusal = Refused(
            "the plan was not approved" if asked else "the plan needs a yes, and nobody is there to give it",
            meaning=f"the harness is written, for ${spent.usd:.4f}, and nothing has run",
            fix=_next(named.harness, named.path, given) + ("" if asked else "   or --yes next time"),
        )
        refusal.spent = spent
        raise refusal


def _confirmed(question: str) -> bool:
    """Ask; Ctrl-C ends the command at once, which it would not in an event loop."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return click.confirm(question, err=True)
    finally:
        signal.signal(signal.SIGINT, before)


def _next(harness: Harness, path: Path | None, given: dict[str, Any]) -> str:
    """Return the command that runs a planned harness under the same options, ready for a shell."""
    words = ["weft", "run", harness.name if path is None else os.path.relpath(path)]
    written = None if path is None else path.with_suffix(".json")
    if given["arguments"] is not None:
        words += ["--args", given["arguments"]]
    elif written is not None and written.is_file():
        words += ["--args", f"@{os.path.relpath(written)}"]
    for folder in given["folders"]:
        words += ["--dir", str(folder)]
    for option in ("model", "agents", "budget", "budget_tokens"):
        if given[option] is not None:
            words += [f"--{option.replace('_', '-')}", str(given[option])]
    for option in ("max_agents", "concurrency"):
        if given[option] != DEFAULTS[option]:
            words += [f"--{option.replace('_', '-')}", str(given[option])]
    words += ["--virtual-time"] if given["virtual_time"] else []
    return shlex.join(words)


def _announce(options: Options) -> None:
    from weft.runtime.prices import OFFLINE

    if options.model == OFFLINE and options.stub is None:
        click.echo(
            "offline: no API key, so answers are quotations from your own files, found by their words. "
            "Set ANTHROPIC_API_KEY to use a model.",
            err=True,
        )


def _tell(line: str) -> None:
    click.echo(f"  {line}", err=True)


# ------------------------------------------------------------------------------------------------ how it ends


def _exit_code(state: RunState) -> int:
    if state.outcome == "completed":
        return 0 if state.health == "clean" else EXIT_DEGRADED
    reason = state.ended.pause if state.ended else None
    if reason is None:
        return EXIT_ERROR
    return {"user": EXIT_INTERRUPTED, "provider": EXIT_PROVIDER}.get(reason, EXIT_PAUSED)


@contextmanager
def _errors_as(as_json: bool) -> Iterator[None]:
    """In JSON mode, let an error that ends the command be the one object on stdout too."""
    try:
        yield
    except WeftError as error:
        if as_json:
            _print(_error_object(error))
        raise


def _error_object(error: WeftError) -> dict[str, Any]:
    from weft.runtime.errors import Refused, RuntimeFailure
    from weft.runtime.journal.fold import RunState
    from weft.runtime.views.result import result_object

    told = {"type": type(error).__name__, "message": error.what, "where": error.where, "fix": error.fix}
    outcome = "refused" if isinstance(error, Refused) else "error"
    state = RunState(spent=error.spent) if isinstance(error, RuntimeFailure) else RunState()
    return {**result_object(state), "outcome": outcome, "health": "degraded", "error": told}


def _print(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
