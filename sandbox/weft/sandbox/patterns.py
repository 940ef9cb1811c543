"""Class patterns under the attribute rules: `case C(x)` reads what `C.__match_args__` names, and asks nobody.

What is bound, in which order, and what does not match is Python's own work: the class of a pattern is replaced by one
that stands for it, has a copy of the names, and looks at the subject before Python does.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from weft.sandbox.classes import is_own_class
from weft.sandbox.facades import Frozen
from weft.sandbox.guards import check_shown, is_free

__all__ = ["class_of_pattern"]

_MATCHES_ITSELF = 1 << 22
"""The flag of types that are their own only field, as in `case int(x)`; classes inherit it."""


_settled: set[type] = set()
"""Classes of which all that a pattern reads by position is harmless on any object, and that stays so."""


def class_of_pattern(kind: Any, positions: int) -> Any:
    """Return what Python shall take for the class of a pattern.

    Args:
        kind: What is written there.
        positions: How many patterns without a keyword stand in the brackets; those with one name an ordinary attribute.

    Raises:
        TypeError: the class does not say in a way that can be read what its fields are.
    """
    if not issubclass(type(kind), type):
        checks = isinstance(kind, Frozen) and hasattr(type(kind), "__instancecheck__")
        return _stand_for(kind, None, ()) if checks else kind  # of what is no class, Python says so
    if not positions or kind in _settled:
        return kind
    names = getattr(kind, "__match_args__", None)
    if names is not None and not (type(names) is tuple and all(type(name) is str for name in names)):
        raise TypeError(f"{kind.__name__}.__match_args__ must be a tuple of strings")
    # What a class has of its own, `dataclass` does not replace; what it has not, may still come.
    if all(map(is_free, names or ())) and ("__match_args__" in kind.__dict__ or not is_own_class(kind)):
        _settled.add(kind)
        return kind
    asked = tuple(name for name in (names or ())[:positions] if not is_free(name))
    return _stand_for_class(kind, names, asked)


class _Pattern(type):
    """The class of classes that stand for another in a pattern."""

    _kind: Any
    _asked: tuple[str, ...]
    """The attributes that Python will read, as far as it depends on the object whether it may."""

    def __instancecheck__(cls, value: Any) -> bool:
        if not isinstance(value, cls._kind):
            return False
        for name in cls._asked:
            check_shown(value, name)
        return True


def _stand_for(kind: Any, names: tuple[str, ...] | None, asked: tuple[str, ...]) -> _Pattern:
    contents: dict[str, Any] = {"__slots__": (), "_kind": kind, "_asked": asked}
    if names is not None:
        contents["__match_args__"] = names
    itself = names is None and issubclass(type(kind), type) and kind.__flags__ & _MATCHES_ITSELF
    return _Pattern(getattr(kind, "__name__", str(kind)), (int if itself else object,), contents)


_stand_for_class = lru_cache(1000)(_stand_for)
