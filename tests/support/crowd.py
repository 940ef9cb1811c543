"""A live run of as many agents as one likes, told event by event: none of them is asked anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from running import run_source
from served import Replayed

from weft.runtime.journal.events import AgentCalled, AgentFinished, AgentsStarted, Event, RunEnded

__all__ = ["Crowd", "one_told"]

SOURCE = """
from weft.primitives import agent, phase


async def main(args):
    phase("Crowd")
    return await agent("Say something", label="one")
"""
STUB = {"default": {"result": "fine", "latency": 2, "usage": {"input": 900, "output": 90}}}
PACE_S = 0.005
"""How long it is from one event to the next, on the run's clock."""


def one_told(folder: Path) -> list[Event]:
    """Return what a real run of one agent tells; it has an event loop of its own."""
    return [event for _, event in run_source(SOURCE, folder, stub=STUB).folder.events()]


class Crowd:
    """The run. Its agents have the numbers from 0 on, in the order of their calls."""

    def __init__(self, project: Path, told: list[Event], label: str = "one") -> None:
        """Begin it in a project; its agents are as the one of `one_told`, and labelled with their numbers besides."""
        self._label = label
        first = next(place for place, event in enumerate(told) if isinstance(event, AgentCalled))
        self._called = next(event for event in told if isinstance(event, AgentCalled))
        self._finished = next(event for event in told if isinstance(event, AgentFinished))
        self._ended = next(event for event in told if isinstance(event, RunEnded))
        self._at = 0.0
        self._replayed = Replayed(project, [])
        self.folder = self._replayed.folder
        self.say(told[:first])

    def say(self, events: Iterable[Event]) -> None:
        """Let these events have happened now."""
        for event in events:
            self._at += PACE_S
            self._replayed.events.append((self._at, event))
        self._replayed.say()

    def call(self, numbers: Iterable[int], asker: int | None = None) -> None:
        """Let agents be called, by another one or by the harness."""
        self.say(self._calls(numbers, "" if asker is None else f"/a{asker}.0"))

    def _calls(self, numbers: Iterable[int], path: str) -> Iterator[Event]:
        for number in numbers:
            request = replace(self._called.request, id=number, label=f"{self._label}:{number}")
            yield replace(self._called, path=path, key=f"{number:064x}", request=request)

    def start(self, numbers: Iterable[int]) -> None:
        """Let agents get their turn."""
        self.say([AgentsStarted(ids=tuple(numbers))])

    def finish(self, numbers: Iterable[int]) -> None:
        """Let agents answer."""
        self.say(replace(self._finished, id=number) for number in numbers)

    def end(self) -> None:
        """Let the run complete."""
        self.say([self._ended])

    def close(self) -> None:
        """Let go of the journal."""
        self._replayed.close()
