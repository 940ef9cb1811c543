"""Lists as agents returned them: each knows whether it came back full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from weft.primitives.schemas.lengths import Lengths, Spot

__all__ = ["Returned", "full_lists", "returned"]


class Returned(list[Any]):
    """A list in the answer of an agent. A copy knows what it knows; a slice, a sum, `list(…)` of it are plain lists."""

    __slots__ = ("_fixed", "_full")

    def __new__(cls, items: Iterable[Any] = (), *, full: bool | None = None, fixed: bool = False) -> Any:
        """Create one; whoever takes data apart and calls its class with the parts gets a plain list."""
        return list(items) if full is None else super().__new__(cls)

    def __init__(self, items: Iterable[Any], *, full: bool, fixed: bool) -> None:
        super().__init__(items)
        self._full = full
        self._fixed = fixed

    @property
    def full(self) -> bool:
        """Whether it came with as many items as the `maxItems` of its schema allows, so that there may be more."""
        return self._full

    def copy(self) -> Returned:
        """Return a copy."""
        return Returned(self, full=self._full, fixed=self._fixed)


def returned(value: Any, schema: dict[str, Any] | None) -> Any:
    """Return an answer with lists that know whether they came back full; text where there is no schema."""
    if schema is None:
        return value
    return _returned(value, Lengths(schema).of(value))


def _returned(value: Any, spot: Spot) -> Any:
    def within(part: Any, step: str | int) -> Any:
        return _returned(part, spot.below(step, part)) if isinstance(part, (dict, list)) else part

    if isinstance(value, dict):
        return {name: within(part, name) for name, part in value.items()}
    if not isinstance(value, list):
        return value
    least, most = spot.span()
    items = [within(part, index) for index, part in enumerate(value)]
    return Returned(items, full=len(value) >= most, fixed=least >= most)


def full_lists(value: Any, schema: dict[str, Any] | None) -> Iterator[tuple[str, int]]:
    """Yield the place of each list of an answer that came back full, as in `groups[].names`, and how many it holds.

    Those whose schema fixes how many there are could have no more, and are left out.
    """
    return _full(returned(value, schema), "")


def _full(value: Any, place: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, Returned):
        if value.full and not value._fixed:
            yield place or "the answer", len(value)
        for part in value:
            yield from _full(part, f"{place}[]")
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _full(part, f"{place}.{name}" if place else name)
