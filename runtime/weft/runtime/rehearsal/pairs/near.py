"""A run of a harness in which much was reached, and what it takes to play others near it that differ in one thing.

What they differ in is the business of the other modules, each of which yields `Confused`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from weft.primitives.calls import ToolCall
from weft.primitives.skeptics import VOTE
from weft.runtime.journal.events import AgentCalled
from weft.runtime.rehearsal.answering import Lost, Seat, ToolTwist, Twist, site_of
from weft.runtime.rehearsal.knowledge import Knowledge, scalars_in
from weft.runtime.rehearsal.manner import Leaf, Manner, Site
from weft.runtime.rehearsal.pairs.little import listed_in
from weft.runtime.rehearsal.playing import Played, Stage
from weft.runtime.rehearsal.twists import always, at, items_at, put, shortened, with_verdict

__all__ = ["MOST_LISTS", "Confused", "Enough", "Near", "smaller"]

MOST_LISTS = 4
"""How many lists are tried, one after the other."""


FEW = 2
"""How long lists are in a small run."""

SMALL = 40
"""Agents of a run that is small enough."""

MOST_TRIED = 10
"""How many runs are played to find a small one."""


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


async def smaller(stage: Stage, base: Played, known: Knowledge) -> Played:
    """Return a run in which agents list less, but all places are reached: there is room for more pairs near it."""
    sites = {site_of(answer.called) for answer in base.answers}
    ways = list(_ways_to_list_less(base))
    least = base
    for fixed in [*ways[:MOST_TRIED], *ways[MOST_TRIED:][-2:]]:
        manner = replace(base.manner, fixed=MappingProxyType({**fixed, **base.manner.fixed}))
        small = await stage.play(manner, known)
        calm = small.problem is None and small.ended.outcome == base.ended.outcome
        if calm and small.agents < least.agents and sites <= {site_of(answer.called) for answer in small.answers}:
            least = small
            if small.agents <= SMALL:
                break
    return least


def _ways_to_list_less(base: Played) -> Iterator[dict[Leaf, Any]]:
    """Yield what agents always choose: of few items, some may have to be of one kind for a place to be reached."""
    skeptics = {site_of(answer.called) for answer in base.answers if answer.called.request.schema == VOTE}
    lists = [leaf for leaf, spot in base.spots.items() if spot.kind == "list"]
    if not lists:
        return
    few = dict.fromkeys(lists, FEW)
    yield few
    for leaf, spot in base.spots.items():
        if spot.kind == "option" and leaf.site not in skeptics:
            yield from ({**few, leaf: option} for option in spot.options)
    yield dict.fromkeys(lists, 2 * FEW)
    yield few | _first_said(base)  # where it goes on as long as agents find anything new


def _first_said(base: Played) -> dict[Leaf, Any]:
    """Return for each place in the items of lists what some agent has said there."""
    said: dict[Leaf, Any] = {}
    for answer in base.answers:
        for path, scalar in scalars_in(answer.value):
            if "[]" in path:
                said.setdefault(Leaf(site_of(answer.called), path), scalar)
    return {leaf: scalar for leaf, scalar in said.items() if leaf in base.spots}


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
        self._agreed: dict[Site, Played] = {}
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
        watched: bool = False,
    ) -> Played:
        """Run it once, as the run itself was but for what is said here. See `Stage.play`.

        Raises:
            Enough: there may be no more.
        """
        if self._left <= 0:
            raise Enough
        manner = manner or self.base.manner
        played = await self.stage.play(manner, self.known, twist=twist, tools=tools, instead=instead, watched=watched)
        self._left -= played.weight
        return played

    async def agreed(self, site: Site) -> Played:
        """Return the run in which all skeptics of a place support what is claimed; it is played once.

        Raises:
            Enough: as `play`.
        """
        if site not in self._agreed:
            self._agreed[site] = await self.play(at(site, lambda value: with_verdict(value, "supported")))
        return self._agreed[site]

    def listings(self) -> list[tuple[int, ToolCall, list[str]]]:
        """Return the calls of tools that gave the harness a list of texts, each with its line."""
        return [*listed_in(self.base)][:MOST_LISTS]

    def things(self, site: Site) -> list[list[str]]:
        """Return of each agent of a place the names, from lists in arguments and of tools, that it is asked with."""
        listed = [text for _, _, texts in self.listings() for text in texts]
        given = [scalar for path, scalar in scalars_in(self.stage.args) if isinstance(scalar, str) and "[]" in path]
        names = [text for text in dict.fromkeys([*listed, *given]) if text]
        asked = [one.called.request.prompt for one in self.base.answers if site_of(one.called) == site]
        return [[name for name in names if name in prompt] for prompt in asked]

    def lists_of_items(self) -> Iterator[tuple[Leaf, dict[str, Any]]]:
        """Yield where agents other than skeptics list things of several fields, each with such a thing."""
        for leaf, spot in self.base.spots.items():
            if spot.kind == "list" and leaf.site not in self.skeptics:
                item = next((item for item in self._at(leaf) if isinstance(item, dict) and item), None)
                if item is not None:
                    yield leaf, item

    def _at(self, leaf: Leaf) -> Iterator[Any]:
        for answer in self.base.answers:
            if site_of(answer.called) == leaf.site:
                yield from items_at(answer.value, (*leaf.path, "[]"))

    async def listing(self, leaf: Leaf, items: list[Any], option: int | None = None) -> Played:
        """Play a run in which one agent of a place lists just these, the others nothing, and all else stays the same.

        Args:
            leaf: Where it lists them.
            items: What it lists.
            option: Which of the options all agents say that may choose; what they said in the run without.
        """
        first = min((one.called for one in self.base.answers if site_of(one.called) == leaf.site), key=lambda c: c.id)
        plain = {site: self._plain(site, option) for site in self.answered}
        said: list[str] = []

        def list_them(called: AgentCalled, _: Any) -> Any:
            listed = items if called.path == first.path and not said else []
            said.extend([called.path] if called.path == first.path else [])
            return put(plain[leaf.site], leaf.path, listed)

        return await self.play(always(plain, leaf.site, list_them))

    def _plain(self, site: Site, option: int | None) -> Any:
        """Return an answer of a place in which lists have one item at most, and which refutes nothing."""
        value = shortened(self.answered[site])
        if site in self.skeptics:
            return with_verdict(value, "supported")
        for leaf, spot in self.base.spots.items():
            if leaf.site == site and spot.kind == "option" and option is not None:
                value = put(value, leaf.path, spot.options[option])
        return value
