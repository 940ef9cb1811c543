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

from weft.runtime.agents.offline.text import NUMBER_WORDS, Rarity, names_in, stem, terms

__all__ = ["Judgement", "is_definite", "relate"]

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

NEGATIONS = re.compile(
    r"\b(?:no|not|never|nothing|none|nobody|nowhere|without|neither|nor|cannot)\b|n't\b", re.IGNORECASE
)
LOSS = re.compile(
    r"\b(?:delet|remov|drop|purg|discard|eras|los[et]|gone|thr[eo]w|forg[eo]t|vanish|expir|empty|clear)\w*",
    re.IGNORECASE,
)
KEPT = re.compile(
    r"\b(?:ke(?:ep|pt)|stor(?:e[sd]?|ing)|sav(?:e[sd]?|ing)|record(?:s|ed)|writ|wrote|held|hold|retain|preserv|persist|"
    r"remain|surviv|archiv|restor|recover|reload)\w*|\bread back\b|\bstill (?:there|available|present)\b",
    re.IGNORECASE,
)
UNIVERSAL = re.compile(
    r"\b(?:whatever|everything|anything|all|every|each|any|nothing|none|empty|entire|whole|full)\b", re.IGNORECASE
)
EXCLUSIVE = re.compile(r"\b(?:only|solely|exclusively|nowhere else|nothing but)\b", re.IGNORECASE)
VOLATILE = re.compile(r"\bmemory\b|\bram\b|\bvolatile\b|\bephemeral\b", re.IGNORECASE)
DURABLE = re.compile(
    r"\bdisks?\b|\bdatabase\b|\bpostgres\w*|\bmysql\b|\bobject storage\b|\bbucket\b|\btable\b", re.IGNORECASE
)
ANTONYMS = tuple(
    (re.compile(rf"\b(?:{one})\b", re.IGNORECASE), re.compile(rf"\b(?:{other})\b", re.IGNORECASE))
    for one, other in (
        (
            "(?:on|enabled) by default|(?:switched|turned) on|enabled?",
            "off by default|(?:switched|turned) off|disabled?",
        ),
        ("visible", "hidden|invisible"),
        ("mandatory|compulsory|obligatory", "optional|voluntary"),
        ("allowed|permitted", "forbidden|prohibited|banned"),
        ("public|publicly", "private|privately"),
        ("encrypted", "unencrypted|in plain text|in clear text"),
        ("automatic|automatically", "manual|manually|by hand"),
        ("synchronous|synchronously", "asynchronous|asynchronously"),
        ("always", "never"),
    )
)
BEFORE = re.compile(r"\bbefore\b|\bprior to\b", re.IGNORECASE)
AFTER = re.compile(r"\bafterwards\b|\blater\b|\bonly after\b|\bfirst\b.*\bthen\b|\bonly then\b", re.IGNORECASE)
WHOLE = re.compile(r"\b(?:full|whole|complete|entire|all|every)\b", re.IGNORECASE)
PART = re.compile(r"\bnothing else\b|\bonly the\b|\bjust the\b|\bno more than\b", re.IGNORECASE)
SCOPED = re.compile(
    r"\b(?:before|after|prior to|in|with) (?:release|version) ?v?\d"
    r"|\b(?:until|since|as of|from) (?:(?:release|version|the \w+ quarter|early|late|mid) ?|v?\d|"
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\b)"
    r"|\b(?:used to|plan(?:s|ned)?|supposed to|going to|roadmap|formerly|previously|at present|currently)\b",
    re.IGNORECASE,
)
SETTINGS = re.compile(r"\b(?:staging|production|development|test environment|sandbox)\b", re.IGNORECASE)
COMPONENTS = re.compile(
    r"\b(?:agent|server|client|worker|coordinator|leader|follower|node|console|editor|gateway|broker|proxy|replica)s?\b",
    re.IGNORECASE,
)
DURATION = re.compile(r"\b(every )?(\d+|[a-z]+)[ -](second|minute|hour|day|week|month|year)s?\b", re.IGNORECASE)
COUNT = re.compile(r"(?<![\w.,])(\d[\d,.]*)\s?([A-Za-z%€$£]+)")
LOWER_LIMIT = re.compile(r"\b(?:at least|more than|over|above|from|minimum|fewest)\b", re.IGNORECASE)
CLAUSE_END = re.compile(r"[,;:!?()]|\.(?=\s|$)|\b(?:but|because|so|while|although|unless|until|than)\b", re.IGNORECASE)
LIGHT = frozenset(terms("need require get give make take"))
"""Verbs that carry a noun: who needs no approval denies the approval."""

