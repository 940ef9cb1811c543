"""When an agent may start: first come first served, within the concurrency cap and the backstop, each with a deadline.

How an agent is answered is `agents.answer`; what its answer means to the harness is `run`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import anyio
import anyio.abc

from weft.primitives.lost import Lost
from weft.runtime.agents.answer import Answer, answer
from weft.runtime.agents.request import AgentRequest, Agents
from weft.runtime.budget import Budget
from weft.runtime.clock import Clock
from weft.runtime.pause import Pause, PauseReason, Stop
from weft.sandbox.protocol import Result

__all__ = ["Scheduler"]


@dataclass(slots=True)
class _Job:
    request: AgentRequest
    scope: anyio.CancelScope | None = None
    """Around its work, once that has begun."""
    wanted: bool = True
    """Whether somebody still waits for the agent."""

    def cancel(self) -> None:
        """Let it be ended: nobody waits for it any more."""
        self.wanted = False
        if self.scope is not None:
            self.scope.cancel()


class Scheduler:
    """Runs the agents of one run. Its order of starting and of handing out answers is that of a queue."""

    def __init__(
        self,
        agents: Agents,
        tasks: anyio.abc.TaskGroup,
        *,
        budget: Budget,
        clock: Clock,
        concurrency: int,
        max_agents: int,
        started: int = 0,
        on_start: Callable[[list[AgentRequest]], None],
        on_answer: Callable[[AgentRequest, Answer], Result],
        on_cancel: Callable[[AgentRequest], None],
    ) -> None:
        """Prepare to run agents in a task group.

        Args:
            agents: Who answers.
            tasks: Where agents run.
            budget: What they spend from.
            clock: What they are timed by.
            concurrency: How many may run at the same time.
            max_agents: How many the run may start.
            started: How many it has started before.
            on_start: Told which agents start, before the first of them begins; makes all that was told durable.
            on_answer: Told how an agent has ended; says what that is to the harness.
            on_cancel: Told which agent was ended because nobody waits for it.
        """
        self.paused: Pause | None = None
        """Why no further agents start, if so."""
        self._agents = agents
        self._tasks = tasks
        self._budget = budget
        self._clock = clock
        self._concurrency = concurrency
        self._max_agents = max_agents
        self._on_start = on_start
        self._on_answer = on_answer
        self._on_cancel = on_cancel
        self._waiting: OrderedDict[int, _Job] = OrderedDict()
        self._running: dict[int, _Job] = {}
        self._started = started
        self._results: list[Result] = []
        self._news = anyio.Event()
        self._awaited = False
        """Whether somebody waits in `results`, who fills the places that become free."""
        self._filling = False
        """Whether free places are about to be filled anyway."""

    @property
    def running(self) -> int:
        """How many agents are at work."""
        return len(self._running)

    def submit(self, request: AgentRequest) -> None:
        """Queue an agent."""
        self._waiting[request.id] = _Job(request)

    def cancel(self, number: int) -> None:
        """End an agent, or take it out of the queue."""
        if number in self._running:
            self._running[number].cancel()
        elif number in self._waiting:
            self._on_cancel(self._waiting.pop(number).request)

    def cancel_all(self) -> None:
        """End every agent that runs; those in the queue stay there."""
        for job in self._running.values():
            job.cancel()

    def pause(self, reason: PauseReason, message: str) -> None:
        """Start no further agents. Those that run go on."""
        self._give_up(Pause(reason, message))

    def _give_up(self, pause: Pause) -> None:
        self.paused = self.paused or pause
        if isinstance(pause, Stop):
            self.cancel_all()
        self._tell()

    def fill(self) -> None:
        """Start as many waiting agents as may run; what was told of others by then becomes durable with their start."""
        starting: list[_Job] = []
        while self._waiting and not self.paused and len(self._running) < self._concurrency:
            if self._started >= self._max_agents:
                self.pause("agents", f"the run has started {self._started} agents, as many as it may")
                break
            refusal = self._budget.refusal(next(iter(self._waiting)))
            if isinstance(refusal, Pause):
                self._give_up(refusal)
                break
            number, job = self._waiting.popitem(last=False)
            self._started += 1
            self._running[number] = job
            starting.append(job)
        self._on_start([job.request for job in starting])
        for job in starting:
            self._clock.begin()
            self._tasks.start_soon(self._run, job)

    async def results(self) -> list[Result]:
        """Wait for agents to end and return what came of them; nothing when no agent runs and none will."""
        while not self._results and self._running:
            self._news, self._awaited = anyio.Event(), True
            try:
                await self._clock.wait(self._news)
            finally:
                self._awaited = False
            self.fill()
        return self.take()

    def take(self) -> list[Result]:
        """Return what came of the agents that have ended since it was last asked."""
        results, self._results = self._results, []
        return results

    async def _run(self, job: _Job) -> None:
        request = job.request
        try:
            answered = await self._in_time(job) if job.wanted else None
            if answered is None:
                self._on_cancel(request)
            else:
                self._results.append(self._on_answer(request, answered))
        except Pause as pause:
            self._give_up(pause)
        finally:
            del self._running[request.id]
            if self._awaited:
                self._tell()
            elif not self._filling:
                self._filling = True
                self._clock.begin()
                self._tasks.start_soon(self._fill_soon)
            self._clock.end()

    async def _fill_soon(self) -> None:
        """Fill the places of all agents that ended in the same moment: one commit is for all of them."""
        self._filling = False
        self.fill()
        self._clock.end()

    async def _in_time(self, job: _Job) -> Answer | None:
        """Return the answer, or that there was none in time, or nothing where nobody waits for it any more."""
        request = job.request
        limit = anyio.CancelScope() if request.timeout is None else self._clock.timeout(request.timeout)
        with limit as job.scope:
            return await answer(request, self._agents, self._budget, self._clock)
        if not job.wanted:
            return None
        attempts = self._budget.attempts(request.id)
        lost = Lost(
            cause="timeout",
            message=f"no answer within {request.timeout:g} s",
            attempts=attempts,
            spent=self._budget.account(request.id),
        )
        return Answer(lost=lost, attempts=attempts)

    def _tell(self) -> None:
        self._clock.wake(self._news)
