"""A memory with an end, for what took long to find out and may be asked for again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

__all__ = ["MOST", "Kept"]

MOST = 256
"""How much is kept where nothing else is said."""

K = TypeVar("K")
V = TypeVar("V")


class Kept(OrderedDict[K, V]):
    """The latest entries."""

    def keep(self, key: K, value: V) -> V:
        """Keep an entry, forget the oldest of too many, and return it."""
        self[key] = value
        while len(self) > MOST:
            self.popitem(last=False)
        return value
