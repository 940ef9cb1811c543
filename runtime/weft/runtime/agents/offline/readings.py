"""What the words of a statement say: what it is about, its values, whether it affirms or denies, for whom and when.

This is all that is known of a statement when it is compared; how two of them are compared is in `clashes` and `relate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from weft.runtime.agents.offline.amounts import values_in
from weft.runtime.agents.offline.evidence import (
    ALTOGETHER,
    ASIDE,
    ASIDE_OF_ALL,
    CLAUSE_ENDS,
    COMPONENTS,
    CONDITION,
    DAYS_NAMED,
    EDITION,
    EMBEDDED,
    FORBIDS,
    FREES,
    HEDGED,
    LOCATES,
    LOST,
    MODAL,
    NEGATION,
    OBLIGES,
    ONLY,
    PERMITS,
    PHRASES,
    PLACE,
    POINTING,
    SCOPED,
    SETTING,
    WHATEVER,
    WITHDRAWN,
)
from weft.runtime.agents.offline.lexicon import (
    OppositeSide,
    commonness,
    is_person,
    opposite_sides,
    phrased,
    related,
    root,
)
from weft.runtime.agents.offline.statements import BETWEEN, EARLIER, OF
from weft.runtime.agents.offline.text import NUMBER_WORDS, STOPWORDS, is_calendar, stem
from weft.runtime.agents.offline.values import Value

__all__ = ["Clause", "Denial", "Reading", "read"]

LONGEST = 1_200
"""Characters of a statement that are read."""

MOST_CLAUSES = 12
"""How many clauses of a statement are told apart; the last takes what follows."""

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_NEXT = re.compile(r"\b(?=([a-zA-Z][\w'’-]+) ([a-zA-Z][\w'’-]+))")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][a-z][a-zA-Z]*\b")
_FIRST = re.compile(r"(?:^|[.!?:] )([A-Z][a-z][a-zA-Z]*)")
_BARE = re.compile(r"(?:^|[.!?:] )([A-Z][a-z]*[a-rt-z]) (?=[a-z]+[a-rt-z]s\b|has\b|is\b|was\b)")
"""A word in the singular that does something, and has no article: it is a name, or what there is a mass of."""
_SELDOM = 0.17
"""How common in English a word may be for which that tells that it is a name."""
_PRONOUN = re.compile(r"\b(?:it|its|they|them|their|this|these|those|he|she|his|her|him|one)\b", re.IGNORECASE)
_SCOPES = (
    "summer winter spring autumn",
    "production live",
    "child children kid adult adults senior student students junior juniors",
    "member members nonmember nonmembers guest guests",
    "trial free plus premium basic pro standard enterprise",
    "ios android windows linux macos",
    "domestic international abroad",
    "express standard",
)
_SCOPE = {word: (number, word) for number, words in enumerate(_SCOPES) for word in words.split()}


@dataclass(frozen=True, slots=True)
class Denial:
    """What a clause denies: the word that does, and the words before and after it in common form."""

    shown: str
    before: frozenset[str]
    after: frozenset[str]
    head: str
    """The first word after it that says something."""
    leading: bool
    """Whether nothing stands before it that says something."""
    embedded: bool
    """Whether it is not said of the matter itself, as in "make sure that nobody …"."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a statement that says one thing; its words are in common form."""

    text: str
    end: int
    words: frozenset[str]
    first: tuple[str, ...]
    """The words in their order, each once."""
    subject: frozenset[str]
    """The first of them, where it is not a value that comes first."""
    modified: dict[str, str]
    """Words with the word right before each."""
    denial: Denial | None
    forbids: bool
    frees: bool
    obliges: bool
    conditional: bool
    hedged: bool
    pointing: bool
    leaning: bool
    """Whether others must say what it is about: it has a pronoun, or hardly a word of its own."""
    people: frozenset[str]
    places: frozenset[str]
    names: frozenset[str]
    alone: frozenset[str]
    """The names of which alone it says something."""
    settings: frozenset[str]
    """The surroundings for which it holds, as "in production"."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What is known of one statement; words are in common form."""

    text: str
    words: frozenset[str]
    """Its own words, without those that only say whether, how much or when."""
    lead: frozenset[str]
    """The words of the nearest part of its context."""
    context: frozenset[str]
    """The words of all of its context."""
    title: frozenset[str]
    """The words of the title of its document."""
    about: str
    """The name that its document is about, if there is one."""
    reach: frozenset[str]
    """All of its words, and those related to them: who has none of these speaks of something else."""
    clauses: tuple[Clause, ...]
    values: tuple[Value, ...]
    sides: dict[int, tuple[tuple[OppositeSide, str], ...]]
    """Its words of which others are the opposite: by the number of their group, each with its side."""
    phrases: dict[int, tuple[tuple[str, int] | None, tuple[str, int] | None]]
    """The same for phrases: both sides, each as it stands there and where."""
    permits: bool
    obliges: bool
    asks: bool
    editions: frozenset[str]
    """The releases for which it says something."""
    dated: bool
    """Whether it speaks of the past, of a plan or of an example."""
    withdrawn: bool
    """Whether what it names is said above it to be given up, as under "Removed"."""
    aside: bool
    """Whether it speaks of a place where things are tried out."""
    altogether: bool
    """Whether it denies something without a rest."""
    of_all: bool
    """Whether it speaks of all there is."""
    weekdays: frozenset[int]
    """The days of the week, from 0 for Monday, of which it speaks; none where it names none."""
    settings: frozenset[str]
    components: frozenset[str]
    """The parts of a system that it names."""
    scopes: frozenset[tuple[int, str]]
    """Words for one of several times, groups or editions, each with the number of its set."""

    @property
    def denies(self) -> bool:
        """Whether any of its clauses denies anything."""
        return any(clause.denial for clause in self.clauses)

    @property
    def loses(self) -> bool:
        """Whether something is lost in it."""
        return any(PHRASES[number][1] is LOST and sides[1] for number, sides in self.phrases.items())

    @property
    def all_words(self) -> frozenset[str]:
        """Its own words and those of its context."""
        return self.words | self.context

    def clause_at(self, place: int) -> int:
        """Return the number of the clause in which a character stands."""
        return next((number for number, clause in enumerate(self.clauses) if place < clause.end), 0)

    def clause_with(self, word: str) -> int:
        """Return the number of the first clause in which a word stands."""
        return next((number for number, clause in enumerate(self.clauses) if word in clause.text.lower()), 0)

    def knows(self, names: Iterable[str]) -> bool:
        """Whether one of these names stands in it or in its context."""
        return any(stem(name) in self.all_words for name in names)

    def mentions(self, name: str) -> bool:
        """Whether all words of a name stand in it or in its context."""
        return _words(name) <= self.all_words


