"""Keeping lists of findings clean: `Seen`, `dedup`, `union`, `quorum`, `top_k`. No agents are started here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypedDict

__all__ = ["Cluster", "Clustered", "Key", "Seen", "dedup", "key_of", "quorum", "top_k", "union"]

Key = Callable[[Any], Any]


class Cluster(TypedDict):
    """Items that are the same."""

    kept: Any
    """The one that stands for them."""
    merged: list[Any]
    """The others, in the order in which they were given."""


class Clustered(list[Any]):
    """The items that were kept, in the order in which they, or what is the same, were first given."""

    clusters: list[Cluster]
    """One for each item that was kept, in the same order. Every item that was given is in one of them."""


class Seen:
    """Remembers every item that ever passed, so that what was rejected once does not come back next round."""

    __slots__ = ("_key", "_keys")

    def __init__(self, key: Key | None = None) -> None:
        """Create an empty memory; items with the same `key(item)` are the same, else items that are equal."""
        self._key = key or _itself
        self._keys: set[Hashable] = set()

    def add(self, items: Iterable[Any]) -> list[Any]:
        """Return the items not seen before, in order, and remember all of them."""
        fresh = []
        for item in items:
            key = _frozen(self._key(item))
            if key not in self._keys:
                self._keys.add(key)
                fresh.append(item)
        return fresh

    def __contains__(self, key: object) -> bool:
        return _frozen(key) in self._keys

    def __len__(self) -> int:
        return len(self._keys)


def dedup(items: Iterable[Any], key: Key | None = None, *, keep: str | Key | None = None) -> Clustered:
    """Return the items without repeats, in order of first appearance; sameness as in `Seen`.

    What is left out is told beside them: `.clusters` has `{"kept": item, "merged": [item, …]}` for each.

    Args:
        items: Any items.
        key: Items with the same `key(item)` are the same; without it, those that are equal.
        keep: A field name or a function: of those that are the same, the one for which it is highest is kept, and the
            first of several such; without it, the first.
    """
    rank, name = key_of("dedup", keep, option="keep") if keep is not None else _alike, key or _itself
    same: dict[Hashable, list[Any]] = {}
    for item in items:
        same.setdefault(_frozen(name(item)), []).append(item)
    clusters = [_cluster(group, rank) for group in same.values()]
    kept = Clustered(cluster["kept"] for cluster in clusters)
    kept.clusters = clusters
    return kept


def union(lists: Iterable[Iterable[Any] | None]) -> list[Any]:
    """Return all items of all lists, in order and without dropping any; a lost list (`None`) has no items."""
    return [item for items in lists if items is not None for item in items]


def quorum(lists: Iterable[Iterable[Any] | None], *, key: Key | None = None, at_least: int = 2) -> list[Any]:
    """Return the items that at least `at_least` of the lists contain, each once, as first met.

    Raises:
        ValueError: there are fewer lists than `at_least`, so nothing could ever pass.
    """
    present = [[] if items is None else list(items) for items in lists]
    if not 1 <= at_least <= len(present):
        raise ValueError(f"quorum(at_least={at_least}) can never be reached with {len(present)} lists")
    name = key or _itself
    votes: dict[Hashable, int] = {}
    for items in present:
        for known in {_frozen(name(item)): None for item in items}:
            votes[known] = votes.get(known, 0) + 1
    return [item for item in dedup(union(present), key) if votes[_frozen(name(item))] >= at_least]


def top_k(items: Iterable[Any], k: int, *, by: str | Key) -> list[Any]:
    """Return the `k` items for which `by` (a field name or a function) is highest, highest first; ties keep order."""
    if k < 0:
        raise ValueError(f"top_k() takes k of 0 or more, got {k}")
    return sorted(items, key=key_of("top_k", by), reverse=True)[:k]


def key_of(name: str, by: object, *, option: str = "by") -> Key:
    """Return what gives the key of an item, of what the primitive `name` was told so: a field name or a function.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(by, str):
        return lambda item: item[by]
    if not callable(by):
        raise TypeError(f"{name}({option}=…) takes a field name or a function, got a {type(by).__name__}")
    return by


def _itself(item: Any) -> Any:
    return item


def _alike(item: Any) -> int:
    return 0


def _cluster(group: list[Any], rank: Key) -> Cluster:
    best = max(range(len(group)), key=lambda place: rank(group[place])) if len(group) > 1 else 0
    return {"kept": group[best], "merged": group[:best] + group[best + 1 :]}


def _frozen(key: Any) -> Hashable:
    """Return a hashable stand-in for JSON data, equal exactly when the data is; booleans are not numbers."""
    if isinstance(key, dict):
        return ("dict", frozenset((name, _frozen(value)) for name, value in key.items()))
    if isinstance(key, (list, tuple)):
        return ("list", tuple(_frozen(value) for value in key))
    return (type(key) is bool, key)
