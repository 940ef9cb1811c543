"""`weft rehearse`: many runs of a harness with simulated agents; nothing is spent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.runtime.cli.explaining import HarnessCommand
from weft.runtime.cli.linting import refuse_errors
from weft.runtime.cli.options import json_option, read_settings, run_options
from weft.runtime.cli.output import errors_as_json, print_json, show
from weft.runtime.cli.targets import find_target, resolve
from weft.runtime.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from weft.runtime.forecasting.forecast import Forecast
    from weft.runtime.rehearsal.report import Rehearsal

__all__ = ["rehearse"]


@click.command(cls=HarnessCommand, context_settings={"ignore_unknown_options": True})
@click.argument("target", metavar="FILE.py|NAME")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--ARG VALUE]...")
@click.option("--args", "arguments", metavar="JSON|@FILE", help="Arguments of the harness.")
@click.option("--runs", type=click.IntRange(1, 10_000), default=200, show_default=True, help="How many runs to search.")
@click.option("--seed", type=int, default=0, show_default=True, help="Search in another way.")
@click.option(
    "--stubs", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Write each crash there."
)
@run_options
@json_option
def rehearse(target: str, as_json: bool, runs: int, seed: int, stubs: Path | None, **given: Any) -> None:
    """Run a harness many times with simulated agents, on a virtual clock. Nothing is spent.

    What agents answer is made up: plausible, short, long, strange, or lost; steered by what the harness has not done
    yet. Shown are crashes with the smallest case that causes them, results that do not tell what was lost, lines that
    were never reached, and how many agents there were.

    \b
    Examples:
      weft rehearse digest --question "What is new?" --files notes/*.md
      weft rehearse harness.py --args @args.json --runs 500
      weft rehearse harness.py --stubs crashes && weft run harness.py --agents stub:crashes/1.json

    Exit code 0: nothing was found. 1: something was. 2: usage. 3: the linter finds errors.
    """
    import anyio

    from weft.runtime.views.rehearsal import rehearsal_object, rehearsal_page, times_page

    with errors_as_json(as_json):
        rehearsal, forecast = anyio.run(_rehearse, target, given, runs, seed)
        if stubs is not None:
            _write(rehearsal, stubs)
    if as_json:
        print_json(rehearsal_object(rehearsal, forecast))
    else:
        show([*rehearsal_page(rehearsal), *times_page(rehearsal)])
        if rehearsal.crashes and stubs is None:
            show(
                ["", "--stubs FOLDER writes each crash as a stub file: weft run … --agents stub:FOLDER/1.json"],
                err=True,
            )
    if not rehearsal.sound:
        raise SystemExit(ExitCode.ERROR)


async def _rehearse(target: str, given: dict[str, Any], runs: int, seed: int) -> tuple[Rehearsal, Forecast | None]:
    from weft.runtime.ceiling import check_hold
    from weft.runtime.forecasting.cells import calls_of
    from weft.runtime.forecasting.planned import forecast_plan
    from weft.runtime.held import limited
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import ceilings_of, check_args
    from weft.runtime.project.linted import LintedHarnesses
    from weft.runtime.rehearsal.rehearse import rehearse

    (settings, config), project = read_settings(given), Project(Path.cwd())
    found = find_target(target, project, given["words"])
    if found is None:
        raise UsageError(
            f"there is no harness {target!r}",
            meaning="nothing was rehearsed: a task in words has no harness yet",
            fix='weft plan "TASK" writes one, and rehearses it; weft list shows those that have a name',
        )
    named = await resolve(target, found, given, settings, config, project)
    check_args(named.harness, named.args)
    bound = refuse_errors(named.harness, settings.max_agents).bound
    settings = limited(settings, ceilings_of(named.harness)).settings.resolved()
    check_hold(settings.ceiling, settings.hold)
    find = LintedHarnesses(project, settings.max_agents)
    rehearsal = await rehearse(named.harness, named.args, settings, find, runs=runs, seed=seed, config=config)
    most = bound.evaluate(named.args)
    forecast = forecast_plan(
        [calls_of(played.events) for played in rehearsal.usual],
        harness=named.harness.name,
        bound=most if isinstance(most, int) else None,
        args=named.args,
        settings=settings,
        config=config,
        project=project,
    )
    return rehearsal, forecast


def _write(rehearsal: Rehearsal, folder: Path) -> None:
    """Write the smallest case of each crash.

    Raises:
        UsageError: it cannot be written.
    """
    from weft.runtime.project.files import write_atomically

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, crash in enumerate(rehearsal.crashes, start=1):
            write_atomically(folder / f"{number}.json", json.dumps(crash.stub, indent=1, ensure_ascii=False))
    except OSError as error:
        raise UsageError(
            f"the crashes cannot be written: {error.strerror}",
            where=str(folder),
            meaning="the rehearsal has shown them, and nothing is kept of it",
            fix="--stubs with a folder that can be written",
        ) from None