@lru_cache(maxsize=20_000)
def read(text: str, context: str = "") -> Reading:
    """Read a statement together with what it inherits."""
    plain = _plain(text)
    values = values_in(plain)
    name, _, inherited = context.rpartition(OF)
    parts = [_words(_plain(part)) for part in inherited.split(BETWEEN) if part]
    bare, spread = _without(plain, values), _CAMEL.sub(" ", plain)
    words, above = _words(bare), frozenset(word for part in parts for word in part)
    lead = parts[-1] if len(parts) > 1 else frozenset()
    return Reading(
        text=plain,
        words=words,
        lead=lead,
        context=above,
        title=parts[0] if parts else frozenset(),
        about=name,
        reach=frozenset({*words, *above}.union(*(related(word) for word in words | lead))),
        clauses=_clauses(bare),
        values=tuple(_counting(value, parts[-1]) if parts else value for value in values),
        sides=_sides(spread),
        phrases=_phrases(plain),
        permits=PERMITS.search(plain) is not None,
        obliges=OBLIGES.search(plain) is not None,
        asks=plain.rstrip().endswith("?"),
        editions=frozenset(EDITION.findall(f"{plain} {context}")),
        dated=SCOPED.search(plain) is not None or EARLIER in context,
        withdrawn=WITHDRAWN.search(context) is not None,
        aside=ASIDE.search(plain) is not None or ASIDE_OF_ALL.search(context) is not None,
        altogether=ALTOGETHER.search(plain) is not None,
        of_all=WHATEVER.search(plain) is not None,
        weekdays=_weekdays(f"{plain} {' '.join(inherited.split(BETWEEN)[1:])}"),
        settings=_found(SETTING, plain),
        components=frozenset(found.rstrip("s") for found in _found(COMPONENTS, plain)),
        scopes=frozenset(_SCOPE[word] for word in _WORD.findall(f"{spread} {context}".lower()) if word in _SCOPE),
    )


