"""`allot`: how much of a number of agents each item deserves. It only computes; the harness starts the agents."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from weft.primitives.sets import Key, key_of

__all__ = ["allot"]


def allot(items: Iterable[Any], total: int, *, by: str | Key, most: int | None = None) -> list[tuple[Any, int]]:
    """Share out `total` among items by their scores: scouts decide where explorers go.

    The shares are in proportion to the scores, in whole numbers by largest remainder; what an item cannot take
    because of `most` goes to the others. Equal claims are served in the order of the items, so the same scores always
    give the same shares. Items that are `None` (a lost scout), and those with a score of `None` or 0, get nothing.

        explorers = [agent(f"Explore {area['name']}, part {n}") for area, count in allot(areas, 12, by="promise")
                     for n in range(count)]

    Args:
        items: What is to be explored.
        total: How many there are to share out, in all; 0 or more.
        by: A field name, or a function of an item, that gives its score, 0 or more.
        most: How many one item may have; otherwise as many as there are.

    Returns:
        Pairs of an item and its number (1 or more), in the order of the items. The numbers add up to `total`, or to
        less where `most` or a lack of scores does not allow it; so there are never more than `total` pairs.

    Raises:
        TypeError, ValueError: a number or score that cannot mean anything.
    """
    _check("total", total, 0)
    if most is not None:
        _check("most", most, 1)
    score = key_of("allot", by)
    there = [item for item in items if item is not None]
    scores = [_score(index, score(item)) for index, item in enumerate(there)]
    shares = _shares(scores, total, total if most is None else most)
    return [(item, share) for item, share in zip(there, shares, strict=True) if share]


def _shares(scores: list[Fraction], total: int, most: int) -> list[int]:
    """Return whole shares in proportion to the scores, none above `most`."""
    shares = [0] * len(scores)
    open_ = [index for index, score in enumerate(scores) if score]
    left = total
    while open_ and left:
        whole = sum(scores[index] for index in open_)
        quotas = {index: left * scores[index] / whole for index in open_}
        full = {index for index in open_ if quotas[index] >= most}
        if not full:
            break
        # Whoever's quota is more than it may have takes that; the rest is shared anew among the others.
        for index in full:
            shares[index] = most
        left -= most * len(full)
        open_ = [index for index in open_ if index not in full]
    else:
        return shares
    for index in open_:
        shares[index] = math.floor(quotas[index])
    by_remainder = sorted(open_, key=lambda index: shares[index] - quotas[index])
    for index in by_remainder[: left - sum(shares[index] for index in open_)]:
        shares[index] += 1
    return shares


def _score(index: int, score: Any) -> Fraction:
    if score is None:
        return Fraction(0)
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not 0 <= score < math.inf:
        raise ValueError(f"allot() takes scores that are numbers of 0 or more, got {score!r} for item {index}")
    return Fraction(score)


def _check(name: str, number: object, least: int) -> None:
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        raise ValueError(f"allot() takes {name} as a whole number of {least} or more, got {number!r}")
