"""When an agent may start, how long it may take, and what happens to it while it waits or the run is suspended.

In which order agents go is `queue`, how many at a time `slots`, what each tells while it works `job`, what has come of
them `results`; how one is answered is `agents.answer`; what its answer means to the harness is `host`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from operator import attrgetter

import anyio

from weft.primitives.lost import Lost, Spent
from weft.runtime.agents.answer import Answer, answer, with_so_far
from weft.runtime.clock import Clock
from weft.runtime.journal.events import AgentCalled
from weft.runtime.money.budget import Budget
from weft.runtime.pause import Cut, Pause, PauseReason, Stop
from weft.runtime.request import AgentRequest, Agents
from weft.runtime.scheduling.job import Job
from weft.runtime.scheduling.observer import Observer
from weft.runtime.scheduling.queue import Queue
from weft.runtime.scheduling.results import Results
from weft.runtime.scheduling.slots import Caps, Slots
from weft.runtime.trail import NO_TRAIL
from weft.runtime.working import WaitsFor, at_work
from weft.sandbox.protocol import Result

__all__ = ["Scheduler"]

SHORT_WAIT = 1.0
"""Seconds; nobody is told of waits that are shorter."""


class Scheduler:
    """Runs the agents of one run."""

    def __init__(
        self,
        agents: Agents,
        tasks: asyncio.TaskGroup,
        observer: Observer,
        *,
        budget: Budget,
        clock: Clock,
        caps: Caps,
        asked: Callable[[AgentCalled], AgentRequest] = attrgetter("request"),
        started: int = 0,
    ) -> None:
        """Prepare to run agents in a task group.

        Args:
            agents: Who answers.
            tasks: Where agents run. One of asyncio's, of which a task costs a third of what it does in one of anyio's.
            observer: Told what happens.
            budget: What they spend from.
            clock: What they are timed by.
            caps: How many may be at work, and be started.
            asked: What is asked for a call: its request, and what is known of it besides.
            started: How many agents it has started before.
        """
        self.paused: Pause | None = None
        """Why no further agents start and the run will end, if so."""
        self.suspended: str | None = None
        """Why no further agents start for the time being, if so."""
        self.going_on: anyio.Event | None = None  # woken when they start again, where somebody waits for that
        self.cut = Cut()
        """Made when the execution ends now, whatever its harness does."""
        self.closing = Cut()
        """Made when nothing begins any more, whatever it is still waiting for."""
        self.abandoned = False
        """Whether the execution ends by an error, and its agents with it."""
        self._agents = agents
        self._tasks = tasks
        self.observer = observer
        self.budget = budget
        self._clock = clock
        self._max_agents = caps.max_agents
        self._slots = Slots(caps, clock)
        self._asked = asked
        self._queue = Queue()
        self._running: dict[int, Job] = {}
        self._started = started
        self.results = Results(clock)
        """Of the run's harness."""
        self._all_results = [self.results]
        self._results_of: dict[int, Results] = {}
        """Of those agents that do not work for the run's harness."""
        self._filling = False
        """Whether free places are about to be filled anyway."""

    # ------------------------------------------------------------------------------------------ what is known

    def now(self) -> float:
        """Return the time on the run's clock."""
        return self._clock.now()

    @property
    def running(self) -> int:
        """How many agents are at work, those that wait included, and not about to end."""
        return sum(not job.ending for job in self._running.values())

    @property
    def queued(self) -> int:
        """How many agents have not started."""
        return len(self._queue)

    @property
    def started(self) -> int:
        """How many agents the run has started in all its executions, those included that there was no money for now."""
        return self._started

    @property
    def holds(self) -> bool:
        """Whether nothing begins any more, or for the time being: no agent, and no saved harness."""
        return self.paused is not None or self.suspended is not None

    @property
    def ending(self) -> Pause | None:
        """Why the execution ends; not because it is executed again, which gives way to whatever else ends the run."""
        return None if self.paused is None or self.paused.reason == "retry" else self.paused

    @property
    def startable(self) -> int:
        """How many more the run may start, those that are queued included."""
        return max(0, self._max_agents - self._started)

    # ------------------------------------------------------------------------------------------ steering

    def submit(self, called: AgentCalled, results: Results | None = None) -> None:
        """Queue an agent, whose result goes to the run's harness, or elsewhere."""
        results = self.results if results is None else results  # empty ones are false
        results.queued += 1
        if results is not self.results:
            self._results_of[called.id] = results
        self._queue.add(called)

    def cancel(self, number: int) -> None:
        """End an agent, or take it out of the queue: nobody waits for it any more."""
        if number in self._running:
            self._end(self._running[number])
        elif number in self._queue:
            self.observer.agent_cancelled(self._queue.remove(number).request, NO_TRAIL)
            self._leaves(number).queued -= 1

    def cancel_all(self) -> None:
        """End every agent that runs; those in the queue stay there."""
        for job in self._running.values():
            self._end(job)

    def has(self, number: int) -> bool:
        """Whether an agent is at work, or waits for its turn: only such a one can be stopped."""
        return number in self._running or number in self._queue

    def stop(self, number: int, why: str) -> bool:
        """End one agent, so that it is lost to the harness; tell whether there was one to end."""
        if number in self._running:
            job = self._running[number]
            job.stopped = why
            self._cut(job)
        elif number in self._queue:
            self._lose(self._queue.remove(number).request, why)
        else:
            return False
        return True

    def pause(self, reason: PauseReason, message: str) -> None:
        """Start no further agents; the run ends when those that run have."""
        self._pause(Pause(reason, message))
        self._tell_all()

    def _pause(self, pause: Pause) -> None:
        """Take the first reason there is."""
        self.paused = self.ending or pause
        self.closing.make()
        for job in self._running.values():
            if job.waits == "limit" and self.budget.account(job.called.id) == Spent():
                self._end(job)  # it has nothing to lose, and the provider may keep it for hours
        if isinstance(pause, Stop):
            self.end(self.paused)

    def end(self, pause: Pause) -> None:
        """End the execution now: the agents that run, and whatever its harness is about to do."""
        self.paused = pause
        self.suspended = None
        self.cancel_all()
        self.closing.make()
        self.cut.make()
        self._tell_all()

    def suspend(self, why: str) -> None:
        """Start no further agents until `go_on`. Those that run go on."""
        self.suspended = why

    def go_on(self) -> None:
        """Start agents again."""
        self.suspended = None
        if self.going_on is not None:
            self._clock.wake(self.going_on)
        self.fill()
        self._tell_all()

    @property
    def caps(self) -> Caps:
        """How many agents may be at work."""
        return self._slots.caps

    def retune(self, limits: Mapping[str, int]) -> None:
        """Let other caps hold at once, by the names of `Caps.told`. Agents at work go on, however many they are."""
        self._slots.retune(limits)
        self.fill()

    @contextmanager
    def abandoning(self) -> Iterator[None]:
        """Take note of an error that ends the execution, before those at work are told to end because of it."""
        try:
            yield
        except Pause:
            raise
        except BaseException:
            self.abandoned = True
            raise

    # ------------------------------------------------------------------------------------------ starting

    def fill(self) -> None:
        """Start as many waiting agents as may run; what was told of others by then becomes durable with their start."""
        starting: list[Job] = []
        while (job := self._next()) is not None:
            self._started += 1
            self._running[job.called.id] = job
            results = self._results_of.get(job.called.id, self.results)
            results.queued, results.at_work = results.queued - 1, results.at_work + 1
            starting.append(job)
        self.observer.agents_start([job.called for job in starting])
        for job in starting:
            self._clock.begin()
            self._tasks.create_task(self._run(job))

    def _next(self) -> Job | None:
        """Return the next agent that may start. Those whose budget is used up are lost on the way."""
        self._slots.let_return()
        while self._may_start():
            called = self._queue.take(self._slots.free_for)
            if called is None:
                return None
            refusal = self.budget.refusal(called.id)
            if refusal is None:
                slot = self._slots.take(called.request.group)
                return Job(called, slot, self)
            if isinstance(refusal, Pause):
                self._queue.add(called)
                self._pause(refusal)
            else:
                self._started += 1  # it has had its turn; a harness that asks until it gets an answer comes to an end
                self._lose(called.request, refusal.message)
        return None

    def _may_start(self) -> bool:
        """Whether anybody may start, as far as the run's own limits go."""
        if not self._queue or self.holds or not self._slots.free():
            return False
        if not self.startable:
            self.pause("agents", f"the run has started {self._started} agents, as many as it may")
            return False
        return True

    # ------------------------------------------------------------------------------------------ results

    @contextmanager
    def gathering(self) -> Iterator[Results]:
        """Gather results for somebody besides the run's harness, while the block lasts."""
        results = Results(self._clock)
        self._all_results.append(results)
        try:
            yield results
        finally:
            self._all_results.remove(results)

    async def wait(self, results: Results) -> list[Result]:
        """Wait for results of some agents and return them; nothing when none of those runs and none will."""
        while not results and (self._come(results) or (self.suspended and not self.paused)):
            # Where a person will say when to go on, that is not for a virtual clock to wait for.
            await results.news(timed=self._come(results))
            if not results.staged:
                self.fill()
        return results.take()

    def _come(self, results: Results) -> bool:
        """Whether somebody works for these, or waits for a slot that others have."""
        queued = results.queued and self._running and not self.holds
        return bool(results.at_work or results.beside or queued)

    def _leaves(self, number: int) -> Results:
        """Return whose result that of an agent is, of whom nothing more will be heard."""
        return self._results_of.pop(number, self.results)

    def _tell_all(self) -> None:
        for results in self._all_results:
            results.tell()

    # ------------------------------------------------------------------------------------------ one agent

    async def _run(self, job: Job) -> None:
        request = job.called.request
        job.task = asyncio.current_task()
        at_work(job)
        try:
            with self.abandoning():
                answered = await self._in_time(job)
                if answered is None:
                    self.observer.agent_cancelled(request, job.trail)
                else:
                    answered = with_so_far(answered, job.so_far)
                    results = self._results_of.get(request.id, self.results)
                    results.add(self.observer.agent_ended(request, answered, job.trail), job.called.path)
        except Pause as pause:
            self._pause(pause)
        finally:
            del self._running[request.id]
            self._slots.give_back(job.slot)
            results = self._leaves(request.id)
            results.at_work -= 1
            if results.awaited:
                results.tell()
            else:
                self._fill_soon()
            if job.ending:
                self._clock.end()
            self._clock.end()

    async def _in_time(self, job: Job) -> Answer | None:
        """Return the answer, or that there was none in time, or nothing where nobody waits for it any more."""
        request = job.called.request
        try:
            if not job.cancelled:
                self._set_due(job, request.timeout)
                answered = await answer(self._asked(job.called), self._agents, self.budget, self._clock)
                if answered.lost is None or not job.cancelled:
                    return answered
                # Libraries on the way may swallow the cancellation: what it failed with since is no loss of its own.
        except asyncio.CancelledError:
            if self.abandoned and not job.cancelled:
                raise
            if not job.cancelled:
                return self._lost(request, Lost(cause="crashed", message="its code cancelled the task that asked it"))
        finally:
            self._set_due(job, None)
        if job.stopped is not None:
            return self._lost(request, Lost(cause="stopped", message=job.stopped))
        if not job.wanted:
            return None
        return self._lost(request, Lost(cause="timeout", message=f"no answer within {request.timeout:g} s"))

    def _lost(self, request: AgentRequest, lost: Lost) -> Answer:
        attempts = self.budget.attempts(request.id)
        return Answer(lost=replace(lost, attempts=attempts, spent=self.budget.account(request.id)), attempts=attempts)

    def _lose(self, request: AgentRequest, why: str) -> None:
        """Let an agent be lost that has not started."""
        answered = Answer(lost=Lost(cause="stopped", message=why, attempts=0), attempts=0)
        results = self._leaves(request.id)
        results.queued -= 1
        results.add(self.observer.agent_ended(request, answered, NO_TRAIL))
        results.tell()

    def _end(self, job: Job) -> None:
        job.wanted = False
        self._cut(job)

    def _cut(self, job: Job) -> None:
        if not job.ending:
            job.ending = True
            self._clock.begin()  # it ends now, not when a virtual clock has moved on
        job.cancel()

    def _set_due(self, job: Job, seconds: float | None) -> None:
        if seconds is None and job.due is None:
            return
        job.due = None if seconds is None else self._clock.now() + seconds
        self._clock.expire(job, seconds)

    # ------------------------------------------------------------------------------------------ agents that wait

    @asynccontextmanager
    async def waiting(self, job: Job, reason: WaitsFor, detail: str, seconds: float | None) -> AsyncIterator[None]:
        """Let an agent wait in the block: without its slot, and with its deadline standing still."""
        left = None if job.due is None else job.due - self._clock.now()
        told = seconds is None or seconds >= SHORT_WAIT
        self._set_due(job, None)
        if told:
            self.observer.agent_waits(job.called.request, reason, detail, seconds)
        async with self._slots.without(job.slot, reason):
            job.waits = reason
            self._fill_soon()
            try:
                yield
            finally:
                job.waits = None
                self._fill_soon()
        self._set_due(job, left)
        if told:
            self.observer.agent_goes_on(job.called.request)

    # ------------------------------------------------------------------------------------------ waking up

    def _fill_soon(self) -> None:
        """Fill the places of all agents that ended in the same moment: one commit is for all of them."""
        if self._filling:
            return
        filling = self._fill_later()
        try:
            self._tasks.create_task(filling)
        except RuntimeError:  # the run ends by an error, and the group takes no more tasks
            filling.close()
        else:
            self._filling = True
            self._clock.begin()

    async def _fill_later(self) -> None:
        self._filling = False
        with self.abandoning():
            self.fill()
        self._clock.end()
