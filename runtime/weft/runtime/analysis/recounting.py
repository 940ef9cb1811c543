"""Another harness executed over the recorded answers of a run: no model, no tools, no spend.

It is what the plan of a resume does; here its end is what one wants. Nothing of the run is locked or changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from weft.runtime.execution.resume import Resumable, Resumption
from weft.runtime.execution.resume_plan import Asked, ResumePlan, plan_resume
from weft.runtime.journal import RunState
from weft.runtime.journal.events import Event, RunEnded
from weft.runtime.project.config import Config
from weft.runtime.project.folders import RunFolder
from weft.runtime.project.harness import Harness, check_args

__all__ = ["Recount", "recounted"]


@dataclass(frozen=True, slots=True)
class Recount:
    """What another harness comes to."""

    plan: ResumePlan
    """Which answers it uses, and who would have to be asked."""

    @property
    def ended(self) -> RunEnded:
        """How it ended; of one that needs answers that are not there, with the smallest that fit in their place."""
        return self.plan.ended

    @property
    def lost(self) -> list[Asked]:
        """The agents that were lost then, and are lost to it."""
        return [asked for asked in self.plan.asked if asked.why.reason == "lost"]

    @property
    def missing(self) -> list[Asked]:
        """The agents that would have to be asked; not those whose answers rest on a loss, for that stays as it is."""
        return [asked for asked in self.plan.asked if asked.why.reason not in ("lost", "below")]

    @property
    def whole(self) -> bool:
        """Whether it needs no answer that is not there, so that this is its result."""
        return not self.missing

    @property
    def usd(self) -> tuple[float, float] | None:
        """What asking may cost, at the least and at the most; `None` where nobody knows."""
        costs = [asked.usd for asked in self.missing]
        known = [cost for cost in costs if cost is not None]
        if self.plan.settings.command is not None or len(known) < len(costs):
            return None
        return sum(low for low, _ in known), sum(high for _, high in known)

    @property
    def result(self) -> Any:
        """What it returned, where nothing is made up in it."""
        return self.ended.result if self.whole else None


async def recounted(
    harness: Harness,
    folder: RunFolder,
    events: list[tuple[float, Event]],
    state: RunState,
    find_harness: Callable[[str], Harness | None],
    config: Config | None = None,
) -> Recount:
    """Execute a harness over the recorded answers of a run. Starts no agent and spends nothing.

    Raises:
        Refused: the arguments of the run do not fit it.
    """
    started = state.started
    assert started is not None
    check_args(harness, started.args)
    recorded = Resumable(folder=folder, events=[event for _, event in events], state=state, started=started)
    resumption = Resumption(
        of=recorded,
        harness=harness,
        settings=started.settings,
        held=started.held,
        config=config or Config(),
        asked="rerun",
    )
    return Recount(await plan_resume(resumption, find_harness, lost_again=True))
