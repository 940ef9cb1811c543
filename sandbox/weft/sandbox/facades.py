"""The stand-ins a harness gets for modules, library functions, types of the interpreter and type hints.

They are frozen, have no dictionary, and lead nowhere: no `__globals__`, no `__name__` of a module, no way to the
object behind them. What stands behind which name is in `modules`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from types import FunctionType, MethodType
from typing import Any, NoReturn

from weft.primitives.language.modules import name_problem_in

__all__ = ["Frozen", "Function", "Hint", "Module", "Opaque", "behind", "export_problem", "fill_slots", "make_module"]


class Frozen:
    """An object of the sandbox that a harness can use and cannot change or take apart."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{self!r} cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{self!r} cannot be changed")


def fill_slots(frozen: Frozen, /, **slots: object) -> None:
    """Give a new frozen object its contents. Not a method: an object of the harness might come to inherit it."""
    for name, value in slots.items():
        object.__setattr__(frozen, name, value)


class Function(Frozen):
    """A function written in Python, without its globals, code and defaults, and with a text that has no address.

    Like a function it becomes a method where a class has it.
    """

    __slots__ = ("_call",)
    _call: Callable[..., Any]

    def __init__(self, call: Callable[..., Any]) -> None:
        fill_slots(self, _call=call)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:  # noqa: D102
        return self._call(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    @property
    def __name__(self) -> str:
        return self._call.__name__

    @property
    def __signature__(self) -> inspect.Signature:
        # `pipeline` counts the parameters of a stage.
        return inspect.signature(self._call)

    def __repr__(self) -> str:
        return f"<function {self._call.__name__}>"


def behind(value: Any) -> Any:
    """Return what a harness gets for an object of a module: functions written in Python are wrapped."""
    return Function(value) if type(value) is FunctionType else value


class Module(Frozen):
    """A module that has what it was given and nothing else.

    It has no `__name__`, because `from json import decoder` asks `sys.modules` for "json.decoder" when it finds one.
    """

    __slots__ = ("_exports", "_name")
    _name: str
    _exports: frozenset[str]

    def __init__(self, name: str, exports: frozenset[str]) -> None:
        fill_slots(self, _name=name, _exports=exports)

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(export_problem(self._name, name, self._exports))

    def __repr__(self) -> str:
        return f"<module {self._name!r}>"


def make_module(name: str, contents: Mapping[str, Any]) -> Module:
    """Return a module with these contents, in slots: as fast to read as a real module."""
    kind = type("Module", (Module,), {"__slots__": tuple(contents)})
    module: Module = kind(name, frozenset(contents))
    fill_slots(module, **contents)
    return module


def export_problem(module: str, name: str, exports: Collection[str]) -> str | None:
    """Say that a module does not have `name`, and what to do instead; `None` when it does."""
    if name in exports:
        return None
    problem = name_problem_in(module, name)
    return ": ".join(problem) if problem is not None else f"`{module}.{name}` is not available here"


class Opaque(Frozen):
    """What `type(x)` gives for the types of the interpreter: good for comparing, `isinstance` and a name."""

    __slots__ = ("_kind",)
    _kind: type

    def __init__(self, kind: type) -> None:
        fill_slots(self, _kind=kind)

    @property
    def __name__(self) -> str:
        return self._kind.__name__

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, self._kind)

    def __repr__(self) -> str:
        return f"<class {self._kind.__name__!r}>"


class Hint(Frozen):
    """A name of `typing`, alone or with its parameters. It says nothing at run time; annotations are dropped anyway.

    Unlike the real ones, it does not pass attributes on to the class it stands for, keeps no registry, and never
    evaluates a string.
    """

    __slots__ = ("_base", "_check", "_name", "args")
    _name: str
    _check: type | None
    _base: type | None
    args: tuple[Any, ...]

    def __init__(
        self, name: str, check: type | None = None, base: type | None = None, args: tuple[Any, ...] = ()
    ) -> None:
        """Create a hint.

        Args:
            name: How it is written.
            check: The class that `isinstance` asks about.
            base: The class that a class of the harness derives from when it names this hint as a base.
            args: What stands in its brackets.
        """
        fill_slots(self, _name=name, _check=check, _base=base, args=args)

    def __getitem__(self, args: Any) -> Hint:
        return Hint(self._name, self._check, self._base, args if isinstance(args, tuple) else (args,))

    __iter__ = None  # otherwise `__getitem__` makes it an endless sequence

    def __call__(self, *args: object, **kwargs: object) -> NoReturn:  # noqa: D102
        raise TypeError(f"{self!r} cannot be called here: write a class derived from it, or call a built-in type")

    def __or__(self, other: object) -> Hint:
        return Hint("Union", args=(self, other))

    def __ror__(self, other: object) -> Hint:
        return Hint("Union", args=(other, self))

    def __eq__(self, other: object) -> bool:
        return type(other) is Hint and (self._name, self.args) == (other._name, other.args)

    def __hash__(self) -> int:
        return hash((self._name, self.args))

    def __instancecheck__(self, value: object) -> bool:
        if self._check is None or self.args:
            raise TypeError(f"isinstance() cannot check for {self!r}; ask for a class, such as dict or list")
        return isinstance(value, self._check)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        if self._base is None:
            raise TypeError(f"{self!r} cannot be a base class here")
        return (self._base,)

    def __repr__(self) -> str:
        return f"typing.{self._name}" + (f"[{', '.join(map(str, self.args))}]" if self.args else "")
