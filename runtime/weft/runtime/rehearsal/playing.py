"""One run of a harness with simulated agents: the real harness, sandbox and scheduler, on a virtual clock.

Each is executed in a process of its own, behind the same walls as a run that costs money.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from weft.primitives.calls import Question, ToolCall
from weft.primitives.limits import LANGUAGE
from weft.runtime.ceiling import Ceiling
from weft.runtime.clock import VirtualClock
from weft.runtime.execution.execute import Execution, Means, execute
from weft.runtime.execution.prepare import caps_of, host_tools
from weft.runtime.journal import MemoryJournal
from weft.runtime.journal.events import (
    AgentCalled,
    AgentLost,
    BranchRaised,
    Event,
    FanOutBegan,
    FindingReported,
    HostAnswered,
    HostCalled,
    Logged,
    Problem,
    RunEnded,
    RunStarted,
    UnderstandingReported,
    WorkflowCalled,
)
from weft.runtime.money.budget import Budget
from weft.runtime.pause import Pause
from weft.runtime.profile import Casting, uncast
from weft.runtime.project.harness import Harness
from weft.runtime.rehearsal.answering import Answer, Seat, Simulated, ToolTwist, Twist, fan_out_of, site_of
from weft.runtime.rehearsal.knowledge import Knowledge, scalars_in
from weft.runtime.rehearsal.manner import Leaf, Manner, Site, Spot
from weft.runtime.rehearsal.remembering import RECALL, Remembered
from weft.runtime.rehearsal.taking import Expected
from weft.runtime.rehearsal.timing import Timing, timing_of
from weft.runtime.scheduling.desk import Desk
from weft.runtime.scheduling.scheduler import Scheduler
from weft.runtime.settings import Settings
from weft.runtime.tools.folders import Folders
from weft.sandbox.protocol import Observation

__all__ = ["NOW", "Played", "Stage"]

NOW = "2001-01-01T00:00:00+00:00"
"""When every rehearsal takes place."""

LETTERS = 5_000
"""How many letters, asked and answered, weigh as much as an agent: all of them are kept."""

CEILING = Ceiling(tokens=1_000_000, usd=10.0)
"""What may be spent in a run that is to run out of budget, where there is no ceiling."""

LONGEST = 120.0
"""Seconds, of real time, that one run may take: the virtual clock stands still while no agent is asked."""

MOST_WITHOUT = 10_000
"""How many events one run may have in a row of which none is that an agent was called. What goes on without agents is
mostly ended by that, and so always at the same point; the time is for what makes no events either."""

STOPPED = ("cpu", "memory", "sandbox")
"""Of which kinds the end of a run is that used too much."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one run."""

    manner: Manner
    ended: RunEnded
    events: tuple[Event, ...]
    answers: tuple[Answer, ...]
    """In the order in which they were given."""
    remembered: tuple[Remembered, ...]
    """What agents have told each other."""
    spots: Mapping[Leaf, Spot]
    """What there was to choose."""
    observation: Observation
    """Nothing, where nobody watched, or the harness was stopped on the way."""
    timing: Timing

    @property
    def agents(self) -> int:
        """Return how many agents were called."""
        return sum(isinstance(event, AgentCalled) for event in self.events)

    @property
    def weight(self) -> int:
        """Return for how many agents it counts where it is bounded what is played: more, where much was said."""
        asked = sum(len(answer.called.request.prompt) for answer in self.answers)
        said = sum(len(str(scalar)) for answer in self.answers for _, scalar in scalars_in(answer.value))
        return self.agents + (asked + said) // LETTERS

    @property
    def problem(self) -> Problem | None:
        """Return what went wrong; that it gave up, as `critical=True` asks it to, is no fault."""
        problem = self.ended.problem or self._unaskable()
        return self._raised() if problem is None or self._gives_up(problem.message) else problem

    def _gives_up(self, message: str) -> bool:
        """Whether an error says no more than that something is lost without which it is pointless to go on."""
        return message.startswith("AgentFailed") or (self.manner.saved_fail and message.startswith("WorkflowRefused"))

    @property
    def endless(self) -> bool:
        """Whether it came to no end by itself: it started as many agents as a run may, or went on without any."""
        return self.ended.pause in ("agents", "deadline")

    @property
    def stopped(self) -> bool:
        """Whether it was ended for what it used, such as time or memory."""
        return self.ended.problem is not None and self.ended.problem.type in STOPPED

    @property
    def told(self) -> Any:
        """Return all that its result says: what it returned, what it logged, what it published."""
        said: list[Any] = []
        for event in self.events:
            match event:
                case Logged(message=message):
                    said.append(message)
                case FindingReported(data=data):
                    said.append(data)
                case UnderstandingReported(understood=understood):
                    said.append([understood.count, understood.of])
                case _:
                    pass
        said.sort(key=lambda one: json.dumps(one, sort_keys=True))  # when something is said is not what is said
        return [self.ended.outcome, self.ended.result, said]

    @property
    def choices(self) -> int:
        """Return how many answers the question had that had the most."""
        questions = [call for call in self._host_calls() if isinstance(call, Question)]
        return max((len(question.choices or ()) for question in questions), default=0)

    @property
    def tools(self) -> bool:
        """Whether the harness called any tool itself."""
        return any(not isinstance(call, Question) for call in self._host_calls())

    @property
    def recalled(self) -> tuple[tuple[ToolCall, Any], ...]:
        """Return which facts the harness was given, each with the call that asked for it."""
        asked = {event.id: event.request.call for event in self.events if isinstance(event, HostCalled)}
        given = ((asked[event.id], event) for event in self.events if isinstance(event, HostAnswered))
        return tuple(
            (call, event.value)
            for call, event in given
            if isinstance(call, ToolCall) and call.name == RECALL and event.by == "script" and event.value
        )

    @property
    def saved(self) -> bool:
        """Whether the harness called any saved one."""
        return any(isinstance(event, WorkflowCalled) for event in self.events)

    @property
    def quorums(self) -> dict[Site, int]:
        """Return how many branches are enough where agents of a place need not all answer."""
        fan_outs = (event for event in self.events if isinstance(event, FanOutBegan))
        enough = {one.path: one.quorum for one in fan_outs if one.quorum and one.quorum < one.width}
        asked = ((answer.called, fan_out_of(answer.called)) for answer in self.answers)
        return {site_of(called): enough[fan_out] for called, fan_out in asked if fan_out in enough}

    def _host_calls(self) -> Iterator[Any]:
        return (event.request.call for event in self.events if isinstance(event, HostCalled))

    def _unaskable(self) -> Problem | None:
        """Return why an agent could not even be asked, because of what it was asked for."""
        refused = (event for event in self.events if isinstance(event, AgentLost) and not event.lost.attempts)
        first = next((event for event in refused if event.lost.cause == "invalid"), None)
        if first is None:
            return None
        call = next(event for event in self.events if isinstance(event, AgentCalled) and event.id == first.id)
        return Problem(type="schema", message=first.lost.message, line=call.line)

    def _raised(self) -> Problem | None:
        """Return what a branch raised, other than that it gave up."""
        raised = (event for event in self.events if isinstance(event, BranchRaised))
        first = next((event for event in raised if not self._gives_up(event.message)), None)
        return None if first is None else Problem(type="branch", message=first.message, line=first.line)


