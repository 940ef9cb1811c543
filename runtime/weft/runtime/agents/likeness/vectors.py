"""Putting together texts whose vectors are alike, without computing the cosine of each pair.

As in `clusters`, the fullest text stands for a cluster, every member is like it, and the order of the texts decides
nothing. What differs in a number, a name or a denial stays apart here too: vectors of such texts are nearly the same.
Which texts may be alike at all is told by the signs of their vectors alone: the share of the signs that differ is about
the angle between the two, as a part of half a turn.
"""

from __future__ import annotations

import base64
import math
from array import array
from collections.abc import Sequence
from operator import mul

from weft.runtime.agents.likeness.measure import conflict
from weft.runtime.agents.likeness.sayings import Saying, read

__all__ = ["cluster_vectors", "packed"]

DEVIATIONS = 5
"""By so many standard deviations, as of fair coins, more signs may differ than the angle says."""


def packed(vectors: Sequence[Sequence[float]]) -> str:
    """Return vectors as a text, each of length 1."""
    units = array("f")
    for vector in vectors:
        length = math.hypot(*vector) or 1.0
        units.extend(value / length for value in vector)
    return base64.b64encode(units.tobytes()).decode()


def cluster_vectors(texts: Sequence[str], vectors: str, threshold: float) -> list[list[int]]:
    """Return the clusters of different texts, as places in the list: as `cluster_texts` does.

    Args:
        texts: What is put together.
        vectors: Those of the texts, as `packed` makes them.
        threshold: How large the cosine of two must be.
    """
    units = array("f")
    units.frombytes(base64.b64decode(vectors))
    size = len(units) // len(texts)
    sayings = [read(text) for text in texts]
    leaders = _Leaders(threshold, size)
    members: dict[int, list[int]] = {}
    for place in sorted(range(len(texts)), key=lambda place: (-sayings[place].total, texts[place])):
        vector = units[place * size : (place + 1) * size]
        leader = leaders.nearest(sayings[place], vector)
        if leader is None:
            leaders.add(place, sayings[place], vector)
            members[place] = []
        else:
            members[leader].append(place)
    return sorted([leader, *sorted(others)] for leader, others in members.items())


class _Leaders:
    """The texts that stand for clusters."""

    def __init__(self, threshold: float, size: int) -> None:
        self._threshold = threshold
        self._most_apart = math.acos(threshold) / math.pi * size + DEVIATIONS * math.sqrt(size) / 2
        self._signs: list[int] = []
        self._known: list[tuple[int, Saying, array[float]]] = []

    def add(self, place: int, saying: Saying, vector: array[float]) -> None:
        """Let a text stand for a cluster."""
        self._signs.append(_signs(vector))
        self._known.append((place, saying, vector))

    def nearest(self, saying: Saying, vector: array[float]) -> int | None:
        """Return the place of the text that a text is most like, if it is like any."""
        signs, most = _signs(vector), self._most_apart
        near = [number for number, other in enumerate(self._signs) if (signs ^ other).bit_count() <= most]
        best, found = self._threshold, None
        for number in near:
            place, other, unit = self._known[number]
            cosine = math.fsum(map(mul, vector, unit))
            if (cosine > best or (cosine == best and found is None)) and conflict(saying, other) is None:
                best, found = cosine, place
        return found


def _signs(vector: array[float]) -> int:
    """Return the signs of a vector as the bits of a number."""
    return int("".join("1" if value > 0 else "0" for value in vector) or "0", 2)
