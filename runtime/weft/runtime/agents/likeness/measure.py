"""How alike two texts are by their words: how sure it is that they say the same, from 0 to 1.

What cannot be the same is found by rules (`conflicts`): other numbers, names, units, a denial, an opposite, roles
exchanged. How sure the rest is was learned from pairs of texts that people would merge or not (`bench/likeness.py`
makes `weights.toml`). Texts in quite other words are missed: that takes a model of embeddings.
"""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cache, lru_cache
from importlib.resources import files
from itertools import combinations

from weft.runtime.agents.likeness.sayings import Saying
from weft.runtime.agents.offline.lexicon import opposed, related

__all__ = ["BIAS", "LEAST_SHARED", "conflict", "features", "likeness"]

BIAS = "bias"

LEAST_SHARED = 0.4
"""How much of what the longer text says the other must say in the same words; with less they are not compared."""

OF_RELATED, OF_DERIVED = 0.3, 0.2
"""What is left of the weight of a word of one text where the other has a related word, or one that begins alike."""

ALIKE_FROM, MOSTLY = 5, 0.7
"""Words with so many first letters in common, which are so much of the longer one, are taken for forms of one word."""

ENOUGH = 5.0
"""The weight of common words from which on their number makes nothing surer."""

MOST_SAID = 2.0
"""How much a word counts at most that only one of the texts has."""

CALIBRATED = 0.35
"""What is added to the logit of what was learned: so it is 0.85, the default of `semantic_dedup`, from where on none of
the pairs of `bench/likeness` is wrong, rather than 0.8."""

MOST_EXCHANGED = 3
"""How many words a part has at most that changes places with another."""

PREFIXES = ("un", "in", "im", "ir", "il", "non", "dis")


def likeness(a: Saying, b: Saying, *, least: float = 0.0) -> float:
    """Return how sure it is that two texts say the same, from 0 to 1.

    Where that is less than `least`, something less than it will do, which is found out sooner.
    """
    if a.whole == b.whole:
        return 1.0
    if a.numbers != b.numbers:
        return 0.0
    common = shared(a, b)
    if common < LEAST_SHARED * max(a.total, b.total):
        return 0.0
    at_best = _sureness({"covered": 1.0, "only_one_says": 0.0, "few_words": _few(common)})
    if at_best < least or _other_names(a, b):  # the conflict that is found soonest
        return 0.0
    sure = _sureness(features(a, b))
    return 0.0 if sure >= least and conflict(a, b) is not None else sure


def _sureness(known: Mapping[str, float]) -> float:
    model = _model()
    total = math.fsum(model[name] * value for name, value in known.items())
    return 1.0 / (1.0 + math.exp(-model[BIAS] - total - CALIBRATED))


@cache
def _model() -> dict[str, float]:
    return tomllib.loads(files(__package__).joinpath("weights.toml").read_text("utf-8"))


def shared(a: Saying, b: Saying) -> float:
    """Return the weight of the words that both have."""
    return math.fsum(min(weight, b.words[word]) for word, weight in a.words.items() if word in b.words)


def features(a: Saying, b: Saying) -> dict[str, float]:
    """Return what is known of two texts without a conflict, by name."""
    own, others = _unmatched(a, b), _unmatched(b, a)
    mine, theirs = math.fsum(own.values()), math.fsum(others.values())
    return {
        "covered": min(1 - mine / a.total, 1 - theirs / b.total) if a.total and b.total else 0.0,
        "only_one_says": min(max((*own.values(), *others.values()), default=0.0), MOST_SAID),
        "few_words": _few(shared(a, b)),
    }


def _few(common: float) -> float:
    """Return by how much the weight of common words falls short of what is enough."""
    return max(0.0, 1 - common / ENOUGH)


def _unmatched(a: Saying, b: Saying) -> dict[str, float]:
    """Return what is left of the weight of the words of a text that the other does not have."""
    missing = a.words.keys() - b.words.keys()
    if not missing:
        return {}
    others = b.words.keys() - a.words.keys()
    near = {word for other in others for word in related(other)}
    beginnings: defaultdict[str, list[str]] = defaultdict(list)
    for other in others:
        beginnings[other[:ALIKE_FROM]].append(other)
    left = {}
    for word in missing:
        if word in near or not related(word).isdisjoint(others):
            left[word] = OF_RELATED * a.words[word]
        elif _is_known_otherwise(word, a, b, others) or any(
            _begin_alike(word, other) for other in beginnings[word[:ALIKE_FROM]]
        ):
            left[word] = OF_DERIVED * a.words[word]
        else:
            left[word] = a.words[word]
    return left


def _is_known_otherwise(word: str, a: Saying, b: Saying, others: Set[str]) -> bool:
    """Whether the other has a longer or shorter form of a name, or denies what a prefix denies, or the other way."""
    if word in a.names:
        return any(other in b.names and _is_form_of(word, other) for other in others)
    if word in a.denied:
        return any(prefix + word in others for prefix in PREFIXES)
    return word.startswith(PREFIXES) and any(word.removeprefix(prefix) in b.denied for prefix in PREFIXES)


def _begin_alike(one: str, other: str) -> bool:
    if not (one.isalpha() and other.isalpha()):
        return False
    common = next(
        (place for place, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), min(len(one), len(other))
    )
    return common >= ALIKE_FROM and common >= MOSTLY * max(len(one), len(other))