@dataclass(frozen=True, slots=True)
class Stage:
    """A harness, and with what it is rehearsed."""

    harness: Harness
    args: Any
    settings: Settings
    """Resolved."""
    find_harness: Callable[[str], Harness | None]
    """Finds saved harnesses."""
    expected: Expected
    """What agents take."""
    cast: Casting = uncast
    tools: ToolTwist | None = None
    """Answers in place of tools that the harness calls, where a run says nothing else of them."""
    added: tuple[str, ...] = ()
    """The tools that the project adds, of which none is called."""
    gives: Mapping[str, Any] = field(default_factory=dict)
    """What they give, as JSON Schema, where that is known."""

    async def play(
        self,
        manner: Manner,
        known: Knowledge,
        *,
        twist: Twist | None = None,
        tools: ToolTwist | None = None,
        instead: Mapping[Seat, Any] | None = None,
        watched: bool = False,
    ) -> Played:
        """Run it once.

        Args:
            manner: How agents behave.
            known: What they may say.
            twist: Changes their answers.
            tools: Answers in place of tools that the harness calls.
            instead: Answers to give in place of others.
            watched: Whether what the harness does is observed, which takes a third of the time.
        """
        twists = [given for given in (tools, self.tools) if given is not None]
        tools = partial(_first_given, twists) if twists else None
        clock, journal = VirtualClock(), _Journal()
        settings = self.settings
        budget = Budget(self._ceiling(manner), clock, hold=settings.hold, on_budget=settings.on_budget)
        simulated = Simulated(
            manner,
            known,
            clock,
            budget,
            self.expected,
            journal.called,
            twist=twist,
            tools=tools,
            instead=instead,
            gives=self.gives,
        )
        observed: list[Observation] = []
        execution = self._execution(clock, journal, budget, simulated, observed.append if watched else None)
        ended = await execute(replace(execution, find_harness=_nothing) if manner.saved_fail else execution)
        observation = observed[0] if observed else Observation()
        answers, events = tuple(simulated.answers), tuple(journal.events)
        timing = timing_of(events, answers, ended.wall_s)
        remembered = tuple(simulated.memory.told.values())
        return Played(manner, ended, events, answers, remembered, dict(simulated.spots), observation, timing)

    def _ceiling(self, manner: Manner) -> Ceiling:
        ceiling = self.settings.ceiling
        return CEILING if manner.charge and ceiling == Ceiling() else ceiling

    def _execution(
        self,
        clock: VirtualClock,
        journal: _Journal,
        budget: Budget,
        simulated: Simulated,
        observed: Callable[[Observation], None] | None,
    ) -> Execution:
        settings = self.settings
        return Execution(
            harness=self.harness,
            started=RunStarted(
                run="",
                name=self.harness.name,
                task=self.harness.task,
                digest=self.harness.digest,
                args=self.args,
                now=NOW,
                settings=replace(settings, virtual_time=True, deadline=None),  # how long agents take is a guess
                language=LANGUAGE,
                tools=self.added,
            ),
            means=Means(
                agents=simulated,
                budget=budget,
                clock=clock,
                caps=caps_of(settings),
                helpers=(simulated.help, *host_tools(Folders(settings.folders))),
            ),
            find_harness=self.find_harness,
            recorder=journal,
            cast=self.cast,
            steer=partial(self._in_time, journal),
            observed=observed,
            repeated=True,
        )

    @asynccontextmanager
    async def _in_time(self, journal: _Journal, scheduler: Scheduler, _desk: Desk) -> AsyncIterator[None]:
        over = Pause("deadline", "the rehearsal did not come to an end")
        journal.end = partial(scheduler.end, over)
        alarm = asyncio.get_running_loop().call_later(LONGEST, scheduler.end, over)
        try:
            yield
        finally:
            alarm.cancel()


def _first_given(twists: list[ToolTwist], call: ToolCall) -> Any:
    """Return the answer of the first of some twists that gives one."""
    return next((value for twist in twists if (value := twist(call)) is not None), None)


def _nothing(_name: str) -> None:
    """Find no saved harness."""


class _Journal(MemoryJournal):
    """Knows which call has which number, and when there has been too much without any."""

    def __init__(self) -> None:
        super().__init__()
        self.called: dict[int, AgentCalled] = {}
        self.end: Callable[[], None] | None = None
        """What is to be done then."""
        self._without = 0

    def add(self, event: Event) -> None:
        super().add(event)
        self._without += 1
        if isinstance(event, AgentCalled):
            self.called[event.id] = event
            self._without = 0
        if self._without == MOST_WITHOUT and self.end is not None:
            self.end()
