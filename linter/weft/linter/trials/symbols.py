"""What a trial does not know: symbols, which are equal where they are made of the same in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextvars import ContextVar

__all__ = ["GUESS", "Answer", "GaveUp", "Guess", "Symbol", "frozen", "has_symbol", "symbols_in", "worded"]


class Guess:
    """How comparisons with something unknown come out, and whether there was one."""

    __slots__ = ("truth", "used")

    def __init__(self, *, truth: bool) -> None:
        self.truth = truth
        self.used = False

    def __call__(self) -> bool:
        """Return how a comparison comes out."""
        self.used = True
        return self.truth


GUESS: ContextVar[Guess] = ContextVar("guess")
"""The guess of the trial that runs."""
_SEVERAL = 2
"""How many elements something unknown has."""
_SIZE = 4000
"""How many parts something that is compared may have."""
_DEEP = 100
"""How deep they may be in one another."""


class GaveUp(Exception):
    """A trial does something that is not known here, or goes on for too long."""


class Symbol:
    """Something unknown: what was done (`op`) to which `parts`."""

    __slots__ = ("_hash", "depth", "op", "parts", "size")

    def __init__(self, op: str, *parts: object) -> None:
        self.op = op
        self.parts = parts
        self.size, self.depth = _measured(parts)
        if self.size > _SIZE or self.depth > _DEEP:
            raise GaveUp
        self._hash = hash((op, parts))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return (
            isinstance(other, Symbol)
            and self._hash == other._hash
            and self.op == other.op
            and self.parts == other.parts
        )

    def __repr__(self) -> str:
        return f"{self.op}{self.parts}"

    def __bool__(self) -> bool:
        return GUESS.get()() if self.op == "compared" else True

    def __len__(self) -> int:
        return _SEVERAL

    def __iter__(self) -> Iterator[Symbol]:
        return iter([Symbol("element", self, index) for index in range(_SEVERAL)])

    def __contains__(self, item: object) -> bool:
        return GUESS.get()()

    def __lt__(self, other: object) -> bool:
        return GUESS.get()()

    __gt__ = __le__ = __ge__ = __lt__

    def _with(self, *others: object) -> Symbol:
        return Symbol("made", self, *map(frozen, others))

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _with
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __or__ = __ror__ = __and__ = __rand__ = (
        _with
    )
    __neg__ = __abs__ = __round__ = _with


class Answer(dict[object, object]):
    """What an agent answers by a schema."""

    __slots__ = ("said",)

    def __init__(self, said: Symbol, fields: dict[object, object]) -> None:
        super().__init__(fields)
        self.said = said


def _measured(parts: tuple[object, ...]) -> tuple[int, int]:
    """Return how many parts there are at all depths, and how deep they are; what agents are asked is counted apart."""
    size, depth = len(parts), 0
    for part in parts:
        if isinstance(part, Symbol):
            size, depth = size + (part.size if part.op != "answer" else 1), max(depth, part.depth)
        elif isinstance(part, tuple):
            inner, deep = _measured(part)
            size, depth = size + inner, max(depth, deep)
    return size, depth + 1


def frozen(value: object) -> object:
    """Return something that is equal for equal values, and can be hashed.

    Raises:
        GaveUp: it is too large, or nested too deeply.
    """
    if value is None or isinstance(value, (Symbol, str, bool)):  # as most are; a symbol is never too large
        return value
    return _Freezing().frozen(value, 0)


class _Freezing:
    def __init__(self) -> None:
        self.left = _SIZE

    def frozen(self, value: object, depth: int) -> object:
        self.left -= value.size if isinstance(value, Symbol) and value.op != "answer" else 1
        if depth > 12 or self.left < 0:
            raise GaveUp
        if isinstance(value, (bool, type(None), str, Symbol)):
            return value
        if isinstance(value, (int, float)):
            return ("number", float(value)) if abs(value) < 1e300 else ("number", 0.0)
        if isinstance(value, Answer):
            return ("told", value.said, self._entries(value, depth + 1))
        if isinstance(value, dict):
            return self._entries(value, depth)
        if isinstance(value, (set, frozenset)):
            return ("set", *sorted((self.frozen(one, depth + 1) for one in value), key=repr))
        fields = getattr(value, "fields", None)
        if isinstance(fields, dict):
            return ("object", self.frozen(fields, depth + 1))
        if not isinstance(value, Iterable):
            return ("thing", type(value).__name__)
        return ("list", *(self.frozen(one, depth + 1) for one in value))

    def _entries(self, value: dict[object, object], depth: int) -> object:
        pairs = dict.items(value)  # which reads nothing of a verdict
        return ("dict", *((self.frozen(key, depth + 1), self.frozen(one, depth + 1)) for key, one in pairs))


def symbols_in(value: object) -> Iterator[Symbol]:
    """Yield the symbols in a frozen value, outer ones first."""
    waiting, met = [value], set[int]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, Symbol):
            if id(one) not in met:  # one that is a part of much else is looked at once
                met.add(id(one))
                yield one
                waiting += one.parts
        elif isinstance(one, tuple):
            waiting += one


def has_symbol(value: object) -> bool:
    """Tell whether a value rests on something unknown."""
    return isinstance(value, Symbol) or next(symbols_in(frozen(value)), None) is not None


def worded(parts: list[object]) -> object:
    """Return the text that is written of some parts one after the other."""
    if any(has_symbol(part) for part in parts):
        return Symbol("text", *map(frozen, parts))
    return "".join(map(str, parts))
