"""Whether two sentences agree, contradict each other or speak of different things, judged by their words alone.

No understanding is claimed. Two sentences are about the same thing when they share enough rare words; what they say of
it (how long, where, when, whether at all) is not counted in that. They contradict each other when what they say cannot
go together: two durations, two places, two orders, all against a part, kept against lost, or a denial whose own words
the other affirms. It misses what is said in other words, and it says so by answering `unrelated`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from weft.runtime.agents.offline.evidence import (
    AFTER,
    ANTONYMS,
    BEFORE,
    DURABLE,
    DURATION,
    EXCLUSIVE,
    KEPT,
    LIGHT,
    LOSS,
    LOWER_LIMIT,
    NEGATIONS,
    NUMBER,
    PART,
    SURVIVES,
    UNIVERSAL,
    VOLATILE,
    WHOLE,
    counts,
    denied_words,
    durations,
    is_denied,
    is_retention,
    scopes_differ,
)
from weft.runtime.agents.offline.text import Rarity, names_in, stem, terms

__all__ = ["Judgement", "relate"]

Relation = Literal["contradicts", "agrees", "unrelated"]

ABOUT_THE_SAME = 0.25
"""How much of their weight two sentences must share to be about the same thing."""

BY_ONE_WORD = 0.6
"""The same where they share but one word."""

EXCLUSIVELY = 0.35
"""The same where they share but one word, and one says "only"."""

BY_POLARITY = 0.35
"""The same where all that stands against each other is a yes and a no, or two durations that nothing is kept for."""

BY_COUNT = 0.5
"""The same where all that stands against each other is two numbers."""

AFFIRMED = 0.7
"""How much of what one sentence denies the other must say."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How two sentences relate, and the words of each that decided it."""

    relation: Relation
    first: str = ""
    second: str = ""

    @property
    def words(self) -> str:
        """Return the deciding words of both, quoted."""
        if self.first and self.second:
            return f"“{self.first}” against “{self.second}”"
        return f"only one of them says “{self.first or self.second}”"


UNRELATED = Judgement("unrelated")


def relate(a: str, b: str, rarity: Rarity, *, about: str = "") -> Judgement:
    """Judge two sentences by their words; that both name what they are `about` says nothing."""
    if scopes_differ(a, b):
        return UNRELATED
    return (
        _after_restart(a, b, about) or _by_value(a, b, rarity, about) or _by_polarity(a, b, rarity, about) or UNRELATED
    )


def _topic(text: str, about: str, *values: re.Pattern[str]) -> set[str]:
    """Return the words that say what a sentence is about: without those that say what it says of it."""
    for value in (DURATION, *values):
        text = value.sub(" ", text)
    words = set(terms(text)) - set(terms(about))
    return words - {stem("persist")} or words


def _alike(a: str, b: str, rarity: Rarity, about: str, *values: re.Pattern[str], by_one: float = BY_ONE_WORD) -> float:
    """Return how far two sentences are about the same thing; 0 where it is not far enough to compare them."""
    first, second = _topic(a, about, *values), _topic(b, about, *values)
    alike = rarity.overlap(first, second)
    return alike if alike >= (ABOUT_THE_SAME if len(first & second) > 1 else by_one) else 0.0


# ------------------------------------------------------------------------------------------------ what is said of it


def _by_value(a: str, b: str, rarity: Rarity, about: str) -> Judgement | None:
    """Compare how long, in which order, how much and where."""
    alike = _alike(a, b, rarity, about, NEGATIONS, LOSS)
    for periods in (False, True):
        long_a, long_b = durations(a, periods=periods), durations(b, periods=periods)
        if alike and long_a and long_b:
            return _by_duration(long_a[0], long_b[0], alike >= BY_POLARITY or (is_retention(a) and is_retention(b)))
    counted = _by_count(a, b) if _alike(a, b, rarity, about, NUMBER) >= BY_COUNT else None
    if counted is not None:
        return counted
    antonyms = ANTONYMS if alike >= BY_POLARITY and not (is_denied(a) or is_denied(b)) else ()
    for one, other in ((BEFORE, AFTER), (WHOLE, PART), *antonyms):
        found = _opposed(one, other, a, b) if alike else None
        if found is not None:
            return found
    only = EXCLUSIVE.search(a) or EXCLUSIVE.search(b)
    if _alike(a, b, rarity, about, DURABLE, VOLATILE, by_one=EXCLUSIVELY if only else BY_ONE_WORD):
        return _opposed(DURABLE, VOLATILE, a, b)
    return None


