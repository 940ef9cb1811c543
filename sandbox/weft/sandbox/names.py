"""Which names and attributes a harness may write, and what to write instead. One answer for compile time and run time.

A name that looks like `_this_` belongs to the sandbox (its guards), one that begins with `__` to Python. Attributes
that begin with one underscore are private to the harness's own objects; whether an object is one, `guards` decides.
"""

from __future__ import annotations

import builtins
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType, TracebackType

from RestrictedPython.transformer import INSPECT_ATTRIBUTES

from weft.primitives.language import BUILTINS

__all__ = [
    "GUARDED",
    "HABIT_BUILTINS",
    "HIDDEN_BUILTINS",
    "READABLE",
    "attribute_problem",
    "builtin_problem",
    "name_problem",
]

READABLE = frozenset({"__name__", "__qualname__", "__doc__"})
"""The double-underscore attributes that may be read: they are text."""

GUARDED = frozenset("format format_map send throw close obj register copy".split())
"""Attributes that are harmless on most objects and dangerous on a few: read through `guards.read`."""

HABIT_BUILTINS = frozenset({"print", "hash"})
"""Built-ins outside the language that work all the same, because harnesses are written from habit: `print` logs,
`hash` refuses what it would have to hash by address. The linter says what to write instead."""

_INTERNALS = (GeneratorType, CoroutineType, AsyncGeneratorType, FrameType, CodeType, TracebackType)
_EVERYDAY = frozenset(name for kind in (str, list, dict) for name in dir(kind)) | GUARDED
_CLOSED = (
    # Read off the live types, because a list written by hand lags behind CPython (`gi_suspended` came with 3.11).
    frozenset(name for kind in _INTERNALS for name in dir(kind) if name[0] != "_" and name not in _EVERYDAY)
    | INSPECT_ATTRIBUTES
    | {"mro", "with_traceback", "_abc_impl"}
)
"""Attributes that lead to frames, code and base classes, on whatever object."""

_INSTEAD_OF_ATTRIBUTE = {
    "__class__": "write type(x)",
    "__dict__": "keep the data in a dict of your own",
    "__init__": "write super().__init__(…)",
    "__traceback__": "the error's text is str(error)",
    "mro": "isinstance() and issubclass() answer most questions",
    "with_traceback": "write `raise … from error`",
}

_NO_CODE = "a harness is one fixed program; compute with ordinary functions"
_NO_FILES = "a harness has no files; let an agent or a tool read and write, and pass text on"
_NO_SCOPES = "keep values in a dict of your own"
_NO_STOPS = "a run cannot be stopped or held up from inside; write `except Exception`, or `raise RuntimeError(…)`"
_INSTEAD_OF_BUILTIN = {
    **dict.fromkeys(("exec", "eval", "compile", "__import__"), _NO_CODE),
    **dict.fromkeys(("globals", "locals", "vars", "dir"), _NO_SCOPES),
    **dict.fromkeys(("BaseException", "SystemExit", "KeyboardInterrupt", "GeneratorExit"), _NO_STOPS),
    **dict.fromkeys(("BaseExceptionGroup", "ExceptionGroup"), "failures of a fan-out are in its `.lost`"),
    "open": _NO_FILES,
    "input": "take it from args, or let an agent ask",
    "id": "addresses differ from run to run; number the items with enumerate()",
    "delattr": "write `del x.name`",
    "bytearray": "collect parts in a list and join them",
    "memoryview": "slice the bytes",
    "breakpoint": "write log(…)",
    "help": "write log(…)",
}

HIDDEN_BUILTINS = frozenset(dir(builtins)) - BUILTINS - HABIT_BUILTINS - {"exit", "quit"}
"""Built-in names of Python that a harness does not have. (`exit` and `quit` are there or not, as `site` decides.)"""


def name_problem(name: str) -> str | None:
    """Say why a harness may not use `name` as a variable, parameter, function or keyword; `None` when it may."""
    if not name.strip("_"):  # throw-away names
        return None
    if name.startswith("__"):
        return f"`{name}` is not available: names that begin with two underscores belong to Python"
    if name.startswith("_") and name.endswith("_"):
        return f"`{name}` is not available: names like _this_ belong to the sandbox; write `{name.strip('_')}`"
    return None


def attribute_problem(name: str) -> str | None:
    """Say why no object may be asked for the attribute `name`; `None` when it depends on the object or is harmless.

    `READABLE` is for the caller to allow.
    """
    instead = _INSTEAD_OF_ATTRIBUTE.get(name)
    hint = f"; {instead}" if instead else ""
    if name in _CLOSED:
        return f"the attribute `{name}` is not available: it leads into the interpreter{hint}"
    if name == "_":
        return None
    if name.startswith("__"):
        return f"the attribute `{name}` is not available: it begins with two underscores{hint}"
    if name.startswith("_") and name.endswith("_"):
        return f"the attribute `{name}` is not available: names like _this_ belong to Python's own machinery{hint}"
    return None


def builtin_problem(name: str) -> str:
    """Say why a built-in of Python is not there, and what to write instead."""
    instead = _INSTEAD_OF_BUILTIN.get(name)
    return f"`{name}` is not available in a harness" + (f": {instead}" if instead else "")
