"""Numbers that are not known while a harness is linted and are when it is launched: what is in its arguments."""

from __future__ import annotations

from math import ceil, isfinite
from typing import Any, Literal

from weft.linter.record import record

__all__ = ["EVERY", "Parameter"]

EVERY = "[]"
"""Stands in a path for whatever element or key is largest."""


@record()
class Parameter:
    """A number that is known at launch: the length or the value of an argument."""

    path: tuple[str, ...]
    length: bool
    default: int | None = None
    """What it is when the argument is left out."""
    part: Literal["above", "below", "place"] = "above"
    """How far a number is above 0, or below it; a number less than 0 is no `place`, and nothing is told of it."""

    def text(self) -> str:
        """Return `len(args.repos)` or `args.limit`."""
        name = ".".join(("args", *self.path)).replace("." + EVERY, EVERY)
        return f"len({name})" if self.length else f"max(0,-{name})" if self.part == "below" else name

    def read(self, args: Any) -> int:
        """Return the number that it is with these arguments.

        Raises:
            KeyError: the arguments do not have it and there is no default, or it is nothing that has this number.
        """
        found = _reach(args, self.path)
        if not found and self.default is not None:
            return self._number(self.default)
        if not found and EVERY in self.path and _reach(args, self.path[: self.path.index(EVERY)]):
            return 0  # of no elements
        if not found:
            raise KeyError(self.text())
        return max(0, *(self._length(value) if self.length else self._number(value) for value in found))

    def _length(self, value: Any) -> int:
        return 0 if value is None else len(value) if hasattr(value, "__len__") else self._number(value)

    def _number(self, value: Any) -> int:
        if not isinstance(value, (int, float)) or not isfinite(value) or (self.part == "place" and value < 0):
            raise KeyError(self.text())
        return max(0, ceil(-value if self.part == "below" else value))


def _reach(value: Any, path: tuple[str, ...]) -> list[Any]:
    if not path:
        return [value]
    key, rest = path[0], path[1:]
    if key == EVERY:
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        return [found for item in inner for found in _reach(item, rest)]
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        return _reach(value[int(key)], rest)
    return _reach(value[key], rest) if isinstance(value, dict) and key in value else []
