"""Lines of execution in the child: `main`, the branches of fan-outs, and the groups that these stand in.

Whose turn it is, and what a call means, is `loop`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Coroutine
from typing import Any, NamedTuple, Protocol

from weft.primitives.calls import Ended, FanOut, Heard, Reply, Slice
from weft.primitives.lost import Lost
from weft.sandbox.protocol import FanOutEnded

__all__ = ["BranchGroup", "Driver", "Task", "Throw"]


class Driver(Protocol):
    """What a group asks of the loop."""

    def resume(self, task: Task, value: Any) -> None:
        """Give a task its turn after those that are already waiting for theirs."""

    def cancel(self, task: Task) -> None:
        """End a task and all it started."""

    def end_fan_out(self, ended: FanOutEnded) -> None:
        """Tell the host what became of the branches of a fan-out."""


class Throw(NamedTuple):
    """What a task is given to raise where it waits, in place of a value."""

    error: Exception


class Task:
    """One line of execution: `main`, or a branch of a fan-out."""

    __slots__ = (
        *("asks", "call", "chain", "coroutine", "dead", "fanouts", "group", "groups", "heard", "index", "lost"),
        *("parent", "path", "slices", "stage"),
    )

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, Any],
        *,
        path: str,
        chain: tuple[str, ...],
        parent: Task | None = None,
        group: BranchGroup | None = None,
        index: int = 0,
    ) -> None:
        self.coroutine = coroutine
        self.path = path
        self.chain = chain
        """The saved harnesses around it."""
        self.parent = parent
        self.group = group
        self.index = index
        self.slices: tuple[Slice, ...] = () if parent is None else parent.slices
        """The slices of the budget that it stands in, outermost first."""
        self.stage: int | None = None
        self.fanouts = 0
        """How many fan-outs it opened in its current stage."""
        self.groups: list[BranchGroup] = []
        self.lost: Lost | None = None
        self.heard = Heard()
        """Of its agents, and those of the tasks below it."""
        self.call: int | None = None
        """The number of the call it waits for."""
        self.asks = False
        """Whether that is an agent."""
        self.dead = False

    def count(self, *, lost: bool) -> None:
        """Take note, with all that wait for it, that an agent of it has answered or was lost."""
        asker: Task | None = self
        while asker is not None:
            answered, losses = asker.heard
            asker.heard = Heard(answered + (not lost), losses + lost)
            asker = asker.parent

    @property
    def call_path(self) -> str:
        """Where a call made now stands: along branches and stages, never by global position."""
        return self.path if self.stage is None else f"{self.path}@{self.stage}"


class BranchGroup:
    """The branches of one fan-out; implements `weft.primitives.calls.Group`."""

    def __init__(self, loop: Driver, owner: Task, path: str, fan_out: FanOut | None) -> None:
        self.running = 0
        self.ended: deque[Ended] = deque()
        self.waiter: Task | None = None
        self.members: dict[int, Task] = {}
        self._loop = loop
        self._owner = owner
        self._path = path
        self._open = set(range(fan_out.width)) if fan_out else set()
        """The branches that have not been collected; empty where the host is told nothing."""
        self._lost: list[int] = []
        self._dropped: list[int] = []
        self._told = fan_out is None or not fan_out.width
        """Whether the host knows that it is over."""

    def start(self, index: int, branch: Awaitable[Any], *, chain: tuple[str, ...] | None = None) -> None:
        """Let a branch begin after the tasks that are already waiting for their turn."""
        assert isinstance(branch, Coroutine)
        task = Task(
            branch,
            path=f"{self._path}.{index}",
            chain=self._owner.chain if chain is None else chain,
            parent=self._owner,
            group=self,
            index=index,
        )
        self.members[index] = task
        self.running += 1
        self._loop.resume(task, None)

    def close(self) -> None:
        """Stop every branch that still runs, innermost first, and say what became of each."""
        members, self.members = self.members, {}
        for task in members.values():
            self._loop.cancel(task)
        self.running = 0
        self.ended.clear()
        if not self._told:
            self._told = True
            lost, dropped, cancelled = (tuple(sorted(part)) for part in (self._lost, self._dropped, self._open))
            self._loop.end_fan_out(FanOutEnded(path=self._path, lost=lost, dropped=dropped, cancelled=cancelled))

    def collect(self) -> Ended:
        """Hand out the branch that ended first among those not handed out."""
        self.running -= 1
        ended = self.ended.popleft()
        self._open.discard(ended.index)
        value = ended.value.value if isinstance(ended.value, Reply) else ended.value
        if ended.error is not None or (value is None and ended.lost is not None):
            self._lost.append(ended.index)
        elif value is None:
            self._dropped.append(ended.index)
        return ended