# ------------------------------------------------------------------------------------------------ conflicts


def conflict(a: Saying, b: Saying) -> str | None:
    """Return in what two texts differ so that they cannot say the same; `None` where nothing is found."""
    if a.numbers != b.numbers:
        return "number"
    if _denies_otherwise(a, b):
        return "denial"
    if _other_names(a, b):
        return "name"
    # Less of one than of the other is more of the other than of the one.
    if _opposite(a, b) != _compared_otherwise(a, b):
        return "opposite"
    return "roles" if _exchanged(a.whole, b.whole) or _values_exchanged(a, b) else None


def _other_names(a: Saying, b: Saying) -> bool:
    """Whether each names something that the other does not."""
    mine, theirs = a.names - b.words.keys(), b.names - a.words.keys()
    if not (mine and theirs):
        return False
    return all(
        any(not any(_is_form_of(name, other) for other in text.names) for name in names)
        for names, text in ((mine, b), (theirs, a))
    )


def _is_form_of(one: str, other: str) -> bool:
    """Whether a name is the end of another: `dates.py` of `utils/dates.py`."""
    short, long = sorted((one, other), key=len)
    is_word = short[0].isalnum() or short[0] == "_"  # a symbol is no end of another
    return is_word and long.endswith(short) and not long[-len(short) - 1].isalnum()


def _denies_otherwise(a: Saying, b: Saying) -> bool:
    """Whether one denies what the other affirms, or anything where the other denies nothing."""
    undone, done = _undone(a), _undone(b)
    if (a.denies or bool(undone & b.denied)) != (b.denies or bool(done & a.denied)):
        return True
    if a.denies_once and b.denies_once:
        return False
    if a.only_denied & (b.words.keys() - b.denied) or b.only_denied & (a.words.keys() - a.denied):
        return True
    return bool((undone - b.only_denied) & b.words.keys() - a.words.keys()) or bool(
        (done - a.only_denied) & a.words.keys() - b.words.keys()
    )


def _undone(text: Saying) -> frozenset[str]:
    """Return what a text denies by a prefix: the `salt` of `unsalted`."""
    return frozenset(
        word.removeprefix(prefix)
        for word in text.words
        if word.startswith(PREFIXES)
        for prefix in PREFIXES
        if word.startswith(prefix)
    )


def _opposite(a: Saying, b: Saying) -> bool:
    """Whether the texts are on different sides of something, or one has a word where the other has its opposite."""
    if any(not sides & b.sides[what] for what, sides in a.sides.items() if what in b.sides):
        return True
    mine, theirs = _all_bases(a.words.keys() - b.words.keys()), _all_bases(b.words.keys() - a.words.keys())
    return any(not opposed(word).isdisjoint(theirs) for word in mine) or any(
        not opposed(word).isdisjoint(mine) for word in theirs
    )


def _all_bases(words: Iterable[str]) -> frozenset[str]:
    return frozenset(base for word in words for base in _bases(word))


@lru_cache(maxsize=20_000)
def _bases(word: str) -> tuple[str, ...]:
    """Return a word, and what it may be the comparative or the superlative of."""
    bare = next((word.removesuffix(ending) for ending in ("est", "er") if word.endswith(ending)), word)
    return tuple(dict.fromkeys((word, bare, bare[:-1] if bare[-1:] == bare[-2:-1] else bare)))


def _compared_otherwise(a: Saying, b: Saying) -> bool:
    """Whether something is compared in one text with what it is compared to in the other."""
    (before, behind), (first, second) = a.compared, b.compared
    return bool((before - behind) & (second - first)) and bool((behind - before) & (first - second))


def _exchanged(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the texts differ only in that two parts have changed places around what stands between them."""
    if len(one) != len(other) or sorted(one) != sorted(other):
        return False
    differing = [place for place, (x, y) in enumerate(zip(one, other, strict=True)) if x != y]
    if not differing:
        return False
    a, b = (list(words[differing[0] : differing[-1] + 1]) for words in (one, other))
    return any(
        a[:first] == b[-first:] and a[-last:] == b[:last] and a[first:-last] == b[last:-first]
        for first in range(1, MOST_EXCHANGED + 1)
        for last in range(1, MOST_EXCHANGED + 1)
        if first + last < len(a)
    )


def _values_exchanged(a: Saying, b: Saying) -> bool:
    """Whether two numbers or names stand each beside the words beside which the other stands in the other text."""
    values = [word for word in a.words if word in b.words and (word in a.numbers or word in a.names)]
    if len(values) < 2 or [w for w in a.order if w in values] == [w for w in b.order if w in values]:
        return False
    common = a.words.keys() & b.words.keys() - set(values)
    here, there = ({value: _beside(text.order, value, common) for value in values} for text in (a, b))
    moved = [value for value in values if here[value] and there[value] and not here[value] & there[value]]
    return any(here[x] & there[y] and here[y] & there[x] for x, y in combinations(moved, 2))


def _beside(order: Sequence[str], value: str, words: Set[str]) -> frozenset[str]:
    """Return the nearest of some words before and behind a value."""
    place = order.index(value)
    before = next((word for word in reversed(order[:place]) if word in words), None)
    behind = next((word for word in order[place + 1 :] if word in words), None)
    return frozenset(word for word in (before, behind) if word is not None)
