"""Which known name was likely meant by an unknown one: the only one it can be, or those that come near."""

from __future__ import annotations

import re
from collections.abc import Iterable

from weft.linter.effort import can_spare

__all__ = ["near_miss", "nearest", "plain"]


def near_miss(name: str, known: Iterable[str]) -> str | None:
    """Return the only known name that differs in spelling style, number or at most two letters; `None` if unclear."""
    found: list[str] = []
    alike: list[str] = []
    wanted = plain(name)
    for other in known:
        if not can_spare(1 + len(name) // _PER_STEP):
            return None
        if plain(other) == wanted:
            found.append(other)
        elif _alike(name, other):
            alike.append(other)
    found = found or alike
    return found[0] if len(found) == 1 else None


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to `count` known names that may be meant by a wrong one, the likeliest first; none where none is near.

    Near is what differs in style or by a few letters, and what has the name in it from the beginning of a word on.
    """
    from difflib import SequenceMatcher

    ranked, bare = [], _bare(name)
    for other in dict.fromkeys(known):
        if not can_spare(len(name) + len(other)):
            break
        alike = SequenceMatcher(None, plain(name), plain(other)).ratio()
        if plain(name) == plain(other) or _alike(name, other):
            alike += 2
        elif len(bare) >= _TELLING and re.search(rf"(?<![a-z0-9]){re.escape(bare)}", _bare(other)):
            alike += 1
        if alike >= _NEAR:
            ranked.append((-alike, other))
    best = min(ranked, default=(0.0, ""))[0]
    return [other for alike, other in sorted(ranked) if alike <= best + _SPREAD][:count]


_NEAR = 0.65
"""How alike two names are, from 0 to 1, that may be taken for each other."""

_SPREAD = 0.2
"""How much less alike than the likeliest name others may be that are told beside it."""

_TELLING = 3
"""How many letters the beginning of a name needs to stand for it."""


_PER_STEP = 8
"""How many letters are compared in one step."""


def _bare(name: str) -> str:
    return name.lower().replace("_", "-").strip("-")


def plain(name: str) -> str:
    """Return a name without the differences of style: case, underscores, the plural."""
    flat = name.replace("_", "").replace("-", "").lower()
    return flat[:-3] + "y" if flat.endswith("ies") else flat[:-1] if flat.endswith("s") else flat


def _alike(a: str, b: str) -> bool:
    """Tell whether two names are at most two letters apart, and one for short names."""
    allowed = 2 if min(len(a), len(b)) > 4 else 1
    return abs(len(a) - len(b)) <= allowed and _within(a.lower(), b.lower(), allowed)


def _within(a: str, b: str, changes: int) -> bool:
    """Tell whether so many letters inserted, deleted, replaced or swapped turn one name into the other."""
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[at:], b[at:]
    if not a or not b:
        return len(a) + len(b) <= changes
    if not changes:
        return False
    ways = [(a[1:], b), (a, b[1:]), (a[1:], b[1:])]
    if a[:2] == b[1::-1]:
        ways.append((a[2:], b[2:]))
    return any(_within(one, other, changes - 1) for one, other in ways)
