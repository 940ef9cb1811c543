"""What is said before a run begins that could be gone on with instead, and asked where it would be paid for again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from weft.runtime.cli.output import attended, confirmed, show
from weft.runtime.cli.targets import Target

if TYPE_CHECKING:
    from weft.runtime.project.config import Config
    from weft.runtime.project.folders import Project
    from weft.runtime.settings import Settings

__all__ = ["offer_earlier"]


def offer_earlier(named: Target, settings: Settings, config: Config, project: Project, *, yes: bool) -> None:
    """Say that an earlier run can be gone on with instead; where somebody is there and would pay again, ask.

    Raises:
        Refused: no new run is wanted.
    """
    from weft.runtime.errors import Refused
    from weft.runtime.money.prices import is_free
    from weft.runtime.project.earlier import outcome_text, unfinished

    state = unfinished(project, named.harness, named.args)
    if state is None or state.started is None:
        return
    run, done = state.started.run, state.count("done")
    edited = state.started.source != named.harness.source
    free = settings.stub is not None or (settings.command is None and is_free(settings.model, config))
    again = f"weft resume {run}" + (f" --script {shlex.quote(named.harness.filename)}" if edited else "")
    if state.outcome == "running":
        show([f"{run} is at work on this with the same arguments; a new run pays for all of it as well."], err=True)
    else:
        paid = f"{done} answer{'s' * (done != 1)} for ${state.spent.usd:.4f}"
        what = "another version of this" if edited else "this"
        show([f"{run} has run {what} with the same arguments: {outcome_text(state)}, {paid}."], err=True)
        show([f"{again} uses them again" + ("." if free else "; a new run pays for them again.")], err=True)
    if edited or free or yes or not attended() or confirmed("Start a new run all the same?"):
        return
    raise Refused("a new run was not approved", meaning="nothing was started", fix=f"{again}, or weft show {run}")
