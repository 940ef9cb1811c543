"""The events of a run, apart by its executions: its beginning, and each time that it was gone on with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import CALLS, AgentsStarted, Event, RunStarted

__all__ = ["Below", "executions", "of_harness", "parts_of"]


def parts_of(events: list[Event]) -> Iterator[list[Event]]:
    """Yield the events of each execution."""
    begins = [number for number, event in enumerate(events) if isinstance(event, RunStarted)]
    for begin, end in zip(begins, [*begins, len(events)][1:], strict=True):
        yield events[begin:end]


def executions(events: list[tuple[float, Event]]) -> list[list[tuple[float, Event]]]:
    """Return the events of each execution of a run, the latest last."""
    parts: list[list[tuple[float, Event]]] = []
    for at, event in events:
        if isinstance(event, RunStarted):
            parts.append([])
        parts[-1].append((at, event))
    return parts


class Below:
    """Tells which events of one execution stand below agents, told of all in their order; see `askers`."""

    def __init__(self) -> None:
        self._calls: set[int] = set()

    def without(self, event: Event) -> Event | None:
        """Return an event as far as it is of the harness itself; `None` where nothing of it is."""
        if askers(getattr(event, "path", "")):
            if isinstance(event, CALLS):
                self._calls.add(event.id)
            return None
        if isinstance(event, AgentsStarted):
            ids = tuple(number for number in event.ids if number not in self._calls)
            return replace(event, ids=ids) if ids else None
        return None if getattr(event, "id", None) in self._calls else event


def of_harness(events: Iterable[Event]) -> list[Event]:
    """Return the events of one execution without those that stand below agents."""
    below = Below()
    return [left for event in events if (left := below.without(event)) is not None]
