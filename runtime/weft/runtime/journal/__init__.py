"""What a run remembers: `events` says what, `store` keeps it on disk, `fold` turns it into what people see."""

from weft.runtime.journal.fold import AgentState, RunState, fold
from weft.runtime.journal.store import Journal, MemoryJournal, Recorder, Watcher, read_journal

__all__ = ["AgentState", "Journal", "MemoryJournal", "Recorder", "RunState", "Watcher", "fold", "read_journal"]
