"""How long a run takes by the clock, if each agent takes what it is expected to: the longest chain, and the caps.

Which agent waits for which is read off their call paths: within one branch all comes after all that was begun before
it, fan-outs included; between branches of one fan-out nothing does.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from weft.runtime.forecasting.cells import Call
from weft.runtime.forecasting.ranges import NORMAL
from weft.runtime.journal.callpath import owner, steps
from weft.runtime.scheduling.queue import rank

__all__ = ["UNEQUAL", "Course", "course_of", "unequal"]

_STAGE = re.compile(r"@\d+$")


UNEQUAL = 0.5
"""How unequally long agents take that are alike, as the standard deviation of logarithms."""


@dataclass(slots=True)
class _Step:
    """An agent, or the end of a fan-out, which takes no time."""

    call: int | None
    waits: int = 0
    """For how many others it still waits."""
    frees: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Course:
    """When what happens in a run."""

    seconds: float
    phases: dict[str | None, float]
    """How long each phase lasts, from the beginning of its first agent to the end of its last."""


def course_of(calls: Sequence[Call], seconds: Callable[[Call], float], at_once: int) -> Course:
    """Return the course of a run whose agents take so long each, of which so many may be at work at a time."""
    order = _Order()
    for number, call in enumerate(calls):
        order.add(number, call.path)
    waiting: list[tuple[tuple[int, ...], int, int]] = []
    working: list[tuple[float, int]] = []
    spans: dict[str | None, tuple[float, float]] = {}
    now = 0.0

    def start() -> None:
        while waiting and len(working) < max(1, at_once):
            _, number, step = heapq.heappop(waiting)
            phase, until = calls[number].phase, now + max(0.0, seconds(calls[number]))
            heapq.heappush(working, (until, step))
            first, last = spans.get(phase, (now, until))
            spans[phase] = first, max(last, until)

    for step, number in order.begin():
        heapq.heappush(waiting, (rank(calls[number].path), number, step))
    start()
    while working:
        now, done = heapq.heappop(working)
        for step, number in order.done(done):
            heapq.heappush(waiting, (rank(calls[number].path), number, step))
        start()
    return Course(now, {phase: until - first for phase, (first, until) in spans.items()})


def unequal(number: int) -> float:
    """Return by which factor an agent takes longer or shorter than others like it, by its place: one on average.

    Whoever waits for many waits for the slowest. Chance has no part in it, so that the same run has the same course.
    """
    place = (number * (math.sqrt(5) - 1) / 2 + 0.5) % 1  # spread evenly, however many there are
    return math.exp(UNEQUAL * NORMAL.inv_cdf(min(0.999, max(0.001, place))) - UNEQUAL**2 / 2)


class _Order:
    """What comes after what."""

    def __init__(self) -> None:
        self.steps: list[_Step] = []
        self._tails: dict[str, int] = {}
        """What was begun last in each branch, by its path."""
        self._heads: dict[str, int | None] = {}
        """After what each fan-out begins, by its path."""
        self._ends: dict[str, int] = {}
        """The end of each fan-out."""

    def add(self, call: int, path: str) -> None:
        """Add an agent, behind all that it waits for."""
        around = steps(path)
        for step in around:
            if step.fan_out not in self._heads:
                self._begin(step.fan_out)
        branch = _STAGE.sub("", path)
        before = self._before(branch)
        number = self._step(call)
        self._after(before, number)
        self._tails[branch] = number
        if around:
            self._after(number, self._ends[around[-1].fan_out])

    def begin(self) -> list[tuple[int, int]]:
        """Return the agents that wait for nothing, as steps and calls."""
        return self._freed([number for number, step in enumerate(self.steps) if not step.waits])

    def done(self, number: int) -> list[tuple[int, int]]:
        """Return the agents that waited for this step last, as steps and calls."""
        return self._freed(self._less(number))

    def _less(self, number: int) -> list[int]:
        """Return the steps that waited for this one last."""
        for other in self.steps[number].frees:
            self.steps[other].waits -= 1
        return [other for other in self.steps[number].frees if not self.steps[other].waits]

    def _freed(self, free: list[int]) -> list[tuple[int, int]]:
        """Return the agents among steps that wait for nothing, and those behind ends of fan-outs among them."""
        found: list[tuple[int, int]] = []
        for number in free:  # which grows meanwhile
            call = self.steps[number].call
            if call is None:
                free += self._less(number)
            else:
                found.append((number, call))
        return found

    def _begin(self, fan_out: str) -> None:
        around = owner(fan_out)
        branch = _STAGE.sub("", around)
        self._heads[fan_out] = self._before(branch)
        end = self._ends[fan_out] = self._step(None)
        self._after(self._heads[fan_out], end)
        self._tails[branch] = end
        outer = steps(around)
        if outer:
            self._after(end, self._ends[outer[-1].fan_out])

    def _before(self, branch: str) -> int | None:
        if branch in self._tails:
            return self._tails[branch]
        around = steps(branch)
        return self._heads[around[-1].fan_out] if around else None

    def _step(self, call: int | None) -> int:
        self.steps.append(_Step(call))
        return len(self.steps) - 1

    def _after(self, before: int | None, number: int) -> None:
        if before is not None:
            self.steps[before].frees.append(number)
            self.steps[number].waits += 1
