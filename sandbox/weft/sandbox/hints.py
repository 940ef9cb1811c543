"""`typing` and `collections.abc` as a harness sees them: names to write, without the classes and registries behind."""

from __future__ import annotations

import collections
import collections.abc
import typing
from collections.abc import Callable
from types import GenericAlias
from typing import Any, TypeVar

from weft.sandbox.classes import Generic, Protocol
from weft.sandbox.facades import Hint

__all__ = ["ABSTRACT", "TYPING"]

T = TypeVar("T")

_BASES = """
    Callable Collection Container Hashable ItemsView Iterable Iterator KeysView Mapping MappingView MutableMapping
    MutableSequence MutableSet Reversible Sequence Set Sized ValuesView
"""
"""Abstract classes that a class of the harness may derive from."""

# Their methods drive a coroutine that is handed to them, so they are good for `isinstance` only.
_CHECKS = "AsyncGenerator AsyncIterable AsyncIterator Awaitable Coroutine Generator"

ABSTRACT: dict[str, Any] = {
    **{name: Hint(name, getattr(collections.abc, name), getattr(collections.abc, name)) for name in _BASES.split()},
    **{name: Hint(name, getattr(collections.abc, name)) for name in _CHECKS.split()},
}
"""What `collections.abc` has."""

_CONCRETE = {
    "Counter": collections.Counter,
    "DefaultDict": collections.defaultdict,
    "Deque": collections.deque,
    "Dict": dict,
    "FrozenSet": frozenset,
    "List": list,
    "OrderedDict": collections.OrderedDict,
    "Set": set,
    "Tuple": tuple,
}

_FORMS = """
    Annotated Any AnyStr ClassVar Concatenate Final Literal LiteralString Match Never NoReturn NotRequired Optional
    Pattern Required Self SupportsAbs SupportsFloat SupportsIndex SupportsInt SupportsRound Text Type TypeAlias
    TypeGuard Union Unpack
"""


def variable(name: str, *constraints: object, **options: object) -> Hint:
    """Return a type variable: something to write between brackets."""
    return Hint(name)


def _special_base(form: Any) -> Hint:
    """Return what stands for `NamedTuple` or `TypedDict`: a base for a class, and not a function to call."""
    return Hint(form.__name__, base=form.__mro_entries__((form,))[0])


def cast(kind: object, value: T) -> T:
    """Return the value."""
    return value


def declare(function: T) -> T:
    """Return the argument: `overload`, `final` and such speak to type checkers only."""
    return function


def new_type(name: str, kind: object) -> Callable[[T], T]:
    """Return a function that returns its argument."""
    return lambda value: value


def get_args(hint: object) -> tuple[Any, ...]:
    """Return what stands in the brackets."""
    return hint.args if type(hint) is Hint else hint.__args__ if type(hint) is GenericAlias else ()


def get_origin(hint: object) -> Any:
    """Return what stands before the brackets; `None` when there are none."""
    if type(hint) is Hint and hint.args:
        # The abstract classes keep a registry that the whole process shares.
        return ABSTRACT.get(hint._name) or hint._base or Hint(hint._name)
    return hint.__origin__ if type(hint) is GenericAlias else None


TYPING: dict[str, Any] = {
    **ABSTRACT,
    "AbstractSet": ABSTRACT["Set"],
    **{name: Hint(name, kind, kind) for name, kind in _CONCRETE.items()},
    **{name: Hint(name) for name in _FORMS.split()},
    "Generic": Generic,
    "NamedTuple": _special_base(typing.NamedTuple),
    "NewType": new_type,
    "ParamSpec": variable,
    "Protocol": Protocol,
    "TYPE_CHECKING": False,
    "TypeVar": variable,
    "TypeVarTuple": variable,
    "TypedDict": _special_base(typing.TypedDict),
    "assert_never": typing.assert_never,
    "cast": cast,
    "final": declare,
    "get_args": get_args,
    "get_origin": get_origin,
    "overload": declare,
    "override": declare,
    "runtime_checkable": declare,
}
"""What `typing` has."""
