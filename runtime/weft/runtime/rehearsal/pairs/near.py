"""A run of a harness in which much was reached, and what it takes to play others near it that differ in one thing.

What they differ in is the business of the other modules, each of which yields `Confused`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from weft.primitives.calls import ToolCall
from weft.primitives.skeptics import VOTE
from weft.runtime.journal.events import HostAnswered, HostCalled
from weft.runtime.rehearsal.answering import Lost, Seat, ToolTwist, Twist, site_of
from weft.runtime.rehearsal.knowledge import Knowledge
from weft.runtime.rehearsal.manner import Leaf, Manner, Site
from weft.runtime.rehearsal.playing import Played, Stage

__all__ = ["MOST_LISTS", "Confused", "Enough", "Near"]

MOST_LISTS = 4
"""How many lists are tried, one after the other."""


@dataclass(frozen=True, slots=True)
class Confused:
    """Two runs from whose results one cannot tell what was different, or that differ where they must not."""

    kind: str
    """Which pair it is, in a word or two."""
    line: int
    """Where the agents are asked that answered otherwise."""
    what: str
    """What one could not tell, for a person and for an author."""
    one: str
    other: str
    """What came of the agents in both runs."""
    result: Any
    """What the first one returned."""
    instead: Any
    """What the other one returned; mostly the same."""


class Enough(Exception):
    """As many agents were started as may be."""


class Near:
    """Plays runs near one."""

    def __init__(
        self, stage: Stage, base: Played, known: Knowledge, said: Mapping[Leaf, Collection[str]], *, agents: int
    ) -> None:
        """Prepare to play them.

        Args:
            stage: With what it is rehearsed.
            base: The run.
            known: What agents may say.
            said: What agents have said in any run at each leaf.
            agents: How many agents may be started in all of them together.
        """
        self._left = agents
        self.stage = stage
        self.base = base
        self.known = known
        self.said = said
        self.answered: dict[Site, Any] = {}
        """An answer of each place."""
        for answer in base.answers:
            if not isinstance(answer.value, Lost):
                self.answered.setdefault(site_of(answer.called), answer.value)
        self.sites = list(dict.fromkeys(site_of(answer.called) for answer in base.answers))
        self.skeptics = {site_of(one.called) for one in base.answers if one.called.request.schema == VOTE}

    async def play(
        self,
        twist: Twist | None = None,
        manner: Manner | None = None,
        tools: ToolTwist | None = None,
        instead: Mapping[Seat, Any] | None = None,
    ) -> Played:
        """Run it once, as the run itself was but for what is said here. See `Stage.play`.

        Raises:
            Enough: there may be no more.
        """
        if self._left <= 0:
            raise Enough
        manner = manner or self.base.manner
        played = await self.stage.play(manner, self.known, twist=twist, tools=tools, instead=instead)
        self._left -= played.weight
        return played

    def listings(self) -> list[tuple[int, ToolCall, list[str]]]:
        """Return the calls of tools that gave the harness a list of texts, each with its line."""
        calls = {event.id: event for event in self.base.events if isinstance(event, HostCalled)}
        found = []
        for event in self.base.events:
            if not isinstance(event, HostAnswered) or event.id not in calls or not isinstance(event.value, list):
                continue
            called, texts = calls[event.id], [text for text in event.value if isinstance(text, str)]
            if isinstance(called.request.call, ToolCall) and len(texts) == len(event.value) > 0:
                found.append((called.line or 0, called.request.call, texts))
        return found[:MOST_LISTS]
