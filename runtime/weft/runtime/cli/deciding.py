"""What a person decides before a run is gone on with: which saved harnesses are executed, whom another model is asked.

Each choice is offered with what it comes to. Where nobody is there to ask, an option says it; without one, another
model is asked what is missing alone, and saved harnesses that are others now are refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from weft.runtime.cli.output import attended, chosen, show
from weft.runtime.errors import Refused

if TYPE_CHECKING:
    from weft.runtime.execution.mended import Mended
    from weft.runtime.execution.resume import Resumption
    from weft.runtime.execution.resume_plan import ResumePlan

    Planning = Callable[[Resumption], Awaitable[ResumePlan]]

__all__ = ["Decision", "Other", "decide"]

Decision = tuple["Resumption", "ResumePlan", "list[Other]"]
Other = tuple[str, "ResumePlan"]
"""Words of an option, and what they would come to."""


async def decide(resumption: Resumption, changed: list[Mended], planning: Planning, given: dict[str, Any]) -> Decision:
    """Return how a run is gone on with, what that comes to, and what else could have been chosen.

    Args:
        resumption: As it is where nobody says otherwise.
        changed: Saved harnesses that are others now.
        planning: Plans to go on in one way.
        given: The options of the command.

    Raises:
        Refused: nobody says which of the saved harnesses to execute, or none of the choices is wanted.
    """
    plan, others = await planning(resumption), []
    asks = not given["plan_only"]
    if any(one.now is not None for one in changed) and given["saved"] is None:
        now = replace(resumption, saved="now")
        other = await planning(now)
        if asks and _says_now(resumption.of.folder.id, changed, plan, other):
            resumption, plan, other = now, other, plan
        others.append((f"--saved {'recorded' if resumption.saved == 'now' else 'now'}", other))
    if plan.others and given["model"] is not None and given["again"] is None:
        every = replace(resumption, again="all")
        other = await planning(every)
        if asks and not (plan.free or given["yes"]) and attended() and _says_all(plan, other):
            resumption, plan, other = every, other, plan
        others.append((f"--again {'missing' if resumption.again == 'all' else 'all'}", other))
    return resumption, plan, others


def _says_now(run: str, changed: list[Mended], recorded: ResumePlan, now: ResumePlan) -> bool:
    """Show both versions of saved harnesses with what they come to; return whether those of now are executed."""
    from weft.runtime.views.resume import mended_page

    show(mended_page(changed, recorded, now), err=True)
    names = ", ".join(repr(one.name) for one in changed)
    answer = chosen("Which is executed?", ("now", "recorded", "stop")) if attended() else "stop"
    if answer != "stop":
        return answer == "now"
    raise Refused(
        f"saved harnesses are others now than this run has loaded: {names}; which to execute is for you to say",
        meaning="nothing was started",
        fix=f"weft resume {run} --saved now executes them as they are now, --saved recorded as they were",
    )


def _says_all(missing: ResumePlan, every: ResumePlan) -> bool:
    """Show what either way comes to; return whether everybody is asked again."""
    from weft.runtime.views.resume import summary

    model = missing.settings.model
    show([f"{model} is asked all again, or what is missing:"], err=True)
    show([f"  all      {summary(every)}", f"  missing  {summary(missing)}"], err=True)
    answer = chosen("Which is asked?", ("missing", "all", "none"))
    if answer == "none":
        raise Refused(
            "neither was approved",
            meaning="nothing was started, and the run is as it was",
            fix="--again missing or --again all says it beforehand",
        )
    return answer == "all"
