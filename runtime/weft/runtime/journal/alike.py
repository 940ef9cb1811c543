"""Which recorded call a call is: the one of the same content in its place, else the one of the same content elsewhere.

Content is all that was asked and paid for. So recorded answers to equal calls can stand in for each other, each once,
and nothing that was paid for is asked again as long as one of them is left. Which of them it is matters only for what
the harness makes of it next, in its place; so the calls that were made together choose together, and in this order:

    place    the one in the same place has the first choice, so that nobody takes a neighbour's answer
    path     then the one on the same call path: the harness was edited, and so its lines have other numbers
    shape    then the one in the same branch of another fan-out, which has moved
    content  then whatever is left, in the order of the calls; but one that was lost in its place takes the last of
             them: those of later turns then keep their own, where there are enough
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from weft.runtime.journal.known import Recorded, Standing
from weft.runtime.journal.places import shape

__all__ = ["Alike"]

LEVELS = 4


Found = TypeVar("Found", bound=Recorded[Any])


class Alike(Generic[Found]):
    """Recorded calls to be found again, each by one call."""

    def __init__(self, recorded: Iterable[Found] = ()) -> None:
        """Index calls, in the order in which those that are equal are used."""
        self._found: dict[tuple[object, ...], deque[Found]] = defaultdict(deque)
        for known in recorded:
            for key in known.keys:
                for level in range(LEVELS):
                    self._found[_spot(known, key, level)].append(known)

    def match(
        self, calls: Sequence[Standing[Any]], from_the_end: Callable[[Standing[Any]], bool] = lambda _: False
    ) -> dict[int, Found]:
        """Return, by their numbers, which recorded calls these are that were made together; each is taken.

        Args:
            calls: In the order in which they were made.
            from_the_end: Whether one takes the last of those that are equal.
        """
        matched: dict[int, Found] = {}
        left = list(calls) if self._found else []
        for level in range(LEVELS):
            for call in left:
                last = level == LEVELS - 1 and from_the_end(call)
                known = next((known for key in call.keys if (known := self._first(call, key, level, last))), None)
                if known is not None:
                    known.taken = True
                    matched[call.called.id] = known
            left = [call for call in left if call.called.id not in matched]
        return matched

    def in_place(self, call: Standing[Any]) -> bool:
        """Whether there is one in the same place, taken or not."""
        return any(self._found.get(_spot(call, key, 0)) for key in call.keys)

    def _first(self, call: Standing[Any], key: str, level: int, last: bool) -> Found | None:
        there = self._found.get(_spot(call, key, level))
        while there and there[-1 if last else 0].taken:
            there.pop() if last else there.popleft()
        return there[-1 if last else 0] if there else None


def _spot(call: Standing[Any], key: str, level: int) -> tuple[object, ...]:
    match level:
        case 0:
            return (key, *call.spot)
        case 1:
            return (key, "path", call.called.path, call.called.occurrence)
        case 2:
            return (key, "shape", shape(call.called.path), call.called.occurrence)
        case _:
            return (key,)
