"""What the executions of a run before the present one have left: answers to use again, and why others are not.

A call is known by its content and its occurrence along its call path, never by its number: see `AgentRequest.key`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from weft.primitives.calls import OnInterrupt
from weft.primitives.lost import Lost, Spent
from weft.runtime.journal.accounts import NONE_UNSETTLED, Accounts, Unsettled
from weft.runtime.journal.events import (
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentGoesOn,
    AgentLost,
    AgentsStarted,
    AgentWaits,
    Event,
    MoneyMoved,
    Outcome,
    RunEnded,
    RunStarted,
    Steered,
    WorkflowCalled,
    WorkflowLoaded,
)
from weft.runtime.pause import PauseReason
from weft.runtime.request import CONTENT, AgentRequest
from weft.runtime.settings import LOCAL
from weft.runtime.working import WaitsFor

__all__ = ["Ending", "Known", "Loaded", "Past", "Reason", "Why", "changed_fields", "counterparts", "executions"]

Reason = Literal[
    "lost",  # it was lost
    "stopped",  # a person stopped it
    "waited",  # it waited for room under the ceiling, or for its provider, when the run ended
    "interrupted",  # it was at work when the run ended
    "waiting",  # it had not started when the run ended
    "changed",  # a call in its place had other content
    "new",  # no earlier execution had a call in its place
]


Ending = Outcome | PauseReason
"""How an execution ended: why it was paused, or stopped at its ceiling, else its outcome."""


@dataclass(slots=True, eq=False)
class Known:
    """What an earlier execution knows of an agent call."""

    order: int
    """When its answer came, among all events of the run; of use only where it is finished."""
    calls: int
    """How many calls had been made by then. Answers with the same number came with no call in between."""
    called: AgentCalled
    started: bool = False
    """It was at work in some execution, whether or not it came to an end."""
    finished: AgentFinished | None = None
    lost: Lost | None = None
    """Why the latest attempt came to nothing; `None` where it was interrupted."""
    losses: int = 0
    """How often it was lost."""
    begun: bool = False
    """It was at work in the execution that called it last."""
    stopped: bool = False
    """A person stopped it, and it has not started since."""
    waits: WaitsFor | None = None
    """What it waited for when it was last heard of."""
    run_ended: Ending | None = None
    """How the execution ended that called it last; `None` where that could not say, because it was killed."""
    used: bool = False
    """Its answer is used again."""

    def begin(self) -> None:
        """Take note that it is at work again, whatever became of it before."""
        self.started, self.begun, self.lost, self.stopped, self.waits = True, True, None, False, None

    @property
    def reason(self) -> Reason:
        """Why it has no answer."""
        if self.stopped:
            return "stopped"
        if self.lost is not None:
            return "lost"
        if not self.started:
            return "waiting"
        # A run that is paused at its ceiling lets those at work finish: those that have not are the ones without room.
        return "waited" if self.waits is not None or self.run_ended == "budget" else "interrupted"


@dataclass(slots=True, eq=False)
class Loaded:
    """What earlier executions know of one call of a saved harness."""

    event: WorkflowLoaded | None = None
    """How it was loaded, if it was."""
    spent: Spent = field(default_factory=Spent)
    """What agents have drawn on its slice of the budget."""
    unsettled: Unsettled = NONE_UNSETTLED
    """What of that is the most that requests can have cost whose end nobody knows."""
    around: Loaded | None = None
    """The one on whose slice it drew itself, in the latest execution."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why an agent is asked in this execution, although there were others."""

    reason: Reason
    before: Known | None = None
    """The call it takes the place of."""
    fields: tuple[str, ...] = ()
    """What is different about it."""


