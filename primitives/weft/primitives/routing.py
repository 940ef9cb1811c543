"""`route`: each item to the handler that its key names. Which kinds of items there are is for the harness to say."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from weft.primitives.calls import current
from weft.primitives.checks import listed
from weft.primitives.flow import Results, pipeline
from weft.primitives.sets import Key, key_of

__all__ = ["Handler", "route"]

Handler = Callable[[Any], Any]
"""Takes an item; async or plain. A plain one may also return an agent that was not awaited."""

MOST_SHOWN = 200
"""Characters of an item that an error shows."""


def route(items: Iterable[Any], *, by: str | Key, handlers: Mapping[Any, Handler]) -> Coroutine[Any, Any, Results]:
    """Hand each item to the handler that its key names, all at once.

    Starts no agents of its own. Nothing begins unless there is a handler for every item.

    Args:
        items: At most 4,096. Not a set: its order says nothing.
        by: A field name, or a function of an item, that gives its key.
        handlers: For each key a function of an item.

    Returns:
        What the handlers return, in input order, `None` where one failed; `.lost` has the typed failures.

    Raises:
        TypeError: the items or handlers cannot mean anything.
        ValueError: the key of an item names no handler, or the item has no such field; the message shows the item.
    """
    current("route()")
    if not isinstance(handlers, Mapping):
        raise TypeError(f"route(handlers=…) takes a dict from keys to functions, got a {type(handlers).__name__}")
    for key, handler in handlers.items():
        if not callable(handler):
            raise TypeError(f"route() takes functions as handlers, got a {type(handler).__name__} for {key!r}")
    todo = listed("route", "items", items)
    chosen = [_chosen(index, item, key_of("route", by), handlers) for index, item in enumerate(todo)]
    return pipeline(range(len(todo)), lambda index: chosen[index](todo[index]))


def _chosen(index: int, item: Any, by: Key, handlers: Mapping[Any, Handler]) -> Handler:
    try:
        key = by(item)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"route() finds no key in item {index}: {_shown(item)}") from error
    if inspect.iscoroutine(key):
        key.close()
        raise TypeError("route(by=…) takes a function that gives the key at once, not an async one")
    try:
        return handlers[key]
    except (KeyError, TypeError):  # TypeError: a key that can stand in no dict
        there = ", ".join(map(repr, handlers)) or "no handlers at all"
        raise ValueError(f"route() has no handler {key!r} for item {index}: {_shown(item)}; there is {there}") from None


def _shown(item: Any) -> str:
    whole = repr(item)
    return whole if len(whole) <= MOST_SHOWN else f"{whole[:MOST_SHOWN]}…"
