"""What resuming a run would do and cost, before anything is spent: which answers are used again, who is asked and why.

The harness is executed in rehearsal over the journal. Where an agent would be asked, one that stands in for it answers:
what was answered in its place before, else the smallest answer that fits. From there on the plan is an estimate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from weft.primitives.lost import Spent
from weft.runtime.agents.cast import Cast
from weft.runtime.agents.examples import smallest
from weft.runtime.change import parted
from weft.runtime.clock import VirtualClock
from weft.runtime.execution.execute import Execution, Means, execute
from weft.runtime.execution.prepare import caps_of, host_tools
from weft.runtime.execution.resume import Resumption
from weft.runtime.forecasting.cold import Cold
from weft.runtime.forecasting.costs import Costs
from weft.runtime.forecasting.material import Material
from weft.runtime.held import Held
from weft.runtime.journal import Known, MemoryJournal, Past, Why
from weft.runtime.journal.accounts import Unsettled
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import AgentCalled, AgentFinished, FactRemembered, HostCalled, RunEnded
from weft.runtime.journal.past import Saved
from weft.runtime.money.budget import Budget
from weft.runtime.project.harness import Harness
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.validating import UnusableSchema
from weft.runtime.settings import Settings
from weft.runtime.tools.facts import Facts, keeping
from weft.runtime.tools.folders import Folders

__all__ = ["Asked", "ResumePlan", "plan_resume"]


@dataclass(frozen=True, slots=True)
class Asked:
    """An agent that would be asked, and why."""

    called: AgentCalled
    why: Why
    usd: tuple[float, float] | None
    """What it may cost, at list price; `None` where its model has none."""


@dataclass(frozen=True, slots=True)
class ResumePlan:
    """What resuming a run would do."""

    reused: tuple[Known, ...]
    """Answers that are used again."""
    asked: tuple[Asked, ...]
    orphaned: tuple[Known, ...]
    """Answers that nobody asks for any more."""
    undecided: tuple[AgentCalled | HostCalled, ...]
    """Agents that had started and may have had effects: a person must say whether to ask them again."""
    spent: Spent
    """What the run has cost so far."""
    unsettled: Unsettled
    """What of that is the most that requests can have cost which were in flight when the run was killed."""
    settings: Settings
    executed: Saved
    """As what saved harnesses are executed that were loaded before."""
    held: Mapping[str, Held]
    """Of each limit that the harness sets itself, what either side says."""
    ended: RunEnded
    """How it ended in the rehearsal."""

    @property
    def others(self) -> Counter[str]:
        """How many of the answers that are used again are of which other models than would be asked now."""
        return Counter(known.other_model for known in self.reused if known.other_model is not None)

    @property
    def moved(self) -> int:
        """How many of the answers that are used again go to calls in other places than had them before."""
        return sum(known.moved for known in self.reused)

    @property
    def saved(self) -> Spent:
        """What the answers that are used again have cost."""
        return sum((known.finished.spent for known in self.reused if known.finished), Spent())

    @property
    def usd(self) -> tuple[float, float] | None:
        """What going on may cost, at list price; `None` where a model has none, or a program is asked."""
        if self.settings.command is not None:
            return None
        costs = [asked.usd for asked in self.asked]
        known = [cost for cost in costs if cost is not None]
        return (sum(low for low, _ in known), sum(high for _, high in known)) if len(known) == len(costs) else None

    @property
    def free(self) -> bool:
        """Whether nothing can be spent: agents are scripted, or answered on this machine."""
        return self.settings.stub is not None or self.usd == (0.0, 0.0)

    @property
    def reasons(self) -> Counter[str]:
        """How many agents would be asked for which reason."""
        return Counter(asked.why.reason for asked in self.asked)


async def plan_resume(
    resumption: Resumption, find_harness: Callable[[str], Harness | None], *, lost_again: bool = False
) -> ResumePlan:
    """Plan to go on with a run. Starts no agent and spends nothing.

    Args:
        resumption: How it would be gone on with.
        find_harness: Finds saved harnesses.
        lost_again: Let agents that were lost be lost again, to see what the harness makes of what there is.
    """
    found, settings = resumption.of, resumption.settings
    past = resumption.past("rerun" if resumption.asked == "ask" else None)
    journal, clock, folders = MemoryJournal(), VirtualClock(), Folders(settings.folders)
    unlimited = replace(settings, max_agents=settings.max_agents + past.agents_started, virtual_time=True)
    means = Means(
        agents=StandIn(journal, past, lost_again=lost_again),
        budget=Budget(settings.ceiling, clock),
        clock=clock,
        caps=caps_of(unlimited),
        helpers=host_tools(folders),
    )
    execution = Execution(
        harness=resumption.harness,
        started=replace(found.started, settings=unlimited),
        means=means,
        find_harness=find_harness,
        past=past,
        recorder=journal,
        cast=Cast(resumption.config, settings),
    )
    # Those that are asked remember nothing here: what is known is what was known.
    with keeping(Facts(found.state.facts, _forget)):
        ended = await execute(execution)
    reused = {event.id for event in journal.events if isinstance(event, AgentFinished) and event.reused}
    called = [event for event in journal.events if isinstance(event, AgentCalled) and event.id not in reused]
    costs = Costs(past, Cold(Material(folders), resumption.config))
    whys = zip(called, past.whys(called), strict=True)
    asks = tuple(Asked(call, why, costs.of(call.request)) for call, why in whys)
    if not lost_again:
        asks += tuple(Asked(one.called, Why(one.reason, one), costs.of(one.asked)) for one in _with_them(asks))
    replaced = [ask.why.before for ask in asks]
    return ResumePlan(
        reused=tuple(past.used),
        asked=asks,
        # Whether an agent that is asked again asks those below it the same again, only it can tell.
        orphaned=tuple(one for one in past.unused() if one not in replaced and not askers(one.called.path)),
        undecided=tuple(past.decided) if resumption.asked == "ask" else (),
        spent=found.state.spent,
        unsettled=found.state.unsettled,
        settings=settings,
        executed=resumption.saved,
        held=resumption.held,
        ended=ended,
    )


def _with_them(asks: tuple[Asked, ...]) -> list[Known]:
    """Return those below answered agents that are asked again with them, if they ask for the same."""
    return [
        one
        for ask in asks
        if ask.why.before is not None and ask.why.reason == "below"
        for one in ask.why.before.again_below
    ]


def _forget(_fact: FactRemembered) -> None:
    """Keep no record: it is a plan."""


class StandIn:
    """Answers in place of agents that would be asked."""

    def __init__(self, journal: MemoryJournal, past: Past, *, lost_again: bool = False) -> None:
        self._lost_again = lost_again
        self._journal = journal
        self._past = past
        self._read = 0
        self._calls: dict[int, AgentCalled] = {}

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer what was answered in this place before, else the least that fits.

        Raises:
            AgentError: nothing fits the schema, or it was lost and is to be lost again.
        """
        new = self._journal.events[self._read :]
        self._read += len(new)
        self._calls.update((event.id, event) for event in new if isinstance(event, AgentCalled))
        before = self._past.why(self._calls[request.id]).before
        if before is not None and before.lost is not None and self._lost_again:
            raise AgentError(before.lost.cause, before.lost.message)
        if before is not None and before.finished is not None:
            said, change = parted(before.finished.value, isolated=request.isolation is not None)
            if not await _misfit(said, request):
                return AgentReply(value=said, change=change)
        try:
            return AgentReply(value=await smallest(request.schema))
        except ValueError as error:
            raise AgentError("invalid", str(error)) from None


async def _misfit(value: object, request: AgentRequest) -> bool:
    try:
        return await misfit(value, request.schema) is not None
    except UnusableSchema:
        return True
