"""How sure it is that a clash of two statements is a contradiction: a logistic regression over what they share.

Its weights were learned from documents with known contradictions (`bench/sureness.py` makes `sureness.toml`), because
thresholds set by hand fitted the documents they were set on, and no others. What can clash is in `clashes`.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from weft.runtime.agents.offline.align import Point, are_related, covered
from weft.runtime.agents.offline.clashes import Clash
from weft.runtime.agents.offline.readings import Reading
from weft.runtime.agents.offline.text import Rarity

__all__ = ["BIAS", "features", "sureness"]

BIAS = "bias"

SIZES = frozenset({"weight", "volume", "length", "temperature"})
"""Kinds of values of which many different things in one document have some."""

SUBJECT_WORDS = 2
"""How many words at the beginning of a clause are taken for what it is about."""


def sureness(known: Mapping[str, float]) -> float:
    """Return how probable it is that a clash with these features is a contradiction, from 0 to 1."""
    model = _model()
    total = math.fsum(model[name] * value for name, value in known.items() if name in model)
    return 1.0 / (1.0 + math.exp(-model[BIAS] - total))


def features(found: Clash, strength: float, rarity: Rarity) -> dict[str, float]:
    """Return what is known of a clash, by name.

    Args:
        found: The clash.
        strength: How alike the two statements are (see `likeness`), with what their common values add.
        rarity: How much words say in these documents; all weights are sums of it, and shares go from 0 to 1.
    """
    a, b = found.a.reading, found.b.reading
    said = [point.clause.words - point.without for point in (found.a, found.b)]
    heads = [_head(point) for point in (found.a, found.b)]
    others = (b, a)
    subject = [covered(head, other, rarity) for head, other in zip(heads, others, strict=True)]
    cover = [covered(words, other, rarity) for words, other in zip(said, others, strict=True)]
    both = a.words & b.words
    around = (a.all_words & b.all_words) - a.title - b.title - both
    return {
        _way(found): 1.0,
        "strength": strength,
        "margin": strength - found.needed,
        "shared": min(5.0, _weight(both, rarity)),
        "shared_around": min(5.0, _weight(around, rarity)),
        "subject_less": min(subject),
        "subject_more": max(subject),
        "covered_less": min(cover),
        "begins": max(_begins(head, other) for head, other in zip(heads, others, strict=True)),
        "unsaid_more": min(8.0, max(_weight(a.words - b.all_words, rarity), _weight(b.words - a.all_words, rarity))),
        "unmatched_less": min(_unmatched(words, other, rarity) for words, other in zip(said, others, strict=True)),
    }


@cache
def _model() -> dict[str, float]:
    return tomllib.loads(files(__package__).joinpath("sureness.toml").read_text("utf-8"))


def _way(found: Clash) -> str:
    return "size" if found.way == "value" and found.kind.partition(":")[0] in SIZES else found.way


def _head(point: Point) -> tuple[str, ...]:
    return tuple(word for word in point.clause.first if word not in point.without)[:SUBJECT_WORDS]


def _weight(words: frozenset[str], rarity: Rarity) -> float:
    return math.fsum(rarity.weight(word) for word in words)


def _begins(head: tuple[str, ...], other: Reading) -> float:
    """Return whether the first word of one clause is in the other statement too, in part where one is related to it."""
    if not head:
        return 0.0
    if head[0] in other.all_words:
        return 1.0
    return 0.6 if any(are_related(head[0], word) for word in other.words) else 0.0


def _unmatched(words: frozenset[str], other: Reading, rarity: Rarity) -> float:
    """Return the weight of the word that says most of those that the other statement has nothing like."""
    missing = (word for word in words - other.all_words if not any(are_related(word, known) for known in other.words))
    return max(map(rarity.weight, missing), default=0.0)
