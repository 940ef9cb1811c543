"""Whether a value is seen to fit a schema of common keywords, in time that grows with the value alone.

What is not seen here may fit all the same: `validating` has the last word, and the words for what does not fit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

__all__ = ["seen_to_fit"]

Check = Callable[[Any], bool]

ANNOTATIONS = {"title", "description", "examples", "default", "$comment"}

KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}

T = TypeVar("T")


def seen_to_fit(value: Any, schema: str) -> bool:
    """Whether a value that is JSON data, of exact types, is seen to fit a schema that is given as text."""
    check = _check_of(schema)
    return check is not None and check(value)


@lru_cache(maxsize=256)
def _check_of(schema: str) -> Check | None:
    try:
        return _Plain(json.loads(schema)).check
    except (_Unknown, RecursionError):
        return None


class _Unknown(Exception):
    """A schema says something that is not understood here, or not as it should."""


class _Plain:
    """One schema that is understood; its keywords are taken out one by one, and none may be left."""

    def __init__(self, schema: Any) -> None:
        if not isinstance(schema, dict):
            raise _Unknown
        self._left = {name: said for name, said in schema.items() if name not in ANNOTATIONS}
        kinds = self._take("type", lambda said: isinstance(said, str | list), None)
        self._kinds = None if kinds is None else _kinds([kinds] if isinstance(kinds, str) else kinds)
        options = self._take("enum", lambda said: isinstance(said, list), None)
        if options is not None and not all(type(option) is str for option in options):
            raise _Unknown  # 1 is equal to True here, and not there
        self._options = None if options is None else frozenset(options)
        self._checks: dict[type, Check] = {str: self._text(), list: self._list(), dict: self._object()}
        self._checks[int] = self._checks[float] = self._number()
        if self._left:
            raise _Unknown

    def check(self, value: Any) -> bool:
        kind = type(value)
        if self._kinds is not None and kind not in self._kinds:
            return False
        if self._options is not None and not (kind is str and value in self._options):
            return False
        check = self._checks.get(kind)
        return check is None or check(value)

    def _take(self, name: str, fits: Callable[[Any], bool], default: T) -> Any | T:
        if name not in self._left:
            return default
        said = self._left.pop(name)
        if not fits(said):
            raise _Unknown
        return said

    def _sizes(self, what: str) -> tuple[float, float]:
        return self._take(f"min{what}", _is_count, 0), self._take(f"max{what}", _is_count, float("inf"))

    def _text(self) -> Check:
        least, most = self._sizes("Length")
        return lambda text: least <= len(text) <= most

    def _number(self) -> Check:
        low, high = self._take("minimum", _is_number, None), self._take("maximum", _is_number, None)
        return lambda number: (low is None or number >= low) and (high is None or number <= high)

    def _list(self) -> Check:
        least, most = self._sizes("Items")
        items = self._take("items", lambda said: isinstance(said, dict), None)
        each = None if items is None else _Plain(items).check
        return lambda found: least <= len(found) <= most and (each is None or all(map(each, found)))

    def _object(self) -> Check:
        named: dict[str, Any] = self._take("properties", lambda said: isinstance(said, dict), {})
        checks = {name: _Plain(schema).check for name, schema in named.items()}
        required = frozenset(self._take("required", _is_names, ()))
        closed = not self._take("additionalProperties", lambda said: isinstance(said, bool), True)

        def check(found: dict[str, Any]) -> bool:
            if not required <= found.keys():
                return False
            for name, value in found.items():
                if name not in checks:
                    if closed:
                        return False
                elif not checks[name](value):
                    return False
            return True

        return check


def _kinds(names: list[Any]) -> frozenset[type]:
    if not all(isinstance(name, str) and name in KINDS for name in names):
        raise _Unknown
    return frozenset(kind for name in names for kind in KINDS[name])


def _is_count(said: Any) -> bool:
    return type(said) is int and said >= 0


def _is_number(said: Any) -> bool:
    return type(said) in (int, float)


def _is_names(said: Any) -> bool:
    return isinstance(said, list) and all(isinstance(name, str) for name in said)
