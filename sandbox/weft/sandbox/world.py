"""The world of a harness: the globals its code runs in, with the built-ins, guards, modules and primitives it sees.

Each harness gets a world of its own. What worlds share is frozen or has no state.
"""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import EllipsisType, FunctionType, NoneType, NotImplementedType
from typing import Any

from weft.primitives.language.builtin import BUILTINS
from weft.primitives.language.modules import HABIT_MODULES, module_problem
from weft.sandbox import guards, text
from weft.sandbox.classes import FIELD_KINDS, HarnessName, bases_of, leave_quietly
from weft.sandbox.facades import Module, behind, export_problem, make_module
from weft.sandbox.library import takes_functions
from weft.sandbox.modules import STANDARD
from weft.sandbox.patterns import class_of_pattern
from weft.sandbox.policy import compile_harness

__all__ = ["build_world", "warm"]

MODULE = "harness"
"""The `__name__` of every harness, saved ones too: the text of a class shows it, and what a harness computes must not
depend on where its file lies."""

_OWN_BUILTINS = {
    "getattr": guards.get_attribute,
    "hasattr": guards.has_attribute,
    "hash": text.hash_of,
    "setattr": guards.set_attribute,
}

_GUARDS = {
    "_Exception_": Exception,
    "_Field_": object,
    **{f"_{name}_": kind for name, kind in FIELD_KINDS.items()},
    "_bases_": bases_of,
    "_class_": class_of_pattern,
    "_exit_": leave_quietly,
    "_read_": guards.read,
    "_update_": guards.update,
    "_write_": guards.write,
}
"""What `policy` puts into compiled code. A harness cannot write these names."""


def build_world(primitives: Mapping[str, object]) -> dict[str, Any]:
    """Return fresh globals in which the code of one harness can be executed.

    Args:
        primitives: What `from weft.primitives import …` offers; the names are there without the import too.
    """
    offered = {key: _primitive(value) for key, value in primitives.items()}
    modules = {**STANDARD, **_weft(offered), **_habits(primitives)}
    there: dict[str, Any] = {
        **{key: getattr(builtins, key) for key in BUILTINS},
        **{key: behind(value) for key, value in _OWN_BUILTINS.items()},
        "print": behind(_printer(primitives.get("log"))),
    }
    there["type"] = guards.TypeOf(_classes([*there.values(), *offered.values()]))
    machinery = {**_GUARDS, "__build_class__": builtins.__build_class__, "__import__": _importer(modules)}
    return {"__builtins__": {**there, **machinery}, "__name__": HarnessName(MODULE), "__doc__": None, **offered}


def _primitive(value: object) -> object:
    return behind(takes_functions(value)) if isinstance(value, FunctionType) else value


def _classes(values: Sequence[object]) -> frozenset[type]:
    """Return the classes that a harness knows by name. `type` and `super` it has only as the language says."""
    shared = [getattr(module, key) for module in STANDARD.values() for key in module._exports]
    known = (value for value in [*values, *shared, NoneType, EllipsisType, NotImplementedType])
    return frozenset(value for value in known if isinstance(value, type) and not issubclass(value, (type, super)))


def _weft(offered: Mapping[str, object]) -> dict[str, Module]:
    vocabulary = make_module("weft.primitives", offered)
    return {"weft": make_module("weft", {"primitives": vocabulary}), "weft.primitives": vocabulary}


def _importer(modules: Mapping[str, Module]) -> Callable[..., Module]:
    def import_module(
        name: str, globals: object = None, locals: object = None, fromlist: Sequence[str] | None = (), level: int = 0
    ) -> Module:
        if (problem := module_problem("." * level + name)) is not None:
            raise ImportError(": ".join(problem))
        for wanted in fromlist or ():
            if (missing := export_problem(name, wanted, modules[name]._exports)) is not None:
                raise ImportError(missing)
        return modules[name if fromlist else name.partition(".")[0]]

    return import_module


# ---------------------------------------------------------------------------------------------- habits


def _printer(log: Any) -> Callable[..., None]:
    """`print` is `log`."""

    def print(*values: object, sep: str | None = " ", end: str | None = "\n", flush: bool = False) -> None:
        if log is not None:
            log((" " if sep is None else sep).join(map(str, values)))

    return print


def _habits(primitives: Mapping[str, object]) -> dict[str, Module]:
    contents: dict[str, dict[str, object]] = {"asyncio": {"gather": behind(_gatherer(primitives.get("parallel")))}}
    assert {name: frozenset(names) for name, names in contents.items()} == HABIT_MODULES
    return {name: make_module(name, names) for name, names in contents.items()}


def _gatherer(parallel: Any) -> Callable[..., Awaitable[list[Any]]]:
    """`asyncio.gather` is `parallel`, except that errors are raised, once all have ended."""

    async def settle(branch: Awaitable[Any]) -> tuple[Any, Exception | None]:
        try:
            return await branch, None
        except Exception as error:  # noqa: BLE001 - raised again by gather
            return None, error

    async def gather(*branches: Awaitable[Any], return_exceptions: bool = False) -> list[Any]:
        outcomes = await parallel([settle(branch) for branch in branches])
        errors = [error for _, error in outcomes if error is not None]
        if errors and not return_exceptions:
            raise errors[0]
        return [value if error is None else error for value, error in outcomes]

    return gather


# ---------------------------------------------------------------------------------------------- before the lock

_CODECS = """
    ascii cp1252 idna latin-1 punycode raw-unicode-escape unicode-escape utf-16 utf-16-be utf-16-le utf-32 utf-8
    utf-8-sig
"""


def warm() -> None:
    """Load everything that Python loads on first use, so that the process can then be cut off from all files."""
    import unicodedata  # noqa: F401 - names that are not ASCII, and "\N{…}"

    for codec in _CODECS.split():
        "a".encode(codec).decode(codec)
    names = build_world({})
    exec(compile_harness(_EVERYTHING_ONCE, "warm"), names)


_EVERYTHING_ONCE = """
import collections, dataclasses, re, statistics, typing
@dataclasses.dataclass
class Once:
    x: typing.Any = 0
collections.Counter("aab").most_common(1)
re.sub("(a)", r"\\\\1", "a")
statistics.quantiles([1, 2, 3])
f"{Once()}{[Once]!r}" + "{0.x}".format(Once()) + "é".upper()
"""
