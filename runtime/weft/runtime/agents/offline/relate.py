"""Whether two sentences agree, contradict each other or speak of different things, judged by their words alone.

No understanding is claimed: two sentences count as being about the same thing when they share enough rare words, and as
contradicting when, on top of that, one denies, dates, orders, bounds or places it otherwise. It misses what is said in
other words, and it says so by answering `unrelated`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from weft.runtime.agents.offline.text import NUMBER_WORDS, Rarity, stem, terms

__all__ = ["Judgement", "relate"]

Relation = Literal["contradicts", "agrees", "unrelated"]

ABOUT_THE_SAME = 0.25
"""How much of their weight two sentences must share to be about the same thing."""

BY_ONE_WORD = 0.6
"""The same where they share but one word."""

BY_POLARITY = 0.35
"""The same where all that stands against each other is a yes and a no."""

NEGATIONS = re.compile(
    r"\b(?:no|not|never|nothing|none|nobody|nowhere|without|neither|nor|cannot)\b|n't\b", re.IGNORECASE
)
LOSS = re.compile(
    r"\b(?:delet|remov|drop|purg|discard|eras|los[et]|gone|thr[eo]w|forg[eo]t|vanish|expir|empty|clear)\w*",
    re.IGNORECASE,
)
VOLATILE = re.compile(r"\bmemory\b|\bram\b|\bvolatile\b|\bephemeral\b", re.IGNORECASE)
DURABLE = re.compile(
    r"\bdisks?\b|\bdatabase\b|\bpostgres\w*|\bmysql\b|\bobject storage\b|\bbucket\b|\btable\b", re.IGNORECASE
)
BEFORE = re.compile(r"\bbefore\b|\bprior to\b", re.IGNORECASE)
AFTER = re.compile(r"\bafterwards\b|\blater\b|\bonly after\b|\bfirst\b.*\bthen\b|\bonly then\b", re.IGNORECASE)
WHOLE = re.compile(r"\b(?:full|whole|complete|entire|all|every)\b", re.IGNORECASE)
PART = re.compile(r"\bnothing else\b|\bonly the\b|\bjust the\b|\bno more than\b", re.IGNORECASE)
SCOPED = re.compile(
    r"\b(?:until|since|as of|from) (?:(?:release|version|the \w+ quarter|early|late|mid) ?|v?\d|"
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\b)"
    r"|\b(?:used to|plan(?:s|ned)?|supposed to|going to|roadmap|formerly|previously|at present|currently)\b",
    re.IGNORECASE,
)
SETTINGS = re.compile(r"\b(?:staging|production|development|test environment|sandbox)\b", re.IGNORECASE)
COMPONENTS = re.compile(
    r"\b(?:agent|server|client|worker|coordinator|leader|follower|node|console|editor|gateway|broker|proxy|replica)s?\b",
    re.IGNORECASE,
)
DURATION = re.compile(r"\b(\d+|[a-z]+)[ -](second|minute|hour|day|week|month|year)s?\b", re.IGNORECASE)
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


def relate(a: str, b: str, rarity: Rarity, *, about: str = "") -> Judgement:
    """Judge two sentences by their words; that both name what they are `about` says nothing."""
    topic_a, topic_b = _topic(a, about), _topic(b, about)
    alike = rarity.overlap(topic_a, topic_b)
    enough = ABOUT_THE_SAME if len(topic_a & topic_b) > 1 else BY_ONE_WORD
    if alike < enough or _scopes_differ(a, b):
        return UNRELATED
    durations = _durations(a), _durations(b)
    if all(durations):
        (first, days_a), (second, days_b) = durations[0][0], durations[1][0]
        return Judgement("agrees" if abs(days_a - days_b) < 0.01 else "contradicts", first, second)
    for one, other in (
        (BEFORE, AFTER),
        (WHOLE, PART),
        (DURABLE, VOLATILE),
    ):
        found = _opposed(one, other, a, b)
        if found is not None:
            return found
    return _polarity(a, b) if alike >= BY_POLARITY else UNRELATED


def _topic(text: str, about: str) -> set[str]:
    bare = NEGATIONS.sub(" ", LOSS.sub(" ", DURATION.sub(" ", text)))
    words = set(terms(bare)) - set(terms(about))
    return words - {stem("persist")} or words


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
        amount, unit = match.group(1).lower(), match.group(2).lower()
        number = float(amount) if amount.isdigit() else NUMBER_WORDS.get(amount)
        if number is not None:
            found.append((match.group(), number * DAYS[unit]))
    return found


def _opposed(one: re.Pattern[str], other: re.Pattern[str], a: str, b: str) -> Judgement | None:
    for first, second in ((a, b), (b, a)):
        here, there = one.search(first), other.search(second)
        if here and there and not other.search(first) and not one.search(second):
            words = (here.group(), there.group())
            return Judgement("contradicts", *(words if first is a else reversed(words)))
    return None


def _polarity(a: str, b: str) -> Judgement:
    if _denies(a) == _denies(b):
        return Judgement("agrees")
    return Judgement("contradicts", _deciding(a), _deciding(b))


def _denies(text: str) -> bool:
    """Whether a sentence says that something is not there: denied, or lost, but not "never lost"."""
    return bool(NEGATIONS.search(text)) != bool(LOSS.search(text))


def _deciding(text: str) -> str:
    found = NEGATIONS.search(text) or LOSS.search(text)
    return found.group() if found else ""
