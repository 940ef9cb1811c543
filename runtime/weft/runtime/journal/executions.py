"""The events of a run, apart by its executions: its beginning, and each time that it was gone on with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import CALLS, COMPLETIONS, Event, RunStarted

__all__ = ["executions", "of_harness", "parts_of"]


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


def of_harness(events: Iterable[Event]) -> list[Event]:
    """Return the events of one execution without the calls below agents, and what they came to: see `askers`."""
    below = {event.id for event in events if isinstance(event, CALLS) and askers(event.path)}
    return [event for event in events if not (isinstance(event, (*CALLS, *COMPLETIONS)) and event.id in below)]
