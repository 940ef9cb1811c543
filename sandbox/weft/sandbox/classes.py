"""What a class statement of a harness gets: the sign that it is the harness's own, and a base whose text and hash
do not depend on memory addresses.
"""

from __future__ import annotations

import typing
from abc import ABCMeta
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, InitVar
from itertools import count
from types import GenericAlias, resolve_bases
from typing import Any, ClassVar, cast

from weft.primitives.language.attributes import GUARDED, METHODS
from weft.sandbox.addresses import turn_of_kept
from weft.sandbox.facades import Hint

__all__ = [
    "FIELD_KINDS",
    "Generic",
    "HarnessName",
    "Own",
    "Protocol",
    "bases_of",
    "check_fields",
    "is_own_class",
    "leave_quietly",
]

FIELD_KINDS = {"ClassVar": ClassVar, "InitVar": InitVar, "KW_ONLY": KW_ONLY}
"""Annotations of a class body that change what `dataclass` does. All others become `object`."""


class HarnessName(str):
    """The `__name__` of a harness.

    Python puts it as `__module__` on every class and function that the harness defines, and the harness cannot write
    that attribute; so its type tells the harness's own objects from all others, from their first moment.
    """

    __slots__ = ("_serials",)
    _serials: Iterator[int]

    def __new__(cls, name: str) -> HarnessName:  # noqa: D102
        self = super().__new__(cls, name)
        self._serials = count(1)
        return self


def is_own_class(kind: type) -> bool:
    """Tell whether a class was made by a class statement of a harness."""
    return type(kind.__module__) is HarnessName


class Own:
    """The base of every class that would otherwise show and hash its objects by their address."""

    __slots__ = ()

    def __repr__(self) -> str:
        if _is_plain(self, "__repr__"):
            return f"<{type(self).__qualname__} object>"
        return super().__repr__()

    def __hash__(self) -> int:
        if super().__hash__ is None:
            raise TypeError(f"unhashable type: {type(self).__name__!r}")
        return _serial(self) if _is_plain(self, "__hash__") else super().__hash__()


def _is_plain(value: object, name: str) -> bool:
    """Tell whether a method comes from `object` and from no class before it but `Own`."""
    classes = type(value).__mro__
    above = classes[classes.index(Own) + 1 :]
    return next(kind for kind in above if name in kind.__dict__) is object


def _serial(value: object) -> int:
    """Return a number given on first use, so that a set of objects is ordered as they came."""
    numbers = getattr(value, "__dict__", None)
    if numbers is None:  # a data class with slots has no place for one
        return turn_of_kept(value)
    if _SERIAL not in numbers:
        numbers[_SERIAL] = next(cast(HarnessName, type(value).__module__)._serials)
    number: int = numbers[_SERIAL]
    return number


_SERIAL = "__serial__"


class Generic(Own):
    """The base behind `Generic[T]`: the brackets say nothing at run time."""

    __slots__ = ()

    def __class_getitem__(cls, parameters: Any) -> type:
        return cls


class Protocol(Generic, metaclass=ABCMeta):
    """The base behind `Protocol`: `isinstance` asks for the methods, as with `@runtime_checkable`."""

    __slots__ = ()

    @classmethod
    def __subclasshook__(cls, kind: type) -> Any:
        if Protocol not in cls.__bases__:
            return NotImplemented
        wanted = [name for name in cls.__dict__ if not name.startswith("_") or name in METHODS - {"__init__"}]
        return all(any(name in base.__dict__ for base in kind.__mro__) for name in wanted) or NotImplemented


def bases_of(*bases: Any) -> tuple[type, ...]:
    """Return the bases of a class of the harness, once they are checked; with `Own` where it makes a difference.

    Raises:
        TypeError: one of them cannot be a base, or does not go with the others.
    """
    for base in bases:
        if not (issubclass(type(base), type) or type(base) in (Hint, GenericAlias)):
            # Python would call the type of such an object with the body of the class.
            raise TypeError(f"a {type(base).__name__} is not a class and cannot be a base of one")
    classes = resolve_bases(bases)
    above = {kind for base in classes for kind in base.__mro__}
    check_fields(above, above)
    if all(type(base) in (type, ABCMeta) and _hashes_by_address(base) for base in classes):
        return (*(base for base in classes if base is not object), Own)
    return classes


def _hashes_by_address(kind: Any) -> bool:
    return kind.__hash__ is object.__hash__


def check_fields(annotated: Iterable[type], beside: Iterable[type]) -> None:
    """Refuse a field whose value `dataclass` would find in a class that is not the harness's own.

    `dataclass` reads fields without asking anybody: one called `format` in a class that is also a `str` would show
    the raw `str.format`, a private one the insides of a library's class.

    Args:
        annotated: Classes that may have fields.
        beside: Classes in which a value may be found.

    Raises:
        TypeError: there is such a field.
    """
    fields = {name for kind in annotated if is_own_class(kind) for name in kind.__annotations__}
    risky = {name for name in fields if name.startswith("_") or name in GUARDED}
    for kind in beside:
        if not is_own_class(kind) and (clash := sorted(risky & kind.__dict__.keys())):
            raise TypeError(f"a field cannot be called `{clash[0]}` in a class derived from {kind.__name__}: rename it")


class _Exit(typing.Protocol):
    def __call__(self, this: Any, kind: Any, error: Any, traceback: Any, /) -> object: ...


def leave_quietly(method: _Exit) -> Callable[..., object]:
    """Wrap the `__exit__` of a harness: it sees no traceback, and it cannot hold up what ends a run."""

    def __exit__(self: Any, kind: Any = None, error: Any = None, traceback: Any = None) -> object:
        if error is not None and not issubclass(type(error), Exception):
            method(self, None, None, None)
            return None
        return method(self, kind, error, None)

    return __exit__
