"""Whether two statements agree, contradict each other or speak of different things, judged by their words alone.

No understanding is claimed. A clash of two statements counts where the clauses in which it stands are surely enough
about the same thing, and nothing lets both be true. What is said in other words is missed, and `unrelated` answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from weft.runtime.agents.offline.align import likeness
from weft.runtime.agents.offline.clashes import Clash, clashes
from weft.runtime.agents.offline.readings import Reading, read
from weft.runtime.agents.offline.scopes import apart, parted
from weft.runtime.agents.offline.sureness import features, sureness
from weft.runtime.agents.offline.text import Rarity, Sentence, terms

__all__ = ["PROBABLE", "SURE", "Judgement", "relate", "weighed"]

Relation = Literal["contradicts", "agrees", "unrelated"]

PROBABLE = 0.3
"""How probable a contradiction must be where two certain statements are compared."""

SURE = 0.6
"""The same where all statements are compared with all others: of very many pairs very few contradict each other."""

AGREEING = 0.35
"""How much of their weight two statements must share to agree."""

BY_SAME_VALUE = 0.08
"""What each value that both give adds to the likeness of two statements."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How two statements relate, the words of each that decided it, and how sure that is, from 0 to 1."""

    relation: Relation
    first: str = ""
    second: str = ""
    sureness: float = 0.0

    @property
    def words(self) -> str:
        """Return the deciding words of both, quoted."""
        if self.first and self.second:
            return f"“{self.first}” against “{self.second}”"
        return f"only one of them says “{self.first or self.second}”"


UNRELATED = Judgement("unrelated")


def relate(
    a: Sentence | str, b: Sentence | str, rarity: Rarity, *, about: str = "", sure: float = PROBABLE
) -> Judgement:
    """Judge two statements by their words.

    Args:
        a: One statement, with what it inherits from where it stands if that is known.
        b: The other.
        rarity: How much words say in the documents that are compared.
        about: What both are about; that both name it says nothing.
        sure: How probable a contradiction must be to be claimed.
    """
    one, other, known = _read(a), _read(b), frozenset(terms(about))
    if one.text == other.text:
        return Judgement("agrees", sureness=1.0)
    serious = [
        Judgement("contradicts", found.first, found.second, sureness(features(found, strength, rarity)))
        for found, strength in _serious(one, other, rarity, known)
    ]
    if serious:  # unsure as it may be, it is no agreement
        best = max(serious, key=lambda judged: judged.sureness)
        return best if best.sureness > sure else UNRELATED
    return UNRELATED if apart(one, other) else _agreement(one, other, rarity, known)


def weighed(a: Sentence, b: Sentence, rarity: Rarity) -> list[dict[str, float]]:
    """Return the features of each serious clash of two statements, as they are weighed in `relate`."""
    found = _serious(_read(a), _read(b), rarity, frozenset())
    return [features(clash, strength, rarity) for clash, strength in found]


def _serious(a: Reading, b: Reading, rarity: Rarity, known: frozenset[str]) -> Iterator[tuple[Clash, float]]:
    """Yield the clashes of statements that are much alike, with how much, where nothing lets both be true."""
    if not (a.reach & b.all_words or b.reach & a.all_words) or apart(a, b):
        return
    bonus = _same_values(a, b)
    for found in clashes(a, b, rarity, known):
        strength = likeness(found.a, found.b, rarity) + bonus
        if strength >= found.needed and not parted(found.a, found.b, found.kind, between_people=found.between_people):
            yield found, strength


def _read(said: Sentence | str) -> Reading:
    return read(said) if isinstance(said, str) else read(said.text, said.context)


def _same_values(a: Reading, b: Reading) -> float:
    there = {(value.kind, value.low, value.high) for value in b.values}
    return BY_SAME_VALUE * min(2, len(there & {(value.kind, value.low, value.high) for value in a.values}))


def _agreement(a: Reading, b: Reading, rarity: Rarity, known: frozenset[str]) -> Judgement:
    bonus = _same_values(a, b)
    alike = rarity.overlap(a.words - known, b.words - known) + 2 * bonus
    if alike < AGREEING:
        return UNRELATED
    until_then = bonus and a.loses != b.loses and a.denies == b.denies  # kept until the same time
    return Judgement("agrees", sureness=min(1.0, alike)) if until_then or _affirms(a) == _affirms(b) else UNRELATED


def _affirms(reading: Reading) -> bool:
    """Whether a statement says that something is there: neither denied nor lost, or "never lost"."""
    return reading.denies == reading.loses
