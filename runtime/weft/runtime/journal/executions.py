"""The events of a run, apart by its executions: its beginning, and each time that it was gone on with."""

from __future__ import annotations

from collections.abc import Iterator

from weft.runtime.journal.events import Event, RunStarted

__all__ = ["executions", "parts_of"]


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
