"""The commands that make things happen: `plan` writes and prices a harness, `run` runs one."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.runtime.cli.approving import Approved, Approving, Decided
from weft.runtime.cli.changing import fixed, show_changes
from weft.runtime.cli.earlier import offer_earlier
from weft.runtime.cli.ending import end, printer, unstarted
from weft.runtime.cli.explaining import HarnessCommand
from weft.runtime.cli.following import keep_command, plan_command, run_command
from weft.runtime.cli.linting import refuse_errors
from weft.runtime.cli.options import json_option, progress_option, read_settings, run_options
from weft.runtime.cli.output import attended, columns_for, errors_as_json, print_json, print_text, show
from weft.runtime.cli.saving import shadows
from weft.runtime.cli.shipped import demonstration, offline_refusal
from weft.runtime.cli.targets import Target, find_target, resolve, revisable, revise
from weft.runtime.cli.trusting import Trust
from weft.runtime.errors import ExitCode, Refused, RuntimeFailure
from weft.runtime.page import line
from weft.runtime.plain import plain

if TYPE_CHECKING:
    from weft.primitives.errors import WeftError
    from weft.runtime.authoring.plan import Plan
    from weft.runtime.journal import RunState
    from weft.runtime.project.config import Config
    from weft.runtime.project.folders import Project
    from weft.runtime.settings import Settings
    from weft.runtime.views.live import How

__all__ = ["plan", "run"]


@click.command(cls=HarnessCommand, context_settings={"ignore_unknown_options": True})
@click.argument("target", metavar="TASK|FILE.py|NAME")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--ARG VALUE]...")
@click.option("--args", "arguments", metavar="JSON|@FILE", help="Arguments of the harness.")
@run_options
@json_option
@click.option("--save", metavar="NAME", help="Save the harness in this project: `weft run NAME` runs it from then on.")
@click.option(
    "--revise",
    "revised",
    metavar="FILE.py|NAME|RUN",
    help="Have this harness changed as the TASK says, and show the change.",
)
@click.option("--fix", "fixes", is_flag=True, help="Apply the safe fixes of the linter to a copy, and plan that.")
@click.option("--approve", metavar="sha256:DIGEST", help="Say yes to the plan with this digest, for others to run it.")
def plan(
    target: str, as_json: bool, save: str | None, revised: str | None, fixes: bool, approve: str | None, **given: Any
) -> None:
    """Write a harness for a TASK, and show what it would do and cost. Nothing is run without a yes.

    An argument of the harness may be given as an option of its name, after the harness: weft plan HARNESS --help.
    Shows phases, what the linter found, the proved bound, a rehearsal with simulated agents, a forecast, and what
    agents may do. At a terminal it asks whether to run it, edit it, have it revised, or save it.

    \b
    Examples:
      weft plan "Which notes contradict each other?" --dir notes
      weft plan "Which notes contradict each other?" --dir notes --save conflicts
      weft plan digest --question "What is new?" --files notes/*.md --budget 2
      weft plan --revise harness.py "Let two agents check each finding"
    """
    import anyio

    from weft.runtime.views.plan import folded_source, plan_object, plan_page

    asks = not as_json and approve is None and attended() and columns_for() is not None
    with errors_as_json(as_json, _paid):
        planned = anyio.run(partial(_plan, target, save, revised, given, fixes=fixes))
        if approve is not None:
            _agree(planned, approve, given)
    named, made = planned.named, planned.made
    if as_json:
        print_json({**plan_object(made), "saved": planned.saved and str(planned.saved)})
        return
    if named.task is not None and named.path is not None and not asks:
        show([*folded_source(named.harness.source, named.path), ""])
    show(plan_page(made, columns_for()))
    if asks:
        planned, ended = anyio.run(_asked, planned, given)
        if ended is not None:
            end(*ended, None)
    elif made.report.errors:
        raise SystemExit(ExitCode.REFUSED)
    print_text(f"\n{_said_last(planned, save, given)}", err=True)  # not wrapped: commands are copied from it


def _paid(error: WeftError) -> dict[str, Any]:
    """Return what writing a harness had cost by then, and the best attempt where none was sound."""
    spent = error.spent.as_data() if isinstance(error, RuntimeFailure) else None
    return {"spent": spent, "unsound": _unsound(error) if isinstance(error, Refused) else None}


def _unsound(error: Refused) -> dict[str, Any] | None:
    from weft.runtime.authoring.author import Unsound

    return {"source": error.source, "args": error.args} if isinstance(error, Unsound) and error.source else None


def _agree(planned: Planned, approve: str, given: dict[str, Any]) -> None:
    """Remember the yes to a plan.

    Raises:
        Refused: the digest that was given is that of another one, or the linter finds errors.
    """
    from weft.runtime.project.approvals import shown_digest

    settings, config, project = planned.settings, planned.config, planned.project
    trust = Trust(project, settings, config, yes=False)
    decided = Decided(planned.named, planned.made)
    Approving(project, settings, config, given, trust, approve=approve).agree(decided)
    assert planned.made.terms is not None
    show([line(("approved: ", "dim"), shown_digest(planned.made.terms.digest), hang=10)], err=True)


def _said_last(planned: Planned, name: str | None, given: dict[str, Any]) -> str:
    """Return that nothing has run, where the harness is now, and how to go on."""
    from weft.runtime.project.approvals import shown_digest

    named, saved, terms = planned.named, planned.saved, planned.made.terms
    trust = Trust(planned.project, planned.settings, planned.config, yes=False)
    asks = trust.costs(named.harness) or bool(trust.unknown(named))
    lines = ["Nothing has run yet." if saved is None else f"Saved as {os.path.relpath(saved)}; nothing has run yet."]
    lines += [] if saved is None else shadows(saved, planned.project)
    grants = planned.made.wants.grants
    if any(one.always for one in planned.made.wants.missing):
        return "\n".join([*lines, "a run would be refused: mend what it lacks, then plan it again"])
    if grants and asks:  # whose yes would be one to another plan, which is to be seen first
        lines.append(f"next: {plan_command(named, given, name, grants)}")
    else:
        approve = f" --approve {shown_digest(terms.digest)}" if terms is not None and asks else ""
        lines.append(f"next: {run_command(named, given, name, grants)}{approve}")
    if named.task is not None and saved is None:
        lines.append(f"keep: {keep_command(named, given)}")
    return "\n".join(lines)


@click.command(cls=HarnessCommand, context_settings={"ignore_unknown_options": True})
@click.argument("target", metavar="TASK|FILE.py|NAME")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--ARG VALUE]...")
@click.option("--args", "arguments", metavar="JSON|@FILE", help="Arguments of the harness.")
@run_options
@json_option
@progress_option
@click.option("--no-lint", is_flag=True, help="Skip the linter; the sandbox still holds.")
@click.option("--yes", is_flag=True, help="Approve what would be asked before anything is started.")
@click.option("--approve", metavar="sha256:DIGEST", help="Approve the plan with this digest, which `weft plan` shows.")
@click.option("--demo", is_flag=True, help="Show a harness that comes with Weft at work, with scripted agents.")
def run(target: str, as_json: bool, no_lint: bool, yes: bool, demo: bool, **given: Any) -> None:
    """Run a TASK in words, a harness FILE.py, or a saved harness by NAME.

    An argument of the harness may be given as an option of its name, after the harness: weft run HARNESS --help.

    \b
    Examples:
      weft run "Which notes contradict each other?" --dir notes --budget 2
      weft run digest --question "What is new?" --files notes/*.md
      weft run code-review --demo
      weft run harness.py --args @args.json

    Exit code 0: completed and clean. 1: error. 2: usage. 3: refused before the start. 4: completed but degraded.
    5: paused. 6: provider or credentials. 130: interrupted.
    """
    import anyio

    from weft.runtime.project.folders import Project
    from weft.runtime.project.unstarted import noting_unstarted

    printed = printer(as_json, given["progress"])
    wanted = errors_as_json(printed is not None, unstarted, printed or print_json)
    with wanted, noting_unstarted(Project(Path.cwd())):
        state, folder = anyio.run(partial(_run, target, given, no_lint=no_lint, yes=yes, shows=demo))
    end(state, folder, printed)


# ------------------------------------------------------------------------------------------------ plan and run


@dataclass(frozen=True, slots=True)
class Planned:
    """What `weft plan` has come to."""

    named: Target
    made: Plan
    saved: Path | None
    """Where the harness was saved, if it was to be."""
    settings: Settings
    config: Config
    project: Project


async def _plan(target: str, save: str | None, revised: str | None, given: dict[str, Any], *, fixes: bool) -> Planned:
    from weft.runtime.authoring.plan import make_plan
    from weft.runtime.execution.prepare import exactly
    from weft.runtime.project.folders import Project

    (settings, config), project = read_settings(given), Project(Path.cwd())
    found = find_target(target, project, given["words"]) if revised is None else None
    if save is not None:  # before anything is paid for
        project.check_free(save, found and found[0].source)
    impossible = None if found is None else offline_refusal(found[0], settings)
    await _announce(settings)
    if impossible is not None:
        show([line(("not to be run: ", "dim"), plain(impossible.what), hang=15)], err=True)
    settings = await exactly(settings, config)
    if revised is not None:
        before = revisable(revised, given, settings, project)
        named = await revise(before, target, settings, config, project)
        show_changes(before, named)
    else:
        named = await resolve(target, found, given, settings, config, project)
    if fixes:
        named = fixed(named, settings, project) or named
    made = await make_plan(named.harness, named.args, settings, config, project, named.path, written=named.spent)
    planned = Planned(named, made, None, settings, config, project)
    if save is None or made.report.errors:
        return planned
    from weft.runtime.keeping.saving import save_new

    origin = "a task" if named.task is not None else f"harness {named.harness.filename}"
    return replace(planned, saved=save_new(project, str(save), named.harness, origin))


async def _asked(planned: Planned, given: dict[str, Any]) -> tuple[Planned, tuple[RunState, Path] | None]:
    """Ask what is to be done with a plan that is shown; return what it has become, and how its run ended, if it ran."""
    settings, config, project = planned.settings, planned.config, planned.project
    trust = Trust(project, settings, config, yes=False)
    approving = Approving(project, settings, config, given, trust)
    decided = await approving.decide(planned.named, planned.made)
    if not decided.yes:
        return replace(planned, named=decided.named, made=decided.made), None
    return planned, await _carried_out(approving.allowed(decided), settings, config, project, trust)


async def _run(target: str, given: dict[str, Any], *, no_lint: bool, yes: bool, shows: bool) -> tuple[RunState, Path]:
    from weft.runtime.project.folders import Project

    project = Project(Path.cwd())
    taken = _demonstration(target, given, project) if shows else await _named(target, given, project)
    named, settings, config = taken
    trust = Trust(project, settings, config, yes=yes)
    if shows:
        allowed = Approved(named, None if no_lint else refuse_errors(named.harness, settings.max_agents).bound)
    else:
        approving = Approving(project, settings, config, given, trust, yes=yes, approve=given["approve"])
        allowed = await (approving.unchecked(named) if no_lint else approving.approved(named))
        offer_earlier(allowed.named, settings, config, project, yes=yes)
    return await _carried_out(allowed, settings, config, project, trust, lints=not no_lint, how=given["progress"])


async def _carried_out(
    allowed: Approved,
    settings: Settings,
    config: Config,
    project: Project,
    trust: Trust,
    *,
    lints: bool = True,
    how: How = "auto",
) -> tuple[RunState, Path]:
    """Run what was approved."""
    from weft.runtime.cli.asking import people
    from weft.runtime.cli.keyboard import at_keyboard
    from weft.runtime.execution.run import run as run_harness
    from weft.runtime.exporting.otlp import live
    from weft.runtime.keeping.record import note
    from weft.runtime.project.linted import LintedHarnesses
    from weft.runtime.views.live import progress

    named = allowed.named
    free = not trust.costs(named.harness)
    linted = LintedHarnesses(project, settings.max_agents) if lints else None
    with live(settings.otel, viewers=config.otel.compat) as traced, progress(how) as shown:
        async with at_keyboard(shown, project) as keyboard:
            ended = await run_harness(
                named.harness,
                named.args,
                settings,
                project,
                config=config,
                people=people(keyboard),
                task=named.words,
                spent=named.spent,
                bound=allowed.bound,
                approved=allowed.widths,
                find_harness=trust.finding(linted, allowed.sources, free=free),
                watchers=(shown, *traced),
                interruptible=True,
            )
    note(project, named.harness.name, ended.folder)
    return ended.state, ended.folder.path


async def _named(target: str, given: dict[str, Any], project: Project) -> tuple[Target, Settings, Config]:
    """Return what is to be run, by whom, and what the project says of it."""
    from weft.runtime.execution.prepare import exactly

    settings, config = read_settings(given)
    found = find_target(target, project, given["words"])
    impossible = None if found is None else offline_refusal(found[0], settings)
    if impossible is not None:
        raise impossible
    await _announce(settings)
    settings = await exactly(settings, config)
    return await resolve(target, found, given, settings, config, project), settings, config


def _demonstration(target: str, given: dict[str, Any], project: Project) -> tuple[Target, Settings, Config]:
    """Return the same for a demonstration, in which of what is given and configured only the limits count."""
    found = find_target(target, project, given["words"])
    harness, path = found or (None, None)
    demo = demonstration(target, harness, given)
    assert harness is not None  # else it would have none
    settings, config = read_settings(given, demo.settings)
    return Target(harness, demo.args, path), settings, config


async def _announce(settings: Settings) -> None:
    """Say what an offline run is, and which model server of this machine would do better."""
    from weft.runtime.settings import LOCAL, OFFLINE

    if settings.model != OFFLINE or settings.stub is not None or settings.command is not None:
        return
    from weft.runtime.agents.local import GLANCE, find_servers

    servers = [server for server in await find_servers(GLANCE) if server.models]
    quotations = "answers are quotations from your own files, found by their words."
    said = f"no API key, so {quotations} Set ANTHROPIC_API_KEY to use a model."
    if servers:
        found = f"{servers[0].kind} at {servers[0].address} has {servers[0].models[0]}"
        said = f"{found}; --model {LOCAL} asks it. Without it, {quotations}"
    show([line(("offline: ", "dim"), plain(said), hang=9)], err=True)
