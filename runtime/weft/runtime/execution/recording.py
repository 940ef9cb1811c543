"""The record of a run from its first event to its result file, whatever happens in between."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from weft.primitives.lost import Spent
from weft.runtime.clock import Clock
from weft.runtime.errors import JournalError, single
from weft.runtime.execution.execute import broken_off
from weft.runtime.execution.result import report, result_object
from weft.runtime.journal import OpenJournal, RunState, Watcher
from weft.runtime.journal.events import AgentCalled, AgentFinished, Event, Problem, RunEnded, RunStarted
from weft.runtime.money.budget import Budget
from weft.runtime.pause import Pause
from weft.runtime.project.files import write_atomically
from weft.runtime.project.folders import RunFolder

__all__ = ["leave_result", "recording"]

LOG = logging.getLogger(__name__)

MOST_NAMED = 4
"""How many agents are named whose answers could not be recorded."""


@contextmanager
def recording(
    folder: RunFolder,
    started: RunStarted,
    clock: Clock,
    state: RunState,
    budget: Budget,
    watchers: Iterable[Watcher] = (),
) -> Iterator[OpenJournal]:
    """Begin the record of an execution, and leave its result behind whatever happens in between.

    A journal that can no longer be written pauses the run: nothing that is not on record may be paid for.

    Args:
        folder: The run's; locked by this process.
        started: The first event.
        clock: What the execution is timed by.
        state: What earlier executions have come to; grows with each event that is durable.
        budget: Knows what was spent, also by agents that never came to say so.
        watchers: Told every event once it is durable.

    Raises:
        JournalError: the record cannot be begun, and nothing has changed.
    """
    with closing(_begun(folder, started, clock, state, watchers)) as journal:
        try:
            yield journal
            journal.commit()
        except BaseException as error:
            cause = single(error)
            _end_early(cause, journal, state, budget.spent)
            if not isinstance(cause, JournalError):
                raise
        finally:
            leave_result(folder, state)


def _begun(
    folder: RunFolder, started: RunStarted, clock: Clock, state: RunState, watchers: Iterable[Watcher]
) -> OpenJournal:
    new = state.started is None
    try:
        journal = folder.write_journal(clock, (state.apply, *map(_detachable, watchers)), began=state.at)
        journal.add(started)
        write_atomically(folder.harness, started.source)
        journal.commit()
    except BaseException as error:
        if new:
            folder.remove()
        if isinstance(error, OSError):
            raise JournalError(
                f"the run's folder cannot be written to: {error.strerror}",
                where=str(folder.harness),
                meaning="nothing was started, and what was there is as it was",
                fix="check the disk's space and the folder's permissions",
            ) from None
        raise
    return journal


def leave_result(folder: RunFolder, state: RunState) -> None:
    """Write what the journal says the run came to; for programs, and for people."""
    try:
        write_atomically(folder.result, result_object(state))
        write_atomically(folder.report, report(state))
    except OSError as error:
        LOG.warning("the result cannot be written, so it is only shown: %s: %s", folder.result, error.strerror)


def _end_early(cause: BaseException, journal: OpenJournal, state: RunState, spent: Spent) -> None:
    """Let a run end that could not say so itself: in the journal if that still works, else in its result alone.

    What could not be recorded has not happened: no answer of it counts as there, though what it has cost does.
    """
    wall_s = journal.now() - state.began_at
    if isinstance(cause, JournalError):
        ended = broken_off(Pause("journal", f"{cause.what} ({cause.where})"), spent, wall_s)
    elif isinstance(cause, Exception):
        problem = Problem(type="internal", message=f"{type(cause).__name__}: {cause}")
        ended = RunEnded(outcome="error", problem=problem, spent=spent, wall_s=wall_s)
    else:
        ended = broken_off(Pause("user", "quit at once; agents at work got no answer"), spent, wall_s)
    journal.add(ended)
    try:
        journal.commit()
    except JournalError:
        assert ended.problem is not None
        message = f"{ended.problem.message}{_unrecorded(journal, state)}"
        state.apply(journal.now(), replace(ended, problem=replace(ended.problem, message=message)))


def _unrecorded(journal: OpenJournal, state: RunState) -> str:
    """Say which answers have come that are not on record, and what they have cost."""
    pending = [event for _, event in journal.pending]
    names = {number: agent.called.request.name for number, agent in state.agents.items()}
    names |= {event.id: event.request.name for event in pending if isinstance(event, AgentCalled)}
    lost = [event for event in pending if isinstance(event, AgentFinished) and not event.reused]
    if not lost:
        return ""
    shown = ", ".join(repr(names[event.id]) for event in lost[:MOST_NAMED])
    more = f" and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else ""
    cost = sum((event.spent for event in lost), Spent())
    return (
        f"; not recorded: what {shown}{more} answered, which cost ${cost.usd:.4f} ({cost.tokens:,} tokens); a resume "
        "counts that as spent, and asks again"
    )


def _detachable(watcher: Watcher) -> Watcher:
    """Let a watcher that fails watch no more: nobody who looks on may harm the run."""
    failed = False

    def watch(at: float, event: Event) -> None:
        nonlocal failed
        if failed:
            return
        try:
            watcher(at, event)
        except BaseException as error:
            failed = True
            away = isinstance(error, OSError)  # where it was told is there no more: where in the code says nothing
            LOG.warning("the run goes on unwatched: its watcher failed (%s)", error, exc_info=not away)

    return watch
