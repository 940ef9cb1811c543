"""What the words of a sentence say: how long, how many, where, in which order, for which part, and whether at all.

These are the general words of English prose; none belongs to a subject. What follows from them is decided in `relate`.
"""

from __future__ import annotations

import re

from weft.runtime.agents.offline.text import NUMBER_WORDS, STOPWORDS, stem, terms

__all__ = [
    "AFTER",
    "ANTONYMS",
    "BEFORE",
    "DURABLE",
    "DURATION",
    "EXCLUSIVE",
    "KEPT",
    "LIGHT",
    "LOSS",
    "LOWER_LIMIT",
    "NEGATIONS",
    "NUMBER",
    "PART",
    "SURVIVES",
    "UNIVERSAL",
    "VOLATILE",
    "WHOLE",
    "counts",
    "denied_words",
    "durations",
    "is_definite",
    "is_denied",
    "is_retention",
    "scopes_differ",
]

# Whether at all.
NEGATIONS = re.compile(
    r"\b(?:no|not|never|nothing|none|nobody|nowhere|without|neither|nor|cannot)\b|n't\b", re.IGNORECASE
)
LOSS = re.compile(
    r"\b(?:delet|remov|drop|purg|discard|eras|los[et]|gone|thr[eo]w|forg[eo]t|vanish|expir|empty)\w*"
    r"|\b(?:losing|clear(?:s|ed|ing))\b",
    re.IGNORECASE,
)
KEPT = re.compile(
    r"\b(?:ke(?:ep|pt)|stor(?:e[sd]?|ing)|sav(?:e[sd]?|ing)|record(?:s|ed)|writ|wrote|held|hold|retain|preserv|persist|"
    r"remain|surviv|archiv|restor|recover|reload)\w*|\bread back\b|\bstill (?:there|available|present)\b",
    re.IGNORECASE,
)
SURVIVES = re.compile(
    r"\b(?:ke(?:ep|pt)|retain|preserv|remain|surviv|restor|recover|reload)\w*|\bread back\b"
    r"|\bstill (?:there|available|present)\b",
    re.IGNORECASE,
)
"""Kept through an event, not only written at some time."""

# All of it, or this alone.
UNIVERSAL = re.compile(
    r"\b(?:whatever|everything|anything|all|every|each|any|nothing|none|empty|entire|whole|full)\b", re.IGNORECASE
)
EXCLUSIVE = re.compile(r"\b(?:only|solely|exclusively|nowhere else|nothing but)\b", re.IGNORECASE)
# Where it is.
VOLATILE = re.compile(r"(?<!flash )(?<!persistent )\bmemory\b|\bram\b|\bvolatile\b|\bephemeral\b", re.IGNORECASE)
DURABLE = re.compile(
    r"\bdisks?\b|\bdatabase\b|\bpostgres\w*|\bmysql\b|\bobject storage\b|\bbucket\b|\btable\b", re.IGNORECASE
)
# How it is.
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
    )
)
# In which order, and how much of it.
BEFORE = re.compile(r"\bbefore\b|\bprior to\b", re.IGNORECASE)
AFTER = re.compile(r"\bafterwards\b|\blater\b|\bonly after\b|\bfirst\b.*\bthen\b|\bonly then\b", re.IGNORECASE)
WHOLE = re.compile(r"\b(?:full|whole|complete|entire|all|every)\b", re.IGNORECASE)
PART = re.compile(r"\bnothing else\b|\bonly the\b|\bjust the\b|\bno more than\b", re.IGNORECASE)
# When, in which environment and for which part it holds.
SCOPED = re.compile(
    r"\b(?:before|after|prior to|in|with) (?:release|version) ?v?\d"
    r"|\b(?:until|since|as of|from) (?:(?:release|version|the \w+ quarter|early|late|mid) ?|v?\d|"
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\b)"
    r"|\b(?:used to|plan(?:s|ned)?|supposed to|going to|roadmap|formerly|previously|at present|currently)\b",
    re.IGNORECASE,
)
SETTINGS = re.compile(
    r"\b(?:staging|production|development|test environment|sandbox|weekdays|weekends|holidays|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days)\b",
    re.IGNORECASE,
)
COMPONENTS = re.compile(
    r"\b(?:agent|server|client|worker|coordinator|leader|follower|node|console|editor|gateway|broker|proxy|replica)s?\b",
    re.IGNORECASE,
)
# How long and how many.
DURATION = re.compile(r"\b(every )?(\d+|[a-z]+)[ -](second|minute|hour|day|week|month|year)s?\b", re.IGNORECASE)
DAYS = {"second": 1 / 86400, "minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0, "year": 365.0}
NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?!\w)")
COUNT = re.compile(r"(?<![\w.,])(\d+(?:[.,]\d+)*)\s?([A-Za-z]+|[%€$£])")
LOWER_LIMIT = re.compile(r"\b(?:at least|more than|over|above|from|minimum|fewest)\b", re.IGNORECASE)
# How far a denial reaches.
CLAUSE_END = re.compile(r"[,;:!?()]|\.(?=\s|$)|\b(?:but|because|so|while|although|unless|until|than)\b", re.IGNORECASE)
LIGHT = frozenset(terms("need require get give make take"))
"""Verbs that carry a noun: who needs no approval denies the approval."""

