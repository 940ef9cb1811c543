"""The modules a harness can import, and which names each has. Where the original gives a way out, `library` has ours.

Left out on purpose, among others: whatever reads attributes by name (`operator.attrgetter`, `string.Formatter`),
evaluates text (`typing.get_type_hints`, `functools.singledispatch`), builds classes from data (`make_dataclass`,
`Enum(name, members)`), writes to what it is given (`functools.update_wrapper`) or is random (`NormalDist`).
"""

from __future__ import annotations

import bisect
import collections
import dataclasses
import enum
import functools
import heapq
import itertools
import json
import math
import operator
import re
import statistics
import string
import textwrap
from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any

from weft.primitives.language import MODULES
from weft.sandbox import library
from weft.sandbox.facades import Module, behind, export_problem, make_module
from weft.sandbox.hints import ABSTRACT, TYPING

__all__ = ["HABIT_MODULES", "STANDARD", "import_problem"]

HABIT_MODULES = {"asyncio": frozenset({"gather"})}
"""Modules outside the language that work all the same, because harnesses are written from habit. The linter says
what to write instead; `world` makes them, since they stand on primitives."""


def _some(module: ModuleType, names: str, **own: Any) -> dict[str, Any]:
    return {name: getattr(module, name) for name in names.split()} | own


def _some_plain(module: ModuleType, names: str) -> dict[str, Any]:
    return {name: library.plain(getattr(module, name)) for name in names.split()}


_CONTENTS: dict[str, dict[str, Any]] = {
    "abc": {"ABC": library.ABC, "abstractmethod": library.abstractmethod},
    "bisect": _some(bisect, "bisect bisect_left bisect_right insort insort_left insort_right"),
    "collections": _some(collections, "Counter OrderedDict defaultdict deque namedtuple", ChainMap=library.ChainMap),
    "collections.abc": ABSTRACT,
    "copy": {"copy": library.copy, "deepcopy": library.deepcopy},
    "dataclasses": _some(
        dataclasses,
        "FrozenInstanceError InitVar KW_ONLY MISSING asdict astuple field fields is_dataclass replace",
        dataclass=library.dataclass,
    ),
    "enum": _some(
        enum,
        "auto member nonmember unique",
        Enum=library.Enum,
        Flag=library.Flag,
        IntEnum=library.IntEnum,
        IntFlag=library.IntFlag,
        StrEnum=library.StrEnum,
    ),
    "functools": _some(
        functools,
        "cache cached_property cmp_to_key lru_cache partial reduce",
        total_ordering=library.total_ordering,
        wraps=library.wraps,
    ),
    "heapq": _some(heapq, "heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest"),
    "itertools": _some(
        itertools,
        """accumulate chain combinations combinations_with_replacement compress count cycle dropwhile filterfalse
        groupby islice pairwise permutations product repeat starmap takewhile tee zip_longest""",
    ),
    "json": _some(json, "JSONDecodeError dumps loads"),
    "math": _some(
        math,
        """acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc exp exp2
        expm1 fabs factorial floor fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf isnan isqrt lcm ldexp
        lgamma log log10 log1p log2 modf nan nextafter perm pi pow prod radians remainder sin sinh sqrt tan tanh tau
        trunc ulp""",
    ),
    "operator": _some(
        operator,
        """abs add and_ concat contains countOf delitem eq floordiv ge getitem gt iadd iand iconcat ifloordiv ilshift
        imatmul imod imul index indexOf inv invert ior ipow irshift is_ is_not isub itemgetter itruediv ixor le
        length_hint lshift lt matmul mod mul ne neg not_ or_ pos pow rshift setitem sub truediv truth xor""",
    ),
    "re": _some(re, "A ASCII DOTALL I IGNORECASE M MULTILINE Match NOFLAG Pattern S U UNICODE VERBOSE X error")
    | _some_plain(re, "compile escape findall finditer fullmatch match search split sub subn"),
    "statistics": _some(
        statistics,
        """StatisticsError correlation covariance fmean geometric_mean harmonic_mean linear_regression mean median
        median_grouped median_high median_low mode multimode pstdev pvariance quantiles stdev variance""",
    ),
    "string": _some(
        string,
        """ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits printable punctuation whitespace""",
    )
    # Not `Template` itself: a class derived from it gets to see the tables of `re`.
    | _some_plain(string, "capwords Template"),
    "textwrap": _some_plain(textwrap, "dedent fill indent shorten wrap"),
    "typing": TYPING,
}


def _facades(contents: Mapping[str, Mapping[str, Any]]) -> dict[str, Module]:
    made: dict[str, Module] = {}
    for name in sorted(contents, reverse=True):  # a submodule comes before the module that shows it
        inside = {key: behind(value) for key, value in contents[name].items()}
        below = {child.rpartition(".")[2]: made[child] for child in made if child.rpartition(".")[0] == name}
        made[name] = make_module(name, inside | below)
    return made


STANDARD = _facades({name: _CONTENTS[name] for name in MODULES})
"""The façades of the standard library's pure modules. They are frozen, so all worlds share them."""


# ---------------------------------------------------------------------------------------------- refusals

_INSTEAD = {
    **dict.fromkeys(("os", "sys", "pathlib", "io", "glob", "shutil"), "put it in args, or let an agent do it"),
    **dict.fromkeys(("requests", "httpx", "urllib", "socket", "http"), "let an agent with a web tool do it"),
    **dict.fromkeys(("subprocess", "multiprocessing", "threading", "concurrent"), "write parallel([…]) or pipeline(…)"),
    **dict.fromkeys(("time", "datetime"), "now() is when the run started; agent(timeout=…) limits time"),
    **dict.fromkeys(("random", "secrets", "uuid"), "write sample(items, k, seed=…), or number the items"),
    **dict.fromkeys(("logging", "warnings"), "write log(…)"),
    "contextlib": "write a class with __enter__ and __exit__, or try/except",
    "anyio": "write parallel([…])",
    "trio": "write parallel([…])",
}


def import_problem(module: str, names: Collection[str] = ()) -> str | None:
    """Say why a module, or one of its names, cannot be imported, and what to do instead; `None` when it can."""
    if module in ("weft", "weft.primitives"):
        return None  # what they have, the world knows
    exports = _EXPORTS.get(module)
    if exports is None:
        instead = _INSTEAD.get(module.partition(".")[0])
        reason = f": {instead}" if instead else f"; there are: {', '.join(['weft.primitives', *MODULES])}"
        return f"the module `{module}` is not available in a harness{reason}"
    return next((problem for name in names if (problem := export_problem(module, name, exports))), None)


_EXPORTS = {**HABIT_MODULES, **{name: module._exports for name, module in STANDARD.items()}}
