"""Numbers that are not known while a harness is linted and are when it is launched: what is in its arguments."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from weft.linter.record import record

__all__ = ["EVERY", "Parameter"]

EVERY = "[]"
"""Stands in a path for whatever element or key is largest."""


@record()
class Parameter:
    """A number that is known at launch: the length or the value of an argument."""

    path: tuple[str, ...]
    length: bool
    default: int | None = field(default=None, compare=False)
    """What it is when the argument is left out."""

    def text(self) -> str:
        """Return `len(args.repos)` or `args.limit`."""
        name = ".".join(("args", *self.path)).replace("." + EVERY, EVERY)
        return f"len({name})" if self.length else name

    def read(self, args: Any) -> int:
        """Return the number that it is with these arguments.

        Raises:
            KeyError: the arguments do not have it and there is no default.
        """
        found = [0 if self.length and value is None else value for value in _reach(args, self.path)]
        numbers = [len(value) if self.length and hasattr(value, "__len__") else value for value in found]
        if not numbers or not all(isinstance(value, int) for value in numbers):
            if self.default is None:
                raise KeyError(self.text())
            return self.default
        return max(0, *numbers)


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
