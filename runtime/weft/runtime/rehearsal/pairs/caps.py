"""Pairs of which in one there is as much as may be looked at, or more, and in the other less."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from weft.runtime.rehearsal.answering import site_of
from weft.runtime.rehearsal.comparing import same, same_kind
from weft.runtime.rehearsal.knowledge import numbers_in, scalars_in
from weft.runtime.rehearsal.manner import FULL, Leaf
from weft.runtime.rehearsal.pairs.near import MOST_LISTS, Confused, Near
from weft.runtime.rehearsal.playing import Played
from weft.runtime.rehearsal.twists import always, another_file, others_short, tool_gives

__all__ = ["cut", "full"]

LISTED = 400
"""How many files there are where it is tried whether a cut of their list is told."""

MOST_ITEMS = 120
"""How many items a list may have at most that is filled to the brim."""


async def cut(near: Near) -> AsyncIterator[Confused]:
    """A long list of files, against the part of it that was looked at: results must differ."""
    for line, call, texts in near.listings():
        listed = [another_file(texts[number % len(texts)], number) for number in range(LISTED)]
        long = await near.play(tools=tool_gives(call, listed))
        asked = " ".join(answer.called.request.prompt for answer in long.answers)
        used = [name for name in listed if name in asked]
        if long.ended.outcome != "completed" or not 0 < len(used) < LISTED:
            continue
        short = await near.play(tools=tool_gives(call, used))
        if same(long.told, short.told):
            what = f"the result does not tell that {LISTED - len(used)} of {LISTED} were left out"
            one, other = f"{call.name!r} listed {LISTED}", f"{call.name!r} listed {len(used)}"
            yield Confused("full", line, what, one, other, long.ended.result, short.ended.result)


async def full(near: Near) -> AsyncIterator[Confused]:
    """A list that came back full, against one with an item less: something must tell that there may be more."""
    # A length that is worked out is that of what was asked about: then a full list is a complete one.
    written = numbers_in(near.stage.harness.source) & {*range(2, MOST_ITEMS + 1)}
    lists = [(leaf, spot.most) for leaf, spot in near.base.spots.items() if spot.kind == "list"]
    capped = [(leaf, most) for leaf, most in lists if most in written and not _chooses(near, leaf)]
    for leaf, most in [(leaf, most) for leaf, most in capped if leaf.site not in near.skeptics][:MOST_LISTS]:
        full, spare = await _of_length(near, leaf, FULL), await _of_length(near, leaf, (most or 0) - 1)
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


def _chooses(near: Near, leaf: Leaf) -> bool:
    """Whether a list is of numbers or options: of what there is to choose from, it may hold all."""
    inside = (*leaf.path, "[]")
    spot = near.base.spots.get(Leaf(leaf.site, inside))
    said = (one.value for one in near.base.answers if site_of(one.called) == leaf.site)
    numbers = any(path == inside and not isinstance(scalar, str) for one in said for path, scalar in scalars_in(one))
    return numbers or (spot is not None and spot.kind == "option")


async def _of_length(near: Near, leaf: Leaf, length: Any) -> Played:
    manner = near.base.manner
    others = always(near.answered, leaf.site, others_short(leaf))
    return await near.play(others, replace(manner, fixed=MappingProxyType({**manner.fixed, leaf: length})))
