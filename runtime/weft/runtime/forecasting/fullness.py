"""How full the lists in answers are, of what their schemas allow: by that, rehearsed runs are likelier or less likely.

A rehearsal tries the widest answers on purpose, since these break harnesses. Real agents seldom give all they may.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean
from typing import Any

from weft.primitives.schemas.lengths import Lengths, Spot
from weft.runtime.change import parted
from weft.runtime.forecasting.cells import Call

__all__ = ["fullness", "likelihoods"]

LOOKED_AT = 200
"""Answers of a run that are looked at."""

BELIEVED, WORTH = (0.15, 0.3, 0.45, 0.65), 0.5
"""How full the lists of a run are believed to be on average, and as how much of a run each of these counts."""

NEAR = 0.08
"""How far apart runs may be in that to tell something of each other."""

ANYWAY = 0.03
"""As which part of what it has counted in rehearsal a run counts however full its lists are."""


def fullness(calls: Sequence[Call]) -> float | None:
    """Return how full the lists in the answers of a run are on average; `None` without any that could be longer.

    Logarithms count: a few of forty is nearer to a few of eight than to none.
    """
    known: dict[str, Lengths] = {}
    shares: list[float] = []
    for call in calls[:: max(1, len(calls) // LOOKED_AT)]:
        schema = call.request.schema
        value, _ = parted(call.value, isolated=call.request.isolation is not None)
        if schema is not None and isinstance(value, (dict, list)):
            text = json.dumps(schema)
            if text not in known:
                known[text] = Lengths(schema)
            shares += _shares(value, known[text].of(value))
    return fmean(shares) if shares else None


def likelihoods(rehearsed: Sequence[float | None], recorded: Iterable[float]) -> list[float]:
    """Return how likely each rehearsed run is, by how full lists were in recorded ones; one on average.

    Args:
        rehearsed: The fullness of each rehearsed run.
        recorded: That of runs that took place.
    """
    tried = [(share, 1.0) for share in rehearsed if share is not None]
    if not tried:
        return [1.0] * len(rehearsed)
    seen = [*((share, 1.0) for share in recorded), *((share, WORTH) for share in BELIEVED)]
    ratios = [None if share is None else _density(share, seen) / _density(share, tried) for share in rehearsed]
    mean = fmean(ratio for ratio in ratios if ratio is not None)
    return [1.0 if ratio is None else ANYWAY + (1 - ANYWAY) * ratio / mean for ratio in ratios]


def _density(place: float, seen: Sequence[tuple[float, float]]) -> float:
    return sum(weight * math.exp(-(((place - share) / NEAR) ** 2) / 2) for share, weight in seen) + 1e-9


def _shares(value: Any, spot: Spot) -> Iterator[float]:
    if isinstance(value, list):
        least, most = spot.span()
        if least < most < math.inf:
            yield min(1.0, math.log1p(max(0.0, len(value) - least)) / math.log1p(most - least))
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for step, part in parts:
        if isinstance(part, (dict, list)):
            yield from _shares(part, spot.below(step, part))
