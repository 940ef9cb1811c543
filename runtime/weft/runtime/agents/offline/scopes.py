"""What lets two statements both be true that seem to exclude each other: other times, people, places, editions.

For statements as a whole `apart`, for the clauses of a clash `parted`. How they could clash is in `clashes`.
"""

from __future__ import annotations

from weft.runtime.agents.offline.align import Point, are_related
from weft.runtime.agents.offline.readings import Reading
from weft.runtime.agents.offline.values import clash, comparable

__all__ = ["DATES", "IDENTIFYING", "apart", "are_apart", "parted", "speaks_of"]

IDENTIFYING = frozenset({"numbered", "version", "date", "month"})
"""Kinds of values that say which one is meant: what is said of room 4 does not contradict what is said of room 7."""


ALL_DAYS = 7

DATES = frozenset({"date", "weekday", "month", "monthday"})
"""Kinds of values that say on which day something is: where one of them clashes, the others do with it."""


def apart(a: Reading, b: Reading) -> bool:
    """Whether two statements are not to be compared at all."""
    if a.asks or b.asks or a.dated or b.dated or a.aside != b.aside:
        return True
    if a.about and b.about and a.about != b.about and not (a.mentions(b.about) or b.mentions(a.about)):
        return True
    if a.editions != b.editions:
        return True
    if a.components and b.components and not a.components & b.components:
        return True
    for group in {group for group, _ in a.scopes} & {group for group, _ in b.scopes}:
        one, other = ({word for number, word in reading.scopes if number == group} for reading in (a, b))
        if not one & other:
            return True
    return False


def parted(a: Point, b: Point, kind: str, *, between_people: bool) -> bool:
    """Whether two clauses speak of different ones: other days, surroundings, people, numbers, words before a noun.

    Args:
        a: The clause of one statement.
        b: That of the other.
        kind: Of the values in which they clash, if they are values.
        between_people: Whether they clash in who it is.
    """
    if kind not in DATES and _on_other_days(a.reading, b.reading):
        return True
    if a.clause.settings != b.clause.settings and not (_holds_everywhere(a) or _holds_everywhere(b)):
        return True
    if not between_people and are_apart(a.clause.people, b.clause.people, a, b):
        return True
    return _numbered_apart(a.reading, b.reading, kind) or _modified_apart(a, b)


def _holds_everywhere(point: Point) -> bool:
    """Whether a clause denies something without a rest, and so in all surroundings."""
    return point.reading.altogether and point.clause.denial is not None and not point.clause.settings


def _on_other_days(a: Reading, b: Reading) -> bool:
    one, other = (days if len(days) < ALL_DAYS else frozenset() for days in (a.weekdays, b.weekdays))
    return bool(one or other) and not a.weekdays & b.weekdays


def _numbered_apart(a: Reading, b: Reading, kind: str) -> bool:
    for known in IDENTIFYING - (DATES if kind in DATES else {kind}):
        one, other = ([value for value in reading.values if value.kind == known] for reading in (a, b))
        pairs = [(x, y) for x in one for y in other if comparable(x, y)]
        if pairs and all(clash(x, y) for x, y in pairs):
            return True
    return False


def _modified_apart(a: Point, b: Point) -> bool:
    """Whether one noun of both has different words before it, as in "the locker fee" and "the entrance fee"."""
    first, second = a.clause.modified, b.clause.modified
    return any(
        are_apart(frozenset({first[word]}), frozenset({second[word]}), a, b) for word in first.keys() & second.keys()
    )


def are_apart(first: frozenset[str], second: frozenset[str], a: Point, b: Point) -> bool:
    """Whether each side has words of which the other has neither one nor one that means the same."""
    first, second = first - a.without, second - b.without
    if not first or not second:
        return False
    return not (speaks_of(b.reading, first) or speaks_of(a.reading, second))


def speaks_of(reading: Reading, words: frozenset[str]) -> bool:
    """Whether a statement or what it inherits has one of some words, or one that means the same."""
    there = reading.all_words
    return bool(words & there) or any(are_related(word, other) for word in words for other in there)
