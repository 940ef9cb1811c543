"""What counts as JSON data, checked with the path of the offending value. Schemas are checked by the host."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from weft.primitives.errors import NotJson

__all__ = ["MAX_DEPTH", "as_json"]

MAX_DEPTH = 64
"""How deep lists and objects may nest in a value that crosses the border of the sandbox."""

MAX_INTEGER_BITS = 1024
"""How large a whole number may be; far beyond what other JSON readers take, far below what stalls one."""


def as_json(value: object, path: str = "$", depth: int = 0) -> Any:
    """Return `value` as plain JSON data, built anew from exact types.

    Tuples become lists and subclasses of the JSON types their base type. The copy is made through the base
    classes' own methods, so a subclass that lies about its contents is taken at the contents.

    Raises:
        NotJson: something in it has no JSON form; the message begins with its path.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(str.__str__(value), path)
    if isinstance(value, int):
        return _integer(int.__int__(value), path)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotJson(f"{float.__repr__(value)} is not a JSON number", path)
        return float.__float__(value)
    if depth >= MAX_DEPTH:
        raise NotJson(f"nested deeper than {MAX_DEPTH} levels, or a cycle", path)
    # Most of what there is are plain texts, for which a call each would double the time.
    if isinstance(value, (list, tuple)):
        items: Iterator[object] = list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value)
        return [
            item if type(item) is str and item.isascii() else as_json(item, f"{path}[{i}]", depth + 1)
            for i, item in enumerate(items)
        ]
    if isinstance(value, dict):
        return {
            (key if type(key) is str and key.isascii() else _key(key, path)): (
                item if type(item) is str and item.isascii() else as_json(item, f"{path}.{key}", depth + 1)
            )
            for key, item in dict.items(value)
        }
    raise NotJson(_explain(value), path)


def _integer(number: int, path: str) -> int:
    if number.bit_length() > MAX_INTEGER_BITS:
        raise NotJson(f"an integer of more than {MAX_INTEGER_BITS} bits", path)
    return number


def _text(text: str, path: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotJson(f"text with a lone surrogate at character {error.start}", path) from None
    return text


def _key(key: object, path: str) -> str:
    if not isinstance(key, str):
        raise NotJson(f"object keys must be strings, found a {type(key).__name__}", path)
    return _text(str.__str__(key), path)


def _explain(value: object) -> str:
    name = type(value).__name__
    hint = {
        "set": "; return sorted(…) of it",
        "frozenset": "; return sorted(…) of it",
        "generator": "; return list(…) of it",
        "map": "; return list(…) of it",
        "filter": "; return list(…) of it",
        "zip": "; return list(…) of it",
        "coroutine": "; it was never awaited",
        "bytes": "; decode it to text",
    }.get(name, "")
    return f"a {name} is not JSON data{hint}"
