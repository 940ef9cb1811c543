"""Kills a run at a chosen moment, for real: in a process of its own, forked from one that has everything imported."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from weft.runtime.journal import Journal
from weft.sandbox.process import Sandbox
from weft.sandbox.protocol import ChildMessage, Result

__all__ = ["Moment", "Point", "count_moments", "ended", "forked", "in_process", "side_by_side"]

Moment = Literal["before commit", "after commit", "before delivery", "after delivery"]


@dataclass(frozen=True)
class Point:
    """The `number`-th such moment of a run, from 1."""

    moment: Moment
    number: int

    def arm(self) -> None:
        """Let this process end itself there, as if the power went away."""

        def strike(moment: Moment, number: int) -> None:
            if (moment, number) == (self.moment, self.number):
                os.kill(os.getpid(), signal.SIGKILL)

        _watch(strike)


def count_moments(work: Callable[[], object]) -> tuple[int, int]:
    """Do the work, in a process of its own, and return how many commits and deliveries it takes."""
    reading, writing = os.pipe()

    def counted() -> None:
        most = {"after commit": 0, "after delivery": 0}
        _watch(lambda moment, number: most.update({moment: number}) if moment in most else None)
        work()
        os.write(writing, f"{most['after commit']} {most['after delivery']}".encode())

    assert in_process(counted) == 0
    os.close(writing)
    with os.fdopen(reading) as pipe:
        commits, deliveries = map(int, pipe.read().split())
    return commits, deliveries


def _watch(told: Callable[[Moment, int], None]) -> None:
    commits, deliveries = 0, 0
    commit, deliver = Journal.commit, Sandbox.deliver

    def committing(journal: Journal) -> None:
        nonlocal commits
        if not journal.pending:
            return
        commits += 1
        number = commits
        told("before commit", number)
        commit(journal)
        told("after commit", number)

    async def delivering(sandbox: Sandbox, results: Sequence[Result]) -> AsyncIterator[ChildMessage]:
        nonlocal deliveries
        deliveries += 1
        number = deliveries
        told("before delivery", number)
        async for message in deliver(sandbox, results):
            told("after delivery", number)  # it has been heard of: the harness goes on
            yield message

    Journal.commit = committing  # type: ignore[method-assign]
    Sandbox.deliver = delivering  # type: ignore[method-assign]


def in_process(work: Callable[[], object]) -> int:
    """Do something in a forked process; return its exit status, negative for the signal that ended it."""
    return ended(forked(work))


def side_by_side(work: Sequence[Callable[[], object]]) -> list[int]:
    """Do several things at the same time, each in a process of its own."""
    return [ended(process) for process in [forked(one) for one in work]]


def forked(work: Callable[[], object]) -> int:
    """Do something in a forked process, and return its number at once."""
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - it must not get out: there is another test session in here
        traceback.print_exc()
        status = 1
    sys.stderr.flush()
    os._exit(status)


def ended(process: int) -> int:
    """Wait for a forked process to end, and return its exit status, negative for the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
