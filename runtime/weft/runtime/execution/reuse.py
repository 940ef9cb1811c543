"""Answers that earlier executions have paid for, handed to the harness again in the order in which they came then."""

from __future__ import annotations

import sys
from dataclasses import replace
from heapq import heappop, heappush

from weft.primitives.lost import Lost, Spent
from weft.runtime.execution.allowances import Told
from weft.runtime.execution.record import host_result
from weft.runtime.journal import Known, Past, Recorder
from weft.runtime.journal.events import (
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentLost,
    Event,
    HostAnswered,
    HostCalled,
    HostCancelled,
)
from weft.runtime.journal.facts import Fact
from weft.runtime.tools.facts import reused
from weft.runtime.trail import NO_TRAIL
from weft.sandbox.protocol import Result

__all__ = ["Reuse"]

SKIPPED = "it had started when the run was interrupted, and is not asked again"


class Reuse:
    """What earlier executions have for the calls of this one."""

    def __init__(self, past: Past, recorder: Recorder, told: Told) -> None:
        self._past = past
        self._recorder = recorder
        self._told = told
        self._called: list[AgentCalled | HostCalled] = []
        """Calls that nobody has looked for yet."""
        self._answers: dict[int, AgentFinished | HostAnswered | Lost] = {}
        """By the number of the call that waits for it."""
        self._facts: dict[int, list[Fact]] = {}
        """What those who gave these answers have told all others, by the same numbers."""
        self._order: list[tuple[int, int, int]] = []
        """Those calls as a heap: by when the answer came then, and how many calls had been made by then. A call that
        is not in `_answers` any more was cancelled."""
        self.undecided: dict[int, AgentCalled | HostCalled] = {}
        """Calls that had started then, and may be asked again only if a person says so."""

    def __bool__(self) -> bool:
        """Whether there are answers to hand over."""
        return bool(self._answers)

    def follow(self, event: Event) -> None:
        """Take note of a fan-out: by it one sees in which place its calls are."""
        self._past.follow(event)

    def called(self, called: AgentCalled | HostCalled) -> None:
        """Take a call, to be looked for with all others that are made before anything is handed over."""
        self._called.append(called)

    def settle(self) -> list[AgentCalled | HostCalled]:
        """Find the answers to the calls that were taken; return those that have to be answered now."""
        calls, self._called = self._called, []
        agents = [called for called in calls if isinstance(called, AgentCalled)]
        known = dict(zip((called.id for called in agents), self._past.answers(agents), strict=True))
        recalled = self._past.host_answers([called for called in calls if isinstance(called, HostCalled)])
        for number, found in recalled.items():
            self._offer(number, replace(found.answered, id=number), found.order, found.calls)
        return [
            called
            for called in calls
            if (
                called.id not in recalled and self._made(called)
                if isinstance(called, HostCalled)
                else self._take_up(called, known[called.id])
            )
        ]

    def _made(self, called: HostCalled) -> bool:
        """Return whether a call of the host is to be made that has no answer."""
        match self._past.host_on_interrupt(called):
            case "skip":
                lost = Lost(cause="stopped", message=SKIPPED)
                self._offer(called.id, HostAnswered(id=called.id, lost=lost, by="tool"), sys.maxsize, sys.maxsize)
                return False
            case "ask":
                self.undecided[called.id] = called
                return False
        return True

    def _take_up(self, called: AgentCalled, known: Known | None) -> bool:
        """Keep what there is for a call; return whether an agent has to be asked."""
        if known is not None and known.finished is not None:
            answer = replace(known.finished, answered_by=known.answered_by(called.request.model))
            self._facts[called.id] = [*known.facts.values()]
            self._offer(called.id, answer, known.order, known.calls)
            return False
        match self._past.on_interrupt(called, called.request.on_interrupt):
            case "skip":
                self._offer(called.id, Lost(cause="stopped", message=SKIPPED), sys.maxsize, sys.maxsize)
                return False
            case "ask":
                self.undecided[called.id] = called
                return False
        return True

    def _offer(self, number: int, answer: AgentFinished | HostAnswered | Lost, order: int, calls: int) -> None:
        self._answers[number] = answer
        heappush(self._order, (order, calls, number))

    def cancel(self, number: int) -> None:
        """Forget a call, if its answer is here: nobody waits for it any more."""
        answer, undecided = self._answers.pop(number, None), self.undecided.pop(number, None)
        if isinstance(answer, HostAnswered) or isinstance(undecided, HostCalled):
            self._recorder.add(HostCancelled(id=number))
        elif answer is not None or undecided is not None:
            self._recorder.add(AgentCancelled(id=number, spent=Spent()))

    def hand_over(self) -> list[Result]:
        """Return the answers that come next.

        Only those between which no call was made then come together: the answer to such a call may be due in between.
        """
        results: list[Result] = []
        together: int | None = None
        while self._order and together in (None, self._order[0][1]):
            _, calls, number = heappop(self._order)
            answer = self._answers.pop(number, None)
            if answer is not None:
                together = calls
                results.append(self._again(number, answer))
        return results

    def _again(self, number: int, answer: AgentFinished | HostAnswered | Lost) -> Result:
        if isinstance(answer, Lost):
            allowances = self._told.answering(number)
            self._recorder.add(AgentLost(id=number, lost=answer, **allowances))
            return Result(id=number, lost=answer, **allowances)
        allowances = self._told.answering(number, answer)
        if isinstance(answer, HostAnswered):
            again = replace(answer, reused=True, **allowances)
            self._recorder.add(again)
            return host_result(again)
        reused(self._facts.pop(number), number)
        self._recorder.add(replace(answer, id=number, reused=True, trail=NO_TRAIL, **allowances))
        return Result(id=number, value=answer.value, touched=answer.touched, **allowances)
