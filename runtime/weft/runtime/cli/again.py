"""The commands about runs that are executed again: `resume` goes on with one, `why` and `diff` say what changed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.primitives.limits import LANGUAGE
from weft.runtime.cli.deciding import Other, decide
from weft.runtime.cli.ending import end, printer, unstarted
from weft.runtime.cli.linting import refuse_errors
from weft.runtime.cli.options import json_option, progress_option, read_settings, run_options
from weft.runtime.cli.output import attended, confirmed, errors_as_json, print_json, show
from weft.runtime.cli.trusting import Trust
from weft.runtime.cli.which import find_run, say_unstarted

if TYPE_CHECKING:
    from weft.runtime.execution.mended import Mended
    from weft.runtime.execution.resume import Resumable, Resumption
    from weft.runtime.execution.resume_plan import ResumePlan
    from weft.runtime.journal import RunState
    from weft.runtime.project.folders import Project, RunFolder

__all__ = ["diff", "resume", "why"]

OLDER = "the run began with version {} of the language and goes on in it: all names mean what they meant then"


@click.command()
@click.argument("reference", metavar="RUN")
@click.option("--script", type=click.Path(path_type=Path), metavar="FILE.py", help="Go on with an edited harness.")
@click.option("--plan", "plan_only", is_flag=True, help="Print what would be done as JSON, and stop.")
@click.option(
    "--interrupted",
    type=click.Choice(["rerun", "skip"]),
    help="Whether to ask agents again that had started and may have had effects.",
)
@click.option(
    "--saved",
    type=click.Choice(["now", "recorded"]),
    help="Execute saved harnesses that were loaded before as they are now, or as they were.",
)
@click.option(
    "--again",
    type=click.Choice(["missing", "all"]),
    help="With another --model: ask it what is missing, or all that others have answered.",
)
@run_options
@click.option("--no-lint", is_flag=True, help="Skip the linter for an edited harness; the sandbox still holds.")
@click.option("--yes", is_flag=True, help="Approve what would be asked before anything is started.")
@json_option
@progress_option
def resume(reference: str, as_json: bool, **given: Any) -> None:
    """Go on with a run that was stopped, paused, killed, or lost agents. What it has paid for is used again.

    First shows what is used again, what is asked and why, and what that may cost. Options that are left out are as they
    were. RUN may be the name of a harness, where only one of its runs can be gone on with. Exit codes are those of
    `weft run`.
    """
    import anyio

    from weft.runtime.project.earlier import run_to_resume
    from weft.runtime.project.folders import Project

    printed = printer(as_json, given["progress"])
    with errors_as_json(printed is not None, unstarted, printed or print_json):
        folder = run_to_resume(Project(Path.cwd()), reference)
        say_unstarted(reference, folder, Project(Path.cwd()))
        if reference not in ("@last", folder.id):
            show([f"going on with {folder.id}"], err=True)
        state = anyio.run(partial(_resume, folder, given))
    if state is not None:
        end(state, folder.path, printed)


async def _resume(folder: RunFolder, given: dict[str, Any]) -> RunState | None:
    from weft.runtime.cli.asking import people
    from weft.runtime.cli.keyboard import at_keyboard
    from weft.runtime.execution.mended import mended
    from weft.runtime.execution.resume import go_on, resumable
    from weft.runtime.execution.resume_plan import plan_resume
    from weft.runtime.exporting.otlp import live
    from weft.runtime.journal.events import RunStarted
    from weft.runtime.project.folders import Project
    from weft.runtime.project.linted import LintedHarnesses
    from weft.runtime.views.live import progress
    from weft.runtime.views.resume import resume_object

    project = Project(Path.cwd())
    with resumable(folder) as found:
        resumption = await _asked_for(found, given)
        settings, language = resumption.settings, found.started.language
        checked = given["script"] and not given["no_lint"]
        bound = refuse_errors(resumption.harness, settings.max_agents, language).bound if checked else None
        changed = mended(found.events, project.find_source)
        linted = None if given["no_lint"] else LintedHarnesses(project, settings.max_agents, language)
        trust = Trust(project, settings, resumption.config, yes=given["yes"])
        find = trust.finding(linted, free=not trust.costs(resumption.harness))
        planning = partial(plan_resume, find_harness=find)
        resumption, plan, others = await decide(resumption, changed, planning, given)
        if given["plan_only"]:
            print_json({"run": folder.id, **resume_object(plan, changed, others)})
            return None
        _refuse_nothing(resumption, plan, changed, project)
        if resumption.edited and language < LANGUAGE:
            show([OLDER.format(language)], err=True)
        _approve(plan, changed, others, folder, given, free=plan.free and trust.free)
        before = sum(isinstance(event, RunStarted) for event in found.events)
        with live(settings.otel, before, resumption.config.otel.compat) as traced, progress(given["progress"]) as shown:
            async with at_keyboard(shown, project) as keyboard:
                done = await go_on(
                    resumption,
                    project,
                    bound=bound,
                    find_harness=find,
                    people=people(keyboard),
                    watchers=(shown, *traced),
                    interruptible=True,
                    asks=bool(plan.asked or plan.undecided),
                )
    return done.state


async def _asked_for(found: Resumable, given: dict[str, Any]) -> Resumption:
    """Return what the options ask for."""
    from weft.runtime.project.harness import read_harness

    settings, config = read_settings(given, found.settings)
    settings = await found.exactly(settings, config)
    return found.resumption(
        settings,
        config,
        harness=read_harness(given["script"]) if given["script"] else None,
        asked=given["interrupted"] or "ask",
        saved=given["saved"] or "recorded",
        again=given["again"] or "missing",
    )


def _refuse_nothing(resumption: Resumption, plan: ResumePlan, changed: list[Mended], project: Project) -> None:
    """Refuse to execute a run again of which nothing would be otherwise."""
    found = resumption.of
    calls = plan.asked or plan.undecided or found.state.host_calls.lost
    now = [one for one in changed if one.now is not None and resumption.saved == "now"]
    for one in now:
        project.find_harness(one.name)  # or say what is wrong with it
    alike = not (resumption.edited or plan.moved or now)
    if not calls and found.state.outcome == "completed" and alike:
        raise found.nothing_left("no agent would be asked again")


def _approve(
    plan: ResumePlan,
    changed: list[Mended],
    others: list[Other],
    folder: RunFolder,
    given: dict[str, Any],
    *,
    free: bool,
) -> None:
    """Show the bill; get a yes where somebody is there and something is at stake."""
    from weft.runtime.errors import Refused
    from weft.runtime.views.resume import resume_page

    show(resume_page(plan, changed, others), err=True)
    if plan.undecided:
        names = ", ".join(called.request.name for called in plan.undecided)
        raise Refused(
            "agents had started and may have had effects; whether to ask them again is for you to say",
            where=names,
            meaning="nothing was started",
            fix=f"weft resume {folder.id} --interrupted rerun, or --interrupted skip",
        )
    at_stake = plan.asked and not free
    if not at_stake or given["yes"]:
        return
    asked = attended()
    if not (asked and confirmed("Continue?")):
        again = f"weft resume {folder.id}"
        raise Refused(
            "the plan was not approved" if asked else "the plan needs a yes, and nobody is there to give it",
            meaning="nothing was started, and the run is as it was",
            fix=f"{again} asks once more, --script FILE.py goes on with an edited harness"
            if asked
            else f"{again} --yes",
        )


@click.command()
@click.argument("reference", metavar="RUN/AGENT")
@json_option
def why(reference: str, as_json: bool) -> None:
    """Say why an agent was asked, or was not, in a run that was resumed. AGENT is its number or label."""
    from weft.runtime.errors import UsageError
    from weft.runtime.journal.compare import explain
    from weft.runtime.views.resume import explanation_object, explanation_page

    with errors_as_json(as_json):
        name, slash, agent = reference.partition("/")
        if not slash:
            raise UsageError(f"{reference!r} names no agent", fix="weft why RUN/AGENT; weft show RUN lists its agents")
        explained = explain(find_run(name).events(), agent)
    print_json(explanation_object(explained)) if as_json else show(explanation_page(explained))


@click.command()
@click.argument("before", metavar="RUN")
@click.argument("now", metavar="RUN")
@json_option
def diff(before: str, now: str, as_json: bool) -> None:
    """Compare two runs: harness, outcome, cost, calls and result."""
    from weft.runtime.journal.compare import compare
    from weft.runtime.project.folders import Project
    from weft.runtime.views.difference import difference_object, difference_page

    with errors_as_json(as_json):
        project = Project(Path.cwd())
        states = [find_run(reference, project).state() for reference in (before, now)]
    found = compare(*states)
    print_json(difference_object(found)) if as_json else show(difference_page(found))