def _by_duration(a: tuple[str, float], b: tuple[str, float], comparable: bool) -> Judgement:
    (first, days_a), (second, days_b) = a, b
    if abs(days_a - days_b) < 0.01:
        return Judgement("agrees", first, second)
    return Judgement("contradicts", first, second) if comparable else UNRELATED


def _by_count(a: str, b: str) -> Judgement | None:
    """Compare how many of one unit there are, where both name one number of it and mean the same kind of limit."""
    if (LOWER_LIMIT.search(a) is None) != (LOWER_LIMIT.search(b) is None):
        return None
    first, second = counts(a), counts(b)
    for unit in sorted(first.keys() & second.keys()):
        (number_a, shown_a), (number_b, shown_b) = first[unit], second[unit]
        if number_a != number_b:
            return Judgement("contradicts", shown_a, shown_b)
    return None


def _after_restart(a: str, b: str, about: str) -> Judgement | None:
    """Compare what one system has after a restart: all of it lost and any of it kept cannot both be."""
    if not (about or set(names_in(a)) & set(names_in(b))):
        return None
    if not all(stem("restart") in terms(text) for text in (a, b)):
        return None
    for first, second in ((a, b), (b, a)):
        lost, kept = LOSS.search(first), SURVIVES.search(second)
        if lost and kept and UNIVERSAL.search(first) and not (is_denied(first) or is_denied(second)):
            if LOSS.search(second) or SURVIVES.search(first):
                continue
            words = (lost.group(), kept.group())
            return Judgement("contradicts", *(words if first is a else reversed(words)))
    return None


# ------------------------------------------------------------------------------------------------ yes and no


def _by_polarity(a: str, b: str, rarity: Rarity, about: str) -> Judgement | None:
    alike = _alike(a, b, rarity, about, NEGATIONS, LOSS)
    if alike < BY_POLARITY:
        return None
    if (denial := _denial(a, b, rarity, about)) is not None:
        return Judgement("contradicts", denial, "")
    if (denial := _denial(b, a, rarity, about)) is not None:
        return Judgement("contradicts", "", denial)
    if (words := _kept_and_lost(a, b)) is not None:
        return Judgement("contradicts", *words)
    if (words := _kept_and_lost(b, a)) is not None:
        return Judgement("contradicts", *reversed(words))
    return Judgement("agrees") if _denies(a) == _denies(b) else None


def _denial(denial: str, other: str, rarity: Rarity, about: str) -> str | None:
    """Return the word that denies what the other sentence says, unless that one denies something too."""
    if is_denied(other):
        return None
    said = set(terms(other))
    for found in NEGATIONS.finditer(denial):
        words = denied_words(denial, found) - set(terms(about)) - LIGHT
        weight = sum(rarity.of(word) for word in words)
        if words and sum(rarity.of(word) for word in words & said) >= AFFIRMED * weight:
            return found.group()
    return None


def _kept_and_lost(a: str, b: str) -> tuple[str, str] | None:
    """Return the words with which one keeps what the other loses; what is lost after a while is kept until then."""
    kept, lost = KEPT.search(a), LOSS.search(b)
    if is_denied(a) or is_denied(b) or durations(b) or LOSS.search(a):
        return None
    return (kept.group(), lost.group()) if kept and lost else None


def _opposed(one: re.Pattern[str], other: re.Pattern[str], a: str, b: str) -> Judgement | None:
    for first, second in ((a, b), (b, a)):
        here, there = one.search(first), other.search(second)
        if here and there and not other.search(first) and not one.search(second):
            words = (here.group(), there.group())
            return Judgement("contradicts", *(words if first is a else reversed(words)))
    return None


def _denies(text: str) -> bool:
    """Whether a sentence says that something is not there: denied, or lost, but not "never lost"."""
    return bool(NEGATIONS.search(text)) != bool(LOSS.search(text))