class Past:
    """Everything that earlier executions have left."""

    def __init__(self, events: Iterable[Event] = (), *, edited: bool = False, asked: OnInterrupt = "ask") -> None:
        """Index the events of earlier executions.

        Args:
            events: The journal up to now.
            edited: The harness is not the one of the latest execution, so calls may have moved: one that is not found
                in its place is looked for by its content alone.
            asked: See the attribute; `ask` for nothing yet.
        """
        self._edited = edited
        self.asked: OnInterrupt = asked
        """What a person has decided about calls with `on_interrupt="ask"`."""
        self._exact: dict[tuple[str, str, int], Known] = {}
        self._by_path: dict[str, list[Known]] = defaultdict(list)
        self._by_key: dict[str, list[Known]] = defaultdict(list)
        self._finished = 0
        """How many calls they have finished."""
        self.used: list[Known] = []
        """Finished calls whose answers are used again, in the order in which this execution asked for them."""
        self.decided: list[AgentCalled] = []
        """Calls that had started, and say that a person must decide whether to make them again."""
        self._workflows: dict[tuple[Place, int], Loaded] = {}
        self._places: Counter[Place] = Counter()
        """How many saved harnesses this execution has called in the same place."""
        self.paid: list[tuple[AgentRequest, Spent]] = []
        """What each agent has cost, however it ended; of one that was killed, the most that it can have cost."""
        self.unsettled = NONE_UNSETTLED
        """What requests can have cost at most that were in flight when the run was killed."""
        self.agents_started = 0
        """How many agents all executions have started."""
        self.paused: PauseReason | None = None
        """Why the latest execution was paused, if it was."""
        self.local: str | None = None
        """The exact name of the model of this machine that answered last where it was asked for as `local`."""
        self.first_spent: Spent | None = None
        """What had been spent when the first execution began."""
        events = list(events)
        self._read(events)
        self._add_up(events)
        self._finished = len(self.finished)

    def _read(self, events: list[Event]) -> None:
        calls: dict[int, Known] = {}
        made = 0
        for order, event in enumerate(events):
            made += isinstance(event, (AgentCalled, WorkflowCalled))
            match event:
                case RunStarted():
                    calls = {}
                    self.first_spent = event.spent if self.first_spent is None else self.first_spent
                case RunEnded():
                    self.paused = event.pause
                    for known in calls.values():
                        known.run_ended = _ending(event)
                case AgentCalled():
                    calls[event.id] = self._remember(Known(order, made, event))
                case AgentFinished(id=number):
                    known = calls[number]
                    if event.reused and known.finished is None:
                        self._forget_moved(event, calls)
                    known.order, known.calls, known.finished = order, made, event
                    if known.called.request.model == LOCAL and event.answered_by is not None:
                        self.local = event.answered_by
                case AgentsStarted(ids=numbers):
                    self.agents_started += len(numbers)
                    for number in numbers:
                        calls[number].begin()
                case _:
                    _follow(event, calls)

    def _add_up(self, events: list[Event]) -> None:
        """Learn how saved harnesses were loaded, what agents have cost, and on whose slices that was drawn."""
        agents: dict[int, AgentCalled] = {}
        loads: dict[int, Loaded] = {}
        places: Counter[Place] = Counter()
        accounts = Accounts()
        for event in events:
            match event:
                case RunStarted():
                    self._write_off(accounts, agents, loads, killed=True)
                    agents, loads, places = {}, {}, Counter()
                case AgentCalled():
                    agents[event.id] = event
                case WorkflowCalled(returning=False):
                    load = loads[event.id] = self._workflows.setdefault(_place(event, places), Loaded())
                    load.around = None if event.slice is None else loads[event.slice]
                case WorkflowLoaded(id=number, source=source) if source is not None:
                    loads[number].event = event
                case MoneyMoved():
                    accounts.moved(event)
                case AgentFinished(id=number, spent=spent, reused=False) | AgentCancelled(id=number, spent=spent):
                    accounts.ended(number)
                    self._pay(agents[number], spent, loads)
                case AgentLost(id=number, lost=lost):
                    accounts.ended(number)
                    self._pay(agents[number], lost.spent, loads)
                case RunEnded():
                    self._write_off(accounts, agents, loads, killed=False)
                case _:
                    pass
        self._write_off(accounts, agents, loads, killed=True)

    def _write_off(
        self, accounts: Accounts, agents: dict[int, AgentCalled], loads: dict[int, Loaded], *, killed: bool
    ) -> None:
        """Count what agents can have cost that never came to an end; of a run that was killed, nobody knows better."""
        for number, account in accounts.written_off().items():
            unsettled = account.unsettled if killed else NONE_UNSETTLED
            self.unsettled += unsettled
            self._pay(agents[number], account.most, loads, unsettled)

    def _pay(
        self,
        called: AgentCalled,
        spent: Spent,
        loads: dict[int, Loaded],
        unsettled: Unsettled = NONE_UNSETTLED,
    ) -> None:
        self.paid.append((called.request, spent))
        load = None if called.slice is None else loads[called.slice]
        while load is not None:
            load.spent += spent
            load.unsettled += unsettled
            load = load.around

    def _remember(self, known: Known) -> Known:
        """Take a call in; where an earlier execution has finished the same one, its answer stays."""
        called = known.called
        place = (called.path, called.key, called.occurrence)
        before = self._exact.get(place)
        if before is not None and before.finished is not None:
            return before
        if before is not None:
            # What became of it stays known until it gets another turn: an agent that may have had effects has had them.
            known.started, known.stopped, known.waits = before.started, before.stopped, before.waits
            known.lost, known.losses = before.lost, before.losses
            self._forget(before)
        self._by_path[called.path].append(known)
        self._by_key[called.key].append(known)
        self._exact[place] = known
        return known

    def _forget(self, known: Known) -> None:
        called = known.called
        del self._exact[called.path, called.key, called.occurrence]
        self._by_path[called.path].remove(known)
        self._by_key[called.key].remove(known)

    def _forget_moved(self, finished: AgentFinished, calls: dict[int, Known]) -> None:
        """Forget where an answer stood before an edited harness had its call elsewhere: it was paid for once."""
        for known in self._by_key[calls[finished.id].called.key]:
            there = known.finished
            if there is not None and known not in calls.values() and _same_answer(there, finished):
                self._forget(known)
                return

    def answer(self, called: AgentCalled) -> Known | None:
        """Return the finished call that this one is, if there is one; each answers once."""
        known = self._exact.get((called.path, called.key, called.occurrence))
        if self._edited and (known is None or known.used):
            same = self._by_key[called.key]
            known = next((other for other in same if other.finished and not other.used), None)
        if known is None or known.finished is None or known.used:
            return None
        known.used = True
        self.used.append(known)
        return known

    def losses(self, called: AgentCalled) -> int:
        """Return how often this call was lost before."""
        known = self._exact.get((called.path, called.key, called.occurrence))
        return 0 if known is None else known.losses

    def on_interrupt(self, called: AgentCalled, wanted: OnInterrupt) -> OnInterrupt:
        """Return what to do with a call that has no answer to use again."""
        known = self._exact.get((called.path, called.key, called.occurrence))
        if known is None or not known.started or known.lost or known.finished:
            return "rerun"
        if wanted == "ask":
            self.decided.append(called)
            return self.asked
        return wanted

    def why(self, called: AgentCalled) -> Why:
        """Return why a call has no answer to use again."""
        return self.whys([called])[0]

    def whys(self, calls: Sequence[AgentCalled]) -> list[Why]:
        """Return why each of these calls has no answer to use again; no two of them take the place of the same one."""
        unfinished = {called.id: known for called in calls if (known := self._unfinished(called)) is not None}
        others = [called for called in calls if called.id not in unfinished]
        taken = {id(known) for known in unfinished.values()}
        there = (known for path in dict.fromkeys(called.path for called in others) for known in self._by_path[path])
        free = [known for known in there if not known.used and id(known) not in taken]
        before = counterparts([known.called for known in free], others)
        known_of = {id(known.called): known for known in free}
        return [
            self._why(called, unfinished.get(called.id), known_of.get(id(before.get(called.id)))) for called in calls
        ]

    def _unfinished(self, called: AgentCalled) -> Known | None:
        known = self._exact.get((called.path, called.key, called.occurrence))
        return None if known is None or known.finished is not None else known

    @staticmethod
    def _why(called: AgentCalled, same: Known | None, before: Known | None) -> Why:
        if same is not None:
            return Why(same.reason, same)
        if before is None:
            return Why("new")
        return Why("changed", before, changed_fields(before.called.request, called.request))

    def workflow(self, called: WorkflowCalled) -> Loaded:
        """Return the saved harness as earlier executions loaded it; to be asked once for each call."""
        return self._workflows.get(_place(called, self._places), Loaded())

    @property
    def finished(self) -> list[tuple[AgentRequest, AgentFinished]]:
        """All finished calls, with what they were and what came of them."""
        return [(known.called.request, known.finished) for known in self._exact.values() if known.finished is not None]

    @property
    def unasked(self) -> int:
        """How many finished calls are left whose answers were not used again so far."""
        return self._finished - len(self.used)

    def unused(self) -> list[Known]:
        """Return the finished calls whose answers were not used again so far."""
        return [known for known in self._exact.values() if known.finished is not None and not known.used]


