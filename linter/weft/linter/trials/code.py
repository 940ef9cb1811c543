"""What runs in a trial: scopes, functions, coroutines, classes and objects, and what is noted of it on the way."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from weft.linter.trials.symbols import GaveUp, frozen

__all__ = [
    "BREAK",
    "CONTINUE",
    "Class",
    "Coro",
    "Env",
    "Evaluate",
    "Execute",
    "Function",
    "Listed",
    "Made",
    "Method",
    "Noted",
    "Object",
    "Passed",
    "Return",
    "Test",
    "named",
]

_DEPTH = 14


class Env:
    """The names of one scope."""

    __slots__ = ("away", "given", "inner", "names", "outer")

    def __init__(self, outer: Env | None, *, inner: bool = False) -> None:
        self.names: dict[str, object] = {}
        self.outer = outer
        self.away: dict[str, Env] = {}
        """The names that are declared `global` or `nonlocal`, and where they are."""
        self.given: list[object] | None = outer.given if inner and outer is not None else None
        """What a generator yields."""
        self.inner = inner
        """It is that of a comprehension."""

    def find(self, name: str) -> Env | None:
        """Return the scope that has a name."""
        env: Env | None = self
        while env is not None:
            if name in env.names:
                return env
            env = env.outer
        return None

    def set(self, name: str, value: object) -> None:
        """Give a name its value."""
        self.away.get(name, self).names[name] = value

    def function(self) -> Env:
        """Return the scope of the function that this one is a part of."""
        env = self
        while env.inner and env.outer is not None:
            env = env.outer
        return env


Evaluate = Callable[[Env], object]


class Return:
    """A function returns."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


class _Leaves:
    __slots__ = ()


BREAK, CONTINUE = _Leaves(), _Leaves()

Execute = Callable[[Env], Return | _Leaves | None]
"""What a statement does: how it leaves what it stands in, or nothing."""


@dataclass(slots=True, eq=False)
class Coro:
    """Something that can be awaited."""

    run: Callable[[], object]


@dataclass(slots=True, eq=False)
class Function:
    """A function or lambda of the harness, which native functions can call too."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    env: Env
    body: Execute
    defaults: list[object]
    named: dict[str, object]
    yields: bool
    depth: list[int]
    """How many calls are under way."""

    def __call__(self, *args: object, **given: object) -> object:
        """Call it."""
        env = Env(self.env)
        self._bind(env, args, given)
        if isinstance(self.node, ast.AsyncFunctionDef) and not self.yields:
            return Coro(lambda: self._run(env))
        return self._run(env)

    def _run(self, env: Env) -> object:
        if self.depth[0] >= _DEPTH:
            raise GaveUp
        self.depth[0] += 1
        try:
            env.given = [] if self.yields else None
            left = self.body(env)
            if env.given is not None:
                return iter(env.given)
            return left.value if isinstance(left, Return) else None
        finally:
            self.depth[0] -= 1

    def _bind(self, env: Env, args: tuple[object, ...], given: dict[str, object]) -> None:
        spec = self.node.args
        names = [one.arg for one in (*spec.posonlyargs, *spec.args)]
        env.names |= dict(zip(names[len(names) - len(self.defaults) :], self.defaults, strict=True))
        env.names |= self.named
        env.names |= dict(zip(names, args, strict=False))
        rest = list(args[len(names) :])
        if spec.vararg is not None:
            env.names[spec.vararg.arg] = tuple(rest)
        elif rest:
            raise TypeError
        known = {*names, *(one.arg for one in spec.kwonlyargs)}
        env.names |= {name: value for name, value in given.items() if name in known}
        others = {name: value for name, value in given.items() if name not in known}
        if spec.kwarg is not None:
            env.names[spec.kwarg.arg] = others
        elif others:
            raise TypeError
        if not known <= env.names.keys():
            raise TypeError


@dataclass(slots=True, eq=False)
class Method:
    """A function of a class, with the object it is asked of."""

    function: Function
    of: object

    def __call__(self, *args: object, **given: object) -> object:
        """Call it of its object."""
        return self.function(self.of, *args, **given)


@dataclass(slots=True, eq=False)
class Class:
    """A class of the harness."""

    name: str
    names: dict[str, object]
    bases: list[Class]
    declared: list[str]
    """The fields of a dataclass, in order."""

    def find(self, name: str) -> tuple[object, bool]:
        """Return what the class has under a name, and whether it has."""
        for one in (self, *self.bases):
            if name in one.names:
                return one.names[name], True
        return None, False

    def __call__(self, *args: object, **given: object) -> object:
        """Make an object."""
        made = Object(self)
        begin, found = self.find("__init__")
        if found and isinstance(begin, Function):
            begin(made, *args, **given)
            return made
        declared = [name for one in (*self.bases, self) for name in one.declared]
        values = dict(zip(declared, args, strict=False)) | given
        for name in declared:
            value = values[name] if name in values else self.find(name)[0]
            made.fields[name] = value() if isinstance(value, Made) else value
        return made


class Listed(list[object]):
    """A list that is written out, which is told apart from others that are written elsewhere."""

    __slots__ = ("name", "node")

    def __init__(self, items: list[object], node: ast.AST) -> None:
        super().__init__(items)
        self.node = node
        self.name = ""
        """What it is called first."""


def named(value: object, name: str) -> None:
    """Note what a list is called, if it has no name yet."""
    if isinstance(value, Listed) and not value.name:
        value.name = name


@dataclass(slots=True, eq=False)
class Made:
    """A field that is made anew for each object: `field(default_factory=…)`."""

    make: Callable[[], object]

    def __call__(self) -> object:
        """Make it."""
        return self.make()


@dataclass(slots=True, eq=False)
class Object:
    """An object of a class of the harness."""

    of: Class
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Test:
    """A condition came out."""

    node: ast.AST
    truth: bool
    plain: bool
    """It only asks for something that was decided before."""


@dataclass(slots=True, eq=False)
class Passed:
    """Something is passed on: kept in a list, chosen, returned, or told to an agent."""

    node: ast.AST
    value: object
    into: Listed | None = None
    """What it is kept in, where that is told apart."""
    known: dict[object, object] = field(default_factory=dict)
    """What it is to those who have asked before: once its trial is over, nothing changes it."""

    def frozen(self) -> object:
        """Return what is passed on as it is compared, after the trial; `None` where it is too large for that."""
        if None not in self.known:
            try:
                self.known[None] = frozen(self.value)
            except GaveUp:
                self.known[None] = None
        return self.known[None]


Noted = Test | Passed
