"""All pairs of a harness, those first that show what is worst. What each kind of them is, is in a module of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

from weft.runtime.rehearsal.pairs.caps import cut, full
from weft.runtime.rehearsal.pairs.indices import misnumbered
from weft.runtime.rehearsal.pairs.items import vanished
from weft.runtime.rehearsal.pairs.losses import lost, lost_partly, unlisted
from weft.runtime.rehearsal.pairs.names import respelt
from weft.runtime.rehearsal.pairs.near import Confused, Enough, Near
from weft.runtime.rehearsal.pairs.order import merged, ordered
from weft.runtime.rehearsal.pairs.votes import outvoted, undecided, untraced

__all__ = ["confused"]

PAIRS = (
    lost,
    unlisted,
    respelt,
    vanished,
    misnumbered,
    full,
    outvoted,
    undecided,
    untraced,
    lost_partly,
    ordered,
    merged,
    cut,
)


async def confused(near: Near) -> AsyncIterator[Confused]:
    """Yield each pair that comes out wrong, until as many agents were started as may be."""
    with suppress(Enough):
        for pairs in PAIRS:
            async for found in pairs(near):
                yield found
