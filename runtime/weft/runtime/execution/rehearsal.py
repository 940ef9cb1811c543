"""A run with simulated agents, before any money is spent: does the harness survive what agents may answer?

The real harness is executed in the real sandbox by the real scheduler, on a virtual clock; only what
agents and people answer is made up. What is learned: crashes, whether it ends, and how many agents it starts.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import anyio

from weft.primitives.calls import Question
from weft.primitives.limits import LANGUAGE
from weft.runtime.agents.examples import smallest, variety
from weft.runtime.agents.tools import Folders
from weft.runtime.clock import Clock, VirtualClock
from weft.runtime.execution.execute import Execution, Means, execute
from weft.runtime.execution.prepare import caps_of, host_tools
from weft.runtime.forecasting.cells import Call, calls_of
from weft.runtime.helping import HostReply, HostRequest
from weft.runtime.journal import MemoryJournal
from weft.runtime.journal.events import AgentCalled, AgentLost, HostCalled, Problem, RunStarted
from weft.runtime.money.budget import Budget
from weft.runtime.pause import Pause
from weft.runtime.project.harness import Harness
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.scheduling.desk import Desk
from weft.runtime.scheduling.scheduler import Scheduler
from weft.runtime.settings import Settings

__all__ = ["Rehearsal", "Scene", "rehearse"]

NOW = "2001-01-01T00:00:00+00:00"
"""When every rehearsal takes place."""

LONGEST = 30.0
"""Seconds, of real time, that a rehearsal may take: the virtual clock stands still while no agent is asked."""

MOST_CHOICES = 12
"""How many answers of one question are tried."""

VARIETY = 24
"""How many different answers are made up for a schema."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """How simulated agents behave."""

    name: str
    seed: int | None = None
    """Draws varied answers; without one every answer is the shortest that fits."""
    lose_every: int | None = None
    """Lose every n-th agent."""
    tools_fail: bool = False
    """Let every tool that the harness calls fail."""


SCENARIOS = (
    Scenario("shortest answers"),
    Scenario("varied answers", seed=1),
    Scenario("other varied answers", seed=2),
    Scenario("every third agent lost", seed=3, lose_every=3),
    Scenario("every agent lost", lose_every=1),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """How one scenario went."""

    name: str
    agents: int
    """How many agents were called."""
    calls: tuple[Call, ...]
    """Each of them."""
    problem: Problem | None
    seconds: float
    """On the virtual clock."""
    choices: int = 0
    """How many choices the question had that had the most."""
    tools: bool = False
    """Whether the harness called any."""
    tools_fail: bool = False
    """Whether these failed: then there is hardly anything for agents to do."""

    @property
    def crashed(self) -> bool:
        """Whether the harness broke, other than by giving up as `critical=True` asks it to."""
        return self.problem is not None and not self.problem.message.startswith("AgentFailed:")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal has shown."""

    scenes: tuple[Scene, ...]

    @property
    def crashes(self) -> list[Scene]:
        """The scenarios that broke the harness."""
        return [scene for scene in self.scenes if scene.crashed]

    @property
    def usual(self) -> list[Scene]:
        """The scenes that tell how many agents there may be: those that broke nothing, and in which tools worked."""
        return [scene for scene in self.scenes if not (scene.crashed or scene.tools_fail)]

    @property
    def agents(self) -> tuple[int, int]:
        """The fewest and the most agents it started where agents answered."""
        counts = [scene.agents for scene in self.usual] or [0]
        return min(counts), max(counts)


async def rehearse(
    harness: Harness, args: Any, settings: Settings, find_harness: Callable[[str], Harness | None]
) -> Rehearsal:
    """Run a harness in every scenario. The same harness, arguments and settings always give the same result."""
    scenes: dict[str, Scene] = {}

    async def play(scenario: Scenario) -> None:
        scenes[scenario.name] = await _play(scenario, harness, args, settings, find_harness)

    async def play_all(scenarios: Sequence[Scenario]) -> list[Scene]:
        async with anyio.create_task_group() as tasks:
            for scenario in scenarios:
                tasks.start_soon(play, scenario)
        return [scenes[scenario.name] for scenario in scenarios]

    played = await play_all(SCENARIOS)
    return Rehearsal((*played, *await play_all(_others(played))))


