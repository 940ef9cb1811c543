"""Arguments of the run that the harness changes: what one is after that, wherever it is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.parameters import EVERY
from weft.linter.facts.domain.values import Given, Unknown, Value
from weft.linter.record import replace

__all__ = ["ARGUMENTS", "changed_argument"]

ARGUMENTS = "arguments of the run"
"""Stands for the owner of the variables that changed arguments are kept in, by their paths."""

Path = tuple[str, ...]


def changed_argument(
    value: Value, cells: Mapping[tuple[object, object], Value], changed: Collection[tuple[object, object]]
) -> Value:
    """Return what a value is now, if it is an argument that has changed or is in one that has."""
    if not isinstance(value, Given):
        return value
    added = 0
    for place in changed:
        path, now = place[1], cells[place]
        if not isinstance(path, tuple):
            continue
        if path == value.path:
            return now
        if _may_be(path, value.path):
            return anything("the harness may have changed it", value, now)
        if _may_be(path, value.path[: len(path)]) and isinstance(now, Unknown):
            return anything("the harness has changed what it is in", value, now)
        added += len(path) == len(value.path) + 1 and _may_be(path[:-1], value.path)
    return value if added == value.added else replace(value, added=added)


def _may_be(one: Path, other: Path) -> bool:
    return len(one) == len(other) and all(a == b or EVERY in (a, b) for a, b in zip(one, other, strict=True))
