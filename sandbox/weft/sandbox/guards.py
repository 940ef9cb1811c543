"""The guards: what compiled harnesses call where the source cannot tell whether an access is harmless.

`policy` puts the calls in, `world` hands the guards out under their reserved names. They trust nothing about the
objects they look at: types are taken with `type()`, names must be plain text, methods of a harness are never asked.

Reads of ordinary attributes, items, calls and loops are not guarded: their names are known at compile time, no
module, frame or shared container can be reached through them, and so they stay as fast as Python is. Writing to
items is free for the same reason: every container that a harness can reach is its own.

Where Python itself reads an attribute by name, in class patterns and augmented assignments, nobody can look at what
comes out; there only what cannot be anybody else's is allowed (`check_shown`).

Awaiting is not guarded either. A harness cannot make an awaitable: `__await__`, asynchronous generators and
`send`/`throw`/`close` of coroutines are closed, so all that reaches the loop comes out of the primitives.
"""

from __future__ import annotations

import re
from abc import ABCMeta
from collections import namedtuple
from collections.abc import Iterable, Mapping
from types import BuiltinMethodType, CoroutineType, FunctionType, MethodDescriptorType, MethodType
from typing import Any

from weft.primitives.language.attributes import GUARDED, METHODS, NAMED_TUPLE, READABLE, attribute_problem
from weft.primitives.returned import Returned
from weft.sandbox.classes import HarnessName, is_own_class
from weft.sandbox.facades import Frozen, Function, Opaque, fill_slots
from weft.sandbox.text import Formatter, plain

__all__ = [
    "TypeOf",
    "check_shown",
    "get_attribute",
    "has_attribute",
    "is_free",
    "read",
    "set_attribute",
    "update",
    "write",
]

_own_attributes: set[tuple[type, str]] = set()
"""(class, attribute) pairs found to be the harness's own. What stands above a class never changes, so neither does the
answer; it is kept because `self.x = …` and `self._x` happen in loops."""


def read(owner: Any, name: str) -> Any:
    """Return `owner.name` for a name that begins with an underscore or is one of `GUARDED`.

    The compiler asks for one of `METHODS` only on `super()`.

    Raises:
        AttributeError: it is private to something else, or would give a way around the rules.
    """
    if name[0] != "_":
        return _screened(owner, name, getattr(owner, name))
    if name in METHODS:
        _check_bound(owner)
    elif (type(owner), name) not in _own_attributes:
        _check_private(owner, name)
    return getattr(owner, name)


def write(owner: Any, name: str) -> Any:
    """Return `owner`, to have its attribute `name` set or deleted.

    Raises:
        AttributeError: it is not an object, class or function of the harness itself.
    """
    if (type(owner), name) not in _own_attributes:
        _check_own(owner, name)
    return owner


def update(owner: Any, name: str) -> Any:
    """Return `owner`, to have its attribute `name` read and then set, with nobody asking about what is read.

    Raises:
        AttributeError: it cannot be written, or a class of somebody else has a say in what is read.
    """
    check_shown(write(owner, name), name)
    return owner


def _check_own(owner: Any, name: str) -> None:
    kind = type(owner)
    if not is_own_class(kind) and not _is_own_definition(owner):
        raise AttributeError(
            f"cannot change `{name}` of a {kind.__name__}: only objects of classes in this file can be changed"
        )
    if name.startswith("_"):
        _check_private(owner, name)
    elif is_own_class(kind):
        _own_attributes.add((kind, name))


def _is_own_definition(owner: Any) -> bool:
    kind = type(owner)
    return (kind is FunctionType or issubclass(kind, type)) and type(owner.__module__) is HarnessName


def _check_private(owner: Any, name: str) -> None:
    kind = type(owner)
    if kind is FunctionType and _is_own_definition(owner):
        return
    chain = _lookup_chain(owner)
    if name in NAMED_TUPLE and tuple in chain:
        return
    if _foreign(chain, name) or not chain or not is_own_class(chain[0]):
        raise AttributeError(
            f"the attribute `{name}` of a {kind.__name__} is not available: it begins with an underscore, "
            "and only objects of classes in this file show such attributes"
        )
    if is_own_class(kind):
        _own_attributes.add((kind, name))


def _foreign(chain: Iterable[type], name: str) -> list[object]:
    """Return what classes of others have under a name: all of them, because `super()` begins further up."""
    return [base.__dict__[name] for base in chain if name in base.__dict__ and not is_own_class(base)]


def check_shown(owner: Any, name: str) -> None:
    """Refuse an attribute that somebody is going to read by name, without asking about what comes out.

    What is found to be harmless stays so, whatever runs in between: what stands above a class never changes.

    Raises:
        AttributeError: it is closed, or private to something else, or a class of somebody else has a say in it.
    """
    _check_dynamic(name)
    if is_free(name):
        return
    chain = _lookup_chain(owner)
    foreign = _foreign(chain, name)
    own = bool(chain) and is_own_class(chain[0])
    # A field of a named tuple reads an item of the tuple, and nothing else.
    if not (foreign or own) or any(type(found) is not _TUPLE_FIELD for found in foreign):
        raise AttributeError(
            f"the attribute `{name}` of a {type(owner).__name__} is not available in a pattern or an augmented "
            "assignment: not only classes in this file have one"
        )


_TUPLE_FIELD = type(vars(namedtuple("_", "x"))["x"])


def _check_bound(above: Any) -> None:
    # In a class method, `super().__init__` would be the bare function: it writes to whatever object it is called with.
    if type(above) is not super or issubclass(type(getattr(above, "__self__", type)), type):
        raise AttributeError("super().__method__ is only available in methods of objects, not of classes")


