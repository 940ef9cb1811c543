"""Pairs of which an agent lists one thing in one, and in the other one thing more, which must not vanish."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from weft.runtime.rehearsal.comparing import in_any_order, same
from weft.runtime.rehearsal.manner import Leaf
from weft.runtime.rehearsal.pairs.near import Confused, Near
from weft.runtime.rehearsal.playing import Played
from weft.runtime.rehearsal.twists import other_spelling

__all__ = ["vanished"]

MOST_FIELDS = 10
"""How many fields things may have at most of which it is tried what tells them apart."""


async def vanished(near: Near) -> AsyncIterator[Confused]:
    """Two things that an agent lists and that agree in little, against one of them: the other must leave a trace."""
    for leaf, item in near.lists_of_items():
        fields = [name for name in item if _other(near, leaf, item, name) is not None]
        for option in (None, 0, -1):
            listing = _Listing(near, leaf, item, option)
            if 1 < len(fields) <= MOST_FIELDS and await listing.shows_two(fields):
                if await listing.counts_once([]):
                    async for found in listing.wrong_key(fields):
                        yield found
                break


class _Listing:
    """Lists a thing beside another one that differs in some fields."""

    def __init__(self, near: Near, leaf: Leaf, item: dict[str, Any], option: int | None) -> None:
        self._near = near
        self._leaf = leaf
        self._item = item
        self._option = option
        self._played: dict[str, Played] = {}

    async def shows_two(self, fields: list[str]) -> bool:
        """Whether it shows that there are two, where they differ in all these."""
        one = await self._play([self._item])
        return one.problem is None and one.ended.outcome == "completed" and not await self.counts_once(fields)

    async def counts_once(self, fields: list[str]) -> bool:
        """Whether nothing is told of one of two that differ in these."""
        other = self._changed(fields)
        both = await self._play([self._item, other])
        return any([same(_told(both), _told(await self._play([alone]))) for alone in (self._item, other)])

    async def wrong_key(self, fields: list[str]) -> AsyncIterator[Confused]:
        """Yield what is wrong with what tells two from each other."""
        merging = [name for name in fields if await self.counts_once([name])]
        key = [name for name in fields if name not in merging]
        texts = [[name for name in names if self._is_text(name)] for names in (merging, key)]
        if len(merging) * 2 > len(fields) and len(texts[0]) > len(texts[1]) and await self.counts_once(merging):
            yield await self._merged(merging, key)
        if texts[1] and (torn := await self._torn(texts[1][0])) is not None:
            yield torn

    def _is_text(self, name: str) -> bool:
        spot = self._near.base.spots.get(Leaf(self._leaf.site, (*self._leaf.path, "[]", name)))
        return spot is not None and spot.kind == "text"

    async def _merged(self, merging: list[str], key: list[str]) -> Confused:
        differ, agree = " and ".join(map(repr, merging)), " and ".join(map(repr, key)) or "nothing"
        one, both = await self._play([self._item]), await self._play([self._item, self._changed(merging)])
        return Confused(
            "merged",
            self._leaf.site.line,
            f"of two items that one agent lists, one leaves no trace where they agree in {agree}, "
            f"though they differ in {differ}",
            "an agent listed one",
            f"it listed another one with the same {agree}",
            one.ended.result,
            both.ended.result,
        )

    async def _torn(self, field: str) -> Confused | None:
        """Return that a name spelt in two ways makes two of one, where agents are given names to choose from."""
        names = max(self._near.things(self._leaf.site), key=len)
        if len(names) < 2:
            return None
        items = [{**self._item, field: name} for name in (names[0], other_spelling(names[0]))]
        one, both = await self._play(items[:1]), await self._play(items)
        if any([same(_told(both), _told(await self._play([alone]))) for alone in items]):
            return None
        spelt = items[0][field], items[1][field]
        what = f"what agents spell in two ways, as in {spelt[0]!r} and {spelt[1]!r}, counts as two"
        told = f"an agent listed it with {spelt[0]!r} as {field!r}", f"it listed it with {spelt[1]!r}, too"
        return Confused("spelling", self._leaf.site.line, what, *told, one.ended.result, both.ended.result)

    def _changed(self, fields: list[str]) -> dict[str, Any]:
        item = self._item
        return item | {name: _other(self._near, self._leaf, item, name) for name in fields}

    async def _play(self, items: list[dict[str, Any]]) -> Played:
        key = repr(items)
        if key not in self._played:
            self._played[key] = await self._near.listing(self._leaf, items, self._option)
        return self._played[key]


def _told(played: Played) -> Any:
    return in_any_order(played.told)


def _other(near: Near, leaf: Leaf, item: dict[str, Any], name: str) -> Any:
    """Return another value that a field may have; nothing for what has parts, or says yes or no."""
    value, spot = item[name], near.base.spots.get(Leaf(leaf.site, (*leaf.path, "[]", name)))
    if spot is not None and spot.kind == "option":
        return next((option for option in spot.options if option != value and not isinstance(option, bool)), None)
    match value:
        case bool():
            return None
        case int() | float():
            return value - 1 if value > 1 else value + 1
        case str():
            return f"another {value}"
        case _:
            return None
