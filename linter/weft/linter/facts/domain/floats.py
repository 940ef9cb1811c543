"""Sums and products of sizes that may be infinite, where nothing times infinity is nothing."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

__all__ = ["total"]


def total(terms: Iterable[tuple[int, list[float]]]) -> float:
    """Return what products add up to, each so many times; infinity where that is more than a float holds."""
    try:
        return sum(count * _product(factors) for count, factors in terms)
    except OverflowError:
        return inf


def _product(factors: Iterable[float]) -> float:
    result = 1.0
    for factor in factors:
        result = 0.0 if factor == 0 or result == 0 else result * factor
    return int(result) if result != inf else inf
