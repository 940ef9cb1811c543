"""The ways in which two statements can exclude each other: values, denials, opposite words, duties, people, places.

Each is a clash at one clause of each statement. Whether these clauses are about the same thing, and so whether it
counts, is decided in `relate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from weft.runtime.agents.offline.align import Point, are_related, covered
from weft.runtime.agents.offline.evidence import (
    DELAYS,
    LOST,
    OF_ALL,
    ONLY,
    PHRASES,
)
from weft.runtime.agents.offline.readings import Clause, Reading
from weft.runtime.agents.offline.scopes import DATES, IDENTIFYING, are_apart, speaks_of
from weft.runtime.agents.offline.text import Rarity, stem
from weft.runtime.agents.offline.values import BY_NOUN, Value, clash, comparable

__all__ = ["Clash", "Way", "clashes"]

Way = Literal["value", "denial", "opposite", "phrase", "duty", "only", "people", "place"]
"""How two statements exclude each other."""

# How sure it must be that two clauses are about the same thing, by the way in which they clash.
BY_VALUE = 0.22
BY_KIND = {
    "count": 0.35,
    "date": 0.25,
    "month": 0.35,
    "monthday": 0.15,
    "numbered": 0.17,
    "version": 0.17,
    "money": 0.18,
    "percent": 0.18,
}
BY_DENIAL = 0.25
BY_SUBJECT = 0.35
BY_OPPOSITE = 0.12
BY_LOOSE_OPPOSITE = 0.35
BY_PHRASE = 0.18
BY_LOSS = 0.4
BY_DUTY = 0.24
BY_ONLY = 0.24
BY_PLACE = 0.25
BY_PEOPLE = 0.4

FAR = 8.0
"""Two values of one kind that differ by more than this are seldom of the same thing; then it must be surer."""

FAR_KINDS = frozenset({"span", "data", "length", "weight"})
CALENDAR = frozenset({"date", "weekday", "month", "monthday", "time"})

SUBJECT = 0.6
"""How much of what stands before a denial the other statement must speak of."""

DENIED = 0.7
"""How much of what is denied the other must say, unless it is denied altogether."""

MATTER = 0.45
"""How much of the clause the other must have where it is denied altogether."""

ALL_OF_IT = 0.45
"""The same where it is denied of all there is, and the other has the word that is denied."""

ALLOWED = 0.3
"""How much of what is forbidden the other must say where it does not allow anything in so many words."""

SAYS_ENOUGH = 0.5
"""Weight of the words that say of what something is denied; with less, as in "keeps no …", nothing is said of it."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Words of two statements that cannot both hold, where they stand, and how sure it must be that they meet."""

    first: str
    second: str
    a: Point
    b: Point
    needed: float
    way: Way
    kind: str = ""
    """Of the values that clash, where they are values."""

    @property
    def between_people(self) -> bool:
        """Whether it is who does something in which the two differ."""
        return self.way in ("only", "people")


def clashes(a: Reading, b: Reading, rarity: Rarity, known: frozenset[str]) -> Iterator[Clash]:
    """Yield every clash of two statements; the `known` words are what both are about anyway."""
    yield from _of_values(a, b, known)
    yield from _of_denial(a, b, rarity, known)
    yield from map(_turned, _of_denial(b, a, rarity, known))
    yield from _of_opposites(a, b, known)
    yield from _of_phrases(a, b, known)
    yield from _of_duty(a, b, known)
    yield from _of_only(a, b, known)
    yield from map(_turned, _of_only(b, a, known))
    if not any(clash(one, other) for one in a.values for other in b.values):  # else they are said of different ones
        yield from _of_who_and_where(a, b, known)


def _turned(found: Clash) -> Clash:
    return Clash(found.second, found.first, found.b, found.a, found.needed, found.way, found.kind)


# ------------------------------------------------------------------------------------------------ values


def _of_values(a: Reading, b: Reading, known: frozenset[str]) -> Iterator[Clash]:
    """Yield the values of one kind that neither statement has a match for in the other."""
    pairs = [(one, other) for one in a.values for other in b.values if comparable(one, other)]
    met = {value for one, other in pairs if not clash(one, other) for value in ((0, one), (1, other))}
    for one, other in pairs:
        first, second = Point(a, a.clause_at(one.begin), known), Point(b, b.clause_at(other.begin), known)
        if (0, one) in met or (1, other) in met or _counts_otherwise(one, first.clause, second.clause):
            continue
        if one.kind in IDENTIFYING | CALENDAR and _says_which(one.kind, a, b):
            continue
        if one.kind not in BY_NOUN and are_apart(first.clause.subject, second.clause.subject, first, second):
            continue
        needed = BY_KIND.get(one.kind.partition(":")[0], BY_VALUE)
        if one.kind in FAR_KINDS and not one.low / FAR < other.low < one.low * FAR:
            needed *= 1.5
        yield Clash(one.shown, other.shown, first, second, needed, "value", one.kind)


