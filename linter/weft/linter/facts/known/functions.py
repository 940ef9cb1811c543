"""Calling what the analysis knows by name: built-in functions, methods, modules and primitives."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping

from weft.linter.facts.domain.amounts import at_least
from weft.linter.facts.domain.code import CALLABLE, Call, Native
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.holding import anything, held
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.lost import lost
from weft.linter.facts.domain.marks import Mark, derived
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.values import Dict, Given, Listing, Number, Text, Unknown, Value
from weft.linter.facts.events import PrimitiveCalled
from weft.linter.facts.follow.arithmetic import unlimited
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.walking import call_back
from weft.linter.facts.known.changing import CHANGING, changed_argument
from weft.linter.facts.known.containers import CONTAINERS, DICTS, Method
from weft.linter.facts.known.counting import COUNTING, Handler
from weft.linter.facts.known.iterating import ITERATING
from weft.linter.facts.known.objects import OBJECTS, getter
from weft.linter.facts.known.streams import STREAMS
from weft.linter.facts.known.texts import TEXT_METHODS, TEXTS, text_method
from weft.linter.facts.known.vocabulary import METHODS_OF_PRIMITIVES, VOCABULARY
from weft.linter.facts.signatures import signature_of
from weft.linter.record import replace

__all__ = ["native"]

_FUNCTIONS: Mapping[str, Handler] = {**COUNTING, **ITERATING, **STREAMS, **TEXTS, **OBJECTS, **DICTS, **VOCABULARY}
_METHODS: Mapping[str, Method] = {**CONTAINERS, **METHODS_OF_PRIMITIVES}


_STARRED = {
    *("max", "min", "zip", "print", "dict", "itertools.chain", "itertools.zip_longest"),
    *("list.union", "list.update", "dict.update", "str.format", "given.format"),
    *("weft.agent", "weft.verify", "weft.parallel", "asyncio.gather", "weft.log", "weft.phase", "weft.finding"),
    *("weft.until_dry", "weft.until_target", "weft.while_budget"),
}
"""What is followed although it is not known how many arguments it is given."""


def native(m: Machine, function: Native, call: Call) -> Value:
    """Return what calling a known function gives.

    What it walks lazily it reads later, and what the functions that it calls add to what it walks it meets.
    """
    given = [value for value in (function.target, *call.inputs()) if isinstance(value, (Listing, Dict))]
    before = dict(m.state.cells) if function.name in _LATER else {}
    with m.escapes.reading(m.state) as read:
        result = _called(m, function, call)
    m.state.run_later(before)
    if not isinstance(result, Listing) or not given:
        return result
    if any(isinstance(value, CALLABLE) for value in call.inputs()) and any(_has_grown(m, value) for value in given):
        reason = Reason(call.node.lineno, "it grows while it is walked", "walk a copy: list(…)", "unknown")
        return lost(result, reason)
    if result.kind != "iterator":
        return result
    reads = (
        value.reads if isinstance(value, Listing) and value.kind in ("view", "iterator") else {value.birth}
        for value in given
    )
    later = () if function.name not in _LATER - _FILTERS else (one for one in read if isinstance(one, tuple))
    return replace(result, reads=result.reads.union(later, *reads))


_FILTERS = {"filter", "itertools.takewhile", "itertools.dropwhile", "itertools.filterfalse", "itertools.groupby"}
_LATER = {*_FILTERS, "map", "itertools.starmap", "itertools.accumulate"}
"""Functions that call what they are given when what they give is walked."""


def _has_grown(m: Machine, before: Listing | Dict) -> bool:
    now = m.latest(before)
    if isinstance(before, Listing) and isinstance(now, Listing):
        return now.birth is before.birth and not at_least(count(before.parts).high, count(now.parts).high)
    return now is not before


def _called(m: Machine, function: Native, call: Call) -> Value:
    """Follow a function that is in the tables, or one that is not."""
    target = function.target
    if target is None and function.name not in _FUNCTIONS and function.name.rpartition(".")[0] in _KINDS and call.args:
        return _unbound(m, function, call)
    if target is None:
        module, _, name = function.name.partition(".")
        if module == "weft" and call.written:
            m.note(PrimitiveCalled(name, call))
        handler = _FUNCTIONS.get(function.name)
        if module == "weft" and (signature := signature_of(name, None)) is not None:
            call = call.in_place(signature.positional)
        if not call.complete and function.name not in _STARRED:
            return m.unknown(f"the arguments of {function.name}() are not known", *call.inputs())
        return handler(m, call) if handler is not None else _pure(m, function.name, call)
    if function.name == "operator.got" and isinstance(target, Listing):
        return getter(m, target, call)
    target = m.latest(target)
    now = m.state.current(target)
    if isinstance(target, Given) and not isinstance(now, Given):  # the harness has changed it since
        name = function.name.partition(".")[2]
        return m.call(m.attribute(now, ast.copy_location(ast.Attribute(call.node, name, ast.Load()), call.node)), call)
    if isinstance(target, Given) and function.name.partition(".")[2] in CHANGING:
        return changed_argument(m, target, function.name.partition(".")[2], call)
    if isinstance(target, Unknown) and not _may_change(m, function.name.partition(".")[2]):
        return anything(f"{function.name} is not followed", target, *call.inputs())
    method = _METHODS.get(function.name)
    if call.more and function.name not in _STARRED:
        return m.unknown(f"the arguments of {function.name}() are not known", target, *call.inputs())
    if method is not None:
        return method(m, target, call)
    if isinstance(target, (Text, Given)):
        name = function.name.partition(".")[2]
        return TEXT_METHODS.get(name, text_method)(m, target, call)
    return m.unknown(f"{function.name} is not followed", target, *call.inputs())


def _unbound(m: Machine, function: Native, call: Call) -> Value:
    """Return what a method gives that is asked of a type, and called with what it is a method of."""
    owner, name = call.args[0], function.name.rpartition(".")[2]
    method = m.attribute(owner, ast.copy_location(ast.Attribute(call.at(0), name, ast.Load()), call.node))
    return m.call(method, replace(call, args=call.args[1:], written=False))


def _may_change(m: Machine, name: str) -> bool:
    """Tell whether calling a method by this name may change something, whatever it is a method of."""
    return name in m.escapes.methods or name not in _READING


_KINDS = {
    *("list", "dict", "set", "frozenset", "tuple", "str"),
    *("collections.deque", "collections.defaultdict", "collections.Counter", "collections.OrderedDict"),
}

_READING = {
    *(name for kind in (str, tuple, frozenset) for name in dir(kind) if not name.startswith("_")),
    *("copy", "get", "items", "keys", "values", "most_common", "elements", "total"),
    *("group", "groups", "groupdict", "span", "start", "end", "is_integer", "bit_length"),
}
"""Methods that change nothing, of whatever built-in kind."""


_PURE_BUILTINS = {
    *("ascii", "bin", "hex", "oct", "print", "complex", "slice", "object", "bytes", "hash", "id", "ord"),
    *(name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)),
}
_PURE_MODULES = {"math", "statistics", "json", "string", "textwrap", "re", "typing", "abc", "enum", "dataclasses"}
_PURE = {
    *("collections.namedtuple", "collections.ChainMap", "collections.abc", "weft", "functools.total_ordering"),
    *("heapq.heapify", "bisect.bisect", "bisect.bisect_left", "bisect.bisect_right"),
    *(f"operator.{name}" for name in ("contains", "countOf", "eq", "ne", "lt", "le", "gt", "ge", "not_", "truth")),
    *(f"operator.{name}" for name in ("getitem", "index", "indexOf", "is_", "is_not", "length_hint")),
}


def _is_pure(name: str) -> bool:
    module = name.partition(".")[0]
    return name in _PURE_BUILTINS or name in _PURE or module in _PURE_MODULES or module == "weft"


def _pure(m: Machine, name: str, call: Call) -> Value:
    """Return what a function that is not in the tables gives: of a pure one, what is computed from its arguments."""
    values = call.inputs()
    if not _is_pure(name):
        return m.unknown(f"{name}() is not followed", *values)
    call_back(m, call)
    marks = derived(frozenset[Mark]().union(*(deep_marks(value) for value in values)))
    for value in values:
        m.consume(value)
    if name.startswith(("math.", "statistics.")):
        return Number(low=None, high=unlimited(f"{name}() gives a number that is not known"), whole=False, marks=marks)
    return anything(f"{name}() is not followed", marks=marks.union(*map(held, values)))
