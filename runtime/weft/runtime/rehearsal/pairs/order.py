"""Pairs of which agents answer, or list what they found, in one order in one, and in another order in the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from weft.runtime.rehearsal.answering import site_of
from weft.runtime.rehearsal.comparing import in_any_order, masked, same
from weft.runtime.rehearsal.knowledge import scalars_in
from weft.runtime.rehearsal.manner import Leaf, Spot
from weft.runtime.rehearsal.pairs.near import Confused, Near
from weft.runtime.rehearsal.playing import Played
from weft.runtime.rehearsal.twists import always, reverse, twice

__all__ = ["merged", "ordered"]


async def ordered(near: Near) -> AsyncIterator[Confused]:
    """Agents that answer in another order, or list what they found in another order: results must not differ."""
    base, manner = await near.play(), near.base.manner
    # By their places in the harness: who of two that are asked the same says what may rest on who is first.
    given = {answer.seat: answer.value for answer in base.answers}
    slow = await near.play(manner=replace(manner, slow=not manner.slow), instead=given)
    one, other = "agents answered in one order", "the same agents gave the same answers in another order"
    if not same(base.told, slow.told):
        what = "the result depends on which agent answers first"
    else:
        few = replace(manner, style="plausible", fixed=MappingProxyType({**manner.fixed, **_short_lists(near)}))
        base, slow = await near.play(manner=few), await near.play(reverse, few)
        if _numbered(base) or same(in_any_order(base.told), in_any_order(slow.told)):
            return
        what = "what the result holds depends on the order in which an agent lists what it found"
        one, other = "agents listed what they found", "the same agents listed the same in reverse"
    yield Confused("order", near.sites[0].line, what, one, other, base.ended.result, slow.ended.result)


async def merged(near: Near) -> AsyncIterator[Confused]:
    """Two items that differ in one value, in both orders: what is kept of them must not differ."""
    for leaf, spot in near.base.spots.items():
        within = leaf.path.count("[]") == 1 and leaf.path[-2:-1] == ("[]",) and leaf.site not in near.skeptics
        item = _item_of(near, leaf) if within else None
        if item is None or spot.kind not in ("number", "option"):
            continue
        values = _two_of(near, leaf, spot)
        if values is None:
            continue
        one, other = [
            await near.play(always(near.answered, leaf.site, twice(leaf, item, ordered)))
            for ordered in (values, values[::-1])
        ]
        kept = [in_any_order(played.told) for played in (one, other)]
        alike = same(masked(kept[0], values), masked(kept[1], values))
        if one.problem is None and not _numbered(one) and not same(*kept) and alike:
            yield Confused(
                "order",
                leaf.site.line,
                f"of two items that differ in {leaf.path[-1]!r} alone the first is kept, whichever it is",
                f"agents listed it with {values[0]!r}, then with {values[1]!r}",
                "the same agents listed them the other way round",
                one.ended.result,
                other.ended.result,
            )


def _item_of(near: Near, leaf: Leaf) -> dict[str, Any] | None:
    """Return an item that some agent has listed."""
    for answer in near.base.answers:
        if site_of(answer.called) == leaf.site:
            found: Any = answer.value
            for step in leaf.path[: leaf.path.index("[]")]:
                found = found.get(step) if isinstance(found, dict) else None
            items = [item for item in found or () if isinstance(item, dict)] if isinstance(found, list) else []
            if items:
                return items[0]
    return None


def _two_of(near: Near, leaf: Leaf, spot: Spot) -> list[Any] | None:
    """Return two values that a leaf may have."""
    if spot.kind == "option":
        options = list(spot.options)
    else:
        values = (answer.value for answer in near.base.answers if site_of(answer.called) == leaf.site)
        options = sorted({scalar for value in values for path, scalar in scalars_in(value) if path == leaf.path})
    return [options[0], options[-1]] if len(options) > 1 else None


def _short_lists(near: Near) -> dict[Leaf, Any]:
    """Return lengths at which no cut of a list is likely to leave anything out."""
    return {leaf: 2 for leaf, spot in near.base.spots.items() if spot.kind == "list"}


def _numbered(played: Played) -> bool:
    """Whether agents may answer with numbers of what others listed: in another order, these mean other things."""
    said = {scalar for one in played.answers for _, scalar in scalars_in(one.value) if isinstance(scalar, str)}
    long = [text for text in said if len(text) > 3]
    for one in played.answers:
        request = one.called.request
        numbers = any(not isinstance(scalar, str) for _, scalar in scalars_in(one.value))
        shown = (scalar for _, scalar in scalars_in(request.context))
        if numbers and (any(scalar in said for scalar in shown) or any(text in request.prompt for text in long)):
            return True
    return False