def _found(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(match.group().lower() for match in pattern.finditer(text))


# ------------------------------------------------------------------------------------------------ its clauses


def _clauses(text: str) -> tuple[Clause, ...]:
    cuts = [found.end() for found in CLAUSE_ENDS.finditer(text)][: MOST_CLAUSES - 1]
    found = (_clause(text[begin:end], begin, end) for begin, end in pairwise([0, *cuts, len(text)]) if end > begin)
    return tuple(found) or (_clause("", 0, 0),)


def _clause(text: str, begin: int, end: int) -> Clause:
    first = tuple(dict.fromkeys(_listed(text)))
    words = frozenset(first)
    names = _names(text)
    frees = FREES.search(text) is not None
    people = (word for word in _WORD.findall(text.lower()) if is_person(_bare(word)))
    located = PLACE.findall(text) if LOCATES.search(text) else []
    return Clause(
        text=text,
        end=end,
        words=words,
        first=first,
        subject=frozenset(first[:1]),
        modified=_modified(text),
        denial=_denial(text),
        forbids=FORBIDS.search(text) is not None,
        frees=frees,
        obliges=not frees and OBLIGES.search(text) is not None,
        conditional=CONDITION.search(text) is not None,
        hedged=HEDGED.search(text) is not None,
        pointing=POINTING.search(text) is not None,
        leaning=len(words) < 2 or _PRONOUN.search(text) is not None,
        people=frozenset(map(stem, people)),
        places=frozenset(word for place in located for word in _words(place)),
        names=names,
        alone=_alone(text, names),
        settings=_found(SETTING, text),
    )


def _denial(text: str) -> Denial | None:
    found = NEGATION.search(text)
    if found is None:
        return None
    before, after = text[: found.start()], text[found.end() :]
    ahead = _listed(after)
    return Denial(
        shown=found.group(),
        before=_words(before),
        after=frozenset(ahead),
        head=ahead[0] if ahead else "",
        leading=not _words(before),
        embedded=EMBEDDED.search(before) is not None,
    )


def _alone(text: str, names: frozenset[str]) -> frozenset[str]:
    found = ONLY.search(text)
    if found is None:
        return frozenset()
    beside = text[max(0, found.start() - 20) : found.end() + 20].lower()
    return frozenset(name for name in names if name in beside)


def _names(text: str) -> frozenset[str]:
    """Return the words that are written like names, not because they begin a sentence."""
    inside = {word.lower() for word in _NAME.findall(text)}
    begins = {word.lower() for word in _FIRST.findall(text)} - inside
    known = STOPWORDS | MODAL
    bare = {word.lower() for word in _BARE.findall(text)}
    found = inside | {word for word in begins if commonness(root(word)) <= (_SELDOM if word in bare else 0.0)}
    return frozenset(word for word in found if word not in known and not is_calendar(word))


def _modified(text: str) -> dict[str, str]:
    found = {}
    for before, word in _NEXT.findall(text):
        one, other = _words(before), _words(word)
        if len(one) == len(other) == 1 and one != other:
            found[next(iter(other))] = next(iter(one))
    return found


# ------------------------------------------------------------------------------------------------ its words


def _plain(text: str) -> str:
    """Return a text without marks, as long as before."""
    return re.sub(r"[*_`~<>\[\]{}\"“”]", " ", text[:LONGEST])


def _listed(text: str) -> list[str]:
    """Return the words of a text that say what it is about, in common form."""
    words = (word.lower() for word in _WORD.findall(phrased(_CAMEL.sub(" ", text))))
    known = (word for word in words if word not in STOPWORDS and word not in MODAL)
    return [stem(word) for word in known if word not in NUMBER_WORDS and len(word) > 1]


def _words(text: str) -> frozenset[str]:
    return frozenset(_listed(text))


def _bare(word: str) -> str:
    return word.removesuffix("'s").removesuffix("’s")


def _without(text: str, values: tuple[Value, ...]) -> str:
    """Blank the numbers and units, but leave the words for what is counted."""
    for value in values:
        end = value.begin + len(value.shown)
        here = text[value.begin : end]
        kept = re.sub(r"\S*\d\S*", " ", here) if value.kind in ("count", "numbered", "version") else " "
        text = text[: value.begin] + kept.ljust(len(here))[: len(here)] + text[end:]
    return text


def _counting(value: Value, lead: frozenset[str]) -> Value:
    """Let a bare number count what it inherits: the answer to "How many …?", the cell of a table."""
    return replace(value, nouns=lead) if value.kind == "count" and not value.nouns else value


def _weekdays(text: str) -> frozenset[int]:
    found = {day for pattern, days in DAYS_NAMED if pattern.search(text) for day in days}
    named = (value for value in values_in(text) if value.kind == "weekday")
    return frozenset(found.union(*(range(int(value.low), int(value.high) + 1) for value in named)))


def _sides(text: str) -> dict[int, tuple[tuple[OppositeSide, str], ...]]:
    found: dict[int, list[tuple[OppositeSide, str]]] = {}
    for word in _WORD.findall(phrased(text).lower()):
        for entry in opposite_sides(_bare(word)):
            found.setdefault(entry.group, []).append((entry, word))
    return {group: tuple(sides) for group, sides in found.items()}


def _phrases(text: str) -> dict[int, tuple[tuple[str, int] | None, tuple[str, int] | None]]:
    found = {}
    for number, sides in enumerate(PHRASES):
        one, other = (match and (match.group(), match.start()) for match in (side.search(text) for side in sides))
        if one or other:
            found[number] = (one, other)
    return found