def _same_answer(one: AgentFinished, other: AgentFinished) -> bool:
    return (one.value, one.spent, one.attempts, one.transcript) == (
        other.value,
        other.spent,
        other.attempts,
        other.transcript,
    )


def _follow(event: Event, calls: dict[int, Known]) -> None:
    """Let what an event says of a call that goes on be known of it."""
    match event:
        case AgentWaits(id=number, reason=reason):
            calls[number].waits = reason
        case AgentGoesOn(id=number):
            calls[number].waits = None
        case Steered(verb="stop", agent=int(number)):
            calls[number].stopped = True
        case AgentLost(id=number, lost=lost) if calls[number].begun:  # else it was skipped, and may be again
            calls[number].lost = lost
            calls[number].losses += 1
        case _:
            pass


def _ending(ended: RunEnded) -> Ending:
    at_ceiling = ended.problem is not None and ended.problem.type == "budget"
    return ended.pause or ("budget" if at_ceiling else ended.outcome)


Place = tuple[str, str, str, float | None]


def _place(called: WorkflowCalled, before: Counter[Place]) -> tuple[Place, int]:
    """Return what a call of a saved harness is known by: its content, and its occurrence along its call path."""
    place = (called.path, called.name, repr(called.args), called.budget)
    before[place] += 1
    return place, before[place]


