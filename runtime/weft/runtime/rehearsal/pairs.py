"""Pairs of runs on answers that are related, of which it is known whether their results must differ.

Nobody has to know the right result: that a claim was refuted and that nobody could check it must not read the same,
whatever the harness is for. (Metamorphic testing: Chen, Cheung, Yiu, 1998.) Each pair that comes out wrong is a
`Confused`, with both runs in words.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from weft.primitives.calls import ToolCall
from weft.primitives.skeptics import VOTE
from weft.runtime.journal.events import HostAnswered, HostCalled
from weft.runtime.rehearsal.answering import TEXT, Lost, Seat, ToolTwist, Twist, site_of
from weft.runtime.rehearsal.comparing import in_any_order, masked, same, same_kind, without
from weft.runtime.rehearsal.knowledge import Knowledge, numbers_in, scalars_in
from weft.runtime.rehearsal.manner import FULL, Leaf, Manner, Site, Spot
from weft.runtime.rehearsal.playing import Played, Stage
from weft.runtime.rehearsal.twists import (
    always,
    another_file,
    at,
    emptied,
    fan_out_of,
    first_lost,
    first_says,
    naming,
    other_spelling,
    others_short,
    reverse,
    setting,
    tool_gives,
    twice,
    with_verdict,
)

__all__ = ["Confused", "Pairs"]

MOST_OPTIONS = 3
"""How many options of an answer are tried against its loss."""

MOST_LISTS = 4
"""How many lists are filled to the brim, one after the other."""

MOST_COMPARED = 3
"""How many names are tried at a place where answers are compared with names."""

LISTED = 400
"""How many files there are where it is tried whether a cut of their list is told."""

MOST_SPELT = 6
"""How many texts of answers are spelt in two ways, one after the other."""

LONGEST_SPELT = 60
"""Letters of such a text."""

MOST_ITEMS = 120
"""How many items a list may have at most that is filled to the brim."""


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
        self._stage = stage
        self._base = base
        self._known = known
        self._said = said
        self._answered: dict[Site, Any] = {}
        """An answer of each place."""
        for answer in base.answers:
            if not isinstance(answer.value, Lost):
                self._answered.setdefault(site_of(answer.called), answer.value)
        self._sites = list(dict.fromkeys(site_of(answer.called) for answer in base.answers))
        self._skeptics = {site_of(one.called) for one in base.answers if one.called.request.schema == VOTE}

    async def confused(self) -> AsyncIterator[Confused]:
        """Yield each pair that comes out wrong."""
        with suppress(_Enough):
            for pairs in (
                self._lost,
                self._unlisted,
                self._outvoted,
                self._respelt,
                self._split,
                self._full,
                self._cut,
                self._ordered,
                self._merged,
            ):
                async for found in pairs():
                    yield found

    async def _play(
        self,
        twist: Twist | None = None,
        manner: Manner | None = None,
        tools: ToolTwist | None = None,
        instead: Mapping[Seat, Any] | None = None,
    ) -> Played:
        if self._left <= 0:
            raise _Enough
        manner = manner or self._base.manner
        played = await self._stage.play(manner, self._known, twist=twist, tools=tools, instead=instead)
        self._left -= played.weight
        return played

    # ------------------------------------------------------------------------------------------ losses

    async def _lost(self) -> AsyncIterator[Confused]:
        """All agents of a place lost, against all of them answering one thing: results must differ."""
        for site in self._sites:
            lost = await self._play(at(site, lambda _: Lost()))
            if lost.ended.result is None or lost.problem is not None:
                continue
            for said, change in self._answers(site):
                answered = await self._play(at(site, change))
                if same(lost.told, answered.told):
                    yield self._as_lost(site, said, lost, answered)
                    break
            else:
                if site not in self._skeptics and (partly := await self._lost_partly(site)) is not None:
                    yield partly

    async def _lost_partly(self, site: Site) -> Confused | None:
        """One agent of each fan-out lost and the others finding nothing, against all of them finding nothing."""
        asked = [fan_out_of(answer.called) for answer in self._base.answers if site_of(answer.called) == site]
        for said, change in self._answers(site):
            if len(asked) == len(set(asked)):
                return None
            none = await self._play(at(site, change))
            lost = await self._play(first_lost(site, change))
            if none.problem is None and same(none.told, lost.told):
                what = "the result does not tell that some of the agents were lost"
                one, other = f"all of them {said}", f"the first of them was lost, the others {said}"
                return Confused("lost or nothing", site.line, what, one, other, none.ended.result, lost.ended.result)
        return None

    async def _unlisted(self) -> AsyncIterator[Confused]:
        """A tool that lists something failed, against one that lists nothing: results must differ.

        Where then no agent is started, so that nothing is told of anything, the loss that the run tells is enough.
        """
        for line, call, _ in self._listings():
            failed = await self._play(tools=tool_gives(call, Lost("refused")))
            empty = await self._play(tools=tool_gives(call, []))
            if failed.agents and failed.problem is None and same(failed.told, empty.told):
                what = f"the result does not tell that {call.name!r} failed"
                one, other = f"{call.name!r} failed", f"{call.name!r} gave an empty list"
                yield Confused("lost or nothing", line, what, one, other, failed.ended.result, empty.ended.result)

    def _listings(self) -> list[tuple[int, ToolCall, list[str]]]:
        """Return the calls of tools that gave the harness a list of texts, each with its line."""
        calls = {event.id: event for event in self._base.events if isinstance(event, HostCalled)}
        found = []
        for event in self._base.events:
            if not isinstance(event, HostAnswered) or event.id not in calls or not isinstance(event.value, list):
                continue
            called, texts = calls[event.id], [text for text in event.value if isinstance(text, str)]
            if isinstance(called.request.call, ToolCall) and len(texts) == len(event.value) > 0:
                found.append((called.line or 0, called.request.call, texts))
        return found[:MOST_LISTS]

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
            yield "refuted the claim", lambda value: with_verdict(value, "refuted")
            return
        own = {leaf.path: spot for leaf, spot in self._base.spots.items() if leaf.site == site}
        if any(spot.kind == "list" for spot in own.values()):
            yield "found nothing", emptied
        for path, spot in own.items():
            if spot.kind == "option" and "[]" not in path:
                for option in spot.options[:MOST_OPTIONS]:
                    yield f"said {option!r} in {path[-1] if path else 'answer'}", setting(path, option)

    # ------------------------------------------------------------------------------------------ votes

    async def _outvoted(self) -> AsyncIterator[Confused]:
        """One skeptic of each claim does not support it, against all of them supporting it: results must differ."""
        for site in sorted(self._skeptics):
            agreed = await self._play(at(site, lambda value: with_verdict(value, "supported")))
            votes = [one for one in agreed.answers if site_of(one.called) == site]
            if agreed.problem is not None or len(votes) == len({fan_out_of(one.called) for one in votes}):
                continue
            for verdict, said in (("refuted", "has refuted the claim"), ("unchecked", "could not check the claim")):
                doubted = await self._play(first_says(site, verdict))
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
            exact = await self._play(naming(leaf, names))
            respelt, invented = [other_spelling(name) for name in names], [f"made up {n}" for n in range(len(names))]
            other = await self._play(naming(leaf, respelt))
            unknown = await self._play(naming(leaf, invented))
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
            names = [text for text in self._known.of_leaf(leaf) if isinstance(text, str) and _is_name(text)]
            if spot.kind == "text" and names and leaf.site not in self._skeptics:
                yield leaf, names[:MOST_COMPARED]

    async def _split(self) -> AsyncIterator[Confused]:
        """Agents that spell one thing in two ways, against all spelling it alike: results must be of one form."""
        tried = 0
        for leaf, spot in self._base.spots.items():
            learned = {text for text in self._known.of_leaf(leaf) if isinstance(text, str)}
            if spot.kind != "text" or leaf.path in ((), TEXT) or leaf.site in self._skeptics:
                continue
            if not learned or not self._are_said(learned, leaf):  # it is compared with other answers alone
                continue
            name = next((text for text in self._texts_at(leaf) if _is_name(text)), None)
            if name is None or tried >= MOST_SPELT:
                continue
            tried += 1
            names = [name, other_spelling(name)]
            alike = await self._play(always(self._answered, leaf.site, naming(leaf, names[:1])))
            mixed = await self._play(always(self._answered, leaf.site, naming(leaf, names)))
            told = [without(in_any_order(one.told), names, "…") for one in (alike, mixed)]
            if alike.problem is None and mixed.problem is None and len(told[0]) < len(told[1]):
                yield Confused(
                    "spelling",
                    leaf.site.line,
                    f"what agents spell in two ways, as in {names[0]!r} and {names[1]!r}, counts as two",
                    f"all of them said {names[0]!r} as {leaf.path[-1]!r}",
                    f"every other one said {names[1]!r}",
                    alike.ended.result,
                    mixed.ended.result,
                )

    def _are_said(self, texts: Iterable[str], leaf: Leaf) -> bool:
        """Whether all of these are what agents have said at a leaf, or a part of it."""
        said = "\n".join(self._said.get(leaf, ()))
        return all(text in said for text in texts)

    def _texts_at(self, leaf: Leaf) -> Iterator[str]:
        for answer in self._base.answers:
            if site_of(answer.called) == leaf.site:
                found = ((path, scalar) for path, scalar in scalars_in(answer.value) if path == leaf.path)
                yield from (scalar for _, scalar in found if isinstance(scalar, str))

    # ------------------------------------------------------------------------------------------ caps

    async def _cut(self) -> AsyncIterator[Confused]:
        """A long list of files, against the part of it that was looked at: results must differ."""
        for line, call, texts in self._listings():
            listed = [another_file(texts[number % len(texts)], number) for number in range(LISTED)]
            long = await self._play(tools=tool_gives(call, listed))
            asked = " ".join(answer.called.request.prompt for answer in long.answers)
            used = [name for name in listed if name in asked]
            if long.ended.outcome != "completed" or not 0 < len(used) < LISTED:
                continue
            short = await self._play(tools=tool_gives(call, used))
            if same(long.told, short.told):
                what = f"the result does not tell that {LISTED - len(used)} of {LISTED} were left out"
                one, other = f"{call.name!r} listed {LISTED}", f"{call.name!r} listed {len(used)}"
                yield Confused("full", line, what, one, other, long.ended.result, short.ended.result)

    async def _full(self) -> AsyncIterator[Confused]:
        """A list that came back full, against one with an item less: something must tell that there may be more."""
        # A length that is worked out is that of what was asked about: then a full list is a complete one.
        written = numbers_in(self._stage.harness.source) & {*range(2, MOST_ITEMS + 1)}
        lists = [(leaf, spot.most) for leaf, spot in self._base.spots.items() if spot.kind == "list"]
        capped = [(leaf, most) for leaf, most in lists if most in written and not self._chooses(leaf)]
        for leaf, most in [(leaf, most) for leaf, most in capped if leaf.site not in self._skeptics][:MOST_LISTS]:
            full, spare = await self._of_length(leaf, FULL), await self._of_length(leaf, (most or 0) - 1)
            if full.problem is None and not same(full.told, spare.told) and same_kind(full, spare):
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

    def _chooses(self, leaf: Leaf) -> bool:
        """Whether a list is of numbers or options: of what there is to choose from, it may hold all."""
        inside = (*leaf.path, "[]")
        spot = self._base.spots.get(Leaf(leaf.site, inside))
        said = (one.value for one in self._base.answers if site_of(one.called) == leaf.site)
        numbers = any(
            path == inside and not isinstance(scalar, str) for one in said for path, scalar in scalars_in(one)
        )
        return numbers or (spot is not None and spot.kind == "option")

    async def _of_length(self, leaf: Leaf, length: Any) -> Played:
        manner = self._base.manner
        others = always(self._answered, leaf.site, others_short(leaf))
        return await self._play(others, replace(manner, fixed=MappingProxyType({**manner.fixed, leaf: length})))

    # ------------------------------------------------------------------------------------------ order

    async def _ordered(self) -> AsyncIterator[Confused]:
        """Agents that answer in another order, or list what they found in another order: results must not differ."""
        base, manner = await self._play(), self._base.manner
        # By their places in the harness: who of two that are asked the same says what may rest on who is first.
        given = {answer.seat: answer.value for answer in base.answers}
        slow = await self._play(manner=replace(manner, slow=not manner.slow), instead=given)
        one, other = "agents answered in one order", "the same agents gave the same answers in another order"
        if not same(base.told, slow.told):
            what = "the result depends on which agent answers first"
        else:
            few = replace(manner, style="plausible", fixed=MappingProxyType({**manner.fixed, **self._short_lists()}))
            base, slow = await self._play(manner=few), await self._play(reverse, few)
            if self._numbered(base) or same(in_any_order(base.told), in_any_order(slow.told)):
                return
            what = "what the result holds depends on the order in which an agent lists what it found"
            one, other = "agents listed what they found", "the same agents listed the same in reverse"
        yield Confused("order", self._sites[0].line, what, one, other, base.ended.result, slow.ended.result)

    async def _merged(self) -> AsyncIterator[Confused]:
        """Two items that differ in one value, in both orders: what is kept of them must not differ."""
        for leaf, spot in self._base.spots.items():
            within = leaf.path.count("[]") == 1 and leaf.path[-2:-1] == ("[]",) and leaf.site not in self._skeptics
            item = self._item_of(leaf) if within else None
            if item is None or spot.kind not in ("number", "option"):
                continue
            values = self._two_of(leaf, spot)
            if values is None:
                continue
            one, other = [
                await self._play(always(self._answered, leaf.site, twice(leaf, item, ordered)))
                for ordered in (values, values[::-1])
            ]
            kept = [in_any_order(played.told) for played in (one, other)]
            alike = same(masked(kept[0], values), masked(kept[1], values))
            if one.problem is None and not self._numbered(one) and not same(*kept) and alike:
                yield Confused(
                    "order",
                    leaf.site.line,
                    f"of two items that differ in {leaf.path[-1]!r} alone the first is kept, whichever it is",
                    f"agents listed it with {values[0]!r}, then with {values[1]!r}",
                    "the same agents listed them the other way round",
                    one.ended.result,
                    other.ended.result,
                )

    def _item_of(self, leaf: Leaf) -> dict[str, Any] | None:
        """Return an item that some agent has listed."""
        for answer in self._base.answers:
            if site_of(answer.called) == leaf.site:
                found: Any = answer.value
                for step in leaf.path[: leaf.path.index("[]")]:
                    found = found.get(step) if isinstance(found, dict) else None
                items = [item for item in found or () if isinstance(item, dict)] if isinstance(found, list) else []
                if items:
                    return items[0]
        return None

    def _two_of(self, leaf: Leaf, spot: Spot) -> list[Any] | None:
        """Return two values that a leaf may have."""
        if spot.kind == "option":
            options = list(spot.options)
        else:
            values = (answer.value for answer in self._base.answers if site_of(answer.called) == leaf.site)
            options = sorted({scalar for value in values for path, scalar in scalars_in(value) if path == leaf.path})
        return [options[0], options[-1]] if len(options) > 1 else None

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


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_SPELT and text.isprintable() and text == text.strip()
