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
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from weft.primitives.language.attributes import READABLE, attribute_problem
from weft.sandbox.classes import HarnessName, Own, check_fields, is_own_class
from weft.sandbox.facades import Frozen, Function, fill_slots
from weft.sandbox.text import exact_text

__all__ = [
    "ABC",
    "ChainMap",
    "Enum",
    "Flag",
    "IntEnum",
    "IntFlag",
    "StrEnum",
    "abstractmethod",
    "cached_property",
    "dataclass",
    "namedtuple",
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


class _CachedProperty(Frozen):
    """A property that is computed once and then kept in the object; where it is kept, nobody can change."""

    __slots__ = ("_name", "func")
    func: Callable[[Any], Any]
    _name: str | None

    def __init__(self, function: Callable[[Any], Any]) -> None:
        fill_slots(self, func=function, _name=None)

    def __set_name__(self, owner: type, name: str) -> None:
        if self._name not in (None, name):
            raise TypeError(f"one cached_property cannot have two names ({self._name!r} and {name!r})")
        fill_slots(self, _name=name)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if self._name is None:
            raise TypeError("a cached_property works only where a class statement gives it a name")
        kept = getattr(instance, "__dict__", None)
        if kept is None:
            raise TypeError(f"a {type(instance).__name__} has no place to keep its cached_property {self._name!r}")
        if self._name not in kept:
            kept[self._name] = self.func(instance)
        return kept[self._name]

    def __repr__(self) -> str:
        return f"<cached_property {self._name}>"


def cached_property(function: Any) -> Any:
    """Do what `functools.cached_property` does; not a class, so nothing derives from it."""
    return _CachedProperty(function)


def total_ordering(kind: Any) -> Any:
    """Add the missing comparisons to a class of the harness."""
    _check_own_class("functools.total_ordering", kind)
    return functools.total_ordering(kind)


def dataclass(kind: Any = None, /, **options: bool) -> Any:
    """Make a data class of a class of the harness."""

    def decorate(kind: Any) -> Any:
        _check_own_class("dataclass", kind)
        _check_one_name(kind)
        check_fields([kind], (*kind.__mro__, *type(kind).__mro__))
        if kind.__doc__ is None:
            kind.__doc__ = kind.__name__  # otherwise the defaults are shown, and their addresses
        return dataclasses.dataclass(**options)(kind)

    return decorate if kind is None else decorate(kind)


def _check_one_name(kind: Any) -> None:
    # A field takes the name that it is given last, also in the class where it stood under another before.
    names: dict[int, str] = {}
    for name in kind.__annotations__:
        for base in kind.__mro__:
            field = base.__dict__.get(name)
            if type(field) is not dataclasses.Field:
                continue
            if field.name not in (None, name) or names.setdefault(id(field), name) != name:
                raise TypeError("a field() has one name, in whatever class it stands: write another field()")


def _check_own_class(what: str, kind: Any) -> None:
    if not (issubclass(type(kind), type) and is_own_class(kind)):
        raise TypeError(f"{what} works on classes of this file only")


def _check_own_function(what: str, function: Any) -> None:
    if type(function) is not FunctionType or type(function.__module__) is not HarnessName:
        raise TypeError(f"{what} works on functions of this file only")


def namedtuple(
    typename: str, field_names: Any, *, rename: bool = False, defaults: Any = None, module: str | None = None
) -> Any:
    """Do what `collections.namedtuple` does, with names that any class of the harness could give to a field."""
    names = field_names.replace(",", " ").split() if isinstance(field_names, str) else field_names
    names = [exact_text(str(name)) for name in names]
    for name in names:
        renamed = rename and name.startswith("_")
        if not renamed and (problem := attribute_problem(name)) is not None:
            raise ValueError("; ".join(problem))
    make: Any = collections.namedtuple
    return make(exact_text(str(typename)), names, rename=rename, defaults=defaults)


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
