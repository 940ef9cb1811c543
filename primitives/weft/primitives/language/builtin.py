"""The built-in names of Python: which a harness has, which it lacks, and what to write instead of those."""

from __future__ import annotations

import builtins

__all__ = ["BUILTINS", "HABIT_BUILTINS", "HIDDEN_BUILTINS", "PRINT_OPTIONS", "builtin_advice"]

BUILTINS = frozenset(
    """
    abs all any ascii bin bool bytes callable chr classmethod complex dict divmod enumerate filter float format
    frozenset getattr hasattr hex int isinstance issubclass iter len list map max min next object oct ord pow
    property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type zip False None
    True Ellipsis NotImplemented ArithmeticError AssertionError AttributeError Exception FloatingPointError
    IndexError KeyError LookupError NameError NotImplementedError OverflowError RecursionError RuntimeError
    StopAsyncIteration StopIteration TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError
    ValueError ZeroDivisionError TimeoutError MemoryError
    """.split()
)
"""The built-in names a harness may use. `type` takes one argument; `getattr` and `setattr` keep the attribute rules."""

HABIT_BUILTINS = frozenset({"print", "hash"})
"""Built-ins outside the language that work all the same, because harnesses are written from habit: `print` logs,
`hash` refuses what it would have to hash by address. The linter says what to write instead."""

PRINT_OPTIONS = frozenset({"sep", "end", "flush"})
"""The options of `print`: there is no file to print to."""

HIDDEN_BUILTINS = (
    frozenset(name for name in dir(builtins) if not name.startswith("_"))
    # `site` adds some of these; what a source may say must not depend on how Python is started.
    | {"copyright", "credits", "help", "license", "__import__", "__build_class__"}
) - (BUILTINS | HABIT_BUILTINS | {"exit", "quit"})
"""Built-in names that a harness does not have: a source that reads one is refused. (`exit` and `quit`, which are for
the terminal only, are names like any other that nothing defines.)"""

_NO_CODE = "compute with ordinary functions; a harness is one fixed program"
_NO_FILES = "put it in args, or let an agent read it with read_file; return what shall be kept"
_NO_SCOPES = "keep values in a dict of your own"
_NO_STOPS = "write `except Exception`, or `raise RuntimeError(…)`; a run cannot be stopped or held up from inside"
_ADVICE = {
    **dict.fromkeys(("exec", "eval", "compile"), _NO_CODE),
    **dict.fromkeys(("globals", "locals", "vars", "dir"), _NO_SCOPES),
    **dict.fromkeys(("BaseException", "SystemExit", "KeyboardInterrupt", "GeneratorExit"), _NO_STOPS),
    **dict.fromkeys(("BaseExceptionGroup", "ExceptionGroup"), "read `.lost` of a fan-out; its failures are there"),
    **dict.fromkeys(("exit", "quit"), "return from main, or `raise RuntimeError(…)`"),
    "open": _NO_FILES,
    "input": "take it from args",
    "id": "number the items with enumerate(); addresses differ from run to run",
    "__import__": "write import at the top",
    "delattr": "write `del x.name`",
    "bytearray": "collect parts in a list and join them",
    "memoryview": "slice the bytes",
    "aiter": "write `for x in await f()`",
    "anext": "write `for x in await f()`",
    "breakpoint": "write log(…)",
    "help": "write log(…)",
}

_OTHER_ERRORS = "write `except Exception`, or raise a class of your own derived from Exception"


def builtin_advice(name: str) -> str:
    """Say what to write instead of a built-in that a harness does not have."""
    if name in _ADVICE:
        return _ADVICE[name]
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, BaseException):
        return _OTHER_ERRORS
    return "leave it out"