def _lookup_chain(owner: Any) -> tuple[type, ...]:
    """Return the classes in which an attribute of `owner` is looked up; the first one decides whose it is."""
    kind: Any = type(owner)
    if kind is super:
        target: type | None = owner.__self_class__
        return () if target is None else target.__mro__
    if issubclass(kind, type):
        # Also the metaclass: `ABCMeta` has private methods that print and forget.
        return (*owner.__mro__, *kind.__mro__)
    classes: tuple[type, ...] = kind.__mro__
    return classes


# ---------------------------------------------------------------------------------------------- screening

_MISSING_FROM = AttributeError.__dict__["obj"]


def _screened(owner: Any, name: str, value: Any) -> Any:
    """Look at what came out, not at what was asked: a subclass, `super()` or a generic alias may stand between."""
    kind = type(value)
    if issubclass(kind, BuiltinMethodType):  # one that knows its class is of a type derived from it
        holder = type(value.__self__)
    elif kind is MethodDescriptorType:
        holder = value.__objclass__
    elif kind is FunctionType and type(value.__module__) is not HarnessName:
        # `Counter.copy(x)` returns `x.__class__(x)`: with a class for x, that is `type`.
        raise AttributeError(f"`{name}` is only available on objects, not on their class")
    elif kind is MethodType and value.__func__ is ABCMeta.register:
        raise AttributeError("`register` of an abstract class is not available: derive from the class")
    elif name == "obj" and (issubclass(type(owner), AttributeError) or value is _MISSING_FROM):
        # The object whose attribute was missing may be one of the interpreter's.
        raise AttributeError("`obj` of an AttributeError is not available; its text is str(error)")
    else:
        return value
    if issubclass(holder, CoroutineType):
        raise AttributeError(f"`{name}` of a coroutine is not available: only the run drives it; write `await`")
    found = _METHODS_OF_OURS.get(value.__name__)
    if found is None or not issubclass(holder, found[0]):
        return value
    return found[1] if kind is MethodDescriptorType else MethodType(found[1], value.__self__)


# ---------------------------------------------------------------------------------------------- built-ins


def get_attribute(owner: Any, name: str, /, *default: Any) -> Any:
    """Do what `getattr` does, under the attribute rules.

    Raises:
        AttributeError: there is no such attribute and no default, or the name is closed on every object.
    """
    free = type(name) is str and is_free(name)
    if not free:
        _check_dynamic(name)
    try:
        return getattr(owner, name) if free else read(owner, name)
    except AttributeError:
        if default:
            return default[0]
        raise


def has_attribute(owner: Any, name: str, /) -> bool:
    """Do what `hasattr` does, under the attribute rules; methods like `__iter__` may be asked for.

    Raises:
        AttributeError: the attribute is not available; an answer would tell what is behind the wall.
    """
    if type(name) is str and name in METHODS:
        return hasattr(owner, name)
    missing = object()
    return get_attribute(owner, name, missing) is not missing


def set_attribute(owner: Any, name: str, value: Any, /) -> None:
    """Do what `setattr` does, under the attribute rules.

    Raises:
        AttributeError: the attribute is not available, or `owner` is not the harness's own.
    """
    _check_dynamic(name)
    if name in READABLE:
        raise AttributeError(f"`{name}` cannot be set; use functools.wraps")
    setattr(write(owner, name), name, value)


def _check_dynamic(name: str) -> None:
    # Exactly `str`: a subclass can give one answer to the check and another to Python.
    if type(name) is not str:
        raise TypeError(f"the name of an attribute must be plain text, got a {type(name).__name__}")
    problem = None if name in READABLE else attribute_problem(name)
    if problem:
        raise AttributeError("; ".join(problem))


def is_free(name: str) -> bool:
    """Tell whether the attribute of that name may be read of whatever object, and looks at nothing but the name."""
    return name in READABLE or not (name[:1] == "_" or name in GUARDED or attribute_problem(name))


_formatter = Formatter(get_attribute)


def _format(template: str, /, *args: Any, **kwargs: Any) -> str:
    return _formatter.fill(template, *args, **kwargs)


def _format_map(template: str, mapping: Any, /) -> str:
    return _formatter.fill_from(template, mapping)


_METHODS_OF_OURS: Mapping[str, tuple[type, Function]] = {
    "format": (str, Function(_format)),
    "format_map": (str, Function(_format_map)),
    # They keep every template in a cache, which all patterns of the process share.
    "sub": (re.Pattern, Function(plain(re.Pattern.sub))),
    "subn": (re.Pattern, Function(plain(re.Pattern.subn))),
    "expand": (re.Match, Function(plain(re.Match.expand))),
}


class TypeOf(Frozen):
    """`type`, with one argument. The types of the interpreter stay closed; not a class, so nothing derives from it."""

    __slots__ = ("_offered", "_opaque")
    _offered: frozenset[type]
    _opaque: dict[type, Opaque]

    def __init__(self, offered: frozenset[type]) -> None:
        """Create it for a world in which the classes `offered` are known by name."""
        fill_slots(self, _offered=offered, _opaque={})

    def __call__(self, value: Any, /, *more: Any) -> Any:  # noqa: D102
        if more:
            raise TypeError("type() takes one argument here: write a class statement")
        kind = type(value)
        if kind in self._offered or is_own_class(kind) or issubclass(kind, (Exception, tuple)):
            return kind
        if issubclass(kind, type):
            return self
        if kind is Returned:  # a list that knows one thing more
            return list
        return self._opaque.setdefault(kind, Opaque(kind))

    @property
    def __name__(self) -> str:
        return "type"

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, type)

    def __getitem__(self, parameter: Any) -> TypeOf:
        return self

    __iter__ = None  # otherwise `__getitem__` makes it an endless sequence

    def __repr__(self) -> str:
        return "<class 'type'>"
