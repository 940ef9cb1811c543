"""The queue of agents that wait for a slot: in which order they go. When one may go is `scheduler`'s business.

Agents of items that are further along their pipeline go first, so that finished work comes out early and few items
are half done; among equals it is first come, first served. Whoever has waited longest of a group is overtaken a limited
number of times, so nobody waits for ever.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from heapq import heappop, heappush

from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import AgentCalled

__all__ = ["MOST_OVERTAKEN", "Group", "Queue", "rank"]

MOST_OVERTAKEN = 64
"""How many agents may go before the one of a group that has waited longest."""

BEFORE_STAGES = 1_000_000
"""More than a pipeline has stages."""

Group = tuple[str, str | None]
"""Model and profile: what caps besides the run's are about."""


class Queue:
    """Agents in the order in which they should go. Adding and taking out cost O(log n), and the number of groups."""

    def __init__(self) -> None:
        self._lines: dict[Group, _Line] = {}
        self._group_of: dict[int, Group] = {}

    def __len__(self) -> int:
        return len(self._group_of)

    def __contains__(self, number: int) -> bool:
        return number in self._group_of

    def add(self, called: AgentCalled) -> None:
        """Let an agent wait."""
        group = called.request.group
        self._group_of[called.id] = group
        if group not in self._lines:
            self._lines[group] = _Line()
        self._lines[group].add(called)

    def remove(self, number: int) -> AgentCalled:
        """Take an agent out, wherever it stands.

        Raises:
            KeyError: it does not wait.
        """
        group = self._group_of.pop(number)
        line = self._lines[group]
        called = line.remove(number)
        if not line.calls:
            del self._lines[group]
        return called

    def take(self, free: Callable[[Group], bool]) -> AgentCalled | None:
        """Take out whoever should go next among the groups that are free; `None` where nobody may go."""
        lines = [line for group, line in self._lines.items() if free(group)]
        if not lines:
            return None
        due = [line.oldest for line in lines if line.overtaken == MOST_OVERTAKEN]
        first = min(due) if due else min([line.first for line in lines])[1]
        for line in lines:
            line.overtaken += line.oldest < first
        return self.remove(first)


class _Line:
    """The agents of one group."""

    def __init__(self) -> None:
        self.calls: OrderedDict[int, AgentCalled] = OrderedDict()
        """By number, in the order in which they came. The first of a plain dict is looked for among all that left."""
        self.overtaken = 0
        """How many have gone before the oldest that came later than that, and while it could have gone."""
        self._heap: list[tuple[tuple[int, ...], int]] = []

    def add(self, called: AgentCalled) -> None:
        self.calls[called.id] = called
        heappush(self._heap, (rank(called.path), called.id))

    def remove(self, number: int) -> AgentCalled:
        if number == self.oldest:
            self.overtaken = 0
        return self.calls.pop(number)

    @property
    def oldest(self) -> int:
        """The number of the agent that has waited longest."""
        return next(iter(self.calls))

    @property
    def first(self) -> tuple[tuple[int, ...], int]:
        """The rank and the number of the agent that should go first."""
        while self._heap[0][1] not in self.calls:  # it was taken out
            heappop(self._heap)
        return self._heap[0]


def rank(path: str) -> tuple[int, ...]:
    """Return what to sort by: the stages along the call path, later ones first, outer ones before inner ones.

    Before all of these go agents for which others wait, that have begun.
    """
    below = len(askers(path))
    if "@" not in path:
        return (-below * BEFORE_STAGES,)
    stages = [-int(stage) for stage in re.findall(r"@(\d+)", path)]
    while stages and stages[-1] == 0:
        stages.pop()
    return (-below * BEFORE_STAGES, *stages, 0) if below else (*stages, 0)
