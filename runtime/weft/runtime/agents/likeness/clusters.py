"""Putting together the texts that say the same, without comparing each with every other.

Texts are taken in the order of how much they say, the fullest first, whatever the order in which they were given. Each
joins the text that it is most like of those that stand for a cluster, or else stands for one itself. So every member of
a cluster is like the one text that stands for it, and nothing drifts from one to the next along a chain; and which
texts are together depends on the texts alone.

A text is compared only with those that share one of its rarest words: enough of these that any other text, sharing none
of them, would share too little (`LEAST_SHARED`). Where thousands of texts are made of the same few words, it looks at
the first `MOST_LOOKED_AT` and compares the best `MOST_COMPARED`; what it misses then stays apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from heapq import nlargest

from weft.runtime.agents.likeness.measure import LEAST_SHARED, likeness
from weft.runtime.agents.likeness.sayings import Saying, read

__all__ = ["cluster_texts"]

MOST_LOOKED_AT, MOST_COMPARED = 300, 8


def cluster_texts(texts: Sequence[str], threshold: float) -> list[list[int]]:
    """Return the clusters of some texts, as places in the list.

    The text that stands for a cluster comes first in it, the others as they were given; clusters are in the order of
    the texts that stand for them.

    Args:
        texts: What is compared.
        threshold: How sure it must be that two texts say the same, above 0 and at most 1; at 1 only equal ones do.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        places[" ".join(text.split())].append(place)
    if threshold >= 1.0:
        return list(places.values())
    sayings = {text: read(text) for text in places}
    leaders = _Leaders(sayings.values(), threshold)
    members: dict[str, list[str]] = {}
    for text in sorted(sayings, key=lambda text: (-sayings[text].total, text)):
        leader = leaders.nearest(sayings[text])
        if leader is None:
            leaders.add(text, sayings[text])
        members.setdefault(leader or text, []).append(text)
    found = [_placed(leader, others, places) for leader, others in members.items()]
    return sorted(found, key=lambda cluster: cluster[0])


def _placed(leader: str, texts: Iterable[str], places: dict[str, list[int]]) -> list[int]:
    """Return the places of the texts of a cluster, the first of the leader's before all others."""
    first = places[leader][0]
    return [first, *sorted(place for text in texts for place in places[text] if place != first)]


class _Leaders:
    """The texts that stand for clusters, found by their rarest words."""

    def __init__(self, sayings: Iterable[Saying], threshold: float) -> None:
        self._threshold = threshold
        self._having = Counter(word for saying in sayings for word in saying.words)
        self._known: list[tuple[str, Saying]] = []
        self._by_word: dict[frozenset[str], dict[str, list[int]]] = {}
        """By their numbers, which texts must have in common to be alike at all, and their words."""

    def add(self, text: str, saying: Saying) -> None:
        """Let a text stand for a cluster."""
        by_word = self._by_word.setdefault(frozenset(saying.numbers), {})
        for word in self._rarest(saying):
            by_word.setdefault(word, []).append(len(self._known))
        self._known.append((text, saying))

    def nearest(self, saying: Saying) -> str | None:
        """Return the text that a text is most like, if it is like any."""
        best, found = self._threshold, None
        for number in self._candidates(saying):
            text, other = self._known[number]
            value = likeness(saying, other, least=best)
            if value > best or (value == best and found is None):
                best, found = value, text
        return found

    def _candidates(self, saying: Saying) -> list[int]:
        """Return the leaders that may be like a text: those with its numbers and most of its rarest words."""
        weights: defaultdict[int, float] = defaultdict(float)
        looked_at = 0
        by_word = self._by_word.get(frozenset(saying.numbers), {})
        for word in self._rarest(saying) if by_word else ():
            having = by_word.get(word, [])[: MOST_LOOKED_AT - looked_at]
            looked_at += len(having)
            for number in having:
                weights[number] += saying.words[word]
        return nlargest(MOST_COMPARED, weights, key=weights.__getitem__)

    def _rarest(self, saying: Saying) -> list[str]:
        """Return so many of the rarest words of a text that what is left is less than two like texts share."""
        left = saying.total
        rarest = []
        for word in sorted(saying.words, key=lambda word: (self._having[word], word)):
            if left < LEAST_SHARED * saying.total:
                break
            rarest.append(word)
            left -= saying.words[word]
        return rarest
