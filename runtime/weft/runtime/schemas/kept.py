"""A memory with an end, for what takes long to find out and may be asked for again, by several at the same time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

__all__ = ["MOST", "Kept"]

MOST = 256
"""How much is kept."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The latest entries: values, and errors where there is no value."""

    def __init__(self) -> None:
        self._entries: OrderedDict[K, V | ValueError] = OrderedDict()
        self._making: WeakValueDictionary[tuple[int, K], asyncio.Lock] = WeakValueDictionary()
        """Held by whoever makes an entry, by event loop."""

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def get(self, key: K) -> V | None:
        """Return what is kept, `None` where nothing is.

        Raises:
            ValueError: that is what came of it.
        """
        entry = self._entries.get(key)
        if isinstance(entry, ValueError):
            raise type(entry)(*entry.args)
        return entry

    def keep(self, key: K, entry: V | ValueError) -> None:
        """Keep an entry, and forget the oldest of too many."""
        self._entries[key] = entry
        while len(self._entries) > MOST:
            self._entries.popitem(last=False)

    async def found(self, key: K, make: Callable[[], Awaitable[V]]) -> V:
        """Return what is kept, or make it: once, however many ask for it at the same time.

        Raises:
            ValueError: that is what came of it.
        """
        making = self._making.setdefault((id(asyncio.get_running_loop()), key), asyncio.Lock())
        async with making:
            known = self.get(key)
            if known is not None:
                return known
            try:
                made = await make()
            except ValueError as error:
                self.keep(key, error)
                raise
            self.keep(key, made)
            return made
