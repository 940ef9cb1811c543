"""The command that says what a run can teach: `analyse`. It starts no agent and spends nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import errors_as_json, print_json, show
from weft.runtime.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from weft.runtime.analysis.recounting import Recount
    from weft.runtime.project.folders import RunFolder

__all__ = ["analyse"]


@click.command()
@click.argument("reference", metavar="RUN")
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="[PHASE=]MODEL",
    help="Say instead what it would have cost on another model: all of it, or one phase.",
)
@click.option(
    "--script",
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="Execute this harness instead over the recorded answers; who would have to be asked is said.",
)
@json_option
def analyse(reference: str, models: tuple[str, ...], script: Path | None, as_json: bool) -> None:
    """Say what decided how long a run took, what barriers, votes and rounds were worth, and what it paid for what.

    All is read off the journal: no agent is asked, nothing is spent. With --script, exit code 1 where the harness needs
    answers that are not there, or fails.
    """
    from weft.runtime.analysis.analysis import analysed, priced_again
    from weft.runtime.analysis.repricing import wanted_of
    from weft.runtime.project.config import read_config
    from weft.runtime.project.folders import Project
    from weft.runtime.views.analysis import analysis_object, analysis_page, repriced_object, repriced_page

    with errors_as_json(as_json):
        if models and script is not None:
            raise UsageError(
                "--model and --script ask for two things", meaning="nothing was done", fix="weft analyse twice"
            )
        folder = Project(Path.cwd()).find_run(reference)
        if script is not None:
            _recount(folder, script, as_json)
            return
        events = folder.events()
        state = folder.state(events)
        if models:
            phases = [agent.called.request.phase for agent in state.agents.values() if agent.called.request.phase]
            rows = priced_again(events, state, wanted_of(models, phases), read_config(Path.cwd()))
            page, data = repriced_page(rows, state), {"run": folder.id, **repriced_object(rows, state)}
        else:
            found = analysed(events, state, read_config(Path.cwd()))
            page, data = analysis_page(found, state), analysis_object(found, state)
    print_json(data) if as_json else show(page)


def _recount(folder: RunFolder, script: Path, as_json: bool) -> None:
    import anyio

    from weft.runtime.analysis.recounting import recounted
    from weft.runtime.project.config import read_config
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import read_harness
    from weft.runtime.views.analysis import recount_object, recount_page

    project, events = Project(Path.cwd()), folder.events()
    found: Recount = anyio.run(
        partial(
            recounted,
            read_harness(script),
            folder,
            events,
            folder.state(events),
            project.find_harness,
            read_config(Path.cwd()),
        )
    )
    print_json(recount_object(found, folder.id)) if as_json else show(recount_page(found, script.name))
    if not found.whole or found.ended.outcome != "completed":
        raise SystemExit(ExitCode.ERROR)
