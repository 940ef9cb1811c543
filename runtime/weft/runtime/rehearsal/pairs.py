"""Pairs of runs on answers that are related, of which it is known whether their results must differ.

Nobody has to know the right result: that a claim was refuted and that nobody could check it must not read the same,
whatever the harness is for. (Metamorphic testing: Chen, Cheung, Yiu, 1998.) Each pair that comes out wrong is a
`Confused`, with both runs in words.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from weft.primitives.skeptics import VOTE
from weft.runtime.journal.events import AgentCalled, Logged
from weft.runtime.rehearsal.answering import Lost, Twist, site_of
from weft.runtime.rehearsal.comparing import in_any_order, in_kind, patterns_of, same, without
from weft.runtime.rehearsal.knowledge import Knowledge, scalars_in
from weft.runtime.rehearsal.manner import FULL, Leaf, Manner, Site
from weft.runtime.rehearsal.playing import Played, Stage

__all__ = ["Confused", "Pairs"]

MOST_OPTIONS = 3
"""How many options of an answer are tried against its loss."""

MOST_LISTS = 4
"""How many lists are filled to the brim, one after the other."""

MOST_COMPARED = 3
"""How many names are tried at a place where answers are compared with names."""

SMALL = 120
"""Agents of a run above which it is a costly one to vary."""


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


class _Enough(Exception):
    """As many agents were started as may be."""


class Pairs:
    """Plays the pairs of one harness, near a run in which much of it was reached."""

    def __init__(self, stage: Stage, base: Played, known: Knowledge, *, agents: int) -> None:
        """Prepare to play them, with so many agents together at most."""
        self._left = agents
        self._stage = stage
        self._base = base
        self._known = known
        self._sites = list(dict.fromkeys(site_of(answer.called) for answer in base.answers))
        self._skeptics = {site_of(one.called) for one in base.answers if one.called.request.schema == VOTE}

    async def confused(self) -> AsyncIterator[Confused]:
        """Yield each pair that comes out wrong."""
        with suppress(_Enough):
            for pairs in (self._lost, self._outvoted, self._respelt, self._full, self._ordered):
                async for found in pairs():
                    yield found

    async def _play(self, twist: Twist | None = None, manner: Manner | None = None) -> Played:
        if self._left <= 0:
            raise _Enough
        played = await self._stage.play(manner or self._base.manner, self._known, twist=twist)
        self._left -= played.agents
        return played

    # ------------------------------------------------------------------------------------------ losses

    async def _lost(self) -> AsyncIterator[Confused]:
        """All agents of a place lost, against all of them answering one thing: results must differ."""
        for site in self._sites:
            lost = await self._play(_at(site, lambda _: Lost()))
            if lost.ended.result is None or lost.problem is not None:
                continue
            for said, change in self._answers(site):
                answered = await self._play(_at(site, change))
                if same(lost.told, answered.told):
                    yield self._as_lost(site, said, lost, answered)
                    break

    def _as_lost(self, site: Site, said: str, lost: Played, answered: Played) -> Confused:
        if site in self._skeptics:
            kind, what = "unchecked or refuted", "the result does not tell that nobody could check anything"
        else:
            kind, what = "lost or nothing", "the result does not tell that the agents were lost"
        result = lost.ended.result, answered.ended.result
        return Confused(kind, site.line, what, "all of them were lost", f"all of them {said}", *result)

    def _answers(self, site: Site) -> Iterator[tuple[str, Callable[[Any], Any]]]:
        """Yield what all agents of a place may answer that a loss must not be taken for."""
        if site in self._skeptics:
            yield "refuted the claim", lambda value: _verdict(value, "refuted")
            return
        own = {leaf.path: spot for leaf, spot in self._base.spots.items() if leaf.site == site}
        if any(spot.kind == "list" for spot in own.values()):
            yield "found nothing", _emptied
        for path, spot in own.items():
            if spot.kind == "option" and "[]" not in path:
                for option in spot.options[:MOST_OPTIONS]:
                    yield f"said {option!r} in {path[-1] if path else 'answer'}", _setting(path, option)

    # ------------------------------------------------------------------------------------------ votes

    async def _outvoted(self) -> AsyncIterator[Confused]:
        """One skeptic of each claim does not support it, against all of them supporting it: results must differ."""
        for site in sorted(self._skeptics):
            agreed = await self._play(_at(site, lambda value: _verdict(value, "supported")))
            votes = [one for one in agreed.answers if site_of(one.called) == site]
            if agreed.problem is not None or len(votes) == len({_claim_of(one.called) for one in votes}):
                continue
            for verdict, said in (("refuted", "has refuted the claim"), ("unchecked", "could not check the claim")):
                doubted = await self._play(_first_says(site, verdict))
                if same(agreed.told, doubted.told):
                    what = f"the result does not tell that one of the skeptics {said}"
                    one, other = "all skeptics supported the claim", f"the first skeptic of each {said}"
                    results = agreed.ended.result, doubted.ended.result
                    yield Confused("outvoted", site.line, what, one, other, *results)
                    break

    # ------------------------------------------------------------------------------------------ names

    async def _respelt(self) -> AsyncIterator[Confused]:
        """A known name in another spelling, against a name that was made up: results must differ."""
        for leaf, names in self._compared_names():
            exact = await self._play(_naming(leaf, names))
            respelt, invented = [_other_spelling(name) for name in names], [f"made up {n}" for n in range(len(names))]
            other = await self._play(_naming(leaf, respelt))
            unknown = await self._play(_naming(leaf, invented))
            texts = without(other.told, respelt, "…"), without(unknown.told, invented, "…")
            told = any(name in str(other.told) for name in respelt)
            if texts[0] == texts[1] and not told and not same(exact.told, other.told) and exact.problem is None:
                yield Confused(
                    "spelling",
                    leaf.site.line,
                    f"an answer that spells a name in another way, as in {respelt[0]!r} for {names[0]!r}, is dropped "
                    "like one that was made up, and the result does not tell",
                    f"agents named {names[0]!r}",
                    f"agents named {respelt[0]!r}",
                    exact.ended.result,
                    other.ended.result,
                )

    def _compared_names(self) -> Iterator[tuple[Leaf, list[str]]]:
        """Yield the texts of answers that the harness compares with names that it knows, and those names."""
        for leaf, spot in list(self._base.spots.items()):
            names = [text for text in self._known.of_leaf(leaf) if isinstance(text, str) and text.strip()]
            if spot.kind == "text" and names and leaf.site not in self._skeptics:
                yield leaf, names[:MOST_COMPARED]

    # ------------------------------------------------------------------------------------------ caps

    async def _full(self) -> AsyncIterator[Confused]:
        """A list that came back full, against one with an item less: something must tell that there may be more."""
        lists = [(leaf, spot.most) for leaf, spot in self._base.spots.items() if spot.kind == "list"]
        for leaf, most in [(leaf, most) for leaf, most in lists if most is not None and 1 < most <= SMALL][:MOST_LISTS]:
            if leaf.site in self._skeptics:
                continue
            full, spare = await self._of_length(leaf, FULL), await self._of_length(leaf, most - 1)
            if full.problem is None and not same(full.told, spare.told) and _same_kind(full, spare):
                name = next((step for step in reversed(leaf.path) if step != "[]"), "list")
                yield Confused(
                    "full",
                    leaf.site.line,
                    f"the result does not tell that {name!r} came back with all the {most} items that it may have, "
                    "so that there may be more",
                    f"{name!r} had {most} items",
                    f"{name!r} had {most - 1}",
                    full.ended.result,
                    spare.ended.result,
                )

    async def _of_length(self, leaf: Leaf, length: Any) -> Played:
        manner = self._base.manner
        return await self._play(manner=replace(manner, fixed=MappingProxyType({**manner.fixed, leaf: length})))

    # ------------------------------------------------------------------------------------------ order

    async def _ordered(self) -> AsyncIterator[Confused]:
        """Agents that answer in another order, or list what they found in another order: results must not differ."""
        base, manner = await self._play(), self._base.manner
        slow = await self._play(manner=replace(manner, slow=not manner.slow))
        one, other = "agents answered in one order", "the same agents gave the same answers in another order"
        if not same(base.told, slow.told):
            what = "the result depends on which agent answers first"
        else:
            few = replace(manner, style="plausible", fixed=MappingProxyType({**manner.fixed, **self._short_lists()}))
            base, slow = await self._play(manner=few), await self._play(_reversed, few)
            if self._numbered(base) or same(in_any_order(base.told), in_any_order(slow.told)):
                return
            what = "what the result holds depends on the order in which an agent lists what it found"
            one, other = "agents listed what they found", "the same agents listed the same in reverse"
        yield Confused("order", self._sites[0].line, what, one, other, base.ended.result, slow.ended.result)

    def _short_lists(self) -> dict[Leaf, Any]:
        """Return lengths at which no cut of a list is likely to leave anything out."""
        return {leaf: 2 for leaf, spot in self._base.spots.items() if spot.kind == "list"}

    def _numbered(self, played: Played) -> bool:
        """Whether agents may answer with numbers of what others listed: in another order, these mean other things."""
        said = {str(scalar) for one in played.answers for _, scalar in scalars_in(one.value) if len(str(scalar)) > 3}
        for one in played.answers:
            numbers = any(not isinstance(scalar, str) for _, scalar in scalars_in(one.value))
            if numbers and any(text in one.called.request.prompt for text in said):
                return True
        return False


# ---------------------------------------------------------------------------------------------- twists


def _at(site: Site, change: Callable[[Any], Any]) -> Twist:
    return lambda called, value: change(value) if site_of(called) == site else value


def _verdict(value: Any, verdict: str) -> Any:
    return value if isinstance(value, Lost) else {**value, "verdict": verdict}


def _first_says(site: Site, verdict: str) -> Twist:
    asked: dict[str, str] = {}

    def change(called: AgentCalled, value: Any) -> Any:
        if site_of(called) != site:
            return value
        first = asked.setdefault(_claim_of(called), called.path)
        return _verdict(value, verdict if first == called.path else "supported")

    return change


def _claim_of(called: AgentCalled) -> str:
    """Return the fan-out of skeptics that a vote belongs to: one claim each."""
    return called.path.rpartition(".")[0]


def _reversed(called: AgentCalled, value: Any) -> Any:
    """Return an answer with each list in reverse."""
    if isinstance(value, dict):
        return {name: _reversed(called, part) for name, part in value.items()}
    return [_reversed(called, part) for part in reversed(value)] if isinstance(value, list) else value


def _emptied(value: Any) -> Any:
    """Return an answer in which no list holds anything, whatever its schema says."""
    if isinstance(value, dict):
        return {name: _emptied(part) for name, part in value.items()}
    return [] if isinstance(value, list) else value


def _setting(path: tuple[str, ...], option: Any) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        if not path:
            return option
        if not isinstance(value, dict) or path[0] not in value:
            return value
        return {**value, path[0]: _setting(path[1:], option)(value[path[0]])}

    return change


def _naming(leaf: Leaf, names: list[str]) -> Twist:
    """Put names at a leaf, each item of a list another."""
    count = iter(range(10**9))

    def put(value: Any, path: tuple[str, ...]) -> Any:
        if not path or path == ("text",):
            return names[next(count) % len(names)] if isinstance(value, str) else value
        if path[0] == "[]" and isinstance(value, list):
            return [put(part, path[1:]) for part in value]
        if isinstance(value, dict) and path[0] in value:
            return {**value, path[0]: put(value[path[0]], path[1:])}
        return value

    return lambda called, value: put(value, leaf.path) if site_of(called) == leaf.site else value


def _other_spelling(name: str) -> str:
    if re.search(r"[/.]", name) and not name.startswith("./"):
        return f"./{name}"
    return name.upper() if name.upper() != name else f"{name.lower()} " if name.lower() == name else name.lower()


def _same_kind(one: Played, other: Played) -> bool:
    """Whether two runs tell the same but for how many there are of something, and which."""
    said = {
        str(scalar) for played in (one, other) for answer in played.answers for _, scalar in scalars_in(answer.value)
    }
    logs = [
        patterns_of((event.message for event in played.events if isinstance(event, Logged)), said)
        for played in (one, other)
    ]
    kinds = in_kind(one.ended.result), in_kind(other.ended.result)
    return logs[0] == logs[1] and same(*kinds)
