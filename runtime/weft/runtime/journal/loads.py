"""What earlier executions know of saved harnesses that were called, and of slices of the budget."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from weft.primitives.calls import Allowance
from weft.primitives.lost import Spent
from weft.runtime.journal.accounts import NONE_UNSETTLED, Unsettled
from weft.runtime.journal.events import WorkflowCalled, WorkflowLoaded

__all__ = ["Drawn", "Loaded", "Loads"]


@dataclass(slots=True, eq=False, kw_only=True)
class Drawn:
    """What earlier executions know of a slice of the budget."""

    spent: Spent = field(default_factory=Spent)
    """What agents have drawn on it."""
    unsettled: Unsettled = NONE_UNSETTLED
    """What of that is the most that requests can have cost whose end nobody knows."""
    around: Drawn | None = None
    """The one that it is a part of itself, in the latest execution."""
    limit: Allowance | None = None
    """How it stood when an agent that draws on it ended first."""


@dataclass(slots=True, eq=False)
class Loaded(Drawn):
    """What earlier executions know of one call of a saved harness."""

    name: str = ""
    event: WorkflowLoaded | None = None
    """How it was loaded, if it was."""
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
