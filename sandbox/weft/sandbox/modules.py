"""What stands behind the names that the modules of a harness have. Which names, `weft.primitives.language` says; where
the original gives a way out, `library`, `copies` and `hints` have ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from weft.primitives.language.modules import EXPORTS, MODULES
from weft.sandbox import copies, library
from weft.sandbox.facades import Module, behind, make_module
from weft.sandbox.hints import ABSTRACT, TYPING
from weft.sandbox.text import plain

__all__ = ["STANDARD"]

_OWN: Mapping[str, Mapping[str, Any]] = {
    "abc": {"ABC": library.ABC, "abstractmethod": library.abstractmethod},
    "collections": {"ChainMap": library.ChainMap, "namedtuple": library.namedtuple},
    "collections.abc": ABSTRACT,
    "copy": {"copy": copies.copy, "deepcopy": copies.deepcopy},
    "dataclasses": {
        "asdict": copies.asdict,
        "astuple": copies.astuple,
        "dataclass": library.dataclass,
        "replace": copies.replace,
    },
    "enum": {
        "Enum": library.Enum,
        "Flag": library.Flag,
        "IntEnum": library.IntEnum,
        "IntFlag": library.IntFlag,
        "StrEnum": library.StrEnum,
    },
    "functools": {
        "cached_property": library.cached_property,
        "total_ordering": library.total_ordering,
        "wraps": library.wraps,
    },
    "typing": TYPING,
}

_PLAIN = {
    "re": "compile escape findall finditer fullmatch match search split sub subn",
    # Not `Template` itself: a class derived from it gets to see the tables of `re`.
    "string": "capwords Template",
    "textwrap": "dedent fill indent shorten wrap",
}
"""Functions that are given text and numbers only as such."""


def _facade(module: str, below: Mapping[str, Module]) -> Module:
    own, texts, original = _OWN.get(module, {}), _PLAIN.get(module, "").split(), import_module(module)
    contents: dict[str, Any] = {}
    for name in EXPORTS[module]:
        if f"{module}.{name}" in below:
            contents[name] = below[f"{module}.{name}"]
        elif name in own:
            contents[name] = behind(own[name])
        elif module in _WHOLLY_OWN:
            raise LookupError(f"{module}.{name} is a name of the language, and nothing stands behind it")
        else:
            value = getattr(original, name)
            contents[name] = behind(plain(value) if name in texts else value)
    return make_module(module, contents)


_WHOLLY_OWN = ("collections.abc", "typing")
"""Modules from which nothing is shown as it is."""


def _facades() -> dict[str, Module]:
    made: dict[str, Module] = {}
    for module in sorted(MODULES, reverse=True):  # a submodule comes before the module that shows it
        made[module] = _facade(module, made)
    return made


STANDARD = _facades()
"""The façades of the standard library's pure modules. They are frozen, so all worlds share them."""