def _counts_otherwise(value: Value, one: Clause, other: Clause) -> bool:
    """Whether a value is said under a condition, as usual or from another day on in one clause only."""
    if one.hedged != other.hedged or one.conditional != other.conditional:
        return True
    if value.kind not in CALENDAR:
        return False
    return one.pointing or other.pointing or bool(one.names and other.names and not one.names & other.names)


def _says_which(kind: str, a: Reading, b: Reading) -> bool:
    """Whether a number or a date only says which one is meant: something else is said of it, or denied."""
    if kind in IDENTIFYING and (
        a.denies != b.denies
        or {one.kind for one in a.values} & {x.kind for x in b.values} - (DATES if kind in DATES else {kind})
    ):
        return True
    others = (one for one in a.values if one.kind not in DATES or kind not in DATES)
    return any(one.kind != kind and clash(one, other) for one in others for other in b.values)


# ------------------------------------------------------------------------------------------------ yes and no


def _of_denial(denial: Reading, other: Reading, rarity: Rarity, known: frozenset[str]) -> Iterator[Clash]:
    """Yield the denials of one statement of which the other affirms the matter."""
    if denial.withdrawn and not other.withdrawn and covered(denial.lead, other, rarity) >= SUBJECT:
        for place in range(len(other.clauses)):
            yield Clash(
                denial.text.strip(), "", Point(denial, 0, known), Point(other, place, known), BY_PHRASE, "denial"
            )
    for number, clause in enumerate(denial.clauses):
        if clause.denial is None or _denies_opposite(denial, other):
            continue
        if not _is_spoken_of(denial, number, other, rarity, known):
            continue
        for place, there in enumerate(other.clauses):
            if there.denial is None:
                points = (Point(denial, number, known), Point(other, place, known))
                spoken = clause.forbids or not clause.denial.head or speaks_of(other, frozenset({clause.denial.head}))
                yield Clash(clause.denial.shown, "", *points, BY_DENIAL if spoken else BY_SUBJECT, "denial")


def _denies_opposite(denial: Reading, other: Reading) -> bool:
    """Whether a statement denies the opposite of what the other says: "not visible" and "hidden" agree."""
    return any(
        not {entry.side for entry, _ in denial.sides[group]} & {entry.side for entry, _ in other.sides[group]}
        for group in denial.sides.keys() & other.sides.keys()
    )


def _is_spoken_of(denial: Reading, number: int, other: Reading, rarity: Rarity, known: frozenset[str]) -> bool:
    """Whether another statement speaks of what a clause denies."""
    clause = denial.clauses[number]
    said = clause.denial
    if said is None or said.embedded or _only_if(clause, other) or (clause.frees and not other.obliges):
        return False
    known = known | denial.title | other.title
    of_all = said.shown.lower() in OF_ALL
    before, after = said.before - known, said.after - known
    contrast = not before and number > 0 and not of_all
    if contrast:
        before = denial.clauses[number - 1].words - known
    if not before and not of_all and said.head not in other.words:
        return False
    subject, denied, matter = (covered(words, other, rarity) for words in (before, after, before | after))
    if clause.forbids and not other.permits and denied < ALLOWED:
        return False
    if of_all and said.head in other.words - known and (other.permits or (said.leading and matter >= ALL_OF_IT)):
        return True
    if sum(rarity.weight(word) for word in before) < SAYS_ENOUGH:
        before, subject = frozenset(), 0.0
    if of_all and not said.leading:
        return denied >= DENIED
    if denial.altogether:
        return subject >= SUBJECT or matter >= MATTER
    return (not before or subject >= SUBJECT) and (denied >= DENIED or (matter >= SUBJECT and not contrast))


def _only_if(clause: Clause, other: Reading) -> bool:
    """Whether a clause holds under a condition and nothing in another statement does."""
    return clause.conditional and not any(there.conditional for there in other.clauses)


def _of_duty(a: Reading, b: Reading, known: frozenset[str]) -> Iterator[Clash]:
    """Yield what must be done by one statement and need not by the other."""
    for first, second in _points(a, b, known):
        one, other = first.clause, second.clause
        if (one.obliges and other.frees) or (one.frees and other.obliges):
            yield Clash(one.text.strip(), other.text.strip(), first, second, BY_DUTY, "duty")


# ------------------------------------------------------------------------------------------------ opposite words


