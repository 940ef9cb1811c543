"""What is known of the agent calls of earlier executions, and how two calls are told apart. Who has it: `past`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Generic, Literal, TypeVar

from weft.primitives.calls import OnInterrupt
from weft.primitives.lost import Lost
from weft.runtime.journal.acted import Acted
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import (
    AgentCalled,
    AgentFinished,
    AgentGoesOn,
    AgentLost,
    AgentWaits,
    Event,
    FactRemembered,
    HostCalled,
    Outcome,
    RunEnded,
    Steered,
    ToolBegan,
    ToolEnded,
)
from weft.runtime.journal.facts import Fact
from weft.runtime.journal.loads import Drawn
from weft.runtime.pause import PauseReason
from weft.runtime.request import CONTENT, AgentRequest
from weft.runtime.working import WaitsFor

__all__ = [
    "Ending",
    "Known",
    "Reason",
    "Recorded",
    "Standing",
    "Why",
    "changed_fields",
    "counterparts",
    "ending",
    "follow",
    "note_below",
]

Reason = Literal[
    "lost",  # it was lost
    "stopped",  # a person stopped it
    "below",  # it has answered, but one that it had asked was lost
    "waited",  # it waited for room under the ceiling, or for its provider, when the run ended
    "interrupted",  # it was at work when the run ended
    "waiting",  # it had not started when the run ended
    "changed",  # a call in its place had other content
    "new",  # no earlier execution had a call in its place
]


Ending = Outcome | PauseReason
"""How an execution ended: why it was paused, or stopped at its ceiling, else its outcome."""


def ending(ended: RunEnded) -> Ending:
    """Return how an execution ended."""
    at_ceiling = ended.problem is not None and ended.problem.type == "budget"
    return ended.pause or ("budget" if at_ceiling else ended.outcome)


Called = TypeVar("Called", bound=AgentCalled | HostCalled)


@dataclass(slots=True, eq=False)
class Standing(Generic[Called]):
    """A call, and where it stands in its execution."""

    called: Called
    place: str
    """The name of its place, see `places`."""
    keys: tuple[str, ...]
    """What it asks for: its key, then its key without the model, if it names none and any may have answered."""

    @property
    def spot(self) -> tuple[str, int]:
        """Where it stands, and how many of its content came before it there."""
        return self.place, self.called.occurrence


@dataclass(slots=True, eq=False)
class Recorded(Standing[Called]):
    """A call of earlier executions, standing where the latest of them had it."""

    taken: bool = field(default=False, kw_only=True)
    """A call of this execution has its answer, or stands in for it."""


@dataclass(slots=True, eq=False)
class Known(Recorded[AgentCalled]):
    """What earlier executions know of an agent call. It stands where the latest of them had it."""

    asked: AgentRequest
    """What the execution that paid for it really asked: another model, perhaps, than is asked for in its place now."""
    order: int = 0
    """When its answer came, among all events of the run; of use only where it is finished."""
    calls: int = 0
    """How many calls had been made by then. Answers with the same number came with no call in between."""
    started: bool = False
    """It was at work in some execution, whether or not it came to an end."""
    finished: AgentFinished | None = None
    lost: Lost | None = None
    """Why the latest attempt came to nothing; `None` where it was interrupted."""
    begun: bool = False
    """It was at work in the execution that called it last."""
    stopped: bool = False
    """A person stopped it, and it has not started since."""
    waits: WaitsFor | None = None
    """What it waited for when it was last heard of."""
    run_ended: Ending | None = None
    """How the execution ended that called it last; `None` where that could not say, because it was killed."""
    moved: bool = False
    """That call stands in another place."""
    acts: dict[int, Acted] = field(default_factory=dict)
    """What it did to the world when it was at work, in all executions since it answered last, by number."""
    facts: dict[str, Fact] = field(default_factory=dict)
    """What it has told all others whenever it was at work, by key."""
    below: Drawn = field(default_factory=Drawn)
    """What those that it has asked have drawn on its slice of the budget."""
    unanswered_below: list[Known] = field(default_factory=list)
    """Those below it that were at work and have not answered: what they did, they did for it."""
    again_below: dict[Known, None] = field(default_factory=dict)
    """Those below it that cannot be asked again unless it is, see `note_below`."""
    other_model: str | None = None
    """The model that answered, where that call asks another one."""

    def begin(self) -> None:
        """Take note that it is at work again, whatever became of it before."""
        self.started, self.begun, self.lost, self.stopped, self.waits = True, True, None, False, None

    def follow(self, before: Known) -> None:
        """Take over from the same call of an earlier execution, as far as it has had no turn since.

        An agent that may have had effects has had them; what it has told others, it has told, and what those below it
        have cost, they have.
        """
        self.facts = before.facts | self.facts
        self.below = before.below
        self.acts = dict(enumerate([*before.acts.values(), *self.acts.values()], 1))
        self.unanswered_below = [*before.unanswered_below, *self.unanswered_below]
        if not self.begun:
            self.started, self.lost = before.started, before.lost
            self.stopped, self.waits = self.stopped or before.stopped, self.waits or before.waits

    def to_decide(self, wanted: OnInterrupt) -> bool:
        """Whether a person says if it is asked again: it wants that, or has begun what only a person may repeat."""
        acts = [*self.acts.values(), *(act for one in self._open_below if not one.lost for act in one.acts.values())]
        manual = any(act.began.acts == "manual" for act in acts)
        return wanted == "ask" or (wanted == "rerun" and manual)

    @property
    def acted(self) -> tuple[str, ...]:
        """What it has done to the world without an answer, and those for it that it had asked; a line for each."""
        below = [(one.called.request.name, act) for one in self._open_below for act in one.acts.values()]
        return (
            *(act.text for act in self.acts.values()),
            *(f"by agent {name!r}, which you had asked: {act.text}" for name, act in below),
        )

    @property
    def _open_below(self) -> list[Known]:
        """Those below it without an answer that no later execution has asked again."""
        return [one for one in self.unanswered_below if not one.taken]

    @property
    def reused(self) -> bool:
        """Whether its answer is that of an execution before the one that called it last."""
        return self.finished is not None and self.finished.reused

    def answered_by(self, asked_for: str) -> str | None:
        """Return the model that answered, where that is another one than is asked for now."""
        said = self.finished.answered_by if self.finished is not None else None
        by = said or self.asked.model
        return None if by == asked_for else by

    @property
    def reason(self) -> Reason:
        """Why it has no answer, or none that is used again."""
        if self.finished is not None:
            return "below"
        if self.stopped:
            return "stopped"
        if self.lost is not None:
            return "lost"
        if not self.started:
            return "waiting"
        # A run that is paused at its ceiling lets those at work finish: those that have not are the ones without room.
        return "waited" if self.waits is not None or self.run_ended == "budget" else "interrupted"


@dataclass(frozen=True, slots=True)
class Why:
    """Why an agent is asked in this execution, although there were others."""

    reason: Reason
    before: Known | None = None
    """The call it takes the place of."""
    fields: tuple[str, ...] = ()
    """What is different about it."""


def note_below(calls: Mapping[int, Known]) -> None:
    """Note of the agents of one execution that have asked others which of those have not answered, or were lost.

    An agent was told of a loss, and its answer rests on that: only if it is asked again, the lost ones may be, and
    those between them. It is not noted of a loss that was made good by asking the same once more, nor of one by a
    part of the budget, which would not hold it the next time either.
    """
    below = {number: askers(known.called.path) for number, known in calls.items() if known.begun}
    good = {(*below[number], calls[number].called.key) for number in below if calls[number].finished is not None}
    for number, above in below.items():
        known = calls[number]
        for asker in above if known.finished is None else ():
            calls[asker].unanswered_below.append(known)
        if known.lost is None or (*above, known.called.key) in good:
            continue
        around = [calls[asker] for asker in above]
        parted = any(one.called.request.budget is not None for one in around)
        if known.lost.cause == "stopped" and parted and not known.stopped:
            continue
        chain = [*around, known]
        for place, one in enumerate(around, 1):
            one.again_below |= dict.fromkeys(chain[place:])


Path = Callable[[AgentCalled], str]
"""Where a call stands."""


def counterparts(before: Iterable[AgentCalled], now: Sequence[AgentCalled], *paths: Path) -> dict[int, AgentCalled]:
    """Return, by the number of each call, the one that stood in its place; each stands in one place only.

    That is the first on the same path with the same label; of those that are left over, the first on the same path.
    Without `paths` it is the call path that counts; of several, the first counts first.
    """
    left = list(before)
    found: dict[int, AgentCalled] = {}
    for path in paths or (attrgetter("path"),):
        there: dict[str, list[AgentCalled]] = defaultdict(list)
        for called in left:
            there[path(called)].append(called)
        for alike in (True, False):
            for called in now:
                on_path = [] if called.id in found else there[path(called)]
                fitting = (i for i, old in enumerate(on_path) if not alike or old.request.label == called.request.label)
                index = next(fitting, None)
                if index is not None:
                    found[called.id] = on_path.pop(index)
        left = [called for on_path in there.values() for called in on_path]
    return found


def changed_fields(before: AgentRequest, now: AgentRequest) -> tuple[str, ...]:
    """Return which parts of a request are different, leaving out those that do not change what is asked."""
    return tuple(
        name
        for name in CONTENT
        if getattr(before, name) != getattr(now, name)
        or (name == "profile" and before.instructions != now.instructions)
    )


def follow(event: Event, calls: Mapping[int, Known]) -> None:
    """Let what an event says of a call that goes on be known of it, by the number of the call."""
    match event:
        case AgentWaits(id=number, reason=reason):
            calls[number].waits = reason
        case AgentGoesOn(id=number):
            calls[number].waits = None
        case ToolBegan(id=number) if number in calls:  # else it is a call of the harness itself
            calls[number].acts[event.number] = Acted(event)
        case ToolEnded(id=number) if number in calls:
            calls[number].acts[event.number].ended = event
        case FactRemembered(by=number, key=key) if number in calls:
            calls[number].facts[key] = event
        case Steered(verb="stop", agent=int(number)):
            calls[number].stopped = True
        case AgentLost(id=number, lost=lost) if calls[number].begun:  # else it was skipped, and may be again
            calls[number].lost = lost
        case _:
            pass
