"""`copy`, and what of `dataclasses` reads fields: values taken apart and put together without asking them how.

Python's own ask the value (`__reduce_ex__`, `__getstate__`, `__setstate__`, `__deepcopy__`) and do what it answers:
call anything, set any attribute of anything. Ours know how the built-in types are built, and take over the rest of a
value, its dictionary and its slots, as it is.
"""

from __future__ import annotations

import collections
import dataclasses
import enum
import functools
import operator
import re
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from weft.sandbox.classes import HarnessName
from weft.sandbox.facades import Frozen
from weft.sandbox.guards import get_attribute

__all__ = ["asdict", "astuple", "copy", "deepcopy", "replace"]


def copy(value: Any) -> Any:
    """Return a copy of a container or an object that shares its parts."""
    if _is_whole(value):
        return value
    kind = type(value)
    new = _BUILDERS.get(kind, _derived)(kind, value, _Parts(lambda part: part))
    if isinstance(new, collections.ChainMap):
        new.maps = [copy(new.maps[0]), *new.maps[1:]]
    return new


def deepcopy(value: Any) -> Any:
    """Return a copy of a value with copies of all its parts; what is there twice, is twice there in the copy too."""
    made: dict[int, Any] = {}
    kept: list[Any] = []  # so that no address is used again

    def deep(part: Any) -> Any:
        if type(part) in _WHOLE or _is_whole(part):
            return part
        if id(part) not in made:
            kept.append(part)
            kind = type(part)
            parts = _Parts(deep, lambda new: made.setdefault(id(part), new))
            made.setdefault(id(part), _BUILDERS.get(kind, _derived)(kind, part, parts))
        return made[id(part)]

    return deep(value)


class _Parts:
    """What is to become of the parts of a value."""

    __slots__ = ("begun", "part")

    def __init__(self, part: Callable[[Any], Any], begun: Callable[[Any], object] = lambda new: None) -> None:
        """Create it.

        Args:
            part: Makes of a part what stands in the copy.
            begun: Is told of a copy before it has its parts, which may lead back to it.
        """
        self.part = part
        self.begun = begun


_WHOLE = frozenset(
    {
        *(type(None), bool, int, float, complex, str, bytes, range, slice, type(...), type(NotImplemented), object),
        *(types.FunctionType, types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType),
        *(types.GenericAlias, types.UnionType, property, classmethod, staticmethod, re.Pattern, re.Match),
        *(type(functools.lru_cache(len)), type(dataclasses.MISSING), HarnessName),
    }
)


def _is_whole(value: Any) -> bool:
    """Tell whether a value is its own copy: it has no parts that can change, or stands for itself."""
    kind = type(value)
    return kind in _WHOLE or issubclass(kind, (type, enum.Enum, Frozen))


def _dictionary(value: Any) -> dict[str, Any]:
    there: dict[str, Any] = getattr(value, "__dict__", {})
    return there


def _slots(kind: type) -> Iterator[types.MemberDescriptorType]:
    for base in kind.__mro__:
        if "__slots__" in base.__dict__:
            yield from (slot for slot in base.__dict__.values() if type(slot) is types.MemberDescriptorType)


def _field(base: type, name: str, value: Any) -> Any:
    """Return what a built-in type keeps in its objects, whatever the class of the object makes of that name."""
    return base.__dict__[name].__get__(value)


# ---------------------------------------------------------------------------------------------- how values are built


def _derived(kind: Any, value: Any, parts: _Parts) -> Any:
    new = next(_BUILDERS[base] for base in kind.__mro__ if base in _BUILDERS)(kind, value, parts)
    if new is value:
        return value
    parts.begun(new)
    there = _dictionary(new)
    for name, part in _dictionary(value).items():
        there[name] = parts.part(part)
    for slot in _slots(kind):
        try:
            slot.__set__(new, parts.part(slot.__get__(value)))
        except AttributeError:  # it was never given a value
            continue
    return new


def _plain(kind: Any, value: Any, parts: _Parts) -> Any:
    if kind.__reduce_ex__ is not object.__reduce_ex__:  # no class of a harness has one: it says why there is no copy
        kind.__reduce_ex__(value, 4)
    try:
        new = object.__new__(kind)
    except TypeError:
        raise TypeError(f"a {kind.__name__} cannot be copied here") from None
    parts.begun(new)
    return new


def _method(kind: Any, value: Any, parts: _Parts) -> Any:
    owner = parts.part(value.__self__)
    return value if owner is value.__self__ else types.MethodType(value.__func__, owner)


def _scalar(kind: Any, value: Any, parts: _Parts) -> Any:
    base: Any = next(base for base in (str, int, float, complex, bytes) if issubclass(kind, base))
    return base.__new__(kind, *base.__getnewargs__(value))


def _tuple(kind: Any, value: Any, parts: _Parts) -> Any:
    old = [*tuple.__iter__(value)]
    new = [*map(parts.part, old)]
    return value if kind is tuple and all(map(operator.is_, old, new)) else tuple.__new__(kind, new)


