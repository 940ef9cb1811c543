"""`str.format` under the attribute rules, and `hash` where it means the same in every process.

That no text shows where in memory an object lies is the work of `addresses`.
"""

from __future__ import annotations

import math
import string
from _string import formatter_field_name_split, formatter_parser  # type: ignore[import-not-found]
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from weft.sandbox.classes import is_own_class

__all__ = ["Formatter", "hash_of"]

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
        template = _exact(template)
        native = not _reads_attributes(template)
        return template.format(*args, **kwargs) if native else self.vformat(template, args, kwargs)

    def fill_from(self, template: str, mapping: Mapping[str, Any], /) -> str:
        """Do what `str.format_map` does."""
        template = _exact(template)
        native = not _reads_attributes(template)
        return template.format_map(mapping) if native else self.vformat(template, (), mapping)


def _exact(template: object) -> str:
    if not isinstance(template, str):
        raise TypeError(f"str.format fills text, got a {type(template).__name__}")
    return str.__str__(template)


def _reads_attributes(template: str) -> bool:
    if "." not in template:
        return False
    for _, field, spec, _ in formatter_parser(template):
        if (field and "." in field) or (spec and "{" in spec and _reads_attributes(spec)):
            return True
    return False
