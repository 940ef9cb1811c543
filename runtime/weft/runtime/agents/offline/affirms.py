"""Whether a statement says what a claim says: its words and its values, bound to each other as they are in the claim.

A statement with all words of a claim may still not say it: it may report that somebody believes it, say it of a
condition, or give its value to something else. What speaks against a claim is decided in `relate`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from weft.runtime.agents.offline.align import are_related
from weft.runtime.agents.offline.evidence import (
    CLAUSE_ENDS,
    CONDITION,
    HEDGED,
    NEGATION,
    ONLY,
    POSSIBLE,
    REPORTED,
    SOME,
)
from weft.runtime.agents.offline.readings import Reading, read
from weft.runtime.agents.offline.statements import EARLIER
from weft.runtime.agents.offline.text import Rarity, Sentence
from weft.runtime.agents.offline.values import Value

__all__ = ["Affirmed", "affirms", "parts_of"]

Affirmed = Literal["says", "qualifies", "nothing"]

BESIDES = 0.2
"""How much of the weight of a claim's words may be missing, where its value is there."""

OTHERWISE_DENIED = 0.6
"""How much of the weight of a statement with a denial may be of other words than those of the claim."""

_COORDINATED = re.compile(r",\s|\s(?=(?:and|or|but|then)\b)")

_BY = re.compile(r"\b(?:by|from)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a statement that one coordination holds together: its words and its values."""

    words: frozenset[str]
    values: tuple[Value, ...]


def affirms(claim: str, sentence: Sentence, rarity: Rarity) -> Affirmed:
    """Return whether a statement says what a claim says, or says it only of some cases or with less certainty."""
    wanted, said = read(claim), read(sentence.text, sentence.context)
    if said.asks != wanted.asks or said.withdrawn or EARLIER in sentence.context or _differs(wanted, said):
        return "nothing"
    if not (_covers(wanted, said, rarity) and _binds(wanted, said) and _denies_alike(wanted, said, rarity)):
        return "nothing"
    return "qualifies" if _is_limited(wanted, said) else "says"


def parts_of(text: str) -> list[str]:
    """Return the parts of a statement each of which says one thing, coordinations apart."""
    cuts = sorted({found.end() for ends in (CLAUSE_ENDS, _COORDINATED) for found in ends.finditer(text)})
    return [text[begin:end] for begin, end in pairwise([0, *cuts, len(text)]) if text[begin:end].strip()]


def _differs(wanted: Reading, said: Reading) -> bool:
    """Whether it is only reported, or the claim says more than it: that it must be, or is only so."""
    one, other = wanted.text, said.text
    return any(
        (
            REPORTED.search(other) and not REPORTED.search(one),
            ONLY.search(one) and not ONLY.search(other),
            wanted.obliges and not said.obliges,
            _turned_round(wanted, said),
        )
    )


def _turned_round(wanted: Reading, said: Reading) -> bool:
    """Whether who does something in a claim is in it to whom that is done: first and last of the words are swapped."""
    if bool(_BY.search(wanted.text)) != bool(_BY.search(said.text)):
        return False
    order, other = ([word for clause in reading.clauses for word in clause.first] for reading in (wanted, said))
    both = [word for word in order if word in other]
    there = sorted(both, key=other.index)
    return len(both) > 2 and (both[0], both[-1]) == (there[-1], there[0])


def _covers(wanted: Reading, said: Reading, rarity: Rarity) -> bool:
    """Whether it has the values of a claim and its words, but for common ones where a value is there too."""
    if not all(any(_same(value, other) for other in said.values) for value in wanted.values):
        return False
    if not wanted.words & said.words and not wanted.values:
        return False
    if not _subject_of(wanted) <= said.words | (said.context - said.title) and _says_besides(said, wanted):
        return False
    weights = {word: rarity.weight(word) for word in wanted.words - said.all_words}
    missing = [weight for word, weight in weights.items() if not any(are_related(word, other) for other in said.words)]
    if not missing:
        return True
    weights |= {word: rarity.weight(word) for word in wanted.words}
    return bool(wanted.values) and math.fsum(missing) <= BESIDES * math.fsum(weights.values())


def _subject_of(wanted: Reading) -> frozenset[str]:
    """Return the word of a claim that says of what it is; a title does not say it of all that stands under it."""
    return next((clause.subject for clause in wanted.clauses if clause.subject), frozenset())


def _same(wanted: Value, said: Value) -> bool:
    alike = (wanted.kind, wanted.low, wanted.high) == (said.kind, said.low, said.high)
    return alike and (not (wanted.nouns and said.nouns) or bool(wanted.nouns & said.nouns))


def _binds(wanted: Reading, said: Reading) -> bool:
    """Whether one part says it, with what other parts add that say nothing besides, or to which it adds nothing."""
    parts = [_Part(found.words, found.values) for found in map(read, parts_of(said.text))]
    return any(all(_goes_with(part, other, wanted, said) for other in parts) for part in parts)


def _goes_with(part: _Part, other: _Part, wanted: Reading, said: Reading) -> bool:
    """Whether what another part has of a claim, and this one has not, may be taken as said of this one too."""
    more = (wanted.words & other.words) - part.words - said.context
    added = [value for value in wanted.values if _has(other, value) and not _has(part, value)]
    if not more and not added:
        return True
    return not (_says_besides(part, wanted) and _says_besides(other, wanted))


def _has(part: _Part, wanted: Value) -> bool:
    return any(_same(wanted, value) for value in part.values)


def _says_besides(part: _Part | Reading, wanted: Reading) -> bool:
    """Whether a part says anything that a claim does not."""
    words = (word for word in part.words - wanted.words if not any(are_related(word, other) for other in wanted.words))
    return any(True for _ in words) or not all(any(_same(one, value) for one in wanted.values) for value in part.values)


def _denies_alike(wanted: Reading, said: Reading, rarity: Rarity) -> bool:
    """Whether it denies as much of the same things as a claim, and then says little else.

    "Not taken" does not deny "expire".
    """
    meant = (part for part in parts_of(said.text) if read(part).words & wanted.words)
    one, other = len(NEGATION.findall(wanted.text)), sum(len(NEGATION.findall(part)) for part in meant)
    if one != other:
        return False
    besides = math.fsum(rarity.weight(word) for word in said.words - wanted.words)
    return not one or besides <= OTHERWISE_DENIED * math.fsum(rarity.weight(word) for word in said.words)


def _is_limited(wanted: Reading, said: Reading) -> bool:
    """Whether it holds only of a condition, of some, often or perhaps, where a claim does not say so."""
    if any(sign.search(said.text) and not sign.search(wanted.text) for sign in (HEDGED, POSSIBLE)):
        return True
    if SOME.search(said.text) and not SOME.search(wanted.text):
        return True
    if (said.weekdays and not wanted.weekdays) or (said.settings and not wanted.settings):
        return True
    conditions = (clause for clause in said.clauses if CONDITION.search(clause.text))
    return any(clause.words - wanted.words for clause in conditions) or (said.dated and not wanted.dated)
