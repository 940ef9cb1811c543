"""Which lists of a run's answers came back full, so that there may be more than the run has heard of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from weft.primitives.returned import full_lists
from weft.runtime.change import parted
from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.callpath import Homes

__all__ = ["FullList", "full_in"]

MOST_NAMED = 4
"""How many agents are named whose lists came back full."""


@dataclass(slots=True)
class FullList:
    """One list of the schema that agents called at one line have, where it came back full."""

    line: int | None
    workflow: str | None
    """The saved harness whose line it is; `None` for the run's own."""
    list: str
    """Its place in the answer, as in `groups[].names`."""
    items: int = 0
    """How many there were in the largest."""
    agents: dict[int, str] = field(default_factory=dict)
    """Those with such an answer: what they are called, by their numbers."""

    def text(self) -> str:
        """Return it as a line for people, as in `claims at line 14 came back full, with 20 items: find:a, find:b`."""
        where = f"{self.list} at line {self.line}" + (f" of {self.workflow}" if self.workflow else "")
        names = [*self.agents.values()]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        items = f"{self.items} item{'s' * (self.items != 1)}"
        return f"{where} came back full, with {items}: {', '.join(names[:MOST_NAMED])}{more}"


def full_in(agents: Iterable[AgentState], homes: Homes) -> list[FullList]:
    """Return the lists that came back full, in order of first appearance; those of a fixed length could not be longer.

    Args:
        agents: Whose answers are looked at.
        homes: Knows which calls are those of saved harnesses.
    """
    found: dict[tuple[str | None, int | None, str], FullList] = {}
    for agent in agents:
        called = agent.called
        if agent.finished is None or called.request.schema is None:
            continue
        said, _ = parted(agent.finished.value, isolated=called.request.isolation is not None)
        around = homes.of(called.path)
        workflow = around[-1].name if around else None
        for place, items in full_lists(said, called.request.schema):
            full = found.setdefault((workflow, called.line, place), FullList(called.line, workflow, place))
            full.items = max(full.items, items)
            full.agents[called.id] = called.request.name
    return [*found.values()]