CONTRAST = re.compile(r"(?:,|\band)\s*$", re.IGNORECASE)
"""What stands before a denial that denies one phrase only, as in "here, not there"."""

DEFINITE = (NEGATIONS, LOSS, KEPT, DURATION, COUNT, DURABLE, VOLATILE, BEFORE, AFTER, WHOLE, PART)


def is_definite(text: str) -> bool:
    """Whether a sentence says something that another could contradict."""
    return any(pattern.search(text) for pattern in (*DEFINITE, *(side for pair in ANTONYMS for side in pair)))


def durations(text: str, *, periods: bool = False) -> list[tuple[str, float]]:
    """Return the spans of time in a text, or its `periods` as in "every two days", as they stand and in days."""
    found = []
    for match in DURATION.finditer(text):
        amount, unit = match.group(2).lower(), match.group(3).lower()
        number = float(amount) if amount.isdigit() else NUMBER_WORDS.get(amount)
        if number is not None and bool(match.group(1)) is periods:
            found.append((match.group(), number * DAYS[unit]))
    return found


def counts(text: str) -> dict[str, tuple[str, str]]:
    """Return the number of each unit that has exactly one, and both as they stand there."""
    found: dict[str, list[tuple[str, str]]] = {}
    for match in COUNT.finditer(DURATION.sub(" ", text)):
        number, unit = match.groups()
        if unit.lower() not in STOPWORDS:
            found.setdefault(stem(unit), []).append((number.replace(",", ""), match.group()))
    return {unit: numbers[0] for unit, numbers in found.items() if len(numbers) == 1}


def denied_words(text: str, negation: re.Match[str]) -> set[str]:
    """Return the words that a negation denies: those of its clause, and with "here, not there" those before it too."""
    before, after = text[: negation.start()], text[negation.end() :]
    end = CLAUSE_END.search(after)
    denied = set(terms(after[: end.start()] if end else after))
    if not denied:
        return denied
    return denied | set(terms(before if CONTRAST.search(before) else CLAUSE_END.split(before)[-1]))


def scopes_differ(a: str, b: str) -> bool:
    """Whether the two speak of different times, environments or parts, so that both can be true."""
    if SCOPED.search(a) or SCOPED.search(b):
        return True
    if {found.lower() for found in SETTINGS.findall(a)} != {found.lower() for found in SETTINGS.findall(b)}:
        return True
    parts = [{found.lower().rstrip("s") for found in COMPONENTS.findall(text)} for text in (a, b)]
    return bool(parts[0] and parts[1]) and not parts[0] & parts[1]


def is_denied(text: str) -> bool:
    """Whether a sentence denies anything."""
    return NEGATIONS.search(text) is not None


def is_retention(text: str) -> bool:
    """Whether a sentence says that something is kept or lost."""
    return bool(KEPT.search(text) or LOSS.search(text))
