"""What earlier executions know of calls of the host: their answers, to be given again. Of agents it is `known`, `past`.

Only answers are kept: a tool that failed is called again, and a question that was open is asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weft.runtime.journal.alike import Alike
from weft.runtime.journal.events import Event, HostAnswered, HostCalled, HostCancelled, ToolBegan
from weft.runtime.journal.known import Recorded, Standing
from weft.runtime.journal.places import Places

__all__ = ["Recalled", "Recollection"]


@dataclass(slots=True, eq=False)
class Recalled(Recorded[HostCalled]):
    """A call of the host that was answered, as it stood in the latest execution that had it."""

    answered: HostAnswered
    order: int
    """When its answer came, among all events of the run."""
    calls: int
    """How many calls had been made by then."""


Spot = tuple[str, str, int]


def _spot(called: HostCalled) -> Spot:
    return called.path, called.key, called.occurrence


class Recollection:
    """The answered calls of the host of all earlier executions."""

    def __init__(self) -> None:
        self._answers: list[Recalled] = []
        self._called: dict[int, Standing[HostCalled]] = {}
        """Those of the execution that is being read, by their numbers."""
        self._alike: Alike[Recalled] | None = None
        self._begun: dict[int, Spot] = {}
        """Those of that execution that have begun what only a person may repeat, and have come to nothing yet."""
        self._interrupted: set[Spot] = set()

    def read(self, event: Event, places: Places, order: int, calls: int) -> None:
        """Take in an event of an earlier execution, which has this order among all, after so many calls."""
        self._follow(event)
        match event:
            case HostCalled():
                self._called[event.id] = Standing(event, places.of(event.path), (event.key,))
            case HostAnswered(lost=None):
                call = self._called[event.id]
                if event.reused:
                    self._forget(call.called.key, event)
                self._answers.append(Recalled(call.called, call.place, call.keys, event, order, calls))
            case _:
                pass

    def _follow(self, event: Event) -> None:
        """Take note of what has begun, and what has come of it."""
        match event:
            case ToolBegan(id=number, acts="manual") if number in self._called:
                self._begun[number] = _spot(self._called[number].called)
            case HostAnswered(id=number) | HostCancelled(id=number):
                self._begun.pop(number, None)
                if number in self._called:
                    self._interrupted.discard(_spot(self._called[number].called))
            case _:
                pass

    def interrupted(self, called: HostCalled) -> bool:
        """Whether a call had begun what only a person may repeat, and nobody knows how far it came."""
        return _spot(called) in self._interrupted

    def _forget(self, key: str, again: HostAnswered) -> None:
        """Forget an answer that was given again, for it stands where it was given now; equal ones are alike."""
        said = (again.value, again.by, again.who)
        for known in self._answers:
            answered = known.answered
            if known.called.key == key and said == (answered.value, answered.by, answered.who):
                self._answers.remove(known)
                return

    def next_execution(self) -> None:
        """Read another execution, whose calls are numbered anew."""
        self._called = {}
        self._interrupted |= {*self._begun.values()}
        self._begun = {}

    def answers(self, calls: Sequence[HostCalled], places: Places) -> dict[int, Recalled]:
        """Return, by their numbers, the answered ones that these calls are which were made together."""
        if not self._answers:
            return {}
        self._alike = self._alike or Alike(self._answers)
        return self._alike.match([Standing(called, places.of(called.path), (called.key,)) for called in calls])
