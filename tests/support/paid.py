"""What a run that was resumed has paid for: nothing twice."""

from __future__ import annotations

from collections import Counter

from weft.runtime.execution.run import Run
from weft.runtime.journal import executions, read_journal
from weft.runtime.journal.events import AgentCalled, AgentFinished, AgentsStarted

__all__ = ["check_asked"]


def check_asked(done: Run) -> None:
    """Check that no execution has asked what there was an answer to: of equal calls, those beyond the answers."""
    answers: Counter[str] = Counter()
    for part in executions(read_journal(done.folder.journal)):
        calls = {event.id: event.key for _, event in part if isinstance(event, AgentCalled)}
        started = Counter(
            calls[number] for _, event in part if isinstance(event, AgentsStarted) for number in event.ids
        )
        assert started <= Counter(calls.values()) - answers
        answers.update(calls[event.id] for _, event in part if isinstance(event, AgentFinished) and not event.reused)
