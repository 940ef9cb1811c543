"""Whose elements a list has, and whether loops within each other go through the pairs of one list."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from weft.linter.facts.domain.evaluation import supremum
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks
from weft.linter.facts.domain.values import Listing

__all__ = ["drawn", "paired"]


def drawn(source: Listing) -> Marks:
    """Return the marks of a list of elements of another one, or of positions in it: whose elements these are."""
    columns = [column for column in source.columns if column is not None]
    older = frozenset(mark for mark in source.marks if mark.kind == "drawn").union(*map(drawn, columns))
    own = source.birth if source.birth.argument is None else source.birth.argument
    return older or frozenset((Mark("drawn", own),))


def paired(walked: Sequence[Listing]) -> Marks:
    """Return the mark of what comes of loops within each other, of which two walk one list, or all of it but one."""
    for outer, inner in combinations(walked, 2):
        if drawn(outer) & drawn(inner):
            sizes = [supremum(count(one.parts).high.settled()) for one in (outer, inner)]
            if sizes[0] == sizes[1] or abs(sizes[0] - sizes[1]) <= 1:
                return frozenset((Mark("paired", None),))
    return NO_MARKS