def _list(kind: Any, value: Any, parts: _Parts) -> Any:
    new = list.__new__(kind)
    parts.begun(new)
    list.extend(new, [*map(parts.part, list.__iter__(value))])
    return new


def _deque(kind: Any, value: Any, parts: _Parts) -> Any:
    base: Any = collections.deque
    new = base.__new__(kind)
    base.__init__(new, (), _field(base, "maxlen", value))
    parts.begun(new)
    base.extend(new, [*map(parts.part, base.__iter__(value))])
    return new


def _dict(kind: Any, value: Any, parts: _Parts) -> Any:
    kinds: tuple[Any, ...] = (collections.OrderedDict, collections.defaultdict, dict)
    base = next(base for base in kinds if issubclass(kind, base))
    new = base.__new__(kind)
    if base is collections.defaultdict:
        base.__init__(new, parts.part(_field(base, "default_factory", value)))
    parts.begun(new)
    part, put = parts.part, base.__setitem__
    for key, item in [*base.items(value)]:
        put(new, part(key), part(item))
    return new


def _set(kind: Any, value: Any, parts: _Parts) -> Any:
    new = set.__new__(kind)
    parts.begun(new)
    set.update(new, [*map(parts.part, set.__iter__(value))])
    return new


def _frozenset(kind: Any, value: Any, parts: _Parts) -> Any:
    old = [*frozenset.__iter__(value)]
    new = [*map(parts.part, old)]
    return value if kind is frozenset and all(map(operator.is_, old, new)) else frozenset.__new__(kind, new)


def _partial(kind: Any, value: Any, parts: _Parts) -> Any:
    base: Any = functools.partial
    function, given, named = (_field(base, name, value) for name in ("func", "args", "keywords"))
    options = dict(zip(named, [*map(parts.part, named.values())], strict=True))
    return base.__new__(kind, parts.part(function), *[*map(parts.part, given)], **options)


def _error(kind: Any, value: Any, parts: _Parts) -> Any:
    built_in: Any = next(base for base in kind.__mro__ if base.__module__ == "builtins")
    given = [*map(parts.part, _field(BaseException, "args", value))]
    new = built_in.__new__(kind, *given)
    built_in.__init__(new, *given)
    return new


_BUILDERS: Mapping[type, Callable[[Any, Any, _Parts], Any]] = {
    **dict.fromkeys((str, int, float, complex, bytes), _scalar),
    **{dict: _dict, list: _list, set: _set, frozenset: _frozenset, tuple: _tuple, collections.deque: _deque},
    **{functools.partial: _partial, types.MethodType: _method, BaseException: _error, object: _plain},
}


# ---------------------------------------------------------------------------------------------- data classes


def asdict(value: Any, *, dict_factory: Callable[[list[tuple[str, Any]]], Any] = dict) -> Any:
    """Do what `dataclasses.asdict` does, with the fields read under the attribute rules."""
    _check_data("asdict", value)
    return _taken_apart(value, dict_factory)


def astuple(value: Any, *, tuple_factory: Callable[[list[Any]], Any] = tuple) -> Any:
    """Do what `dataclasses.astuple` does, with the fields read under the attribute rules."""
    _check_data("astuple", value)
    return _taken_apart(value, lambda fields: tuple_factory([field for _, field in fields]))


def replace(value: Any, /, **changes: Any) -> Any:
    """Do what `dataclasses.replace` does, with the fields read under the attribute rules."""
    _check_data("replace", value)
    kind: Any = type(value)
    kept = dataclasses.fields(kind)
    for field in kept:
        if not field.init and field.name in changes:
            raise ValueError(f"field {field.name} is declared with init=False, it cannot be specified with replace()")
        if field.init and field.name not in changes:
            changes[field.name] = get_attribute(value, field.name)
    for field in kind.__dataclass_fields__.values():
        if field.type is dataclasses.InitVar and field.name not in changes:
            if field.default is dataclasses.MISSING:
                raise ValueError(f"InitVar {field.name!r} must be specified with replace()")
            changes[field.name] = get_attribute(value, field.name)
    return kind(**changes)


def _check_data(what: str, value: Any) -> None:
    if not dataclasses.is_dataclass(type(value)):
        raise TypeError(f"{what}() should be called on dataclass instances")


def _taken_apart(value: Any, make: Callable[[list[tuple[str, Any]]], Any]) -> Any:
    kind: Any = type(value)
    if dataclasses.is_dataclass(kind):
        fields = dataclasses.fields(kind)
        return make([(field.name, _taken_apart(get_attribute(value, field.name), make)) for field in fields])
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return kind(*[_taken_apart(part, make) for part in value])
    if issubclass(kind, (list, tuple)):
        return kind(_taken_apart(part, make) for part in value)
    if issubclass(kind, dict):
        pairs = ((_taken_apart(key, make), _taken_apart(part, make)) for key, part in value.items())
        return kind(value.default_factory, pairs) if issubclass(kind, collections.defaultdict) else kind(pairs)
    return deepcopy(value)
