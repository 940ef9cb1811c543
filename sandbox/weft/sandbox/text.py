"""Text and hashes that do not depend on where in memory an object lies, and `str.format` under the attribute rules."""

from __future__ import annotations

import math
import re
import string
from _string import formatter_field_name_split, formatter_parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import partial
from types import BuiltinMethodType, MethodType, NoneType
from typing import Any

from weft.sandbox.classes import is_own_class

__all__ = ["Formatter", "ascii_of", "format_of", "hash_of", "repr_of", "str_of", "to_convert", "to_format"]

_PLAIN = frozenset({str, int, float, bool, NoneType, complex, bytes})
_BY_VALUE = (str, int, float, complex, bytes, range, Enum)
_ADDRESS = re.compile(r" at 0x([0-9a-f]+)", re.IGNORECASE)
_MAX_PARTS = 10_000
"""How many parts of a value are looked at for the origin of an address; more is a text nobody reads."""


def to_format(value: Any) -> Any:
    """Return what to format in place of `value` in an f-string: itself if it is plain, or its text."""
    return value if type(value) in _PLAIN else format_of(value)


def to_convert(value: Any) -> Any:
    """Return what to convert in place of `value` by `str()`: itself if it is plain, or its text."""
    return value if type(value) in _PLAIN else str_of(value)


def str_of(value: object) -> str:
    """Return `str(value)` without addresses."""
    return _without_addresses(str(value), (value,))


def format_of(value: Any, spec: str = "", /) -> str:
    """Return `format(value, spec)` without addresses."""
    return _without_addresses(format(value, spec), (value,))


def repr_of(value: object, /) -> str:
    """Return `repr(value)` without addresses."""
    return _without_addresses(repr(value), (value,))


def ascii_of(value: object, /) -> str:
    """Return `ascii(value)` without addresses."""
    return _without_addresses(ascii(value), (value,))


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


def _without_addresses(text: str, values: Iterable[object]) -> str:
    """Cut out the addresses of the parts of `values`, and only those: other text may speak of addresses too."""
    if " at 0x" not in text:
        return text
    known = {id(part) for part in _parts(values)}
    return _ADDRESS.sub(lambda match: "" if int(match[1], 16) in known else match[0], text)


def _parts(values: Iterable[object]) -> Iterator[object]:
    waiting = list(values)
    for _ in range(_MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        yield part
        waiting.extend(_inside(part))


def _inside(value: Any) -> list[Any]:
    # Through the base classes' own methods: a subclass of the harness may lie about its contents.
    kind = type(value)
    if issubclass(kind, dict):
        return [*dict.keys(value), *dict.values(value)]
    for base in (list, tuple, set, frozenset):
        if issubclass(kind, base):
            return list(base.__iter__(value))
    if kind is MethodType or kind is BuiltinMethodType:
        return [value.__self__, getattr(value, "__func__", None)]
    if kind is partial:
        return [value.func, *value.args, *value.keywords.values()]
    return []


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
        text = template.format(*args, **kwargs) if native else self.vformat(template, args, kwargs)
        return _without_addresses(text, (args, kwargs))

    def fill_from(self, template: str, mapping: Mapping[str, Any], /) -> str:
        """Do what `str.format_map` does."""
        template = _exact(template)
        native = not _reads_attributes(template)
        text = template.format_map(mapping) if native else self.vformat(template, (), mapping)
        return _without_addresses(text, (mapping,))


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
