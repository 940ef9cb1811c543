"""Values that are code or come from it: functions, classes, objects, modules; and the arguments of calls.

What they do is followed elsewhere, in `follow` and `known`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.marks import NO_MARKS, Marks
from weft.linter.facts.domain.values import Part, Value
from weft.linter.record import record, replace

__all__ = [
    "CALLABLE",
    "Call",
    "Class",
    "Closure",
    "Coroutine",
    "Either",
    "Env",
    "Function",
    "Instance",
    "Module",
    "Native",
    "Partial",
]


@record(eq=False, kw_only=True)
class Coroutine(Value):
    """A call that has not begun. `starts` run it in the analysis, one for each call that it may be."""

    sites: frozenset[ast.Call]
    starts: tuple[Callable[[Any], Value], ...]
    """Each is given the machine that follows it."""
    otherwise: Value | None = None
    """What it may be instead, of which nothing is awaited."""
    runs: frozenset[ast.AST] = frozenset()
    """The functions of the harness whose code it is."""


@record(eq=False)
class Env:
    """The variables of one activation of a scope, and where the others are found."""

    scope: ast.AST
    parent: Env | None = None


Closure = tuple[ast.AST, Env]
"""The code of a function, and the variables that it closes over."""


@record(eq=False, kw_only=True)
class Function(Value):
    """A function or lambda of the harness, with its closure."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    env: Env
    defaults: Mapping[str, Value] = field(default_factory=dict)
    bound: Value | None = None
    """The instance that it is a method of."""
    keeps: bool = False
    """It gives the same object again where it is given the same, as `functools.cache` makes it."""

    @property
    def closure(self) -> Closure:
        """What tells it from other functions: one definition makes another each time it is reached."""
        return self.node, self.env


@record(eq=False, kw_only=True)
class Native(Value):
    """A function that the analysis knows by name: `len`, `weft.agent`, `itertools.chain`, `list.append`."""

    name: str
    target: Value | None = None
    """What it is a method of."""


@record(eq=False, kw_only=True)
class Partial(Value):
    """A function with some arguments already given."""

    inner: Value
    args: tuple[Value, ...]
    keywords: Mapping[str, Value]


@record(eq=False, kw_only=True)
class Either(Value):
    """One of several functions, classes or objects."""

    options: tuple[Value, ...]


@record(eq=False, kw_only=True)
class Class(Value):
    """A class of the harness."""

    node: ast.ClassDef
    env: Env
    bases: tuple[Value, ...]
    behind: tuple[Class, ...] = ()
    """Its bases and theirs, in the order in which Python looks for an attribute in them."""


@record(eq=False, kw_only=True)
class Instance(Value):
    """An object of a class of the harness; its attributes are variables of the state."""

    of: Class
    birth: Birth


@record(eq=False, kw_only=True)
class Module(Value):
    """An imported module."""

    name: str


@record()
class Call:
    """The arguments of one call, evaluated."""

    node: ast.Call
    args: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = field(default_factory=dict)
    complete: bool = True
    """Whether these are all: false after `*args` or `**kwargs` that are not followed."""
    more: tuple[Part, ...] = ()
    """The positional arguments from the first on of which it is not known how many stand before it."""
    spread: Marks = NO_MARKS
    """The marks of the lists that give them."""
    named: Value | None = None
    """What `**kwargs` gives under names that are not known: a dict, or anything."""
    written: bool = True
    """Whether they stand in the node: false where a function is handed to another, which calls it."""
    placed: tuple[str, ...] = ()
    """The names of positional parameters: what is given under one of them is in `args`, where its place is known."""

    def inputs(self) -> tuple[Value, ...]:
        """Return all that is given, in whatever way."""
        rest = () if self.named is None else (self.named,)
        return (*self.args, *self.keywords.values(), *(part.element for part in self.more), *rest)

    def argument(self, position: int, name: str = "") -> Value | None:
        """Return an argument by position or name, if it is given."""
        return self.args[position] if position < len(self.args) else self.keywords.get(name)

    def at(self, position: int) -> ast.expr:
        """Return where a positional argument is written, or the whole call."""
        if not self.written or position < len(self.node.args):
            return self.node.args[position] if self.written else self.node
        return (self.keyword(self.placed[position]) if position < len(self.placed) else None) or self.node

    def in_place(self, names: tuple[str, ...]) -> Call:
        """Return the call with what it gives by name as positional arguments, as far as they have these names."""
        args, keywords = list(self.args), dict(self.keywords)
        while self.complete and not self.more and len(args) < len(names) and names[len(args)] in keywords:
            args.append(keywords.pop(names[len(args)]))
        return self if len(args) == len(self.args) else replace(self, args=tuple(args), keywords=keywords, placed=names)

    def keyword(self, name: str) -> ast.expr | None:
        """Return where a keyword argument is written."""
        return next((keyword.value for keyword in self.node.keywords if keyword.arg == name), None)


CALLABLE = (Function, Native, Partial, Either, Class, Instance)
