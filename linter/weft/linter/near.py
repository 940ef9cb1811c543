"""Which known name was likely meant by an unknown one."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["near_miss"]


def near_miss(name: str, known: Iterable[str]) -> str | None:
    """Return the only known name that differs in spelling style, number or at most two letters; `None` if unclear."""
    found = [other for other in known if _plain(other) == _plain(name)]
    if not found:
        found = [other for other in known if _alike(name, other)]
    return found[0] if len(found) == 1 else None


def _plain(name: str) -> str:
    """Return a name without the differences of style: case, underscores, the plural."""
    flat = name.replace("_", "").replace("-", "").lower()
    return flat[:-3] + "y" if flat.endswith("ies") else flat[:-1] if flat.endswith("s") else flat


def _alike(a: str, b: str) -> bool:
    """Tell whether two names are at most two letters apart, and one for short names."""
    allowed = 2 if min(len(a), len(b)) > 4 else 1
    return abs(len(a) - len(b)) <= allowed and _distance(a.lower(), b.lower()) <= allowed


def _distance(a: str, b: str) -> int:
    """Count the letters to insert, delete, replace or swap to turn one name into the other."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, start=1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y)))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]
