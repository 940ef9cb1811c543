"""`str.format` under the attribute rules, text as library functions may see it, and `hash` where it means the same in
every process.

That no text shows where in memory an object lies is the work of `addresses`.
"""

from __future__ import annotations

import functools
import math
import re
import string
from _string import formatter_field_name_split, formatter_parser  # type: ignore[import-not-found]
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from weft.sandbox.classes import is_own_class

__all__ = ["Formatter", "exact_text", "hash_of", "plain"]

_BY_VALUE = (str, int, float, complex, bytes, range, Enum)


def hash_of(value: Any, /) -> int:
    """Return `hash(value)` where it is the same in every process.

    Raises:
        TypeError: it would be, or contain, a memory address.
    """
    kind = type(value)
    if issubclass(kind, tuple):
        return hash(tuple([hash_of(item) for item in tuple.__iter__(value)]))
    if kind is frozenset:
        return hash(frozenset([hash_of(item) for item in value]))
    if value is None or (kind is float and math.isnan(value)):
        return 0  # an address: None before Python 3.12, and not-a-number since 3.10
    if issubclass(kind, _BY_VALUE) or is_own_class(kind):
        return hash(value)
    raise TypeError(f"hash() of a {kind.__name__} would be its memory address, which differs from run to run")


class Formatter(string.Formatter):
    """`str.format` and `str.format_map` with the attributes in fields (`{0.name}`) read under the attribute rules."""

    def __init__(self, read: Callable[[Any, str], Any]) -> None:
        """Create a formatter that reads attributes through `read`."""
        self._read = read

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return the object that a field means."""
        first, steps = formatter_field_name_split(field_name)
        found = self.get_value(first, args, kwargs)
        for is_attribute, key in steps:
            found = self._read(found, key) if is_attribute else found[key]
        return found, first

    def fill(self, template: str, /, *args: Any, **kwargs: Any) -> str:
        """Do what `str.format` does."""
        template = exact_text(template)
        native = not _reads_attributes(template)
        return template.format(*args, **kwargs) if native else self.vformat(template, args, kwargs)

    def fill_from(self, template: str, mapping: Mapping[str, Any], /) -> str:
        """Do what `str.format_map` does."""
        template = exact_text(template)
        native = not _reads_attributes(template)
        return template.format_map(mapping) if native else self.vformat(template, (), mapping)


def exact_text(text: object) -> str:
    """Return a text as Python's own, of which a class of the harness has changed nothing.

    Raises:
        TypeError: it is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"this takes text, got a {type(text).__name__}")
    return str.__str__(text)


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function take text, numbers and patterns only as Python's own, and of what can be called nothing else.

    It keeps what it is given in caches, where a value that says to be equal to others would be taken for them, or
    shows its tables to the methods of what it is given.
    """

    @functools.wraps(function, updated=())
    def with_plain_arguments(*args: Any, **kwargs: Any) -> Any:
        return function(*map(_as_plain, args), **{name: _as_plain(value) for name, value in kwargs.items()})

    return with_plain_arguments


_PLAIN: Mapping[type, Callable[[Any], Any]] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
}


def _as_plain(value: Any) -> Any:
    kind = type(value)
    if value is None or kind in _PLAIN or kind in (bool, re.Pattern, re.Match):
        return value
    for base, made in _PLAIN.items():
        if issubclass(kind, base):
            return made(value)
    if callable(value):
        return lambda *args: value(*args)  # noqa: PLW0108 - a function, which the object is not
    raise TypeError(f"this takes text and numbers, got a {kind.__name__}")


def _reads_attributes(template: str) -> bool:
    if "." not in template:
        return False
    for _, field, spec, _ in formatter_parser(template):
        if (field and "." in field) or (spec and "{" in spec and _reads_attributes(spec)):
            return True
    return False
