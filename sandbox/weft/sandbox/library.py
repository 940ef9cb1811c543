"""Our own versions of what the standard library has, where the original gives a way out. `modules` hands them out.

Each keeps what the original does for harmless arguments and says with one sentence which way it closes.
"""

from __future__ import annotations

import abc
import collections
import dataclasses
import enum
import functools
from collections.abc import Callable
from copy import copy as shallow_copy
from copy import deepcopy as deep_copy
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from weft.primitives.language.attributes import READABLE, attribute_problem
from weft.sandbox.classes import HarnessName, Own, check_fields, is_own_class
from weft.sandbox.facades import Function

__all__ = [
    "ABC",
    "ChainMap",
    "Enum",
    "Flag",
    "IntEnum",
    "IntFlag",
    "StrEnum",
    "abstractmethod",
    "copy",
    "dataclass",
    "deepcopy",
    "plain",
    "takes_functions",
    "total_ordering",
    "wraps",
]


class ABC(Own, metaclass=abc.ABCMeta):
    """A base for classes with abstract methods."""

    __slots__ = ()


def abstractmethod(function: Any) -> Any:
    """Mark a method that a class must define before it has objects.

    Raises:
        TypeError: it is not a function of the harness.
    """
    _check_own_function("abstractmethod", function)
    return abc.abstractmethod(function)


def wraps(wrapped: Any) -> Callable[[Any], Any]:
    """Give a wrapper the name and the docstring of what it wraps, and nothing else of it."""

    def decorate(wrapper: Any) -> Any:
        _check_own_function("functools.wraps", wrapper)
        for name in READABLE:
            text = getattr(wrapped, name, None)
            # Python's own code looks functions up by name, to copy a method for one.
            if type(text) is str and not attribute_problem(text):
                setattr(wrapper, name, text)
        return wrapper

    return decorate


def copy(value: Any) -> Any:
    """Do what `copy.copy` does, and return methods as they are: those it would look up by their name."""
    return value if type(value) is MethodType else shallow_copy(value)


def deepcopy(value: Any) -> Any:
    """Do what `copy.deepcopy` does, without its memo, whose keys are addresses."""
    return deep_copy(value)


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function take text and numbers only as such: it keeps caches, or shows its tables to methods of text."""

    @functools.wraps(function, updated=())
    def with_plain_arguments(*args: Any, **kwargs: Any) -> Any:
        return function(*map(_as_plain, args), **{name: _as_plain(value) for name, value in kwargs.items()})

    return with_plain_arguments


def _as_plain(value: Any) -> Any:
    kind = type(value)
    return str.__str__(value) if issubclass(kind, str) else int.__int__(value) if issubclass(kind, int) else value


def takes_functions(primitive: Callable[..., Any]) -> Callable[..., Any]:
    """Make a primitive see only functions and classes in what it may call.

    It counts parameters with `inspect`, which asks whether a callable `in (type, object)`: the `__eq__` of an object
    that can be called would be shown the real `type`.
    """

    @functools.wraps(primitive, updated=())
    def with_functions(*args: Any, **kwargs: Any) -> Any:
        return primitive(*map(_as_function, args), **{name: _as_function(value) for name, value in kwargs.items()})

    return with_functions


def _as_function(value: Any) -> Any:
    if not callable(value):
        return value
    kind = type(value)
    if kind is functools.partial:
        return functools.partial(_as_function(value.func), *value.args, **value.keywords)
    function = value.__func__ if kind is MethodType else value
    if issubclass(kind, type) or type(function) in _FUNCTIONS:
        return value
    if is_own_class(kind) and type(kind.__call__) is FunctionType:
        return MethodType(kind.__call__, value)
    return lambda only: value(only)  # noqa: PLW0108 - a function, which the object is not


_FUNCTIONS = (FunctionType, BuiltinFunctionType, Function)


def total_ordering(kind: Any) -> Any:
    """Add the missing comparisons to a class of the harness."""
    _check_own_class("functools.total_ordering", kind)
    return functools.total_ordering(kind)


def dataclass(kind: Any = None, /, **options: bool) -> Any:
    """Make a data class of a class of the harness."""

    def decorate(kind: Any) -> Any:
        _check_own_class("dataclass", kind)
        check_fields([kind], (*kind.__mro__, *type(kind).__mro__))
        if kind.__doc__ is None:
            kind.__doc__ = kind.__name__  # otherwise the defaults are shown, and their addresses
        return dataclasses.dataclass(**options)(kind)

    return decorate if kind is None else decorate(kind)


def _check_own_class(what: str, kind: Any) -> None:
    if not (issubclass(type(kind), type) and is_own_class(kind)):
        raise TypeError(f"{what} works on classes of this file only")


def _check_own_function(what: str, function: Any) -> None:
    if type(function) is not FunctionType or type(function.__module__) is not HarnessName:
        raise TypeError(f"{what} works on functions of this file only")


class ChainMap(collections.ChainMap[Any, Any]):
    """A chain of dictionaries; its methods refuse to be called with anything else.

    They call `x.__class__(…)`, and for a class x that is `type`, which makes classes with any method in them.
    """

    def copy(self) -> Any:
        """Return a copy of the first dictionary before the others."""
        return super(ChainMap, _chain(self)).copy()

    def new_child(self, *first: Any, **items: Any) -> Any:
        """Return a chain with one more dictionary in front."""
        return super(ChainMap, _chain(self)).new_child(*first, **items)

    @property
    def parents(self) -> Any:
        """The chain without the first dictionary."""
        return super(ChainMap, _chain(self)).parents


def _chain(value: Any) -> ChainMap:
    if not issubclass(type(value), ChainMap):
        raise TypeError(f"this is a method of ChainMap, called with a {type(value).__name__}")
    chain: ChainMap = value
    return chain


class _LookUpOnly(enum.EnumType):
    """Calling an enumeration finds a member. Python would also build classes that way, with any method in them."""

    def __call__(cls, *values: Any, **options: Any) -> Any:
        if len(values) != 1 or options:
            raise TypeError(f"{cls.__name__}() takes one value, to find its member: write `class X({cls.__name__}): …`")
        return super().__call__(*values)


class Enum(enum.Enum, metaclass=_LookUpOnly):
    """`enum.Enum` by class statement only."""


class IntEnum(enum.IntEnum, metaclass=_LookUpOnly):
    """`enum.IntEnum` by class statement only."""


class StrEnum(enum.StrEnum, metaclass=_LookUpOnly):
    """`enum.StrEnum` by class statement only."""


class Flag(enum.Flag, metaclass=_LookUpOnly):
    """`enum.Flag` by class statement only."""


class IntFlag(enum.IntFlag, metaclass=_LookUpOnly):
    """`enum.IntFlag` by class statement only."""
