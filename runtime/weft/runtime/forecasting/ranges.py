"""Amounts that are not known: a range that is meant to hold eight times of ten, its middle, and what is the worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

__all__ = ["NORMAL", "Range", "quantile", "weighted_quantile"]

NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Range:
    """An amount that is not known yet."""

    p10: float
    """One time of ten it is less."""
    p50: float
    p90: float
    """One time of ten it is more."""
    worst: float
    """One time of a hundred it is more; of agents, the most that any rehearsed run had. That, too, is no ceiling."""

    @classmethod
    def of(cls, values: Sequence[float]) -> Range:
        """Return the range of simulated values, of which there is at least one."""
        ordered = sorted(values)
        return cls(quantile(ordered, 0.1), quantile(ordered, 0.5), quantile(ordered, 0.9), quantile(ordered, 0.99))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which this share of sorted values lies, between two of them where need be."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def weighted_quantile(weighed: Sequence[tuple[float, float]], share: float) -> float:
    """Return the value below which this share of the weight lies; each value stands in the middle of its own weight."""
    ordered = sorted(weighed)
    total = sum(weight for _, weight in ordered)
    passed, before, at = 0.0, ordered[0][0], 0.0
    for value, weight in ordered:
        middle = (passed + weight / 2) / total
        if middle >= share:
            return before + (value - before) * (share - at) / (middle - at) if middle > at else value
        passed, before, at = passed + weight, value, middle
    return before
