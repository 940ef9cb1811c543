"""What a run remembers: `events` says what, `store` keeps it on disk, `fold` turns it into what people see, `past`
into what a later execution can use again."""

from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.executions import executions
from weft.runtime.journal.fold import RunState, fold
from weft.runtime.journal.known import Known, Why
from weft.runtime.journal.past import Past
from weft.runtime.journal.store import Journal, MemoryJournal, OpenJournal, Recorder, Watcher, read_journal, read_start

__all__ = [
    "AgentState",
    "Journal",
    "Known",
    "MemoryJournal",
    "OpenJournal",
    "Past",
    "Recorder",
    "RunState",
    "Watcher",
    "Why",
    "executions",
    "fold",
    "read_journal",
    "read_start",
]