CONTRAST = re.compile(r"(?:,|\band)\s*$", re.IGNORECASE)
"""What stands before a denial that denies one phrase only, as in "here, not there"."""
DAYS = {"second": 1 / 86400, "minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0, "year": 365.0}


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
DEFINITE = (NEGATIONS, LOSS, KEPT, DURATION, COUNT, DURABLE, VOLATILE, BEFORE, AFTER, WHOLE, PART)


def is_definite(text: str) -> bool:
    """Whether a sentence says something that another could contradict."""
    return any(pattern.search(text) for pattern in (*DEFINITE, *(side for pair in ANTONYMS for side in pair)))


def relate(a: str, b: str, rarity: Rarity, *, about: str = "") -> Judgement:
    """Judge two sentences by their words; that both name what they are `about` says nothing."""
    if _scopes_differ(a, b):
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
    durations = _durations(a), _durations(b)
    if alike and all(durations):
        (first, days_a), (second, days_b) = durations[0][0], durations[1][0]
        if abs(days_a - days_b) < 0.01:
            return Judgement("agrees", first, second)
        if alike >= BY_POLARITY or (_retention(a) and _retention(b)):
            return Judgement("contradicts", first, second)
        return UNRELATED
    counted = _by_count(a, b) if alike >= BY_COUNT else None
    if counted is not None:
        return counted
    for one, other in ((BEFORE, AFTER), (WHOLE, PART), *(ANTONYMS if alike >= BY_POLARITY else ())):
        found = _opposed(one, other, a, b) if alike else None
        if found is not None:
            return found
    only = EXCLUSIVE.search(a) or EXCLUSIVE.search(b)
    if _alike(a, b, rarity, about, DURABLE, VOLATILE, by_one=EXCLUSIVELY if only else BY_ONE_WORD):
        return _opposed(DURABLE, VOLATILE, a, b)
    return None


def _by_count(a: str, b: str) -> Judgement | None:
    """Compare how many of one unit there are, where both name one number of it and mean the same kind of limit."""
    if (LOWER_LIMIT.search(a) is None) != (LOWER_LIMIT.search(b) is None):
        return None
    first, second = _counts(a), _counts(b)
    for unit in sorted(first.keys() & second.keys()):
        if first[unit] != second[unit]:
            return Judgement("contradicts", f"{first[unit]} {unit}", f"{second[unit]} {unit}")
    return None


def _counts(text: str) -> dict[str, str]:
    """Return the number before each unit that has exactly one."""
    found: dict[str, str] = {}
    several: set[str] = set()
    for number, unit in COUNT.findall(DURATION.sub(" ", text)):
        several |= {unit} & found.keys()
        found[unit] = number
    return {unit: number for unit, number in found.items() if unit not in several}


def _retention(text: str) -> bool:
    return bool(KEPT.search(text) or LOSS.search(text))


def _after_restart(a: str, b: str, about: str) -> Judgement | None:
    """Compare what one system has after a restart: all of it lost and any of it kept cannot both be."""
    if not (about or set(names_in(a)) & set(names_in(b))):
        return None
    if not all(stem("restart") in terms(text) for text in (a, b)):
        return None
    for first, second in ((a, b), (b, a)):
        lost, kept = LOSS.search(first), KEPT.search(second)
        if lost and kept and UNIVERSAL.search(first) and not (_negated(first) or _negated(second)):
            if LOSS.search(second) or KEPT.search(first):
                continue
            words = (lost.group(), kept.group())
            return Judgement("contradicts", *(words if first is a else reversed(words)))
    return None


# ------------------------------------------------------------------------------------------------ yes and no


def _by_polarity(a: str, b: str, rarity: Rarity, about: str) -> Judgement | None:
    alike = _alike(a, b, rarity, about, NEGATIONS, LOSS)
    if alike < BY_POLARITY:
        return None
    if _denied(a, b, rarity, about) or _denied(b, a, rarity, about) or _kept_and_lost(a, b) or _kept_and_lost(b, a):
        return Judgement("contradicts", _deciding(a), _deciding(b))
    return Judgement("agrees") if _denies(a) == _denies(b) else None


def _denied(denial: str, other: str, rarity: Rarity, about: str) -> bool:
    """Whether the other sentence says, without denying it, what is denied here."""
    if _negated(other):
        return False
    said = set(terms(other))
    for found in NEGATIONS.finditer(denial):
        words = _scope(denial, found) - set(terms(about)) - LIGHT
        weight = sum(rarity.of(word) for word in words)
        if words and sum(rarity.of(word) for word in words & said) >= AFFIRMED * weight:
            return True
    return False


def _scope(text: str, negation: re.Match[str]) -> set[str]:
    """Return the words that a negation denies: those of its clause, and with "here, not there" those before it too."""
    before, after = text[: negation.start()], text[negation.end() :]
    end = CLAUSE_END.search(after)
    denied = set(terms(after[: end.start()] if end else after))
    if not denied:
        return denied
    return denied | set(terms(before if CONTRAST.search(before) else CLAUSE_END.split(before)[-1]))


def _kept_and_lost(kept: str, lost: str) -> bool:
    """Whether one keeps what the other loses; what is lost only after a while is kept until then."""
    if _negated(kept) or _negated(lost) or _durations(lost):
        return False
    return bool(KEPT.search(kept) and not LOSS.search(kept) and LOSS.search(lost))


def _negated(text: str) -> bool:
    return NEGATIONS.search(text) is not None


def _scopes_differ(a: str, b: str) -> bool:
    """Whether the two speak of different times, environments or parts, so that both can be true."""
    if SCOPED.search(a) or SCOPED.search(b):
        return True
    if {found.lower() for found in SETTINGS.findall(a)} != {found.lower() for found in SETTINGS.findall(b)}:
        return True
    parts = [{found.lower().rstrip("s") for found in COMPONENTS.findall(text)} for text in (a, b)]
    return bool(parts[0] and parts[1]) and not parts[0] & parts[1]


def _durations(text: str) -> list[tuple[str, float]]:
    found = []
    for match in DURATION.finditer(text):
        amount, unit = match.group(2).lower(), match.group(3).lower()
        number = float(amount) if amount.isdigit() else NUMBER_WORDS.get(amount)
        if number is not None and not match.group(1):  # how often is not how long
            found.append((match.group(), number * DAYS[unit]))
    return found


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


def _deciding(text: str) -> str:
    found = NEGATIONS.search(text) or LOSS.search(text)
    return found.group() if found else ""
