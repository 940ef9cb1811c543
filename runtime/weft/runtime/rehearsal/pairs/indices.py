"""Pairs of which agents give right numbers of things in one, and in the other one out of range, or one twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

from weft.runtime.rehearsal.comparing import same
from weft.runtime.rehearsal.manner import Leaf
from weft.runtime.rehearsal.pairs.near import Confused, Near
from weft.runtime.rehearsal.playing import Played

__all__ = ["misnumbered"]

FAR = 1_000_000
"""A number that nothing has."""

MOST_NUMBERED = 3
"""How many places for numbers are tried."""


async def misnumbered(near: Near) -> AsyncIterator[Confused]:
    """A number of nothing beside a right one, or the right one once more in another list, against the right one
    alone: results must differ."""
    for listed, field, item in [*_numbers(near)][:MOST_NUMBERED]:
        name = field or listed.path[-1]
        for first, second in ((0, 1), (1, 2)):
            none, one, two = [await _play(near, listed, field, item, said) for said in ([], [first], [first, second])]
            if same(none.told, one.told) or same(one.told, two.told) or one.problem is not None:
                continue  # there are no such numbers
            far = await _play(near, listed, field, item, [first, FAR])
            if same(one.told, far.told):
                what = f"a number in {name!r} that nothing has is dropped, and the result does not tell"
                yield _confused(listed, what, f"{name!r} held {first}", f"it held {first} and {FAR}", one, far)
            if field is None and (twice := await _twice(near, listed, first, second)) is not None:
                yield twice
            break


def _numbers(near: Near) -> Iterator[tuple[Leaf, str | None, Any]]:
    """Yield lists of numbers, and lists of things one field of which is one, that are compared with numbers."""
    items = dict(near.lists_of_items())
    for leaf, spot in near.base.spots.items():
        learned = [value for value in near.known.of_leaf(leaf) if isinstance(value, int)]
        if spot.kind != "number" or not learned or leaf.site in near.skeptics:
            continue
        if leaf.path[-1:] == ("[]",):
            yield Leaf(leaf.site, leaf.path[:-1]), None, None
        elif leaf.path[-2:-1] == ("[]",) and (listed := Leaf(leaf.site, leaf.path[:-2])) in items:
            yield listed, leaf.path[-1], items[listed]


async def _play(near: Near, listed: Leaf, field: str | None, item: Any, numbers: list[int]) -> Played:
    return await near.listing(listed, [number if field is None else {**item, field: number} for number in numbers])


async def _twice(near: Near, listed: Leaf, first: int, second: int) -> Confused | None:
    """Return that of a number in two of several lists the second one leaves no trace."""
    groups, name = Leaf(listed.site, listed.path[:-2]), listed.path[-1]
    group = dict(near.lists_of_items()).get(groups)
    if listed.path[-2:-1] != ("[]",) or group is None:
        return None
    apart, once, twice = [
        await near.listing(groups, [{**group, name: [first]}, {**group, name: numbers}])
        for numbers in ([second], [], [first])
    ]
    if same(once.told, apart.told) or not same(once.told, twice.told):
        return None
    what = f"a number that stands in {name!r} of two items stays in one of them, and the result does not tell"
    told = f"{name!r} of one item held {first}", "that of two items did"
    return replace(_confused(listed, what, *told, once, twice), kind="number twice")


def _confused(leaf: Leaf, what: str, one: str, other: str, played: Played, instead: Played) -> Confused:
    return Confused("number", leaf.site.line, what, one, other, played.ended.result, instead.ended.result)
