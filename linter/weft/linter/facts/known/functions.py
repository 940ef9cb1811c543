"""Calling what the analysis knows by name: built-in functions, methods, modules and primitives."""

from __future__ import annotations

from collections.abc import Mapping

from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.marks import Mark, derived
from weft.linter.facts.domain.values import Call, Given, Listing, Native, Number, Text, Value, anything
from weft.linter.facts.events import PrimitiveCalled
from weft.linter.facts.follow.arithmetic import unlimited
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.known.containers import CONTAINERS, DICTS, Method
from weft.linter.facts.known.counting import COUNTING, Handler
from weft.linter.facts.known.iterating import ITERATING
from weft.linter.facts.known.objects import OBJECTS, getter
from weft.linter.facts.known.streams import STREAMS
from weft.linter.facts.known.texts import TEXT_METHODS, TEXTS, text_method
from weft.linter.facts.known.vocabulary import METHODS_OF_PRIMITIVES, VOCABULARY

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
    """Return what calling a known function gives; one that the tables do not have is taken to be harmless."""
    target = function.target
    if target is None:
        module, _, name = function.name.partition(".")
        if module == "weft" and call.written:
            m.note(PrimitiveCalled(name, call))
        handler = _FUNCTIONS.get(function.name)
        if not call.complete and function.name not in _STARRED:
            return m.unknown(f"the arguments of {function.name}() are not known", *call.inputs())
        return handler(m, call) if handler is not None else _pure(m, function.name, call)
    if function.name == "operator.got" and isinstance(target, Listing):
        return getter(m, target, call)
    target = m.latest(target)
    method = _METHODS.get(function.name)
    if call.more and function.name not in _STARRED:
        return m.unknown(f"the arguments of {function.name}() are not known", target, *call.inputs())
    if method is not None:
        return method(m, target, call)
    if isinstance(target, (Text, Given)):
        name = function.name.partition(".")[2]
        return TEXT_METHODS.get(name, text_method)(m, target, call)
    return m.unknown(f"{function.name} is not followed", target, *call.inputs())


def _pure(m: Machine, name: str, call: Call) -> Value:
    """Return what a function of a pure module gives, which is computed from its arguments alone."""
    values = call.inputs()
    marks = derived(frozenset[Mark]().union(*(deep_marks(value) for value in values)))
    for value in values:
        m.consume(value)
    if name.startswith(("math.", "statistics.")):
        return Number(low=None, high=unlimited(f"{name}() gives a number that is not known"), whole=False, marks=marks)
    return anything(f"{name}() is not followed", marks=marks)
