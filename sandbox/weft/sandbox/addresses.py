"""Memory addresses taken out of all that Python shows and hashes, in a process that only executes harnesses.

Where an object lies differs from process to process, so nothing a harness can compute may depend on it. There are too
many ways to a text (`%`, `map(str, …)`, the message of a `KeyError`, the repr of a container) and into a set to guard
each; so the two C functions behind them are exchanged in the types of the interpreter, before anything else happens.

What still goes by address: the order of a set of classes, because the interpreter's own tables depend on their hashes,
and of a set with several not-a-numbers.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CoroutineType,
    FunctionType,
    GeneratorType,
    MethodType,
    MethodWrapperType,
    NoneType,
)

__all__ = ["hide_addresses"]

_WORD = ctypes.sizeof(ctypes.c_void_p)
_HEAD = object.__basicsize__ + _WORD
"""Where the slots of a type begin: after its reference count, its type and its size. Then one word each."""
_REPR = _HEAD + 8 * _WORD
_HASH = _HEAD + 12 * _WORD

_SHOWN_WITH_ADDRESS = (
    *(AsyncGeneratorType, BuiltinFunctionType, CoroutineType, FunctionType, GeneratorType),
    MethodWrapperType,
)
_HASHED_BY_ADDRESS = (BuiltinFunctionType, MethodType, MethodWrapperType, NoneType)
"""Types that do so in a way of their own; the others inherit that of `object`, or go by value.

`None` goes by its address until Python 3.11 and by a number since 3.12, and a journal replays on both.
"""

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_Repr = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)
_kept: list[object] = []
"""The functions that C calls; they must never be freed."""


def hide_addresses() -> None:
    """Make no object of a built-in type show its address, and all that would hash by it hash alike.

    A set of functions is then in the order in which they came, and `None` in a tuple does not change its place.
    """
    shown, hashed = _slot(object, _REPR).value, _slot(object, _HASH).value
    if not hashed or _slot(FunctionType, _HASH).value != hashed or _slot(int, _HASH).value in (hashed, None):
        raise RuntimeError("this Python lays out its types in a way that is not known here")
    # Any C function will do that gives the same number whatever it is called with.
    alike = ctypes.cast(ctypes.pythonapi.PyThread_get_stacksize, ctypes.c_void_p).value
    bare = _without_address(shown)
    for kind in _all_types():
        if _slot(kind, _REPR).value == shown:
            _slot(kind, _REPR).value = bare
        if _slot(kind, _HASH).value == hashed:
            _slot(kind, _HASH).value = alike
    for kind in _SHOWN_WITH_ADDRESS:
        _slot(kind, _REPR).value = _without_address(_slot(kind, _REPR).value)
    for kind in _HASHED_BY_ADDRESS:
        _slot(kind, _HASH).value = alike


def _without_address(shown: int | None) -> int | None:
    assert shown is not None
    original = _Repr(shown)
    replacement = _Repr(lambda value: _ADDRESS.sub("", original(value)))
    _kept.append(replacement)
    return ctypes.cast(replacement, ctypes.c_void_p).value


def _slot(kind: type, offset: int) -> ctypes.c_void_p:
    return ctypes.c_void_p.from_address(id(kind) + offset)


def _all_types() -> Iterator[type]:
    waiting: list[type] = [object]
    seen = set()
    while waiting:
        kind = waiting.pop()
        if kind in seen or issubclass(kind, type):
            continue  # not classes themselves: the interpreter's own tables depend on their hashes
        seen.add(kind)
        yield kind
        waiting.extend(type.__subclasses__(kind))
