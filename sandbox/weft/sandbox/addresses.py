"""Memory addresses taken out of all that Python shows and hashes, in a process that only executes harnesses.

Where an object lies differs from process to process, so nothing a harness can compute may depend on it. There are too
many ways to a text (`%`, `map(str, …)`, the message of a `KeyError`, the repr of a container) and into a set (its
displays, `dict.keys() - …`, what the library makes) to guard each; so `__repr__` and `__hash__` themselves are
exchanged in the types of the interpreter, before anything else happens. What has the same history then is in the same
order in every process: also a set of classes, or of tuples with a not-a-number in them. Where an address would tell
objects apart, the number of their turn does, so that large sets stay fast.
"""

from __future__ import annotations

import ctypes
import gc
from _thread import LockType, RLock
from _weakref import CallableProxyType, ProxyType, ReferenceType
from collections.abc import Callable, Iterator
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CellType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    MethodWrapperType,
    NoneType,
)
from typing import Any

__all__ = ["hide_addresses", "turn_of_kept", "turns_anew"]

_WORD = ctypes.sizeof(ctypes.c_void_p)
_HEAD = object.__basicsize__ + _WORD
"""Where the slots of a type begin: after its reference count, its type and its size. Then one word each."""
_SLOTS = {"__repr__": _HEAD + 8 * _WORD, "__hash__": _HEAD + 12 * _WORD}

_SHOWN_WITH_ADDRESS: tuple[type[Any], ...] = (
    *(object, AsyncGeneratorType, BuiltinFunctionType, CellType, CodeType, CoroutineType, FrameType, FunctionType),
    *(GeneratorType, MethodWrapperType, LockType, RLock, memoryview, ReferenceType, ProxyType, CallableProxyType),
)
_HASHED_ALIKE: tuple[type[Any], ...] = (BuiltinFunctionType, MethodWrapperType, NoneType)
"""Types of which a set is in the order in which they came: there are only a few of each.

`None` goes by its address until Python 3.11 and by a number since 3.12, and a journal replays on both.
"""


def hide_addresses() -> None:
    """Let no object show its address or that of another, and none be hashed by one.

    It comes before all imports that can wait: what is in a table is found by the hash that it had when it was put in.

    Raises:
        RuntimeError: this Python is made differently from those that are known here.
    """
    if not (_slot(int, "__hash__").value and _slot(type, "__hash__").value == _slot(object, "__hash__").value):
        raise RuntimeError("this Python lays out its types in a way that is not known here")
    _exchange(type, "__hash__", _by_name())  # before `object`, as it has inherited that
    _exchange(object, "__hash__", _by_turn)
    _exchange(MethodType, "__hash__", _by_owner)
    for hashed in _HASHED_ALIKE:
        _exchange(hashed, "__hash__", _alike)
    for number in (float, complex):
        _exchange(number, "__hash__", _by_value(number))
    for shown in _SHOWN_WITH_ADDRESS:
        _exchange(shown, "__repr__", _without_address(shown))
    for table in gc.get_objects():
        if type(table) in (dict, set) and not all(type(key) is str for key in table):
            _hash_anew(table)


# ---------------------------------------------------------------------------------------------- what stands there now


def _alike(self: object) -> int:
    return 0


class _Turns:
    """Counts objects as they come."""

    __slots__ = ("last",)

    def __init__(self) -> None:
        self.last = 0

    def __next__(self) -> int:
        self.last += 1
        return self.last


_turns = _Turns()
_kept: dict[int, tuple[int, object]] = {}
"""The turns of objects by their address, which nothing else gets: they stay to the end."""
_TURN = "__turn__"
_MOST_KEPT = 1 << 18


def turns_anew() -> None:
    """Begin to count again, so that no turn depends on what this process has done before."""
    _turns.last = 0


def turn_of_kept(value: object) -> int:
    """Return the number of an object that has no place for one and may stay in memory; 0 once there are very many."""
    known = _kept.get(id(value))
    if known is None:
        if len(_kept) == _MOST_KEPT:
            return 0
        known = _kept[id(value)] = (next(_turns), value)
    return known[0]


def _by_turn(self: object) -> int:
    """Number objects as they come; those without a place for a number, which may end before the process, are alike."""
    place = getattr(self, "__dict__", None)
    if type(place) is not dict:
        return turn_of_kept(self) if type(self) is object else 0
    turn: int | None = place.get(_TURN)
    if turn is None:
        turn = place[_TURN] = next(_turns)
    return turn


def _by_owner(self: MethodType) -> int:
    return _by_turn(self.__self__)


def _by_name() -> Callable[[type], int]:
    name_of = type.__dict__["__qualname__"].__get__
    hashes: dict[int, int] = {}
    """By the address of the class: classes stay to the end, since only the collector would end them."""

    def __hash__(self: type) -> int:
        try:
            return hashes[id(self)]
        except KeyError:
            return hashes.setdefault(id(self), str.__hash__(name_of(self)))

    return __hash__


def _by_value(kind: type) -> Callable[[Any], int]:
    hashed: Callable[[Any], int] = kind.__dict__["__hash__"]
    equal: Callable[[Any, Any], bool] = kind.__dict__["__eq__"]

    def __hash__(self: Any) -> int:
        return hashed(self) if equal(self, self) else turn_of_kept(self)  # a not-a-number

    return __hash__


def _without_address(kind: type) -> Callable[[Any], str]:
    shown: Callable[[Any], str] = kind.__dict__["__repr__"]

    def __repr__(self: Any) -> str:
        return _cleaned(shown(self))

    return __repr__


def _cleaned(text: str) -> str:
    for sign, digits in ((" at 0x", "0123456789abcdefABCDEF"), (" owner=", "0123456789")):  # a lock shows its thread
        first, *rest = text.split(sign)
        text = first + "".join(part.lstrip(digits) for part in rest)
    return text


# ---------------------------------------------------------------------------------------------- how it gets there


class _WrittenInPython:
    """Whose slots hold what C calls for a method that is written in Python."""

    def __repr__(self) -> str:
        return ""

    def __hash__(self) -> int:
        return 0


def _exchange(kind: type, name: str, method: Callable[[Any], object]) -> None:
    """Give a built-in type another method, and those that have inherited it from there."""
    before, now = _slot(kind, name).value, _slot(_WrittenInPython, name).value
    for heir in _with_heirs(kind):
        if _slot(heir, name).value == before:
            _slot(heir, name).value = now
            if heir is kind or name in heir.__dict__:
                (attributes,) = gc.get_referents(heir.__dict__)
                attributes[name] = method
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


def _slot(kind: type, name: str) -> ctypes.c_void_p:
    return ctypes.c_void_p.from_address(id(kind) + _SLOTS[name])


def _with_heirs(kind: type) -> Iterator[type]:
    waiting, seen = [kind], {id(kind)}
    for heir in waiting:
        yield heir
        subclasses: list[type] = type.__subclasses__(heir)
        below = [kind for kind in subclasses if id(kind) not in seen]
        seen.update(map(id, below))
        waiting += below


def _hash_anew(table: dict[Any, Any] | set[Any]) -> None:
    items: Any = table.items() if isinstance(table, dict) else table
    kept = list(items)
    table.clear()
    table.update(kept)
