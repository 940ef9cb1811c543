"""Pairs of which skeptics vote in one way in one, and in another way in the other."""

from __future__ import annotations

from collections.abc import AsyncIterator

from weft.runtime.rehearsal.answering import site_of
from weft.runtime.rehearsal.comparing import same
from weft.runtime.rehearsal.pairs.near import Confused, Near
from weft.runtime.rehearsal.twists import at, fan_out_of, first_says, with_verdict

__all__ = ["outvoted"]


async def outvoted(near: Near) -> AsyncIterator[Confused]:
    """One skeptic of each claim does not support it, against all of them supporting it: results must differ."""
    for site in sorted(near.skeptics):
        agreed = await near.play(at(site, lambda value: with_verdict(value, "supported")))
        votes = [one for one in agreed.answers if site_of(one.called) == site]
        if agreed.problem is not None or len(votes) == len({fan_out_of(one.called) for one in votes}):
            continue
        for verdict, said in (("refuted", "has refuted the claim"), ("unchecked", "could not check the claim")):
            doubted = await near.play(first_says(site, verdict))
            if same(agreed.told, doubted.told):
                what = f"the result does not tell that one of the skeptics {said}"
                one, other = "all skeptics supported the claim", f"the first skeptic of each {said}"
                results = agreed.ended.result, doubted.ended.result
                yield Confused("outvoted", site.line, what, one, other, *results)
                break
