"""How far two statements are about the same thing: their words, weighed by rarity and by how near they are to a point.

The point is one clause of each. What the two say of it, and whether that can go together, is decided in `clashes`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from weft.runtime.agents.offline.lexicon import related
from weft.runtime.agents.offline.readings import Clause, Reading
from weft.runtime.agents.offline.text import Rarity

__all__ = ["Point", "are_related", "covered", "likeness"]

IN_CLAUSE = 1.0
IN_STATEMENT = 0.5
BY_PRONOUN = 0.8
"""The same where the clause has a pronoun, or hardly a word of its own."""

IN_LEAD = 0.8
IN_CONTEXT = 0.2
OF_TITLE = 0.5
"""What is left of a word's part where it stands in the title of its document: all of the document is about it."""

NEARLY_SAME = 0.6
"""How much of a match a related word is."""


@dataclass(frozen=True, slots=True)
class Point:
    """A clause of a statement, as that on which it is compared, `without` the words that are compared."""

    reading: Reading
    number: int
    without: frozenset[str] = frozenset()

    @property
    def clause(self) -> Clause:
        """Return the clause."""
        return self.reading.clauses[self.number]

    def parts(self, *, wide: bool) -> dict[str, float]:
        """Return the words that say what the point is about, each with its part from 0 to 1.

        What is beside the clause in the statement counts in full where a `wide` look is taken.
        """
        reading, clause = self.reading, self.clause
        beside = IN_CLAUSE if wide else BY_PRONOUN if clause.leaning else IN_STATEMENT
        found = dict.fromkeys(reading.context, IN_CONTEXT)
        found |= dict.fromkeys(reading.lead, IN_CLAUSE if len(clause.words) < 2 else IN_LEAD)
        found |= dict.fromkeys(reading.words, beside)
        found |= dict.fromkeys(clause.words, IN_CLAUSE)
        return {
            word: part * (OF_TITLE if word in reading.title else 1.0)
            for word, part in found.items()
            if word not in self.without
        }


def likeness(a: Point, b: Point, rarity: Rarity) -> float:
    """Return how sure it is that two points are about the same: much in common, and little besides.

    It is a cosine in which related words count in part, times the weight of what both have; of the clauses or of the
    statements as a whole, whichever is more.
    """
    return max(_likeness(a, b, rarity, wide) for wide in (False, True))


def _likeness(a: Point, b: Point, rarity: Rarity, wide: bool) -> float:
    first, second = a.parts(wide=wide), b.parts(wide=wide)
    shared = (_shared(first, second, rarity) + _shared(second, first, rarity)) / 2
    if not shared:
        return 0.0
    lengths = (math.fsum(rarity.weight(word) * part**2 for word, part in parts.items()) for parts in (first, second))
    return shared**2 / math.sqrt(math.prod(lengths))


def _shared(a: dict[str, float], b: dict[str, float], rarity: Rarity) -> float:
    shared = []
    for word, part in a.items():
        if word in b:
            shared.append(rarity.weight(word) * part * b[word])
        else:
            near = (other for other in b if are_related(word, other))
            best = max((b[other] * min(rarity.weight(word), rarity.weight(other)) for other in near), default=0.0)
            shared.append(NEARLY_SAME * part * best)
    return math.fsum(shared)


def covered(words: Iterable[str], by: Reading, rarity: Rarity) -> float:
    """Return how much of the weight of words another statement has too, in its text or in what it inherits."""
    weights = {word: rarity.weight(word) for word in words}
    there = by.all_words
    found = math.fsum(
        weight * (1.0 if word in there else NEARLY_SAME if any(are_related(word, other) for other in by.words) else 0.0)
        for word, weight in weights.items()
    )
    total = math.fsum(weights.values())
    return found / total if total else 0.0


def are_related(a: str, b: str) -> bool:
    """Whether two words mean the same, come from one another, or one is a kind of the other."""
    return b in related(a) or a in related(b)
