"""The calls that the host answers without a model: tools, and questions to people. Agents are `scheduler`'s.

Each call goes to the helpers in turn, until one of them answers. A question is open to others meanwhile, who answer it
by `Desk.answer`; it closes when its time is over, or when no helper can say that anybody will come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Protocol

import anyio

from weft.primitives.calls import Question
from weft.primitives.data import as_json
from weft.primitives.errors import described
from weft.primitives.limits import MAX_CHARACTERS
from weft.primitives.lost import Lost, Spent
from weft.runtime.border import clean
from weft.runtime.clock import Clock
from weft.runtime.helping import Helper, HostReply, HostRequest, fitting
from weft.runtime.journal.hosted import HostCalled
from weft.runtime.request import AgentError
from weft.runtime.scheduling.results import Results
from weft.runtime.scheduling.scheduler import Scheduler
from weft.runtime.trail import Read, Request
from weft.runtime.working import Act, SoFar, WaitsFor, at_work
from weft.sandbox.protocol import Result

__all__ = ["Answered", "Desk", "HostObserver"]

Answered = HostReply | Lost
"""What a call of the host comes to."""


class HostObserver(Protocol):
    """Whoever keeps the record of what comes of calls of the host, and knows what it means to the harness."""

    def host_answered(self, called: HostCalled, answered: Answered) -> Result:
        """A call was answered, or failed; return what that is to the harness."""

    def host_acts(self, called: HostCalled, act: Act) -> None:
        """A call is about to act on the world; once this returns that is on record."""

    def host_acted(self, called: HostCalled, failed: str | None) -> None:
        """What it did is done, or has failed for this reason."""

    def host_cancelled(self, called: HostCalled) -> None:
        """A call was ended because nobody waits for it any more."""


@dataclass(slots=True, eq=False)
class _Job:
    """A call that is being answered."""

    called: HostCalled
    results: Results
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    wanted: bool = True
    """Whether somebody still waits for it."""
    news: anyio.Event = field(default_factory=anyio.Event)
    """Of a question: set once it is closed."""
    reply: HostReply | None = None


@dataclass(frozen=True, slots=True)
class _Acting:
    """What a call that is being answered tells while it works, of which only what it does counts; see `Working`."""

    called: HostCalled
    observer: HostObserver

    @property
    def ends(self) -> bool:
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0

    def waiting(self, reason: WaitsFor, detail: str, seconds: float | None) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def asks_again(self, detail: str, seconds: float) -> None:
        pass

    def quiet(self, seconds: float) -> None:
        pass

    def now(self) -> float:
        return 0.0

    def did(self, step: Request | Read) -> None:
        pass

    def keeping(self, so_far: Callable[[], SoFar]) -> None:
        pass

    def paid(self, spent: Spent) -> None:
        pass

    def acts(self, act: Act) -> int:
        self.observer.host_acts(self.called, act)
        return 1

    def acted(self, number: int, failed: str | None) -> None:
        self.observer.host_acted(self.called, failed)


class Desk:
    """Answers the calls of the host in one execution."""

    def __init__(
        self,
        helpers: Sequence[Helper],
        tasks: asyncio.TaskGroup,
        scheduler: Scheduler,
        observer: HostObserver,
        clock: Clock,
        run: str = "",
    ) -> None:
        """Prepare to answer calls in a task group.

        Args:
            helpers: Who answers, in the order in which they are asked.
            tasks: Where they work.
            scheduler: Knows whether anything may begin, and hands over results.
            observer: Told what comes of calls.
            clock: What questions are timed by.
            run: The name of the run.
        """
        self._helpers = helpers
        self._tasks = tasks
        self._scheduler = scheduler
        self._observer = observer
        self._clock = clock
        self._of = run
        self._waiting: dict[int, tuple[HostCalled, Results]] = {}
        self._jobs: dict[int, _Job] = {}

    def __bool__(self) -> bool:
        """Whether calls wait to begin."""
        return bool(self._waiting)

    @property
    def questions(self) -> list[HostCalled]:
        """The questions that wait for an answer, in the order in which they were asked."""
        jobs = (job for _, job in sorted(self._jobs.items()) if isinstance(job.called.request.call, Question))
        return [job.called for job in jobs if not job.news.is_set()]

    @property
    def held(self) -> list[HostCalled]:
        """The questions that are not asked before the run goes on."""
        return [called for called, _ in self._waiting.values() if isinstance(called.request.call, Question)]

    def submit(self, called: HostCalled, results: Results) -> None:
        """Take a call, to be begun by `fill`; its result goes to the others of its harness."""
        self._waiting[called.id] = called, results

    def cancel(self, number: int) -> None:
        """End a call, if it is here: nobody waits for it any more."""
        if number in self._waiting:
            self._observer.host_cancelled(self._waiting.pop(number)[0])
        elif number in self._jobs and self._jobs[number].wanted:
            job = self._jobs[number]
            job.wanted = False
            self._clock.begin()  # it ends now, not when a virtual clock has moved on
            job.scope.cancel()

    def answer(self, number: int, reply: HostReply) -> None:
        """Close an open question with an answer that fits it."""
        self._close(self._jobs[number], reply)

    def fill(self) -> None:
        """Begin what waits, unless nothing is to begin."""
        while self._waiting and not self._scheduler.holds:
            job = _Job(*self._waiting.pop(next(iter(self._waiting))))
            self._jobs[job.called.id] = job
            job.results.beside += 1
            self._clock.begin()
            self._tasks.create_task(self._run(job))

    # ------------------------------------------------------------------------------------------ one call

    async def _run(self, job: _Job) -> None:
        result = None
        at_work(_Acting(job.called, self._observer))
        try:
            with self._scheduler.abandoning():
                answered = await self._answered(job)
                if not job.wanted:
                    self._observer.host_cancelled(job.called)
                elif answered is not None:
                    result = self._observer.host_answered(job.called, answered)
        finally:
            del self._jobs[job.called.id]
            job.results.beside -= 1
            if result is not None:
                job.results.add(result)
            job.results.tell()
            if not job.wanted:
                self._clock.end()
            self._clock.end()

    async def _answered(self, job: _Job) -> Answered | None:
        """Return what a call comes to; nothing where nobody waits for it any more, or the run ends before."""
        called = job.called
        identity = f"{self._of}:{called.path}:{called.key}:{called.occurrence}"
        request = replace(called.request, identity=identity)
        question = request.call if isinstance(request.call, Question) else None
        ends = self._scheduler.cut if question is None else self._scheduler.closing
        with job.scope, ends.ending():
            return await (self._helped(request) if question is None else self._asked(job, question))
        return None

    async def _helped(self, request: HostRequest) -> Answered:
        try:
            reply = await self._help(request)
        except AgentError as failure:
            return Lost(cause=failure.cause, message=failure.message, partial=failure.partial)
        return reply or Lost(cause="crashed", message=f"nobody here answers {request.name}")

    async def _help(self, request: HostRequest) -> HostReply | None:
        """Return what the first helper says that has anything to say.

        Raises:
            AgentError: it failed.
        """
        for helper in self._helpers:
            try:
                reply = await helper(request)
                if reply is not None:
                    return _recordable(reply)
            except AgentError:
                raise
            except Exception as error:
                raise AgentError("crashed", described(error)) from error
        return None

    # ------------------------------------------------------------------------------------------ questions

    async def _asked(self, job: _Job, question: Question) -> HostReply:
        """Return the answer to a question: of whoever is first, or its default."""
        async with anyio.create_task_group() as tasks:
            self._clock.begin()
            tasks.start_soon(self._ask_helpers, job, question)
            with self._clock.timeout(question.timeout):
                await self._clock.wait(job.news)
            self._close(job, HostReply(value=question.default, by="deadline"))
            tasks.cancel_scope.cancel()
        assert job.reply is not None
        return job.reply

    async def _ask_helpers(self, job: _Job, question: Question) -> None:
        default = HostReply(value=question.default, by="nobody")
        try:
            reply = await self._help(job.called.request)
            self._close(job, default if reply is None else _answer(question, reply))
        except AgentError as failure:
            self._close(job, replace(default, who=failure.message))
        finally:
            self._clock.end()

    def _close(self, job: _Job, reply: HostReply) -> None:
        if not job.news.is_set():
            job.reply = reply
            self._clock.wake(job.news)


def _answer(question: Question, reply: HostReply) -> HostReply:
    """Return the answer that somebody means.

    Raises:
        AgentError: it is none to this question.
    """
    answer = fitting(question, reply.value) if isinstance(reply.value, str) else None
    if answer is None:
        raise AgentError("invalid", f"{str(reply.value)[:100]!r} is no answer to it")
    return replace(reply, value=answer)


def _recordable(reply: HostReply) -> HostReply:
    """Return a reply as it can be written to the journal, and handed to a harness: without secrets, and not too large.

    Raises:
        AgentError: it is too large.
        NotJson: it is not JSON data.
    """
    value = as_json(clean(reply.value), "answer")
    size = len(str(value))
    if size > MAX_CHARACTERS:
        raise AgentError("overflow", f"it gives {size:,} characters, and {MAX_CHARACTERS:,} can be given: ask for less")
    return HostReply(value=value, by=reply.by, who=clean(reply.who), touched=tuple(clean(reply.touched)))