def _of_opposites(a: Reading, b: Reading, known: frozenset[str]) -> Iterator[Clash]:
    """Yield the words of which only one can hold, where neither statement has both or denies its own."""
    for group in sorted(a.sides.keys() & b.sides.keys()):
        first, second = a.sides[group], b.sides[group]
        if {entry.side for entry, _ in first} & {entry.side for entry, _ in second}:
            continue
        (kind, one), (_, other) = first[0], second[0]
        without = known | {stem(one), stem(other)}
        here, there = Point(a, a.clause_with(one), without), Point(b, b.clause_with(other), without)
        if here.clause.denial is None and there.clause.denial is None:
            yield Clash(one, other, here, there, BY_LOOSE_OPPOSITE if kind.loose else BY_OPPOSITE, "opposite")


def _of_phrases(a: Reading, b: Reading, known: frozenset[str]) -> Iterator[Clash]:
    """Yield the phrases of which only one can hold, where neither statement has both."""
    if a.denies or b.denies:
        return
    for number in sorted(a.phrases.keys() & b.phrases.keys()):
        (one, against_one), (other, against_other) = a.phrases[number], b.phrases[number]
        here, there = one or against_one, other or against_other
        if not here or not there or (one and against_one) or (other and against_other) or bool(one) == bool(other):
            continue
        needed = BY_PHRASE
        if PHRASES[number][1] is LOST:
            losing = a if against_one else b
            if any(_is_delay(value, losing) for value in losing.values):
                continue
            needed = BY_PHRASE if losing.of_all else BY_LOSS
        first, second = here[0], there[0]
        without = known | ({stem(first), stem(second)} - (a.words & b.words))
        points = (Point(a, a.clause_at(here[1]), without), Point(b, b.clause_at(there[1]), without))
        yield Clash(first, second, *points, needed, "phrase")


def _is_delay(value: Value, losing: Reading) -> bool:
    """Whether something is lost only after a while: until then it is kept."""
    if value.kind != "span":
        return False
    before, after = losing.text[: value.begin], losing.text[value.begin + len(value.shown) :]
    return DELAYS.search(before) is not None or after.startswith(" old")


# ------------------------------------------------------------------------------------------------ who and where


def _of_only(a: Reading, b: Reading, known: frozenset[str]) -> Iterator[Clash]:
    """Yield what one statement says of somebody alone, and the other of somebody else."""
    if b.denies or ONLY.search(b.text):
        return
    for number, clause in enumerate(a.clauses):
        if clause.alone and not b.knows(clause.alone):
            without = known | frozenset(map(stem, clause.alone))
            for place in range(len(b.clauses)):
                points = (Point(a, number, without), Point(b, place, without))
                yield Clash(" ".join(sorted(clause.alone)), "", *points, BY_ONLY, "only")


def _of_who_and_where(a: Reading, b: Reading, known: frozenset[str]) -> Iterator[Clash]:
    """Yield different people, names or places of which the same is said, where neither denies it."""
    for first, second in _points(a, b, known):
        one, other = first.clause, second.clause
        if one.denial or other.denial:
            continue
        names, others = one.names - {a.about.lower()}, other.names - {b.about.lower()}
        if names and others and not a.knows(others) and not b.knows(names):
            yield _other(first, second, names, others, BY_PEOPLE)
        if len(one.people) == len(other.people) == 1 and not _same(one.people, other.people):
            yield _other(first, second, one.people, other.people, BY_PEOPLE)
        for word in sorted(one.people & other.people):
            here, there = (
                frozenset({clause.modified[word]} if word in clause.modified else ()) for clause in (one, other)
            )
            if are_apart(here, there, first, second):
                yield _other(first, second, here, there, BY_PEOPLE)
        if are_apart(one.places, other.places, first, second):
            yield _other(first, second, one.places, other.places, BY_PLACE, "place")


def _other(a: Point, b: Point, one: frozenset[str], other: frozenset[str], needed: float, way: Way = "people") -> Clash:
    without = a.without | frozenset(map(stem, one | other))
    points = (Point(a.reading, a.number, without), Point(b.reading, b.number, without))
    return Clash(_shown(one, a), _shown(other, b), *points, needed, way)


def _shown(words: frozenset[str], point: Point) -> str:
    """Return the words of a clause that stand for some words in common form, as they stand there."""
    found = (word.strip(".,;:!?()'’") for word in point.clause.text.split())
    return " ".join(word for word in found if stem(word) in words or word.lower() in words)


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    return any(x == y or are_related(x, y) for x in one for y in other)


def _points(a: Reading, b: Reading, known: frozenset[str]) -> Iterator[tuple[Point, Point]]:
    for here in range(len(a.clauses)):
        for there in range(len(b.clauses)):
            yield Point(a, here, known), Point(b, there, known)
