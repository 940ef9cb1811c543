"""All that is read off the journal of a run by itself; of one that was resumed, off its latest execution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weft.primitives.lost import Spent
from weft.runtime.analysis.critical import Critical, critical_path
from weft.runtime.analysis.joins import Barrier, barriers
from weft.runtime.analysis.repricing import Repriced, Wanted, repriced, requests_of
from weft.runtime.analysis.rounds import LoopRounds, rounds
from weft.runtime.analysis.streaming import Saving
from weft.runtime.analysis.votes import Votes, votes
from weft.runtime.analysis.weaving import Work, woven
from weft.runtime.execution.prepare import caps_of
from weft.runtime.journal import RunState, executions
from weft.runtime.journal.events import Event
from weft.runtime.settings import Settings

if TYPE_CHECKING:
    from weft.runtime.project.config import Config

__all__ = ["Analysis", "Worth", "analysed", "priced_again"]

Timed = tuple[float, Event]


@dataclass(frozen=True, slots=True)
class Worth:
    """What was paid for what came of it."""

    spent: Spent
    """By the run, from its first execution on, with what it took to write the harness."""
    findings: int
    """What the harness has published with `finding`."""
    results: int | None
    """How many items the result has; `None` where it is no list, and where it has none."""
    claims: int
    survived: int
    votes: Spent

    def each(self, count: int | None) -> float | None:
        """Return how many dollars that is for each of so many; `None` for none."""
        return self.spent.usd / count if count else None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a run can teach."""

    work: Work
    critical: Critical
    barriers: list[Barrier]
    together: Saving | None
    """What it would have saved if no fan-out had waited for the whole of the one before."""
    votes: Votes
    rounds: list[LoopRounds]
    worth: Worth


def analysed(events: list[Timed], state: RunState, config: Config | None = None) -> Analysis:
    """Analyse a run.

    Args:
        events: Its journal.
        state: What that comes to.
        config: What the project says of how many agents of a model or profile may be at work: that is on record only
            as far as it was changed on the way.
    """
    latest = executions(events)[-1]
    work = woven(latest)
    settings = Settings() if state.started is None else state.started.settings
    found, together = barriers(work, caps_of(settings, config).told(state.limits))
    claims = votes((event for _, event in latest), state.agents)
    result = state.ended.result if state.ended is not None else None
    return Analysis(
        work=work,
        critical=critical_path(work),
        barriers=found,
        together=together,
        votes=claims,
        rounds=rounds(latest, state.agents),
        worth=Worth(
            spent=state.spent,
            findings=len(state.findings),
            results=len(result) if isinstance(result, list) else None,
            claims=len(claims.claims),
            survived=claims.survived,
            votes=claims.spent,
        ),
    )


def priced_again(events: list[Timed], state: RunState, wanted: Wanted, config: Config | None = None) -> list[Repriced]:
    """Return what the agents of a run would have cost on other models; see `repricing`.

    Raises:
        UsageError: a model that is wanted has no price.
    """
    latest = (event for _, event in executions(events)[-1])
    return repriced(state.agents, requests_of(latest, state.agents), wanted, config)