def counterparts(before: Iterable[AgentCalled], now: Sequence[AgentCalled]) -> dict[int, AgentCalled]:
    """Return, by the number of each call, the one that stood in its place; each stands in one place only.

    That is the first on the same path with the same label; of those that are left over, the first on the same path.
    """
    there: dict[str, list[AgentCalled]] = defaultdict(list)
    for called in before:
        there[called.path].append(called)
    found: dict[int, AgentCalled] = {}
    for alike in (True, False):
        for called in now:
            on_path = [] if called.id in found else there[called.path]
            fitting = (i for i, old in enumerate(on_path) if not alike or old.request.label == called.request.label)
            index = next(fitting, None)
            if index is not None:
                found[called.id] = on_path.pop(index)
    return found


def changed_fields(before: AgentRequest, now: AgentRequest) -> tuple[str, ...]:
    """Return which parts of a request are different, leaving out those that do not change what is asked."""
    return tuple(name for name in CONTENT if getattr(before, name) != getattr(now, name))


def executions(events: list[tuple[float, Event]]) -> list[list[tuple[float, Event]]]:
    """Return the events of each execution of a run, the latest last."""
    parts: list[list[tuple[float, Event]]] = []
    for at, event in events:
        if isinstance(event, RunStarted):
            parts.append([])
        parts[-1].append((at, event))
    return parts
