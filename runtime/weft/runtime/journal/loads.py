"""What earlier executions know of the saved harnesses that were called: what they were, and what they have spent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from weft.primitives.lost import Spent
from weft.runtime.journal.accounts import NONE_UNSETTLED, Unsettled
from weft.runtime.journal.events import AgentCalled, WorkflowCalled, WorkflowLoaded

__all__ = ["Loaded", "Loads", "load_around"]


@dataclass(slots=True, eq=False)
class Loaded:
    """What earlier executions know of one call of a saved harness."""

    name: str = ""
    event: WorkflowLoaded | None = None
    """How it was loaded, if it was."""
    spent: Spent = field(default_factory=Spent)
    """What agents have drawn on its slice of the budget."""
    unsettled: Unsettled = NONE_UNSETTLED
    """What of that is the most that requests can have cost whose end nobody knows."""
    around: Loaded | None = None
    """The one on whose slice it drew itself, in the latest execution."""
    source: str | None = None
    """What it is executed as, unless it is to be as it is saved now."""


Content = tuple[str, str, float | None]
Spot = tuple[str, int]


class Loads:
    """Finds the calls of saved harnesses again: in their place, else by their content, as `alike` does for agents."""

    def __init__(self) -> None:
        self._there: dict[Content, dict[Spot, Loaded]] = {}
        """By the places in which they stood last."""
        self._claimed: set[int] = set()
        """Those that the present execution has called, by their identity."""
        self._called: Counter[tuple[Content, str]] = Counter()
        self._sources: dict[str, list[str]] = {}
        """As what the harness of each name was loaded last: more than one source if it was edited meanwhile."""
        self._loaded: set[str] = set()
        """The names that the present execution has loaded."""

    def begin(self) -> None:
        """Let another execution begin."""
        self._claimed, self._called, self._loaded = set(), Counter(), set()

    def claim(self, called: WorkflowCalled, place: str) -> Loaded:
        """Return what is known of a call; to be asked once for each of an execution, in their order."""
        content = (called.name, repr(called.args), called.budget)
        spot = (place, self._called[content, place])
        self._called[content, place] += 1
        there = self._there.setdefault(content, {})
        load = there.pop(spot, None)
        if load is None:
            free = next((old for old, other in there.items() if id(other) not in self._claimed), None)
            load = Loaded(called.name) if free is None else there.pop(free)
        there[spot] = load
        self._claimed.add(id(load))
        return load

    def loaded(self, load: Loaded, event: WorkflowLoaded) -> None:
        """Take note of what a saved harness was loaded as; an earlier execution's other source of it is forgotten."""
        assert event.source is not None
        name = load.name
        known = self._sources.setdefault(name, [])
        if name not in self._loaded and event.source not in known:
            known.clear()
            for content, there in self._there.items():
                for other in there.values() if content[0] == name else ():
                    other.source = None
        self._loaded.add(name)
        known[:] = [*(source for source in known if source != event.source), event.source]
        load.event, load.source = event, event.source

    @property
    def sources(self) -> dict[str, tuple[str, ...]]:
        """As what each saved harness was loaded, the latest last; mostly that is one source."""
        return {name: tuple(sources) for name, sources in self._sources.items() if sources}


def load_around(slice_: int | None, agents: dict[int, AgentCalled], loads: dict[int, Loaded]) -> Loaded | None:
    """Return the saved harness on whose slice that is drawn; those of agents may stand in one."""
    while slice_ in agents:
        slice_ = agents[slice_].slice
    return None if slice_ is None else loads[slice_]
