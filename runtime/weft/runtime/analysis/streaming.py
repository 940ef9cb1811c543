"""How long an execution would have taken had fan-outs not waited for the whole of the one before: a simulation.

Each call takes as long as it did, and the harness too; so many agents have a slot at once as then, of all, of each
model and of each profile: first come, first served. Item I of the later fan-out waits for branch I of the earlier one
alone. Where they differ in width, nobody knows which comes from which: then each item waits only for the branch that
ended first, which is the most it can save.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from weft.runtime.analysis.weaving import Joined, Piece, Work
from weft.runtime.scheduling.queue import Group
from weft.runtime.scheduling.slots import Caps

__all__ = ["Saving", "Simulation"]

Pair = tuple[Joined, Joined]
"""A fan-out, and the one after it that waited for it."""

REACHED, GIVES_BACK, OVER = 2, 1, 0
"""What happens to a piece; at the same time, what makes room goes first."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What a simulation comes to, in seconds."""

    as_it_was: float
    """How long the simulation takes for the run as it was: how far that is from the truth tells how good it is."""
    streamed: float
    at_most: bool
    """Whether it is a bound, since nobody knows which item comes from which branch."""

    @property
    def seconds(self) -> float:
        """How much less it takes."""
        return max(0.0, self.as_it_was - self.streamed)


class Simulation:
    """The pieces of an execution, to be done in another order."""

    def __init__(self, work: Work, caps: Caps) -> None:
        """Prepare to simulate with so many agents at work at once."""
        self._work = work
        self._caps = caps
        self._waits = [piece.after for piece in work.pieces]
        self._lags = [_lag(work, piece) for piece in work.pieces]
        self._took = [_took(piece, work.ended_at) for piece in work.pieces]
        last = work.latest(work.last)
        since = work.began_at if last is None or last.ended_at is None else last.ended_at
        self._tail = work.ended_at - since
        self._as_it_was = self._seconds(self._waits)

    def without(self, pairs: Sequence[Pair]) -> Saving:
        """Return what it would save had the later fan-out of each pair not waited for the whole of the earlier."""
        waits = list(self._waits)
        for before, then in pairs:
            self._stream(before, then, waits)
        at_most = any(before.began.width != then.began.width for before, then in pairs)
        return Saving(self._as_it_was, self._seconds(waits), at_most)

    def _stream(self, before: Joined, then: Joined, waits: list[tuple[int, ...]]) -> None:
        """Let what began after a join wait for its own branch alone."""
        ends = {number: self._work.latest(ended) for number, ended in before.branches.items()}
        first = min(ends, key=lambda number: _end(ends[number]), default=None)
        alike = before.began.width == then.began.width
        begin = f"{then.began.path}."
        for piece in self._work.pieces[before.piece + 1 : then.piece + 1]:
            if before.piece not in waits[piece.number] or not f"{piece.path}.".startswith(begin):
                continue
            branch = piece.path.removeprefix(begin).partition("/")[0].partition("@")[0]
            own = int(branch) if alike and branch.isdigit() else first
            rest = tuple(number for number in waits[piece.number] if number != before.piece)
            waits[piece.number] = (*rest, *(before.after if own is None else before.branches.get(own, before.after)))

    def _seconds(self, waits: Sequence[tuple[int, ...]]) -> float:
        """Return how long it takes where each piece waits for these."""
        left = [len(set(after)) for after in waits]
        then: list[list[int]] = [[] for _ in waits]
        for number, after in enumerate(waits):
            for other in set(after):
                then[other].append(number)
        ready, done = [0.0] * len(waits), [0.0] * len(waits)
        slots = _Slots(self._caps)
        # What happens, in its order: a piece is reached, gives its slot back, or is over.
        queue = [(self._lags[number], REACHED, number) for number in range(len(waits)) if not left[number]]
        heapify(queue)
        while queue:
            at, what, number = heappop(queue)
            with_slot, without = self._took[number]
            group = self._work.pieces[number].group
            if what == OVER:
                done[number] = at
                for other in then[number]:
                    left[other] -= 1
                    ready[other] = max(ready[other], at)
                    if not left[other]:
                        heappush(queue, (ready[other] + self._lags[other], REACHED, other))
            elif what == REACHED and not with_slot:
                heappush(queue, (at + without, OVER, number))
            elif what == REACHED:
                slots.want(group, number)
            else:
                slots.give_back(group)
                heappush(queue, (at + without, OVER, number))
            if not queue or queue[0][0] > at:  # all that happens at this time has
                for begun in slots.given():
                    heappush(queue, (at + self._took[begun][0], GIVES_BACK, begun))
        return max((done[number] for number in self._work.last), default=0.0) + self._tail


class _Slots:
    """Who has a slot, and who waits for one."""

    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._taken: Counter[str] = Counter()
        self._lines: dict[Group, deque[tuple[int, int]]] = {}
        """By group, who waits, each with how many had come before."""
        self._came = 0

    def want(self, group: Group, number: int) -> None:
        """Let a piece wait for a slot."""
        self._lines.setdefault(group, deque()).append((self._came, number))
        self._came += 1

    def give_back(self, group: Group) -> None:
        """Take one back."""
        self._taken.subtract(name for name, _ in self._limits(group))

    def given(self) -> list[int]:
        """Give out what is free, and return to whom."""
        begun: list[int] = []
        while heads := [(line[0], group) for group, line in self._lines.items() if line and self._free(group)]:
            (_, number), group = min(heads, key=lambda head: head[0])
            self._lines[group].popleft()
            self._taken.update(name for name, _ in self._limits(group))
            begun.append(number)
        return begun

    def _free(self, group: Group) -> bool:
        return all(most is None or self._taken[name] < most for name, most in self._limits(group))

    def _limits(self, group: Group) -> list[tuple[str, int | None]]:
        """Return what counts for an agent of a group, and how many there may be of each."""
        model, profile = group
        limits = [("all", self._caps.concurrency), (f"model:{model}", self._caps.models.get(model))]
        return limits if profile is None else [*limits, (f"profile:{profile}", self._caps.profiles.get(profile))]


def _end(piece: Piece | None) -> float:
    return 0.0 if piece is None or piece.ended_at is None else piece.ended_at


def _took(piece: Piece, end: float) -> tuple[float, float]:
    """Return how many seconds a piece took, with and without a slot."""
    ended = end if piece.ended_at is None else piece.ended_at
    if piece.kind == "join" or piece.reused:
        return 0.0, 0.0
    if piece.kind != "agent" or piece.started_at is None:
        return 0.0, ended - piece.called_at
    without = piece.waited("limit", "budget", "agents")  # an agent that waits for these gives its slot back
    return ended - piece.started_at - without, without


def _lag(work: Work, piece: Piece) -> float:
    """Return how long the harness took from what a piece waited for until it was reached."""
    before = work.latest(piece.after)
    since = work.began_at if before is None or before.ended_at is None else before.ended_at
    return max(0.0, piece.called_at - since)
