"""What goes beyond what was approved waits until somebody has said what to do.

That is a fan-out that is wider, before its first branch, and the first agent of more than there were to be. It is asked
of whoever is at the terminal of the run; `weft continue` says yes from another one. Without an answer in time the run
is paused, with everything kept. What is compared to what is known for sure is `admission`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import anyio

from weft.primitives.calls import Question
from weft.runtime.clock import Clock
from weft.runtime.helping import Helper, HostRequest
from weft.runtime.journal import events as events_of
from weft.runtime.journal.events import Event
from weft.runtime.request import AgentError
from weft.runtime.scheduling.scheduler import Scheduler
from weft.sandbox.protocol import CallAgent, FanOutBegan

__all__ = ["BY", "IN_ALL", "SECONDS", "Gate", "Widths", "place_of", "widened"]

SECONDS = 300.0
"""How long a question stays open."""

GO_ON, STOP = "go on", "stop"

BY = "what was approved"
"""Who holds a run that would go beyond that."""

IN_ALL = ""
"""In place of a fan-out: the whole run, whose width is how many agents it asks."""

Widths = Mapping[str, int]
"""How many branches each fan-out may have, by its place, and how many agents there may be `IN_ALL`."""


def place_of(chain: Sequence[str], line: int | None) -> str:
    """Return where a fan-out is made: the saved harnesses around it, and the line of the innermost."""
    return "/".join([*chain, str(line or 0)])


def widened(approved: Widths, events: Iterable[Event]) -> Widths:
    """Return what is approved where somebody goes on with a run: also what it was about to become when it was held."""
    widths, called = dict(approved), 0
    for event in events:
        match event:
            case events_of.RunStarted():
                called = 0
            case events_of.AgentCalled():
                called += 1
                if widths.get(IN_ALL, called) < called:
                    widths[IN_ALL] = max(2 * widths[IN_ALL], called)
            case events_of.FanOutBegan():
                place = place_of(event.chain, event.line)
                widths[place] = max(widths.get(place, 0), event.width)
    return widths


class Gate:
    """Holds what goes beyond what was approved."""

    def __init__(
        self,
        approved: dict[str, int],
        people: Helper,
        tasks: asyncio.TaskGroup,
        scheduler: Scheduler,
        clock: Clock,
        told: Callable[[bool, str, str], None],
    ) -> None:
        """Prepare to hold fan-outs.

        Args:
            approved: How wide fan-outs may be; of those that are not named, nothing was approved. How many agents there
                may be in all, where that is said. Grows with each yes.
            people: Whoever may be there to be asked.
            tasks: Where they are asked.
            scheduler: Starts no agents meanwhile.
            clock: What questions are timed by.
            told: Told whether the run waits from here on, why, and by whom that is so.
        """
        self._widths = approved
        self._people = people
        self._tasks = tasks
        self._scheduler = scheduler
        self._clock = clock
        self._told = told
        self._open: list[str] = []
        """What is asked about: more than one where several come side by side."""
        self._wanted: dict[str, int] = {}
        """How wide those are."""
        self._called = 0
        """How many agents were called."""

    def called(self, call: CallAgent) -> None:
        """Count an agent; hold it, and all after it, where there are more than were approved."""
        self._called += 1
        approved = self._widths.get(IN_ALL)
        if approved is None or self._called <= approved or self._scheduler.paused is not None:
            return
        asked = IN_ALL in self._wanted
        self._wanted[IN_ALL] = max(2 * approved, self._called)
        if not asked:
            count = f"{approved} agent{'s' * (approved != 1)}"
            self._hold(f"the run would ask more than the {count} that were approved, at line {call.line or 0} next")

    def began(self, fan_out: FanOutBegan) -> None:
        """Hold a fan-out that is wider than was approved; one branch is no fan-out."""
        place = place_of(fan_out.chain, fan_out.line)
        approved = self._widths.get(place, 0)
        if fan_out.width <= max(1, approved) or self._scheduler.paused is not None:
            return
        inner = f" of {fan_out.chain[-1]}" if fan_out.chain else ""
        parts = "branches" if fan_out.kind == "parallel" else "items"
        where = f"the {fan_out.kind} at line {fan_out.line}{inner}"
        self._wanted[place] = fan_out.width
        self._hold(f"{where} has {fan_out.width} {parts}, and {approved} were approved; none of them has started")

    def _hold(self, said: str) -> None:
        """Let nothing more start until there is an answer."""
        self._open.append(said)
        if len(self._open) > 1:
            return  # they are decided together
        self._scheduler.suspend(said)
        self._scheduler.going_on = anyio.Event()
        self._told(True, said, BY)
        self._clock.begin()
        self._scheduler.results.beside += 1
        self._tasks.create_task(self._decide())

    async def _decide(self) -> None:
        try:
            with self._scheduler.abandoning(), self._scheduler.closing.ending():
                said = await self._asked()
                if self._scheduler.suspended is None:  # somebody has let it go on from elsewhere
                    self._widths |= self._wanted
                elif said == GO_ON:
                    self._widths |= self._wanted
                    self._told(False, "it may go on", BY)
                    self._scheduler.go_on()
                else:
                    what = "; ".join(self._open)
                    self._scheduler.suspended = None
                    self._scheduler.pause("approval", what)
        finally:
            self._open.clear()
            self._wanted.clear()
            self._scheduler.going_on = None
            self._scheduler.results.beside -= 1
            self._scheduler.results.tell()
            self._clock.end()

    async def _asked(self) -> str:
        """Return what whoever is first says; nobody in time says no."""
        question = Question(
            text=f"{self._open[0]}. Let it go on?", choices=(GO_ON, STOP), default=STOP, timeout=SECONDS
        )
        heard: list[str] = []
        news = self._scheduler.going_on
        assert news is not None
        async with anyio.create_task_group() as tasks:
            self._clock.begin()
            tasks.start_soon(self._ask_people, question, heard, news)
            with self._clock.timeout(SECONDS):
                await self._clock.wait(news)
            tasks.cancel_scope.cancel()
        return heard[0] if heard else STOP

    async def _ask_people(self, question: Question, heard: list[str], news: anyio.Event) -> None:
        try:
            reply = await self._people(HostRequest(id=-1, call=question))
            if reply is not None:
                heard.append(str(reply.value))
        except AgentError:
            pass  # who cannot answer has not said yes
        finally:
            self._clock.wake(news)
            self._clock.end()