def _others(played: Sequence[Scene]) -> list[Scenario]:
    """Return what else may come of it, by what it has done: each choice is somebody's answer, and tools fail."""
    tried = sum(scenario.seed is not None and not scenario.lose_every for scenario in SCENARIOS)
    choices = min(max(scene.choices for scene in played), MOST_CHOICES)
    others = [Scenario(f"answer {choice + 1}", seed=choice + 1) for choice in range(tried, choices)]
    return [*others, Scenario("every tool fails", tools_fail=True)] if any(one.tools for one in played) else others


async def _play(
    scenario: Scenario,
    harness: Harness,
    args: Any,
    settings: Settings,
    find_harness: Callable[[str], Harness | None],
) -> Scene:
    clock, journal = VirtualClock(), MemoryJournal()
    simulated = Simulated(scenario, clock)
    means = Means(
        agents=simulated,
        budget=Budget(settings.ceiling, clock),
        clock=clock,
        caps=caps_of(settings),
        helpers=(simulated.help, *host_tools(Folders(settings.folders))),
    )
    execution = Execution(
        harness=harness,
        started=RunStarted(
            run="",
            name=harness.name,
            task=harness.task,
            digest=harness.digest,
            args=args,
            now=NOW,
            settings=replace(settings, virtual_time=True, deadline=None),  # how long agents take is made up
            language=LANGUAGE,
        ),
        means=means,
        find_harness=find_harness,
        recorder=journal,
        steer=_in_time,
    )
    ended = await execute(execution)
    called = [event for event in journal.events if isinstance(event, AgentCalled)]
    problem = ended.problem or _unaskable(journal)
    calls = [event.request.call for event in journal.events if isinstance(event, HostCalled)]
    questions = [call for call in calls if isinstance(call, Question)]
    return Scene(
        scenario.name,
        len(called),
        calls_of(journal.events),
        problem,
        ended.wall_s,
        choices=max((len(question.choices or ()) for question in questions), default=0),
        tools=len(calls) > len(questions),
        tools_fail=scenario.tools_fail,
    )


def _unaskable(journal: MemoryJournal) -> Problem | None:
    """Return why an agent could not even be asked, because of what it was asked for."""
    refused = (event for event in journal.events if isinstance(event, AgentLost) and not event.lost.attempts)
    first = next((event for event in refused if event.lost.cause == "invalid"), None)
    if first is None:
        return None
    call = next(event for event in journal.events if isinstance(event, AgentCalled) and event.id == first.id)
    return Problem(type="schema", message=first.lost.message, line=call.line)


@asynccontextmanager
async def _in_time(scheduler: Scheduler, _desk: Desk) -> AsyncIterator[None]:
    over = Pause("deadline", f"the rehearsal did not come to an end within {LONGEST:g} s")
    alarm = asyncio.get_running_loop().call_later(LONGEST, scheduler.end, over)
    try:
        yield
    finally:
        alarm.cancel()


class Simulated:
    """Agents that make their answers up, as a scenario says."""

    def __init__(self, scenario: Scenario, clock: Clock) -> None:
        self._scenario = scenario
        self._clock = clock

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer after a simulated while.

        Raises:
            AgentError: this agent is one of those to be lost, or nothing fits its schema.
        """
        scenario = self._scenario
        draw = random.Random(json.dumps([scenario.seed, request.key(), request.id]))
        await self._clock.sleep(draw.uniform(1, 30))
        if scenario.lose_every and request.id % scenario.lose_every == 0:
            raise AgentError("provider", "lost in rehearsal")
        try:
            if scenario.seed is None:
                return AgentReply(value=await smallest(request.schema))
            return AgentReply(value=draw.choice(await variety(request.schema, VARIETY)))
        except ValueError as error:
            raise AgentError("invalid", str(error)) from None

    async def help(self, request: HostRequest) -> HostReply | None:
        """Answer a question, each choice in another scenario, and leave it to its default where agents are lost.

        Raises:
            AgentError: it is the call of a tool, and tools fail.
        """
        scenario, question = self._scenario, request.call
        if not isinstance(question, Question):
            if scenario.tools_fail:
                raise AgentError("refused", "failed in rehearsal")
            return None
        if scenario.seed is None or scenario.lose_every:
            return None
        offered = question.choices or ("an answer",)
        return HostReply(value=offered[(scenario.seed - 1) % len(offered)], by="script")
